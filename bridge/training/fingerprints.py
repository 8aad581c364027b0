"""Fingerprints of training melodies: how long a run must be, and how often one is met by chance.

A run that several families of songs have is a common turn of phrase and not copied from any of
them; it stays out of the fingerprint. Songs that share 17 notes in a row are one family and stand
on one side of every split, so the rate of false alarms says what strangers share by chance, and
nothing of twins.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from bridge.codecs.originality import (
    SHORTEST_RUN,
    Fingerprint,
    Hashes,
    Line,
    line_of_steps,
    telling_hashes,
)
from bridge.music.grid import nearest_step
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.training.song import Song, melody_line

MOST_FALSE_ALARMS: Final = 0.02
"""Of unseen real melodies, as many may be taken for copies."""

LONGEST_RUN: Final = 32

COMMON: Final = 3
"""Families that make a run common property."""

TAKE_BARS: Final = 16
"""The longest take of Generate; unseen melodies are judged in pieces of as many bars."""


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """What a fingerprint says of real melodies that nobody learned from."""

    notes: int
    """Of a run."""
    runs: int
    """In the fingerprint."""
    melodies: float
    """The share of whole melodies with a run that stands in it."""
    pieces: float
    """The share of pieces of 16 bars with one."""

    def as_fields(self) -> dict[str, float]:
        """For JSON."""
        return asdict(self)


def fingerprint_of(songs: Sequence[Song], notes: int) -> Fingerprint:
    """The fingerprint of the songs' melodies, by runs of so many notes."""
    hashes: list[Hashes] = []
    families: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
    for song in songs:
        own = np.unique(telling_hashes(line_of_song(song), notes))
        hashes.append(own)
        families.append(np.full(len(own), song.family, np.int64))
    if not hashes:
        return Fingerprint(notes, np.zeros(0, np.uint64))
    each = np.unique(
        np.stack([np.concatenate(hashes), np.concatenate(families).astype(np.uint64)]), axis=1
    )
    runs, held_by = np.unique(each[0], return_counts=True)
    return Fingerprint(notes, runs[held_by < COMMON])


def false_alarms(fingerprint: Fingerprint, unseen: Sequence[Song]) -> FalseAlarms:
    """How often the melodies of songs that it does not know are taken for copies."""
    whole: list[bool] = []
    pieces: list[bool] = []
    for song in unseen:
        line = line_of_song(song)
        if len(line.step) < fingerprint.notes:
            continue
        whole.append(_copies(fingerprint, line))
        edges = song.bars.start[::TAKE_BARS] // TICKS_PER_SIXTEENTH
        for begin, end in zip(edges, [*edges[1:], 2**31], strict=True):
            inside = (line.step >= begin) & (line.step < end)
            if inside.sum() >= fingerprint.notes:
                pieces.append(_copies(fingerprint, Line(line.step[inside], line.pitch[inside])))
    return FalseAlarms(
        notes=fingerprint.notes,
        runs=len(fingerprint.hashes),
        melodies=float(np.mean(whole)) if whole else 0.0,
        pieces=float(np.mean(pieces)) if pieces else 0.0,
    )


def shortest_fingerprint(
    learnt: Sequence[Song], unseen: Sequence[Song]
) -> tuple[Fingerprint, tuple[FalseAlarms, ...]]:
    """The fingerprint of the shortest runs that takes few unseen melodies for copies.

    Comes back with what each length that was tried does, the chosen one last.
    """
    tried: list[FalseAlarms] = []
    for notes in range(SHORTEST_RUN, LONGEST_RUN + 1):
        fingerprint = fingerprint_of(learnt, notes)
        tried.append(false_alarms(fingerprint, unseen))
        if tried[-1].melodies < MOST_FALSE_ALARMS:
            break
    return fingerprint, tuple(tried)


def line_of_song(song: Song) -> Line:
    """The song's melody as the check sees it."""
    melody = melody_line(song.notes)
    return line_of_steps(
        [nearest_step(tick) for tick in melody.start.tolist()], melody.pitch.tolist()
    )


def _copies(fingerprint: Fingerprint, line: Line) -> bool:
    return bool(fingerprint.knows(telling_hashes(line, fingerprint.notes)).any())
