"""A drum clip read as hits on the sixteenth grid, and the windows that cover them.

Every sounding note is one of three kinds. A *main* hit is what the grid knows: one for each piece
and step, the note nearest to the step. A *finer* note shares its piece and step with a main hit
(flams, rolls) and moves with it. A *triplet* note stands between sixteenths on purpose and moves
with the hits around it. So no note is lost to the grid.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumgrid import PIECES, STEPS, Performance
from bridge.music.clip import Clip
from bridge.music.grid import is_triplet_beat, nearest_step, offset_from_step
from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH, Ticks

MAIN: Final = 0
FINER: Final = 1
TRIPLET: Final = 2

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hits:
    """The sounding notes of a clip, in the clip's order; all arrays (hits,)."""

    note: Integers
    """Index of the note in the clip."""
    step: Integers
    piece: Integers
    kind: Integers
    """MAIN, FINER or TRIPLET."""
    main: Integers
    """For a finer note the hit it moves with; for others themselves."""
    velocity: Floats
    """0–1."""
    offset: Floats
    """How late against the step, −0.5–0.5 steps."""


def read_hits(clip: Clip, piece_of: Callable[[int], int]) -> Hits:
    """The hits of a clip; muted notes are not among them.

    Args:
        clip: What to read.
        piece_of: The kit piece, 0–8, that a pitch plays.
    """
    sounding = [index for index, note in enumerate(clip.notes) if not note.mute]
    starts = [clip.notes[index].start for index in sounding]
    step = np.array([nearest_step(start) for start in starts], np.int64)
    piece = np.array([piece_of(clip.notes[index].pitch) for index in sounding], np.int64)
    offset = np.array([offset_from_step(start) for start in starts], np.float32)
    velocity = np.array([clip.notes[index].velocity / 127.0 for index in sounding], np.float32)
    kind = np.where(_between_sixteenths(starts, step), TRIPLET, MAIN)
    main = np.arange(len(sounding))
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for on_grid in np.flatnonzero(kind == MAIN):
        cells[int(step[on_grid]), int(piece[on_grid])].append(int(on_grid))
    for hits in cells.values():
        # The nearest to the step is the main hit; of two as near, the stronger one.
        first = min(hits, key=lambda hit: (abs(offset[hit]), -velocity[hit], hit))
        for hit in hits:
            if hit != first:
                kind[hit], main[hit] = FINER, first
    return Hits(np.array(sounding, np.int64), step, piece, kind, main, velocity, offset)


def window_starts(steps: Integers, ticks_per_bar: Ticks) -> Integers:
    """The steps at which windows begin so that together they show all ``steps``.

    Windows begin with bars and overlap by half or more, so that each step but the outermost is
    seen with what comes before and after it. Bars longer than half a window are cut. Windows in
    which nothing would be shown are left out.
    """
    half = STEPS // 2
    steps_per_bar = ticks_per_bar // TICKS_PER_SIXTEENTH
    whole = ticks_per_bar % TICKS_PER_SIXTEENTH == 0 and steps_per_bar <= half
    hop = half // steps_per_bar * steps_per_bar if whole else half
    first, last = int(steps.min()) // hop * hop, int(steps.max())
    count = max(1, -(-(last + 1 - first - STEPS) // hop) + 1)
    starts = first + hop * np.arange(count)
    sorted_steps = np.sort(steps)
    shown = np.searchsorted(sorted_steps, starts + STEPS) > np.searchsorted(sorted_steps, starts)
    return starts[shown]


def steps_of_loop(clip: Clip) -> tuple[int, int] | None:
    """The first step of the clip's loop and one past its last; None where it does not loop."""
    first, end = nearest_step(clip.loop_start), nearest_step(clip.end_of_loop)
    return (first, end) if clip.looping and first < end else None


def lay_out(hits: Hits, starts: Integers, loop: tuple[int, int] | None) -> Integers:
    """Which hit stands in each cell of each window, (windows, 32, 9); −1 where none does.

    Args:
        hits: What is played; finer notes are no hits of the grid, triplet notes are shown on the
            step they are nearest to.
        starts: Steps at which the windows begin.
        loop: First step and one past the last of a loop, which goes on round in a window that
            reaches beyond it; None where silence follows.
    """
    cells: dict[tuple[int, int], int] = {}
    for hit in np.flatnonzero(hits.kind != FINER)[::-1]:
        cells[int(hits.step[hit]), int(hits.piece[hit])] = int(hit)
    # A main hit keeps its cell against a triplet note that is shown on the same step.
    cells |= {
        (int(hits.step[hit]), int(hits.piece[hit])): int(hit)
        for hit in np.flatnonzero(hits.kind == MAIN)
    }
    played = {step for step, _ in cells}
    laid = np.full((len(starts), STEPS, PIECES), -1, np.int64)
    for window, start in enumerate(starts):
        for inner in range(STEPS):
            step = int(start) + inner
            if step not in played:
                step = _in_loop(step, loop)
            if step in played:
                for piece in range(PIECES):
                    laid[window, inner, piece] = cells.get((step, piece), -1)
    return laid


def score_of(laid: Integers) -> Floats:
    """1 where a window has a hit, else 0, (windows, 32, 9)."""
    return (laid >= 0).astype(np.float32)


def performance_of(hits: Hits, laid: Integers) -> Performance:
    """The hits of each window with their velocity and offset."""
    score = score_of(laid)
    return Performance(score, score * hits.velocity[laid], score * hits.offset[laid])


def _in_loop(step: int, loop: tuple[int, int] | None) -> int:
    """The step of the loop that sounds at a step beyond its end; before it nothing is repeated."""
    if loop is None or step < loop[1]:
        return step
    return loop[0] + (step - loop[0]) % (loop[1] - loop[0])


def _between_sixteenths(starts: list[Ticks], step: Integers) -> npt.NDArray[np.bool_]:
    """Which onsets lie on thirds or sixths of a beat, and not on its sixteenths too."""
    beats: dict[int, list[Ticks]] = defaultdict(list)
    half_a_sixteenth = TICKS_PER_SIXTEENTH // 2
    for start in starts:
        beats[(start + half_a_sixteenth) // TICKS_PER_BEAT].append(start)
    in_triplets = {beat for beat, onsets in beats.items() if is_triplet_beat(onsets)}
    # On the beat and on its half a triplet beat and a straight one agree.
    return np.array(
        [
            (start + half_a_sixteenth) // TICKS_PER_BEAT in in_triplets and bool(on % 2)
            for start, on in zip(starts, step, strict=True)
        ],
        np.bool_,
    )
