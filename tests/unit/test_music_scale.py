"""Scales: Live's names, membership, masks and the nearest note."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BadRequestError
from bridge.music.scale import INTERVALS, Scale

scales = st.builds(
    Scale,
    root=st.integers(0, 11),
    intervals=st.lists(st.integers(0, 11), min_size=1, max_size=15).map(tuple),
)


def test_a_minor_has_no_sharps():
    assert [pitch for pitch in range(57, 70) if pitch in Scale.named("Minor", 9)] == [
        57, 59, 60, 62, 64, 65, 67, 69,
    ]  # fmt: skip


def test_modes_of_one_key_have_the_same_pitches():
    modes = ("Major", "Dorian", "Phrygian", "Lydian", "Mixolydian", "Minor", "Locrian")
    roots = (0, 2, 4, 5, 7, 9, 11)
    masks = {Scale.named(name, root).mask for name, root in zip(modes, roots, strict=True)}
    assert len(masks) == 1


def test_all_names_of_live_are_there_each_on_its_root_and_no_two_alike():
    assert len(INTERVALS) == 35
    assert len(set(INTERVALS.values())) == 35
    for intervals in INTERVALS.values():
        assert intervals[0] == 0
        assert Scale(0, intervals).intervals == intervals


@pytest.mark.parametrize("name", ["messiaen 3", "Messiaen 4", "Messiaen 5", "Messiaen 6"])
def test_the_modes_of_limited_transposition_come_back_after_fewer_than_twelve_steps(name):
    period = 4 if name == "messiaen 3" else 6
    assert Scale.named(name, 0).mask == Scale.named(name, period).mask


@pytest.mark.parametrize("name", ["dorian", "DORIAN", "  Dorian "])
def test_upper_and_lower_case_do_not_matter(name):
    assert Scale.named(name, 2) == Scale.named("Dorian", 2)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Dorain", "Dorian"), ("harmonic", "Harmonic Minor"), ("Pelog Selis", "Pelog Selisir")],
)
def test_a_mistyped_name_gets_the_name_that_was_meant(typed, meant):
    with pytest.raises(BadRequestError, match=f"“{typed}”.*Did you mean “{meant}”"):
        Scale.named(typed, 0)


def test_a_name_like_no_other_gets_examples():
    with pytest.raises(BadRequestError, match="Major and Minor"):
        Scale.named("xyzzy", 0)


def test_a_scale_without_notes_is_refused():
    with pytest.raises(BadRequestError, match="at least one note"):
        Scale(0, ())


@pytest.mark.parametrize(("root", "intervals"), [(12, (0,)), (-1, (0,)), (0, (12,)), (0, (0, -1))])
def test_a_root_or_an_interval_beyond_the_octave_is_refused(root, intervals):
    with pytest.raises(BadRequestError, match="between 0 and 11"):
        Scale(root, intervals)


@given(scales)
def test_mask_and_membership_agree_and_repeat_every_octave(scale):
    mask = scale.mask
    assert len(mask) == 128
    assert mask == tuple(pitch in scale for pitch in range(128))
    assert mask[:116] == mask[12:]
    assert mask[scale.root + scale.intervals[0]]


@given(scales, st.integers(0, 127))
def test_the_nearest_pitch_is_in_the_scale_and_none_is_nearer(scale, pitch):
    nearest = scale.nearest(pitch)
    assert nearest in scale
    assert 0 <= nearest <= 127
    distance = abs(nearest - pitch)
    assert not any(key in scale for key in range(128) if abs(key - pitch) < distance)
    assert (nearest == pitch) == (pitch in scale)


def test_of_two_equally_near_pitches_the_lower_is_taken():
    assert Scale.named("Major", 0).nearest(61) == 60
