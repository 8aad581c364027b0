"""The places of takes: on one way between two ends, or on the rows of a square between four."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

import numpy as np

from bridge.errors import BadRequestError

End = TypeVar("End")

SQUARES: Final = (9, 16)
"""How many takes there are between four clips: three by three, or four by four."""

TWO: Final = 2


@dataclass(frozen=True, slots=True)
class Spot(Generic[End]):
    """A take on the way."""

    score: End
    weights: tuple[float, ...]
    """How much of each corner is in it; together 1."""


class Way(Protocol[End]):
    """Goes from one end to another."""

    def __call__(
        self, first: End, last: End, parts: list[float], report: Callable[[float], None]
    ) -> tuple[End, ...]:
        """What lies so far on the way, rising from 0, the first, to 1, the last."""
        ...


def require_corners(clips: int, takes: int) -> None:
    """Refuse a number of clips that makes no way, or of takes that makes no square.

    Raises:
        BadRequestError: if they do not go together.
    """
    if clips not in {TWO, 4}:
        raise BadRequestError(
            f"Interpolate goes between two clips or four, not {clips}. Name both c and d, or"
            " neither."
        )
    if clips > TWO and takes not in SQUARES:
        raise BadRequestError(
            f"Four clips make a square of 9 or 16 takes, not {takes}. Choose 9 or 16 steps."
        )


def spots_between(
    takes: int, ends: list[End], way: Way[End], report: Callable[[float], None]
) -> tuple[Spot[End], ...]:
    """Where the takes lie: on one way, or row by row on a square whose sides are ways.

    Args:
        takes: How many; of a square 9 or 16.
        ends: Two, or the four corners: two above, two below.
        way: Goes from one to another.
        report: Told the part that is done, 0–1.
    """
    if len(ends) == TWO:
        parts = np.linspace(0.0, 1.0, takes).tolist()
        walked = way(ends[0], ends[1], parts, report)
        return tuple(
            Spot(stop, (1.0 - part, part)) for stop, part in zip(walked, parts, strict=True)
        )
    side = int(takes**0.5)
    parts = np.linspace(0.0, 1.0, side).tolist()
    share = 1.0 / (side + 2)

    def told(number: int) -> Callable[[float], None]:
        return lambda part: report(share * (number + part))

    left = way(ends[0], ends[2], parts, told(0))
    right = way(ends[1], ends[3], parts, told(1))
    spots = []
    for row, (first, last) in enumerate(zip(left, right, strict=True)):
        above, below = 1.0 - parts[row], parts[row]
        for stop, far in zip(way(first, last, parts, told(row + 2)), parts, strict=True):
            near = 1.0 - far
            spots.append(Spot(stop, (above * near, above * far, below * near, below * far)))
    return tuple(spots)
