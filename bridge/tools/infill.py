"""Infill: plays some bars of a drum clip anew, by what comes before and after them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import codes_of, forbidden_at
from bridge.codecs.hits import read_hits
from bridge.engine.cancel import Cancel
from bridge.errors import BadRequestError, NoNotesError
from bridge.music.clip import Clip, Take
from bridge.music.drumkit import Kit
from bridge.music.grid import nearest_step
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Infill
from bridge.tools.groove import SEEDS
from bridge.tools.keeping import Kept
from bridge.tools.performing import (
    WRITING_PART,
    Drummers,
    perform_notes,
    pitches_of,
    stiff_notes,
)
from bridge.tools.writing import HEARD_BARS, Page, Rules, require_writable, write

BARS_AHEAD: Final = 4
"""So many bars after the gap are heard at the most, where there are as many before it."""

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Gap:
    """A clip with a hole in it."""

    around: Clip
    """The clip without the notes that are played anew, all others as they were."""
    first: int
    """The first step of the hole, counted from 1.1.1."""
    end: int
    """One past its last step."""
    page: Page


def play_infill(
    request: Infill,
    gap: Gap,
    keep: Clip | None,
    drummers: Drummers,
    *,
    cancel: Cancel,
    report: Callable[[float], None],
) -> tuple[Take, ...]:
    """Takes of the whole clip, each with a hit in the hole; all other notes are as they were.

    Args:
        request: How many takes, and of what kind; its ids are not looked at.
        gap: As :func:`read_gap` gives it.
        keep: Whose notes stay in the hole of every take; None for no notes.
        drummers: Who plays.
        cancel: Asked before every step.
        report: Told the part of the work that is done, 0–1.

    Raises:
        BadRequestError: if there are too many bars.
        ModelMissingError: if a model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    clip = gap.around
    last = -(-clip.length // TICKS_PER_SIXTEENTH)
    kept = Kept.lay(keep, drummers.kit, clip.length, max(last, gap.end)).between(gap.first, gap.end)
    steps = gap.end - gap.first
    seeds = [(request.seed + index) % SEEDS for index in range(request.takes)]
    written = write(
        gap.page,
        [np.random.default_rng(seed) for seed in seeds],
        drummers.writer,
        Rules(
            np.full(steps, request.temperature),
            forbidden_at(request.pieces, request.most, kept.codes),
            sounding=True,
        ),
        cancel=cancel,
        report=lambda part: report(WRITING_PART * part),
    )
    pitches = pitches_of(clip, drummers.kit)
    takes = []
    for index, (seed, codes) in enumerate(zip(seeds, written, strict=True)):
        stiff = stiff_notes(kept.beside(codes), pitches, gap.first)
        played = perform_notes(
            [note for note in stiff if note.start < clip.length],
            (*kept.notes, *clip.notes),
            clip,
            drummers,
            seed=seed,
            temperature=request.temperature,
            cancel=cancel,
        )
        takes.append(Take(index, seed, clip.with_notes((*clip.notes, *kept.among(played)))))
        report(WRITING_PART + (1.0 - WRITING_PART) * (index + 1) / request.takes)
    return tuple(takes)


def read_gap(request: Infill, clip: Clip, kit: Kit) -> Gap:
    """The clip without the bars that are asked for.

    A note belongs to the bar of its nearest sixteenth, so that one that is early for a bar's first
    beat goes with that bar. Muted notes stay.

    Raises:
        NoNotesError: if no note sounds outside of those bars.
        BadRequestError: if it has no such bars, or its bars are no whole sixteenths.
    """
    steps_per_bar = require_writable("Infill", request.bars, clip)
    if request.first_bar + request.bars > clip.bars:
        raise BadRequestError(
            f"The clip has {clip.bars} bars; bars {request.first_bar + 1} to"
            f" {request.first_bar + request.bars} are not all among them. Choose bars of the clip."
        )
    first = request.first_bar * steps_per_bar
    end = first + request.bars * steps_per_bar
    around = clip.with_notes(
        note for note in clip.notes if note.mute or not first <= nearest_step(note.start) < end
    )
    hits = read_hits(around, kit.piece_or_timekeeper)
    if not len(hits.note):
        raise NoNotesError(
            "Outside of those bars no note of the clip sounds. Choose fewer bars, or let Generate"
            " make a beat from nothing."
        )
    begin, stop = _heard(request, clip.bars, steps_per_bar)
    struck = np.zeros((stop - begin, PIECES), np.bool_)
    step = hits.step - begin
    inside = (step >= 0) & (step < len(struck))
    struck[step[inside], hits.piece[inside]] = True
    place = np.arange(begin, stop)
    page = Page(
        codes_of(struck), (place >= first) & (place < end), begin, steps_per_bar, clip.tempo
    )
    return Gap(around, first, end, page)


def _heard(request: Infill, bars: int, steps_per_bar: int) -> tuple[int, int]:
    """The first step that is heard and one past the last: eight bars in all, the gap among them."""
    end = request.first_bar + request.bars
    free = max(1, HEARD_BARS - request.bars)
    ahead = min(bars - end, max(min(BARS_AHEAD, free // 2), free - request.first_bar))
    before = min(request.first_bar, free - ahead)
    return (request.first_bar - before) * steps_per_bar, (end + ahead) * steps_per_bar
