"""What drum scores made from nothing are like, beside what drummers played: pure counting.

Scores are codes (:mod:`bridge.codecs.drumscore`), all of one length, (takes, steps). No torch is
needed, and no model is known here: our own takes and those of a clone are measured alike.
"""

from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumscore import hits_of
from bridge.music.drumkit import Piece
from bridge.training.corpus import STEPS_PER_BAR

Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_WEIGHTS: Final = (0, -4, -3, -4, -2, -4, -3, -4, -1, -4, -3, -4, -2, -4, -3, -4)
"""How strong each sixteenth of a bar is: 0 the first, −1 the half, and so on (Longuet-Higgins and
Lee 1984)."""
_SYNCOPATING: Final = 1 << Piece.KICK | 1 << Piece.SNARE
_GRID: Final = 4096


@dataclass(frozen=True, slots=True)
class Likeness:
    """Overlapping areas, 0–1: how much takes differ from drummers' as drummers differ (1)."""

    hits_a_bar: float
    piece_rates: float
    """Of the nine pieces' hits a step, taken together."""
    syncopation: float

    @property
    def mean(self) -> float:
        """Of the three."""
        return (self.hits_a_bar + self.piece_rates + self.syncopation) / 3.0

    def as_fields(self) -> dict[str, float]:
        """For JSON, with the mean."""
        return {**asdict(self), "mean": self.mean}


def likeness(drawn: Integers, played: Integers) -> Likeness:
    """How like drummers' scores drawn ones are (Yang and Lerch 2020).

    For each feature the distances among the played are set beside those from each drawn to each
    played: the overlapping area of their two densities.

    Args:
        drawn: Codes, (takes, steps).
        played: Codes, (windows, steps); about as many.
    """
    return Likeness(
        hits_a_bar=overlap(hits_a_bar(drawn)[:, None], hits_a_bar(played)[:, None]),
        piece_rates=overlap(piece_rates(drawn), piece_rates(played)),
        syncopation=overlap(syncopation(drawn)[:, None], syncopation(played)[:, None]),
    )


def copy_rate(drawn: Integers, learnt: Integers) -> float:
    """The share of takes that stand hit for hit among the windows learnt from.

    Args:
        drawn: Codes, (takes, steps).
        learnt: Codes, (windows, steps).
    """
    known = {window.tobytes() for window in learnt}
    return float(np.mean([take.tobytes() in known for take in drawn]))


def hits_a_bar(codes: Integers) -> Doubles:
    """Hits of all pieces, the mean of a take's bars, (takes,)."""
    return np.asarray(hits_of(codes).sum(axis=(1, 2)) * STEPS_PER_BAR / codes.shape[1], np.float64)


def piece_rates(codes: Integers) -> Doubles:
    """The share of a take's steps on which each piece is hit, (takes, 9)."""
    return np.asarray(hits_of(codes).mean(axis=1), np.float64)


def syncopation(codes: Integers) -> Doubles:
    """How syncopated kick and snare together are, a bar, (takes,); 0: not at all.

    A hit that is followed by silence on a stronger sixteenth counts by how much stronger the
    strongest of that silence is (Longuet-Higgins and Lee 1984).

    Args:
        codes: (takes, steps); each begins with a bar.
    """
    takes, steps = codes.shape
    weight = np.resize(np.array(_WEIGHTS, np.float64), steps)
    struck = codes & _SYNCOPATING > 0
    total = np.zeros(takes)
    strongest = np.full(takes, -np.inf)
    for step in reversed(range(steps)):
        hit = struck[:, step]
        total += np.where(hit, np.maximum(0.0, strongest - weight[step]), 0.0)
        strongest = np.where(hit, -np.inf, np.maximum(strongest, weight[step]))
    return np.asarray(total * STEPS_PER_BAR / steps, np.float64)


def overlap(drawn: Doubles, played: Doubles) -> float:
    """The overlapping area of the distances among the played and those from drawn to played.

    Densities are sums of Gaussians of Scott's width, on a grid of 4,096 points.

    Args:
        drawn: A feature, (takes, dimensions).
        played: The same, (windows, dimensions).
    """
    number = np.arange(len(played))
    among = _distances(played, played)[number[:, None] < number]
    between = _distances(drawn, played).ravel()
    widths = [distances.std() * len(distances) ** -0.2 for distances in (among, between)]
    least = max(among.max(), between.max(), 1e-9) / _GRID
    margin = 5.0 * max(*widths, least)
    low, high = -margin, max(among.max(), between.max()) + margin
    densities = [
        _density(distances, max(width, least), low, high)
        for distances, width in zip((among, between), widths, strict=True)
    ]
    return float(np.minimum(*densities).sum())


def _distances(some: Doubles, others: Doubles) -> Doubles:
    squares = (some**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2.0 * some @ others.T
    return np.asarray(np.sqrt(np.maximum(squares, 0.0)), np.float64)


def _density(distances: Doubles, width: float, low: float, high: float) -> Doubles:
    """The mass at every point of the grid; all of them make 1."""
    counts, edges = np.histogram(distances, _GRID, (low, high))
    spacing = edges[1] - edges[0]
    away = (np.arange(2 * _GRID) - _GRID) * spacing
    bell = np.exp(-0.5 * (away / width) ** 2)
    smooth = np.fft.irfft(np.fft.rfft(counts, 4 * _GRID) * np.fft.rfft(bell, 4 * _GRID), 4 * _GRID)
    mass = np.maximum(smooth[_GRID : 2 * _GRID], 0.0)
    return np.asarray(mass / mass.sum(), np.float64)
