"""RL Tuner's table, on melodies whose percentages are plain."""

import math

import numpy as np
import pytest

from bridge.codecs.melodysteps import HOLD
from bridge.music.scale import Scale
from bridge.training.taste_table import PUBLISHED, STEPS, taste_table

C_MAJOR = Scale.named("Major", 0)


def test_a_scale_up_and_down_keeps_every_rule_but_variety():
    up = [60, 62, 64, 65, 67, 69, 71]
    line = np.array([*up, 72, *up[::-1], HOLD] * 2, np.int16)
    assert len(line) == STEPS
    table = taste_table([line], [C_MAJOR])
    assert table.repeated == table.not_in_key == 0.0
    assert table.starts_with_tonic == 1.0
    assert table.unique_highest == table.unique_lowest == 0.0
    assert table.in_motif == 25 / 32
    assert table.in_repeated_motif == 9 / 32
    assert math.isnan(table.leaps_resolved)
    assert table.autocorrelation_1 > table.autocorrelation_3


def test_shares_are_over_all_steps_and_all_melodies():
    still = np.full(STEPS, 61, np.int16)
    leaping = np.array([60, 67, 65, 64, 62, 60, 48, 36] + [HOLD] * 24, np.int16)
    table = taste_table([still, leaping], [C_MAJOR, C_MAJOR])
    assert table.not_in_key == 0.5
    assert table.repeated == pytest.approx((27 + 19) / 64)
    assert table.starts_with_tonic == 0.5
    assert table.leaps_resolved == 0.5


def test_no_melodies_have_no_table():
    assert all(math.isnan(value) for value in taste_table([], []).as_fields().values())


def test_the_published_columns_are_those_of_the_paper():
    assert PUBLISHED["Note RNN"].repeated == 0.633
    assert PUBLISHED["Q"].in_motif == 0.757
