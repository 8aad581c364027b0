"""What may make a note louder than its neighbours, as numbers: its place, height and company."""

from typing import Final

import numpy as np

from bridge.codecs.moments import STRENGTHS, Doubles, Integers, Moments
from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH, Ticks

FEATURES: Final = (
    *(f"strength {strength}" for strength in range(STRENGTHS)),
    "height",  # Above the middle of what sounds around it, in octaves.
    "register",  # Above the middle of the clip, in octaves.
    "length",  # Doublings of a sixteenth.
    "rest before",
    "rest after",
    "leap to",  # From the top note before, in octaves upward.
    "leap from",
    "bass",  # Of a chord the lowest.
    "inner",
    "chord size",  # Doublings of one note.
)
"""The columns, in their order."""

_AROUND: Final = 8
"""Moments on each side that a note's height is heard against."""
_LONGEST_GAP: Final = 4 * TICKS_PER_BEAT
_FARTHEST_LEAP: Final = 12
_LENGTHS: Final = (-2.0, 4.0)


def accent_features(moments: Moments, middle: float, end: Ticks) -> Doubles:
    """The numbers of each note, (notes, features).

    Args:
        moments: What is played.
        middle: The mean pitch that the register is counted from.
        end: Where the clip ends: the last rest reaches so far.
    """
    moment, size = moments.moment, moments.size
    before, after = gaps_of(moments, end)
    leap = leaps_of(moments)
    place_in_chord = np.arange(len(moment)) - moments.first[moment]
    company = size[moment] > 1
    columns = [
        *(moments.strength[moment] == strength for strength in range(STRENGTHS)),
        (moments.pitch - _middle_around(moments)[moment]) / 12,
        (moments.pitch - middle) / 12,
        np.clip(np.log2(moments.length / TICKS_PER_SIXTEENTH), *_LENGTHS),
        _doublings(before)[moment],
        _doublings(after)[moment],
        leap[:-1][moment],
        leap[1:][moment],
        company & (place_in_chord == 0),
        company & (place_in_chord > 0) & (place_in_chord < size[moment] - 1),
        np.log2(size[moment]),
    ]
    return np.stack([np.asarray(column, np.float64) for column in columns], axis=1)


def gaps_of(moments: Moments, end: Ticks) -> tuple[Integers, Integers]:
    """From each moment back to the one before, and on to the next, in ticks; a whole note at most.

    The first has a whole note's rest before it.
    """
    steps = np.diff(moments.place)
    before = np.concatenate([[_LONGEST_GAP], steps])[: len(moments)]
    last = [max(TICKS_PER_SIXTEENTH, end - int(moments.place[-1]))] if len(moments) else []
    after = np.concatenate([steps, np.array(last, np.int64)])
    return np.minimum(before, _LONGEST_GAP), np.minimum(after, _LONGEST_GAP)


def leaps_of(moments: Moments) -> Doubles:
    """From each top note to the next in octaves, at most one; 0 at both ends: (moments + 1,)."""
    steps = np.clip(np.diff(moments.top), -_FARTHEST_LEAP, _FARTHEST_LEAP) / 12
    edges = np.zeros(1)
    return np.concatenate([edges, steps, edges]) if len(moments) else np.zeros(1)


def _doublings(gap: Integers) -> Doubles:
    return np.asarray(np.log2(gap / TICKS_PER_SIXTEENTH), np.float64)


def _middle_around(moments: Moments) -> Doubles:
    """The mean pitch of what sounds about each moment, (moments,)."""
    sums = np.concatenate([[0], np.cumsum(moments.pitch)])
    count = len(moments)
    begin = moments.first[np.maximum(0, np.arange(count) - _AROUND)]
    end = moments.first[np.minimum(count, np.arange(count) + _AROUND + 1)]
    return np.asarray((sums[end] - sums[begin]) / np.maximum(1, end - begin), np.float64)
