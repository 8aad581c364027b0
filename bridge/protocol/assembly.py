"""A clip or take put together from the messages that carry it, whatever becomes of them on the way.

Begin, notes and end may come in any order, twice, or not at all. What has not come by the end is
named, so that it can be sent again; what has come is kept.
"""

from dataclasses import dataclass

from bridge.errors import BadRequestError, ChecksumError
from bridge.music.clip import Clip
from bridge.osc.chunks import Collection
from bridge.protocol.frame import Frame, NoteRow, clip_of
from bridge.protocol.messages import (
    PIECES_LISTED,
    ClipBegin,
    ClipEnd,
    ClipNotes,
    TakeBegin,
    TakeEnd,
    TakeNotes,
)


@dataclass(frozen=True, slots=True)
class Missing:
    """What has not come by the end."""

    pieces: tuple[int, ...] = ()
    """The numbers of the first 190 missing pieces; none if not even the begin has come."""


class Assembly:
    """One clip, or one take, on its way in; at most 20,000 notes are held."""

    def __init__(self) -> None:
        self._frame: Frame | None = None
        self._early: dict[int, tuple[NoteRow, ...]] = {}
        self._collection: Collection[NoteRow] = Collection(0)
        self._ended = False

    def accept(
        self, message: ClipBegin | ClipNotes | ClipEnd | TakeBegin | TakeNotes | TakeEnd
    ) -> Clip | Missing | None:
        """The clip, once it is whole and its end has come; what is missing, at an end too early.

        None means to wait for more. An end after the clip was given gives it again.

        Raises:
            ChecksumError: if the clip is whole, but not the one that was sent. All its pieces are
                forgotten then, and may come again.
            BadRequestError: if this piece, or the whole clip, makes no sense.
        """
        match message:
            case ClipBegin() | TakeBegin():
                news = self._begin(message.frame)
            case ClipNotes() | TakeNotes():
                news = self._keep(message.piece, message.notes)
            case ClipEnd() | TakeEnd():
                self._ended = news = True
        if not (news and self._ended):
            return None
        missing = self._missing()
        if self._frame is not None and missing is None:
            return self._whole(self._frame)
        # Only an end asks for what is missing: else each late piece would ask again.
        return missing if isinstance(message, ClipEnd | TakeEnd) else None

    def _begin(self, frame: Frame) -> bool:
        """Take the frame; whether it is another than before."""
        if frame == self._frame:
            return False
        if self._frame is not None:
            self._ended = False
        self._frame = frame
        self._collection = Collection(frame.count)
        for piece, rows in self._early.items():
            try:
                self._collection.put(piece, rows)
            except BadRequestError:  # It belongs to an earlier clip of this id.
                continue
        self._early = {}
        return True

    def _keep(self, piece: int, rows: tuple[NoteRow, ...]) -> bool:
        """Take a piece; whether it was missing."""
        if self._frame is None:
            missing = piece not in self._early
            self._early[piece] = rows
            return missing
        return self._collection.put(piece, rows)

    def _missing(self) -> Missing | None:
        """What has not come; None if nothing is missing."""
        if self._frame is None:
            return Missing()
        pieces = self._collection.missing()
        return Missing(pieces[:PIECES_LISTED]) if pieces else None

    def _whole(self, frame: Frame) -> Clip:
        try:
            return clip_of(frame, self._collection.rows())
        except ChecksumError:
            self._collection = Collection(frame.count)
            self._ended = False
            raise
