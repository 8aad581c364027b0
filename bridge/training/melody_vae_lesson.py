"""What the clone of MusicVAE for melodies learns from: bars of sixteen sixteenths, in all keys."""

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np
import torch

from bridge.training.fit import Schedule
from bridge.training.melody_tunes import (
    FIRST_KEY,
    SHIFTS,
    MelodyWindows,
    Tune,
    classes_of,
    transposed,
    windows_of,
)
from bridge.training.metrics import Integers
from bridge.training.vae_clone import VaeShape
from bridge.training.vae_lesson import VaeMaterial, VaeRecipe

LOWEST: Final = 21
HIGHEST: Final = 108
"""The keys of a piano."""
KEYS: Final = HIGHEST - LOWEST + 1
CLASSES: Final = FIRST_KEY + KEYS
WIDTH: Final = 384
"""Where Magenta's ``mel_4bar`` has 1,024."""

MELODIES: Final = VaeShape(
    CLASSES, partial(torch.eye, CLASSES), encoder=WIDTH, decoder=WIDTH, layers=3
)
"""``mel_4bar`` at three eighths of its width."""

MelodyVaeRecipe = partial(
    VaeRecipe,
    schedule=Schedule(epochs=4, batch=64, learning_rate=2e-3, weight_decay=0.0),
    piece_dropout=0.0,
)
"""Of ways with two bars; see :func:`bridge.training.vae_ways.recipe_of`."""


def melody_material(
    recipe: VaeRecipe, train: Sequence[Tune], validation: Sequence[Tune]
) -> VaeMaterial:
    """Windows that begin at another bar each time, in another key each time."""
    windows = windows_of(train, recipe.bars)
    found, first, count = np.unique(windows.tune, return_index=True, return_counts=True)
    examples = np.repeat(np.arange(len(found)), -(-count // recipe.bars))
    return VaeMaterial(
        vae_classes(windows),
        first[examples].astype(np.int64),
        (first + count)[examples].astype(np.int64),
        in_another_key,
        vae_classes(windows_of(validation, recipe.bars, recipe.bars)),
    )


def vae_classes(windows: MelodyWindows) -> Integers:
    """What the clone calls the codes of windows, (windows, steps)."""
    return classes_of(windows.codes, LOWEST, HIGHEST)


def in_another_key(classes: Integers, generator: torch.Generator) -> Integers:
    """Melodies in keys drawn from all twelve."""
    shifts = torch.randint(SHIFTS.start, SHIFTS.stop, (len(classes),), generator=generator)
    return transposed(classes, shifts.numpy(), KEYS)
