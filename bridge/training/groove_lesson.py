"""What a groove network learns: to play scores as drummers did, with their feel and without."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from bridge.codecs.drumgrid import PIECES, metre_features
from bridge.music.units import TICKS_PER_BEAT
from bridge.training.corpus import Windows
from bridge.training.fit import Progress, Schedule, device_of_training, fit
from bridge.training.networks import OFFSET_BINS, VELOCITY_BINS, GrooveNetwork, GrooveShape

BAR_OF_COMMON_TIME: Final = 4 * TICKS_PER_BEAT

_FREE_UNTIL: Final = 0.6
_WARM_EPOCHS: Final = 2.0
_EXAMINED_AT_ONCE: Final = 256


@dataclass(frozen=True, slots=True)
class GrooveRecipe:
    """Everything that decides what a groove network becomes, but for the data."""

    shape: GrooveShape = field(default_factory=GrooveShape)
    schedule: Schedule = field(default_factory=Schedule)
    piece_dropout: float = 0.1
    """Chance that a piece of the kit is hidden from the score of a window."""
    tempo_jitter: float = 0.03
    """Standard deviation, octaves."""
    unknown_share: float = 0.35
    """Part of the windows that are played without a feel."""
    other_share: float = 0.25
    """Part of the windows whose feel is heard from another window of the same file."""
    feel_cost: float = 0.5
    """Weight of what a feel tells beyond the standard normal distribution, in nats (beta)."""
    free_nats: tuple[float, float] = (12.0, 3.0)
    """So much a window's feel may tell at no cost: at first, and from 60 % of all steps on."""
    offset_blur: float = 0.02
    """Standard deviation in steps with which a played offset is spread over its bins."""
    velocity_blur: float = 0.025
    offset_weight: float = 8.0
    """Weight of the squared error of the mean offset, in steps."""
    velocity_weight: float = 4.0
    """Weight of the squared error of the mean velocity."""


@dataclass(frozen=True, slots=True)
class GrooveData:
    """A split on the device, ready to be batched."""

    score: Tensor  # (windows, 32, 9)
    velocity: Tensor
    offset: Tensor
    tempo: Tensor  # (windows, 1), log2(tempo / 120)
    other_low: Tensor  # (windows,), first window of the same file
    other_high: Tensor  # (windows,), one past the last window of the same file

    @classmethod
    def of(cls, windows: Windows, device: torch.device) -> "GrooveData":
        """The windows as tensors; windows of a file must stand together."""
        low = np.searchsorted(windows.file, windows.file, side="left")
        high = np.searchsorted(windows.file, windows.file, side="right")
        played = windows.played
        return cls(
            score=torch.from_numpy(played.hits).to(device),
            velocity=torch.from_numpy(played.velocity).to(device),
            offset=torch.from_numpy(played.offset).to(device),
            tempo=torch.log2(torch.from_numpy(windows.tempo) / 120.0)[:, None].to(device),
            other_low=torch.from_numpy(low).to(device),
            other_high=torch.from_numpy(high).to(device),
        )

    def __len__(self) -> int:
        return len(self.score)


@dataclass(frozen=True, slots=True)
class GrooveLesson:
    """Windows to learn from and windows to be examined on."""

    recipe: GrooveRecipe
    train: GrooveData
    validation: GrooveData

    @property
    def examples(self) -> int:
        """How many windows there are to learn from."""
        return len(self.train)

    def loss(
        self, network: GrooveNetwork, chosen: Tensor, generator: torch.Generator, part: float
    ) -> Tensor:
        """Nats a hit, the errors of the means, and the price of what feels tell."""
        recipe, data, device = self.recipe, self.train, self.train.score.device
        count = len(chosen)

        def chance(share: float, *shape: int) -> Tensor:
            drawn = torch.rand(count, *shape, generator=generator, device=device)
            return (drawn < share).float()

        def normal(like: Tensor) -> Tensor:
            return torch.randn(like.shape, generator=generator, device=device)

        score = data.score[chosen] * (1.0 - chance(recipe.piece_dropout, 1, PIECES))
        tempo = data.tempo[chosen]
        tempo = tempo + normal(tempo) * recipe.tempo_jitter
        metre = metre_of_common_time(count, device)
        from_other = chance(recipe.other_share, 1, 1)
        heard = from_other * performances(data, other_windows(data, chosen, generator))
        heard = heard + (1.0 - from_other) * performances(data, chosen)
        known = 1.0 - chance(recipe.unknown_share, 1)
        mean, spread = network.listener(heard, metre, tempo)
        feel = mean + spread * normal(mean)
        offset_logits, velocity_logits = network(score, metre, tempo, feel, known)
        error = _error(offset_logits.float(), velocity_logits.float(), score, data, chosen, recipe)
        first, last = recipe.free_nats
        free = max(last, first * (1.0 - part / _FREE_UNTIL))
        told = nats_told(mean, spread).clamp(min=free)[:, None] * known
        warm = min(1.0, part * recipe.schedule.epochs / _WARM_EPOCHS)
        return error + warm * recipe.feel_cost * told.sum() / score.sum()

    def examine(self, network: GrooveNetwork) -> tuple[float, Mapping[str, float]]:
        """Loss per hit, with and without a feel together; without one, its errors."""
        data = self.validation
        loss = late_ms = squared = hits = 0.0
        generator = torch.Generator(data.score.device).manual_seed(self.recipe.schedule.seed)
        for start in range(0, len(data), _EXAMINED_AT_ONCE):
            stop = min(start + _EXAMINED_AT_ONCE, len(data))
            chosen = torch.arange(start, stop, device=data.score.device)
            score, tempo = data.score[chosen], data.tempo[chosen]
            metre = metre_of_common_time(len(chosen), score.device)
            mean, spread = network.listener(performances(data, chosen), metre, tempo)
            noise = torch.randn(mean.shape, generator=generator, device=mean.device)
            known = torch.ones(len(chosen), 1, device=score.device)
            with_feel = network(score, metre, tempo, mean + spread * noise, known)
            without = network(score, metre, tempo, mean, 1.0 - known)
            hit = score > 0
            count = float(hit.sum())
            for offset_logits, velocity_logits in (with_feel, without):
                error = _error(offset_logits, velocity_logits, score, data, chosen, self.recipe)
                loss += 0.5 * float(error) * count
            loss += 0.5 * float(nats_told(mean, spread).sum())
            step_ms = (15_000.0 / 120.0 / torch.exp2(tempo))[:, :, None].expand_as(score)[hit]
            late = (_mean(without[0][hit], -0.5, 0.5) - data.offset[chosen][hit]).abs()
            strength = _mean(without[1][hit], 0.0, 1.0) - data.velocity[chosen][hit]
            late_ms += float((late * step_ms).sum())
            squared += float(strength.square().sum())
            hits += count
        return loss / hits, {"timing MAE, ms": late_ms / hits, "velocity MSE": squared / hits}


def fit_groove(
    recipe: GrooveRecipe,
    train: Windows,
    validation: Windows,
    checkpoint: Path,
    *,
    report: Callable[[Progress], None],
    advance: Callable[[float], None] = lambda _: None,
) -> GrooveNetwork:
    """A trained groove network; arguments as for :func:`bridge.training.fit.fit`."""
    device = device_of_training()
    lesson = GrooveLesson(recipe, GrooveData.of(train, device), GrooveData.of(validation, device))
    return fit(
        lambda: GrooveNetwork(recipe.shape),
        lesson,
        recipe.schedule,
        asdict(recipe),
        checkpoint,
        report=report,
        advance=advance,
    )


def metre_of_common_time(count: int, device: torch.device) -> Tensor:
    """Every window of the corpus begins a bar of four quarter notes."""
    features = metre_features(np.zeros(1, np.int64), BAR_OF_COMMON_TIME)
    return torch.from_numpy(features).to(device).expand(count, -1, -1)


def nats_told(mean: Tensor, spread: Tensor) -> Tensor:
    """Kullback-Leibler divergence of feels from the standard normal distribution, (batch,)."""
    return (0.5 * (mean.square() + spread.square() - 1.0) - spread.log()).sum(dim=-1)


def performances(data: GrooveData, chosen: Tensor) -> Tensor:
    """What the listener hears, (batch, 32, 27)."""
    return torch.cat([data.score[chosen], data.velocity[chosen], data.offset[chosen]], dim=-1)


def other_windows(data: GrooveData, chosen: Tensor, generator: torch.Generator) -> Tensor:
    """Another window of each window's own file, (batch,); shares no bar where it can."""
    low, high = data.other_low[chosen], data.other_high[chosen]
    random = torch.rand(len(chosen), generator=generator, device=chosen.device)
    # Windows hop by one bar: three neighbours share bars with this one, so pick among the others.
    span = torch.clamp(high - low - 3, min=1)
    other = chosen + 2 + (random * span).long()
    other = torch.where(other >= high, other - (high - low), other)
    return torch.where((other < low) | (other >= high), chosen, other)


def _error(
    offset_logits: Tensor,
    velocity_logits: Tensor,
    score: Tensor,
    data: GrooveData,
    chosen: Tensor,
    recipe: GrooveRecipe,
) -> Tensor:
    hit = score > 0
    offset, velocity = data.offset[chosen][hit], data.velocity[chosen][hit]
    offset_logits, velocity_logits = offset_logits[hit], velocity_logits[hit]
    offset_target = _spread(offset, OFFSET_BINS, -0.5, 0.5, recipe.offset_blur)
    velocity_target = _spread(velocity, VELOCITY_BINS, 0.0, 1.0, recipe.velocity_blur)
    return (
        functional.cross_entropy(offset_logits, offset_target)
        + functional.cross_entropy(velocity_logits, velocity_target)
        + recipe.offset_weight * (_mean(offset_logits, -0.5, 0.5) - offset).square().mean()
        + recipe.velocity_weight * (_mean(velocity_logits, 0.0, 1.0) - velocity).square().mean()
    )


def _centres(bins: int, low: float, high: float, device: torch.device) -> Tensor:
    return low + (high - low) / bins * (torch.arange(bins, device=device) + 0.5)


def _spread(value: Tensor, bins: int, low: float, high: float, blur: float) -> Tensor:
    distance = value[:, None] - _centres(bins, low, high, value.device)
    return torch.softmax(-0.5 * (distance / blur).square(), dim=-1)


def _mean(logits: Tensor, low: float, high: float) -> Tensor:
    bins = logits.shape[-1]
    return logits.softmax(-1) @ _centres(bins, low, high, logits.device)
