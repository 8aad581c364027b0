"""The Groove MIDI Dataset as scores: which pieces are hit on which step of whole files."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import codes_of
from bridge.music.drumkit import ROLAND
from bridge.training.corpus import SECONDS_PER_FOUR_BEATS, STEPS_PER_BAR, Drumming

BARS: Final = 8
STEPS: Final = BARS * STEPS_PER_BAR

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scores:
    """Whole files of 4/4 as codes."""

    codes: tuple[Integers, ...]
    """One code a step, for each file; whole bars."""
    tempo: tuple[float, ...]
    file: tuple[int, ...]
    """The number of each in the data set."""


@dataclass(frozen=True, slots=True)
class ScoreWindows:
    """Windows of eight bars; a file's last may be shorter and is filled with silence."""

    codes: Integers  # (windows, 128)
    counted: npt.NDArray[np.bool_]  # (windows, 128), False where it is filled
    first_step: Integers  # (windows,), in the file
    tempo: npt.NDArray[np.float32]  # (windows,)
    file: Integers  # (windows,)

    def __len__(self) -> int:
        return len(self.codes)


def read_scores(drummings: Sequence[Drumming], split: str) -> Scores:
    """Every 4/4 file of a split that has a bar and a hit in it."""
    codes, tempo, file = [], [], []
    for index, drumming in enumerate(drummings):
        if drumming.split == split and drumming.metre == "4-4":
            own = _codes(drumming)
            if own.any():
                codes.append(own)
                tempo.append(drumming.tempo)
                file.append(index)
    return Scores(tuple(codes), tuple(tempo), tuple(file))


def cut_scores(scores: Scores, hop_bars: int = BARS) -> ScoreWindows:
    """Windows of eight bars; at the hop of eight bars every step of every file stands in one."""
    codes: list[Integers] = []
    counted, first_step, tempo, file = [], [], [], []
    for whole, own_tempo, own_file in zip(scores.codes, scores.tempo, scores.file, strict=True):
        # With a smaller hop, no window begins where one before has reached the end already.
        last = len(whole) if hop_bars >= BARS else max(1, len(whole) - STEPS + 1)
        for first in range(0, last, hop_bars * STEPS_PER_BAR):
            part = whole[first : first + STEPS]
            codes.append(np.pad(part, (0, STEPS - len(part))))
            counted.append(np.arange(STEPS) < len(part))
            first_step.append(first)
            tempo.append(own_tempo)
            file.append(own_file)
    return ScoreWindows(
        np.stack(codes),
        np.stack(counted),
        np.array(first_step, np.int64),
        np.array(tempo, np.float32),
        np.array(file, np.int64),
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
