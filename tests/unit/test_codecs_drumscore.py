"""Scores as one code a step, and what a model is told before each."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bridge.codecs.drumscore import (
    CODES,
    LAGS,
    codes_of,
    forbidden,
    hits_of,
    lags_of,
    look_back,
    places,
)

SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 80))
SCORES = arrays(np.int64, SHAPES, elements=st.integers(0, CODES - 1))
BARS = st.integers(1, 32)


@given(SCORES)
def test_codes_and_hits_are_the_same_score(codes):
    hits = hits_of(codes)
    assert hits.shape == (*codes.shape, 9)
    assert (codes_of(hits) == codes).all()


@given(SCORES, BARS)
def test_a_step_is_told_what_was_hit_at_each_lag_and_nothing_later(codes, steps_per_bar):
    score, known = look_back(codes, steps_per_bar)
    told = codes_of(score.reshape(*codes.shape, LAGS, 9))
    for number, lag in enumerate(lags_of(steps_per_bar)):
        for step in range(codes.shape[1]):
            assert (known[:, step, number] == (step >= lag)).all()
            expected = codes[:, step - lag] if step >= lag else 0
            assert (told[:, step, number] == expected).all()


@given(st.integers(0, 500), st.integers(1, 70), BARS)
def test_a_place_is_the_same_wherever_reading_begins(first, steps, steps_per_bar):
    whole = places(np.zeros(1, np.int64), first + steps, steps_per_bar)
    assert (whole[:, first:] == places(np.array([first]), steps, steps_per_bar)).all()
    assert (whole[0, :, 8] == (np.arange(first + steps) % steps_per_bar == 0)).all()
    assert (whole[0, :, 9:].argmax(axis=1) == np.arange(first + steps) // steps_per_bar % 8).all()


@given(st.integers(1, CODES - 1), st.integers(1, 9))
def test_locks_leave_silence_and_what_is_allowed(pieces, most):
    free = np.flatnonzero(forbidden(pieces, most) == 0)
    assert 0 in free
    expected = [code for code in range(CODES) if not code & ~pieces and code.bit_count() <= most]
    assert free.tolist() == expected
