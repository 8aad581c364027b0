"""How far hits moved, in numbers and in a musician's words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.commands.beat import PATTERN, stiff_beat
from bridge.commands.movement import Movement
from bridge.music.clip import Clip, Note
from bridge.music.drumkit import GENERAL_MIDI, Piece
from bridge.music.grid import offset_from_step
from bridge.music.units import TICKS_PER_BEAT, seconds_from_ticks, ticks_from_seconds
from tests.strategies import clips

BEAT = Clip(tuple(Note(36, beat * TICKS_PER_BEAT, 100) for beat in range(4)), 4 * TICKS_PER_BEAT)


def played(milliseconds, velocities):
    return BEAT.with_notes(
        note.played(
            start=note.start + ticks_from_seconds(late / 1000, BEAT.tempo), velocity=velocity
        )
        for note, late, velocity in zip(BEAT.notes, milliseconds, velocities, strict=True)
    )


def test_a_take_is_told_in_milliseconds_and_velocities():
    movement = Movement.of(BEAT, played((-20, -10, 0, 6), (100, 30, 127, 64)))
    assert movement.hits == 4
    assert movement.mean_ms == pytest.approx(-6, abs=0.05)
    assert movement.typical_ms == pytest.approx(9, abs=0.05)
    assert movement.push == "6 ms early"
    assert movement.span == "20 ms early to 6 ms late"
    assert movement.velocities == "30 to 127"


def test_late_takes_and_untouched_clips_have_their_words_too():
    assert Movement.of(BEAT, played((9, 9, 9, 9), (80,) * 4)).push == "9 ms late"
    untouched = Movement.of(BEAT, BEAT)
    assert (untouched.push, untouched.span) == ("in time", "not moved")
    assert untouched.velocities == "100"


def test_muted_notes_do_not_count():
    muted = BEAT.with_notes(Note(36, note.start, 100, mute=True) for note in BEAT.notes)
    assert Movement.of(muted, muted).hits == 0
    assert Movement.of(muted, muted).velocities == "0"


@settings(deadline=None, max_examples=50)
@given(clip=clips(max_notes=8), ticks=st.integers(-5000, 5000))
def test_a_clip_that_is_moved_as_a_whole_has_moved_by_that(clip, ticks):
    moved = clip.with_notes(
        note.played(start=note.start + ticks, velocity=9) for note in clip.notes
    )
    movement = Movement.of(clip, moved)
    if movement.hits:
        by = 1000 * seconds_from_ticks(ticks, clip.tempo)
        assert movement.mean_ms == pytest.approx(by)
        assert movement.typical_ms == pytest.approx(abs(by))
        assert min(movement.earliest_ms, 0) + movement.latest_ms == pytest.approx(by)


def test_the_beat_of_the_demo_is_two_stiff_bars():
    beat = stiff_beat()
    assert beat.bars == 2
    assert {offset_from_step(note.start) for note in beat.notes} == {0}
    assert {note.velocity for note in beat.notes} == {100}
    pieces = [GENERAL_MIDI.piece_of(note.pitch) for note in beat.notes]
    assert set(pieces) == {Piece.KICK, Piece.SNARE, Piece.CLOSED_HAT, Piece.OPEN_HAT}
    assert all(pieces.count(piece) == line.count("x") for piece, line in PATTERN.items())
    assert beat == beat.in_order()
