"""Scores as one code a step, and what a model is told at each step's turn."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bridge.codecs.drumscore import (
    ALIKE_FEATURES,
    CODES,
    LAGS,
    SPANS,
    Outlook,
    codes_of,
    forbidden,
    forbidden_at,
    hits_of,
    lags_of,
    places,
    style_features,
    turns_of,
)
from bridge.music.styles import ANY, STYLES

SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 80))
SCORES = arrays(np.int64, SHAPES, elements=st.integers(0, CODES - 1))
BARS = st.integers(1, 32)


@given(SCORES)
def test_codes_and_hits_are_the_same_score(codes):
    hits = hits_of(codes)
    assert hits.shape == (*codes.shape, 9)
    assert (codes_of(hits) == codes).all()


@given(arrays(np.bool_, st.integers(1, 60)))
def test_what_is_known_has_its_turn_before_what_is_written(written):
    turn = turns_of(written)
    assert sorted(turn) == list(range(len(turn)))
    assert (np.diff(turn[written]) > 0).all()
    assert (np.diff(turn[~written]) > 0).all()
    assert turn[~written].max(initial=-1) < turn[written].min(initial=len(turn))


@given(SCORES, BARS, st.data())
def test_a_step_is_told_what_had_its_turn_and_nothing_else(codes, steps_per_bar, data):
    steps = codes.shape[1]
    written = data.draw(arrays(np.bool_, steps))
    turn = turns_of(written)
    outlook = Outlook.of(turn, steps_per_bar)
    score, known, alike = outlook.tell(codes)
    told = codes_of(score.reshape(*codes.shape, LAGS, 9))
    for number, lag in enumerate(lags_of(steps_per_bar)):
        for step in range(steps):
            other = step - lag
            had = 0 <= other < steps and turn[other] < turn[step]
            assert (known[:, step, number] == had).all()
            assert (told[:, step, number] == (codes[:, other] if had else 0)).all()
    assert alike.shape == (*codes.shape, ALIKE_FEATURES)
    step = data.draw(st.integers(0, steps - 1))
    for whole, one in zip((score, known, alike), outlook.tell(codes, step), strict=True):
        assert (whole[:, step] == one).all()
    # Another code at a step changes what is told at no turn before it, nor at its own.
    changed = codes.copy()
    changed[:, step] ^= 1
    for one, other in zip((score, known, alike), outlook.tell(changed), strict=True):
        assert (one[:, turn <= turn[step]] == other[:, turn <= turn[step]]).all()


def test_agreement_is_how_many_of_the_last_steps_are_those_bars_before():
    codes = np.tile(np.arange(16), 3)[None]
    codes[0, 33] = 500
    _, _, alike = Outlook.of(turns_of(np.zeros(48, bool)), 16).tell(codes)
    short, long = alike[0, :, 0], alike[0, :, len(lags_of(16)) - 2]
    assert (short[:17] == [0] * 17).all()
    assert (short[20:34] == 1).all()
    assert short[34] == 0.5
    assert long[40] == (16 - 2) / SPANS[1]


@given(st.integers(0, 500), st.integers(1, 70), BARS)
def test_a_place_is_the_same_wherever_reading_begins(first, steps, steps_per_bar):
    whole = places(np.zeros(1, np.int64), first + steps, steps_per_bar)
    assert (whole[:, first:] == places(np.array([first]), steps, steps_per_bar)).all()
    assert (whole[0, :, 8] == (np.arange(first + steps) % steps_per_bar == 0)).all()
    assert (whole[0, :, 9:].argmax(axis=1) == np.arange(first + steps) // steps_per_bar % 8).all()


def test_each_style_is_one_of_eighteen_and_any_is_none():
    assert (np.stack([style_features(style) for style in STYLES]) == np.eye(18)).all()
    assert not style_features(ANY).any()


@given(st.integers(1, CODES - 1), st.integers(1, 9), st.integers(0, CODES - 1))
def test_locks_leave_what_is_allowed_with_what_is_kept(pieces, most, kept):
    free = np.flatnonzero(forbidden(pieces, most, kept) == 0)
    assert kept in free
    expected = [
        code
        for code in range(CODES)
        if code & kept == kept
        and not code & ~(pieces | kept)
        and code.bit_count() <= max(most, kept.bit_count())
    ]
    assert free.tolist() == expected


@given(arrays(np.int64, st.integers(1, 30), elements=st.integers(0, CODES - 1)))
def test_each_step_has_the_locks_of_what_is_kept_on_it(kept):
    rows = forbidden_at(7, 2, kept)
    assert all(
        (row == forbidden(7, 2, int(code))).all() for row, code in zip(rows, kept, strict=True)
    )
