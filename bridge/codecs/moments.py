"""Pitched notes read as moments: what is struck together, where it stands, and how it was played.

A moment is a chord or a single note on a place of the grid. How each of its notes was played is
kept beside it: how late against the place, how long against the nearest length of the grid, and
where it ended against the next moment.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.music.clip import Clip, Note, is_compound, ticks_per_bar
from bridge.music.grid import is_triplet_beat
from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH, Ticks

Integers: TypeAlias = npt.NDArray[np.int64]
Doubles: TypeAlias = npt.NDArray[np.float64]

UNIT: Final[Ticks] = TICKS_PER_BEAT // 12
"""The grid's smallest length: a twelfth of a quarter note."""
STRENGTHS: Final = 6
"""From 0 (between the sixteenths) to 5 (on the bar line)."""

_TO_THE_TICK: Final[Ticks] = TICKS_PER_BEAT // 240
"""2 ms at 120 beats a minute: nearer than any hand."""
_MACHINE_GRIDS: Final = (16, 24)
"""Divisions of a beat that hold all that a machine quantises to."""
_SURELY_PLACED: Final = 4
"""Notes that must all stand on such grids: of fewer it may be chance."""
_COMPOUND: Final = 3
"""Eighths a beat in 6/8, 9/8 and 12/8."""


@dataclass(frozen=True, slots=True)
class Moments:
    """The sounding notes of a clip, in time and from the lowest up; arrays of notes are (notes,).

    ``moment`` says to which moment each belongs; arrays of moments are (moments,).
    """

    note: Integers
    """Index of the note in what was read."""
    moment: Integers
    """Rising."""
    pitch: Integers
    late: Integers
    """Ticks behind the moment's place, negative where early."""
    length: Integers
    """The nearest length of the grid, at least a unit, in ticks."""
    longer: Integers
    """How much longer than that it was played, in ticks."""
    end: Integers
    """Where it ended, in ticks."""
    place: Integers
    """Of each moment, in ticks; rising."""
    position: Integers
    """Of each moment in its bar, in ticks."""
    strength: Integers
    """Of each moment in the metre, 0–5."""
    first: Integers
    """Of each moment the first of its notes, and then the number of notes: (moments + 1,)."""

    def __len__(self) -> int:
        return len(self.place)

    @property
    def size(self) -> Integers:
        """How many notes each moment has."""
        return np.diff(self.first)

    @property
    def top(self) -> Integers:
        """The highest pitch of each moment."""
        return self.pitch[self.first[1:] - 1]


def read_moments(clip: Clip) -> Moments:
    """The moments of a clip as it was played; muted notes are not among them."""
    sounding = [index for index, note in enumerate(clip.notes) if not note.mute]
    starts = [clip.notes[index].start for index in sounding]
    return _moments(clip.notes, sounding, places_of(starts), clip)


def stiff_moments(notes: Sequence[Note], frame: Clip) -> Moments:
    """The moments of notes that stand where they are meant to.

    Args:
        notes: On the grid; none is muted.
        frame: Whose metre holds.
    """
    places = np.array([note.start for note in notes], np.int64)
    return _moments(notes, range(len(notes)), places, frame)


def places_of(starts: Sequence[Ticks]) -> Integers:
    """The place of the grid that each onset means, in ticks.

    Where a machine placed them all, that is where they stand. What was played means the nearest
    sixteenth, or the nearest sixth of a beat where the beat is one of triplets.
    """
    onsets = np.array(starts, np.int64)
    machine = [_nearest(onsets, divisions) for divisions in _MACHINE_GRIDS]
    away = np.stack([np.abs(onsets - places) for places in machine])
    if len(onsets) >= _SURELY_PLACED and (away.min(axis=0) <= _TO_THE_TICK).all():
        return np.where(away[0] <= away[1], *machine)
    beat = (onsets + TICKS_PER_SIXTEENTH // 2) // TICKS_PER_BEAT
    members: dict[int, list[Ticks]] = defaultdict(list)
    for which, onset in zip(beat.tolist(), onsets.tolist(), strict=True):
        members[which].append(onset)
    triplet = {which for which, inside in members.items() if is_triplet_beat(inside)}
    in_triplets = np.array([which in triplet for which in beat.tolist()], np.bool_)
    return np.where(in_triplets, _nearest(onsets, 6), _nearest(onsets, 4))


def strength_of(position: Integers, numerator: int, denominator: int) -> Integers:
    """How much weight a place in a bar has: 5 the bar line, 4 its half, 3 a beat, 2 half a beat.

    1 is another sixteenth, 0 everything between. In 6/8 and its like a beat has three eighths,
    and those are the halves.
    """
    bar = ticks_per_bar(numerator, denominator)
    unit = TICKS_PER_BEAT * 4 // denominator
    compound = is_compound(numerator, denominator)
    beat = unit * _COMPOUND if compound else unit
    weight = np.where(position % TICKS_PER_SIXTEENTH == 0, 1, 0)
    weight[position % (unit if compound else max(1, unit // 2)) == 0] = 2
    weight[position % beat == 0] = 3
    if bar // beat % 2 == 0:
        weight[position * 2 == bar] = 4
    weight[position == 0] = 5
    return weight.astype(np.int64)


def _moments(
    notes: Sequence[Note], chosen: Sequence[int], places: Integers, frame: Clip
) -> Moments:
    index = np.array(chosen, np.int64)
    pitch, start, duration = (
        np.array([getattr(notes[which], name) for which in chosen], np.int64)
        for name in ("pitch", "start", "duration")
    )
    order = np.lexsort((start, pitch, places))
    place, first, moment = np.unique(places[order], return_index=True, return_inverse=True)
    position = place % frame.ticks_per_bar
    length = np.maximum(1, (duration + UNIT // 2) // UNIT) * UNIT
    return Moments(
        note=index[order],
        moment=moment.astype(np.int64),
        pitch=pitch[order],
        late=(start - places)[order],
        length=length[order],
        longer=(duration - length)[order],
        end=(start + duration)[order],
        place=place,
        position=position,
        strength=strength_of(position, frame.numerator, frame.denominator),
        first=np.append(first, len(order)).astype(np.int64),
    )


def _nearest(onsets: Integers, divisions: int) -> Integers:
    width = TICKS_PER_BEAT // divisions
    return np.asarray((onsets + width // 2) // width * width, np.int64)
