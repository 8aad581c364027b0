"""Measures with honest error bars."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Doubles: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]

RESAMPLES: Final = 1000
_OUTER: Final = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Measure:
    """A mean with two 95 % intervals."""

    value: float
    by_hit: tuple[float, float]
    """Bootstrap over hits, as published; too narrow, since hits of a file hang together."""
    by_file: tuple[float, float]
    """Bootstrap over files."""


def measure(error: Doubles, file: Integers, seed: int = 0) -> Measure:
    """The mean of an error with its intervals.

    Args:
        error: One value a hit.
        file: The file each hit is from.
        seed: Of the resampling.
    """
    generator = np.random.default_rng(seed)
    _, which = np.unique(file, return_inverse=True)
    sums, counts = np.bincount(which, weights=error), np.bincount(which)

    def over_hits() -> float:
        return float(error[generator.integers(len(error), size=len(error))].mean())

    def over_files() -> float:
        chosen = generator.integers(len(sums), size=len(sums))
        return float(sums[chosen].sum() / counts[chosen].sum())

    return Measure(float(error.mean()), _interval(over_hits), _interval(over_files))


def measure_of_sums(
    sums: Doubles, file: Integers, figure: Callable[[Doubles], float], seed: int = 0
) -> Measure:
    """A figure that is made of sums, with its intervals, as the ratio of two or an R².

    Args:
        sums: What each example adds, (examples, sums).
        file: The file each example is from.
        figure: Makes it of the sums over examples, (sums,).
        seed: Of the resampling.
    """
    generator = np.random.default_rng(seed)
    _, which = np.unique(file, return_inverse=True)
    by_file: Doubles = np.zeros((int(which.max()) + 1, sums.shape[1]))
    np.add.at(by_file, which, sums)

    def over(rows: Doubles) -> float:
        return figure(rows[generator.integers(len(rows), size=len(rows))].sum(axis=0))

    return Measure(
        figure(sums.sum(axis=0)), _interval(lambda: over(sums)), _interval(lambda: over(by_file))
    )


def in_figures(measure: Measure, digits: int) -> tuple[str, str, str]:
    """The value, its interval over hits and its interval over files, as texts."""
    by_hit, by_file = (
        f"{low:.{digits}f}–{high:.{digits}f}" for low, high in (measure.by_hit, measure.by_file)
    )
    return f"{measure.value:.{digits}f}", by_hit, by_file


def _interval(resample: Callable[[], float]) -> tuple[float, float]:
    low, high = np.percentile([resample() for _ in range(RESAMPLES)], _OUTER)
    return float(low), float(high)
