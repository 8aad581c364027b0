"""Which songs share a melody: families, which a split must not part, and duplicates, which go.

Two melodies are compared by their runs of ten notes, as the nine intervals between these, so that
the key, the metre and the note values do not count. Runs that any melody may have (one note again
and again, a scale, a pattern of two notes) say nothing.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Final

import numpy as np

from bridge.training.song import Song, melody_line

RUN: Final = 10
"""Notes of a run."""
LEAST_INTERVALS: Final = 3
"""Different intervals that a telling run has at least."""
LEAST_TURNS: Final = 3
"""Changes of direction that a telling run has at least."""

DUPLICATE: Final = 0.5
"""Sharing so much of the shorter melody's runs, a tune is one that was there before."""

TWINS: Final = 0.1
"""Sharing so much of the shorter melody's runs, two songs belong to one family."""

TWIN_RUNS: Final = 8
"""So do two songs that share so many runs, 17 notes in a row, however long they are."""

WIDESPREAD: Final = 12
"""A run that more songs have is a turn of phrase, and binds no family."""

SPLITS: Final[Mapping[str, range]] = {
    "test": range(1),
    "validation": range(1, 2),
    "train": range(2, 10),
}
"""The tenths of all families that each split gets."""

LARGE_FAMILY: Final = 20
"""Songs of a family that is too large for a split of a tenth; it goes to train."""


def telling_runs(pitches: Sequence[int], length: int = RUN) -> frozenset[tuple[int, ...]]:
    """The different runs of a melody that say which melody it is, as intervals in semitones."""
    intervals = tuple(after - before for before, after in pairwise(pitches))
    runs = (intervals[first : first + length - 1] for first in range(len(intervals) - length + 2))
    return frozenset(run for run in runs if is_telling(run))


def is_telling(run: Sequence[int]) -> bool:
    """Whether a run of intervals is more than a scale, a repetition or two notes in turn."""
    moves = [interval for interval in run if interval]
    turns = sum(here * there < 0 for here, there in pairwise(moves))
    return len(set(run)) >= LEAST_INTERVALS and turns >= LEAST_TURNS


@dataclass(frozen=True, slots=True)
class Shared:
    """What two melodies have in common."""

    runs: int
    share: float
    """Of the runs of the melody that has fewer, 0–1."""

    @property
    def binds(self) -> bool:
        """Whether it makes one family of them."""
        return self.share >= TWINS or self.runs >= TWIN_RUNS


def shared_runs(melodies: Sequence[Sequence[int]]) -> dict[tuple[int, int], Shared]:
    """What each pair of melodies that share runs has in common.

    Pairs are (earlier, later); runs that more than ``WIDESPREAD`` melodies have do not count.
    """
    runs = [telling_runs(melody) for melody in melodies]
    holders: dict[tuple[int, ...], list[int]] = {}
    for index, own in enumerate(runs):
        for run in own:
            holders.setdefault(run, []).append(index)
    shared: Counter[tuple[int, int]] = Counter()
    for having in holders.values():
        if len(having) <= WIDESPREAD:
            shared.update(combinations(having, 2))
    return {
        (one, other): Shared(count, count / min(len(runs[one]), len(runs[other])))
        for (one, other), count in shared.items()
    }


def without_duplicates(songs: Sequence[Song]) -> tuple[list[Song], list[tuple[str, str]]]:
    """The songs without those that an earlier one of the same melody makes superfluous.

    Only tunes of one voice go: a setting of a known melody is a song of its own. Comes back with
    each name that went and the name of the song that stays for it.
    """
    shares = shared_runs([melody_line(song.notes).pitch.tolist() for song in songs])
    gone: dict[int, int] = {}
    for (earlier, later), shared in sorted(shares.items(), key=lambda entry: entry[0]):
        lone = all(np.unique(songs[index].notes.role).size == 1 for index in (earlier, later))
        if shared.share >= DUPLICATE and lone and earlier not in gone:
            gone.setdefault(later, earlier)
    left = [song for index, song in enumerate(songs) if index not in gone]
    return left, [(songs[later].name, songs[gone[later]].name) for later in sorted(gone)]


def in_families(songs: Sequence[Song]) -> list[Song]:
    """The songs with their families and the splits that these fall to.

    A family's split is drawn from the name of its first song, so that songs that come or go
    elsewhere do not move it.
    """
    shares = shared_runs([melody_line(song.notes).pitch.tolist() for song in songs])
    twins = [pair for pair, shared in shares.items() if shared.binds]
    families = joined(len(songs), twins)
    sizes = Counter(families)
    return [
        replace(song, family=family, split=split_of(songs[family].name, sizes[family]))
        for song, family in zip(songs, families, strict=True)
    ]


def joined(count: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    """For each of so many things, the first of those that pairs join it to, over any steps."""
    parent = list(range(count))

    def root(thing: int) -> int:
        while parent[thing] != thing:
            parent[thing] = parent[parent[thing]]
            thing = parent[thing]
        return thing

    for one, other in pairs:
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    return [root(thing) for thing in range(count)]


def split_of(name: str, size: int) -> str:
    """The split of a family of so many songs whose first song has this name."""
    if size > LARGE_FAMILY:
        return "train"
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    tenth = int.from_bytes(digest, "big") % 10
    return next(split for split, tenths in SPLITS.items() if tenth in tenths)
