"""What is free on a page: which keys sound when, in each take."""

from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.notescore import KEYS, LENGTHS_IN_TWELFTHS, LONGEST_SHIFT, SHIFTS
from bridge.tools.pages import Page, Rules

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

LEGATO: Final = 2
"""Twelfths by which a note may sound into a line that goes on, and is not in its way."""


class Room:
    """What is free: which keys sound when, in each take."""

    def __init__(self, page: Page, rules: Rules, takes: int) -> None:
        self._begin, self._end = page.begin, page.end
        self._rules = rules
        span = page.end - page.begin
        self._mono = page.setting.mono
        busy = np.zeros((span, KEYS), np.bool_)
        around = page.known.and_others(rules.kept)
        for time, pitch, length in zip(
            around.time.tolist(), around.pitch.tolist(), around.length.tolist(), strict=True
        ):
            first, last = max(0, time - page.begin), min(span, time + length - page.begin)
            if self._mono and time < page.begin and time + length <= page.begin + LEGATO:
                continue  # It is played legato into what comes next.
            if last > first:
                busy[first:last, pitch] = True
        self._busy = np.repeat(busy[None], takes, axis=0)
        self._count = self._busy.sum(axis=-1)
        self._takes = np.arange(takes)

    def only(self, going: Integers) -> None:
        """Go on with some of the takes."""
        self._busy, self._count = self._busy[going], self._count[going]
        self._takes = np.arange(len(going))

    def fill(self, take: int, time: int, pitch: int, length: int) -> None:
        """A key sounds."""
        first, last = time - self._begin, min(time + length, self._end) - self._begin
        self._busy[take, first:last, pitch] = True
        self._count[take, first:last] += 1

    def shifts(self, now: Integers, last: Integers) -> tuple[Booleans, Booleans]:
        """Which shifts lead to a place for a note, and which beyond the end, (takes, 97)."""
        there = (now - self._begin)[:, None] + np.arange(SHIFTS)
        span = self._end - self._begin
        beyond = there >= span
        place = np.clip(there, 0, span - 1)
        takes = self._takes[:, None]
        free = self._count[takes, place] < self._rules.most
        free &= self._rules.grid[place]
        free &= (self._rules.allowed & ~self._busy[takes, place]).any(axis=-1)
        # Another note of the same chord: there must be a key above the last one.
        above = self._rules.allowed & ~self._busy[self._takes, place[:, 0]]
        above &= np.arange(KEYS) > last[:, None]
        free[:, 0] &= above.any(axis=-1) & ((last < 0) | (not self._mono))
        free &= ~beyond & (there >= 0)
        free[:, LONGEST_SHIFT] = False
        return free, beyond

    def from_on(self, time: Integers) -> Booleans:
        """Whether there is a place for a note at a time or after it, (takes,)."""
        free = (self._count < self._rules.most) & self._rules.grid
        free &= (self._rules.allowed & ~self._busy).any(axis=-1)
        later = np.arange(self._end - self._begin) >= (time - self._begin)[:, None]
        return np.asarray((free & later).any(axis=1), np.bool_)

    def pitches(self, time: Integers, above: Integers) -> Booleans:
        """Which keys may be struck there, (takes, 128)."""
        free = self._rules.allowed & ~self._busy[self._takes, time - self._begin]
        return np.asarray(free & (np.arange(KEYS) > above[:, None]), np.bool_)

    def lengths(self, time: Integers, pitch: Integers) -> Booleans:
        """How long the key may sound, (takes, 100): the first at least."""
        span = self._end - self._begin
        reach = np.arange(LENGTHS_IN_TWELFTHS[-1])
        there = (time - self._begin)[:, None] + reach
        outside = there >= span
        place = np.minimum(there, span - 1)
        takes = self._takes[:, None]
        full = (self._count[takes, place] >= self._rules.most) | outside
        full |= self._busy[takes, place, pitch[:, None]]
        room = np.where(full.any(axis=1), full.argmax(axis=1), len(reach))
        return np.asarray(np.array(LENGTHS_IN_TWELFTHS) <= np.maximum(room, 1)[:, None], np.bool_)
