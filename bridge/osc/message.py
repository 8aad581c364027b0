"""OSC messages from and to the bytes of a datagram.

python-osc reads and writes the arguments. It forgives some faults without a word (a missing
argument, a blob of −1 bytes, a bundle that ends early) and recurses without limit, so the shape of
a packet is checked here before it is asked.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from pythonosc import osc_message
from pythonosc.osc_message_builder import BuildError, OscMessageBuilder

from bridge.errors import BadRequestError

Atom: TypeAlias = int | float | str
"""One argument of a message: int32, float32 or a string, the three types that Max knows."""

MAX_ATOMS: Final = 250
"""Arguments of a message; Max cuts lists at 256."""

MAX_BYTES: Final = 1_024
"""Of a datagram that is sent."""

MAX_BYTES_READ: Final = 4_096
"""Of a message that is received: clients may send their numbers in 64 bits."""

MAX_DEPTH: Final = 8
"""Of bundles within bundles."""

INT32_LOW: Final = -(2**31)
INT32_HIGH: Final = 2**31 - 1

_BUNDLE: Final = b"#bundle\0"
_BUNDLE_HEADER: Final = len(_BUNDLE) + 8
"""Bytes before the first element: the word and a time tag, which is ignored."""

_FIXED_SIZES: Final = {"i": 4, "f": 4, "h": 8, "d": 8, "T": 0, "F": 0}
"""Bytes that an argument of each type takes."""


@dataclass(frozen=True, slots=True)
class OscMessage:
    """An address and its arguments."""

    address: str
    """Begins with a slash."""
    arguments: tuple[Atom, ...] = ()


def decode(packet: bytes) -> tuple[OscMessage, ...]:
    """The messages of a datagram: one, or those of a bundle in order, its time tags ignored.

    True and false come as 1 and 0, 64-bit numbers as their 32-bit neighbours.

    Raises:
        BadRequestError: for everything that is not whole and plain OSC.
    """
    return tuple(_message(part) for part in _parts(packet, MAX_DEPTH))


def encode(message: OscMessage) -> bytes:
    """The datagram of a message; ints travel as int32, floats as float32.

    Raises:
        ValueError: if the message does not fit: more than 250 arguments, more than 1,024 bytes, a
            number beyond 32 bits, a string that UTF-8 or OSC cannot hold.
    """
    if not message.address.startswith("/"):
        raise ValueError(f"An OSC address begins with a slash, not {message.address!r}.")
    if len(message.arguments) > MAX_ATOMS:
        raise ValueError(
            f"{message.address} has {len(message.arguments)} arguments; {MAX_ATOMS} fit."
        )
    if any("\0" in text for text in (message.address, *message.arguments) if isinstance(text, str)):
        raise ValueError(f"A string of {message.address} has a NUL in it, which would cut it off.")
    builder = OscMessageBuilder(message.address)
    for argument in message.arguments:
        builder.add_arg(argument, tag_of(argument))
    try:
        packet: bytes = builder.build().dgram
    except (BuildError, OverflowError) as error:
        raise ValueError(f"{message.address} cannot be sent: {error}") from error
    if len(packet) > MAX_BYTES:
        raise ValueError(f"{message.address} takes {len(packet):,} bytes; {MAX_BYTES:,} fit.")
    return packet


def tag_of(argument: Atom) -> str:
    """The OSC type of an argument, said outright: python-osc would guess types Max cannot read."""
    match argument:
        case str():
            return "s"
        case int():
            return "i"
        case float():
            return "f"


def _parts(packet: bytes, depth: int) -> Iterator[bytes]:
    """The packets of single messages within a packet."""
    if not packet.startswith(_BUNDLE):
        yield packet
        return
    if depth == 0:
        raise BadRequestError(f"This bundle holds more than {MAX_DEPTH} bundles in one another.")
    if len(packet) < _BUNDLE_HEADER:
        raise BadRequestError("This OSC bundle ends before its time tag does.")
    at = _BUNDLE_HEADER
    while at < len(packet):
        if at + 4 > len(packet):
            raise BadRequestError("This OSC bundle ends in the middle of a size.")
        (size,) = struct.unpack_from(">i", packet, at)
        at += 4
        if not 0 < size <= len(packet) - at:
            raise BadRequestError(
                f"A part of this OSC bundle claims {size} bytes, where {len(packet) - at} are left."
            )
        yield from _parts(packet[at : at + size], depth - 1)
        at += size


def _message(packet: bytes) -> OscMessage:
    """The message of a packet that is no bundle."""
    _require_whole(packet)
    try:
        parsed = osc_message.OscMessage(packet)
        return OscMessage(parsed.address, tuple(_narrowed(value) for value in parsed.params))
    except (osc_message.ParseError, UnicodeDecodeError) as error:
        raise BadRequestError(f"This OSC message cannot be read: {error}.") from error


def _require_whole(packet: bytes) -> None:
    """Refuse a message whose type tags and bytes do not agree to the last byte."""
    if not packet.startswith(b"/"):
        raise BadRequestError("This is no OSC message: it does not begin with a slash.")
    if len(packet) > MAX_BYTES_READ:
        raise BadRequestError(
            f"This OSC message has {len(packet):,} bytes; {MAX_BYTES:,} are enough, since notes"
            " travel in pieces."
        )
    if len(packet) % 4:
        raise BadRequestError(
            f"This OSC message has {len(packet)} bytes, which four does not divide: a part is lost."
        )
    at = _after_string(packet, 0)
    if at == len(packet):  # Old senders leave the type tags out where there is nothing to type.
        return
    if packet[at : at + 1] != b",":
        raise BadRequestError("This OSC message has no type tags; they begin with a comma.")
    tags_end = _after_string(packet, at)
    tags = packet[at + 1 : packet.index(0, at)].decode("latin-1")
    if len(tags) > MAX_ATOMS:
        raise BadRequestError(
            f"This OSC message has {len(tags)} arguments; up to {MAX_ATOMS} can be read."
        )
    end = _after_arguments(packet, tags, tags_end)
    if end != len(packet):
        raise BadRequestError(
            f"This OSC message has {len(packet) - end} bytes more than its type tags tell of."
        )


def _after_arguments(packet: bytes, tags: str, at: int) -> int:
    """Where the arguments that begin at ``at`` end, by their type tags."""
    for tag in tags:
        if tag == "s":
            at = _after_string(packet, at)
        elif tag in _FIXED_SIZES:
            at += _FIXED_SIZES[tag]
        else:
            raise BadRequestError(
                f"This OSC message has an argument of type {tag!r};"
                " only whole numbers (i), numbers (f) and words (s) are understood."
            )
        if at > len(packet):
            raise BadRequestError("This OSC message ends before its last argument does.")
    return at


def _after_string(packet: bytes, at: int) -> int:
    """Where the padded string that begins at ``at`` ends."""
    nul = packet.find(0, at)
    if nul < 0:
        raise BadRequestError("This OSC message ends in the middle of a word.")
    return nul + 4 - (nul - at) % 4


def _narrowed(value: object) -> Atom:
    """An argument as one of the three types that travel both ways."""
    match value:
        case str():
            return value
        case int():  # True and false are ints as well.
            if not INT32_LOW <= value <= INT32_HIGH:
                raise BadRequestError(f"The number {value} is too big: whole numbers have 32 bits.")
            return int(value)
        case float():
            try:
                (narrow,) = struct.unpack(">f", struct.pack(">f", value))
            except OverflowError as error:
                raise BadRequestError(f"The number {value:g} is too big for 32 bits.") from error
            return float(narrow)
        case _:
            raise BadRequestError("Only numbers and words are understood in an OSC message.")
