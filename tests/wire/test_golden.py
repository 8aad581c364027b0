"""The datagrams that Python and the devices' JavaScript agree on, byte for byte."""

import json
import struct

import pytest

from bridge.osc.message import OscMessage, decode, encode
from bridge.protocol.table import TABLE, row_at
from bridge.protocol.wire import read, read_reply, write
from tests.wire.examples import EXAMPLES, GOLDEN

LINES = [
    line.split("\t")
    for line in GOLDEN.read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]

PAIRS = list(zip(LINES, EXAMPLES, strict=True))


def test_every_address_has_a_golden_datagram():
    assert {line[0] for line in LINES} == {row.address for row in TABLE}


@pytest.mark.parametrize(("line", "example"), PAIRS)
def test_a_golden_datagram_is_written_byte_for_byte(line, example):
    assert encode(write(example)).hex() == line[3]


@pytest.mark.parametrize(("line", "example"), PAIRS)
def test_a_golden_datagram_is_read_as_what_it_says(line, example):
    address, tags, arguments, digits = line
    (message,) = decode(bytes.fromhex(digits))
    assert message == OscMessage(address, tuple(json.loads(arguments)))
    assert "".join({int: "i", float: "f", str: "s"}[type(a)] for a in message.arguments) == tags
    assert (read_reply if row_at(address).is_reply else read)(message) == example


@pytest.mark.parametrize("line", LINES)
def test_a_golden_datagram_is_plain_osc_laid_out_by_hand(line):
    address, tags, arguments, digits = line
    packet = _padded(address) + _padded("," + tags)
    for tag, value in zip(tags, json.loads(arguments), strict=True):
        packet += _padded(value) if tag == "s" else struct.pack(f">{tag}", value)
    assert packet.hex() == digits


def _padded(text):
    raw = text.encode() + b"\0"
    return raw + b"\0" * (-len(raw) % 4)
