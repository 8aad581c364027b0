"""Bars of a drum score as the model reads them that gives a bar a place in a space of bars.

A bar has up to 32 steps of nine kit pieces; of a shorter one the rest is said not to count. A clip
is a row of bars, each by itself: what is the same bar is the same place, wherever it stands.
"""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import hits_of

CODEC_ID: Final = "drum-bar-16-v1"

LONGEST: Final = 32
"""Steps of the longest bar: 2 bars of 4/4, or 4/2."""
BEAT: Final = 4
"""Steps of a beat."""
BEATS: Final = LONGEST // BEAT

Floats: TypeAlias = npt.NDArray[np.float32]
Integers: TypeAlias = npt.NDArray[np.int64]


def bars_of(codes: Integers, steps_per_bar: int) -> Integers:
    """The bars of a score, (bars, steps of a bar); the last is filled with silence.

    Args:
        codes: One code a step, (steps,).
        steps_per_bar: At most 32.
    """
    missing = -len(codes) % steps_per_bar
    return np.pad(codes, (0, missing)).reshape(-1, steps_per_bar)


def features_of(bars: Integers) -> tuple[Floats, Floats]:
    """What the model reads of bars (bars, steps).

    Returns:
        Hits, (bars, 32, 9), and 1 where a step counts, (bars, 32).
    """
    count, steps = bars.shape
    hits = np.zeros((count, LONGEST, PIECES), np.float32)
    hits[:, :steps] = hits_of(bars)
    return hits, steps_counted(count, steps)


def steps_counted(count: int, steps: int) -> Floats:
    """1 for the steps of so many bars that count, else 0, (bars, 32)."""
    return np.tile((np.arange(LONGEST) < steps).astype(np.float32), (count, 1))
