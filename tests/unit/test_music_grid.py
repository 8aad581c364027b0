"""The grid: exact steps, offsets that add up, and beats told apart as a drummer would."""

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.music.clip import ticks_per_bar
from bridge.music.grid import (
    bar_of_step,
    is_triplet_beat,
    nearest_step,
    offset_from_step,
    position_in_bar,
    tick_of_step,
)
from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH
from tests.strategies import any_metres

ticks = st.integers(-(2**31), 2**31)


def beat(*places: float) -> tuple[int, ...]:
    """Onsets at parts of a beat."""
    return tuple(round(place * TICKS_PER_BEAT) for place in places)


@given(ticks)
def test_the_nearest_step_is_the_rounded_quotient_also_before_the_start(tick):
    assert nearest_step(tick) == floor(Fraction(tick, TICKS_PER_SIXTEENTH) + Fraction(1, 2))


@given(ticks)
def test_step_and_offset_give_the_tick_again(tick):
    offset = offset_from_step(tick)
    assert -0.5 <= offset < 0.5
    assert tick_of_step(nearest_step(tick)) + round(offset * TICKS_PER_SIXTEENTH) == tick


def test_half_way_belongs_to_the_later_step_on_both_sides_of_the_start():
    half = TICKS_PER_SIXTEENTH // 2
    assert [nearest_step(tick) for tick in (half - 1, half, -half, -half - 1)] == [0, 1, 0, -1]
    assert offset_from_step(half) == -0.5


@given(st.integers(-9999, 9999), any_metres)
def test_bar_and_position_give_the_step_again_in_every_metre(step, metre):
    bar = ticks_per_bar(*metre)
    position = position_in_bar(step, bar)
    assert 0 <= position < bar
    assert bar_of_step(step, bar) * bar + position == tick_of_step(step)


def test_in_seven_eight_the_fifteenth_step_opens_the_second_bar():
    bar = ticks_per_bar(7, 8)
    assert (bar_of_step(14, bar), position_in_bar(14, bar)) == (1, 0)
    assert (bar_of_step(13, bar), position_in_bar(13, bar)) == (0, 13 * TICKS_PER_SIXTEENTH)


def test_a_bar_of_three_and_a_half_steps_opens_between_two_steps():
    bar = ticks_per_bar(7, 32)
    assert (bar_of_step(4, bar), position_in_bar(4, bar)) == (1, TICKS_PER_SIXTEENTH // 2)


@given(
    st.sets(st.integers(0, 7), min_size=1),
    st.sampled_from((1, 2)),
    st.sampled_from((96, 120, 480, 960, TICKS_PER_BEAT)),
    st.integers(-9, 99),
)
def test_sixteenths_and_thirty_seconds_of_a_machine_are_straight(slots, width, division, number):
    onsets = beat(*(round(Fraction(slot * width, 8) * division) / division for slot in slots))
    assert not is_triplet_beat(number * TICKS_PER_BEAT + onset for onset in onsets)


@given(
    st.sets(st.integers(0, 5), min_size=1).filter(lambda slots: slots - {0, 3}),
    st.sampled_from((96, 100, 128, 480, 1000, TICKS_PER_BEAT)),
    st.integers(-9, 99),
)
def test_triplets_of_a_machine_are_triplets_even_in_divisions_without_thirds(
    slots, division, number
):
    onsets = beat(*(round(Fraction(slot, 6) * division) / division for slot in slots))
    assert is_triplet_beat(number * TICKS_PER_BEAT + onset for onset in onsets)


@pytest.mark.parametrize("onsets", [(), (0.0,), (0.5,), (0.0, 0.5), (0.0, 0.0, 0.5)])
def test_beat_and_half_beat_fit_both_grids_and_are_straight(onsets):
    assert not is_triplet_beat(beat(*onsets))


@pytest.mark.parametrize("swing", [0.60, 0.62, 0.64, 0.66, 0.675])
def test_a_played_swing_is_a_triplet_within_its_tolerance(swing):
    assert is_triplet_beat(beat(0.01, swing))


def test_an_early_downbeat_counts_to_its_own_beat():
    early = -TICKS_PER_BEAT // 50
    assert is_triplet_beat((early, *beat(0.34, 0.655)))
    assert not is_triplet_beat((early, *beat(0.26, 0.49, 0.76)))


@pytest.mark.parametrize("late", [0.27, 0.29, 0.30])
def test_one_late_sixteenth_stays_straight_though_a_triplet_is_nearer(late):
    assert not is_triplet_beat(beat(0.0, late, 0.5))


def test_a_chord_is_no_better_witness_than_its_one_note():
    late = 0.317
    assert is_triplet_beat(beat(0.0, late)) == is_triplet_beat(beat(0.0, late, late, late + 0.004))


def test_a_played_thirty_second_roll_is_straight():
    assert not is_triplet_beat(beat(0.004, 0.13, 0.247, 0.38, 0.496, 0.62, 0.755, 0.87))


@pytest.mark.parametrize(
    ("places", "triplet"),
    [((0, 1 / 4, 1 / 2, 3 / 4), False), ((0, 1 / 3, 2 / 3), True), ((0, 1 / 2, 3 / 4), False)],
)
def test_human_jitter_does_not_change_the_grid(places, triplet):
    generator = np.random.default_rng(7)
    jitter = generator.normal(0.0, 0.02, (1000, len(places)))  # 10 ms at 120 beats a minute
    heard = [is_triplet_beat(beat(*(np.array(places) + stray))) for stray in jitter]
    assert np.mean(np.array(heard) == triplet) > 0.96
