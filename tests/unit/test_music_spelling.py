"""Keys, ranges and scales as musicians write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BadRequestError
from bridge.music.scale import INTERVALS, Scale
from bridge.music.spelling import ROOTS, key_name, read_key, read_range, read_root, read_scale


@given(st.integers(0, 127))
def test_a_key_is_read_by_the_name_that_it_is_given(pitch):
    assert read_key(key_name(pitch)) == pitch
    assert read_key(f" {key_name(pitch).lower()} ") == pitch
    assert read_key(str(pitch)) == pitch


@given(st.integers(0, 127), st.integers(0, 127), st.sampled_from(["-", " - ", "–", "..", " to "]))
def test_a_range_is_two_keys_whatever_stands_between(low, high, between):
    assert read_range(f"{key_name(low)}{between}{key_name(high)}") == (low, high)
    assert read_range(f"{low}{between}{high}") == (low, high)


@given(st.integers(0, 11), st.sampled_from(list(INTERVALS)))
def test_a_scale_is_read_by_the_name_that_live_has(root, name):
    assert read_scale(f"{ROOTS[root]} {name.lower()}") == Scale.named(name, root)


@pytest.mark.parametrize(
    ("text", "pitch"), [("C3", 60), ("eb3", 63), ("E♭3", 63), ("Cb3", 59), ("B#2", 60), ("c-2", 0)]
)
def test_flats_and_sharps_name_the_same_keys(text, pitch):
    assert read_key(text) == pitch


@pytest.mark.parametrize(
    ("text", "root"),
    [("Am", (9, "Minor")), ("Bbm", (10, "Minor")), ("F# Dorian", (6, "Dorian")), ("b", (11, ""))],
)
def test_a_key_may_be_said_short(text, root):
    assert read_root(text) == root


def test_a_key_without_a_scale_is_major():
    assert read_scale("Eb") == Scale.named("Major", 3)


@pytest.mark.parametrize("text", ["", "H3", "C", "3C", "C33", "C3.5", "-1", "x", "1000", "٣"])
def test_what_is_no_key_is_refused_with_what_to_say(text):
    with pytest.raises(BadRequestError, match="is no key; say C3"):
        read_key(text)


@pytest.mark.parametrize("text", ["G#8", "128", "Cb-2", "C9", "999"])
def test_keys_that_midi_has_not_are_refused_with_those_that_it_has(text):
    with pytest.raises(BadRequestError, match="from C-2, 0, to G8, 127"):
        read_key(text)


@pytest.mark.parametrize("text", ["", "C3", "C3-", "C3 C4", "low-high"])
def test_what_is_no_range_is_refused_with_what_to_say(text):
    with pytest.raises(BadRequestError, match="no range of keys; say C2-C5"):
        read_range(text)


@pytest.mark.parametrize("text", ["", "H minor", "minor", "Am dorian"])
def test_what_is_no_scale_is_refused_with_what_to_say(text):
    with pytest.raises(BadRequestError, match="no key; say C minor"):
        read_scale(text)


def test_a_scale_that_live_has_not_is_refused_with_the_nearest():
    with pytest.raises(BadRequestError, match="Did you mean “Dorian”"):
        read_scale("D dorien")
