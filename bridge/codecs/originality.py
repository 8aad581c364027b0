"""Whether a take copies what a model learned from: fingerprints of runs of notes.

A run is a number of melody notes in a row, as the intervals and the gaps in sixteenths between
them, so that neither key nor place counts. Runs that any melody may have do not: one note again
and again, scales, two notes in turn. Runs are kept as 48-bit hashes; nothing of the melodies can
be read out of them.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final, Self, TypeAlias
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from bridge.errors import ModelFailedError
from bridge.music.clip import Note
from bridge.music.grid import nearest_step

FINGERPRINT: Final = "fingerprint.npz"
"""The file of a model's folder in which its fingerprint lies."""

SHORTEST_RUN: Final = 8
LONGEST_GAP: Final = 32
"""Sixteenths: two bars of 4/4; longer rests count as this."""
LEAST_INTERVALS: Final = 3
"""Different intervals that a telling run has at least."""
LEAST_TURNS: Final = 2
"""Changes of direction that a telling run has at least."""

HASH_BITS: Final = 48
_LOW_BITS: Final = 32
_BUCKETS: Final = 2 ** (HASH_BITS - _LOW_BITS)
_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
_FOLD: Final = np.uint64(29)

Hashes: TypeAlias = npt.NDArray[np.uint64]
Integers: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Line:
    """A melody as the check sees it: one note a step."""

    step: Integers
    """Sixteenths, rising, (notes,)."""
    pitch: Integers
    """MIDI keys, (notes,)."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The telling runs of many melodies; the chance of a false match is about runs / 2^48."""

    notes: int
    """In a run, at least 8."""
    hashes: Hashes
    """Sorted, each once."""

    def copied(self, take: Iterable[Note], given: Iterable[Note] = ()) -> int:
        """How many telling runs of the take stand in the fingerprint.

        Args:
            take: The take's notes; muted ones do not count. Its melody is checked: of notes on
                one sixteenth the highest.
            given: What the musician handed in: runs of that may come again.
        """
        own = telling_hashes(line_of_notes(take), self.notes)
        known = telling_hashes(line_of_notes(given), self.notes)
        return int((self.knows(own) & ~np.isin(own, known)).sum())

    def knows(self, hashes: Hashes) -> npt.NDArray[np.bool_]:
        """Which of these runs are in it."""
        if not len(self.hashes):
            return np.zeros(len(hashes), np.bool_)
        place = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return np.asarray(self.hashes[place] == hashes, np.bool_)

    def as_bytes(self) -> bytes:
        """A file: the low 32 bits of each hash, and how many share each of the high 16."""
        high = np.bincount(
            (self.hashes >> np.uint64(_LOW_BITS)).astype(np.int64), minlength=_BUCKETS
        )
        file = BytesIO()
        np.savez_compressed(
            file,
            allow_pickle=False,
            notes=np.array(self.notes),
            high=high.astype(np.uint32),
            low=(self.hashes & np.uint64(2**_LOW_BITS - 1)).astype(np.uint32),
        )
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The fingerprint of a file.

        Raises:
            ModelFailedError: the bytes are none.
        """
        try:
            with np.load(BytesIO(data), allow_pickle=False) as stored:
                notes, high, low = int(stored["notes"]), stored["high"], stored["low"]
            bucket = np.repeat(np.arange(_BUCKETS, dtype=np.uint64), high)
            return cls(notes, bucket << np.uint64(_LOW_BITS) | low.astype(np.uint64))
        except (ValueError, KeyError, OSError, EOFError, BadZipFile, zlib.error) as error:
            raise ModelFailedError(
                "The fingerprint of a model is damaged. Install Clipbridge again."
            ) from error


def line_of_notes(notes: Iterable[Note]) -> Line:
    """The melody of a clip's notes on the grid of sixteenths."""
    sounding = [note for note in notes if not note.mute]
    return line_of_steps(
        [nearest_step(note.start) for note in sounding], [note.pitch for note in sounding]
    )


def line_of_steps(step: Sequence[int], pitch: Sequence[int]) -> Line:
    """Of notes on one step the highest, in their order."""
    steps, pitches = np.array(step, np.int64), np.array(pitch, np.int64)
    order = np.lexsort((-pitches, steps))
    steps, first = np.unique(steps[order], return_index=True)
    return Line(steps, pitches[order][first])


def telling_hashes(line: Line, notes: int) -> Hashes:
    """A hash of 48 bits for each telling run of so many notes, in their order."""
    intervals = np.diff(line.pitch)
    if len(intervals) < notes - 1:
        return np.zeros(0, np.uint64)
    gaps = np.minimum(np.diff(line.step), LONGEST_GAP)
    token = ((intervals + 128) * (LONGEST_GAP + 1) + gaps).astype(np.uint64)
    runs = np.lib.stride_tricks.sliding_window_view(token, notes - 1)
    hashes = np.full(len(runs), np.uint64(notes), np.uint64)
    for place in range(notes - 1):
        hashes = (hashes ^ runs[:, place]) * _MULTIPLIER
        hashes ^= hashes >> _FOLD
    return (hashes >> np.uint64(64 - HASH_BITS))[_telling(intervals, notes - 1)]


def _telling(intervals: Integers, length: int) -> npt.NDArray[np.bool_]:
    """Which runs of so many intervals are more than repetition, scale or two notes in turn."""
    runs = np.lib.stride_tricks.sliding_window_view(intervals, length)
    ordered = np.sort(runs, axis=1)
    different = 1 + (np.diff(ordered, axis=1) != 0).sum(axis=1)
    direction = np.sign(runs)
    moved = np.maximum.accumulate(np.where(direction != 0, np.arange(length), 0), axis=1)
    heading = np.take_along_axis(direction, moved, axis=1)  # A repeated note keeps the direction.
    turns = (heading[:, 1:] * heading[:, :-1] < 0).sum(axis=1)
    return np.asarray((different >= LEAST_INTERVALS) & (turns >= LEAST_TURNS), np.bool_)
