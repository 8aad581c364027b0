"""Beats near a clip, with a model that knows nothing: how far they go, and what always holds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.codecs.drumscore import forbidden, hits_of
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog
from bridge.tools.score_paths import LISTENER, PLAYER, hear
from bridge.tools.variation import vary
from tests.tiny_interpolate import write_tiny_interpolate

FREE = forbidden(511, 9)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    catalog = Catalog([write_tiny_interpolate(tmp_path_factory.mktemp("tiny"))], provider="cpu")
    return catalog.load(LISTENER), catalog.load(PLAYER)


def bars(seed, count=2, steps=16):
    generator = np.random.default_rng(seed)
    return generator.integers(0, 512, (count, steps)) * (generator.random((count, steps)) < 0.4)


def near(models, codes, part, seed=0, banned=FREE, temperature=1.0):
    listener, player = models
    return vary(
        hear(codes, listener, Cancel()),
        part,
        np.random.default_rng(seed),
        player,
        temperature=temperature,
        banned=banned,
        cancel=Cancel(),
    )


def test_nothing_of_the_way_is_the_beat_itself(models):
    for seed in range(5):
        assert (near(models, bars(seed), 0.0, seed) == bars(seed)).all()


def test_the_farther_the_more_is_another(models):
    apart = [
        np.mean([hits_of(near(models, bars(s), part, s) ^ bars(s)).sum() for s in range(8)])
        for part in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    assert (np.diff(apart) > 0).all()
    assert np.array(apart) / apart[-1] == pytest.approx(np.linspace(0, 1, 5), abs=0.15)


def test_bars_that_are_the_same_stay_the_same(models):
    one, other = bars(1)
    for part in (0.3, 0.7, 1.0):
        first, _, again = near(models, np.stack([one, other, one]), part)
        assert (first == again).all()


def test_where_a_bar_goes_does_not_rest_on_those_after_it(models):
    one, other = bars(1)
    there = near(models, np.stack([one, other, one]), 1.0)
    assert (near(models, np.stack([one, other]), 1.0) == there[:2]).all()


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 511), st.integers(1, 9), st.floats(0, 1), st.floats(0, 2), st.integers(0, 99))
def test_locks_hold_however_far_it_goes_and_something_plays(
    models, pieces, most, part, temperature, seed
):
    codes = near(models, bars(seed), part, seed, forbidden(pieces, most), temperature)
    assert not (codes & ~pieces).any()
    assert hits_of(codes).sum(axis=-1).max() <= most
    if 0 < part < 1:
        assert codes.any()


def test_a_seed_gives_its_beat_again(models):
    assert (near(models, bars(1), 0.5, 7) == near(models, bars(1), 0.5, 7)).all()
    assert (near(models, bars(1), 0.5, 7) != near(models, bars(1), 0.5, 8)).any()
