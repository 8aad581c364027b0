"""Patterns for Prediction: how near a continuation comes to the one that was written.

The two measures of the MIREX task of that name (2018–2020), on sets of (onset, pitch), onsets in
quarter notes.
"""

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final, TypeAlias

Point: TypeAlias = tuple[float, int]
"""Onset in quarter notes, and MIDI key."""

QUARTERS: Final = tuple(2.0 + 0.5 * step for step in range(17))
"""How far behind the prime's last onset is measured: 2, 2.5 … 10 quarter notes."""

_LEAST: Final = 2
"""Notes that make a vector to compare by."""


def cardinality_f1(written: AbstractSet[Point], drawn: AbstractSet[Point]) -> float | None:
    """How much of one set the other is when it is moved in time and pitch as fits best, 0–1.

    None where either has fewer than two notes, as the task has it.
    """
    if min(len(written), len(drawn)) < _LEAST:
        return None
    moves = Counter(
        (onset - true_onset, pitch - true_pitch)
        for true_onset, true_pitch in written
        for onset, pitch in drawn
    )
    found = max(moves.values()) - 1
    recall, precision = found / (len(written) - 1), found / (len(drawn) - 1)
    return 2.0 * recall * precision / (recall + precision) if found else 0.0


def cardinality_curve(
    written: AbstractSet[Point], drawn: AbstractSet[Point], last_of_prime: float
) -> tuple[float | None, ...]:
    """The F1 of the notes until each of ``QUARTERS`` behind the prime's last onset."""
    return tuple(
        cardinality_f1(*(_until(points, last_of_prime + far) for points in (written, drawn)))
        for far in QUARTERS
    )


def pitch_score(
    written: AbstractSet[Point], drawn: AbstractSet[Point], *, any_octave: bool = False
) -> float:
    """How much the histograms of pitches overlap, 0–1; 0 where either has no notes."""
    if not written or not drawn:
        return 0.0
    shares = []
    for points in (written, drawn):
        counts = Counter(pitch % 12 if any_octave else pitch for _, pitch in points)
        shares.append({pitch: count / len(points) for pitch, count in counts.items()})
    return sum(min(share, shares[1].get(pitch, 0.0)) for pitch, share in shares[0].items())


def pitch_curve(
    written: AbstractSet[Point],
    drawn: AbstractSet[Point],
    last_of_prime: float,
    *,
    any_octave: bool = False,
) -> tuple[float, ...]:
    """The pitch score of the notes until each of ``QUARTERS`` behind the prime's last onset."""
    return tuple(
        pitch_score(
            _until(written, last_of_prime + far),
            _until(drawn, last_of_prime + far),
            any_octave=any_octave,
        )
        for far in QUARTERS
    )


def mean_curve(curves: Sequence[Sequence[float | None]]) -> tuple[float, ...]:
    """The mean of each place over the curves that have a value there; NaN where none has."""
    columns = [
        [value for value in column if value is not None] for column in zip(*curves, strict=True)
    ]
    return tuple(sum(column) / len(column) if column else float("nan") for column in columns)


def best_curve(curves: Sequence[Sequence[float | None]]) -> tuple[float | None, ...]:
    """Of several continuations of one prime, the best value at each place."""
    return tuple(
        max((value for value in column if value is not None), default=None)
        for column in zip(*curves, strict=True)
    )


def _until(points: AbstractSet[Point], onset: float) -> AbstractSet[Point]:
    return {point for point in points if point[0] <= onset}
