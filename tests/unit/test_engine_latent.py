"""Ways on the great circle: they begin and end where they should, and turn evenly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bridge.engine.latent import between

PLACES = arrays.arrays(np.float32, (3, 5), elements=st.floats(-5, 5, width=32))


@given(PLACES, PLACES)
def test_a_way_begins_at_its_beginning_and_ends_at_its_end(first, last):
    assert between(first, last, 0.0) == pytest.approx(first, abs=1e-4)
    assert between(first, last, 1.0) == pytest.approx(last, abs=1e-4)


@given(PLACES, PLACES, st.floats(0, 1))
def test_no_place_on_a_way_is_nearer_to_the_middle_or_farther_than_its_ends(first, last, part):
    lengths = [np.linalg.norm(each, axis=-1) for each in (first, last)]
    found = np.linalg.norm(between(first, last, part), axis=-1)
    straight = np.linalg.norm((1 - part) * first + part * last, axis=-1)
    assert (found <= np.maximum(*lengths) + 1e-3).all()
    assert (found >= np.minimum(np.minimum(*lengths), straight) - 1e-3).all()


@given(PLACES, PLACES, st.floats(0, 1))
def test_there_and_back_is_the_same_way(first, last, part):
    assert between(first, last, part) == pytest.approx(between(last, first, 1 - part), abs=1e-4)


def test_the_angle_grows_evenly():
    first, last = np.random.default_rng(0).standard_normal((2, 1, 40)).astype(np.float32)
    parts = np.linspace(0, 1, 9)
    way = between(np.tile(first, (9, 1)), np.tile(last, (9, 1)), parts)
    unit = way / np.linalg.norm(way, axis=-1, keepdims=True)
    angles = np.arccos(np.clip((unit[1:] * unit[:-1]).sum(axis=-1), -1, 1))
    assert angles == pytest.approx(np.full(8, angles.mean()), rel=1e-3)


def test_a_place_and_itself_and_its_opposite_are_joined_too():
    place = np.array([[3.0, 4.0]], np.float32)
    assert between(place, place, 0.5) == pytest.approx(place)
    assert np.isfinite(between(place, -place, 0.5)).all()
    assert np.isfinite(between(place, np.zeros_like(place), 0.5)).all()


def test_opposite_places_are_joined_by_the_straight_line_itself():
    first, last = np.full((1, 5), 2.0, np.float32), np.full((1, 5), -1.0, np.float32)
    assert between(first, last, 0.5) == pytest.approx(np.full((1, 5), 0.5))
