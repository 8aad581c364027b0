"""Packets that no good client sends, at a running bridge: an answer or silence, never a break."""

import struct
from dataclasses import replace

import numpy as np
import pytest

from bridge.music.clip import MAX_TICK, Clip, Note
from bridge.osc.endpoint import HOST, open_endpoint
from bridge.osc.message import OscMessage, encode
from bridge.protocol.messages import (
    Done,
    Fail,
    Groove,
    Hello,
    Reply,
    Sync,
    Synced,
)
from bridge.protocol.wire import clip_messages, write
from tests.daemon.running import calling, replies_until, running_service, settings_in
from tests.fakes import Agency
from tests.wire.examples import EXAMPLES

BEAT = Clip(tuple(Note(36, index * 5_040, 2_520) for index in range(45)), 45 * 5_040)
BUNDLE = b"#bundle\0"
NOW, ZERO, NEXT_WEEK = bytes(7) + b"\1", bytes(8), b"\xff" * 8


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with running_service(Agency(), settings_in(tmp_path_factory.mktemp("house"))) as (_, port):
        yield port


@pytest.fixture
def client(port):
    with calling(port) as caller:
        yield caller


def answers(caller, packets):
    """What the bridge has said when it has read these packets and is asked the next thing."""
    for packet in packets:
        caller._endpoint._socket.sendto(packet, caller._bridge)
    caller.send(Sync(id=77_777))
    heard = []
    while not (heard and heard[-1] == Synced(id=77_777)):
        heard += replies_until(caller, Synced)
    assert not any(isinstance(reply, Fail) and reply.code == "internal" for reply in heard)
    return heard[:-1]


def bundle(*packets, tag=NOW):
    return BUNDLE + tag + b"".join(struct.pack(">i", len(each)) + each for each in packets)


ODD = [
    b"",
    b"/",
    b"/\0\0",
    b"abc\0",
    b"/ab\0,b\0\0\xff\xff\xff\xff",
    b"/ab\0,[[\0",
    b"/ab\0,q\0\0",
    b"/ab\0,s\0\0\xff\xfe\0\0",
    b"/a\xff\0,i\0\0\0\0\0\1",
    b"/{{{{[[*?\0\0",
    b"/" + b"a" * 10_239,
    BUNDLE,
    BUNDLE + NOW + b"\x7f\xff\xff\xff/ab\0",
    b"\0" * 65_507,
    b"/bridge/hello\0\0\0,s\0\0" + b"\xff" * 65_480,
]


@pytest.mark.parametrize("packet", ODD, ids=range(len(ODD)))
def test_an_odd_packet_is_refused_in_words(client, packet):
    (fail,) = answers(client, [packet])
    assert fail.code in ("bad-request", "unknown-address")
    assert fail.text


def test_every_truncation_of_every_message_is_survived(client):
    for message in EXAMPLES:
        packet = encode(write(message))
        answers(client, [packet[:length] for length in range(0, len(packet), 3)])
    assert client.hello("test")


def test_random_bytes_are_survived(client):
    chance = np.random.default_rng(2)
    packets = [chance.bytes(int(chance.integers(0, 300))) for _ in range(200)]
    heads = [b"/bridge/groove\0\0,iiii\0\0\0", b"/bridge/clip/notes\0\0,iiii\0\0\0", BUNDLE + NOW]
    packets += [heads[number % 3] + packet for number, packet in enumerate(packets)]
    heard = answers(client, packets)
    assert len(heard) >= 200
    assert all(isinstance(reply, Fail) for reply in heard)


@pytest.mark.parametrize("tag", [NOW, ZERO, NEXT_WEEK], ids=["now", "zero", "next week"])
def test_a_bundle_is_read_at_once_whatever_its_time(client, tag):
    packets = [encode(write(message)) for message in clip_messages(1, BEAT)]
    packets.append(encode(write(Groove(id=2, clip=1, takes=1, amount=0))))
    nested = bundle(*packets[:2], bundle(*packets[2:], tag=tag), tag=tag)
    client._endpoint._socket.sendto(nested, client._bridge)
    assert isinstance(replies_until(client, Done, Fail)[-1], Done)


def test_the_bridges_own_words_are_never_answered(client):
    packets = [encode(write(message)) for message in EXAMPLES if isinstance(message, Reply)]
    assert answers(client, packets) == []


def test_a_client_whose_port_is_closed_disturbs_nobody(port, client):
    with open_endpoint(0) as closed:
        reply_port = closed.port
    with open_endpoint(0) as gone:
        gone.send([write(Hello(reply_port=reply_port, client="gone", protocol=1))], (HOST, port))
        gone.send([write(message) for message in clip_messages(1, BEAT)], (HOST, port))
        gone.send([write(Groove(id=2, clip=1, amount=0))], (HOST, port))
        client.send_clip(1, BEAT)
        assert client.takes(Groove(id=3, clip=1, takes=1, amount=0))[0].clip == BEAT
        assert gone.arrivals.empty()


EXTREMES = [
    BEAT.with_notes(Note(36, 0, 5_040) for _ in range(500)),
    BEAT.with_notes((Note(36, -MAX_TICK, MAX_TICK), Note(0, MAX_TICK, MAX_TICK, velocity=1.0))),
    Clip((Note(127, 0, 1),), 1, tempo=20.0, numerator=1, denominator=1),
    Clip((Note(127, 0, 1),), MAX_TICK, tempo=999.0, numerator=99, denominator=32),
    Clip((Note(36, 5, 1),), 100, loop_start=-5, loop_end=201, numerator=15, denominator=16),
]


@pytest.mark.parametrize("clip", EXTREMES, ids=range(len(EXTREMES)))
def test_a_clip_at_the_edge_of_what_a_clip_may_be_goes_through(client, clip):
    client.send_clip(1, clip)
    (take,) = client.takes(Groove(id=2, clip=1, takes=1, amount=0))
    assert take.clip == clip


BEYOND = [
    (2, -1, "pitch"),
    (2, 128, "pitch"),
    (3, -(2**31), "start"),
    (4, 0, "duration"),
    (4, -5, "duration"),
    (5, 0.0, "velocity"),
    (5, 128.0, "velocity"),
    (5, float("nan"), "velocity"),
    (6, 2, "mute"),
    (7, 1.5, "probability"),
    (8, 200.0, "velocity deviation"),
    (9, -1.0, "release velocity"),
    (10, -1, "id"),
]
"""Places in a message of notes, what cannot stand there, and what the refusal names."""


@pytest.mark.parametrize(("place", "value", "name"), BEYOND)
def test_a_note_that_cannot_be_is_refused_by_the_name_of_what_is_wrong(client, place, value, name):
    piece = write(clip_messages(1, BEAT)[1])
    arguments = (*piece.arguments[:place], value, *piece.arguments[place + 1 :])
    (fail,) = answers(client, [encode(OscMessage(piece.address, arguments))])
    assert (fail.id, fail.code) == (1, "bad-request")
    assert f"note's {name}" in fail.text


@pytest.mark.parametrize(
    "change",
    [
        {"length": 0},
        {"loop_end": -BEAT.length},
        {"numerator": 0},
        {"denominator": 3},
        {"tempo": 10.0},
        {"count": 20_001},
    ],
)
def test_a_frame_that_cannot_be_is_refused(client, change):
    begin, *rest = clip_messages(1, BEAT)
    fields = list(begin.frame.__dataclass_fields__)
    at = 1 + fields.index(*change)
    written = write(begin)
    arguments = (*written.arguments[:at], *change.values(), *written.arguments[at + 1 :])
    messages = [OscMessage(written.address, arguments), *(write(message) for message in rest)]
    heard = answers(client, [encode(message) for message in messages])
    assert heard
    assert {reply.code for reply in heard if isinstance(reply, Fail)} <= {
        "bad-request",
        "too-long",
        "checksum",
    }
    client.send(Groove(id=2, clip=1))
    assert replies_until(client, Fail)[-1].code == "unknown-clip"


def test_pieces_that_do_not_fit_their_frame_are_refused(client):
    begin, first, *_, end = clip_messages(1, BEAT)
    short = replace(first, notes=first.notes[:3])
    far = replace(first, piece=3)
    heard = answers(client, [encode(write(each)) for each in (begin, short, far, end)])
    assert [reply.code for reply in heard[:2]] == ["bad-request"] * 2
    assert heard[2].pieces == (0, 1, 2)
    client.send_clip(1, BEAT)


def test_thousands_of_half_sent_clips_are_survived(client):
    begin, *_ = clip_messages(1, BEAT)
    packets = [encode(write(replace(begin, clip=number))) for number in range(1, 3_000)]
    for first in range(0, len(packets), 500):
        assert answers(client, packets[first : first + 500]) == []
    client.send_clip(1, BEAT)
    assert client.takes(Groove(id=2, clip=1, takes=1, amount=0))[0].clip == BEAT
