"""Notes that stay: what a musician wants in every take, whatever is written around it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from bridge.errors import TooLongError
from bridge.music.clip import MAX_NOTES, Clip, Note
from bridge.music.drumkit import Kit
from bridge.music.grid import nearest_step
from bridge.music.units import Ticks

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Kept:
    """Notes that come back exactly as they are, laid from the beginning of a take."""

    notes: tuple[Note, ...]
    """In the take's own time; muted ones stay too, but strike nothing."""
    codes: Integers
    """The pieces that they strike, one code a step of the take, (steps,)."""

    @classmethod
    def lay(cls, clip: Clip | None, kit: Kit, length: Ticks, steps: int) -> Self:
        """The notes of a clip over a take, again and again to its end where the clip loops.

        A looping clip's loop is laid, another clip from 1.1.1 to its end. Raises TooLongError where
        so many notes would come of it that no clip holds them.

        Args:
            clip: Whose notes stay; None for no notes.
            kit: Which pitch plays which piece; one it does not know counts as closed hat.
            length: Of the take.
            steps: How many sixteenths of the take are written.
        """
        notes = () if clip is None else tuple(_laid(clip, length))
        codes = np.zeros(steps, np.int64)
        for note in notes:
            step = nearest_step(note.start)
            if not note.mute and step < steps:
                codes[step] |= 1 << kit.piece_or_timekeeper(note.pitch)
        return cls(notes, codes)

    @classmethod
    def sung(cls, clip: Clip | None, length: Ticks) -> Self:
        """The same for takes that are no drums: their codes are not looked at.

        Args:
            clip: Whose notes stay; None for no notes.
            length: Of the take.
        """
        notes = () if clip is None else tuple(_laid(clip, length))
        return cls(notes, np.zeros(0, np.int64))

    def between(self, first: int, end: int) -> "Kept":
        """Those that stand on the steps from one to before another, with those steps' codes."""
        inside = tuple(note for note in self.notes if first <= nearest_step(note.start) < end)
        return Kept(inside, self.codes[first:end])

    def beside(self, written: Integers) -> Integers:
        """What is left to be played of codes that hold those kept, (steps,)."""
        return np.asarray(written & ~self.codes, np.int64)

    def among(self, played: Iterable[Note]) -> tuple[Note, ...]:
        """All notes of a take: those kept, and those played, none of which covers a kept one."""
        starts: dict[int, list[Ticks]] = {}
        for note in self.notes:
            starts.setdefault(note.pitch, []).append(note.start)
        free = [_ended_before(note, starts.get(note.pitch, ())) for note in played]
        return tuple(sorted((*self.notes, *free), key=lambda note: (note.start, note.pitch)))


def _laid(clip: Clip, length: Ticks) -> Iterable[Note]:
    first = clip.loop_start if clip.looping else 0
    end = clip.end_of_loop if clip.looping else clip.length
    inside = [note for note in clip.notes if first <= note.start < end]
    again = end - first if clip.looping else max(length, end)
    count = len(inside) * -(-length // again)
    if count > MAX_NOTES:
        raise TooLongError(
            f"The notes to be kept would be {count:,} in each take; a clip takes up to"
            f" {MAX_NOTES:,}. Keep fewer, or make their loop longer."
        )
    for shift in range(0, length, again):
        for note in inside:
            start = note.start - first + shift
            if start < length:
                # A name belongs to one note: those laid again have none.
                yield replace(note, start=start, note_id=None if shift else note.note_id)


def _ended_before(note: Note, starts: Iterable[Ticks]) -> Note:
    """The note, ended where the next of some begins."""
    gaps = [start - note.start for start in starts if start > note.start]
    return replace(note, duration=max(1, min([note.duration, *gaps])))
