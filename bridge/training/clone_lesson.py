"""What the clone of ``drum_kit_rnn`` learns: the windows of ours, and only what Magenta's heard."""

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
from bridge.training.clones import COUNTER_BITS, DrumKitClone, Heard
from bridge.training.fit import Progress, Schedule, fit
from bridge.training.scores import Integers, Scores, ScoreWindows, cut_scores

_EXAMINED_AT_ONCE: Final = 64
_SCHEDULE: Final = Schedule(epochs=14, batch=32, learning_rate=2e-3, weight_decay=0.0, clip=3.0)


@dataclass(frozen=True, slots=True)
class CloneRecipe:
    """Everything that decides what the clone becomes, but for the data."""

    schedule: Schedule = _SCHEDULE
    piece_dropout: float = 0.05
    """Chance that a piece of the kit is taken out of a window; as in ours."""


class CloneLesson:
    """Files to learn from, in windows that begin at another bar each time; windows to examine."""

    def __init__(self, recipe: CloneRecipe, train: Scores, validation: Scores) -> None:
        self.recipe = recipe
        self._train = cut_scores(train, hop_bars=1)
        whole = cut_scores(train)
        # Every window of the even cut stands for one of its file's, wherever it begins.
        self._low = np.searchsorted(self._train.file, whole.file, side="left")
        self._high = np.searchsorted(self._train.file, whole.file, side="right")
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
        numbers = low + (drawn * (high - low)).astype(np.int64)
        kept = torch.rand(len(chosen), PIECES, generator=generator) >= self.recipe.piece_dropout
        pieces = (kept.numpy() @ (1 << np.arange(PIECES))).astype(np.int64)
        codes = self._train.codes[numbers] & pieces[:, None]
        logits = logits_of(network, codes, self._train.first_step[numbers])
        counted = torch.from_numpy(self._train.counted[numbers])
        return functional.cross_entropy(logits[counted], torch.from_numpy(codes)[counted])

    def examine(self, network: DrumKitClone) -> tuple[float, Mapping[str, float]]:
        """Nats a step on the validation split."""
        windows = self._validation
        nats = alike = 0.0
        for start in range(0, len(windows), _EXAMINED_AT_ONCE):
            part = slice(start, start + _EXAMINED_AT_ONCE)
            counted = torch.from_numpy(windows.counted[part])
            codes = torch.from_numpy(windows.codes[part])[counted]
            logits = logits_of(network, windows.codes[part], windows.first_step[part])[counted]
            nats += float(functional.cross_entropy(logits, codes, reduction="sum"))
            alike += float((logits.argmax(-1) == codes).sum())
        steps = int(windows.counted.sum())
        return nats / steps, {"nats a step": nats / steps, "top-1": alike / steps}


def ask_clone(network: DrumKitClone, windows: ScoreWindows) -> Tensor:
    """The logits of every step of windows, (windows, 128, 512)."""
    return logits_of(network, windows.codes, windows.first_step)


def logits_of(
    network: DrumKitClone, codes: Integers, first_step: Integers, heard: Heard | None = None
) -> Tensor:
    """The logits of every step, (scores, steps, 512).

    Args:
        network: The clone.
        codes: What was hit, (scores, steps).
        first_step: The step at which each score begins in its file, (scores,).
        heard: Nothing yet; what the clone has in mind after these steps is left there.
    """
    hits = torch.from_numpy(hits_of(codes))
    before = functional.pad(hits, (0, 0, 1, 0))[:, :-1]
    known = torch.ones(codes.shape)
    known[:, 0] = 0.0
    logits: Tensor = network(before, known, counter_of(first_step, codes.shape[1]), heard)
    return logits.float()


def counter_of(first_step: Integers, steps: int) -> Tensor:
    """The number of every step in six bits of ±1, (windows, steps, 6)."""
    number = first_step[:, None] + np.arange(steps)
    bits = number[..., None] >> np.arange(COUNTER_BITS) & 1
    return torch.from_numpy(bits.astype(np.float32) * 2.0 - 1.0)


def fit_clone(
    recipe: CloneRecipe,
    train: Scores,
    validation: Scores,
    checkpoint: Path,
    *,
    report: Callable[[Progress], None],
    advance: Callable[[float], None] = lambda _: None,
) -> DrumKitClone:
    """Magenta's architecture, trained; arguments as for :func:`bridge.training.fit.fit`."""
    return fit(
        DrumKitClone,
        CloneLesson(recipe, train, validation),
        recipe.schedule,
        asdict(recipe),
        checkpoint,
        report=report,
        advance=advance,
    )
