"""Who is who: hello, roaming programs, devices that come back; and nobody can fill the house."""

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.daemon.clients import (
    MOST_ANSWERS,
    MOST_CLIENTS,
    MOST_CLIPS,
    MOST_NOTES,
    MOST_REPLIES,
    Clients,
)
from bridge.errors import BadRequestError, ChecksumError
from bridge.music.clip import Clip, Note, Take
from bridge.osc.endpoint import HOST
from bridge.protocol.assembly import Missing
from bridge.protocol.messages import ClipBegin, ClipEnd, ClipNotes, Done, Groove, Hello, Progress
from bridge.protocol.wire import clip_messages, take_messages

BEAT = Clip(tuple(Note(36, index * 5_040, 2_520, velocity=90.0) for index in range(45)), 45 * 5_040)
LOUDER = BEAT.with_notes(replace(note, velocity=120.0) for note in BEAT.notes)
LONGER = replace(BEAT, length=50 * 5_040, loop_end=None)
DEVICE, SPOKEN_FROM, ELSEWHERE = (HOST, 5_001), (HOST, 5_002), (HOST, 5_003)
REPLY_PORT = 17_300


def hello(reply_port=0, name="test"):
    return Hello(reply_port=reply_port, client=name, protocol=1)


@pytest.fixture
def clients():
    return Clients()


@pytest.fixture
def client(clients):
    return clients.hello(DEVICE, hello())[0]


def receive(client, messages):
    """What the bridge thinks of each message."""
    return [client.receive(message) for message in messages]


def test_a_client_that_names_no_port_is_answered_where_it_sends_from(clients):
    client, replaced = clients.hello(DEVICE, hello())
    assert client.reply_to == DEVICE
    assert replaced == ()
    assert clients.at(DEVICE) is client
    assert clients.find(client.number) is client


def test_a_client_that_names_a_port_is_answered_there(clients):
    client, _ = clients.hello(DEVICE, hello(REPLY_PORT))
    assert client.reply_to == (HOST, REPLY_PORT)


def test_a_client_may_change_the_port_and_keeps_its_clips(clients):
    client, _ = clients.hello(DEVICE, hello())
    receive(client, clip_messages(1, BEAT))
    again, replaced = clients.hello(DEVICE, hello(REPLY_PORT, "renamed"))
    assert again is client
    assert replaced == ()
    assert (client.reply_to, client.name, client.clips) == (
        (HOST, REPLY_PORT),
        "renamed",
        {1: BEAT},
    )


def test_a_stranger_is_answered_where_it_sends_from_and_known_again(clients):
    stranger = clients.at(ELSEWHERE)
    assert stranger.reply_to == ELSEWHERE
    assert clients.at(ELSEWHERE) is stranger
    assert clients.at(SPOKEN_FROM) is not stranger


def test_a_program_with_a_new_port_for_each_message_is_one_client(clients):
    program, _ = clients.hello(SPOKEN_FROM, hello(REPLY_PORT))
    assert clients.at(ELSEWHERE) is program
    assert clients.at((HOST, 5_009)) is program


def test_a_port_that_a_stranger_had_belongs_to_the_program_that_has_it_now(clients):
    stranger = clients.at(SPOKEN_FROM)
    assert stranger.reply_to == SPOKEN_FROM
    program, _ = clients.hello(SPOKEN_FROM, hello(REPLY_PORT))
    assert clients.at(ELSEWHERE) is program
    other = clients.at(ELSEWHERE)
    assert other is program


def test_a_device_that_is_heard_from_its_own_port_takes_nobody_elses_messages(clients):
    device, _ = clients.hello(DEVICE, hello(REPLY_PORT))
    assert clients.at(DEVICE) is device
    assert clients.at(ELSEWHERE) is not device


def test_a_device_that_says_hello_twice_from_one_port_takes_nobody_elses_messages(clients):
    device, _ = clients.hello(DEVICE, hello(REPLY_PORT))
    clients.hello(DEVICE, hello(REPLY_PORT))
    assert clients.at(ELSEWHERE) is not device


def test_a_client_that_said_hello_is_never_taken_for_the_roaming_one(clients):
    known, _ = clients.hello(DEVICE, hello())
    clients.hello(SPOKEN_FROM, hello(REPLY_PORT))
    assert clients.at(DEVICE) is known


def test_of_two_roaming_programs_the_last_to_say_hello_is_meant(clients):
    first, _ = clients.hello((HOST, 6_001), hello(17_301))
    second, _ = clients.hello((HOST, 6_002), hello(17_302))
    assert clients.at(ELSEWHERE) is second
    assert clients.at((HOST, 6_002)) is second  # From now on it has a place of its own.
    assert clients.at((HOST, 6_003)) is first


def test_a_device_that_is_loaded_anew_takes_the_place_of_the_old_one(clients):
    old, _ = clients.hello(DEVICE, hello(REPLY_PORT))
    receive(old, clip_messages(1, BEAT))
    new, replaced = clients.hello(ELSEWHERE, hello(REPLY_PORT))
    assert replaced == (old,)
    assert new.clips == {}
    assert clients.find(old.number) is None
    assert list(clients) == [new]


def test_a_client_that_comes_back_to_the_same_port_is_another(clients):
    first, _ = clients.hello(DEVICE, hello())
    clients.forget(first)
    second, _ = clients.hello(DEVICE, hello())
    assert second.number != first.number
    assert clients.find(first.number) is None


def test_strangers_cannot_push_out_who_said_hello(clients):
    device, _ = clients.hello(DEVICE, hello(REPLY_PORT))
    clients.at(DEVICE)
    strangers = [clients.at((HOST, 20_000 + each)) for each in range(3 * MOST_CLIENTS)]
    assert clients.find(device.number) is device
    assert clients.find(strangers[-1].number) is strangers[-1]
    assert len(list(clients)) == MOST_CLIENTS


def test_of_too_many_clients_the_one_that_was_silent_longest_goes(clients):
    known = [clients.hello((HOST, 20_000 + each), hello())[0] for each in range(MOST_CLIENTS)]
    clients.at(known[0].source)
    newest, _ = clients.hello(DEVICE, hello())
    assert clients.find(known[0].number) is known[0]
    assert clients.find(known[1].number) is None
    assert clients.find(newest.number) is newest
    assert len(list(clients)) == MOST_CLIENTS


def test_a_clip_is_kept_once_all_of_it_has_come(client):
    assert receive(client, clip_messages(1, BEAT)) == [None, None, None, None, BEAT]
    assert client.clips == {1: BEAT}


def test_a_clip_in_pieces_is_none(client):
    begin, first, *_, end = clip_messages(1, BEAT)
    assert receive(client, [begin, first, end]) == [None, None, Missing((1, 2))]
    assert client.clips == {}


def test_what_comes_twice_after_a_clip_is_whole_changes_nothing(client):
    messages = clip_messages(1, BEAT)
    receive(client, messages)
    assert receive(client, messages[1:-1]) == [None, None, None]
    assert client.receive(ClipEnd(clip=1)) == BEAT
    client.receive(messages[0])
    assert client.clips == {1: BEAT}
    assert receive(client, messages)[-1] == BEAT


def test_a_clip_of_another_frame_takes_the_old_one_away_at_once(client):
    receive(client, clip_messages(1, BEAT))
    begin, *rest = clip_messages(1, LONGER)
    client.receive(begin)
    assert client.clips == {}
    assert receive(client, rest)[-1] == LONGER


@pytest.mark.parametrize("lost", [0, 1, 2, 3, (0, 1), (0, 3), (1, 3)])
def test_velocities_that_changed_are_never_mixed_with_the_old_ones(client, lost):
    """The checksum says nothing of velocities, so pieces of old and new must not meet."""
    receive(client, clip_messages(1, BEAT))
    messages = clip_messages(1, LOUDER)
    left_out = lost if isinstance(lost, tuple) else (lost,)
    came = [message for place, message in enumerate(messages) if place not in left_out]
    result = receive(client, came)[-1]
    assert isinstance(result, Missing) or result == LOUDER
    assert client.clips.get(1) in (None, LOUDER)
    assert receive(client, messages)[-1] == LOUDER
    assert client.clips == {1: LOUDER}


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_whatever_came_before_a_clip_that_is_sent_as_a_device_sends_it_comes_through(data):
    client = Clients().at(DEVICE)
    versions = (BEAT, LOUDER, LONGER)
    parts = st.sampled_from([part for clip in versions for part in clip_messages(1, clip)])
    for part in data.draw(st.lists(parts, max_size=20)):
        with contextlib.suppress(BadRequestError, ChecksumError):
            client.receive(part)
    for clip in versions:
        results = receive(client, clip_messages(1, clip))
        if isinstance(results[-1], Missing):  # It asks for what is missing, and gets it.
            results = receive(client, clip_messages(1, clip))
        assert results[-1] == clip == client.clips[1]


def test_clips_beyond_a_number_are_forgotten_the_oldest_first(client):
    small = Clip((Note(36, 0, 5_040),), 80_640)
    for clip_id in range(1, MOST_CLIPS + 3):
        receive(client, clip_messages(clip_id, small))
    assert list(client.clips) == list(range(3, MOST_CLIPS + 3))


def test_a_clip_that_is_used_again_and_again_is_not_forgotten(client):
    small = Clip((Note(36, 0, 5_040),), 80_640)
    for clip_id in range(1, 3 * MOST_CLIPS):
        receive(client, clip_messages(clip_id, small))
        assert client.clip(1) == small
    assert client.clip(2) is None
    assert len(client.clips) == MOST_CLIPS


def test_notes_beyond_a_number_are_forgotten_with_the_oldest_clips(client):
    big = Clip(tuple(Note(36, index, 1) for index in range(20_000)), 20_000)
    for clip_id in range(1, 13):
        client._keep(clip_id, big)
    assert sum(len(clip.notes) for clip in client.clips.values()) == MOST_NOTES
    assert list(client.clips) == list(range(3, 13))


def test_clips_that_are_never_finished_are_forgotten_too(client):
    begin = ClipBegin(clip=1, frame=clip_messages(1, BEAT)[0].frame)
    for clip_id in range(1, 10 * MOST_CLIPS):
        client.receive(replace(begin, clip=clip_id))
    assert len(client._uploads) == MOST_CLIPS
    assert isinstance(client.receive(ClipEnd(clip=1)), Missing)


def test_the_same_request_again_finds_its_answer_and_another_of_its_id_is_refused(client):
    request = Groove(id=4, clip=1)
    answer = client.open_answer(request)
    assert client.answer_to(Groove(id=4, clip=1)) is answer
    assert client.answer_to(Groove(id=5, clip=1)) is None
    with pytest.raises(BadRequestError, match="another request"):
        client.answer_to(Groove(id=4, clip=1, seed=9))


def test_an_answer_ends_with_its_done(client):
    answer = client.open_answer(Groove(id=4, clip=1))
    assert not answer.has_ended
    pieces = [take_messages(4, Take(index, 0, BEAT), 2) for index in range(2)]
    answer.replies += [*pieces[0], *pieces[1]]
    assert not answer.has_ended
    answer.replies.append(Done(id=4, takes=2))
    assert answer.has_ended
    assert answer.take(1) == pieces[1]
    assert answer.take(2) == ()


def answered(client, request_id, replies=1):
    answer = client.open_answer(Groove(id=request_id, clip=1))
    answer.replies += [Progress(id=request_id, fraction=0, state="working")] * (replies - 1)
    answer.replies.append(Done(id=request_id, takes=1))


def test_answers_beyond_a_number_are_forgotten_the_oldest_first_but_none_that_is_under_way(client):
    client.open_answer(Groove(id=1, clip=1))
    for request_id in range(2, 2 * MOST_ANSWERS):
        answered(client, request_id)
    assert len(client.answers) == MOST_ANSWERS
    assert client.answer_to(Groove(id=1, clip=1)) is not None
    assert client.answer_to(Groove(id=2, clip=1)) is None
    assert client.answer_to(Groove(id=2 * MOST_ANSWERS - 1, clip=1)) is not None


def test_long_answers_are_forgotten_sooner(client):
    for request_id in range(1, 6):
        answered(client, request_id, replies=MOST_REPLIES // 2)
    client.open_answer(Groove(id=6, clip=1))
    assert list(client.answers) == [4, 5, 6]


def test_a_piece_that_no_clip_has_is_refused_and_the_next_clip_comes_through(client):
    rows = clip_messages(1, BEAT)[1].notes
    receive(client, clip_messages(1, BEAT)[:1])
    with pytest.raises(BadRequestError):
        client.receive(ClipNotes(clip=1, piece=999, notes=rows))
    assert receive(client, clip_messages(2, BEAT))[-1] == BEAT
