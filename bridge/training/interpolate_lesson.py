"""What a bar network learns: to give back a bar from its place, and to keep places together."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from bridge.codecs.drumbar import BEAT, Integers
from bridge.codecs.drumscore import hits_of
from bridge.training.corpus import STEPS_PER_BAR
from bridge.training.fit import Progress, Schedule, fit
from bridge.training.interpolate_network import BarNetwork, BarShape
from bridge.training.practice_bars import bars_played, changed, steps_of_metre
from bridge.training.scores import Scores

_EXAMINED_AT_ONCE: Final = 512
_SCHEDULE: Final = Schedule(
    epochs=36, batch=256, learning_rate=1.5e-3, weight_decay=0.05, average=0.998
)


@dataclass(frozen=True, slots=True)
class InterpolateRecipe:
    """Everything that decides what a bar network becomes, but for the data."""

    shape: BarShape = field(default_factory=BarShape)
    schedule: Schedule = _SCHEDULE
    latent_cost: float = 0.2
    """Weight of what a place tells beyond the standard normal distribution, in nats (beta)."""
    warm_part: float = 0.15
    """So large a part of the training that weight grows from nothing."""
    changed_share: float = 0.5
    """Part of the bars that are changed (:mod:`bridge.training.practice_bars`)."""
    other_metres: float = 0.2
    """Part of the batches whose bars are cut to another metre."""


class InterpolateLesson:
    """Bars to learn from and bars to be examined on."""

    def __init__(self, recipe: InterpolateRecipe, train: Scores, validation: Scores) -> None:
        self.recipe = recipe
        self._train = bars_played(train)
        self._validation = bars_played(validation)[:, :STEPS_PER_BAR]

    @property
    def examples(self) -> int:
        """How many bars there are to learn from."""
        return len(self._train)

    def loss(
        self, network: BarNetwork, chosen: Tensor, generator: torch.Generator, part: float
    ) -> Tensor:
        """Nats a step, and the price of what places tell."""
        recipe = self.recipe
        seed = torch.randint(2**31, (1,), generator=generator, device=generator.device)
        chance = np.random.default_rng(int(seed))
        codes = self._train[chosen.cpu().numpy()]
        others = self._train[chance.integers(0, len(self._train), len(codes))]
        codes = np.where(
            chance.random((len(codes), 1)) < recipe.changed_share,
            changed(codes, others, chance),
            codes,
        )
        steps = steps_of_metre(chance, recipe.other_metres)
        found, nats = _tried(network, codes[:, :steps], generator)
        cost = recipe.latent_cost * min(1.0, part / recipe.warm_part)
        return (found.sum(dim=1) + cost * nats).mean() / steps

    def examine(self, network: BarNetwork) -> tuple[float, Mapping[str, float]]:
        """Nats a step with the price; how surely the bars of the validation split come back."""
        recipe = self.recipe
        generator = torch.Generator(_device_of(network)).manual_seed(recipe.schedule.seed)
        error = told = exact = 0.0
        for start in range(0, len(self._validation), _EXAMINED_AT_ONCE):
            codes = self._validation[start : start + _EXAMINED_AT_ONCE]
            found, nats = _tried(network, codes, generator)
            error += float(found.sum())
            told += float(nats.sum())
            middle, _ = _tried(network, codes, None)
            exact += float((-middle).exp().sum())
        steps = self._validation.size
        return (error + recipe.latent_cost * told) / steps, {
            "nats a step": error / steps,
            "nats told a bar": told / len(self._validation),
            "steps right": exact / steps,
        }


def fit_interpolate(
    recipe: InterpolateRecipe,
    train: Scores,
    validation: Scores,
    checkpoint: Path,
    *,
    report: Callable[[Progress], None],
    advance: Callable[[float], None] = lambda _: None,
) -> BarNetwork:
    """A trained bar network; arguments as for :func:`bridge.training.fit.fit`."""
    return fit(
        lambda: BarNetwork(recipe.shape),
        InterpolateLesson(recipe, train, validation),
        recipe.schedule,
        asdict(recipe),
        checkpoint,
        report=report,
        advance=advance,
    )


def _tried(
    network: BarNetwork, codes: Integers, generator: torch.Generator | None
) -> tuple[Tensor, Tensor]:
    """The nats of each step (bars, steps) and those its place tells (bars,).

    Without a generator the place is the mean.
    """
    bars, steps = codes.shape
    device = _device_of(network)
    filled = np.pad(codes, ((0, 0), (0, -steps % BEAT)))
    hits = torch.from_numpy(hits_of(filled)).to(device)
    counted = (torch.arange(filled.shape[1], device=device) < steps).float().expand(bars, -1)
    mean, spread = network.listener(hits, counted)
    latent = mean
    if generator is not None:
        latent = mean + spread * torch.randn(mean.shape, generator=generator, device=device)
    logits = network.player(latent, counted)[:, :steps].float()
    target = torch.from_numpy(codes).to(device)
    found = functional.cross_entropy(logits.transpose(1, 2), target, reduction="none")
    told = 0.5 * (mean**2 + spread**2 - 1.0 - 2.0 * spread.log()).sum(dim=-1)
    return found, told


def _device_of(network: BarNetwork) -> torch.device:
    return network.player.place.device
