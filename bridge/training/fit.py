"""Training: resumable, seeded, on the CPU or on CUDA where there is one."""

import math
from collections.abc import Callable, Iterator
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
from bridge.training.networks import OFFSET_BINS, VELOCITY_BINS, GrooveNetwork, GrooveShape

BAR_OF_COMMON_TIME: Final = 4 * TICKS_PER_BEAT

_FREE_UNTIL: Final = 0.6
_WARM_EPOCHS: Final = 2.0


@dataclass(frozen=True, slots=True)
class GrooveRecipe:
    """Everything that decides what a groove network becomes, but for the data."""

    shape: GrooveShape = field(default_factory=GrooveShape)
    epochs: int = 14
    batch: int = 128
    learning_rate: float = 1.5e-3
    weight_decay: float = 0.05
    warm_up: float = 0.03
    """Part of all steps."""
    average: float = 0.9995
    """Decay of the running average of the weights, which is what is kept."""
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
    bfloat16: bool = True
    """Forward passes in half the bits: twice as fast on processors that have them."""
    seed: int = 0


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
class Progress:
    """Where a training stands after an epoch."""

    epoch: int
    epochs: int
    train_loss: float
    validation_loss: float
    validation_offset_mae_ms: float
    validation_velocity_mse: float


def fit_groove(
    recipe: GrooveRecipe,
    train: Windows,
    validation: Windows,
    checkpoint: Path,
    *,
    report: Callable[[Progress], None],
    advance: Callable[[float], None] = lambda _: None,
) -> GrooveNetwork:
    """A trained network: the averaged weights of the epoch with the least validation loss.

    A checkpoint of the same recipe is gone on from; one of another recipe is refused by torch,
    since its weights do not fit, or begun again where only numbers differ.

    Args:
        recipe: What to train.
        train: Windows to learn from.
        validation: Windows to choose the epoch by.
        checkpoint: The file in which the state is kept after every epoch.
        report: Told after each epoch.
        advance: Told the part of the whole training that is done, 0–1, after each step.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(recipe.seed)
    network = GrooveNetwork(recipe.shape).to(device)
    averaged = GrooveNetwork(recipe.shape).to(device)
    averaged.load_state_dict(network.state_dict())
    optimizer = torch.optim.AdamW(
        network.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    train_data, validation_data = GrooveData.of(train, device), GrooveData.of(validation, device)
    steps_per_epoch = len(train_data) // recipe.batch
    steps = recipe.epochs * steps_per_epoch
    state = _State()
    best: dict[str, Tensor] = {}
    if checkpoint.is_file():
        kept = torch.load(checkpoint, map_location=device, weights_only=True)
        if kept["recipe"] == _named(recipe):
            network.load_state_dict(kept["network"])
            averaged.load_state_dict(kept["averaged"])
            optimizer.load_state_dict(kept["optimizer"])
            best, state = kept["best"], _State(kept["epoch"], kept["least"])
    for epoch in range(state.epoch, recipe.epochs):
        generator = torch.Generator(device).manual_seed(recipe.seed * 100_003 + epoch)
        network.train()
        total = 0.0
        for number, chosen in enumerate(_shuffled(train_data, recipe.batch, generator)):
            step = epoch * steps_per_epoch + number
            for group in optimizer.param_groups:
                group["lr"] = recipe.learning_rate * _schedule(step / steps, recipe.warm_up)
            loss = _loss(network, train_data, chosen, recipe, generator, step / steps)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            _average(averaged, network, min(recipe.average, (step + 1) / (step + 10)))
            total += float(loss.detach())
            advance((step + 1) / steps)
        averaged.eval()
        held_out, mae_ms, velocity_mse = _validate(averaged, validation_data, recipe)
        if held_out < state.least:
            state.least = held_out
            best = {name: value.clone() for name, value in averaged.state_dict().items()}
        state.epoch = epoch + 1
        _save(
            checkpoint,
            recipe=recipe,
            network=network,
            averaged=averaged,
            optimizer=optimizer,
            best=best,
            state=state,
        )
        report(
            Progress(
                epoch + 1, recipe.epochs, total / steps_per_epoch, held_out, mae_ms, velocity_mse
            )
        )
    averaged.load_state_dict(best)
    return averaged.eval()


@dataclass(slots=True)
class _State:
    epoch: int = 0
    least: float = math.inf


def _named(recipe: GrooveRecipe) -> dict[str, object]:
    return asdict(recipe)


def _schedule(part: float, warm_up: float) -> float:
    """A linear rise, then half a cosine down to nothing."""
    if part < warm_up:
        return part / warm_up
    return 0.5 * (1.0 + math.cos(math.pi * (part - warm_up) / (1.0 - warm_up)))


def _shuffled(data: GrooveData, batch: int, generator: torch.Generator) -> Iterator[Tensor]:
    order = torch.randperm(len(data), generator=generator, device=data.score.device)
    for start in range(0, len(order) - batch + 1, batch):
        yield order[start : start + batch]


def _metre(count: int, device: torch.device) -> Tensor:
    """Every window of the corpus begins a bar of four quarter notes."""
    features = metre_features(np.zeros(1, np.int64), BAR_OF_COMMON_TIME)
    return torch.from_numpy(features).to(device).expand(count, -1, -1)


def _loss(
    network: GrooveNetwork,
    data: GrooveData,
    chosen: Tensor,
    recipe: GrooveRecipe,
    generator: torch.Generator,
    part: float,
) -> Tensor:
    """The loss of a batch when ``part`` (0–1) of the training is done."""
    device = data.score.device
    count = len(chosen)

    def chance(share: float, *shape: int) -> Tensor:
        return (torch.rand(count, *shape, generator=generator, device=device) < share).float()

    def normal(like: Tensor) -> Tensor:
        return torch.randn(like.shape, generator=generator, device=device)

    score = data.score[chosen] * (1.0 - chance(recipe.piece_dropout, 1, PIECES))
    tempo = data.tempo[chosen]
    tempo = tempo + normal(tempo) * recipe.tempo_jitter
    metre = _metre(count, device)
    from_other = chance(recipe.other_share, 1, 1)
    heard = from_other * performances(data, other_windows(data, chosen, generator))
    heard = heard + (1.0 - from_other) * performances(data, chosen)
    known = 1.0 - chance(recipe.unknown_share, 1)
    with torch.autocast(device.type, torch.bfloat16, enabled=recipe.bfloat16):
        mean, spread = network.listener(heard, metre, tempo)
        feel = mean + spread * normal(mean)
        offset_logits, velocity_logits = network(score, metre, tempo, feel, known)
    error = _error(offset_logits.float(), velocity_logits.float(), score, data, chosen, recipe)
    first, last = recipe.free_nats
    free = max(last, first * (1.0 - part / _FREE_UNTIL))
    told = nats_told(mean, spread).clamp(min=free)[:, None] * known
    warm = min(1.0, part * recipe.epochs / _WARM_EPOCHS)
    return error + warm * recipe.feel_cost * told.sum() / score.sum()


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


def _average(averaged: GrooveNetwork, network: GrooveNetwork, decay: float) -> None:
    with torch.no_grad():
        for kept, new in zip(averaged.parameters(), network.parameters(), strict=True):
            kept.lerp_(new, 1.0 - decay)


@torch.no_grad()
def _validate(
    network: GrooveNetwork, data: GrooveData, recipe: GrooveRecipe
) -> tuple[float, float, float]:
    """Loss per hit, with and without a feel together; without one, MAE in ms and velocity MSE."""
    loss = mae = mse = hits = 0.0
    generator = torch.Generator(data.score.device).manual_seed(recipe.seed)
    for start in range(0, len(data), 256):
        chosen = torch.arange(start, min(start + 256, len(data)), device=data.score.device)
        score, tempo = data.score[chosen], data.tempo[chosen]
        metre = _metre(len(chosen), score.device)
        mean, spread = network.listener(performances(data, chosen), metre, tempo)
        noise = torch.randn(mean.shape, generator=generator, device=mean.device)
        known = torch.ones(len(chosen), 1, device=score.device)
        with_feel = network(score, metre, tempo, mean + spread * noise, known)
        without = network(score, metre, tempo, mean, 1.0 - known)
        hit = score > 0
        count = float(hit.sum())
        for offset_logits, velocity_logits in (with_feel, without):
            error = _error(offset_logits, velocity_logits, score, data, chosen, recipe)
            loss += 0.5 * float(error) * count
        loss += 0.5 * float(nats_told(mean, spread).sum())
        step_ms = (15_000.0 / 120.0 / torch.exp2(tempo))[:, :, None].expand_as(score)[hit]
        late = (_mean(without[0][hit], -0.5, 0.5) - data.offset[chosen][hit]).abs()
        strength = _mean(without[1][hit], 0.0, 1.0) - data.velocity[chosen][hit]
        mae += float((late * step_ms).sum())
        mse += float(strength.square().sum())
        hits += count
    return loss / hits, mae / hits, mse / hits


def _save(
    path: Path,
    *,
    recipe: GrooveRecipe,
    network: GrooveNetwork,
    averaged: GrooveNetwork,
    optimizer: torch.optim.Optimizer,
    best: dict[str, Tensor],
    state: _State,
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    torch.save(
        {
            "recipe": _named(recipe),
            "network": network.state_dict(),
            "averaged": averaged.state_dict(),
            "optimizer": optimizer.state_dict(),
            "best": best,
            "epoch": state.epoch,
            "least": state.least,
        },
        unfinished,
    )
    unfinished.replace(path)
