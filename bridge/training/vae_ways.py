"""The ways in which the clone of MusicVAE is trained."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from bridge.training.vae_lesson import VaeRecipe

WAYS: Final[Mapping[str, VaeRecipe]] = MappingProxyType(
    {
        "music-vae-2-bars": VaeRecipe(),
        "music-vae-4-bars": VaeRecipe(bars=4),
        "music-vae-4-bars-elbo": VaeRecipe(bars=4, beta=1.0, free_bits=0.0, rise=0.4, dropout=0.3),
    }
)
"""The published loss for bringing back two bars; for making four, that and the bound itself."""


def recipe_of(name: str, recipe: VaeRecipe) -> VaeRecipe:
    """What is trained under a name, by the schedule given; windows of four bars make half batches.

    So every way takes as many steps through as many bars.
    """
    way = WAYS[name]
    batch = max(1, recipe.schedule.batch * recipe.bars // way.bars)
    return replace(way, schedule=replace(recipe.schedule, batch=batch))
