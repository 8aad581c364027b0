"""Bytes that no good client sends: each is refused in words or read as what it says, no more."""

import contextlib
import struct

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bridge.errors import BadRequestError
from bridge.osc.message import OscMessage, decode, encode
from bridge.protocol.table import row_at
from bridge.protocol.wire import read, read_reply, request_id, write
from tests.wire.examples import EXAMPLES
from tests.wire.strategies import messages, spoiled_values

PACKETS = [encode(write(each)) for each in EXAMPLES]
BUNDLE = b"#bundle\0" + bytes(8)


def read_packet(packet):
    """All a daemon does with a packet before it thinks about it; only BadRequestError may come."""
    read_messages = []
    for message in decode(packet):
        assert 0 <= request_id(message) < 2**31
        row = row_at(message.address)
        read_messages.append((read_reply if row and row.is_reply else read)(message))
    return read_messages


def read_or_refuse(packet):
    with contextlib.suppress(BadRequestError):
        read_packet(packet)


@pytest.mark.parametrize("packet", PACKETS)
def test_every_truncation_is_refused_but_where_only_the_empty_tags_are_lost(packet):
    for length in range(len(packet)):
        try:
            (message,) = decode(packet[:length])
        except BadRequestError:
            continue
        assert message.arguments == ()
        assert length == packet.index(b",")


@pytest.mark.parametrize("packet", PACKETS)
def test_bytes_after_the_last_argument_are_refused(packet):
    for extra in (b"\0", b"\0\0\0\0", b"/abc\0\0\0\0"):
        with pytest.raises(BadRequestError):
            decode(packet + extra)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200))
@example(b"")
@example(b"/")
@example(b"/\0\0")
@example(b"//\0\0,i\0\0")
@example(b"abc\0,i\0\0\0\0\0\1")
@example(b"/ab\0i\0\0\0\0\0\0\1")
@example(b"/ab\0,b\0\0\xff\xff\xff\xff")
@example(b"/ab\0,b\0\0\x7f\xff\xff\xff")
@example(b"/ab\0,b\0\0\0\0\0\0")
@example(b"/ab\0,[[\0")
@example(b"/ab\0,]\0\0")
@example(b"/ab\0,N\0\0")
@example(b"/ab\0,q\0\0")
@example(b"/ab\0,f\0\0\0")
@example(b"/a\xff\0,i\0\0\0\0\0\1")
@example(b"/ab\0,s\0\0\xff\xfe\0\0")
@example(b"#bundle")
@example(b"#bundle\0")
@example(BUNDLE + b"\0\0\0")
@example(BUNDLE + b"\0\0\0\0")
@example(BUNDLE + b"\xff\xff\xff\xff/ab\0")
@example(BUNDLE + b"\x7f\xff\xff\xff/ab\0")
def test_random_bytes_are_refused_in_words_or_read(packet):
    read_or_refuse(packet)


@settings(deadline=None, max_examples=300)
@given(st.data(), st.sampled_from(PACKETS))
def test_a_packet_with_spoiled_bytes_is_refused_in_words_or_read(data, packet):
    spoiled = bytearray(packet)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(packet) - 1))
        spoiled[at] = data.draw(st.integers(0, 255))
    read_or_refuse(bytes(spoiled))


@settings(deadline=None, max_examples=300)
@given(st.data(), messages())
def test_a_message_with_one_spoiled_argument_is_refused_by_the_arguments_name(data, message):
    written = write(message)
    row = row_at(written.address)
    tail_size = len(row.layout.tail_slots)
    tail_count = (len(written.arguments) - len(row.layout.slots)) // tail_size if tail_size else 0
    slots = row.layout.slots + row.layout.tail_slots * tail_count
    if not slots:
        arguments, name = (1,), "0 arguments"
    else:
        at = data.draw(st.integers(0, len(slots) - 1))
        name = slots[at].parameter.name
        wrong = data.draw(spoiled_values(slots[at].parameter))
        arguments = (*written.arguments[:at], wrong, *written.arguments[at + 1 :])
    with pytest.raises(BadRequestError, match=name):
        (read_reply if row.is_reply else read)(OscMessage(written.address, arguments))


@settings(deadline=None, max_examples=100)
@given(st.data(), messages())
def test_a_message_with_too_many_arguments_is_refused(data, message):
    written = write(message)
    row = row_at(written.address)
    most = row.layout.tail.most * len(row.layout.tail_slots) if row.layout.tail else 0
    extra = (1,) * (len(row.layout.slots) + most + 1 - len(written.arguments))
    with pytest.raises(BadRequestError):
        (read_reply if row.is_reply else read)(
            OscMessage(written.address, written.arguments + extra)
        )


@settings(deadline=None, max_examples=100)
@given(messages())
def test_a_message_with_too_few_arguments_is_refused(message):
    written = write(message)
    row = row_at(written.address)
    for count in range(row.layout.required):
        with pytest.raises(BadRequestError, match="arguments"):
            (read_reply if row.is_reply else read)(
                OscMessage(written.address, written.arguments[:count])
            )


def test_bundles_within_bundles_are_opened_to_a_depth_and_refused_beyond():
    assert decode(_nested(PACKETS[0], 8)) == decode(PACKETS[0])
    for depth in (9, 100, 3_000):
        with pytest.raises(BadRequestError, match="in one another"):
            decode(_nested(PACKETS[0], depth))


def _nested(packet, times):
    for _ in range(times):
        packet = BUNDLE + struct.pack(">i", len(packet)) + packet
    return packet


@pytest.mark.parametrize(
    "packet",
    [
        b"/" + b"a" * 10_239,
        b"/" + b"{[*" * 800 + b"\0\0\0",
        b"/bridge/hello\0\0\0," + b"i" * 1_000 + b"\0\0\0" + bytes(4_000),
        b"/bridge/hello\0\0\0,s\0\0" + b"\xff" * 65_480,
        b"\0" * 65_507,
        b"/\0\0\0" * 16_376,
    ],
)
def test_a_packet_of_the_greatest_size_is_refused_in_words(packet):
    with pytest.raises(BadRequestError):
        read_packet(packet)
