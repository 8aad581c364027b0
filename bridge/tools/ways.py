"""What every way between two scores has in common: it is bent to its ends, and goes evenly."""

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

_CERTAIN = 1e-6
_SILENCE = 1e6
"""What a point costs that does not play."""


def bent(scores: Doubles, first: Integers, last: Integers, turns: Doubles) -> Doubles:
    """Scores changed so that the highest of a step is the ends' own code at the ends.

    Args:
        scores: What decides without the ends, at the points of the way, (points, steps, codes);
            changed in place, and given back.
        first: The codes at its beginning, (steps,).
        last: At its end.
        turns: Where on the way a step turns from one end to the other, as far as the model has no
            say, 0–1, (steps,).
    """
    points, steps, _ = scores.shape
    # Half of the way is gone where a step turns, so that steps do not all turn in the middle.
    along = np.linspace(0.0, 1.0, points)[:, None] ** (np.log(0.5) / np.log(turns))
    rows = np.arange(steps)
    for end, code, weight in ((0, first, 1.0 - along), (-1, last, along)):
        own = scores[end, rows, code]  # (steps,)
        allowed = np.isfinite(own)
        missing = scores[end].max(axis=-1) - np.where(allowed, own, 0.0)
        # Twice what is missing, so that the bend gives way where the step turns and not at once.
        bend = np.where(allowed, 2.0 * missing + _CERTAIN, 0.0)
        scores[:, rows, code] += weight * bend
    return scores


def even_points(
    to_first: Doubles, to_last: Doubles, plays: Booleans, parts: Doubles
) -> tuple[Integers, float]:
    """Which points of a fine way are taken so that it goes evenly, in order, (points,).

    Also how far the farthest of them is from where it should be, of the whole way.

    Args:
        to_first: How much each point differs from the first, (fine,).
        to_last: How much from the last, (fine,).
        plays: Whether anything sounds there, (fine,); points at which nothing does are shunned.
        parts: How far on the way each wanted point is, rising from 0 to 1, (points,).
    """
    whole = float(to_first[-1])
    points, fine = len(parts), len(to_first)
    due = whole * parts[:, None]
    missed = np.abs(to_first - due) + np.abs(to_last - (whole - due))  # (points, fine)
    cost = np.where(plays, missed, missed + _SILENCE)
    # The cheapest row of points that never goes back.
    least = np.where(np.arange(fine) == 0, cost[0], np.inf)
    came = np.zeros(cost.shape, np.int64)
    for number in range(1, points):
        reached = np.minimum.accumulate(least)
        came[number] = np.maximum.accumulate(np.where(least == reached, np.arange(fine), 0))
        least = reached + cost[number]
    chosen = np.zeros(points, np.int64)
    chosen[-1] = fine - 1
    for number in range(points - 1, 0, -1):
        chosen[number - 1] = came[number, chosen[number]]
    uneven = float(missed[np.arange(points), chosen].max()) / max(1.0, whole)
    return chosen, 0.5 * uneven
