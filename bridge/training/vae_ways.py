"""The ways in which the clone of MusicVAE is trained."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from bridge.training.clone_figures import (
    MELODY_VAE_2,
    MELODY_VAE_4,
    MELODY_VAE_4_BOUND,
    VAE_2,
    VAE_4_BOUND,
)
from bridge.training.vae_lesson import VaeRecipe

WAYS: Final[Mapping[str, VaeRecipe]] = MappingProxyType(
    {
        VAE_2: VaeRecipe(),
        VAE_4_BOUND: VaeRecipe(bars=4, beta=1.0, free_bits=0.0, rise=0.4, dropout=0.1),
    }
)
"""The published loss for bringing two bars back; for making four bars, the ELBO itself, which is
what they are compared by."""

MELODY_WAYS: Final[Mapping[str, VaeRecipe]] = MappingProxyType(
    {
        MELODY_VAE_4_BOUND: VaeRecipe(
            bars=4, beta=1.0, free_bits=0.0, rise=0.4, dropout=0.1, piece_dropout=0.0
        ),
        MELODY_VAE_4: VaeRecipe(bars=4, piece_dropout=0.0),
        MELODY_VAE_2: VaeRecipe(piece_dropout=0.0),
    }
)
"""Of melodies: for making four bars, and the published loss for bringing four or two back."""


def recipe_of(name: str, recipe: VaeRecipe) -> VaeRecipe:
    """What is trained under a name, by the schedule given; windows of four bars make half batches.

    So every way takes as many steps through as many bars.
    """
    way = {**WAYS, **MELODY_WAYS}[name]
    batch = max(1, recipe.schedule.batch * recipe.bars // way.bars)
    return replace(way, schedule=replace(recipe.schedule, batch=batch))
