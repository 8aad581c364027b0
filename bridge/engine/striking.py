"""Which cells of a drum grid are struck, under limits that hold whatever a model wants."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Doubles: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Booleans: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Limits:
    """What is never broken."""

    allowed: tuple[bool, ...]
    """Which pieces may be struck, at least one."""
    most: int
    """Pieces struck together on a step."""
    required: Booleans
    """The steps on which something is struck, (steps,)."""
    total: int | None = None
    """How many hits there are, as near as the others allow; None: those above the threshold."""
    kept: Booleans | None = None
    """Cells that something else strikes already, (steps, pieces): they are not chosen, answer
    their step and count towards ``most``, but not towards the total."""


def choose_hits(margins: Doubles, limits: Limits) -> Integers:
    """The cells that are struck, (hits, 2) of step and piece, in order of both.

    A required step has the piece with the highest margin at least, and every step its highest ones
    alone. Where a total is wanted, all margins are raised or lowered together until it is met.

    Args:
        margins: How far each cell is above the threshold, (steps, pieces).
        limits: Of the choice.
    """
    kept = np.zeros(margins.shape, np.bool_) if limits.kept is None else limits.kept
    free = np.array(limits.allowed) & ~kept
    room = limits.most - kept.sum(axis=1, keepdims=True)
    open_to = np.where(free, margins, -np.inf)
    order = np.argsort(-open_to, axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.broadcast_to(np.arange(order.shape[1]), order.shape), axis=1)
    must = (rank == 0) & (limits.required & ~kept.any(axis=1))[:, None]
    may = (rank < room) & free & ~must
    if limits.total is None:
        struck = must | (may & (margins > 0))
    else:
        struck = must.copy()
        cells = np.flatnonzero(may)
        wanted = min(len(cells), max(0, limits.total - int(must.sum())))
        best = cells[np.argsort(-margins.ravel()[cells], kind="stable")[:wanted]]
        struck.ravel()[best] = True
    return np.argwhere(struck).astype(np.int64)
