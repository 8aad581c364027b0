"""Windows of real melodies: some bars of one metre, on sixteenths."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bridge.codecs.melodybar import LONGEST
from bridge.codecs.melodysteps import HOLD, SILENCE, struck
from bridge.music.clip import Clip, Note
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.tools.lines import Steps
from bridge.training.line_bars import steps_of_line
from bridge.training.song import Song, melody_line


@dataclass(frozen=True, slots=True)
class Melody:
    """Some bars of a melody."""

    codes: Steps
    """As :mod:`bridge.codecs.melodysteps` has them, (steps,)."""
    numerator: int
    denominator: int
    song: int
    """Its number among the songs."""

    @property
    def steps_per_bar(self) -> int:
        """How many sixteenths a bar has."""
        return 16 * self.numerator // self.denominator

    def with_codes(self, codes: Steps) -> "Melody":
        """Another melody in the same bars."""
        return Melody(codes, self.numerator, self.denominator, self.song)

    def as_clip(self) -> Clip:
        """It as a clip: what is held where nothing sounds is silent."""
        stops = np.append(np.flatnonzero(self.codes != HOLD), len(self.codes))
        notes = tuple(
            Note(
                int(self.codes[step]),
                step * TICKS_PER_SIXTEENTH,
                int(stops[np.searchsorted(stops, step, side="right")] - step) * TICKS_PER_SIXTEENTH,
            )
            for step in np.flatnonzero(struck(self.codes.astype(np.int16))).tolist()
        )
        return Clip(
            notes,
            len(self.codes) * TICKS_PER_SIXTEENTH,
            numerator=self.numerator,
            denominator=self.denominator,
            drums=False,
        )


def melody_windows(songs: Iterable[Song], split: str, bars: int) -> tuple[Melody, ...]:
    """Every whole window of so many bars of a split's melodies, the next where one ends.

    A window has bars of one metre, as long as that says, at most 32 whole sixteenths each, and at
    least one note is struck in it. What sounds on from before it is silent.

    Args:
        songs: All songs.
        split: train, validation or test.
        bars: Of a window.
    """
    found = []
    for number, song in enumerate(songs):
        line = melody_line(song.notes)
        if song.split != split or not len(line):
            continue
        steps = steps_of_line(song, line).astype(np.int64)
        first, beyond = np.divmod(song.bars.start, TICKS_PER_SIXTEENTH)
        lines = list(zip(song.bars.numerator.tolist(), song.bars.denominator.tolist(), strict=True))
        whole = song.bars.regular & (beyond[:-1] == 0) & (beyond[1:] == 0)
        whole &= np.diff(first) <= LONGEST
        for bar in range(0, len(whole) - bars + 1, bars):
            metres = set(lines[bar : bar + bars])
            codes = begun(steps[first[bar] : first[bar + bars]])
            if len(metres) == 1 and whole[bar : bar + bars].all() and (codes >= 0).any():
                numerator, denominator = metres.pop()
                found.append(Melody(codes, numerator, denominator, number))
    return tuple(found)


def begun(codes: Steps) -> Steps:
    """Steps without what sounds on from before them."""
    held = np.logical_and.accumulate(codes == HOLD)
    return np.where(held, SILENCE, codes)
