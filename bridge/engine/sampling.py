"""Values drawn from the histograms that a model gives, with noise from Python's seeded generator.

Graphs are deterministic: all randomness is drawn here, as levels between 0 and 1, so that the same
seed gives the same take wherever the same histograms come out.
"""

import math
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Doubles: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]

_LEAST_MASS: Final = 1e-12

MOST_PIECES: Final = 128
"""So much noise is drawn for pieces, however many play: as many as there are pitches."""


@dataclass(frozen=True, slots=True)
class Coherence:
    """How much of a drummer's deviations hits have in common, as shares of their variance.

    What is left of 1 belongs to each hit alone. Independent noise for every hit sounds drunk: a
    drummer who is late with the snare is late with the next one too.
    """

    take: float = 0.0
    """Common to all hits."""
    piece: float = 0.0
    """Common to all hits of one kit piece."""
    step: float = 0.0
    """Common to hits struck together."""

    @property
    def own(self) -> float:
        """Each hit's own share."""
        return max(0.0, 1.0 - self.take - self.piece - self.step)


def probabilities(logits: npt.NDArray[np.float32]) -> Doubles:
    """Softmax over the last axis; each row sums to 1."""
    shifted = logits.astype(np.float64)
    shifted -= shifted.max(axis=-1, keepdims=True)
    weight = np.exp(shifted)
    return np.asarray(weight / weight.sum(axis=-1, keepdims=True), np.float64)


def quantile(mass: Doubles, level: Doubles, low: float, high: float) -> Doubles:
    """The value below which ``level`` of a histogram's mass lies, between ``low`` and ``high``.

    Bins are of equal width and flat inside, so the result moves evenly with the level.

    Args:
        mass: Probabilities of the bins, (..., bins).
        level: 0–1, (...).
        low: Lower edge of the first bin.
        high: Upper edge of the last bin.
    """
    below = np.cumsum(mass, axis=-1) - mass
    part = np.clip((level[..., None] - below) / np.maximum(mass, _LEAST_MASS), 0.0, 1.0)
    width = (high - low) / mass.shape[-1]
    return np.asarray(low + width * part.sum(axis=-1), np.float64)


def mean(mass: Doubles, low: float, high: float) -> Doubles:
    """The mean of a histogram, (...)."""
    return np.asarray(mass @ bin_centres(mass.shape[-1], low, high), np.float64)


def bin_centres(bins: int, low: float, high: float) -> Doubles:
    """The middles of equal bins between two edges."""
    return np.asarray(low + (high - low) / bins * (np.arange(bins) + 0.5), np.float64)


def draw_levels(
    generator: np.random.Generator,
    steps: Integers,
    pieces: Integers,
    coherence: Coherence,
    temperature: float,
) -> Doubles:
    """A level for every hit, (hits,): normal scores that hang together, as probabilities.

    A Gaussian copula: each hit alone is spread as its histogram says (at temperature 1), and what
    hits share is correlated. The temperature stretches the scores: at 0 every level is one half.

    Args:
        generator: The source of all chance.
        steps: The step of each hit.
        pieces: The kit piece of each hit.
        coherence: What hits share.
        temperature: 0 or more.
    """
    _, step = np.unique(steps, return_inverse=True)
    _, piece = np.unique(pieces, return_inverse=True)
    score: Doubles = np.full(len(steps), math.sqrt(coherence.take) * generator.standard_normal())
    score += math.sqrt(coherence.piece) * generator.standard_normal(MOST_PIECES)[piece]
    score += math.sqrt(coherence.step) * generator.standard_normal(len(steps))[step]
    score += math.sqrt(coherence.own) * generator.standard_normal(len(steps))
    score *= temperature
    return normal_levels(score)


def normal_levels(scores: Doubles) -> Doubles:
    """The standard normal distribution function of each score, (...)."""
    flat = [0.5 * (1.0 + math.erf(score / math.sqrt(2.0))) for score in scores.ravel().tolist()]
    return np.array(flat, np.float64).reshape(scores.shape)
