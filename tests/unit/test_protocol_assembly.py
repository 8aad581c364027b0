"""Clips and takes in pieces, through losses, doubles and disorder."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import BadRequestError, ChecksumError
from bridge.music.clip import Clip, Note
from bridge.osc.message import decode, encode
from bridge.protocol.assembly import Assembly, Missing
from bridge.protocol.frame import Frame, checksum, sum_up
from bridge.protocol.messages import ClipBegin, ClipEnd, ClipNotes, TakeBegin, TakeEnd, TakeNotes
from bridge.protocol.wire import (
    clip_messages,
    read,
    read_reply,
    resend_messages,
    take_messages,
    write,
)
from tests.wire.clips import clips, takes


def over_the_wire(message):
    (arrived,) = decode(encode(write(message)))
    is_take = isinstance(message, TakeBegin | TakeNotes | TakeEnd)
    return read_reply(arrived) if is_take else read(arrived)


def beat(count, **changes):
    notes = tuple(Note(36 + place % 12, place * 5_040, 100) for place in range(count))
    return replace(Clip(notes=notes, length=20_160 * 64), **changes)


def fed(assembly, messages):
    """The outcome after the last of these messages."""
    return [assembly.accept(message) for message in messages][-1]


@settings(deadline=None)
@given(clips())
def test_a_clip_comes_out_as_it_went_in(clip):
    messages = [over_the_wire(message) for message in clip_messages(5, clip)]
    assembly = Assembly()
    assert [assembly.accept(message) for message in messages[:-1]] == [None] * (len(messages) - 1)
    assert assembly.accept(messages[-1]) == clip


@settings(deadline=None, max_examples=50)
@given(takes())
def test_a_take_comes_out_as_it_went_in(take):
    messages = [over_the_wire(message) for message in take_messages(5, take, 16)]
    assert fed(Assembly(), messages) == take.clip
    assert (messages[0].take, messages[0].seed) == (take.index, take.seed)


@settings(deadline=None)
@given(clips(), st.data())
def test_a_clip_survives_loss_disorder_and_doubles(clip, data):
    messages = clip_messages(5, clip)
    arrivals = data.draw(st.lists(st.sampled_from(messages), max_size=3 * len(messages)))
    assembly = Assembly()
    for message in arrivals:
        outcome = assembly.accept(message)
        assert outcome in (None, clip) or isinstance(message, ClipEnd)
    outcome = assembly.accept(ClipEnd(clip=5))
    pieces = {each.piece for each in messages if isinstance(each, ClipNotes)}
    came = {each.piece for each in arrivals if isinstance(each, ClipNotes)}
    if messages[0] not in arrivals:
        assert outcome == Missing()
        outcome = fed(assembly, messages)
    elif came != pieces:
        assert outcome == Missing(tuple(sorted(pieces - came)))
        again = [m for m in messages if isinstance(m, ClipNotes) and m.piece in outcome.pieces]
        outcome = fed(assembly, again)
    assert outcome == clip


@settings(deadline=None)
@given(clips(), st.randoms(use_true_random=False))
def test_begin_notes_and_end_may_come_in_any_order(clip, random):
    messages = list(clip_messages(5, clip))
    random.shuffle(messages)
    assembly = Assembly()
    assert [each for each in map(assembly.accept, messages) if isinstance(each, Clip)] == [clip]


def test_an_end_after_the_clip_gives_it_again_and_other_doubles_do_not():
    messages = clip_messages(5, beat(30))
    assembly = Assembly()
    assert fed(assembly, messages) == beat(30)
    assert [assembly.accept(message) for message in messages] == [None, None, None, beat(30)]


def test_only_an_end_asks_for_what_is_missing():
    begin, first, second, end = clip_messages(5, beat(30))
    assembly = Assembly()
    assert assembly.accept(end) == Missing()
    assert assembly.accept(second) is None
    assert assembly.accept(begin) is None
    assert assembly.accept(end) == Missing((0,))
    assert assembly.accept(first) == beat(30)


def test_of_many_missing_pieces_the_first_that_fit_a_datagram_are_named():
    messages = clip_messages(5, beat(20_000))
    assert fed(Assembly(), [messages[0], messages[-1]]) == Missing(tuple(range(190)))


def test_another_begin_of_the_same_id_begins_anew():
    first, second = clip_messages(5, beat(30)), clip_messages(5, beat(45, tempo=90.0))
    assembly = Assembly()
    fed(assembly, first)
    assert assembly.accept(second[0]) is None
    assert assembly.accept(second[-1]) == Missing((0, 1, 2))
    assert fed(assembly, second) == beat(45, tempo=90.0)


def test_pieces_before_the_begin_that_cannot_be_its_own_are_asked_for_again():
    strange = ClipNotes(clip=5, piece=0, notes=clip_messages(5, beat(3))[1].notes)
    far = ClipNotes(clip=5, piece=900, notes=clip_messages(5, beat(20))[1].notes)
    begin, *_, end = clip_messages(5, beat(30))
    assert fed(Assembly(), [strange, far, begin, end]) == Missing((0, 1))


def test_a_piece_that_the_clip_does_not_have_is_refused_and_the_rest_kept():
    begin, first, second, end = clip_messages(5, beat(30))
    assembly = Assembly()
    assembly.accept(begin)
    assembly.accept(first)
    with pytest.raises(BadRequestError, match="there is no piece 2"):
        assembly.accept(ClipNotes(clip=5, piece=2, notes=first.notes))
    with pytest.raises(BadRequestError, match="must hold 10 notes, not 20"):
        assembly.accept(ClipNotes(clip=5, piece=1, notes=first.notes))
    assert fed(assembly, [second, end]) == beat(30)


def test_a_clip_that_is_not_the_one_sent_is_refused_and_may_come_again():
    begin, first, second, end = clip_messages(5, beat(30))
    altered = ClipNotes(clip=5, piece=0, notes=(first.notes[1], *first.notes[1:]))
    assembly = Assembly()
    assert fed(assembly, [begin, altered, second]) is None
    with pytest.raises(ChecksumError, match="not the clip that was sent"):
        assembly.accept(end)
    assert assembly.accept(end) == Missing((0, 1))
    assert fed(assembly, [first, second]) == beat(30)


@pytest.mark.parametrize("change", [{"loop_end": 0}, {"denominator": 3}])
def test_a_frame_that_is_no_clips_is_refused_at_the_end(change):
    begin, notes, end = clip_messages(5, beat(3))
    frame = replace(begin.frame, **change)
    with pytest.raises(BadRequestError):
        fed(Assembly(), [ClipBegin(clip=5, frame=frame), notes, end])


@settings(deadline=None)
@given(clips(), st.data())
def test_the_checksum_sees_any_change_of_a_whole_number(clip, data):
    if not clip.notes:
        return
    place = data.draw(st.integers(0, len(clip.notes) - 1))
    name = data.draw(st.sampled_from(["pitch", "duration", "mute"]))
    note = clip.notes[place]
    other = {"pitch": 127 - note.pitch, "duration": note.duration % 9 + 1, "mute": not note.mute}
    if other[name] == getattr(note, name):
        return
    changed = replace(note, **{name: other[name]})
    notes = (*clip.notes[:place], changed, *clip.notes[place + 1 :])
    assert checksum(clip.with_notes(notes)) != checksum(clip)


def test_the_checksum_of_a_known_row_of_numbers():
    assert sum_up([]) == 7
    assert sum_up([1]) == 218
    assert sum_up([1, -1]) == 6_757
    assert sum_up([-300]) == 2**31 - 1 - 83


def test_the_checksum_does_not_see_velocities():
    clip = beat(3)
    louder = clip.with_notes(replace(note, velocity=127.0) for note in clip.notes)
    assert Frame.of(louder) == Frame.of(clip)


def test_a_resend_gives_the_pieces_asked_for_and_the_end():
    messages = clip_messages(5, beat(50))
    taken = tuple(
        TakeNotes(id=1, take=0, piece=each.piece, notes=each.notes)
        for each in messages
        if isinstance(each, ClipNotes)
    )
    begin = TakeBegin(id=1, take=0, takes=1, seed=0, frame=messages[0].frame)
    whole = (begin, *taken, TakeEnd(id=1, take=0))
    assert resend_messages(whole, ()) == whole
    assert resend_messages(whole, (2, 0, 99)) == (taken[0], taken[2], TakeEnd(id=1, take=0))
