"""What a score network learns: which pieces a drummer hits next, or in a gap."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import CODES, Outlook, places, turns_of
from bridge.music.drumkit import Piece
from bridge.music.styles import STYLES
from bridge.training.corpus import STEPS_PER_BAR
from bridge.training.fit import Progress, Schedule, fit
from bridge.training.score_network import ScoreNetwork, ScoreShape, Told
from bridge.training.scores import BARS, STEPS, Booleans, Integers, Scores, ScoreWindows, cut_scores

_EXAMINED_AT_ONCE: Final = 64
_SCHEDULE: Final = Schedule(epochs=20, batch=16, learning_rate=1.5e-3, weight_decay=0.1)
_GAPS: Final = (1, 1, 2, 4)
"""Bars that are taken out of a window, as often as they stand here."""
_GAP_EXAMINED: Final = slice(4 * STEPS_PER_BAR, 5 * STEPS_PER_BAR)
_CLOSED_HAT: Final = 1 << Piece.CLOSED_HAT
_RIDE: Final = 1 << Piece.RIDE


@dataclass(frozen=True, slots=True)
class ScoreRecipe:
    """Everything that decides what a score network becomes, but for the data."""

    shape: ScoreShape = field(default_factory=ScoreShape)
    schedule: Schedule = _SCHEDULE
    gaps: float = 0.33
    """Share of the batches in which some bars are to be filled."""
    style_dropout: float = 0.4
    """Chance that the style is not said."""
    piece_dropout: float = 0.05
    """Chance that a piece of the kit is taken out of a window."""
    ride_for_hat: float = 0.1
    """Chance that closed hat and ride change places in a window."""
    tempo_jitter: float = 0.1
    """Standard deviation, octaves."""


@dataclass(frozen=True, slots=True)
class ScoreBatch:
    """Windows of eight bars as the network reads them, in the order of turns."""

    codes: Tensor  # (batch, 128)
    counted: Tensor  # (batch, 128), bool
    told: Told  # each (batch, 128, ...)
    position: Tensor  # (128,)


def batch_of(windows: ScoreWindows, style: Integers, written: Booleans | None = None) -> ScoreBatch:
    """Windows as tensors.

    Args:
        windows: Whole ones, where something is to be written in the middle of them.
        style: Of each, as its number; −1 where it is not said.
        written: The steps that are to be written, (128,); all without it. What comes after them is
            known and does not count.
    """
    filled = np.zeros(STEPS, np.bool_) if written is None else written
    turn = turns_of(filled)
    order = np.argsort(turn)
    score, known, alike = Outlook.of(turn, STEPS_PER_BAR).tell(windows.codes)
    place = places(windows.first_step, STEPS, STEPS_PER_BAR)
    tempo = np.log2(windows.tempo / np.float32(120.0))
    counted = windows.counted.copy()
    if filled.any():
        counted[:, np.flatnonzero(filled)[-1] + 1 :] = False
    # The last row, which −1 names, is that of no style.
    styles = np.eye(len(STYLES) + 1, len(STYLES), dtype=np.float32)[style]
    shape = (len(windows), STEPS)
    return ScoreBatch(
        torch.from_numpy(windows.codes[:, order]),
        torch.from_numpy(counted[:, order]),
        Told(
            score=torch.from_numpy(score[:, order]),
            known=torch.from_numpy(known[:, order]),
            alike=torch.from_numpy(alike[:, order]),
            place=torch.from_numpy(place[:, order]),
            tempo=torch.from_numpy(tempo)[:, None, None].expand(*shape, 1),
            style=torch.from_numpy(styles)[:, None].expand(*shape, len(STYLES)),
        ),
        torch.from_numpy(order),
    )


class ScoreLesson:
    """Files to learn from, in windows that begin at another bar each time; windows to examine."""

    def __init__(self, recipe: ScoreRecipe, train: Scores, validation: Scores) -> None:
        self.recipe = recipe
        every = cut_scores(train, hop_bars=1)
        self._train = every
        whole = cut_scores(train)
        # Every window of the even cut stands for one of its file's, wherever it begins.
        self._low = np.searchsorted(every.file, whole.file, side="left")
        self._high = np.searchsorted(every.file, whole.file, side="right")
        self._whole = np.flatnonzero(every.counted.all(axis=1))
        self._validation = cut_scores(validation)

    @property
    def examples(self) -> int:
        """Windows of eight bars that hold every bar once."""
        return len(self._low)

    def loss(
        self, network: ScoreNetwork, chosen: Tensor, generator: torch.Generator, part: float
    ) -> Tensor:
        """Nats a step."""
        del part
        # One draw of torch's generator seeds all other chance of the step.
        chance = np.random.default_rng(int(torch.randint(2**62, (1,), generator=generator)))
        count, recipe = len(chosen), self.recipe
        low, high = self._low[chosen.numpy()], self._high[chosen.numpy()]
        numbers = low + (chance.random(count) * (high - low)).astype(np.int64)
        written = None
        if chance.random() < recipe.gaps:
            # A window that is not whole has nothing that lies ahead: another one for it.
            short = ~self._train.counted[numbers].all(axis=1)
            numbers[short] = chance.choice(self._whole, short.sum())
            written = _gap(chance)
        windows = self._train.chosen(numbers)
        codes = _other_kit(windows.codes, recipe, chance)
        shift = chance.normal(size=count).astype(np.float32) * recipe.tempo_jitter
        changed = ScoreWindows(
            codes,
            windows.counted,
            windows.first_step,
            windows.tempo * np.exp2(shift),
            windows.file,
            windows.style,
        )
        style = np.where(chance.random(count) < recipe.style_dropout, -1, windows.style)
        batch = batch_of(changed, style, written)
        return _nats(network, batch).mean()

    def examine(self, network: ScoreNetwork) -> tuple[float, Mapping[str, float]]:
        """Nats a step on the validation split, and those of the fifth bar of eight."""
        windows = self._validation
        unknown = np.full(len(windows), -1)
        gap = np.zeros(STEPS, np.bool_)
        gap[_GAP_EXAMINED] = True
        whole = windows.whole()
        plain = _examined(network, windows, unknown, None)
        styled = _examined(network, windows, windows.style, None)
        before = _examined(network, whole, unknown, None, _GAP_EXAMINED)
        filled = _examined(network, whole, unknown, gap, slice(STEPS - STEPS_PER_BAR, STEPS))
        return plain, {
            "nats a step": plain,
            "with style": styled,
            "of a bar": before,
            "of a gap": filled,
        }


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
    return fit(
        lambda: ScoreNetwork(recipe.shape),
        ScoreLesson(recipe, train, validation),
        recipe.schedule,
        asdict(recipe),
        checkpoint,
        report=report,
        advance=advance,
    )


def _gap(chance: np.random.Generator) -> Booleans:
    """Some bars, with one after them at least."""
    bars = int(chance.choice(_GAPS))
    first = int(chance.integers(BARS - bars))
    written = np.zeros(STEPS, np.bool_)
    written[first * STEPS_PER_BAR : (first + bars) * STEPS_PER_BAR] = True
    return written


def _other_kit(codes: Integers, recipe: ScoreRecipe, chance: np.random.Generator) -> Integers:
    """The codes of windows with pieces taken out, and closed hat and ride exchanged in some."""
    kept = chance.random((len(codes), PIECES)) >= recipe.piece_dropout
    left = codes & (kept @ (1 << np.arange(PIECES)))[:, None]
    hat, ride = left & _CLOSED_HAT > 0, left & _RIDE > 0
    exchanged = left & ~(_CLOSED_HAT | _RIDE) | ride * _CLOSED_HAT | hat * _RIDE
    return np.where(chance.random((len(codes), 1)) < recipe.ride_for_hat, exchanged, left)


def _examined(
    network: ScoreNetwork,
    windows: ScoreWindows,
    style: Integers,
    written: Booleans | None,
    turns: slice = slice(None),
) -> float:
    """Nats a step on some windows, at some turns."""
    total = count = 0.0
    for start in range(0, len(windows), _EXAMINED_AT_ONCE):
        part = np.arange(start, min(start + _EXAMINED_AT_ONCE, len(windows)))
        batch = batch_of(windows.chosen(part), style[part], written)
        chosen = torch.zeros_like(batch.counted)
        chosen[:, turns] = True
        nats = _nats(network, batch)[chosen[batch.counted]]
        total, count = total + float(nats.sum()), count + len(nats)
    return total / count


def _nats(network: ScoreNetwork, batch: ScoreBatch) -> Tensor:
    """Of the steps that count, (steps,)."""
    logits = network(batch.told, batch.position).float()
    nats = functional.cross_entropy(
        logits.reshape(-1, CODES), batch.codes.reshape(-1), reduction="none"
    )
    return nats[batch.counted.reshape(-1)]
