"""From OSC messages to typed ones and back, by the table alone.

The table is heterogeneous, so this module, and no other, says ``Any``.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any, Final, TypeVar

from bridge.errors import BadRequestError, BridgeError, UnknownAddressError
from bridge.music.clip import Clip, Take
from bridge.osc.chunks import pieces_of
from bridge.osc.message import Atom, OscMessage
from bridge.protocol.frame import Frame, NoteRow
from bridge.protocol.messages import (
    ERROR_CODES,
    FAIL_TEXT_BYTES,
    ClipBegin,
    ClipEnd,
    ClipNotes,
    Fail,
    Reply,
    Request,
    TakeBegin,
    TakeEnd,
    TakeNotes,
)
from bridge.protocol.parameters import (
    MAX_INT,
    Layout,
    Record,
    Several,
    Whole,
    annotation_of,
    record_of,
)
from bridge.protocol.table import nearest_address, row_at, row_of

Kind = TypeVar("Kind", bound=Record)

_ADDRESS_SHOWN: Final = 64
_ID_NAMES: Final = ("id", "clip")


def read(message: OscMessage) -> Request:
    """The request that a client's message is.

    Raises:
        UnknownAddressError: if no request has this address; the text names the nearest that has.
        BadRequestError: if the arguments are too few, too many, of a wrong type or out of range.
    """
    row = row_at(message.address)
    if row is None or not issubclass(row.kind, Request):
        raise _unknown(message.address, replies=False)
    return _read(row.kind, row.layout, message)


def read_reply(message: OscMessage) -> Reply:
    """The reply that a bridge's message is, for clients.

    Raises:
        UnknownAddressError: if no reply has this address; the text names the nearest that has.
        BadRequestError: if the arguments are too few, too many, of a wrong type or out of range.
    """
    row = row_at(message.address)
    if row is None or not issubclass(row.kind, Reply):
        raise _unknown(message.address, replies=True)
    return _read(row.kind, row.layout, message)


def write(message: Request | Reply) -> OscMessage:
    """The OSC message of a request or a reply, all its arguments spelt out."""
    return OscMessage(row_of(type(message)).address, _atoms(message))


def clip_messages(clip_id: int, clip: Clip) -> tuple[ClipBegin | ClipNotes | ClipEnd, ...]:
    """All that sends a clip to the bridge, in order: begin, the pieces of its notes, end."""
    rows = tuple(NoteRow.of(note) for note in clip.notes)
    return (
        ClipBegin(clip=clip_id, frame=Frame.of(clip)),
        *(
            ClipNotes(clip=clip_id, piece=piece, notes=notes)
            for piece, notes in enumerate(pieces_of(rows))
        ),
        ClipEnd(clip=clip_id),
    )


def take_messages(
    request_id: int, take: Take, takes: int
) -> tuple[TakeBegin | TakeNotes | TakeEnd, ...]:
    """All that sends one take of ``takes`` to a client, in order: begin, its notes, end."""
    rows = tuple(NoteRow.of(note) for note in take.clip.notes)
    frame = Frame.of(take.clip)
    return (
        TakeBegin(id=request_id, take=take.index, takes=takes, seed=take.seed, frame=frame),
        *(
            TakeNotes(id=request_id, take=take.index, piece=piece, notes=notes)
            for piece, notes in enumerate(pieces_of(rows))
        ),
        TakeEnd(id=request_id, take=take.index),
    )


def resend_messages(
    messages: tuple[TakeBegin | TakeNotes | TakeEnd, ...], pieces: tuple[int, ...]
) -> tuple[TakeBegin | TakeNotes | TakeEnd, ...]:
    """Of a take's messages those that a resend asks for: all, or these pieces and the end."""
    if not pieces:
        return messages
    return tuple(
        message
        for message in messages
        if isinstance(message, TakeEnd)
        or (isinstance(message, TakeNotes) and message.piece in pieces)
    )


def fail(request_id: int, error: BridgeError) -> Fail:
    """The reply that tells of an error, its text cut where it would be too long."""
    whole = str(error).replace("\0", " ").encode(errors="replace")
    text = whole.decode()
    if len(whole) > FAIL_TEXT_BYTES:
        text = whole[: FAIL_TEXT_BYTES - len("…".encode())].decode(errors="ignore") + "…"
    code = error.code if error.code in ERROR_CODES else BridgeError.code
    return Fail(id=request_id, code=code, text=text)


def request_id(message: OscMessage) -> int:
    """The id, of a request or a clip, that a message carries, to answer with; 0 if it has none.

    It is read from messages that are wrong otherwise, and from unknown addresses.
    """
    row = row_at(message.address)
    if row is not None and not (row.layout.slots and row.layout.slots[0].name in _ID_NAMES):
        return 0
    if not message.arguments:
        return 0
    first = message.arguments[0]
    if isinstance(first, str) or not 1 <= first <= MAX_INT or first != int(first):
        return 0
    return int(first)


def _unknown(address: str, *, replies: bool) -> UnknownAddressError:
    shown = address if len(address) <= _ADDRESS_SHOWN else address[:_ADDRESS_SHOWN] + "…"
    nearest = nearest_address(address, replies=replies)
    return UnknownAddressError(f"There is no {shown} here. Did you mean {nearest}?")


def _read(kind: type[Kind], layout: Layout, message: OscMessage) -> Kind:
    """The message as a record of this kind."""
    given, slots = len(message.arguments), len(layout.slots)
    if given < layout.required or (given > slots and layout.tail is None):
        needed = str(slots) if layout.required == slots else f"{layout.required} to {slots}"
        names = " ".join(slot.name for slot in layout.slots)
        raise BadRequestError(
            f"{message.address} takes {needed} arguments{names and f' ({names})'}, not {given}."
        )
    return _record(kind, iter(message.arguments))


def _record(kind: type[Kind], atoms: Iterator[Atom]) -> Kind:
    """A record of the next arguments; those that are left out have their defaults."""
    values: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        match annotation_of(field):
            case None:
                values[field.name] = _record(record_of(field), atoms)
            case Several() as several:
                values[field.name] = _items(several, tuple(atoms))
            case _:
                atom = next(atoms, None)
                if atom is not None:
                    values[field.name] = atom
    return kind(**values)


def _items(several: Several, atoms: tuple[Atom, ...]) -> tuple[Any, ...]:
    """The items of a message's tail."""
    if isinstance(several.item, Whole):
        return atoms
    size = len(dataclasses.fields(several.item))
    if len(atoms) % size:
        raise BadRequestError(
            f"{several.name} take {size} arguments each; {len(atoms)} arguments are no whole"
            " number of them."
        )
    return tuple(
        _record(several.item, iter(atoms[first : first + size]))
        for first in range(0, len(atoms), size)
    )


def _atoms(record: Record) -> tuple[Atom, ...]:
    """The arguments of a record."""
    atoms: list[Atom] = []
    for field in dataclasses.fields(record):
        value: Any = getattr(record, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            atoms.extend(_atoms(part) if isinstance(part, Record) else (_atom(part),))
    return tuple(atoms)


def _atom(value: Atom) -> Atom:
    return int(value) if isinstance(value, bool) else value
