"""What the clone of MusicVAE learns: to bring scores back through a narrow place."""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from bridge.codecs.drumgrid import PIECES
from bridge.training.corpus import STEPS_PER_BAR
from bridge.training.fit import Progress, Schedule, fit
from bridge.training.scores import Integers, Scores
from bridge.training.vae_clone import VaeClone, VaeShape, divergence

_EXAMINED_AT_ONCE: Final = 256
_SCHEDULE: Final = Schedule(epochs=18, batch=64, learning_rate=2e-3, weight_decay=0.0)


@dataclass(frozen=True, slots=True)
class VaeRecipe:
    """Everything that decides what the clone becomes, but for the data.

    As published for ``cat-drums_2bar_small``, but that it is always told the true step before, as
    ours is: Magenta's learned from its own draws now and then.
    """

    schedule: Schedule = _SCHEDULE
    bars: int = 2
    beta: float = 0.2
    """What a nat of the latent costs."""
    free_bits: float = 48.0
    """So much of the latent costs nothing."""
    rise: float = 0.0
    """Part of the training in which the cost rises to that."""
    dropout: float = 0.0
    piece_dropout: float = 0.05
    """Chance that a piece of the kit is taken out of a window; as in ours. Of drums only."""


Vary: TypeAlias = Callable[[Integers, torch.Generator], Integers]
"""Codes (scores, steps) as they may as well have been."""


@dataclass(frozen=True, slots=True)
class VaeMaterial:
    """Windows to learn from and to examine."""

    train: Integers
    """Codes, (windows, steps)."""
    low: Integers
    """Each example is a window from this one, (examples,), …"""
    high: Integers
    """… to before this one, so that what is long is seen more often, wherever it begins."""
    vary: Vary
    """What is done to those that are learnt from."""
    validation: Integers
    """Codes, (windows, steps)."""


def drum_material(recipe: VaeRecipe, train: Scores, validation: Scores) -> VaeMaterial:
    """Windows that begin at another bar each time, of files of drumming."""
    windows, file = whole_windows(train, recipe.bars)
    _, stands_for = whole_windows(train, recipe.bars, recipe.bars)

    def with_fewer_pieces(codes: Integers, generator: torch.Generator) -> Integers:
        kept = torch.rand(len(codes), PIECES, generator=generator) >= recipe.piece_dropout
        pieces = (kept.numpy() @ (1 << np.arange(PIECES))).astype(np.int64)
        return np.asarray(codes & pieces[:, None], np.int64)

    return VaeMaterial(
        windows,
        np.searchsorted(file, stands_for, side="left"),
        np.searchsorted(file, stands_for, side="right"),
        with_fewer_pieces,
        whole_windows(validation, recipe.bars)[0],
    )


class VaeLesson:
    """Windows to learn from, and others to examine."""

    def __init__(self, recipe: VaeRecipe, material: VaeMaterial) -> None:
        self.recipe = recipe
        self._material = material

    @property
    def examples(self) -> int:
        """Windows that hold every bar once."""
        return len(self._material.low)

    def loss(
        self, network: VaeClone, chosen: Tensor, generator: torch.Generator, part: float
    ) -> Tensor:
        """Nats a step, those of the latent at their cost."""
        recipe, material = self.recipe, self._material
        drawn = torch.rand(len(chosen), generator=generator).numpy()
        low, high = material.low[chosen.numpy()], material.high[chosen.numpy()]
        numbers = low + (drawn * (high - low)).astype(np.int64)
        codes = torch.from_numpy(material.vary(material.train[numbers], generator))
        nats, latent = nats_of(network, codes, generator)
        beta = recipe.beta * (min(1.0, part / recipe.rise) if recipe.rise else 1.0)
        return _cost(nats.sum(dim=1), latent, beta, recipe.free_bits).mean() / codes.shape[1]

    def examine(self, network: VaeClone) -> tuple[float, Mapping[str, float]]:
        """The loss on the validation split at its whole cost, and the bound on nats a step."""
        recipe, windows = self.recipe, self._material.validation
        generator = torch.Generator().manual_seed(0)
        nats, latent = [], []
        for start in range(0, len(windows), _EXAMINED_AT_ONCE):
            codes = torch.from_numpy(windows[start : start + _EXAMINED_AT_ONCE])
            given, cost = nats_of(network, codes, generator)
            nats.append(given.sum(dim=1))
            latent.append(cost)
        written, told = torch.cat(nats), torch.cat(latent)
        steps = recipe.bars * STEPS_PER_BAR
        loss = float(_cost(written, told, recipe.beta, recipe.free_bits).mean()) / steps
        bound = float((written + told).mean()) / steps
        return loss, {"−ELBO a step": bound, "of the latent": float(told.mean()) / steps}


def nats_of(network: VaeClone, codes: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Nats of every step once a latent is drawn, (scores, steps), and of the latent, (scores,)."""
    mean, spread = network.encode(codes)
    noise = torch.randn(mean.shape, generator=generator)
    logits = network.decode(mean + spread * noise, codes)
    nats = functional.cross_entropy(logits.transpose(1, 2), codes, reduction="none")
    return nats, divergence(mean, spread)


def whole_windows(scores: Scores, bars: int, hop_bars: int = 1) -> tuple[Integers, Integers]:
    """Windows of so many bars that lie in a file: codes (windows, steps), files (windows,)."""
    steps = bars * STEPS_PER_BAR
    codes, file = [], []
    for whole, own_file in zip(scores.codes, scores.file, strict=True):
        for first in range(0, len(whole) - steps + 1, hop_bars * STEPS_PER_BAR):
            codes.append(whole[first : first + steps])
            file.append(own_file)
    return np.stack(codes), np.array(file, np.int64)


def fit_vae(
    recipe: VaeRecipe,
    shape: VaeShape,
    material: VaeMaterial,
    checkpoint: Path,
    *,
    report: Callable[[Progress], None],
    advance: Callable[[float], None] = lambda _: None,
) -> VaeClone:
    """MusicVAE's architecture, trained; arguments as for :func:`bridge.training.fit.fit`."""
    return fit(
        lambda: VaeClone(shape, recipe.dropout),
        VaeLesson(recipe, material),
        recipe.schedule,
        asdict(recipe),
        checkpoint,
        report=report,
        advance=advance,
    )


def _cost(nats: Tensor, latent: Tensor, beta: float, free_bits: float) -> Tensor:
    return nats + beta * (latent - free_bits * math.log(2.0)).clamp_min(0.0)
