"""Bars of a melody as the model reads them that gives a bar a place in a space of bars.

A bar has up to 32 steps of a sixteenth, each with one code: silence, the note before held on, or
a key that is struck. Keys are counted from a middle that the caller chooses, so that a bar is the
same bar in every key and register. A clip is a row of bars, each by itself: what is the same bar
is the same place, wherever it stands.
"""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.codecs.melodysteps import HOLD, SILENCE
from bridge.music.clip import MIDI_KEYS

CODEC_ID: Final = "melody-bar-16-v1"

LONGEST: Final = 32
"""Steps of the longest bar: 2 bars of 4/4, or 4/2."""
BEAT: Final = 4
"""Steps that the model reads together."""

SILENT: Final = 0
"""Nothing sounds any more, or nothing sounds yet."""
HELD: Final = 1
"""The note that was struck before sounds on, from the bar before too."""
FIRST_KEY: Final = 2
"""The code of the lowest key."""
KEYS: Final = 64
"""How many keys can be told apart, half of them below the middle."""
CODES: Final = FIRST_KEY + KEYS

Floats: TypeAlias = npt.NDArray[np.float32]
Integers: TypeAlias = npt.NDArray[np.int64]


def coded(steps: npt.NDArray[np.int16] | Integers, middle: int) -> Integers:
    """Codes of steps as :mod:`bridge.codecs.melodysteps` has them, in the same shape.

    A key too far from the middle moves by octaves until it is near enough.

    Args:
        steps: A MIDI key, ``HOLD`` or ``SILENCE`` each.
        middle: The MIDI key that keys are counted from.
    """
    place = steps.astype(np.int64) - middle + KEYS // 2
    place += 12 * np.maximum(0, -(place // 12))
    place -= 12 * np.maximum(0, -((KEYS - 1 - place) // 12))
    return np.where(
        steps == SILENCE, SILENT, np.where(steps == HOLD, HELD, place + FIRST_KEY)
    ).astype(np.int64)


def decoded(codes: Integers, middle: int) -> Integers:
    """The steps that codes stand for, in the same shape; see :func:`coded`."""
    keys = codes - FIRST_KEY - KEYS // 2 + middle
    return np.where(codes == SILENT, SILENCE, np.where(codes == HELD, HOLD, keys))


def keys_of_codes(middle: int) -> Integers:
    """The MIDI key that each code strikes, (66,); −1 for those that strike none.

    Keys that MIDI does not have are −1 too.
    """
    keys = np.arange(CODES) - FIRST_KEY - KEYS // 2 + middle
    keys[~np.isin(keys, MIDI_KEYS)] = -1
    keys[:FIRST_KEY] = -1
    return keys


def settled(codes: Integers) -> Integers:
    """Rows of codes (…, steps) in which nothing is held that is not there: silence instead.

    What is held from before the row's beginning stays.
    """
    steps = np.arange(codes.shape[-1])
    said = np.where(codes == HELD, -1, steps)  # The last step that says something new.
    last = np.maximum.accumulate(said, axis=-1)
    before = np.take_along_axis(codes, np.maximum(last, 0), axis=-1)
    dead = (codes == HELD) & (last >= 0) & (before == SILENT)
    return np.where(dead, SILENT, codes)


def bars_of(codes: Integers, steps_per_bar: int) -> Integers:
    """The bars of a row of codes, (bars, steps of a bar); the last is filled with silence.

    Args:
        codes: One code a step, (steps,).
        steps_per_bar: At most 32.
    """
    missing = -len(codes) % steps_per_bar
    return np.pad(codes, (0, missing)).reshape(-1, steps_per_bar)


def features_of(bars: Integers) -> tuple[Floats, Floats]:
    """What the model reads of bars (bars, steps).

    Returns:
        1 for the code of each step, else 0, (bars, 32, 66), and 1 where a step counts, (bars, 32).
    """
    count, steps = bars.shape
    told = np.zeros((count, LONGEST, CODES), np.float32)
    told[:, :steps] = np.arange(CODES) == bars[..., None]
    return told, steps_counted(count, steps)


def steps_counted(count: int, steps: int) -> Floats:
    """1 for the steps of so many bars that count, else 0, (bars, 32)."""
    return np.tile((np.arange(LONGEST) < steps).astype(np.float32), (count, 1))
