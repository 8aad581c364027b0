"""How even a way from one score to another is, and how true scores come back: pure counting.

Scores are codes, of drums (:mod:`bridge.codecs.drumscore`) unless it is said how far codes are
apart; a path is a row of scores from one to another.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumscore import hits_of

Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

Apart: TypeAlias = Callable[[Integers, Integers], Doubles]
"""How far scores are apart, (…, steps) twice → (…)."""

POINTS: Final = 11
"""So many points a path is measured at, both ends among them."""


@dataclass(frozen=True, slots=True)
class Evenness:
    """How evenly paths change."""

    squared: float
    """R² of the way gone against the way that should be gone, over all points of all paths; the
    line is the identity, not a fitted one."""
    longest_step: float
    """The longest step of a path over its mean step, the mean of all paths; 1 is perfectly even."""
    detour: float
    """Cells changed along a path over the cells in which its ends differ, the mean; 1: no cell
    changes that need not."""


def cells_apart(some: Integers, others: Integers) -> Doubles:
    """In how many cells, a piece on a step each, drum scores differ, (…, steps) twice → (…)."""
    return np.asarray(hits_of(some ^ others).sum(axis=(-1, -2)), np.float64)


def steps_apart(some: Integers, others: Integers) -> Doubles:
    """On how many steps codes of any kind differ, (…, steps) twice → (…)."""
    return np.asarray((some != others).sum(axis=-1), np.float64)


def exact_steps(found: Integers, played: Integers) -> Doubles:
    """1 where a step, of drums all its nine pieces, came back as played, else 0; their shape."""
    return np.asarray(found == played, np.float64)


def ways_gone(paths: Integers, apart: Apart = cells_apart) -> Doubles:
    """The distance of every point from the path's first, over that of its last.

    Args:
        paths: Codes, (paths, points, steps); the ends of each must differ.
        apart: The distance.

    Returns:
        (paths, points): 0 at the first, 1 at the last; between them it may lie beyond either.
    """
    gone = apart(paths, paths[:, :1])
    return gone / gone[:, -1:]


def evenness(paths: Integers, apart: Apart = cells_apart) -> Evenness:
    """How evenly paths change; those whose ends are the same are left out.

    Args:
        paths: Codes, (paths, points, steps), both ends among the points.
        apart: How far scores are apart; the cells of :class:`Evenness` are its units.
    """
    paths = paths[(paths[:, 0] != paths[:, -1]).any(axis=-1)]
    steps = apart(paths[:, 1:], paths[:, :-1])
    ends = apart(paths[:, -1:], paths[:, :1])[:, 0]
    return Evenness(
        squared=squared_of_sums(sums_of_evenness(paths, apart).sum(axis=0)),
        longest_step=float((steps.max(axis=1) / steps.mean(axis=1)).mean()),
        detour=float((steps.sum(axis=1) / ends).mean()),
    )


def sums_of_evenness(paths: Integers, apart: Apart = cells_apart) -> Doubles:
    """What each path adds to R², (paths, 4): the due missed², the way gone and its², the points.

    The ends of each path must differ; :func:`squared_of_sums` makes R² of sums over paths.
    """
    gone = ways_gone(paths, apart)
    due = np.linspace(0.0, 1.0, paths.shape[1])
    return np.stack(
        [
            ((gone - due) ** 2).sum(axis=1),
            gone.sum(axis=1),
            (gone**2).sum(axis=1),
            np.full(len(paths), float(paths.shape[1])),
        ],
        axis=1,
    )


def squared_of_sums(sums: Doubles) -> float:
    """R² of the way gone against the way due, from :func:`sums_of_evenness` summed over paths."""
    missed, gone, squares, points = sums.tolist()
    return float(1.0 - missed / (squares - gone**2 / points))


def mixed_at_random(
    first: Integers, last: Integers, generator: np.random.Generator, points: int = POINTS
) -> Integers:
    """Paths on which the cells that differ change one after the other in an order drawn by lot.

    Args:
        first: Codes, (paths, steps).
        last: Codes, (paths, steps).
        generator: Of the order.
        points: Of each path.

    Returns:
        Codes, (paths, points, steps): what any way between the two must be better than.
    """
    when = generator.random((*first.shape, hits_of(first).shape[-1]))
    alpha = np.linspace(0.0, 1.0, points)[:, None, None]
    mixed = np.where(
        when[:, None] < alpha, hits_of(last)[:, None], hits_of(first)[:, None]
    )  # (paths, points, steps, 9)
    return np.asarray(mixed.astype(np.int64) @ (1 << np.arange(mixed.shape[-1])), np.int64)
