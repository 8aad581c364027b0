"""Measures of scores made from nothing: what they say of scores whose answer is known."""

import numpy as np
import pytest

from bridge.training.generated import (
    copy_rate,
    hits_a_bar,
    likeness,
    overlap,
    piece_rates,
    syncopation,
)

KICK, SNARE, HAT = 1, 2, 4


def bar(**struck):
    codes = np.zeros((1, 16), np.int64)
    for piece, steps in struck.items():
        codes[0, steps] |= {"kick": KICK, "snare": SNARE, "hat": HAT}[piece]
    return codes


def drumming(seed, share=0.3, takes=300):
    generator = np.random.default_rng(seed)
    busy = generator.beta(8 * share, 8 * (1 - share), (takes, 1, 1))
    return (generator.random((takes, 64, 9)) < busy) @ (1 << np.arange(9))


def test_hits_and_rates_are_counted():
    codes = np.concatenate([bar(kick=[0, 8], hat=[0, 4, 8, 12]), bar()], axis=1)
    assert hits_a_bar(codes).tolist() == [3.0]
    assert piece_rates(codes)[0, :3].tolist() == [2 / 32, 0.0, 4 / 32]


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (bar(kick=[0, 4, 8, 12]), 0.0),
        (bar(), 0.0),
        (bar(hat=[3, 7, 11]), 0.0),  # only kick and snare are asked
        (bar(kick=[0], snare=[7, 12]), 3.0),  # silence on the half, −1, after −4
        (bar(kick=[3], snare=[4]), 1.0),  # the snare holds the beat, but the half is silent
        (bar(kick=[0, 15]), 0.0),  # the take ends with it
    ],
)
def test_a_hit_before_stronger_silence_syncopates(codes, expected):
    assert syncopation(codes).tolist() == [expected]


def test_syncopation_is_that_of_a_bar_however_long_the_take():
    codes = bar(kick=[0], snare=[7, 12])
    assert syncopation(np.tile(codes, 4)) == pytest.approx(syncopation(codes))
    over = np.concatenate([bar(kick=[0, 15]), bar(snare=[4])], axis=1)
    # The sixteenth before a bar whose first is silent: 4; the snare before the silent half: 1.
    assert syncopation(over).tolist() == [(4.0 + 1.0) / 2]


def test_takes_like_the_drummers_overlap_and_others_do_not():
    played = drumming(0)
    alike, busy = likeness(drumming(1), played), likeness(drumming(1, share=0.8), played)
    assert alike.mean > 0.93
    assert busy.hits_a_bar < 0.6
    assert busy.mean < alike.mean
    assert likeness(np.zeros((300, 64), np.int64), played).hits_a_bar < 0.75
    assert alike.as_fields()["mean"] == alike.mean


def test_an_overlap_is_the_area_under_both_densities():
    generator = np.random.default_rng(0)
    played = generator.normal(size=(400, 1))
    assert overlap(played, played) == pytest.approx(1.0, abs=0.02)
    assert overlap(played + 100.0, played) == pytest.approx(0.0, abs=1e-6)
    # Distances of N(0, 1) among themselves are |N(0, √2)|, from N(1.5, 1) |N(1.5, √2)|.
    points = np.linspace(0.0, 12.0, 20_001)
    bell = np.exp(-(points**2) / 4)
    moved = np.exp(-((points - 1.5) ** 2) / 4) + np.exp(-((points + 1.5) ** 2) / 4)
    area = np.minimum(bell / bell.sum(), moved / moved.sum()).sum()
    shifted = generator.normal(size=(400, 1)) + 1.5
    assert overlap(shifted, played) == pytest.approx(area, abs=0.05)


def test_a_feature_that_never_changes_is_like_itself():
    assert overlap(np.zeros((5, 1)), np.zeros((5, 1))) == pytest.approx(1.0)


def test_only_hit_for_hit_is_a_copy():
    learnt = drumming(2, takes=20)
    drawn = learnt[[3, 3, 4, 5]].copy()
    drawn[3, 63] ^= HAT
    assert copy_rate(drawn, learnt) == 0.75
    assert copy_rate(drumming(3), learnt) == 0.0
