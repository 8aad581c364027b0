"""Hits played: a clip with the timing and the strength that a model gives its hits."""

from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.hits import FINER, MAIN, TRIPLET, Hits, Integers
from bridge.music.clip import MAX_TICK, Clip
from bridge.music.units import TICKS_PER_SIXTEENTH, Ticks

Doubles = npt.NDArray[np.float64]

EARLIEST: Final = -0.5
LATEST: Final = 0.5
"""How far from its step a hit may be, in steps."""

FIRST_TICK: Final[Ticks] = -(TICKS_PER_SIXTEENTH // 2)
LAST_TICK: Final[Ticks] = TICKS_PER_SIXTEENTH // 2 - 1
"""The first and the last tick about a step that belong to it."""


def perform(clip: Clip, hits: Hits, late: Doubles, strong: Doubles, amount: float) -> Clip:
    """The clip with its hits moved towards where they should be.

    Args:
        clip: What to play.
        hits: As :func:`bridge.codecs.hits.read_hits` reads them from it.
        late: Against the step, in steps, (hits,).
        strong: 0–1, (hits,).
        amount: How much of the way they go, 0–1.
    """
    old = np.array([clip.notes[index].start for index in hits.note])
    old_velocity = np.array([clip.notes[index].velocity for index in hits.note])
    late_ticks = np.clip(np.rint(late * TICKS_PER_SIXTEENTH), FIRST_TICK, LAST_TICK)
    target = hits.step * TICKS_PER_SIXTEENTH + late_ticks
    shift = amount * (target - old)
    velocity = old_velocity + amount * (np.clip(127.0 * strong, 1.0, 127.0) - old_velocity)
    velocity[hits.kind == FINER] = _louder(hits, old_velocity, velocity)
    start = _inside(np.rint(old + _followed(hits, old, shift)).astype(np.int64), old, clip)
    notes = list(clip.notes)
    for hit, index in enumerate(hits.note):
        notes[index] = notes[index].played(start=int(start[hit]), velocity=round(velocity[hit]))
    return clip.with_notes(notes)


def _followed(hits: Hits, old: Integers, shift: Doubles) -> Doubles:
    """The shifts, those of finer and triplet notes made to follow the main hits about them.

    Between two main hits time is stretched evenly, so that no two notes of a piece change places.
    """
    followed = shift.copy()
    main = hits.kind == MAIN
    for piece in np.unique(hits.piece[hits.kind == FINER]):
        led = (hits.kind == FINER) & (hits.piece == piece)
        leading = np.flatnonzero(main & (hits.piece == piece))
        leading = leading[np.argsort(old[leading])]
        followed[led] = np.interp(old[led], old[leading], shift[leading])
    triplet = hits.kind == TRIPLET
    if triplet.any():
        # Between sixteenths there is no step to be late against: go with all that is around.
        steps, which = np.unique(hits.step[main], return_inverse=True)
        if not len(steps):
            followed[triplet] = 0.0
            return followed
        struck = np.bincount(which)
        at = np.bincount(which, weights=old[main]) / struck
        by = np.bincount(which, weights=shift[main]) / struck
        followed[triplet] = np.interp(old[triplet], at, by)
    return followed


def _louder(hits: Hits, old: Doubles, new: Doubles) -> Doubles:
    """The velocities of the finer notes: as much louder or softer as their main hits became."""
    finer = hits.kind == FINER
    main = hits.main[finer]
    louder: Doubles = old[finer] * new[main] / old[main]
    return louder


def _inside(start: Integers, old: Integers, clip: Clip) -> Integers:
    """The starts, none led over an edge of the clip or its loop, where it would not be heard."""
    loop = {clip.loop_start, clip.end_of_loop} if clip.looping else set()
    edges = np.array([-MAX_TICK, *sorted({0, clip.length} | loop), MAX_TICK + 1])
    after = np.searchsorted(edges, old, side="right")
    inside: Integers = np.clip(start, edges[after - 1], edges[after] - 1)
    return inside
