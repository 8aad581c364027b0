"""Notes and clips: valid from birth, and time that converts without loss."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BadRequestError, TooLongError
from bridge.music.clip import MAX_NOTES, MAX_TICK, Clip, Note, ticks_per_bar
from bridge.music.units import (
    TICKS_PER_BEAT,
    beats_from_ticks,
    seconds_from_ticks,
    ticks_from_beats,
    ticks_from_seconds,
)
from tests.strategies import any_metres, clips, notes

NAN = float("nan")

A_NOTE = Note(pitch=60, start=0, duration=TICKS_PER_BEAT)
A_CLIP = Clip((A_NOTE,), 4 * TICKS_PER_BEAT)


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("pitch", 128, "pitch"),
        ("pitch", -1, "pitch"),
        ("start", MAX_TICK + 1, "start"),
        ("duration", 0, "duration"),
        ("velocity", 0.99, "velocity"),
        ("velocity", 127.5, "velocity"),
        ("velocity", NAN, "velocity"),
        ("probability", 1.01, "probability"),
        ("probability", NAN, "probability"),
        ("velocity_deviation", -128.0, "deviation"),
        ("release_velocity", 128.0, "release velocity"),
        ("note_id", 0, "id"),
    ],
)
def test_a_note_that_cannot_be_is_refused_by_name(field, value, named):
    with pytest.raises(BadRequestError, match=f"{named}.* must be between"):
        replace(A_NOTE, **{field: value})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"length": 0}, "length"),
        ({"length": MAX_TICK + 1}, "length"),
        ({"loop_start": 8 * TICKS_PER_BEAT}, "loop end"),
        ({"loop_start": 5, "loop_end": 5}, "loop end"),
        ({"loop_start": -MAX_TICK - 1}, "loop start"),
        ({"numerator": 0}, "upper number"),
        ({"numerator": 100}, "upper number"),
        ({"denominator": 3}, "lower number"),
        ({"tempo": 19.0}, "tempo"),
        ({"tempo": NAN}, "tempo"),
    ],
)
def test_a_clip_that_cannot_be_is_refused_by_name(change, named):
    with pytest.raises(BadRequestError, match=f"{named}.* must be"):
        replace(A_CLIP, **change)


def test_a_clip_of_too_many_notes_is_refused_with_the_figure():
    with pytest.raises(TooLongError, match="20,001 notes"):
        A_CLIP.with_notes([A_NOTE] * (MAX_NOTES + 1))


def test_the_loop_ends_with_the_clip_where_nothing_else_is_said():
    assert A_CLIP.end_of_loop == A_CLIP.length
    assert replace(A_CLIP, loop_end=A_CLIP.length) == A_CLIP


def test_bars_begun_are_counted_in_the_clips_own_metre():
    clip = replace(A_CLIP, numerator=7, denominator=8, length=7 * TICKS_PER_BEAT + 1)
    assert clip.ticks_per_bar == 7 * TICKS_PER_BEAT // 2
    assert clip.bars == 3


@given(any_metres)
def test_a_bar_of_any_metre_is_a_whole_number_of_ticks(metre):
    numerator, denominator = metre
    assert ticks_per_bar(*metre) * denominator == 4 * TICKS_PER_BEAT * numerator


@given(clips())
def test_putting_in_order_loses_no_note_and_once_is_enough(clip):
    ordered = clip.in_order()
    assert sorted(map(repr, ordered.notes)) == sorted(map(repr, clip.notes))
    onsets = [(note.start, note.pitch) for note in ordered.notes]
    assert onsets == sorted(onsets)
    assert ordered.in_order() == ordered


@given(notes(), st.integers(-MAX_TICK, MAX_TICK), st.floats(-999, 999))
def test_playing_a_note_moves_it_and_clamps_its_strength_and_nothing_else(note, start, velocity):
    played = note.played(start=start, velocity=velocity)
    assert 1.0 <= played.velocity <= 127.0
    assert replace(played, start=note.start, velocity=note.velocity) == note
    assert played.end - played.start == note.duration


@given(st.integers(-MAX_TICK, MAX_TICK), st.floats(20, 999))
def test_ticks_survive_the_way_through_beats_and_seconds(tick, tempo):
    assert ticks_from_beats(beats_from_ticks(tick)) == tick
    assert ticks_from_seconds(seconds_from_ticks(tick, tempo), tempo) == tick


def test_a_beat_at_120_lasts_half_a_second():
    assert seconds_from_ticks(TICKS_PER_BEAT, 120.0) == 0.5


def test_a_refusal_states_large_numbers_to_the_last_digit():
    with pytest.raises(BadRequestError, match="between 1 and 2147483647, not 2147483648"):
        replace(A_CLIP, length=MAX_TICK + 1)
