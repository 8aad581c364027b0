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


def levels_of(coherence, temperature=1.0, count=400):
    steps, pieces = np.repeat(np.arange(32), 3), np.tile([0, 1, 2], 32)
    return np.array(
        [
            draw_levels(np.random.default_rng(seed), steps, pieces, coherence, temperature)
            for seed in range(count)
        ]
    )


def test_without_temperature_every_level_is_the_middle():
    assert np.all(levels_of(Coherence(0.2, 0.1, 0.3), temperature=0.0, count=3) == 0.5)


def test_levels_are_even_whatever_hits_share():
    levels = levels_of(Coherence(0.2, 0.1, 0.3))
    assert np.histogram(levels, 4, (0, 1))[0] / levels.size == pytest.approx([0.25] * 4, abs=0.03)


@pytest.mark.parametrize(
    ("coherence", "pair", "shared"),
    [
        (Coherence(take=0.4), (0, 40), 0.4),
        (Coherence(piece=0.4), (0, 30), 0.4),  # the same piece on other steps
        (Coherence(piece=0.4), (0, 40), 0.0),
        (Coherence(step=0.4), (0, 1), 0.4),  # other pieces on the same step
        (Coherence(step=0.4), (0, 3), 0.0),
    ],
)
def test_hits_share_what_they_should(coherence, pair, shared):
    levels = levels_of(coherence, count=3000)[:, pair]
    # A normal correlation r is 6/pi asin(r/2) between levels.
    expected = 6 / math.pi * math.asin(shared / 2)
    assert np.corrcoef(levels.T)[0, 1] == pytest.approx(expected, abs=0.06)


def test_the_same_seed_draws_the_same_levels():
    coherence = Coherence(0.2, 0.1, 0.3)
    assert np.array_equal(levels_of(coherence, count=2), levels_of(coherence, count=2))
