"""Scales by the names that Live gives them, as sets of pitches that a tool may play."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Self

from bridge.errors import BadRequestError
from bridge.music.clip import require_between

INTERVALS: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType(
    {
        "Major": (0, 2, 4, 5, 7, 9, 11),
        "Minor": (0, 2, 3, 5, 7, 8, 10),
        "Dorian": (0, 2, 3, 5, 7, 9, 10),
        "Mixolydian": (0, 2, 4, 5, 7, 9, 10),
        "Lydian": (0, 2, 4, 6, 7, 9, 11),
        "Phrygian": (0, 1, 3, 5, 7, 8, 10),
        "Locrian": (0, 1, 3, 5, 6, 8, 10),
        "Whole Tone": (0, 2, 4, 6, 8, 10),
        "Half-whole Dim.": (0, 1, 3, 4, 6, 7, 9, 10),
        "Whole-half Dim.": (0, 2, 3, 5, 6, 8, 9, 11),
        "Minor Blues": (0, 3, 5, 6, 7, 10),
        "Minor Pentatonic": (0, 3, 5, 7, 10),
        "Major Pentatonic": (0, 2, 4, 7, 9),
        "Harmonic Minor": (0, 2, 3, 5, 7, 8, 11),
        "Harmonic Major": (0, 2, 4, 5, 7, 8, 11),
        "Dorian #4": (0, 2, 3, 6, 7, 9, 10),
        "Phrygian Dominant": (0, 1, 4, 5, 7, 8, 10),
        "Melodic Minor": (0, 2, 3, 5, 7, 9, 11),
        "Lydian Augmented": (0, 2, 4, 6, 8, 9, 11),
        "Lydian Dominant": (0, 2, 4, 6, 7, 9, 10),
        "Super Locrian": (0, 1, 3, 4, 6, 8, 10),
        "8-Tone Spanish": (0, 1, 3, 4, 5, 6, 8, 10),
        "Bhairav": (0, 1, 4, 5, 7, 8, 11),
        "Hungarian Minor": (0, 2, 3, 6, 7, 8, 11),
        "Hirajoshi": (0, 2, 3, 7, 8),
        "In-Sen": (0, 1, 5, 7, 10),
        "Iwato": (0, 1, 5, 6, 10),
        "Kumoi": (0, 2, 3, 7, 9),
        "Pelog Selisir": (0, 1, 3, 7, 8),
        "Pelog Tembung": (0, 1, 5, 7, 8),
        "Messiaen 3": (0, 2, 3, 4, 6, 7, 8, 10, 11),
        "Messiaen 4": (0, 1, 2, 5, 6, 7, 8, 11),
        "Messiaen 5": (0, 1, 5, 6, 7, 11),
        "Messiaen 6": (0, 2, 4, 5, 6, 8, 10, 11),
        "Messiaen 7": (0, 1, 2, 3, 5, 6, 7, 8, 9, 11),
    }
)
"""Semitones above the root, by the name that Live shows, in the order of its menu."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The pitches that belong together: a root and the intervals above it, in every octave."""

    root: int
    """Pitch class, 0–11; 0 is C."""
    intervals: tuple[int, ...]
    """Semitones above the root, 0–11, at least one; kept in rising order, each once."""

    def __post_init__(self) -> None:
        require_between("A scale's root", self.root, 0, 11)
        if not self.intervals:
            raise BadRequestError("A scale needs at least one note; this one has none.")
        for interval in self.intervals:
            require_between("An interval of a scale", interval, 0, 11)
        object.__setattr__(self, "intervals", tuple(sorted(set(self.intervals))))

    @classmethod
    def named(cls, name: str, root: int) -> Self:
        """The scale that Live calls ``name`` (upper or lower case) on a root of 0–11.

        Raises:
            BadRequestError: Live has no scale of that name; the text says the nearest.
        """
        names = {known.casefold(): known for known in INTERVALS}
        known = names.get(name.strip().casefold())
        if known is None:
            nearest = difflib.get_close_matches(name.strip().casefold(), names, n=1)
            advice = (
                f"Did you mean “{names[nearest[0]]}”?" if nearest else "Major and Minor are two."
            )
            raise BadRequestError(f"There is no scale called “{name}”. {advice}")
        return cls(root=root, intervals=INTERVALS[known])

    def __contains__(self, pitch: int) -> bool:
        return (pitch - self.root) % 12 in self.intervals

    @property
    def mask(self) -> tuple[bool, ...]:
        """For each MIDI key 0–127, whether it belongs to the scale."""
        return tuple(pitch in self for pitch in range(128))

    def nearest(self, pitch: int) -> int:
        """The MIDI key of the scale nearest to ``pitch``; of two equally near, the lower."""
        return min((key for key in range(128) if key in self), key=lambda key: abs(key - pitch))
