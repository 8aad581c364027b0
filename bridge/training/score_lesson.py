"""What a score network learns: which pieces a drummer hits next."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import look_back, places
from bridge.training.clones import COUNTER_BITS, DrumKitClone
from bridge.training.corpus import STEPS_PER_BAR
from bridge.training.fit import Lesson, Progress, Schedule, fit
from bridge.training.score_network import ScoreNetwork, ScoreShape
from bridge.training.scores import STEPS, Scores, ScoreWindows, cut_scores

_EXAMINED_AT_ONCE: Final = 64
_SCHEDULE: Final = Schedule(epochs=10, batch=16, learning_rate=1.5e-3, weight_decay=0.1)
_CLONE_SCHEDULE: Final = Schedule(epochs=3, batch=16, learning_rate=2e-3, weight_decay=0.0)


@dataclass(frozen=True, slots=True)
class ScoreRecipe:
    """Everything that decides what a score network becomes, but for the data."""

    shape: ScoreShape = field(default_factory=ScoreShape)
    schedule: Schedule = _SCHEDULE
    piece_dropout: float = 0.05
    """Chance that a piece of the kit is taken out of a window."""
    tempo_jitter: float = 0.05
    """Standard deviation, octaves."""


@dataclass(frozen=True, slots=True)
class CloneRecipe:
    """As :class:`ScoreRecipe`, for Magenta's ``drum_kit_rnn``."""

    schedule: Schedule = _CLONE_SCHEDULE
    piece_dropout: float = 0.05
    tempo_jitter: float = 0.05


@dataclass(frozen=True, slots=True)
class ScoreBatch:
    """Windows of eight bars as both networks read them."""

    codes: Tensor  # (batch, 128)
    counted: Tensor  # (batch, 128), bool
    score: Tensor  # (batch, 128, 36)
    known: Tensor  # (batch, 128, 4)
    place: Tensor  # (batch, 128, 17)
    tempo: Tensor  # (batch, 1), log2(tempo / 120)
    counter: Tensor  # (batch, 128, 6)


def ask_network(network: nn.Module, batch: ScoreBatch) -> Tensor:
    """The logits of our network or of the clone, (batch, 128, 512)."""
    if isinstance(network, DrumKitClone):
        before = batch.score[..., :PIECES]
        logits: Tensor = network(before, batch.known[..., 0], batch.counter)
    else:
        logits = network(batch.score, batch.known, batch.place, batch.tempo)
    return logits.float()


def batch_of(windows: ScoreWindows, chosen: slice = slice(None)) -> ScoreBatch:
    """Windows as tensors."""
    codes, first = windows.codes[chosen], windows.first_step[chosen]
    score, known = look_back(codes, STEPS_PER_BAR)
    place = places(first, STEPS, STEPS_PER_BAR)
    number = first[:, None] + np.arange(STEPS)
    counter = 2.0 * (number[..., None] >> np.arange(COUNTER_BITS) & 1) - 1.0
    return ScoreBatch(
        torch.from_numpy(codes),
        torch.from_numpy(windows.counted[chosen]),
        torch.from_numpy(score),
        torch.from_numpy(known),
        torch.from_numpy(place),
        torch.from_numpy(np.log2(windows.tempo[chosen] / np.float32(120.0)))[:, None],
        torch.from_numpy(counter.astype(np.float32)),
    )


class ScoreLesson:
    """Files to learn from, in windows that begin at another bar each time; windows to examine."""

    def __init__(
        self, recipe: ScoreRecipe | CloneRecipe, train: Scores, validation: Scores
    ) -> None:
        self.recipe = recipe
        every = cut_scores(train, hop_bars=1)
        self._train = every
        whole = cut_scores(train)
        # Every window of the even cut stands for one of its file's, wherever it begins.
        self._low = np.searchsorted(every.file, whole.file, side="left")
        self._high = np.searchsorted(every.file, whole.file, side="right")
        self._validation = cut_scores(validation)

    @property
    def examples(self) -> int:
        """Windows of eight bars that hold every bar once."""
        return len(self._low)

    def loss(
        self, network: nn.Module, chosen: Tensor, generator: torch.Generator, part: float
    ) -> Tensor:
        """Nats a step."""
        del part
        drawn = torch.rand(len(chosen), generator=generator, device=generator.device).numpy()
        low, high = self._low[chosen.numpy()], self._high[chosen.numpy()]
        numbers = low + (drawn * (high - low)).astype(np.int64)
        kept = torch.rand(len(chosen), PIECES, generator=generator) >= self.recipe.piece_dropout
        pieces = (kept.numpy() @ (1 << np.arange(PIECES))).astype(np.int64)
        shift = torch.randn(len(chosen), generator=generator).numpy() * self.recipe.tempo_jitter
        every = self._train
        batch = batch_of(
            ScoreWindows(
                every.codes[numbers] & pieces[:, None],
                every.counted[numbers],
                every.first_step[numbers],
                every.tempo[numbers] * np.exp2(shift),
                every.file[numbers],
            )
        )
        return _nats(ask_network(network, batch), batch)[batch.counted].mean()

    def examine(self, network: nn.Module) -> tuple[float, Mapping[str, float]]:
        """Nats a step on the validation split."""
        nats = alike = count = 0.0
        for start in range(0, len(self._validation), _EXAMINED_AT_ONCE):
            batch = batch_of(self._validation, slice(start, start + _EXAMINED_AT_ONCE))
            logits = ask_network(network, batch)
            nats += float(_nats(logits, batch)[batch.counted].sum())
            alike += float((logits.argmax(-1) == batch.codes)[batch.counted].sum())
            count += float(batch.counted.sum())
        return nats / count, {"nats a step": nats / count, "top-1": alike / count}


def fit_score(
    recipe: ScoreRecipe,
    train: Scores,
    validation: Scores,
    checkpoint: Path,
    *,
    report: Callable[[Progress], None],
    advance: Callable[[float], None] = lambda _: None,
) -> ScoreNetwork:
    """A trained score network; arguments as for :func:`bridge.training.fit.fit`."""
    lesson: Lesson[ScoreNetwork] = ScoreLesson(recipe, train, validation)
    return fit(
        lambda: ScoreNetwork(recipe.shape),
        lesson,
        recipe.schedule,
        asdict(recipe),
        checkpoint,
        report=report,
        advance=advance,
    )


def fit_clone(
    recipe: CloneRecipe,
    train: Scores,
    validation: Scores,
    checkpoint: Path,
    *,
    report: Callable[[Progress], None],
    advance: Callable[[float], None] = lambda _: None,
) -> DrumKitClone:
    """Magenta's architecture, trained likewise."""
    lesson: Lesson[DrumKitClone] = ScoreLesson(recipe, train, validation)
    return fit(
        DrumKitClone,
        lesson,
        recipe.schedule,
        asdict(recipe),
        checkpoint,
        report=report,
        advance=advance,
    )


def _nats(logits: Tensor, batch: ScoreBatch) -> Tensor:
    return functional.cross_entropy(logits.transpose(1, 2), batch.codes, reduction="none")
