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
from bridge.training.networks import (
    OFFSET_BINS,
    VELOCITY_BINS,
    GrooveNetwork,
    GrooveShape,
    bin_middles,
)

BAR_OF_COMMON_TIME: Final = 4 * TICKS_PER_BEAT

_MORE: Final = 3
"""Windows that a long feel is heard from beside its first."""
_NEAREST: Final = 2
_NEAR: Final = 5
"""Bars between a window and one that is near: from this many, up to this many less one."""
_EVEN: Final = 0.5
_EXAMINED_AT_ONCE: Final = 256


@dataclass(frozen=True, slots=True)
class GrooveRecipe:
    """Everything that decides what a groove network becomes, but for the data."""

    shape: GrooveShape = field(default_factory=lambda: GrooveShape(feel=16))
    schedule: Schedule = field(default_factory=Schedule)
    piece_dropout: float = 0.1
    """Chance that a piece of the kit is hidden from the score of a window."""
    heard_dropout: float = 0.05
    """Chance that a piece of the kit is not heard in a feel."""
    tempo_jitter: float = 0.03
    """Standard deviation, octaves."""
    unknown_share: float = 0.4
    """Part of the windows that are played without a feel."""
    near_share: float = 0.5
    """Part of the feels that are heard a few bars away; the others are heard anywhere in a file."""
    long_share: float = 0.25
    """Part of the feels that are heard from four windows, not from one."""
    moved_share: float = 0.15
    """Part of the windows that are moved and made louder or softer together with their feels, so
    that a feel is followed that no drummer of the data has."""
    moved_by: float = 0.1
    """Standard deviation, steps."""
    louder_by: float = 0.25
    """Standard deviation of the logarithm."""
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
        """Nats a hit and the errors of the means; ``part`` decides nothing."""
        del part
        recipe, data, device = self.recipe, self.train, self.train.score.device
        count = len(chosen)

        def chance(share: float, *shape: int) -> Tensor:
            drawn = torch.rand(count, *shape, generator=generator, device=device)
            return (drawn < share).float()

        def normal(*shape: int) -> Tensor:
            return torch.randn(shape, generator=generator, device=device)

        score = data.score[chosen] * (1.0 - chance(recipe.piece_dropout, 1, PIECES))
        tempo = data.tempo[chosen]
        tempo = tempo + normal(count, 1) * recipe.tempo_jitter
        metre = metre_of_common_time(count, device)
        near = chance(recipe.near_share)
        first = torch.where(
            near > 0, near_windows(data, chosen, generator), other_windows(data, chosen, generator)
        )
        known = (1.0 - chance(recipe.unknown_share, 1)) * (first != chosen)[:, None].float()
        moved = chance(recipe.moved_share, 1, 1) * known[:, None]
        shift = moved * normal(count, 1, 1) * recipe.moved_by
        louder = torch.exp(moved * normal(count, 1, 1) * recipe.louder_by)
        some = int(recipe.long_share * count)
        further = [near_windows(data, chosen[:some], generator) for _ in range(_MORE)]
        heard = torch.cat([first, *further])
        who = torch.cat(
            [torch.arange(count, device=device)] + [torch.arange(some, device=device)] * _MORE
        )
        hits = data.score[heard]
        listened = (
            1.0
            - (
                torch.rand(len(heard), 1, PIECES, generator=generator, device=device)
                < recipe.heard_dropout
            ).float()
        )
        performance = torch.cat(
            [
                hits * listened,
                (data.velocity[heard] * louder[who]).clamp(max=1.0) * listened,
                (data.offset[heard] + hits * shift[who]).clamp(-0.5, 0.5) * listened,
            ],
            dim=-1,
        )
        feel, spread = network.listener(
            performance, metre_of_common_time(len(heard), device), tempo[who]
        )
        if some:
            joined = feel.new_zeros(count, feel.shape[1]).index_add_(0, who, feel)
            times = torch.bincount(who, minlength=count)[:, None]
            feel, spread = joined / times, spread[:count]
        feel = feel + spread * normal(*feel.shape)
        offset_logits, velocity_logits = network(score, metre, tempo, feel, known)
        hit = score > 0
        offset = (data.offset[chosen] + shift).clamp(-0.5, 0.5)[hit]
        velocity = (data.velocity[chosen] * louder).clamp(max=1.0)[hit]
        return error_of_hits(
            offset_logits.float()[hit], velocity_logits.float()[hit], offset, velocity, recipe
        )

    def examine(self, network: GrooveNetwork) -> tuple[float, Mapping[str, float]]:
        """Loss per hit, with and without a feel together, and the errors of the means of both."""
        data = self.validation
        everything = torch.arange(len(data), device=data.score.device)
        generator = torch.Generator(data.score.device).manual_seed(self.recipe.schedule.seed)
        near = near_windows(data, everything, generator)
        sums = {name: torch.zeros(4, dtype=torch.float64) for name in ("alone", "felt")}
        for start in range(0, len(data), _EXAMINED_AT_ONCE):
            chosen = everything[start : start + _EXAMINED_AT_ONCE]
            score, tempo = data.score[chosen], data.tempo[chosen]
            metre = metre_of_common_time(len(chosen), score.device)
            heard = near[chosen]
            feel, _ = network.listener(performances(data, heard), metre, tempo)
            known = (heard != chosen)[:, None].float()
            hit = score > 0
            step_ms = (15_000.0 / 120.0 / torch.exp2(tempo))[:, :, None].expand_as(score)[hit]
            offset, velocity = data.offset[chosen][hit], data.velocity[chosen][hit]
            for name, told in (("alone", 0.0 * known), ("felt", known)):
                late, strong = (part[hit] for part in network(score, metre, tempo, feel, told))
                error = error_of_hits(late, strong, offset, velocity, self.recipe)
                late_ms = (mean_of_bins(late, -0.5, 0.5) - offset).abs() * step_ms
                squared = (mean_of_bins(strong, 0.0, 1.0) - velocity).square()
                count = float(hit.sum())
                sums[name] += torch.tensor(
                    [float(error) * count, float(late_ms.sum()), float(squared.sum()), count],
                    dtype=torch.float64,
                )
        figures: dict[str, float] = {}
        for name, (_, late_sum, squared_sum, hits) in sums.items():
            figures[f"timing MAE {name}, ms"] = float(late_sum / hits)
            figures[f"velocity MSE {name}"] = float(squared_sum / hits)
        loss = sum(float(part[0] / part[3]) for part in sums.values())
        return 0.5 * loss, figures


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


def near_windows(data: GrooveData, chosen: Tensor, generator: torch.Generator) -> Tensor:
    """A window two to four bars from each, (batch,), or itself where its file has none."""
    low, high = data.other_low[chosen], data.other_high[chosen]
    far = torch.randint(_NEAREST, _NEAR, chosen.shape, generator=generator, device=chosen.device)
    ahead = torch.rand(len(chosen), generator=generator, device=chosen.device) < _EVEN
    other = torch.where(ahead, chosen + far, chosen - far)
    for choice in (chosen - far, chosen + far, chosen - _NEAREST, chosen + _NEAREST, chosen):
        other = torch.where((other < low) | (other >= high), choice, other)
    return other


def error_of_hits(
    offset_logits: Tensor,
    velocity_logits: Tensor,
    offset: Tensor,
    velocity: Tensor,
    recipe: GrooveRecipe,
) -> Tensor:
    """Of hits, (hits, bins) and (hits,)."""
    offset_target = _spread(offset, OFFSET_BINS, -0.5, 0.5, recipe.offset_blur)
    velocity_target = _spread(velocity, VELOCITY_BINS, 0.0, 1.0, recipe.velocity_blur)
    return (
        functional.cross_entropy(offset_logits, offset_target)
        + functional.cross_entropy(velocity_logits, velocity_target)
        + recipe.offset_weight * (mean_of_bins(offset_logits, -0.5, 0.5) - offset).square().mean()
        + recipe.velocity_weight
        * (mean_of_bins(velocity_logits, 0.0, 1.0) - velocity).square().mean()
    )


def mean_of_bins(logits: Tensor, low: float, high: float) -> Tensor:
    """The mean of each histogram, (...)."""
    return logits.softmax(dim=-1) @ bin_middles(logits.shape[-1], low, high, logits.device)


def _spread(value: Tensor, bins: int, low: float, high: float, blur: float) -> Tensor:
    distance = value[:, None] - bin_middles(bins, low, high, value.device)
    return torch.softmax(-0.5 * (distance / blur).square(), dim=-1)
