"""Bars of melody as codes."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bridge.codecs.melodybar import (
    CODES,
    FIRST_KEY,
    HELD,
    LONGEST,
    SILENT,
    bars_of,
    coded,
    decoded,
    features_of,
    keys_of_codes,
    settled,
)
from bridge.codecs.melodysteps import HOLD, SILENCE

steps = st.lists(
    st.one_of(st.just(HOLD), st.just(SILENCE), st.integers(40, 90)), min_size=1, max_size=40
).map(lambda codes: np.array(codes, np.int64))


@given(steps, st.integers(59, 71))
def test_steps_come_back_from_their_codes(played, middle):
    codes = coded(played, middle)
    assert ((codes >= 0) & (codes < CODES)).all()
    assert decoded(codes, middle).tolist() == played.tolist()


@given(st.integers(0, 127), st.integers(0, 127))
def test_a_key_too_far_from_the_middle_moves_by_octaves(key, middle):
    found = int(decoded(coded(np.array([key]), middle), middle)[0])
    assert (found - key) % 12 == 0
    assert -32 <= found - middle < 32
    if -32 <= key - middle < 32:
        assert found == key


def test_a_melody_is_the_same_in_every_key():
    played = np.array([60, HOLD, 64, SILENCE, 67])
    higher = np.where(played >= 0, played + 5, played)
    assert coded(played, 64).tolist() == coded(higher, 69).tolist()


def test_codes_name_their_keys():
    keys = keys_of_codes(60)
    assert keys[:FIRST_KEY].tolist() == [-1, -1]
    assert keys[FIRST_KEY:].tolist() == list(range(28, 92))
    assert keys_of_codes(10).min() == -1
    assert (keys_of_codes(10) == 0).sum() == 1


@given(steps)
def test_settled_rows_hold_nothing_that_is_not_there(played):
    codes = settled(coded(played, 64))
    for before, code in itertools.pairwise(codes):
        assert not (before == SILENT and code == HELD)
    assert settled(codes).tolist() == codes.tolist()
    assert (codes >= FIRST_KEY).tolist() == (played >= 0).tolist()


def test_a_row_is_bars_and_the_last_is_filled_with_silence():
    assert bars_of(np.arange(1, 6), 4).tolist() == [[1, 2, 3, 4], [5, 0, 0, 0]]


def test_the_model_reads_one_code_a_step_and_what_counts():
    told, counted = features_of(np.array([[0, 5, 1]]))
    assert told.shape == (1, LONGEST, CODES)
    assert told[0, :3].argmax(axis=-1).tolist() == [0, 5, 1]
    assert told.sum() == counted.sum() == 3
