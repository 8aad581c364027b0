"""Whether a clip is a melody, a bass line or chords."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import NoNotesError
from bridge.music.clip import Clip, Note
from bridge.music.units import TICKS_PER_BEAT
from bridge.tools.parts import part_of

BEAT = TICKS_PER_BEAT


def clip(*notes):
    return Clip(notes, 8 * BEAT, drums=False)


def line(pitches, duration=BEAT):
    return clip(*(Note(pitch, index * BEAT, duration) for index, pitch in enumerate(pitches)))


def chords(pitches, count=4):
    return clip(*(Note(pitch, beat * BEAT, BEAT) for beat in range(count) for pitch in pitches))


@pytest.mark.parametrize(
    ("music", "part"),
    [
        (line((60, 64, 62, 67, 65)), "melody"),
        (line((33, 40, 36, 31)), "bass"),
        (chords((60, 64, 67)), "chords"),
        (chords((36, 43)), "chords"),
        (line((60, 64, 62, 67), BEAT + BEAT // 8), "melody"),  # Legato up to a 32nd.
        (line((60, 64, 62, 67), 2 * BEAT), "chords"),  # Each rings on through the next.
    ],
)
def test_clips_are_called_what_they_are(music, part):
    assert part_of(music) == part


def test_a_grace_note_within_a_long_one_leaves_a_melody():
    music = clip(Note(72, 0, 4 * BEAT), Note(74, BEAT, BEAT // 6), Note(71, 4 * BEAT, BEAT))
    assert part_of(music) == "melody"


def test_one_doubled_note_of_a_long_line_does_not_make_chords_but_four_of_eight_do():
    notes = [Note(60 + index % 5, index * BEAT, BEAT) for index in range(32)]
    assert part_of(Clip((*notes, Note(72, 0, BEAT)), 32 * BEAT)) == "melody"
    doubled = [Note(72, index * BEAT, BEAT) for index in range(16)]
    assert part_of(Clip((*notes, *doubled), 32 * BEAT)) == "chords"


@given(st.permutations(range(6)), st.integers(0, 127), st.integers(-8, 8))
def test_the_order_of_the_notes_muted_notes_and_the_bar_do_not_count(order, pitch, shift):
    notes = [Note(40 + index, (index + shift) * BEAT, BEAT) for index in range(6)]
    shuffled = [notes[index] for index in order]
    silent = Note(pitch, 0, 8 * BEAT, mute=True)
    assert part_of(clip(*shuffled, silent)) == part_of(clip(*notes)) == "bass"


def test_a_clip_in_which_nothing_sounds_is_no_part():
    with pytest.raises(NoNotesError):
        part_of(clip(Note(60, 0, 10, mute=True)))
