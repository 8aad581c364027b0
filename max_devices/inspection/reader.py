"""Reads an .amxd file back, by the layout that public devices have; shares nothing with the writer.

Everything that is not exactly as in those devices is a :class:`BrokenDeviceError` that says where.
"""

import json
from dataclasses import dataclass
from typing import Final

KINDS: Final = {b"mmmm", b"natt", b"nagg", b"aaaa", b"iiii"}
FOOTER_FIELDS: Final = ("type", "fnam", "sz32", "of32", "vers", "flag", "mdat")


class BrokenDeviceError(Exception):
    """A file that Live would refuse or show empty."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A file inside a device."""

    name: str
    kind: str
    flag: int
    content: bytes


@dataclass(frozen=True, slots=True)
class ReadDevice:
    """What a file holds."""

    kind: str
    """The four letters of the device's type."""
    patcher: dict[str, object]
    files: tuple[Frozen, ...]
    """The dependencies, without the patcher itself."""


def read_device(data: bytes) -> ReadDevice:
    """Take a device apart.

    Raises:
        BrokenDeviceError: if it is not as Max writes it.
    """
    tags: list[str] = []
    bodies: list[bytes] = []
    at = 0
    while at < len(data):
        if at + 8 > len(data):
            raise BrokenDeviceError(f"A chunk at byte {at} has no whole header.")
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + size > len(data):
            raise BrokenDeviceError(f"The chunk at byte {at} says {size} bytes, more than come.")
        tags.append(data[at : at + 4].decode("latin-1"))
        bodies.append(data[at + 8 : at + 8 + size])
        at += 8 + size
    if tags != ["ampf", "meta", "ptch"]:
        raise BrokenDeviceError(f"The chunks are {tags}, not ampf, meta and ptch.")
    kind, meta, body = bodies
    if kind not in KINDS:
        raise BrokenDeviceError(f"The device's type {kind!r} is unknown.")
    if meta != b"\x07\0\0\0":
        raise BrokenDeviceError(f"meta is {meta!r}; frozen devices have 7.")
    files = _unpack(body)
    device = files[0]
    if device.kind != "JSON" or device.flag != 0x11:
        raise BrokenDeviceError("The first file is not marked as the device's patcher.")
    return ReadDevice(kind.decode(), _patcher(device.content), files[1:])


def _patcher(content: bytes) -> dict[str, object]:
    if not content.endswith(b"}\n\0") or content.count(b"\0") != 1:
        raise BrokenDeviceError("The patcher does not end in a newline and one NUL.")
    try:
        read: object = json.loads(content[:-1].decode("utf-8"))
    except ValueError as fault:
        raise BrokenDeviceError(f"The patcher is not JSON: {fault}") from fault
    if not isinstance(read, dict) or not isinstance(read.get("patcher"), dict):
        raise BrokenDeviceError("The JSON holds no patcher.")
    return dict(read["patcher"])


def _unpack(body: bytes) -> tuple[Frozen, ...]:
    if body[:4] != b"mx@c" or int.from_bytes(body[4:8]) != 16:
        raise BrokenDeviceError("The frozen part does not begin with mx@c and 16.")
    footer = int.from_bytes(body[8:16])
    tag, entries, end = _field(body, footer)
    if tag != "dlst" or end != len(body):
        raise BrokenDeviceError("The table of files is not where the frozen part says.")
    files = []
    expected = 16
    at = 0
    while at < len(entries):
        tag, entry, at = _field(entries, at)
        if tag != "dire":
            raise BrokenDeviceError(f"The table of files holds a {tag!r}.")
        values = _entry(entry)
        offset, size = int.from_bytes(values["of32"]), int.from_bytes(values["sz32"])
        if offset != expected:
            raise BrokenDeviceError(f"A file begins at {offset}, not at {expected}.")
        expected = offset + size
        name = values["fnam"].rstrip(b"\0")
        padding = len(values["fnam"]) - len(name)
        if not 1 <= padding <= 4 or len(values["fnam"]) % 4:
            raise BrokenDeviceError(f"The name {name!r} is padded with {padding} zeros.")
        files.append(
            Frozen(
                name.decode(),
                values["type"].decode("latin-1"),
                int.from_bytes(values["flag"]),
                body[offset : offset + size],
            )
        )
    if expected != footer or not files:
        raise BrokenDeviceError("There are bytes between the files and their table.")
    return tuple(files)


def _entry(entry: bytes) -> dict[str, bytes]:
    values: dict[str, bytes] = {}
    at = 0
    while at < len(entry):
        tag, value, at = _field(entry, at)
        values[tag] = value
    if tuple(values) != FOOTER_FIELDS:
        raise BrokenDeviceError(f"A file's fields are {tuple(values)}.")
    return values


def _field(data: bytes, at: int) -> tuple[str, bytes, int]:
    """The tag at a place, what it holds, and where the next one begins."""
    if at + 8 > len(data):
        raise BrokenDeviceError(f"A field at {at} has no whole header.")
    size = int.from_bytes(data[at + 4 : at + 8])
    if size < 8 or at + size > len(data):
        raise BrokenDeviceError(f"A field at {at} says {size} bytes.")
    return data[at : at + 4].decode("latin-1"), data[at + 8 : at + size], at + size
