"""The one table of the protocol: which message lives at which address, and what answers it.

A new tool is a dataclass in ``messages`` and a row here; reader, writer, manual, device constants
and the tests' message strategies follow.
"""

import difflib
import inspect
from dataclasses import dataclass, field
from typing import Final

from bridge.protocol.messages import (
    Accepted,
    AskModels,
    AskStatus,
    Bye,
    ByeReply,
    Cancel,
    ClipBegin,
    ClipEnd,
    ClipMissing,
    ClipNotes,
    ClipReady,
    Continue,
    Done,
    Drumify,
    Fail,
    Generate,
    Groove,
    Hello,
    HelloReply,
    Infill,
    Interpolate,
    ModelsReply,
    Progress,
    Reply,
    Request,
    Resend,
    StatusReply,
    Sync,
    Synced,
    TakeBegin,
    TakeEnd,
    TakeNotes,
)
from bridge.protocol.parameters import Layout, layout_of

TOOL_ANSWERS: Final = (Accepted, Progress, TakeBegin, TakeNotes, TakeEnd, Done)
"""What every tool's request brings, in this order."""

_LONGEST_COMPARED: Final = 64
"""Letters of an unknown address that are compared; comparing long strings takes long."""


@dataclass(frozen=True, slots=True)
class Row:
    """A message and its place."""

    address: str
    kind: type[Request] | type[Reply]
    answers: tuple[type[Reply], ...] = ()
    """What answers a request that goes well; each may instead bring a fail."""
    layout: Layout = field(init=False)
    """The arguments, as the kind's fields say."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "layout", layout_of(self.kind))

    @property
    def is_reply(self) -> bool:
        """Whether the bridge says it, rather than a client."""
        return issubclass(self.kind, Reply)

    @property
    def meaning(self) -> str:
        """What the message is for, in a sentence or two."""
        return inspect.cleandoc(self.kind.__doc__ or "").replace("\n", " ")


TABLE: Final[tuple[Row, ...]] = (
    Row("/bridge/hello", Hello, (HelloReply,)),
    Row("/bridge/bye", Bye, (ByeReply,)),
    Row("/bridge/status", AskStatus, (StatusReply,)),
    Row("/bridge/models", AskModels, (ModelsReply,)),
    Row("/bridge/sync", Sync, (Synced,)),
    Row("/bridge/cancel", Cancel),
    Row("/bridge/clip/begin", ClipBegin),
    Row("/bridge/clip/notes", ClipNotes),
    Row("/bridge/clip/end", ClipEnd, (ClipReady, ClipMissing)),
    Row("/bridge/groove", Groove, TOOL_ANSWERS),
    Row("/bridge/continue", Continue, TOOL_ANSWERS),
    Row("/bridge/generate", Generate, TOOL_ANSWERS),
    Row("/bridge/infill", Infill, TOOL_ANSWERS),
    Row("/bridge/drumify", Drumify, TOOL_ANSWERS),
    Row("/bridge/interpolate", Interpolate, TOOL_ANSWERS),
    Row("/bridge/take/resend", Resend, (TakeBegin, TakeNotes, TakeEnd)),
    Row("/bridge/hello.reply", HelloReply),
    Row("/bridge/bye.reply", ByeReply),
    Row("/bridge/status.reply", StatusReply),
    Row("/bridge/models.reply", ModelsReply),
    Row("/bridge/synced", Synced),
    Row("/bridge/clip/ready", ClipReady),
    Row("/bridge/clip/missing", ClipMissing),
    Row("/bridge/accepted", Accepted),
    Row("/bridge/progress", Progress),
    Row("/bridge/take/begin", TakeBegin),
    Row("/bridge/take/notes", TakeNotes),
    Row("/bridge/take/end", TakeEnd),
    Row("/bridge/done", Done),
    Row("/bridge/fail", Fail),
)


def row_at(address: str) -> Row | None:
    """The row of an address; None if the protocol has no such address."""
    return next((row for row in TABLE if row.address == address), None)


def row_of(kind: type[Request] | type[Reply]) -> Row:
    """The row of a kind of message."""
    return next(row for row in TABLE if row.kind is kind)


def is_reply_address(address: str) -> bool:
    """Whether only the bridge says this; whoever gets it must not answer."""
    row = row_at(address)
    return row is not None and row.is_reply


def nearest_address(address: str, *, replies: bool = False) -> str:
    """The request's address (or the reply's) that looks most like this one."""
    known = [row.address for row in TABLE if row.is_reply == replies]
    short = address[:_LONGEST_COMPARED]
    return max(known, key=lambda each: difflib.SequenceMatcher(None, short, each).ratio())
