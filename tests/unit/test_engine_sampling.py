"""Drawing values from histograms."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.engine.sampling import (
    Coherence,
    draw_levels,
    mean,
    normal_levels,
    probabilities,
    quantile,
)

LOGITS = st.lists(st.floats(-8, 8, width=32), min_size=2, max_size=33)


@given(LOGITS)
@settings(deadline=None)
def test_probabilities_sum_to_one_and_keep_the_order_of_the_logits(logits):
    mass = probabilities(np.array(logits, np.float32))
    assert mass.sum() == pytest.approx(1.0)
    assert np.all(np.diff(mass[np.argsort(logits)]) >= 0)


@given(LOGITS, st.floats(0, 1), st.floats(0, 1))
@settings(deadline=None)
def test_a_quantile_stays_between_the_edges_and_rises_with_its_level(logits, one, other):
    mass = probabilities(np.array(logits, np.float32))
    low, high = sorted((one, other))
    lower, upper = (quantile(mass, np.array(level), -0.5, 0.5) for level in (low, high))
    assert -0.5 <= lower <= upper <= 0.5 + 1e-12


def test_the_quantile_of_a_flat_histogram_is_its_level():
    flat = np.full((5, 8), 1 / 8)
    levels = np.array([0.0, 0.1, 0.5, 0.77, 1.0])
    assert quantile(flat, levels, 2.0, 4.0) == pytest.approx(2.0 + 2.0 * levels)


def test_all_mass_in_one_bin_leaves_nothing_to_chance_but_the_place_in_the_bin():
    certain = np.zeros(10)
    certain[3] = 1.0
    drawn = quantile(np.tile(certain, (99, 1)), np.linspace(0.01, 0.99, 99), 0.0, 1.0)
    assert drawn.min() >= 0.3
    assert drawn.max() <= 0.4


def test_the_mean_of_a_symmetric_histogram_is_its_middle():
    assert mean(np.array([0.25, 0.5, 0.25]), -0.5, 0.5) == pytest.approx(0.0)


def test_normal_levels_are_those_of_the_normal_distribution():
    levels = normal_levels(np.array([-1.96, 0.0, 1.96]))
    assert levels == pytest.approx([0.025, 0.5, 0.975], abs=1e-4)


LAGS = 8
LOOSE = Coherence((0.0,) * LAGS, (1.0,) + (0.0,) * (LAGS - 1))
TIGHT = Coherence(
    tuple(0.4 * 0.7**lag for lag in range(LAGS)),
    tuple(0.8**lag for lag in range(LAGS)),
)


def levels_of(coherence, temperature=1.0, count=400, steps=None, pieces=None):
    steps = np.repeat(np.arange(32), 3) if steps is None else steps
    pieces = np.tile([0, 1, 2], 32) if pieces is None else pieces
    return np.array(
        [
            draw_levels(np.random.default_rng(seed), steps, pieces, coherence, temperature)
            for seed in range(count)
        ]
    )


def test_without_temperature_every_level_is_the_middle():
    assert np.all(levels_of(TIGHT, temperature=0.0, count=3) == 0.5)


@pytest.mark.parametrize("coherence", [LOOSE, TIGHT])
def test_levels_are_even_whatever_hits_share(coherence):
    levels = levels_of(coherence)
    assert np.histogram(levels, 4, (0, 1))[0] / levels.size == pytest.approx([0.25] * 4, abs=0.03)


@pytest.mark.parametrize(
    ("coherence", "one", "other", "expected"),
    [
        (TIGHT, (5, 0), (5, 1), TIGHT.shared[0]),
        (TIGHT, (5, 0), (7, 1), TIGHT.shared[2]),
        (TIGHT, (5, 0), (7, 0), TIGHT.same[2]),
        (TIGHT, (5, 0), (6, 0), TIGHT.same[1]),
        (LOOSE, (5, 0), (5, 1), 0.0),
        (LOOSE, (5, 0), (6, 0), 0.0),
        (TIGHT, (0, 0), (31, 0), 0.0),  # farther apart than anything was measured
    ],
)
def test_hits_share_what_they_should(coherence, one, other, expected):
    levels = levels_of(coherence, count=3000)[:, [3 * one[0] + one[1], 3 * other[0] + other[1]]]
    # A normal correlation r is 6/pi asin(r/2) between levels.
    found = np.corrcoef(levels.T)[0, 1]
    assert found == pytest.approx(6 / math.pi * math.asin(expected / 2), abs=0.1)


def test_a_measured_covariance_that_cannot_be_is_drawn_from_all_the_same():
    impossible = Coherence((0.9,) * LAGS, (1.0, -0.9) + (0.9,) * (LAGS - 2))
    levels = levels_of(impossible, count=50)
    assert np.isfinite(levels).all()
    assert 0.15 < levels.std() < 0.4


def test_a_silence_however_long_costs_nothing():
    steps = np.array([-(10**9), 0, 10**12])
    levels = levels_of(TIGHT, count=3, steps=steps, pieces=np.array([0, 0, 0]))
    assert len(np.unique(levels)) == levels.size


def test_the_same_seed_draws_the_same_levels():
    assert np.array_equal(levels_of(TIGHT, count=2), levels_of(TIGHT, count=2))
