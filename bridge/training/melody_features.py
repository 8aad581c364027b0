"""What melodies are like, beside others: features, overlapping areas, and what they repeat.

Melodies are codes (:mod:`bridge.codecs.melodysteps`), all of one length: (takes, steps) of
sixteenths. Pure counting, without torch and without knowledge of any model.
"""

from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.melodysteps import HOLD, Codes, struck
from bridge.training.generated import overlap

Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

STEPS_PER_BAR: Final = 16
WIDEST_INTERVAL: Final = 12
"""Semitones; wider intervals count as this."""
LONGEST: Final = 16
"""Sixteenths; longer gaps and notes count as this."""


@dataclass(frozen=True, slots=True)
class MelodyLikeness:
    """Overlapping areas, 0–1: how much takes differ from real melodies as these differ (1)."""

    pitch_range: float
    pitch_classes: float
    pitch_class_pairs: float
    intervals: float
    onset_gaps: float
    density: float
    lengths: float

    @property
    def mean(self) -> float:
        """Of all features."""
        values = asdict(self).values()
        return float(sum(values) / len(values))

    def as_fields(self) -> dict[str, float]:
        """For JSON, with the mean."""
        return {**asdict(self), "mean": self.mean}


def melody_likeness(drawn: Codes, real: Codes) -> MelodyLikeness:
    """How like real melodies drawn ones are (Yang and Lerch 2020).

    Args:
        drawn: Codes, (takes, steps); takes without a note are passed over.
        real: Codes, (melodies, steps); about as many.
    """
    sides = [codes[struck(codes).any(axis=1)] for codes in (drawn, real)]
    found = {
        name: overlap(*(feature(side) for side in sides)) for name, feature in _FEATURES.items()
    }
    return MelodyLikeness(**found)


def pitch_range(codes: Codes) -> Doubles:
    """Semitones from the lowest to the highest key, (takes, 1)."""
    rows = [keys.max() - keys.min() for keys in map(_keys, codes)]
    return np.array(rows, np.float64)[:, None]


def pitch_classes(codes: Codes) -> Doubles:
    """The share of each pitch class among the notes, (takes, 12)."""
    return _histograms([keys % 12 for keys in map(_keys, codes)], 12)


def pitch_class_pairs(codes: Codes) -> Doubles:
    """The share of each pair of neighbouring pitch classes, (takes, 144)."""
    return _histograms([keys[:-1] % 12 * 12 + keys[1:] % 12 for keys in map(_keys, codes)], 144)


def intervals(codes: Codes) -> Doubles:
    """The share of each interval from an octave down to an octave up, (takes, 25)."""
    steps = [
        np.clip(np.diff(keys), -WIDEST_INTERVAL, WIDEST_INTERVAL) + WIDEST_INTERVAL
        for keys in map(_keys, codes)
    ]
    return _histograms(steps, 2 * WIDEST_INTERVAL + 1)


def onset_gaps(codes: Codes) -> Doubles:
    """The share of each gap between onsets, in sixteenths up to a bar, (takes, 17)."""
    gaps = [np.minimum(np.diff(np.flatnonzero(struck(row))), LONGEST) for row in codes]
    return _histograms(gaps, LONGEST + 1)


def density(codes: Codes) -> Doubles:
    """Notes a bar, (takes, 1)."""
    return np.asarray(struck(codes).sum(axis=1)[:, None] * STEPS_PER_BAR / codes.shape[1], float)


def lengths(codes: Codes) -> Doubles:
    """The share of each length of notes, in sixteenths up to a bar, (takes, 17)."""
    return _histograms([np.minimum(_lengths(row), LONGEST) for row in codes], LONGEST + 1)


def copies_from(codes: Codes, steps: int) -> float:
    """The share of codes that are the same as so many steps before; NaN for shorter melodies.

    Args:
        codes: One melody, (steps,).
        steps: 16, 32 or 64 for one, two or four bars of 4/4.
    """
    if len(codes) <= steps:
        return float("nan")
    return float((codes[steps:] == codes[:-steps]).mean())


def _keys(codes: Codes) -> Integers:
    return codes[struck(codes)].astype(np.int64)


def _lengths(codes: Codes) -> Integers:
    onsets = np.flatnonzero(struck(codes))
    ends = np.append(np.flatnonzero(codes != HOLD), len(codes))
    return ends[np.searchsorted(ends, onsets, side="right")] - onsets


def _histograms(values: list[Integers], bins: int) -> Doubles:
    counts = np.array([np.bincount(row, minlength=bins) for row in values], np.float64)
    return np.asarray(counts / np.maximum(1.0, counts.sum(axis=1, keepdims=True)), np.float64)


_FEATURES: Final = {
    "pitch_range": pitch_range,
    "pitch_classes": pitch_classes,
    "pitch_class_pairs": pitch_class_pairs,
    "intervals": intervals,
    "onset_gaps": onset_gaps,
    "density": density,
    "lengths": lengths,
}
