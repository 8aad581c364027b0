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


@dataclass(frozen=True, slots=True)
class Coherence:
    """How much hits of a drummer have in common, as correlations of their normal scores.

    Independent noise for every hit sounds drunk: a drummer who is late with the snare is late with
    the hat that goes with it, and plays an accent again a bar later.
    """

    shared: tuple[float, ...]
    """Between different pieces, 0, 1, 2 … steps apart; farther apart there is none."""
    same: tuple[float, ...]
    """Between hits of one piece, as many steps apart; the first is 1."""


def probabilities(logits: npt.NDArray[np.floating]) -> Doubles:
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

    A Gaussian copula: each hit alone is spread as its histogram says (at temperature 1), and hits
    are correlated as ``coherence`` says. The temperature stretches the scores: at 0 every level is
    one half. Hits of one piece on one step have one level.

    Args:
        generator: The source of all chance.
        steps: The step of each hit.
        pieces: The kit piece of each hit, 0–127.
        coherence: What hits have in common.
        temperature: 0 or more.
    """
    lags = len(coherence.shared)
    place = _places(steps, lags)
    length = int(place.max()) + 1
    shared = np.array(coherence.shared)
    own = np.array(coherence.same) - shared
    score = _process(generator, shared, length)[place]
    for piece in np.unique(pieces):
        chosen = pieces == piece
        # Seeded by the piece, so that one piece more in the clip leaves the others as they were.
        of_piece = np.random.default_rng([int(generator.integers(2**32)), int(piece)])
        score[chosen] += _process(of_piece, own, length)[place[chosen]]
    score *= temperature
    return normal_levels(score)


def _places(steps: Integers, lags: int) -> Integers:
    """The steps counted from 0, with long silences cut to where nothing is correlated any more."""
    struck, which = np.unique(steps, return_inverse=True)
    gaps = np.minimum(np.diff(struck, prepend=struck[:1]), lags)
    return np.asarray(np.cumsum(gaps)[which], np.int64)


def _process(generator: np.random.Generator, covariance: Doubles, length: int) -> Doubles:
    """A stationary Gaussian process with about this covariance, (length,); by its spectrum.

    A measured covariance need not be one that can be: what of its spectrum is negative counts as
    nothing, and the variance is kept.
    """
    size = 1 << (length + 2 * len(covariance) - 1).bit_length()
    circle = np.zeros(size)
    circle[: len(covariance)] = covariance
    circle[-len(covariance) + 1 :] = covariance[:0:-1]
    spectrum = np.maximum(np.fft.rfft(circle).real, 0.0)
    white = np.fft.rfft(generator.standard_normal(size))
    process = np.fft.irfft(np.sqrt(spectrum) * white, size)[:length]
    reached = np.fft.irfft(spectrum, size)[0]
    return np.asarray(process * math.sqrt(max(0.0, covariance[0]) / max(reached, _LEAST_MASS)))


def normal_levels(scores: Doubles) -> Doubles:
    """The standard normal distribution function of each score, (...)."""
    flat = [0.5 * (1.0 + math.erf(score / math.sqrt(2.0))) for score in scores.ravel().tolist()]
    return np.array(flat, np.float64).reshape(scores.shape)
