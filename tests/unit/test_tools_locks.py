"""What a request allows to be played, and what it would like."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BadRequestError
from bridge.music.clip import Clip, Note
from bridge.music.key import MAJOR, MINOR, Key
from bridge.music.pitchlock import PitchLock
from bridge.music.scale import INTERVALS, Scale
from bridge.protocol.messages import Continue, Generate, Infill, Interpolate
from bridge.tools.locks import key_heard, lock_of, wish_of

ASKED = {
    Continue: {"id": 1, "clip": 2},
    Generate: {"id": 1},
    Infill: {"id": 1, "clip": 2},
    Interpolate: {"id": 1, "a": 2, "b": 3},
}
BEAT = 20_160


def request_of(kind, **wishes):
    return kind(**ASKED[kind], **wishes)


def mask_of(intervals):
    return sum(1 << interval for interval in intervals)


def tune(*pitches, drums=False, mute=False):
    notes = tuple(Note(pitch, step * BEAT, BEAT, mute=mute) for step, pitch in enumerate(pitches))
    return Clip(notes, max(1, len(pitches)) * BEAT, drums=drums)


keys = st.builds(Key, st.integers(0, 11), st.sampled_from([MAJOR, MINOR]), st.just(1.0))


@given(
    st.sampled_from(list(ASKED)),
    st.integers(-1, 11),
    st.integers(0, 4_095),
    st.integers(0, 127),
    st.integers(0, 127),
    st.none() | keys,
)
def test_a_lock_lets_through_what_is_in_range_and_scale_and_nothing_else(
    kind, root, scale, low, high, heard
):
    tonic = root if root >= 0 else 0 if heard is None else heard.root
    allowed = [
        pitch for pitch in range(low, high + 1) if not scale or scale & 1 << (pitch - tonic) % 12
    ]
    request = request_of(kind, root=root, scale=scale, lowest=low, highest=high)
    if not allowed:
        with pytest.raises(BadRequestError, match=r"above the highest|no note of the scale"):
            lock_of(request, heard)
        return
    lock = lock_of(request, heard)
    assert [pitch for pitch in range(128) if lock.mask[pitch]] == allowed


@pytest.mark.parametrize("kind", ASKED)
@given(root=st.integers(-1, 11), heard=st.none() | keys)
def test_a_root_alone_locks_nothing(kind, root, heard):
    assert lock_of(request_of(kind, root=root), heard) == PitchLock()


@pytest.mark.parametrize("name", INTERVALS)
def test_every_scale_of_live_comes_back_from_its_sum(name):
    request = request_of(Continue, root=5, scale=mask_of(INTERVALS[name]))
    assert lock_of(request, None).scale == Scale.named(name, 5)


def test_the_sums_that_the_manual_names_are_major_and_minor():
    assert mask_of(INTERVALS[MAJOR]) == 2_741
    assert mask_of(INTERVALS[MINOR]) == 1_453


def test_a_range_that_is_upside_down_is_refused_by_name():
    with pytest.raises(BadRequestError, match="The lowest key, C3, is above the highest, C2"):
        lock_of(request_of(Continue, lowest=60, highest=48), None)


def test_a_range_without_a_note_of_the_scale_is_refused_by_name():
    with pytest.raises(BadRequestError, match=r"From C#3 to C#3 there is no note of the scale"):
        lock_of(request_of(Infill, root=0, scale=2_741, lowest=61, highest=61), None)


def test_a_scale_that_generate_only_wishes_for_locks_nothing_but_the_range_holds():
    wish = request_of(Generate, root=9, scale=1_453, lowest=48, highest=72, lock=False)
    assert lock_of(wish, None) == PitchLock(48, 72)
    assert wish_of(wish, None) == Scale.named(MINOR, 9)


def test_generate_is_played_in_its_own_scale_or_on_its_root_or_as_what_is_heard():
    minor = Key(2, MINOR, 1.0)
    assert wish_of(request_of(Generate, root=7, scale=1_453), minor) == Scale.named(MINOR, 7)
    assert wish_of(request_of(Generate, scale=1_453), minor) == Scale.named(MINOR, 2)
    assert wish_of(request_of(Generate, root=7), minor) == Scale.named(MAJOR, 7)
    assert wish_of(request_of(Generate), minor) == Scale.named(MINOR, 2)
    assert wish_of(request_of(Generate), None) is None


def test_the_key_is_heard_in_the_first_clip_that_sounds_and_is_no_drums():
    melody = tune(62, 64, 66, 67, 69, 71, 73, 74, 62)
    heard = key_heard(None, tune(36, 38, drums=True), tune(), tune(60, mute=True), melody)
    assert heard is not None
    assert (heard.root, heard.mode) == (2, MAJOR)
    assert key_heard(None, tune(36, drums=True)) is None


def test_scales_that_grow_allow_ever_more():
    masks = [
        lock_of(request_of(Continue, root=0, scale=mask_of(INTERVALS[name])), None).mask
        for name in ("Major Pentatonic", MAJOR)
    ]
    for fewer, more in pairwise(masks):
        assert all(there or not here for here, there in zip(fewer, more, strict=True))
