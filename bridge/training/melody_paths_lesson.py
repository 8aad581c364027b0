"""What a line network learns: to give back a bar of melody from its place."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from bridge.codecs.melodybar import BEAT, CODES, Integers, settled
from bridge.training.fit import Progress, Schedule, fit
from bridge.training.interpolate_network import BarShape
from bridge.training.line_bars import LineBars
from bridge.training.melody_paths_network import LineNetwork
from bridge.training.practice_lines import changed, moved

_EXAMINED_AT_ONCE: Final = 512
_EXAMINED: Final = 4
"""Every fourth bar of the validation split is, after each epoch."""
_SHAPE: Final = BarShape(
    width=160, layers=3, heads=5, hidden=320, latent=48, narrow=96, dropout=0.0
)
_SCHEDULE: Final = Schedule(
    epochs=32, batch=256, learning_rate=1.5e-3, weight_decay=0.02, average=0.998
)
_RARE_METRES: Final = (20, 14, 10, 28, 32, 4, 22, 26, 30, 9, 7, 3)
"""Steps of bars that are made of others, joined and cut."""


@dataclass(frozen=True, slots=True)
class MelodyPathsRecipe:
    """Everything that decides what a line network becomes, but for the data."""

    shape: BarShape = _SHAPE
    schedule: Schedule = field(default_factory=lambda: _SCHEDULE)
    latent_cost: float = 0.2
    """Weight of what a place tells beyond the standard normal distribution, in nats (beta)."""
    warm_part: float = 0.1
    """So large a part of the training that weight grows from nothing."""
    changed_share: float = 0.3
    """Part of the bars that are changed (:mod:`bridge.training.practice_lines`)."""
    rare_metres: float = 0.05
    """Part of the batches whose bars are joined and cut to a metre that is not in the data."""
    batches: int = 250
    """In an epoch."""


class MelodyPathsLesson:
    """Bars to learn from and bars to be examined on."""

    def __init__(self, recipe: MelodyPathsRecipe, train: LineBars, validation: LineBars) -> None:
        self.recipe = recipe
        self._train = train
        sizes = np.array([len(bars) for bars in train.of.values()], np.float64)
        self._metres = np.array(list(train.of))
        self._shares = sizes / sizes.sum()
        self._validation = {steps: bars[::_EXAMINED] for steps, bars in validation.of.items()}

    @property
    def examples(self) -> int:
        """How many bars are drawn in an epoch."""
        return self.recipe.batches * self.recipe.schedule.batch

    def loss(
        self, network: LineNetwork, chosen: Tensor, generator: torch.Generator, part: float
    ) -> Tensor:
        """Nats a step, and the price of what places tell."""
        recipe = self.recipe
        seed = torch.randint(2**31, (1,), generator=generator, device=generator.device)
        chance = np.random.default_rng(int(seed))
        codes, others = self._drawn(2 * len(chosen), chance).reshape(2, len(chosen), -1)
        alike = chance.random((len(codes), 1)) >= recipe.changed_share
        codes = moved(np.where(alike, codes, changed(codes, others, chance)), chance)
        found, nats = tried(network, codes, generator)
        cost = recipe.latent_cost * min(1.0, part / recipe.warm_part)
        loss: Tensor = (found.sum(dim=1) + cost * nats).mean() / codes.shape[1]
        return loss

    def examine(self, network: LineNetwork) -> tuple[float, Mapping[str, float]]:
        """Nats a step with the price; how surely the bars of the validation split come back."""
        recipe = self.recipe
        generator = torch.Generator(_device_of(network)).manual_seed(recipe.schedule.seed)
        error = told = exact = of_draw = steps = bars = 0.0
        for group in self._validation.values():
            for start in range(0, len(group), _EXAMINED_AT_ONCE):
                codes = group[start : start + _EXAMINED_AT_ONCE]
                found, nats = tried(network, codes, generator)
                error += float(found.sum())
                of_draw += float((-found).exp().sum())
                told += float(nats.sum())
                middle, _ = tried(network, codes, None)
                exact += float((-middle).exp().sum())
                steps += codes.size
                bars += len(codes)
        return (error + recipe.latent_cost * told) / steps, {
            "nats a step": error / steps,
            "nats told a bar": told / bars,
            "steps right of a draw": of_draw / steps,
            "steps right": exact / steps,
        }

    def _drawn(self, count: int, chance: np.random.Generator) -> Integers:
        """Bars of one metre, (count, steps)."""
        if chance.random() >= self.recipe.rare_metres:
            steps = int(chance.choice(self._metres, p=self._shares))
            group = self._train.of[steps]
            return group[chance.integers(0, len(group), count)]
        steps = int(chance.choice(_RARE_METRES))
        longest = self._train.of[int(self._metres[self._shares.argmax()])]
        joined = longest[chance.integers(0, len(longest), (count, 2))].reshape(count, -1)
        return settled(joined[:, :steps])


def fit_melody_paths(
    recipe: MelodyPathsRecipe,
    train: LineBars,
    validation: LineBars,
    checkpoint: Path,
    *,
    report: Callable[[Progress], None],
    advance: Callable[[float], None] = lambda _: None,
) -> LineNetwork:
    """A trained line network; arguments as for :func:`bridge.training.fit.fit`."""
    return fit(
        lambda: LineNetwork(recipe.shape),
        MelodyPathsLesson(recipe, train, validation),
        recipe.schedule,
        asdict(recipe),
        checkpoint,
        report=report,
        advance=advance,
    )


def tried(
    network: LineNetwork, codes: Integers, generator: torch.Generator | None
) -> tuple[Tensor, Tensor]:
    """The nats of each step (bars, steps) and those its place tells (bars,).

    Without a generator the place is the mean.
    """
    bars, steps = codes.shape
    device = _device_of(network)
    filled = np.pad(codes, ((0, 0), (0, -steps % BEAT)))
    target = torch.from_numpy(filled).to(device)
    told = functional.one_hot(target, CODES).float()
    counted = (torch.arange(filled.shape[1], device=device) < steps).float().expand(bars, -1)
    mean, spread = network.listener(told, counted)
    latent = mean
    if generator is not None:
        latent = mean + spread * torch.randn(mean.shape, generator=generator, device=device)
    logits = network.player(latent, counted)[:, :steps].float()
    found = functional.cross_entropy(logits.transpose(1, 2), target[:, :steps], reduction="none")
    nats = 0.5 * (mean**2 + spread**2 - 1.0 - 2.0 * spread.log()).sum(dim=-1)
    return found, nats


def _device_of(network: LineNetwork) -> torch.device:
    return network.player.place.device
