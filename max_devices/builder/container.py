"""The .amxd file: chunks around a frozen device.

A frozen device is a table of files that Max unpacks for itself: the patcher first, then what it
depends on. Sizes of the outer chunks are little endian, everything inside is big endian.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

FROZEN: Final = 7
"""The ``meta`` word that Max writes into devices that are frozen."""

HEADER: Final = 16
"""Bytes of ``mx@c`` before the first file."""

MADE: Final = 3_850_000_000
"""The date of every file inside, in seconds since 1904: the same for each build."""

DEVICE_FLAG: Final = 0x11
"""Marks the patcher among the files."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A file inside a device."""

    name: str
    """By which boxes of the patcher refer to it."""
    kind: str
    """Four letters: ``JSON`` for a patcher, ``TEXT`` for a script."""
    content: bytes


def amxd(device_type: str, device: Packed, others: Sequence[Packed]) -> bytes:
    """The bytes of a frozen device.

    Args:
        device_type: ``mmmm`` a MIDI effect, ``natt`` and ``nagg`` MIDI tools.
        device: The patcher.
        others: What it depends on.
    """
    patcher = Packed(device.name, device.kind, device.content + b"\n\0")
    return (
        _chunk("ampf", device_type.encode())
        + _chunk("meta", struct.pack("<I", FROZEN))
        + _chunk("ptch", _frozen((patcher, *others)))
    )


def _chunk(tag: str, payload: bytes) -> bytes:
    return tag.encode() + struct.pack("<I", len(payload)) + payload


def _frozen(files: Sequence[Packed]) -> bytes:
    contents = b"".join(file.content for file in files)
    entries = b""
    offset = HEADER
    for number, file in enumerate(files):
        entries += _entry(file, offset, DEVICE_FLAG if number == 0 else 0)
        offset += len(file.content)
    head = b"mx@c" + struct.pack(">IQ", HEADER, offset)
    return head + contents + _field("dlst", entries)


def _entry(file: Packed, offset: int, flag: int) -> bytes:
    name = file.name.encode()
    name += b"\0" * (4 - len(name) % 4)
    fields = (
        _field("type", file.kind.encode())
        + _field("fnam", name)
        + _number("sz32", len(file.content))
        + _number("of32", offset)
        + _number("vers", 0)
        + _number("flag", flag)
        + _number("mdat", MADE)
    )
    return _field("dire", fields)


def _field(tag: str, payload: bytes) -> bytes:
    """A field whose size counts its own header too."""
    return tag.encode() + struct.pack(">I", len(payload) + 8) + payload


def _number(tag: str, value: int) -> bytes:
    return _field(tag, struct.pack(">I", value))
