"""Measures of paths between scores: what they say of paths whose answer is known."""

import numpy as np
import pytest

from bridge.training.paths import (
    POINTS,
    evenness,
    exact_steps,
    mixed_at_random,
    steps_apart,
    ways_gone,
)


def ends(seed=0, pairs=40):
    generator = np.random.default_rng(seed)
    return generator.integers(0, 512, (2, pairs, 32))


def path_in(order):
    """One score of ten silent steps whose steps are struck one after the other."""
    path = np.zeros((1, POINTS, 10), np.int64)
    for point in range(POINTS):
        path[0, point, order[:point]] = 1
    return path


def test_one_cell_a_point_is_perfectly_even_in_any_order():
    found = evenness(path_in(np.random.default_rng(1).permutation(10)))
    assert found.squared == pytest.approx(1.0)
    assert found.longest_step == pytest.approx(1.0)
    assert found.detour == pytest.approx(1.0)


def test_a_path_that_jumps_half_way_is_not_even():
    first, last = ends()
    half = np.arange(POINTS) >= POINTS / 2
    found = evenness(np.where(half[:, None], last[:, None], first[:, None]))
    assert found.squared < 0.7
    assert found.longest_step == pytest.approx(POINTS - 1)


def test_a_detour_is_seen():
    path = path_in(np.arange(10))
    path[0, 5] ^= 2
    assert evenness(path).detour > 1.5


def test_of_other_codes_a_step_counts_once():
    path = path_in(np.arange(10)) * 3  # Two pieces a step, where it is drums.
    path[0, 5:, 0] = 1
    assert evenness(path, steps_apart).detour == pytest.approx(1.1)
    assert evenness(path).detour == pytest.approx((20 + 1) / (20 - 1))
    assert ways_gone(path, steps_apart)[0] == pytest.approx(np.linspace(0, 1, POINTS))


def test_paths_between_the_same_count_for_nothing():
    path = np.concatenate([path_in(np.arange(10)), np.zeros((1, POINTS, 10), np.int64)])
    assert evenness(path) == evenness(path_in(np.arange(10)))


def test_a_lot_leads_from_end_to_end_and_nowhere_else():
    first, last = ends()
    paths = mixed_at_random(first, last, np.random.default_rng(2))
    assert (paths[:, 0] == first).all()
    assert (paths[:, -1] == last).all()
    assert evenness(paths).detour == pytest.approx(1.0)
    assert (np.diff(ways_gone(paths), axis=1) >= 0).all()
    assert evenness(paths).squared > 0.97


def test_a_step_is_exact_where_all_its_pieces_are():
    assert exact_steps(np.array([[0, 5, 7]]), np.array([[0, 5, 3]])).tolist() == [[1, 1, 0]]
