"""Songs that share a melody stay together; tunes that stand twice stand once."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.training.families import (
    RUN,
    SPLITS,
    in_families,
    is_telling,
    joined,
    shared_runs,
    split_of,
    telling_runs,
    without_duplicates,
)
from bridge.training.fingerprints import (
    COMMON,
    false_alarms,
    fingerprint_of,
    line_of_song,
    shortest_fingerprint,
)
from bridge.training.song import Role
from tests.training.song_examples import TUNE, song, with_voice

relaxed = settings(deadline=None)
melodies = st.lists(st.integers(40, 90), min_size=RUN, max_size=40)


def drawn(seed, count=30):
    return tuple(np.random.default_rng(seed).integers(55, 80, count).tolist())


@relaxed
@given(melodies, st.integers(-12, 12))
def test_a_melody_and_its_transposition_share_all_they_have(pitches, semitones):
    shared = shared_runs([pitches, [pitch + semitones for pitch in pitches]])
    if telling_runs(pitches):
        assert shared[0, 1].share == 1.0
        assert shared[0, 1].runs == len(telling_runs(pitches))
        assert shared[0, 1].binds
    else:
        assert not shared


@relaxed
@given(melodies, melodies)
def test_the_order_of_two_melodies_does_not_matter(one, other):
    assert shared_runs([one, other]) == shared_runs([other, one])


@relaxed
@given(melodies, melodies)
def test_what_is_shared_stands_in_both(one, other):
    shared = shared_runs([one, other])
    count = len(telling_runs(one) & telling_runs(other))
    assert shared[0, 1].runs == count if count else not shared


def test_scales_repeats_and_trills_say_nothing():
    assert not telling_runs([60] * 30)
    assert not telling_runs(list(range(40, 80)))
    assert not telling_runs([60, 62] * 15)
    assert not telling_runs([*range(60, 72), *range(72, 60, -1)])
    assert is_telling((2, -1, 3, -4, 2, 2, -5, 1, 1))


def test_twins_fall_to_one_split_and_strangers_to_their_own():
    twins = [song(drawn(1), name="pop909/1"), song([p + 5 for p in drawn(1)], name="lieder/x")]
    strangers = [song(drawn(seed), name=f"aird/{seed}") for seed in range(2, 60)]
    found = in_families([*twins, *strangers])
    assert found[0].family == found[1].family
    assert found[0].split == found[1].split
    assert len({each.family for each in found}) == len(found) - 1
    assert {each.split for each in found} == set(SPLITS)


def test_a_split_does_not_move_when_other_songs_come():
    few = in_families([song(drawn(seed), name=f"aird/{seed}") for seed in range(9)])
    more = in_families([song(drawn(seed), name=f"aird/{seed}") for seed in range(30)])
    assert [each.split for each in few] == [each.split for each in more[:9]]


def test_a_tune_that_stands_twice_stands_once_and_a_setting_stays():
    first = song(TUNE, name="oneill/1")
    again = song([pitch - 7 for pitch in TUNE], name="ryan/1")
    setting = song(TUNE, name="openhymnal/1", notes=with_voice(first.notes, 40, Role.BASS))
    kept, gone = without_duplicates([first, again, setting])
    assert [each.name for each in kept] == ["oneill/1", "openhymnal/1"]
    assert gone == [("ryan/1", "oneill/1")]


def test_what_joins_is_joined_over_any_steps():
    assert joined(6, [(0, 3), (3, 5), (1, 2)]) == [0, 1, 1, 0, 4, 0]


@given(st.text(min_size=1), st.integers(1, 20))
def test_each_family_has_a_split_and_the_large_ones_are_learned_from(name, size):
    assert split_of(name, size) in SPLITS
    assert split_of(name, 21) == "train"


def test_a_tenth_each_is_kept_for_validation_and_test():
    splits = [split_of(f"song {number}", 1) for number in range(4000)]
    assert abs(splits.count("test") / 4000 - 0.1) < 0.02
    assert abs(splits.count("validation") / 4000 - 0.1) < 0.02


def test_a_fingerprint_knows_what_was_learned_and_nothing_else():
    learnt = in_families([song(drawn(seed), name=f"aird/{seed}") for seed in range(5)])
    known = fingerprint_of(learnt, 8)
    assert false_alarms(known, learnt).melodies == 1.0
    assert false_alarms(known, [song(drawn(99))]).melodies == 0.0
    assert known.knows(known.hashes).all()
    assert len(line_of_song(learnt[0]).step) == 30


def test_a_run_of_many_families_is_common_property():
    phrase = drawn(1, 12)
    songs = in_families(
        [song((*drawn(seed), *phrase), name=f"aird/{seed}") for seed in range(10, 10 + COMMON)]
    )
    assert len({each.family for each in songs}) == COMMON
    assert false_alarms(fingerprint_of(songs, 12), [song(phrase)]).melodies == 0.0
    assert false_alarms(fingerprint_of(songs[:1], 12), [song(phrase)]).melodies == 1.0


def test_the_run_is_as_long_as_it_takes():
    phrase = drawn(1, 9)
    learnt = in_families([song((*drawn(2), *phrase), name="aird/1")])
    fingerprint, tried = shortest_fingerprint(learnt, [song((*phrase, *drawn(3)))])
    assert fingerprint.notes == 10
    assert [each.notes for each in tried] == [8, 9, 10]
    assert [each.melodies for each in tried] == [1.0, 1.0, 0.0]
