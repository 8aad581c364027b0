"""Drum clips as one code a step, and what a model that writes on is told at each step.

A code has one bit for each of the nine pieces (0 is silence, 511 all of them), so a score of any
length is a row of codes. The model reads a score step by step: what was hit a step ago and one, two
and four bars ago, and where the step to be written stands in its bar and in eight bars.
"""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumgrid import METRE_FEATURES, PIECES, metre_features
from bridge.music.units import TICKS_PER_SIXTEENTH

CODEC_ID: Final = "drum-score-16-v1"

CODES: Final = 2**PIECES
LAGS: Final = 4
"""A step ago, and one, two and four bars ago."""
BARS_OF_PHRASE: Final = 8
PLACE_FEATURES: Final = METRE_FEATURES + BARS_OF_PHRASE

Floats: TypeAlias = npt.NDArray[np.float32]
Integers: TypeAlias = npt.NDArray[np.int64]


def codes_of(hits: npt.NDArray[np.generic]) -> Integers:
    """The codes of hits (..., 9): an array of one dimension less."""
    return np.asarray((np.asarray(hits) > 0) @ (1 << np.arange(PIECES)), np.int64)


def hits_of(codes: Integers) -> Floats:
    """The hits of codes, (..., 9), each 0 or 1."""
    return np.asarray(codes[..., None] >> np.arange(PIECES) & 1, np.float32)


def lags_of(steps_per_bar: int) -> tuple[int, int, int, int]:
    """How many steps back the model is told what was hit."""
    return 1, steps_per_bar, 2 * steps_per_bar, 4 * steps_per_bar


def look_back(codes: Integers, steps_per_bar: int) -> tuple[Floats, Floats]:
    """What was hit before each step of scores (scores, steps), and whether it is known.

    Returns:
        Hits at each of the four lags, (scores, steps, 36), and 1 where the score reaches so far
        back, else 0, (scores, steps, 4).
    """
    scores, steps = codes.shape
    hits = hits_of(codes)
    heard = np.zeros((scores, steps, LAGS, PIECES), np.float32)
    known = np.zeros((scores, steps, LAGS), np.float32)
    for number, lag in enumerate(lags_of(steps_per_bar)):
        heard[:, lag:, number] = hits[:, : max(0, steps - lag)]
        known[:, lag:, number] = 1.0
    return heard.reshape(scores, steps, LAGS * PIECES), known


def places(first_steps: Integers, steps: int, steps_per_bar: int) -> Floats:
    """Where each step stands in its bar and in eight bars, (scores, steps, 17).

    Args:
        first_steps: The step at which each score begins, counted from a bar's start, (scores,).
        steps: How many steps each score has.
        steps_per_bar: How many make a bar.
    """
    metre = metre_features(first_steps, steps_per_bar * TICKS_PER_SIXTEENTH, steps)
    bar = (first_steps[:, None] + np.arange(steps)) // steps_per_bar % BARS_OF_PHRASE
    return np.concatenate([metre, np.eye(BARS_OF_PHRASE, dtype=np.float32)[bar]], axis=-1)


def forbidden(pieces: int, most: int) -> Floats:
    """What to add to the logits of the 512 codes: 0, and −∞ where a code may not be.

    Args:
        pieces: The code of all pieces that may be played.
        most: How many pieces may be hit on a step, from 1.
    """
    codes = np.arange(CODES)
    allowed = (codes & ~pieces == 0) & (hits_of(codes).sum(axis=-1) <= most)
    return np.where(allowed, 0.0, -np.inf).astype(np.float32)
