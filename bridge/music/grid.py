"""The grid of 16ths: a note's step, how far off it the note is, and which beats are triplets.

Steps are counted from tick 0 of the clip, in every metre and through every bar: step 4 is the
second quarter note. A bar need not be a whole number of steps (7/32 has three and a half), so
places in a bar are given in ticks.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Final

from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH, Ticks

_TO_THE_TICK: Final[Ticks] = TICKS_PER_BEAT // 240
"""2 ms at 120 beats a minute: what coarse file divisions round away, and no hand can aim at."""

_TOGETHER: Final[Ticks] = TICKS_PER_BEAT // 32
"""Onsets this close are one stroke for the ear: a chord, a kick under a hat, a flam."""

_SPREAD: Final = 0.035 * TICKS_PER_BEAT
"""How far, as a standard deviation, a player strays from the grid: 17 ms at 120 beats a minute."""

_GRIDS: Final = ((4, 0.0, False), (8, 5.0, False), (3, 2.0, True), (6, 4.5, True))
"""Places a beat, the handicap of a grid (natural logarithm of the odds against it), triplets?

The handicaps were chosen on the Groove MIDI Dataset: of the beats with an onset off the beat they
call 60 % of the Purdie shuffles, 62 % of the blues shuffles and 66 % of the bembes triplets, and
5 % of funk and soul, 2 % of afrobeat and under 1 % of country.
"""


def nearest_step(tick: Ticks) -> int:
    """The step nearest to a tick; a tick half-way between two belongs to the later one."""
    return (tick + TICKS_PER_SIXTEENTH // 2) // TICKS_PER_SIXTEENTH


def tick_of_step(step: int) -> Ticks:
    """The tick on which a step stands."""
    return step * TICKS_PER_SIXTEENTH


def offset_from_step(tick: Ticks) -> float:
    """How late a tick is against its nearest step, in steps: −0.5 (early) to below 0.5 (late)."""
    return (tick - tick_of_step(nearest_step(tick))) / TICKS_PER_SIXTEENTH


def bar_of_step(step: int, ticks_per_bar: Ticks) -> int:
    """The bar in which a step stands, counted from 0; negative before the clip's start."""
    return tick_of_step(step) // ticks_per_bar


def position_in_bar(step: int, ticks_per_bar: Ticks) -> Ticks:
    """How far behind the last bar line a step stands, in ticks: 0 to below ``ticks_per_bar``."""
    return tick_of_step(step) % ticks_per_bar


def is_triplet_beat(onsets: Iterable[Ticks]) -> bool:
    """Whether the onsets of one beat lie on thirds or sixths of it rather than on 16ths.

    Only the place of an onset within its beat counts, so ticks of the clip and ticks from the
    beat do equally well, and an early onset of the beat may stand just before it.

    What a machine placed (every onset to the tick on one grid) is that grid, whatever the odds;
    32nds are straight too. Onsets on the beat and on its half fit both grids and say nothing:
    alone they are straight. What a human played is the likelier of the grids, and straight has
    the better odds from the start: a late 16th at 0.29 of a beat is nearer to the triplet at
    0.33, but it is much the commoner of the two. A lone swung eighth counts as a triplet from
    60 % to 68 % of the beat; several onsets that agree may stray farther.
    """
    places = sorted(onset % TICKS_PER_BEAT for onset in onsets)
    if _all_to_the_tick(places, 8):
        return False
    if _all_to_the_tick(places, 6):
        return True
    strokes = _strokes(places)
    return min((_cost(strokes, divisions, odds), triplet) for divisions, odds, triplet in _GRIDS)[1]


def _all_to_the_tick(places: Sequence[Ticks], divisions: int) -> bool:
    return all(_distance(place, divisions) <= _TO_THE_TICK for place in places)


def _strokes(places: Sequence[Ticks]) -> tuple[Ticks, ...]:
    """The places, those struck together once: a chord is no better witness than its one note."""
    strokes: list[Ticks] = []
    for place in places:
        if not strokes or place - strokes[-1] > _TOGETHER:
            strokes.append(place)
    return tuple(strokes)


def _cost(strokes: Iterable[Ticks], divisions: int, handicap: float) -> float:
    """The negative logarithm of how likely a player meant this grid, up to a constant."""
    squares = math.fsum(_distance(stroke, divisions) ** 2 for stroke in strokes)
    return squares / (2 * _SPREAD**2) + handicap


def _distance(place: Ticks, divisions: int) -> float:
    """How far a place is from the nearest of so many equal divisions of the beat, in ticks."""
    width = TICKS_PER_BEAT / divisions
    return abs(place - round(place / width) * width)
