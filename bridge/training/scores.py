"""The Groove MIDI Dataset as scores: which pieces are hit on which step of whole files."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import codes_of
from bridge.music.drumkit import ROLAND
from bridge.music.styles import STYLES
from bridge.training.corpus import SECONDS_PER_FOUR_BEATS, STEPS_PER_BAR, Drumming

BARS: Final = 8
STEPS: Final = BARS * STEPS_PER_BAR

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scores:
    """Whole files of 4/4 as codes."""

    codes: tuple[Integers, ...]
    """One code a step, for each file; whole bars."""
    tempo: tuple[float, ...]
    file: tuple[int, ...]
    """The number of each in the data set."""
    style: tuple[int, ...]
    """The number of each one's style among the eighteen."""


@dataclass(frozen=True, slots=True)
class ScoreWindows:
    """Windows of so many bars; a file's last may be shorter and is filled with silence."""

    codes: Integers  # (windows, steps)
    counted: Booleans  # (windows, steps), False where it is filled
    first_step: Integers  # (windows,), in the file
    tempo: npt.NDArray[np.float32]  # (windows,)
    file: Integers  # (windows,)
    style: Integers  # (windows,)

    def __len__(self) -> int:
        return len(self.codes)

    def whole(self) -> Self:
        """Those that are filled up."""
        return self.chosen(np.flatnonzero(self.counted.all(axis=1)))

    def chosen(self, numbers: Integers) -> Self:
        """Some of the windows."""
        return replace(
            self,
            codes=self.codes[numbers],
            counted=self.counted[numbers],
            first_step=self.first_step[numbers],
            tempo=self.tempo[numbers],
            file=self.file[numbers],
            style=self.style[numbers],
        )


def read_scores(drummings: Sequence[Drumming], split: str) -> Scores:
    """Every 4/4 file of a split that has a bar and a hit in it."""
    codes, tempo, file, style = [], [], [], []
    for index, drumming in enumerate(drummings):
        if drumming.split == split and drumming.metre == "4-4":
            own = _codes(drumming)
            if own.any():
                codes.append(own)
                tempo.append(drumming.tempo)
                file.append(index)
                style.append(STYLES.index(drumming.style.partition("/")[0]))
    return Scores(tuple(codes), tuple(tempo), tuple(file), tuple(style))


def cut_scores(scores: Scores, hop_bars: int = BARS, bars: int = BARS) -> ScoreWindows:
    """Windows of eight bars; at the hop of eight bars every step of every file stands in one.

    Args:
        scores: Whole files.
        hop_bars: From one window's beginning to the next one's.
        bars: The length of a window.
    """
    steps = bars * STEPS_PER_BAR
    codes: list[Integers] = []
    counted, first_step, tempo, file, style = [], [], [], [], []
    for whole, own_tempo, own_file, own_style in zip(
        scores.codes, scores.tempo, scores.file, scores.style, strict=True
    ):
        # With a smaller hop, no window begins where one before has reached the end already.
        last = len(whole) if hop_bars >= bars else max(1, len(whole) - steps + 1)
        for first in range(0, last, hop_bars * STEPS_PER_BAR):
            part = whole[first : first + steps]
            codes.append(np.pad(part, (0, steps - len(part))))
            counted.append(np.arange(steps) < len(part))
            first_step.append(first)
            tempo.append(own_tempo)
            file.append(own_file)
            style.append(own_style)
    return ScoreWindows(
        np.stack(codes),
        np.stack(counted),
        np.array(first_step, np.int64),
        np.array(tempo, np.float32),
        np.array(file, np.int64),
        np.array(style, np.int64),
    )


def _codes(drumming: Drumming) -> Integers:
    step_seconds = SECONDS_PER_FOUR_BEATS / drumming.tempo / STEPS_PER_BAR
    bars = round(drumming.seconds / (step_seconds * STEPS_PER_BAR))
    hits = np.zeros((bars * STEPS_PER_BAR, PIECES), np.bool_)
    for start, _, pitch, _ in drumming.notes.tolist():
        step = int(start / step_seconds + 0.5)
        piece = ROLAND.piece_of(int(pitch))
        if piece is not None and step < len(hits):
            hits[step, int(piece)] = True
    return codes_of(hits)
