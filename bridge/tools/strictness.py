"""Rules of taste that are held while notes are written: those of the greatest weight.

A rule of :mod:`bridge.tools.taste` decides between drafts, as much as its weight says. At its
greatest weight, 100, it is held as a lock, where that is possible: each step of writing leaves out
what would break it. Where that would leave nothing, it gives way.
"""

from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from bridge.codecs.notescore import KEYS, LENGTHS_IN_TWELFTHS
from bridge.tools.taste import BAR_STEPS, LEAP, MOST_REPEATS, Taste

Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

HELD: Final = 100.0
"""The weight from which a rule is held."""
REPEATS: Final = "few repeats"
LEAPS: Final = "leaps resolved"
_RESTS: Final = 2
"""Steps of silence that the rule of repeats lets pass."""


@dataclass(frozen=True, slots=True)
class Strictness:
    """What is left out while one voice is written; lengths in twelfths of a quarter note."""

    longest: int | None = None
    """No note lasts longer."""
    longest_rest: int | None = None
    """No rest between notes lasts longer."""
    most_alike: int | None = None
    """No key is struck more often in a row."""
    single_leaps: bool = False
    """No leap follows on an open one in its direction."""

    @classmethod
    def of(cls, taste: Taste, bar: int) -> Self:
        """What a taste holds, in bars of so many twelfths."""
        held = {rule.name for rule in taste.rules if rule.weight >= HELD}
        step = max(1, bar // BAR_STEPS)
        if REPEATS not in held:
            return cls(single_leaps=LEAPS in held)
        alike = 1 + MOST_REPEATS
        return cls(alike * step, _RESTS * step, alike, LEAPS in held)

    @property
    def lengths(self) -> Booleans:
        """Which codes of lengths are short enough, (100,)."""
        known = np.array(LENGTHS_IN_TWELFTHS)
        return known <= (known[-1] if self.longest is None else self.longest)


@dataclass(slots=True)
class Line:
    """What a voice has done so far, as far as rules want to know."""

    strictness: Strictness
    end: int = 0
    """Where its last note ends, twelfths; at first where the stretch begins."""
    _last: int = -1
    _alike: int = 0
    _direction: int = 0
    _origin: int = 0
    _all: Booleans = field(default_factory=lambda: np.ones(KEYS, np.bool_))

    def note(self, time: int, pitch: int, length: int) -> None:
        """A note is written."""
        self._alike = self._alike + 1 if pitch == self._last else 1
        way = 0 if self._last < 0 else pitch - self._last
        if abs(way) >= LEAP:
            if self._direction == 0:
                self._direction, self._origin = int(np.sign(way)), self._last
            elif np.sign(way) != self._direction:
                self._direction = 0
        elif self._direction * (pitch - self._origin) <= 0:
            self._direction = 0
        self._last = pitch
        self.end = time + length

    @property
    def latest(self) -> int | None:
        """When the next note must have begun, twelfths; None for whenever."""
        rest = self.strictness.longest_rest
        return None if rest is None else self.end + rest

    def keys(self) -> Booleans:
        """Which keys the next note may have, (128,)."""
        allowed = self._all.copy()
        if self._last < 0:
            return allowed
        if self._alike == self.strictness.most_alike:
            allowed[self._last] = False
        if self.strictness.single_leaps and self._direction:
            away = (np.arange(KEYS) - self._last) * self._direction
            allowed &= away < LEAP
        return allowed
