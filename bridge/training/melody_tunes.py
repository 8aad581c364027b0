"""The melodies of songs as codes of sixteenths: what the clones learn from and are measured on.

Everything is moved to the nearest sixteenth, tuplets too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.melodysteps import HOLD, SILENCE, Codes, codes_of_times, struck
from bridge.music.grid import nearest_step
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.training.metrics import Integers
from bridge.training.song import Song, melody_line

BAR: Final = 16
"""Sixteenths of the bars that windows are cut from."""
LEAST_NOTES: Final = 4
"""Struck in a window of four bars; of other lengths as many a bar."""
FIRST_KEY: Final = 2
"""The class of the lowest key; 0 holds on, 1 is silent, as in Magenta's melodies."""
SHIFTS: Final = range(-5, 7)
"""Semitones, by which what is learnt from is moved: all twelve keys."""


@dataclass(frozen=True, slots=True)
class Tune:
    """The melody of a song."""

    song: Song
    codes: Codes
    """From the first bar line to the step of the last onset, (steps,)."""

    @property
    def source(self) -> str:
        """Of the song."""
        return self.song.source


@dataclass(frozen=True, slots=True)
class MelodyWindows:
    """Windows of whole bars of sixteen sixteenths."""

    codes: Codes
    """(windows, steps)."""
    tune: Integers
    """The number of the tune of each window, (windows,); they stand together."""


def tunes_of(songs: Iterable[Song]) -> tuple[Tune, ...]:
    """The melodies of all songs that have a note of melody."""
    return tuple(
        Tune(song, codes[: int(np.flatnonzero(struck(codes))[-1]) + 1])
        for song, codes in ((song, codes_of_song(song)) for song in songs)
        if struck(codes).any()
    )


def codes_of_song(song: Song, *, before: int | None = None) -> Codes:
    """The melody of a song to the end of its last bar, (steps,).

    Args:
        song: Any.
        before: A tick; notes that begin there or later are left out, and the codes end there.
    """
    line = melody_line(song.notes)
    end = int(song.bars.start[-1]) if before is None else before
    line = line.only(line.start < end)
    columns = (line.start.tolist(), line.duration.tolist(), line.pitch.tolist())
    return codes_of_times(*columns, nearest_step(end))


def windows_of(tunes: Sequence[Tune], bars: int, hop_bars: int = 1) -> MelodyWindows:
    """Windows of so many bars in a row that all have sixteen sixteenths (4/4, 2/2 and the like).

    A note that was struck before a window is not heard in it. Windows with less than a note a bar
    on average are left out.
    """
    codes: list[Codes] = []
    tune: list[int] = []
    for number, each in enumerate(tunes):
        whole = codes_of_song(each.song)
        lines = each.song.bars.start.astype(np.int64)
        even = np.diff(lines) == BAR * TICKS_PER_SIXTEENTH
        for bar in range(0, len(even) - bars + 1, hop_bars):
            begin = nearest_step(int(lines[bar]))
            window = whole[begin : begin + bars * BAR]
            if even[bar : bar + bars].all() and struck(window).sum() >= bars * LEAST_NOTES // 4:
                codes.append(_alone(window))
                tune.append(number)
    if not codes:
        return MelodyWindows(np.zeros((0, bars * BAR), np.int16), np.zeros(0, np.int64))
    return MelodyWindows(np.stack(codes), np.array(tune, np.int64))


def classes_of(codes: Codes, lowest: int = 0, highest: int = 127) -> Integers:
    """What the clones call codes: 0 holds on, 1 is silent, 2 is the lowest key; the same shape.

    Args:
        codes: Any.
        lowest: MIDI key of class 2; keys beyond the range move into it by octaves.
        highest: MIDI key of the last class.
    """
    moved = _folded(codes.astype(np.int64), lowest, highest)
    classes = np.where(codes == HOLD, 0, np.where(codes == SILENCE, 1, moved - lowest + FIRST_KEY))
    return np.asarray(classes, np.int64)


def codes_of(classes: Integers, lowest: int = 0) -> Codes:
    """The codes of classes, in the same shape."""
    keys = classes - FIRST_KEY + lowest
    codes = np.where(classes == 0, HOLD, np.where(classes == 1, SILENCE, keys))
    return np.asarray(codes, np.int16)


def transposed(classes: Integers, semitones: Integers, keys: int) -> Integers:
    """Melodies in other keys; those beyond the range move back by octaves.

    Args:
        classes: (melodies, steps).
        semitones: By how many each is moved, (melodies,).
        keys: How many there are.
    """
    moved = _folded(classes - FIRST_KEY + semitones[:, None], 0, keys - 1) + FIRST_KEY
    return np.asarray(np.where(classes < FIRST_KEY, classes, moved), np.int64)


def _folded(keys: npt.NDArray[np.int64], lowest: int, highest: int) -> npt.NDArray[np.int64]:
    up = np.maximum(0, -((keys - lowest) // 12)) * 12
    down = np.maximum(0, -((highest - keys) // 12)) * 12
    return np.asarray(keys + up - down, np.int64)


def _alone(window: Codes) -> Codes:
    """A window in which nothing sounds on that was struck before it."""
    held = np.cumsum(window != HOLD) == 0
    return np.where(held, SILENCE, window).astype(np.int16)
