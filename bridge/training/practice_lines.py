"""Bars of melody changed by lot, so that a musician's own come back too.

A user's clip may be far from any bar that was written down: an acid line, a pattern of an
arpeggiator, leaps of two octaves. So a part of the bars is changed: rhythms with the keys of other
bars, ends of other bars, other keys, notes left out, short notes, patterns of even strokes.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.melodybar import BEAT, CODES, FIRST_KEY, HELD, KEYS, SILENT, settled

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

# How often things happen to a bar.
_DRAWN: Final = 0.2
_OTHER_KEYS: Final = 0.3
_SPLICED: Final = 0.25
_TURNED: Final = 0.2
_JITTERED: Final = 0.4
_WITHOUT: Final = 0.25
_SHORT: Final = 0.2
_FILLED: Final = 0.15

_KEYS_JITTERED: Final = 0.2
_FARTHEST: Final = 12
_NOTES_OUT: Final = 0.3
_STROKES: Final = (1, 2, 3, 4, 6, 8)
_STROKES_CHANCES: Final = (0.25, 0.3, 0.15, 0.15, 0.05, 0.1)
_HELD_ON: Final = 0.5
"""The share of lines whose notes sound on to the next."""
_MOST_KEYS: Final = 6
_GAPS: Final = 0.3
_SPREAD: Final = 9.0
"""Semitones; how far from the middle of all that is joined a bar lies."""


def changed(codes: Integers, others: Integers, generator: np.random.Generator) -> Integers:
    """Bars (count, steps) changed by lot, each in one way or several; ``others`` lend to them."""
    count, steps = codes.shape

    def chosen(share: float) -> Booleans:
        return generator.random((count, 1)) < share

    codes = np.where(chosen(_DRAWN), _patterns(codes, generator), codes)
    codes = np.where(chosen(_OTHER_KEYS), _with_keys_of(codes, others), codes)
    behind = np.arange(steps) >= generator.integers(1, steps + 1, (count, 1))
    codes = np.where(chosen(_SPLICED) & behind, others, codes)
    beats = BEAT * generator.integers(0, -(-steps // BEAT), (count, 1))
    turned = np.take_along_axis(codes, (np.arange(steps) + beats) % steps, axis=1)
    codes = np.where(chosen(_TURNED), turned, codes)
    jitter = generator.integers(-_FARTHEST, _FARTHEST + 1, codes.shape)
    jittered = chosen(_JITTERED) & _some(codes, _KEYS_JITTERED, generator) & (codes >= FIRST_KEY)
    codes = np.where(jittered, _bounded(codes + jitter), codes)
    without = chosen(_WITHOUT) & _some(codes, _NOTES_OUT, generator) & (codes >= FIRST_KEY)
    codes = np.where(without, np.where(chosen(0.5), HELD, SILENT), codes)
    short = chosen(_SHORT) & _some(codes, generator.random((count, 1)), generator)
    codes = np.where(short & (codes == HELD), SILENT, codes)
    codes = np.where(chosen(_FILLED) & (codes == SILENT), HELD, codes)
    return settled(codes)


def moved(codes: Integers, generator: np.random.Generator) -> Integers:
    """Bars (count, steps) each as a whole higher or lower by lot, no key beyond those there are."""
    keys = codes >= FIRST_KEY
    place = np.where(keys, codes - FIRST_KEY, 0)
    count = np.maximum(1, keys.sum(axis=1, keepdims=True))
    centre = place.sum(axis=1, keepdims=True) / count
    to = KEYS / 2 + _SPREAD * generator.standard_normal(centre.shape)
    place = place + np.round(to - centre).astype(np.int64)
    low = np.where(keys, place, KEYS).min(axis=1, keepdims=True)
    place = place + np.maximum(0, -low)
    high = np.where(keys, place, -1).max(axis=1, keepdims=True)
    place = place - np.maximum(0, high - (KEYS - 1))
    return np.where(keys, place + FIRST_KEY, codes)


def _some(
    codes: Integers, share: float | npt.NDArray[np.float64], generator: np.random.Generator
) -> Booleans:
    return np.asarray(generator.random(codes.shape) < share, np.bool_)


def _with_keys_of(codes: Integers, others: Integers) -> Integers:
    """The rhythm of bars with the keys that others have there or before."""
    steps = np.arange(codes.shape[1])
    said = np.where(others >= FIRST_KEY, steps, -1)
    last = np.maximum.accumulate(said, axis=1)
    first = np.where(others >= FIRST_KEY, steps, codes.shape[1] - 1).min(axis=1, keepdims=True)
    lent = np.take_along_axis(others, np.where(last < 0, first, last), axis=1)
    return np.where((codes >= FIRST_KEY) & (lent >= FIRST_KEY), lent, codes)


def _patterns(codes: Integers, generator: np.random.Generator) -> Integers:
    """Even strokes of a few keys in turn, as an arpeggiator or a sequencer plays them."""
    count, steps = codes.shape
    strokes = generator.choice(_STROKES, (count, 1), p=_STROKES_CHANCES)
    number, rest = np.divmod(np.arange(steps), strokes)
    middle = generator.integers(FIRST_KEY + _MOST_KEYS, CODES - _MOST_KEYS, (count, 1))
    keys = middle + generator.integers(-_FARTHEST, _FARTHEST + 1, (count, _MOST_KEYS))
    turn = generator.integers(1, _MOST_KEYS + 1, (count, 1))
    played = np.take_along_axis(keys, number % turn, axis=1)
    struck = (rest == 0) & (generator.random(codes.shape) >= _GAPS * generator.random((count, 1)))
    after = np.where(generator.random((count, 1)) < _HELD_ON, HELD, SILENT)
    return np.where(struck, _bounded(played), after)


def _bounded(keys: Integers) -> Integers:
    """The codes of keys, none beyond those that there are."""
    return np.clip(keys, FIRST_KEY, CODES - 1)
