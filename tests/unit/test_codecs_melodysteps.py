"""Melodies as codes."""

from hypothesis import given

from bridge.codecs.melodysteps import HOLD, SILENCE, codes_of_notes, struck
from bridge.music.clip import Note
from tests.strategies import clips

STEP = 5_040


def note(pitch, start, steps=1, **more):
    return Note(pitch=pitch, start=round(start * STEP), duration=round(steps * STEP), **more)


def test_a_note_is_struck_held_and_silent_after():
    assert codes_of_notes([note(60, 1, 3)], 6).tolist() == [
        SILENCE,
        60,
        HOLD,
        HOLD,
        SILENCE,
        SILENCE,
    ]


def test_the_next_note_ends_the_one_before():
    codes = codes_of_notes([note(60, 0, 8), note(62, 2, 2)], 6)
    assert codes.tolist() == [60, HOLD, 62, HOLD, SILENCE, SILENCE]


def test_of_a_chord_the_top_counts_and_muted_notes_do_not():
    chord = [note(60, 0), note(64, 0), note(67, 0.1), note(72, 0, mute=True)]
    assert codes_of_notes(chord, 1).tolist() == [67]


def test_a_short_note_lasts_its_step():
    assert codes_of_notes([note(60, 0, 0.1)], 2).tolist() == [60, SILENCE]


def test_steps_may_be_eighths_and_begin_later():
    codes = codes_of_notes([note(60, 0), note(62, 4, 2)], 2, step=2 * STEP, first=4 * STEP)
    assert codes.tolist() == [62, SILENCE]


@given(clips())
def test_a_hold_follows_only_what_sounds_and_every_onset_was_played(clip):
    codes = codes_of_notes(clip.notes, 64)
    before = SILENCE
    for code in codes.tolist():
        assert code != HOLD or before != SILENCE
        before = code
    pitches = {each.pitch for each in clip.notes if not each.mute}
    assert set(codes[struck(codes)].tolist()) <= pitches
