"""What the clone of ``drum_kit_rnn`` learns: the same windows, and only what Magenta's heard."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import hits_of
from bridge.training.clones import COUNTER_BITS, DrumKitClone
from bridge.training.fit import Progress, Schedule, fit
from bridge.training.scores import STEPS, Scores, ScoreWindows, cut_scores

_EXAMINED_AT_ONCE: Final = 64
_SCHEDULE: Final = Schedule(epochs=3, batch=16, learning_rate=2e-3, weight_decay=0.0)


@dataclass(frozen=True, slots=True)
class CloneRecipe:
    """Everything that decides what a clone becomes, but for the data."""

    schedule: Schedule = _SCHEDULE
    piece_dropout: float = 0.05
    """Chance that a piece of the kit is taken out of a window."""


class CloneLesson:
    """As :class:`bridge.training.score_lesson.ScoreLesson`, without what Magenta's did not know."""

    def __init__(self, recipe: CloneRecipe, train: Scores, validation: Scores) -> None:
        self.recipe = recipe
        every = cut_scores(train, hop_bars=1)
        self._train = every
        whole = cut_scores(train)
        self._low = np.searchsorted(every.file, whole.file, side="left")
        self._high = np.searchsorted(every.file, whole.file, side="right")
        self._validation = cut_scores(validation)

    @property
    def examples(self) -> int:
        """Windows of eight bars that hold every bar once."""
        return len(self._low)

    def loss(
        self, network: DrumKitClone, chosen: Tensor, generator: torch.Generator, part: float
    ) -> Tensor:
        """Nats a step."""
        del part
        drawn = torch.rand(len(chosen), generator=generator).numpy()
        low, high = self._low[chosen.numpy()], self._high[chosen.numpy()]
        windows = self._train.chosen(low + (drawn * (high - low)).astype(np.int64))
        kept = torch.rand(len(chosen), PIECES, generator=generator) >= self.recipe.piece_dropout
        windows.codes[:] &= (kept.numpy() @ (1 << np.arange(PIECES)))[:, None]
        return _nats(network, windows).mean()

    def examine(self, network: DrumKitClone) -> tuple[float, Mapping[str, float]]:
        """Nats a step on the validation split."""
        windows, nats = self._validation, []
        for start in range(0, len(windows), _EXAMINED_AT_ONCE):
            part = np.arange(start, min(start + _EXAMINED_AT_ONCE, len(windows)))
            nats.append(_nats(network, windows.chosen(part)))
        mean = float(torch.cat(nats).mean())
        return mean, {"nats a step": mean}


def ask_clone(network: DrumKitClone, windows: ScoreWindows) -> Tensor:
    """The logits of every step, (windows, 128, 512)."""
    hits = torch.from_numpy(hits_of(windows.codes))
    before = functional.pad(hits, (0, 0, 1, 0))[:, :-1]
    known = torch.ones(windows.codes.shape)
    known[:, 0] = 0.0
    number = windows.first_step[:, None] + np.arange(STEPS)
    counter = 2.0 * (number[..., None] >> np.arange(COUNTER_BITS) & 1) - 1.0
    logits: Tensor = network(before, known, torch.from_numpy(counter.astype(np.float32)))
    return logits.float()


def fit_clone(
    recipe: CloneRecipe,
    train: Scores,
    validation: Scores,
    checkpoint: Path,
    *,
    report: Callable[[Progress], None],
    advance: Callable[[float], None] = lambda _: None,
) -> DrumKitClone:
    """A trained clone; arguments as for :func:`bridge.training.fit.fit`."""
    return fit(
        DrumKitClone,
        CloneLesson(recipe, train, validation),
        recipe.schedule,
        asdict(recipe),
        checkpoint,
        report=report,
        advance=advance,
    )


def _nats(network: DrumKitClone, windows: ScoreWindows) -> Tensor:
    """Of the steps that count, (steps,)."""
    counted = torch.from_numpy(windows.counted)
    codes = torch.from_numpy(windows.codes)[counted]
    return functional.cross_entropy(ask_clone(network, windows)[counted], codes, reduction="none")
