"""Drum clips as one code a step, and what a model that writes scores is told at each step.

A code has one bit for each of the nine pieces (0 is silence, 511 all of them), so a score of any
length is a row of codes. A score is read and written step by step, in *turns*: first all that is
known, from left to right, then what is to be written, from left to right. At its turn a step is
told what stands a step and one, two and four bars before it and after it, as far as that has had
its turn; how far the last steps agree with those so many bars away; where in its bar and in eight
bars it stands. So one model plays on, fills gaps, and begins from nothing.
"""

from dataclasses import dataclass
from typing import Final, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumgrid import METRE_FEATURES, PIECES, metre_features
from bridge.music.styles import STYLES
from bridge.music.units import TICKS_PER_SIXTEENTH

CODEC_ID: Final = "drum-score-16-v2"

CODES: Final = 2**PIECES
BARS_APART: Final = (1, 2, 4)
LAGS: Final = 2 * (1 + len(BARS_APART))
"""A step and one, two and four bars before; then the same after."""
SPANS: Final = (4, 16)
"""Over so many steps agreement is told."""
ALIKE_FEATURES: Final = 2 * len(BARS_APART) * len(SPANS)
BARS_OF_PHRASE: Final = 8
PLACE_FEATURES: Final = METRE_FEATURES + BARS_OF_PHRASE

Floats: TypeAlias = npt.NDArray[np.float32]
Integers: TypeAlias = npt.NDArray[np.int64]
Booleans: TypeAlias = npt.NDArray[np.bool_]


def codes_of(hits: npt.NDArray[np.generic]) -> Integers:
    """The codes of hits (..., 9): an array of one dimension less."""
    return np.asarray((np.asarray(hits) > 0) @ (1 << np.arange(PIECES)), np.int64)


def hits_of(codes: Integers) -> Floats:
    """The hits of codes, (..., 9), each 0 or 1."""
    return np.asarray(codes[..., None] >> np.arange(PIECES) & 1, np.float32)


def lags_of(steps_per_bar: int) -> tuple[int, ...]:
    """How many steps away the model is told what is hit; those after it are negative."""
    before = (1, *(bars * steps_per_bar for bars in BARS_APART))
    return (*before, *(-lag for lag in before))


def turns_of(written: Booleans) -> Integers:
    """When each step has its turn, (steps,): first what is known, then what is written.

    Args:
        written: Which steps are to be written, (steps,).
    """
    turn = np.empty(len(written), np.int64)
    turn[np.argsort(written, kind="stable")] = np.arange(len(written))
    return turn


@dataclass(frozen=True, slots=True)
class Outlook:
    """Which other steps each step of a score is told of; −1 where one is not known at its turn."""

    seen: Integers
    """At each lag, (steps, 8)."""
    here: Integers
    """The last steps before it, whose agreement is told, (steps, 6, 16)."""
    there: Integers
    """What they are compared with, (steps, 6, 16)."""

    @classmethod
    def of(cls, turn: Integers, steps_per_bar: int) -> Self:
        """The outlook of steps that have their turns in this order.

        Args:
            turn: As :func:`turns_of` gives it, (steps,).
            steps_per_bar: How many steps make a bar.
        """
        lags = np.array(lags_of(steps_per_bar))
        step = np.arange(len(turn))
        bars = np.delete(lags, (0, LAGS // 2))
        here = step[:, None, None] - 1 - np.arange(max(SPANS)) + np.zeros((len(bars), 1), np.int64)
        there = here - bars[:, None]
        known = (_known(here, turn) >= 0) & (_known(there, turn) >= 0)
        return cls(
            _known(step[:, None] - lags, turn),
            np.where(known, here, -1),
            np.where(known, there, -1),
        )

    def tell(
        self, codes: Integers, chosen: slice | int = slice(None)
    ) -> tuple[Floats, Floats, Floats]:
        """What some steps of scores (scores, steps) are told.

        Returns:
            Hits at each lag, (scores, chosen, 72); 1 where the lag is known, else 0,
            (scores, chosen, 8); how far the last 4 and 16 steps agree with those at each lag of
            bars, −1–1 and 0 where nothing is known, (scores, chosen, 12). With one chosen step
            that axis is left out.
        """
        seen, here, there = self.seen[chosen], self.here[chosen], self.there[chosen]
        known = np.broadcast_to((seen >= 0).astype(np.float32), (len(codes), *seen.shape))
        score = hits_of(np.where(seen >= 0, codes[:, seen], 0))
        same = np.where(codes[:, here] == codes[:, there], 1.0, -1.0) * (here >= 0)
        alike = np.concatenate([same[..., :span].mean(axis=-1) for span in SPANS], axis=-1)
        flat = score.reshape(*score.shape[:-2], LAGS * PIECES)
        return flat, np.ascontiguousarray(known), alike.astype(np.float32)


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


def style_features(style: str) -> Floats:
    """One of eighteen, (18,); zeros for any other word."""
    return np.array([style == each for each in STYLES], np.float32)


def forbidden(pieces: int, most: int, kept: int = 0) -> Floats:
    """What to add to the logits of the 512 codes: 0, and −∞ where a code may not be.

    Args:
        pieces: The code of all pieces that may be played.
        most: How many pieces may be hit on a step, from 1.
        kept: The code of pieces that are hit whatever the others say; they count towards ``most``.
    """
    codes = np.arange(CODES)
    allowed = (codes & kept == kept) & (codes & ~(pieces | kept) == 0)
    allowed &= hits_of(codes).sum(axis=-1) <= max(most, kept.bit_count())
    return np.where(allowed, 0.0, -np.inf).astype(np.float32)


def forbidden_at(pieces: int, most: int, kept: Integers) -> Floats:
    """As :func:`forbidden`, for each step with what is kept there, (steps, 512)."""
    different, which = np.unique(kept, return_inverse=True)
    return np.stack([forbidden(pieces, most, int(code)) for code in different])[which]


def _known(other: Integers, turn: Integers) -> Integers:
    """The numbers of other steps (steps, ...), −1 where there is none or its turn is later."""
    inside = (other >= 0) & (other < len(turn))
    own = turn.reshape(-1, *(1 for _ in other.shape[1:]))
    return np.where(inside & (turn[np.where(inside, other, 0)] < own), other, -1)
