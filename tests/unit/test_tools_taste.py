"""Rules of melody, counted as RL Tuner counts them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.codecs.melodysteps import HOLD, SILENCE
from bridge.errors import BadRequestError
from bridge.music.scale import Scale
from bridge.tools.taste import (
    DEFAULT_TASTE,
    Leaps,
    Melody,
    Rule,
    Taste,
    autocorrelation,
    has_unique_highest,
    has_unique_lowest,
    in_motif,
    in_repeated_motif,
    leaps_of,
    outside_key,
    repeated_too_often,
    starts_on_tonic,
)

C_MAJOR = Scale.named("Major", 0)
H, S = HOLD, SILENCE


def codes(*values):
    return np.array(values, np.int16)


melodies = st.lists(
    st.one_of(st.sampled_from([HOLD, SILENCE]), st.integers(55, 80)), min_size=1, max_size=40
).map(lambda values: codes(*values))


def test_notes_outside_the_key_are_counted_and_rests_are_not():
    assert outside_key(codes(60, 61, H, S, 66), C_MAJOR).tolist() == [
        False,
        True,
        False,
        False,
        True,
    ]


def test_the_sixth_of_one_note_in_a_row_is_one_too_many():
    assert repeated_too_often(codes(*[60] * 7)).tolist() == [False] * 5 + [True] * 2


def test_holds_between_allow_two_more():
    marked = repeated_too_often(codes(*[60, H] * 9))
    assert np.flatnonzero(marked[::2]).tolist() == [7, 8]


def test_another_note_between_begins_anew():
    assert not repeated_too_often(codes(60, 60, 60, 62, 60, 60, 60, 60, 60)).any()


def test_silence_comes_twice_and_not_thrice():
    assert repeated_too_often(codes(60, S, S, S)).tolist() == [False, False, False, True]


def test_a_note_held_too_long_counts():
    assert repeated_too_often(codes(60, *[H] * 6)).tolist() == [False] * 6 + [True]


def test_three_keys_within_a_bar_are_a_motif():
    line = codes(60, H, 62, H, 64, H, H, H, H, H, H, H, H, H)
    assert np.flatnonzero(in_motif(line)).tolist() == [7]
    assert not in_motif(codes(60, 62, 60, 62, 60, 62, 60, 62)).any()


def test_a_motif_that_comes_again_is_known():
    motif = (60, H, 62, H, 64, H, 67, H)
    assert np.flatnonzero(in_repeated_motif(codes(*motif, *motif))).tolist() == [15]
    assert not in_repeated_motif(
        codes(*motif, *(code + 1 if code > 0 else code for code in motif))
    ).any()


def test_a_motif_that_overlaps_itself_is_not_repeated():
    assert not in_repeated_motif(codes(*([60, 62, 64, 65] * 3)))[:15].any()
    assert np.flatnonzero(in_repeated_motif(codes(*([60, 62, 64, 65] * 4)))).tolist() == [15]


def test_a_leap_that_walks_back_is_resolved():
    assert leaps_of(codes(60, 67, 65, 64, 62, 60)) == Leaps(1, 0)


def test_a_leap_after_a_leap_on_the_same_way_is_doubled():
    assert leaps_of(codes(55, 62, 69)) == Leaps(0, 1)


def test_leaping_back_at_once_is_neither():
    assert leaps_of(codes(60, 67, 60)) == Leaps(0, 0)


def test_leaping_back_after_seven_steps_resolves():
    assert leaps_of(codes(60, 67, H, H, H, H, H, H, H, 60)) == Leaps(1, 0)
    assert leaps_of(codes(60, 67, H, H, H, H, H, H, 60)) == Leaps(0, 0)


def test_a_leap_over_a_rest_is_a_leap():
    assert leaps_of(codes(55, S, 62, S, 69)) == Leaps(0, 1)


def test_extremes_are_unique_when_they_come_once():
    assert has_unique_highest(codes(60, 67, 64))
    assert not has_unique_highest(codes(60, 67, H, 67))
    assert has_unique_lowest(codes(60, H, S, 67))
    assert not has_unique_lowest(codes(60, 60, 67))
    assert not has_unique_highest(codes(S, S))
    assert not has_unique_lowest(codes(S, S))


def test_the_tonic_counts_on_the_first_step_only():
    assert starts_on_tonic(codes(72, H), C_MAJOR)
    assert not starts_on_tonic(codes(S, 60), C_MAJOR)


def test_autocorrelation_is_that_of_the_numbers_of_the_paper():
    line = codes(48, 50, S, H)  # 2, 4, 0 and 1 there
    numbers = np.array([2.0, 4.0, 0.0, 1.0]) - 1.75
    expected = (numbers[1:] * numbers[:-1]).sum() / (numbers**2).sum()
    assert autocorrelation(line, 1) == pytest.approx(expected)
    assert math.isnan(autocorrelation(codes(60, 60), 1))


@given(melodies, st.integers(0, 11))
def test_every_rule_judges_every_melody_between_0_and_1(line, root):
    melody = Melody(line, Scale.named("Minor", root))
    judgement = DEFAULT_TASTE.judgement(melody)
    assert set(judgement) == {rule.name for rule in DEFAULT_TASTE.rules}
    assert all(0 <= kept <= 1 for kept in judgement.values())
    assert 0 <= DEFAULT_TASTE.score(melody) <= 1


@given(melodies, st.integers(-24, 24))
def test_transposing_melody_and_key_changes_no_judgement_but_variety(line, semitones):
    moved = np.where(line >= 0, line + semitones, line).astype(np.int16)
    taste = DEFAULT_TASTE.without("varied")
    before = taste.judgement(Melody(line, C_MAJOR))
    assert taste.judgement(Melody(moved, Scale.named("Major", semitones % 12))) == before


def test_a_rule_can_be_switched_off_and_weighed():
    bad = Melody(codes(61, 61, 61), C_MAJOR)
    assert "in key" not in DEFAULT_TASTE.without("in key").judgement(bad)
    heavier = DEFAULT_TASTE.weighing("in key", 50)
    assert heavier.score(bad) < DEFAULT_TASTE.score(bad)


def test_a_rule_of_ones_own_counts_like_the_others():
    def likes_high_notes(melody):
        return float((melody.codes > 70).mean())

    taste = Taste(()).adding(Rule("high", "High notes.", 2.0, likes_high_notes))
    assert taste.score(Melody(codes(72, 60), C_MAJOR)) == 0.5
    assert Taste(()).score(Melody(codes(72), C_MAJOR)) == 1.0


def test_what_a_rule_says_beyond_0_and_1_is_clamped():
    taste = Taste((Rule("wild", "Wild.", 1.0, lambda _: 7.0),))
    assert taste.score(Melody(codes(60), C_MAJOR)) == 1.0


def test_unknown_doubled_and_overweight_rules_are_refused():
    with pytest.raises(BadRequestError, match=r"no rule called “swing”.*in key"):
        DEFAULT_TASTE.without("swing")
    with pytest.raises(BadRequestError, match="two rules called “motif”"):
        DEFAULT_TASTE.adding(Rule("motif", "Again.", 1.0, lambda _: 1.0))
    with pytest.raises(BadRequestError, match="weight of the rule “motif”"):
        DEFAULT_TASTE.weighing("motif", 101)
