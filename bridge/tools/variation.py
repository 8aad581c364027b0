"""Beats near a clip: as far from it as is wanted, on the way to a beat that nobody has heard."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from bridge.codecs.drumbar import Floats, Integers
from bridge.codecs.drumscore import CODES
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Model
from bridge.tools.score_paths import Chance, Stop, played_at, walk

SHARED: Final = 0.9
"""So much of the variance of where a take goes is common to its bars: it is one idea."""


@dataclass(frozen=True, slots=True)
class Variation:
    """A beat near another."""

    score: Integers
    """Codes, (bars, steps)."""
    part: float
    """How far it has gone, 0–1."""


def vary(
    near: Stop,
    part: float,
    generator: np.random.Generator,
    player: Model,
    *,
    temperature: float,
    banned: Floats,
    cancel: Cancel,
) -> Integers:
    """A score near another, as codes (bars, steps).

    It lies on the way to a score drawn from all that the model knows; bars that are the same stay
    the same, and the others go alike.

    Args:
        near: Where it begins.
        part: How far it goes: 0 stays, 1 arrives.
        generator: The chance of the take: where it goes, and what is struck there.
        player: The interpolate model.
        temperature: 0 takes the likeliest.
        banned: What is added to the logits, (512,); this holds even where nothing is changed.
        cancel: Asked before every run of the model.

    Raises:
        ModelMissingError: if the model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    steps, numbers = near.bars.shape[1], near.places.shape[1]
    chance = Chance.drawn(generator, steps, temperature, banned)
    _, once, which = np.unique(near.bars, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(once))  # Bars by where they come first, not by their codes.
    common = generator.standard_normal(numbers)
    own = generator.standard_normal((len(once), numbers))[order]
    places = np.sqrt(SHARED) * common + np.sqrt(1.0 - SHARED) * own
    far = np.asarray(places, np.float32)[which.ravel()]
    logits = played_at(np.concatenate([near.places, far]), steps, player, cancel)
    scores = np.asarray(logits + chance.noise + banned, np.float32)
    first = Stop(_allowed(near.bars, scores[: len(far)], banned), near.places)
    last = Stop(scores[len(far) :].argmax(axis=-1), far)
    _, middle, _ = walk(first, last, (0.0, part, 1.0), player, chance, cancel=cancel)
    return middle.bars


def _allowed(bars: Integers, scores: Floats, banned: Floats) -> Integers:
    """The bars, each step that may not be as it is without some of its pieces."""
    codes = np.arange(CODES)
    less = np.where(codes & ~bars[..., None] == 0, scores, -np.inf)
    return np.where(np.isfinite(banned)[bars], bars, less.argmax(axis=-1))
