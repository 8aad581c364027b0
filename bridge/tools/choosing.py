"""The best takes of many, and unlike each other."""

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.codecs.melodysteps import Codes
from bridge.errors import BadRequestError
from bridge.music.clip import require_between

Doubles: TypeAlias = npt.NDArray[np.float64]

VARIETY: Final = 0.3
"""How much being unlike the takes already chosen counts against being good."""

TASTE: Final = 0.5
"""How much the rules count against the model's own opinion."""


def choose(
    quality: Sequence[float] | Doubles, likeness: Doubles, count: int, variety: float = VARIETY
) -> tuple[int, ...]:
    """The indices of the takes to return, the best first (maximal marginal relevance).

    Each next one is the best by its quality less its likeness to the most alike of those chosen
    before; of equals the earlier.

    Args:
        quality: Of each candidate, 0–1.
        likeness: Of each to each, 0 (nothing in common) to 1 (the same): (candidates, candidates).
        count: How many, no more than there are.
        variety: 0 (only quality counts) to 1 (only being unlike counts, after the first).
    """
    require_between("The variety", variety, 0, 1)
    if count > len(quality):
        raise BadRequestError(f"There are {len(quality)} candidates; {count} cannot be chosen.")
    worth = np.asarray(quality, np.float64)
    chosen: list[int] = []
    nearest = np.zeros(len(worth))
    for _ in range(count):
        value = (1.0 - variety if chosen else 1.0) * worth - variety * nearest
        value[chosen] = -np.inf
        best = int(value.argmax())
        chosen.append(best)
        nearest = np.maximum(nearest, likeness[best])
    return tuple(chosen)


def quality_of(
    log_likelihood: Sequence[float] | Doubles,
    tastes: Sequence[float] | Doubles,
    taste: float = TASTE,
) -> Doubles:
    """How good each candidate is, 0–1: its rank by likelihood, mixed with what the rules say.

    Args:
        log_likelihood: Under the model, nats a note or a step, of each candidate.
        tastes: What ``Taste.score`` says of each, 0–1.
        taste: 0 (only the model counts) to 1 (only the rules).
    """
    require_between("The taste", taste, 0, 1)
    values = np.asarray(log_likelihood, np.float64)
    below = (values[None, :] < values[:, None]).sum(axis=1)
    ranks = below / max(1, len(values) - 1)
    return np.asarray((1.0 - taste) * ranks + taste * np.asarray(tastes, np.float64))


def likeness_of(melodies: Sequence[Codes]) -> Doubles:
    """The share of steps on which two melodies have the same code, of each to each."""
    codes = np.stack(melodies)
    return np.asarray((codes[:, None] == codes[None, :]).mean(axis=2), np.float64)
