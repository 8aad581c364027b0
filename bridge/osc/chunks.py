"""Long lists in numbered pieces: cut, and put together again from whatever arrives."""

from collections.abc import Sequence
from typing import Final, Generic, TypeVar

from bridge.errors import BadRequestError

ROWS_PER_PIECE: Final = 20
"""Notes in every piece but the last: 20 notes of nine atoms make a datagram of about 940 bytes."""

Row = TypeVar("Row")


def pieces_of(rows: Sequence[Row]) -> tuple[tuple[Row, ...], ...]:
    """The rows in pieces of 20; the last may be shorter, and no rows make no piece."""
    return tuple(
        tuple(rows[first : first + ROWS_PER_PIECE]) for first in range(0, len(rows), ROWS_PER_PIECE)
    )


def piece_count(rows: int) -> int:
    """How many pieces ``rows`` rows make."""
    return -(-rows // ROWS_PER_PIECE)


class Collection(Generic[Row]):
    """The pieces of one list as they arrive: in any order, twice, or not at all."""

    def __init__(self, count: int) -> None:
        """Wait for the pieces of ``count`` rows."""
        self._count = count
        self._pieces: dict[int, tuple[Row, ...]] = {}

    def put(self, piece: int, rows: Sequence[Row]) -> bool:
        """Keep a piece, counted from 0; whether it was missing. The later of two copies counts.

        Raises:
            BadRequestError: if the list has no such piece, or one of another size.
        """
        if not 0 <= piece < piece_count(self._count):
            raise BadRequestError(
                f"{self._count:,} notes travel in {piece_count(self._count)} pieces, counted from"
                f" 0; there is no piece {piece}."
            )
        size = min(ROWS_PER_PIECE, self._count - piece * ROWS_PER_PIECE)
        if len(rows) != size:
            raise BadRequestError(
                f"Piece {piece} of {self._count:,} notes must hold {size} notes, not {len(rows)}."
            )
        missing = piece not in self._pieces
        self._pieces[piece] = tuple(rows)
        return missing

    def missing(self) -> tuple[int, ...]:
        """The numbers of the pieces that have not come yet, in order."""
        return tuple(
            piece for piece in range(piece_count(self._count)) if piece not in self._pieces
        )

    def rows(self) -> tuple[Row, ...]:
        """All rows that have come, in their order; the whole list once nothing is missing."""
        return tuple(row for piece in sorted(self._pieces) for row in self._pieces[piece])
