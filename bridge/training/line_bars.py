"""Bars of single lines to learn from: melodies, second melodies, upper hands and basses."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.melodybar import LONGEST, coded
from bridge.codecs.melodysteps import codes_of_times, struck
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.training.song import Notes, Role, Song, bass_line, melody_line

Integers = npt.NDArray[np.int64]

METRES: Final = (16, 12, 8, 24, 6, 18)
"""Steps of the bars that there are enough of."""


@dataclass(frozen=True, slots=True)
class LineBars:
    """Bars by their steps."""

    of: dict[int, Integers]
    """By the steps of a bar the codes of all bars that long, (bars, steps); keys are counted from
    the middle of the line in its song."""

    def __len__(self) -> int:
        return sum(map(len, self.of.values()))


def read_line_bars(songs: Iterable[Song], split: str, *, melodies_only: bool = False) -> LineBars:
    """The bars of a split's lines in which a note is struck.

    Args:
        songs: All songs.
        split: train, validation or test.
        melodies_only: Whether second melodies, upper hands and basses are left out.
    """
    found: defaultdict[int, list[Integers]] = defaultdict(list)
    for song in songs:
        if song.split != split:
            continue
        for line in lines_of(song, melodies_only=melodies_only):
            for bar in bars_of_line(song, line):
                if len(bar) in METRES:
                    found[len(bar)].append(bar)
    return LineBars({steps: np.stack(found[steps]) for steps in METRES if found[steps]})


def lines_of(song: Song, *, melodies_only: bool) -> Iterator[Notes]:
    """The lines of a song that have notes, the melody first."""
    lines = [melody_line(song.notes)]
    if not melodies_only:
        lines += [song.notes.of(role) for role in (Role.SECOND_MELODY, Role.RIGHT_HAND)]
        lines.append(bass_line(song.notes))
    yield from (line for line in lines if len(line))


def steps_of_line(song: Song, line: Notes) -> npt.NDArray[np.int16]:
    """A line of a song, of notes struck together the highest, one step each sixteenth."""
    return codes_of_times(
        line.start.tolist(),
        line.duration.tolist(),
        line.pitch.tolist(),
        -(-int(song.bars.start[-1]) // TICKS_PER_SIXTEENTH),
    )


def bars_of_line(song: Song, line: Notes) -> Iterator[Integers]:
    """The codes of each bar that is as long as its metre says and in which a note is struck."""
    steps = steps_of_line(song, line)
    middle = (int(line.pitch.min()) + int(line.pitch.max())) // 2
    first, beyond = np.divmod(song.bars.start, TICKS_PER_SIXTEENTH)
    for bar in np.flatnonzero(song.bars.regular).tolist():
        begin, end = int(first[bar]), int(first[bar + 1])
        if beyond[bar] or beyond[bar + 1] or not end - begin <= LONGEST:
            continue
        if struck(steps[begin:end]).any():
            yield coded(steps[begin:end], middle)
