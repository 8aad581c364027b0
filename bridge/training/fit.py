"""The loop that every training goes round: seeded, resumable, on the CPU or CUDA.

What is to be learnt is a :class:`Lesson`; how long and how fast is a :class:`Schedule`.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import torch
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)
Learner_contra = TypeVar("Learner_contra", bound=nn.Module, contravariant=True)


@dataclass(frozen=True, slots=True)
class Schedule:
    """How a network is trained, whatever it learns."""

    epochs: int = 14
    batch: int = 128
    learning_rate: float = 1.5e-3
    weight_decay: float = 0.05
    warm_up: float = 0.03
    """Part of all steps."""
    average: float = 0.9995
    """Decay of the running average of the weights, which is what is kept."""
    clip: float = 1.0
    """The greatest length of a gradient."""
    bfloat16: bool = True
    """Forward passes in half the bits: twice as fast on processors that have them."""
    seed: int = 0


class Lesson(Protocol[Learner_contra]):
    """What a network is to learn, and how it is examined."""

    @property
    def examples(self) -> int:
        """How many there are to learn from."""
        ...

    def loss(
        self, network: Learner_contra, chosen: Tensor, generator: torch.Generator, part: float
    ) -> Tensor:
        """The loss on the examples of these numbers when ``part`` (0–1) of the training is done."""
        ...

    def examine(self, network: Learner_contra) -> tuple[float, Mapping[str, float]]:
        """The loss on the validation split, and named figures for people."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a training stands after an epoch."""

    epoch: int
    epochs: int
    train_loss: float
    validation_loss: float
    figures: Mapping[str, float]
    """On the validation split."""


def device_of_training() -> torch.device:
    """CUDA where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def fit(
    make: Callable[[], Network],
    lesson: Lesson[Network],
    schedule: Schedule,
    recipe: Mapping[str, object],
    checkpoint: Path,
    *,
    report: Callable[[Progress], None],
    advance: Callable[[float], None] = lambda _: None,
) -> Network:
    """A trained network: the averaged weights of the epoch with the least validation loss.

    A checkpoint of the same recipe is gone on from, to the same end as without the stop; with
    another recipe the training begins anew.

    Args:
        make: Gives a network with fresh weights, drawn from torch's own generator.
        lesson: What to learn.
        schedule: How.
        recipe: Everything that decides the result, for telling checkpoints apart.
        checkpoint: The file in which the state is kept after every epoch.
        report: Told after each epoch.
        advance: Told the part of the whole training that is done, 0–1, after each step.
    """
    device = device_of_training()
    torch.manual_seed(schedule.seed)
    network = make().to(device)
    averaged = make().to(device)
    averaged.load_state_dict(network.state_dict())
    optimizer = torch.optim.AdamW(
        network.parameters(), schedule.learning_rate, weight_decay=schedule.weight_decay
    )
    steps_per_epoch = lesson.examples // schedule.batch
    steps = schedule.epochs * steps_per_epoch
    first, least = 0, math.inf
    best: dict[str, Tensor] = {}
    if checkpoint.is_file():
        kept = torch.load(checkpoint, map_location=device, weights_only=True)
        if kept["recipe"] == recipe:
            network.load_state_dict(kept["network"])
            averaged.load_state_dict(kept["averaged"])
            optimizer.load_state_dict(kept["optimizer"])
            best, first, least = kept["best"], kept["epoch"], kept["least"]
    for epoch in range(first, schedule.epochs):
        # One seed an epoch, for dropout too: a training that was stopped goes on as it would have.
        torch.manual_seed(schedule.seed * 100_003 + epoch)
        generator = torch.Generator(device).manual_seed(schedule.seed * 100_003 + epoch)
        network.train()
        total = 0.0
        for number, chosen in enumerate(_shuffled(lesson.examples, schedule.batch, generator)):
            step = epoch * steps_per_epoch + number
            for group in optimizer.param_groups:
                group["lr"] = schedule.learning_rate * _rate(step / steps, schedule.warm_up)
            with torch.autocast(device.type, torch.bfloat16, enabled=schedule.bfloat16):
                loss = lesson.loss(network, chosen, generator, step / steps)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), schedule.clip)
            optimizer.step()
            _average(averaged, network, min(schedule.average, (step + 1) / (step + 10)))
            total += float(loss.detach())
            advance((step + 1) / steps)
        averaged.eval()
        with torch.no_grad():
            held_out, figures = lesson.examine(averaged)
        if held_out < least:
            least = held_out
            best = {name: value.clone() for name, value in averaged.state_dict().items()}
        _save(
            checkpoint,
            {
                "recipe": dict(recipe),
                "network": network.state_dict(),
                "averaged": averaged.state_dict(),
                "optimizer": optimizer.state_dict(),
                "best": best,
                "epoch": epoch + 1,
                "least": least,
            },
        )
        report(Progress(epoch + 1, schedule.epochs, total / steps_per_epoch, held_out, figures))
    averaged.load_state_dict(best)
    return averaged.eval()


def _rate(part: float, warm_up: float) -> float:
    """A linear rise, then half a cosine down to nothing."""
    if part < warm_up:
        return part / warm_up
    return 0.5 * (1.0 + math.cos(math.pi * (part - warm_up) / (1.0 - warm_up)))


def _shuffled(examples: int, batch: int, generator: torch.Generator) -> Iterator[Tensor]:
    order = torch.randperm(examples, generator=generator, device=generator.device)
    for start in range(0, examples - batch + 1, batch):
        yield order[start : start + batch]


def _average(averaged: nn.Module, network: nn.Module, decay: float) -> None:
    with torch.no_grad():
        for kept, new in zip(averaged.parameters(), network.parameters(), strict=True):
            kept.lerp_(new, 1.0 - decay)


def _save(path: Path, state: Mapping[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    torch.save(dict(state), unfinished)
    unfinished.replace(path)
