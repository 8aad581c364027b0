"""Patterns for Prediction, on sets that a person can count."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.training.predictions import (
    QUARTERS,
    best_curve,
    cardinality_curve,
    cardinality_f1,
    mean_curve,
    pitch_curve,
    pitch_score,
)

points = st.sets(
    st.tuples(st.integers(0, 40).map(lambda step: step / 4), st.integers(50, 70)),
    min_size=2,
    max_size=12,
)


def test_the_same_notes_moved_are_a_perfect_prediction():
    written = {(0.0, 60), (1.0, 62), (2.0, 64)}
    assert cardinality_f1(written, {(onset + 3, pitch + 7) for onset, pitch in written}) == 1.0


def test_one_wrong_note_of_four():
    written = {(0.0, 60), (1.0, 62), (2.0, 64), (3.0, 65)}
    drawn = {(0.0, 60), (1.0, 62), (2.0, 64), (3.0, 71)}
    assert cardinality_f1(written, drawn) == pytest.approx(2 / 3)


def test_precision_and_recall_are_both_asked_for():
    written = {(0.0, 60), (1.0, 62), (2.0, 64)}
    drawn = written | {(0.5, 40), (1.5, 41)}
    assert cardinality_f1(written, drawn) == pytest.approx(2 * 1 * 0.5 / 1.5)


def test_one_note_says_nothing():
    assert cardinality_f1({(0.0, 60)}, {(0.0, 60), (1.0, 61)}) is None
    assert cardinality_f1({(0.0, 60), (1.0, 90)}, {(0.0, 60), (1.0, 61)}) == 0.0


@given(points, points)
def test_both_scores_lie_between_0_and_1_and_know_no_order(written, drawn):
    value = cardinality_f1(written, drawn)
    assert 0 <= value <= 1
    assert value == pytest.approx(cardinality_f1(drawn, written))
    assert 0 <= pitch_score(written, drawn) <= pitch_score(written, drawn, any_octave=True) + 1e-9
    assert cardinality_f1(written, written) == 1.0
    assert pitch_score(written, written) == pytest.approx(1.0)


def test_the_pitch_score_is_the_overlap_of_histograms():
    written = {(0.0, 60), (1.0, 60), (2.0, 62), (3.0, 64)}
    drawn = {(0.0, 60), (1.0, 72), (2.0, 62), (3.0, 67)}
    assert pitch_score(written, drawn) == 0.5
    assert pitch_score(written, drawn, any_octave=True) == 0.75
    assert pitch_score(written, set()) == 0.0


def test_curves_grow_with_the_time_behind_the_prime():
    written = {(10.0 + step / 2, 60 + step % 5) for step in range(1, 21)}
    late = {point for point in written if point[0] > 15}
    assert set(cardinality_curve(written, written, 10.0)) == {1.0}
    assert cardinality_curve(written, late, 10.0)[0] is None
    assert len(cardinality_curve(written, late, 10.0)) == len(QUARTERS) == 17
    assert QUARTERS[0] == 2.0
    assert QUARTERS[-1] == 10.0
    assert pitch_curve(written, late, 10.0)[0] == 0.0
    assert pitch_curve(written, written, 10.0)[-1] == pytest.approx(1.0)


def test_means_and_bests_pass_over_what_has_no_value():
    assert mean_curve([(None, 0.5), (None, 1.0)])[1] == 0.75
    assert math.isnan(mean_curve([(None,), (None,)])[0])
    assert best_curve([(None, 0.5), (None, 1.0)]) == (None, 1.0)
    assert np.isfinite(mean_curve([(0.0,)])[0])
