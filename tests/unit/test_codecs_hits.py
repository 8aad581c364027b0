"""Clips as hits on the grid."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.codecs.drumgrid import STEPS, metre_features
from bridge.codecs.hits import (
    FINER,
    MAIN,
    TRIPLET,
    lay_out,
    performance_of,
    read_hits,
    score_of,
    steps_of_loop,
    window_starts,
)
from bridge.music.clip import Clip, Note, ticks_per_bar
from bridge.music.drumkit import GENERAL_MIDI
from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH
from tests.strategies import clips

SIXTEENTH = TICKS_PER_SIXTEENTH


def clip_of(*notes, **frame):
    return Clip(tuple(notes), frame.pop("length", 8 * TICKS_PER_BEAT), **frame)


def hits_of(clip):
    return read_hits(clip, GENERAL_MIDI.piece_or_timekeeper)


@given(clips())
@settings(deadline=None, max_examples=60)
def test_every_sounding_note_is_a_hit_and_no_muted_one(clip):
    hits = hits_of(clip)
    assert [clip.notes[index].mute for index in hits.note] == [False] * len(hits.note)
    assert len(hits.note) == sum(not note.mute for note in clip.notes)


@given(clips())
@settings(deadline=None, max_examples=60)
def test_a_cell_has_one_main_hit_at_most_and_finer_notes_name_it(clip):
    hits = hits_of(clip)
    main = hits.kind == MAIN
    cells = list(zip(hits.step[main], hits.piece[main], strict=True))
    assert len(cells) == len(set(cells))
    for hit in np.flatnonzero(hits.kind == FINER):
        keeper = hits.main[hit]
        assert hits.kind[keeper] == MAIN
        assert (hits.step[hit], hits.piece[hit]) == (hits.step[keeper], hits.piece[keeper])
        assert abs(hits.offset[keeper]) <= abs(hits.offset[hit])


@given(clips())
@settings(deadline=None, max_examples=60)
def test_windows_show_every_hit_and_none_is_empty(clip):
    hits = hits_of(clip)
    if not len(hits.note):
        return
    starts = window_starts(hits.step, clip.ticks_per_bar)
    laid = lay_out(hits, starts, steps_of_loop(clip))
    shown = {
        (int(starts[window] + step), int(piece)) for window, step, piece in np.argwhere(laid >= 0)
    }
    assert set(zip(hits.step.tolist(), hits.piece.tolist(), strict=True)) <= shown
    assert all(score_of(laid).any(axis=(1, 2)))


@pytest.mark.parametrize(("numerator", "denominator"), [(4, 4), (3, 4), (6, 8), (7, 8), (2, 4)])
def test_windows_begin_with_bars_and_overlap_by_half(numerator, denominator):
    bar = ticks_per_bar(numerator, denominator)
    starts = window_starts(np.arange(200), bar)
    assert np.all(starts * SIXTEENTH % bar == 0)
    assert np.all(np.diff(starts) <= STEPS // 2)
    assert starts[0] == 0
    assert starts[-1] + STEPS >= 200


def test_a_flam_moves_with_its_stroke():
    grace = Note(38, 4 * SIXTEENTH - 900, 500, 40)
    stroke = Note(38, 4 * SIXTEENTH, 900, 110)
    hits = hits_of(clip_of(grace, stroke))
    assert hits.kind.tolist() == [FINER, MAIN]
    assert hits.main.tolist() == [1, 1]


def test_triplets_stand_between_the_sixteenths_and_the_beat_stays_main():
    third = TICKS_PER_BEAT // 3
    notes = [Note(42, beat * TICKS_PER_BEAT + k * third, 99) for beat in range(4) for k in range(3)]
    kinds = hits_of(clip_of(*notes)).kind.reshape(4, 3)
    assert np.all(kinds[:, 0] == MAIN)
    assert np.all(kinds[:, 1:] == TRIPLET)


def test_a_straight_beat_has_no_triplets():
    notes = [Note(42, step * SIXTEENTH, 99) for step in range(16)]
    assert set(hits_of(clip_of(*notes)).kind) == {MAIN}


def test_a_short_loop_goes_on_round_in_its_window():
    bar = clip_of(Note(36, 0, 99), Note(38, 4 * SIXTEENTH, 99), length=4 * TICKS_PER_BEAT)
    hits = hits_of(bar)
    laid = lay_out(hits, np.array([0]), steps_of_loop(bar))
    assert np.array_equal(laid[0, :16], laid[0, 16:])
    silent = lay_out(hits, np.array([0]), None)
    assert np.all(silent[0, 16:] == -1)


def test_a_performance_has_the_notes_own_strength_and_lateness():
    late = Note(38, 4 * SIXTEENTH + SIXTEENTH // 4, 99, 64)
    hits = hits_of(clip_of(late))
    played = performance_of(hits, lay_out(hits, np.array([0]), None))
    assert played.hits.sum() == 1
    assert played.velocity[0, 4, 1] == pytest.approx(64 / 127)
    assert played.offset[0, 4, 1] == pytest.approx(0.25)


@given(st.integers(-10_000, 10_000), st.sampled_from([(4, 4), (7, 8), (3, 32), (15, 16), (5, 4)]))
@settings(deadline=None)
def test_metre_features_name_one_sixteenth_and_one_beat(first, metre):
    features = metre_features(np.array([first]), ticks_per_bar(*metre))
    assert features.shape == (1, STEPS, 9)
    assert np.all(features[..., :4].sum(-1) == 1)
    assert np.all(features[..., 4:8].sum(-1) == 1)


def test_seven_eight_begins_a_bar_every_fourteen_steps():
    downbeats = metre_features(np.array([0]), ticks_per_bar(7, 8))[0, :, 8]
    assert np.flatnonzero(downbeats).tolist() == [0, 14, 28]
