"""Pitched clips as they are heard: their part, loop, grid and key, and chords to follow."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.codecs.notescore import MODES
from bridge.errors import BadRequestError, NoNotesError
from bridge.music.clip import Clip, Note
from bridge.music.scale import INTERVALS, Scale
from bridge.tools.hearing import chord_line, hear, looped, mode_of, on_grid, stiff

BEAT = 20_160
BAR = 4 * BEAT
TWELFTH = BEAT // 12


def clip_of(*rows, bars=1, **frame):
    """Notes of a pitch, and a start and a length in twelfths."""
    notes = tuple(Note(pitch, start * TWELFTH, length * TWELFTH) for pitch, start, length in rows)
    return Clip(notes, bars * BAR, drums=False, **frame)


def rows_of(notes):
    columns = (notes.pitch, notes.time, notes.length)
    return list(zip(*(column.tolist() for column in columns), strict=True))


TUNE = ((60, 0, 12), (64, 12, 12), (67, 24, 24))


@pytest.mark.parametrize(
    ("rows", "part"),
    [
        (TUNE, "melody"),
        (tuple((pitch - 24, *rest) for pitch, *rest in TUNE), "bass"),
        (((60, 0, 48), (64, 0, 48), (67, 0, 48)), "chords"),
    ],
)
def test_a_clip_says_what_part_it_is_unless_it_is_told(rows, part):
    clip = clip_of(*rows)
    assert hear(clip).part == part
    assert hear(clip, "chords").part == "chords"
    assert rows_of(hear(clip, part).notes) == sorted(rows, key=lambda row: (row[1], row[0]))


def test_of_chords_a_melody_hears_the_top_and_a_bass_the_bottom():
    clip = clip_of((48, 0, 48), (64, 0, 20), (67, 12, 48), (50, 24, 24), (60, 24, 24))
    assert rows_of(hear(clip, "melody").notes) == [(64, 0, 12), (67, 12, 12), (60, 24, 24)]
    assert rows_of(hear(clip, "bass").notes) == [(48, 0, 12), (67, 12, 12), (50, 24, 24)]
    assert hear(clip, "chords").together == 2


def test_of_a_looping_clip_the_loop_is_heard_from_its_start():
    clip = clip_of(*TUNE, (72, 48, 12), bars=2, loop_start=12 * TWELFTH, loop_end=60 * TWELFTH)
    assert rows_of(hear(clip).notes) == [(64, 0, 12), (67, 12, 24), (72, 36, 12)]
    assert hear(replace(clip, looping=False)).end == 96
    assert hear(clip).end == 48
    assert looped(clip).loop_start == 0


def test_what_is_muted_or_lies_outside_is_not_heard():
    clip = clip_of(*TUNE, (40, -12, 12), (41, 48, 12), looping=False)
    muted = clip.with_notes([*clip.notes, Note(100, 0, 100, mute=True)])
    assert rows_of(hear(muted).notes) == rows_of(hear(clip_of(*TUNE)).notes)


def test_a_note_a_little_before_the_first_bar_is_its_first_and_an_upbeat_is_not_heard():
    """Key, part and manner of playing are of what sounds, too: an upbeat once coloured them."""
    clip = clip_of(*TUNE, looping=False)
    early = clip.with_notes([replace(clip.notes[0], start=-600), *clip.notes[1:]])
    assert rows_of(hear(early).notes) == rows_of(hear(clip).notes)
    upbeat = clip.with_notes([Note(21, -BEAT, BEAT), Note(23, BAR, BEAT), *clip.notes])
    assert hear(upbeat).clip == hear(clip).clip
    assert hear(upbeat).key == hear(clip).key


def test_nothing_is_heard_beyond_the_end_of_a_clip():
    """A note that is longer than its clip's loop once sounded into what was written after it."""
    clip = clip_of((60, 0, 12), (64, 36, 480))
    assert rows_of(hear(clip).notes) == [(60, 0, 12), (64, 36, 12)]
    chords = hear(clip, "chords").notes
    assert (chords.time + chords.length).max() == 48


@pytest.mark.parametrize("length", [BAR, BAR + 1, TWELFTH, 1])
def test_a_note_just_before_the_end_is_heard_where_it_is_alone(length):
    """It once was taken for the next bar's, and the clip for an empty one."""
    clip = Clip((Note(60, length - 1, 9),), length, drums=False)
    (row,) = rows_of(hear(clip).notes)
    assert row[0] == 60
    assert row[1] < max(1, length // TWELFTH)
    early = Clip((Note(60, length - 1, 9), Note(62, 0, 9)), length, drums=False)
    assert (62, 0, 1) in rows_of(hear(early).notes)


@pytest.mark.parametrize(
    "clip",
    [
        Clip((), BAR, drums=False),
        Clip((Note(60, 0, 9, mute=True),), BAR, drums=False),
        Clip((Note(60, -BAR, 9),), BAR, looping=False, drums=False),
        Clip((Note(60, BAR, 9),), BAR, drums=False),
    ],
)
def test_a_clip_in_which_nothing_sounds_is_refused(clip):
    with pytest.raises(NoNotesError, match="no note that sounds"):
        hear(clip)


def test_the_grid_has_sixteenths_and_what_the_clip_itself_plays():
    assert np.flatnonzero(hear(clip_of(*TUNE)).grid).tolist() == [0, 3, 6, 9]
    triplets = clip_of(*((60 + step, 4 * step, 4) for step in range(12)))
    assert np.flatnonzero(hear(triplets).grid).tolist() == [0, 3, 4, 6, 8, 9]


def test_a_played_clip_is_heard_on_its_grid():
    late = clip_of(*TUNE)
    late = late.with_notes(
        [replace(note, start=max(0, note.start + shift)) for note, shift in zip(
            late.notes, (-500, 700, -300), strict=True
        )]
    )  # fmt: skip
    assert rows_of(hear(late).notes) == rows_of(hear(clip_of(*TUNE)).notes)


@pytest.mark.parametrize("mode", MODES)
def test_a_scale_that_is_a_mode_is_that_mode(mode):
    assert mode_of(Scale(7, INTERVALS[mode])) == (7, MODES.index(mode))


@pytest.mark.parametrize("name", INTERVALS)
def test_of_any_other_scale_the_third_says_whether_it_is_like_major(name):
    intervals = INTERVALS[name]
    root, mode = mode_of(Scale(2, intervals))
    assert root == 2
    if (3 in intervals) != (4 in intervals):
        close = min(len(set(intervals) ^ set(INTERVALS[other])) for other in MODES)
        alike = [o for o in MODES if len(set(intervals) ^ set(INTERVALS[o])) == close]
        if any((3 in INTERVALS[other]) == (3 in intervals) for other in alike):
            assert (3 in INTERVALS[MODES[mode]]) == (3 in intervals)


grid_rows = st.lists(
    st.tuples(st.integers(0, 127), st.integers(0, 96), st.integers(1, 60)), max_size=12
)


@given(grid_rows)
def test_stiff_notes_are_on_the_grid_where_they_were(rows):
    notes = on_grid(clip_of(*rows, bars=3).notes)
    again = on_grid(stiff(notes))
    assert rows_of(again) == rows_of(notes)
    assert sorted(rows) == sorted(rows_of(notes))
    assert len(on_grid([Note(60, 0, 9, mute=True)])) == 0


CADENCE = clip_of(
    *((pitch, 0, 48) for pitch in (48, 60, 64, 67)),
    *((pitch, 48, 48) for pitch in (43, 59, 62, 67)),
    bars=2,
)


def test_chords_go_round_from_one_time_to_another():
    line = chord_line(CADENCE, 96, 96 + 4 * 48 - 12)
    assert line.start.tolist() == [96, 144, 192, 240]
    assert line.end.tolist() == [144, 192, 240, 276]
    assert line.root.tolist() == [0, 7, 0, 7]
    c_major, g_major = 0b000010010001, 0b100010000100
    assert line.pitches.tolist() == [c_major, g_major] * 2
    assert chord_line(None, 0, 48) is None


def test_of_a_looping_row_of_chords_the_loop_is_followed():
    looping = replace(CADENCE, loop_start=BAR, loop_end=2 * BAR)
    line = chord_line(looping, 0, 96)
    assert line.root.tolist() == [7, 7]


def test_drums_are_no_chords_and_silence_is_none():
    with pytest.raises(BadRequestError, match="plays drums"):
        chord_line(replace(CADENCE, drums=True), 0, 48)
    with pytest.raises(NoNotesError, match="Draw some chords first"):
        chord_line(CADENCE.with_notes([]), 0, 48)
