"""Drum clips as two-bar windows of a sixteenth grid, and performed windows back as times.

A window is 32 steps of nine kit pieces. A *score* says only which piece is hit on which step; a
*performance* adds how strong (velocity, 0–1) and how late (offset, −0.5–0.5 steps, positive =
late). This is the grid of GrooVAE (Gillick et al. 2019) with the sign of the offset turned round.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH, Ticks

CODEC_ID: Final = "drum-grid-16-v1"

STEPS: Final = 32
"""Steps (sixteenths) in a window: two bars of 4/4."""
PIECES: Final = 9
METRE_FEATURES: Final = 9
PERFORMANCE_FEATURES: Final = 3 * PIECES

Floats: TypeAlias = npt.NDArray[np.float32]
Integers: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Performance:
    """Windows of drumming, all arrays (windows, 32, 9)."""

    hits: Floats
    """1 where a piece is hit, else 0."""
    velocity: Floats
    """0–1; 0 where nothing is hit."""
    offset: Floats
    """−0.5–0.5 steps, positive = late; 0 where nothing is hit."""

    def features(self) -> Floats:
        """The three arrays side by side, (windows, 32, 27)."""
        return np.concatenate([self.hits, self.velocity, self.offset], axis=-1)


def metre_features(first_steps: Integers, ticks_per_bar: Ticks, steps: int = STEPS) -> Floats:
    """Where each step of each window stands in its bar, (windows, steps, 9).

    Four features for the sixteenth in the beat, four for the beat in the bar (the fifth beat looks
    like the first), one for the step that begins a bar. A metre whose bar is no whole number of
    sixteenths works too: a step belongs to the bar it begins in.

    Args:
        first_steps: The step at which each window begins, (windows,); may be negative.
        ticks_per_bar: The length of a bar.
        steps: How many there are in a window.
    """
    standing = first_steps[:, None] + np.arange(steps)  # (windows, steps)
    in_bar = np.mod(standing * TICKS_PER_SIXTEENTH, ticks_per_bar)
    sixteenth = in_bar // TICKS_PER_SIXTEENTH % 4
    beat = in_bar // TICKS_PER_BEAT % 4
    downbeat = in_bar < TICKS_PER_SIXTEENTH
    one_of_four = np.eye(4, dtype=np.float32)
    return np.concatenate(
        [one_of_four[sixteenth], one_of_four[beat], downbeat[..., None].astype(np.float32)],
        axis=-1,
    )


def tempo_feature(tempo: float) -> np.float32:
    """The tempo as octaves above 120 quarter notes a minute."""
    return np.float32(np.log2(tempo / 120.0))
