"""Features of melodies, counted by hand."""

import math

import numpy as np
import pytest

from bridge.codecs.melodysteps import HOLD, SILENCE
from bridge.training.markov import UNSEEN, VOCABULARY, MarkovChain
from bridge.training.melody_features import (
    copies_from,
    density,
    intervals,
    lengths,
    melody_likeness,
    onset_gaps,
    pitch_class_pairs,
    pitch_classes,
    pitch_range,
)

H, S = HOLD, SILENCE


def codes(*rows):
    return np.array(rows, np.int16)


ONE = codes([60, H, 62, S, 72, H, H, H, 60, S, S, S, S, S, S, S])


def test_each_feature_counts_what_it_says():
    assert pitch_range(ONE).tolist() == [[12.0]]
    assert pitch_classes(ONE)[0, 0] == 0.75
    assert pitch_classes(ONE)[0, 2] == 0.25
    assert pitch_class_pairs(ONE)[0, 0 * 12 + 2] == pytest.approx(1 / 3)
    assert intervals(ONE)[0].nonzero()[0].tolist() == [0, 14, 22]  # -12, +2, +10
    assert onset_gaps(ONE)[0].nonzero()[0].tolist() == [2, 4]
    assert density(ONE).tolist() == [[4.0]]
    assert lengths(ONE)[0].tolist()[:5] == [0, 0.5, 0.25, 0, 0.25]


def test_lengths_end_with_the_take():
    assert lengths(codes([60, H, H, H]))[0, 4] == 1.0


def test_melodies_are_like_themselves_and_unlike_others():
    generator = np.random.default_rng(1)
    scale = np.array([60, 62, 64, 65, 67, 69, 71, 72])

    def drawn(pitches, share):
        rows = generator.choice(pitches, (120, 64)).astype(np.int16)
        return np.where(generator.random((120, 64)) < share, rows, HOLD).astype(np.int16)

    real, same, other = drawn(scale, 0.5), drawn(scale, 0.5), drawn(scale[:2] + 1, 0.1)
    for melodies in (real, same, other):
        melodies[:, 0] = 60
    near, far = melody_likeness(same, real), melody_likeness(other, real)
    assert near.mean > 0.9
    assert far.mean < 0.5
    assert near.as_fields()["mean"] == near.mean
    silent = np.concatenate([same, np.full((3, 64), SILENCE, np.int16)])
    assert melody_likeness(silent, real) == near


def test_copies_count_equal_codes_so_many_steps_back():
    assert copies_from(np.array([60, H, 60, H, 62, H]), 2) == 0.75
    assert math.isnan(copies_from(np.array([60]), 2))


def test_a_chain_learns_what_follows_what():
    chain = MarkovChain.learnt([[(0, 4), (2, 4), (0, 4), (2, 4)], [(0, 4), (4, 4)]])
    after = {event: chain.probability(event, (0, 4)) for event in chain.often.of}
    assert after[2, 4] > after[4, 4] > after[0, 4]
    unseen = (VOCABULARY - len(chain.often.of)) * chain.probability((9, 9), (0, 4))
    assert sum(after.values()) + unseen == pytest.approx(1.0)
    assert chain.nats([(0, 4), (2, 4)]) == pytest.approx(-math.log(after[2, 4]))
    assert math.isnan(chain.nats([(0, 4)]))
    assert UNSEEN > 0


def test_a_chain_goes_on_for_as_long_as_asked_and_the_seed_gives_it_again():
    chain = MarkovChain.learnt([[(0, 4), (2, 2), (4, 2), (0, 8)] * 3])
    drawn = [chain.continued((0, 4), 64, np.random.default_rng(3)) for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert sum(gap for _, gap in drawn[0]) >= 64
    assert sum(gap for _, gap in drawn[0][:-1]) < 64
    assert set(drawn[0]) <= set(chain.often.of)
