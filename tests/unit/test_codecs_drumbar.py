"""Bars as the model reads them: all that is played is there, and nothing beyond a bar counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.codecs.drumbar import LONGEST, bars_of, features_of, steps_counted
from bridge.codecs.drumscore import codes_of


@given(st.lists(st.integers(0, 511), min_size=1, max_size=90), st.integers(1, LONGEST))
def test_bars_hold_the_score_and_then_silence(codes, steps):
    bars = bars_of(np.array(codes), steps)
    assert bars.shape[1] == steps
    flat = bars.ravel()
    assert flat[: len(codes)].tolist() == codes
    assert not flat[len(codes) :].any()
    assert len(flat) < len(codes) + steps


@given(st.lists(st.integers(0, 511), min_size=1, max_size=LONGEST))
def test_features_say_what_is_hit_and_where_the_bar_ends(codes):
    hits, counted = features_of(np.array([codes]))
    assert hits.shape == (1, LONGEST, 9)
    assert codes_of(hits[0])[: len(codes)].tolist() == codes
    assert not hits[0, len(codes) :].any()
    assert counted[0].tolist() == [1.0] * len(codes) + [0.0] * (LONGEST - len(codes))


@pytest.mark.parametrize("steps", [1, 16, LONGEST])
def test_so_many_steps_count(steps):
    assert steps_counted(3, steps).sum(axis=1).tolist() == [steps] * 3
