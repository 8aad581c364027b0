"""Continuations of real melodies, and the chain that any model has to beat."""

import numpy as np
import pytest

from bridge.training.continuations import (
    SAMPLES,
    events_of_song,
    markov_continuer,
    measure_continuations,
    primes_of,
)
from bridge.training.markov import MarkovChain
from bridge.training.predictions import QUARTERS
from tests.training.song_examples import song

TUNE = (60, 62, 64, 65, 67, 65, 64, 62) * 8


@pytest.fixture
def primes():
    return primes_of([song(TUNE), song(TUNE[:32]), song(TUNE[:36])])


def test_a_prime_is_eight_bars_and_needs_ten_quarters_behind_it(primes):
    (prime,) = primes
    assert len(prime.heard) == 32
    assert prime.last_onset == 31.0
    assert prime.end == 128
    assert min(onset for onset, _ in prime.written) == 32.0


def test_what_was_written_is_the_perfect_continuation(primes):
    found = measure_continuations(primes, lambda prime, _: prime.written)
    assert set(found.f1) == {1.0}
    assert found.pitch == pytest.approx([1.0] * len(QUARTERS))
    assert found.best_f1 == found.f1


def test_the_best_of_eight_counts_beside_the_first(primes):
    drawn = iter([set()] + [primes[0].written] * (SAMPLES - 1))
    found = measure_continuations(primes, lambda *_: next(drawn))
    assert set(found.pitch) == {0.0}
    assert set(found.best_f1) == {1.0}
    assert np.isnan(found.f1).all()


def test_a_chain_of_one_tune_goes_on_with_the_tune(primes):
    chain = MarkovChain.learnt([events_of_song(song(TUNE))] * 50)
    assert events_of_song(song(TUNE))[:3] == [(0, 4), (2, 4), (4, 4)]
    continuer = markov_continuer(chain)
    drawn = continuer(primes[0], np.random.default_rng(1))
    assert drawn == continuer(primes[0], np.random.default_rng(1))
    onsets = sorted(onset for onset, _ in drawn)
    assert onsets[0] == 32.0
    assert onsets[-1] >= 41.0
    assert {pitch for _, pitch in drawn} <= set(range(48, 80))
    assert measure_continuations(primes, continuer).best_f1[0] > 0.5
