"""Infill for everything that has pitches: some bars of a clip, by what stands around them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from bridge.codecs.notescore import TICKS_PER_TWELFTH, TWELFTHS, Metre, Setting
from bridge.engine.cancel import Cancel
from bridge.errors import BadRequestError, NoNotesError
from bridge.music.clip import Clip, Take
from bridge.music.pitchlock import PitchLock
from bridge.protocol.messages import Infill
from bridge.tools.bounds import (
    PERFORMANCE,
    keys_beside,
    near_to,
    pool_of,
    scale_of,
    strictness_of,
    together_of,
)
from bridge.tools.drafting import Band, Wish, choose_drafts, seeds_of
from bridge.tools.hearing import Heard, hear, looped, on_grid, stiff
from bridge.tools.keeping import Kept
from bridge.tools.pages import Page, Rules
from bridge.tools.performing import WRITING_PART
from bridge.tools.phrasing import Manner
from bridge.tools.polyphony import at_most_together
from bridge.tools.writing import require_writable


def play_pitched_infill(
    request: Infill,
    clip: Clip,
    keep: Clip | None,
    lock: PitchLock,
    band: Band,
    *,
    cancel: Cancel,
    report: Callable[[float], None],
) -> tuple[Take, ...]:
    """The clip with some bars played anew; every other note comes back as it was.

    Args:
        request: How many takes, and which bars; its ids are not looked at.
        clip: What has the bars; they are counted from 1.1.1.
        keep: Whose notes stay in those bars of every take; None for no notes.
        lock: Which keys may be played there.
        band: Who plays.
        cancel: Asked before every run of a model.
        report: Told the part of the work that is done, 0–1.

    Raises:
        NoNotesError: if no note sounds outside of those bars.
        BadRequestError: if the clip has no such bars.
        CancelledError: if it was called off.
    """
    require_writable("Infill", request.bars, clip)
    if request.first_bar + request.bars > clip.bars:
        raise BadRequestError(
            f"The clip has {clip.bars} bars; bars {request.first_bar + 1} to"
            f" {request.first_bar + request.bars} are not all among them. Choose bars of the clip."
        )
    straight = replace(clip, looping=False, loop_start=0, loop_end=None)
    metre = Metre(clip.numerator, clip.denominator)
    first = request.first_bar * metre.bar
    end = first + request.bars * metre.bar
    early = TICKS_PER_TWELFTH * TWELFTHS // 8
    around = [
        note
        for note in clip.notes
        if note.mute
        or not first * TICKS_PER_TWELFTH - early <= note.start < end * TICKS_PER_TWELFTH - early
    ]
    rest = straight.with_notes(around)
    if all(note.mute for note in looped(rest).notes):
        raise NoNotesError(
            "Outside of those bars no note of the clip sounds. Choose fewer bars, or let Generate"
            " make a part from nothing."
        )
    heard = hear(rest, request.part)
    page, shift = _gap(heard, first, end, heard.setting(lock.scale))
    kept = Kept.sung(keep, clip.length)
    inner = Kept(
        tuple(
            note
            for note in kept.notes
            if first * TICKS_PER_TWELFTH <= note.start < end * TICKS_PER_TWELFTH
        ),
        kept.codes,
    )
    together = together_of(heard, request.most)
    rules = Rules(
        allowed=keys_beside(lock, heard),
        most=together,
        grid=np.resize(heard.grid, end - first),
        temperature=request.temperature,
        end_temperature=request.temperature,
        kept=on_grid(inner.notes).moved(-shift),
        strictness=strictness_of(band, heard.part, metre.bar),
    )
    wish = Wish(scale_of(lock, heard.key.scale), tuple(around), 0.0, pool_of(heard.part))
    manner = Manner.of(rest)
    seeds = seeds_of(request.seed, request.takes, wish.pool)
    chosen = choose_drafts(
        page,
        band,
        rules,
        wish,
        seeds,
        cancel=cancel,
        report=lambda part: report(WRITING_PART * part),
    )
    takes = []
    for index, each in enumerate(chosen):
        generator = np.random.default_rng([each.seed, PERFORMANCE])
        notes = each.draft.notes.moved(shift)
        inside = stiff(notes.only(notes.time * TICKS_PER_TWELFTH < clip.length))
        played = manner.perform(inside, straight, generator)
        fixed = (*inner.notes, *around)
        new = at_most_together(played, fixed, together)
        all_of_them = Kept(fixed, kept.codes).among(new)
        takes.append(Take(index, each.seed, clip.with_notes(all_of_them)))
    report(1.0)
    return tuple(takes)


def _gap(heard: Heard, first: int, end: int, setting: Setting) -> tuple[Page, int]:
    """The page of a gap, and by how much its time is later than the clip's 1.1.1."""
    bar = heard.metre.bar
    near = near_to(heard.notes, first, end)
    shift = min(int(near.time[0]) // bar * bar, first) if len(near) else first
    page = Page(setting, near.moved(-shift), first - shift, end - shift)
    return page, shift
