"""Keys that a tool may play."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BadRequestError
from bridge.music.pitchlock import PitchLock
from bridge.music.scale import INTERVALS, Scale


@given(
    st.integers(0, 127), st.integers(0, 127), st.sampled_from(list(INTERVALS)), st.integers(0, 11)
)
def test_what_the_lock_lets_through_is_in_range_and_scale_and_never_nothing(low, high, name, root):
    scale = Scale.named(name, root)
    try:
        lock = PitchLock(low, high, scale)
    except BadRequestError:
        assert not any(pitch in scale for pitch in range(low, high + 1))
        return
    allowed = [pitch for pitch in range(128) if lock.mask[pitch]]
    assert allowed == [pitch for pitch in range(low, high + 1) if pitch in scale]
    assert allowed
    assert all(pitch in lock for pitch in allowed)


def test_without_a_scale_every_key_of_the_range_is_free():
    assert sum(PitchLock(60, 71).mask) == 12
    assert all(PitchLock().mask)


def test_a_range_without_a_note_of_the_scale_is_refused_with_what_to_do():
    with pytest.raises(BadRequestError, match=r"From C#3 .* no note of the scale.*Widen"):
        PitchLock(61, 61, Scale.named("Major", 0))


def test_a_range_that_is_upside_down_is_refused():
    with pytest.raises(BadRequestError, match="The lowest key, C3, is above the highest, B2"):
        PitchLock(60, 59)
