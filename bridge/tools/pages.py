"""Pages of notes of which some are known, what may be written on them, and what was."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from bridge.codecs.noterows import ChordLine
from bridge.codecs.notescore import Setting
from bridge.tools.strictness import Strictness

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class GridNotes:
    """Notes on the grid of twelfths, by onset and then by pitch, each array (notes,)."""

    time: Integers
    pitch: Integers
    length: Integers

    def __len__(self) -> int:
        return len(self.time)

    @classmethod
    def of(cls, notes: Sequence[tuple[int, int, int]]) -> Self:
        """Notes from their time, pitch and length, in any order."""
        rows = np.array(sorted(notes), np.int64).reshape(-1, 3)
        return cls(*rows.T)

    def only(self, chosen: Booleans) -> "GridNotes":
        """Some of them."""
        return GridNotes(self.time[chosen], self.pitch[chosen], self.length[chosen])

    def moved(self, twelfths: int) -> "GridNotes":
        """The same, later."""
        return GridNotes(self.time + twelfths, self.pitch, self.length)

    def and_others(self, others: "GridNotes") -> "GridNotes":
        """These and others."""
        return GridNotes.of(
            [
                *zip(self.time.tolist(), self.pitch.tolist(), self.length.tolist(), strict=True),
                *zip(
                    others.time.tolist(), others.pitch.tolist(), others.length.tolist(), strict=True
                ),
            ]
        )


NO_NOTES: Final = GridNotes.of(())


NO_STRICTNESS: Final = Strictness()


NO_CHORDS: Final = ChordLine(*(np.zeros(0, np.int64) for _ in range(4)))


@dataclass(frozen=True, slots=True)
class Page:
    """A part of which some is known and a stretch is to be written; time 0 is a bar line."""

    setting: Setting
    known: GridNotes
    """Outside the stretch."""
    begin: int
    """Where the stretch begins, twelfths."""
    end: int
    """Where it ends; nothing that is written begins or sounds beyond."""
    chords: ChordLine | None = None
    """The chords to follow; None where they are not known."""

    @property
    def middle_of_a_row(self) -> bool:
        """Whether something is known that comes after the stretch."""
        return bool(np.any(self.known.time >= self.end))


@dataclass(frozen=True, slots=True)
class Rules:
    """What is drawn by."""

    allowed: Booleans
    """Which keys may be played, (128,); one at least."""
    most: int
    """How many notes may sound at once, from 1."""
    grid: Booleans
    """On which twelfths of the stretch a note may begin, (end − begin,); the first among them."""
    temperature: float = 1.0
    """At the beginning; 0 takes the likeliest."""
    end_temperature: float = 1.0
    soon: int | None = None
    """Within so many twelfths of the stretch's beginning the first note comes, if it may."""
    pace: float = 0.0
    """Notes a twelfth that are wished for; 0: as they come."""
    strictness: Strictness = NO_STRICTNESS
    """What else is left out, of one voice."""
    kept: GridNotes = field(default=NO_NOTES)
    """What sounds in the stretch whatever is written; it counts towards the most."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What was written in one take."""

    notes: GridNotes
    nats: float
    """What it cost, of what was allowed, at temperature 1."""

    @property
    def nats_per_note(self) -> float:
        """The mean; that of silence is its own."""
        return self.nats / max(1, len(self.notes))
