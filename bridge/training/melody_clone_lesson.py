"""What the clone of ``melody_rnn`` learns: the melodies of the training split, in all keys."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from bridge.training.fit import Progress, Schedule, fit
from bridge.training.melody_clone import KEYS, MelodyClone, heard_before
from bridge.training.melody_tunes import SHIFTS, Tune, classes_of, transposed
from bridge.training.metrics import Integers

Booleans = npt.NDArray[np.bool_]

_EXAMINED_AT_ONCE: Final = 32
_LONGEST: Final = 512
_SCHEDULE: Final = Schedule(epochs=4, batch=16, learning_rate=3e-3, weight_decay=0.0, clip=3.0)


@dataclass(frozen=True, slots=True)
class MelodyCloneRecipe:
    """Everything that decides what the clone becomes, but for the data."""

    schedule: Schedule = _SCHEDULE
    window: int = 256
    """Sixteenths that are learnt from at a time."""
    dropout: float = 0.0


class MelodyCloneLesson:
    """Melodies to learn from, in windows that begin elsewhere each time; others to examine."""

    def __init__(
        self, recipe: MelodyCloneRecipe, train: Sequence[Tune], validation: Sequence[Tune]
    ) -> None:
        self.recipe = recipe
        self._tunes = [classes_of(tune.codes) for tune in train]
        windows = [max(1, round(len(tune) / recipe.window)) for tune in self._tunes]
        self._of = np.repeat(np.arange(len(self._tunes)), windows)
        # Only the beginnings: how well long tunes go on is measured once, at the end.
        self._validation = [classes_of(tune.codes)[:_LONGEST] for tune in validation]

    @property
    def examples(self) -> int:
        """Windows that hold every step about once."""
        return len(self._of)

    def loss(
        self, network: MelodyClone, chosen: Tensor, generator: torch.Generator, part: float
    ) -> Tensor:
        """Nats a step."""
        del part
        window = self.recipe.window
        drawn = torch.rand(len(chosen), generator=generator).tolist()
        # Half of a window beyond either end falls on the end: there steps would come too seldom.
        tunes = [self._tunes[number] for number in self._of[chosen.numpy()]]
        begins = [
            round(min(max(0.0, len(tune) * place - window / 2), max(0, len(tune) - window)))
            for tune, place in zip(tunes, drawn, strict=True)
        ]
        shifts = torch.randint(SHIFTS.start, SHIFTS.stop, (len(chosen),), generator=generator)
        parts = [tune[at : at + window] for tune, at in zip(tunes, begins, strict=True)]
        classes, counted = padded(parts)
        classes = transposed(classes, shifts.numpy(), KEYS)
        return nats_of(network, classes)[torch.from_numpy(counted)].mean()

    def examine(self, network: MelodyClone) -> tuple[float, Mapping[str, float]]:
        """Nats a step on the validation split, of the first 512 steps of each melody."""
        nats, steps = 0.0, 0
        for start in range(0, len(self._validation), _EXAMINED_AT_ONCE):
            classes, counted = padded(self._validation[start : start + _EXAMINED_AT_ONCE])
            nats += float(nats_of(network, classes)[torch.from_numpy(counted)].sum())
            steps += int(counted.sum())
        return nats / steps, {"nats a step": nats / steps}


def padded(melodies: Sequence[Integers]) -> tuple[Integers, Booleans]:
    """Melodies of several lengths in one array, (melodies, steps), and which steps are theirs."""
    steps = max(map(len, melodies))
    classes = np.zeros((len(melodies), steps), np.int64)
    counted = np.zeros((len(melodies), steps), np.bool_)
    for number, melody in enumerate(melodies):
        classes[number, : len(melody)] = melody
        counted[number, : len(melody)] = True
    return classes, counted


def nats_of(network: MelodyClone, classes: Integers) -> Tensor:
    """Nats of every step of melodies from their first, (melodies, steps)."""
    return nats_and_top(network, classes)[0]


def nats_and_top(network: MelodyClone, classes: Integers) -> tuple[Tensor, Tensor]:
    """Nats of every step, (melodies, steps), and whether its class was the likeliest."""
    told = torch.from_numpy(classes)
    logits, _ = network(heard_before(told))
    nats = functional.cross_entropy(logits.transpose(1, 2), told, reduction="none")
    return nats, logits.argmax(dim=-1) == told


def fit_melody_clone(
    recipe: MelodyCloneRecipe,
    train: Sequence[Tune],
    validation: Sequence[Tune],
    checkpoint: Path,
    *,
    report: Callable[[Progress], None],
    advance: Callable[[float], None] = lambda _: None,
) -> MelodyClone:
    """Magenta's architecture, trained; arguments as for :func:`bridge.training.fit.fit`."""
    return fit(
        lambda: MelodyClone(recipe.dropout),
        MelodyCloneLesson(recipe, train, validation),
        recipe.schedule,
        asdict(recipe),
        checkpoint,
        report=report,
        advance=advance,
    )
