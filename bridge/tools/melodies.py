"""Continue, Generate and Infill for everything that has pitches: melodies, basses and chords."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.moments import places_of
from bridge.codecs.notescore import PARTS, TICKS_PER_TWELFTH, TWELFTHS, Metre, Setting
from bridge.engine.cancel import Cancel
from bridge.errors import BadRequestError, NoNotesError
from bridge.music.clip import Clip, Note, Take
from bridge.music.pitchlock import PitchLock
from bridge.music.scale import INTERVALS, Scale
from bridge.protocol.messages import Continue, Generate, Infill
from bridge.tools.drafting import (
    CHORDS_POOL,
    POOL,
    Band,
    Chosen,
    Wish,
    choose_drafts,
    seeds_of,
)
from bridge.tools.generate import frame_of
from bridge.tools.hearing import (
    CHORDS,
    SIXTEENTHS,
    Heard,
    chord_line,
    hear,
    key_of_chords,
    looped,
    mode_of,
    on_grid,
    stiff,
)
from bridge.tools.keeping import Kept
from bridge.tools.locks import wish_of
from bridge.tools.note_writing import (
    HEARD_TOKENS,
    NO_NOTES,
    NO_STRICTNESS,
    GridNotes,
    Page,
    Rules,
    write,
)
from bridge.tools.phrasing import Manner
from bridge.tools.polyphony import at_most_together
from bridge.tools.strictness import Strictness
from bridge.tools.writing import require_writable

Booleans = npt.NDArray[np.bool_]

__all__ = [
    "Band",
    "play_pitched_continuation",
    "play_pitched_generation",
    "play_pitched_infill",
]

WRITING_PART: Final = 0.9
"""Of the work: to write; the rest is to perform."""
BEYOND: Final = 7
"""Semitones by which a take may leave the range of the clip that it goes on from."""

RANGES: Final = {"melody": (55, 88), "bass": (28, 55), "chords": (36, 84)}
"""The keys of a part that nobody gave a range: a voice above, a bass guitar, two hands."""
_PERFORMANCE: Final = 1


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What is to be written, and what comes of it."""

    page: Page
    rules: Rules
    wish: Wish
    frame: Clip
    """Without notes; it begins where the stretch begins."""
    kept: Kept
    manner: Manner
    together: int
    """How many notes may sound at once, from 1."""


def play_pitched_continuation(
    request: Continue,
    clip: Clip,
    keep: Clip | None,
    chords: Clip | None,
    lock: PitchLock,
    band: Band,
    *,
    cancel: Cancel,
    report: Callable[[float], None],
) -> tuple[Take, ...]:
    """Takes that begin with the bar after the clip; each is the continuation alone.

    Args:
        request: How many takes, how long, and of what kind; its ids are not looked at.
        clip: What is gone on from.
        keep: Whose notes stay in every take; None for no notes.
        chords: What the takes follow; None for nothing.
        lock: Which keys may be played.
        band: Who plays.
        cancel: Asked before every run of a model.
        report: Told the part of the work that is done, 0–1.

    Raises:
        NoNotesError: if no note of the clip sounds.
        BadRequestError: if there are too many bars.
        CancelledError: if it was called off.
    """
    require_writable("Continue", request.bars, clip)
    heard = hear(clip, request.part)
    bar = heard.metre.bar
    length = request.bars * bar
    frame = _frame(looped(clip), length)
    recent = _recent(heard, bar)
    begin = heard.end - recent
    known = heard.notes.only(heard.notes.time >= recent).moved(-recent)
    kept = Kept.sung(keep, frame.length)
    together = 1 if heard.part != "chords" else min(request.most, max(2, heard.together))
    page = Page(
        heard.setting(lock.scale),
        known,
        begin,
        begin + length,
        chord_line(chords, begin, begin + length),
    )
    low, high = int(heard.notes.pitch.min()) - BEYOND, int(heard.notes.pitch.max()) + BEYOND
    rules = Rules(
        allowed=_allowed(lock, low, high),
        most=together,
        grid=np.resize(heard.grid, length),
        temperature=request.temperature,
        end_temperature=request.temperature,
        kept=on_grid(kept.notes).moved(begin),
        strictness=_strictness(band, heard.part, bar),
    )
    wish = Wish(_scale(lock, heard.key.scale), heard.clip.notes, 0.0, _pool(heard.part))
    stretch = _Stretch(page, rules, wish, frame, kept, Manner.of(heard.clip), together)
    return _takes(stretch, band, request.seed, request.takes, cancel, report)


def play_pitched_generation(
    request: Generate,
    keep: Clip | None,
    near: Clip | None,
    chords: Clip | None,
    lock: PitchLock,
    band: Band,
    *,
    cancel: Cancel,
    report: Callable[[float], None],
) -> tuple[Take, ...]:
    """Takes from nothing but a part, a key and a metre, or near a clip; none is empty.

    Args:
        request: How many takes, how long, and of what kind; its ids are not looked at.
        keep: Whose notes stay in every take; None for no notes.
        near: What the takes are variations of; None for nothing.
        chords: What the takes follow; None for nothing.
        lock: Which keys may be played.
        band: Who plays.
        cancel: Asked before every run of a model.
        report: Told the part of the work that is done, 0–1.

    Raises:
        NoNotesError: if no note of the clip to be near sounds.
        BadRequestError: if there are too many bars.
        CancelledError: if it was called off.
    """
    if near is not None:
        given = _Given(near, keep, chords, lock)
        return _varied(request, given, band, cancel, report)
    frame = replace(frame_of(request), drums=False)
    metre = Metre(request.numerator, request.denominator)
    length = request.bars * metre.bar
    scale = wish_of(request, key_of_chords(chords)) or Scale(0, INTERVALS["Major"])
    root, mode = mode_of(scale)
    low, high = RANGES[request.part]
    part = PARTS.index(request.part)
    density = request.notes_per_bar * 4 * TWELFTHS / metre.bar
    allowed = _allowed(lock, low, high)
    middle = round(float(np.flatnonzero(allowed).mean()))
    setting = Setting(part, metre, root, mode, middle, density)
    kept = Kept.sung(keep, frame.length)
    together = request.most if part == CHORDS else 1
    end = request.temperature if request.end_temperature < 0 else request.end_temperature
    grid = np.zeros(TWELFTHS, np.bool_)
    grid[list(SIXTEENTHS)] = True
    rules = Rules(
        allowed=allowed,
        most=together,
        grid=np.resize(grid, length),
        temperature=request.temperature,
        end_temperature=end,
        soon=metre.bar,
        strictness=_strictness(band, request.part, metre.bar),
        kept=on_grid(kept.notes),
    )
    wish = Wish(scale, kept.notes, request.notes_per_bar, _pool(request.part))
    page = Page(setting, NO_NOTES, 0, length, chord_line(chords, 0, length))
    stretch = _Stretch(page, rules, wish, frame, kept, Manner.played(request.part), together)
    return _takes(stretch, band, request.seed, request.takes, cancel, report)


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
    if all(note.mute for note in around):
        raise NoNotesError(
            "Outside of those bars no note of the clip sounds. Choose fewer bars, or let Generate"
            " make a part from nothing."
        )
    rest = straight.with_notes(around)
    heard = hear(rest, request.part)
    page, shift = _gap(heard, first, end)
    kept = Kept.sung(keep, clip.length)
    inner = Kept(
        tuple(
            note
            for note in kept.notes
            if first * TICKS_PER_TWELFTH <= note.start < end * TICKS_PER_TWELFTH
        ),
        kept.codes,
    )
    together = 1 if heard.part != "chords" else min(request.most, max(2, heard.together))
    low, high = int(heard.notes.pitch.min()) - BEYOND, int(heard.notes.pitch.max()) + BEYOND
    rules = Rules(
        allowed=_allowed(lock, low, high),
        most=together,
        grid=np.resize(heard.grid, end - first),
        temperature=request.temperature,
        end_temperature=request.temperature,
        kept=on_grid(inner.notes).moved(-shift),
        strictness=_strictness(band, heard.part, metre.bar),
    )
    wish = Wish(_scale(lock, heard.key.scale), tuple(around), 0.0, _pool(heard.part))
    manner = Manner.of(rest)
    seeds = seeds_of(request.seed, request.takes, wish.pool)
    page = replace(page, setting=heard.setting(lock.scale))
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
        generator = np.random.default_rng([each.seed, _PERFORMANCE])
        notes = each.draft.notes.moved(shift)
        inside = stiff(notes.only(notes.time * TICKS_PER_TWELFTH < clip.length))
        played = manner.perform(inside, straight, generator)
        fixed = (*inner.notes, *around)
        new = at_most_together(played, fixed, together)
        all_of_them = Kept(fixed, kept.codes).among(new)
        takes.append(Take(index, each.seed, clip.with_notes(all_of_them)))
    report(1.0)
    return tuple(takes)


def _takes(
    stretch: _Stretch,
    band: Band,
    seed: int,
    takes: int,
    cancel: Cancel,
    report: Callable[[float], None],
) -> tuple[Take, ...]:
    chosen = choose_drafts(
        stretch.page,
        band,
        stretch.rules,
        stretch.wish,
        seeds_of(seed, takes, stretch.wish.pool),
        cancel=cancel,
        report=lambda part: report(WRITING_PART * part),
    )
    found = [Take(index, each.seed, _performed(stretch, each)) for index, each in enumerate(chosen)]
    report(1.0)
    return tuple(found)


def _performed(stretch: _Stretch, chosen: Chosen) -> Clip:
    """A draft as it is played, with what was kept."""
    generator = np.random.default_rng([chosen.seed, _PERFORMANCE])
    notes = stiff(chosen.draft.notes.moved(-stretch.page.begin))
    played = stretch.manner.perform(notes, stretch.frame, generator)
    new = at_most_together(played, stretch.kept.notes, stretch.together)
    return stretch.frame.with_notes(stretch.kept.among(new))


@dataclass(frozen=True, slots=True)
class _Given:
    """What a musician handed in."""

    near: Clip
    keep: Clip | None
    chords: Clip | None
    lock: PitchLock


def _varied(
    request: Generate,
    given: _Given,
    band: Band,
    cancel: Cancel,
    report: Callable[[float], None],
) -> tuple[Take, ...]:
    """Takes in which as much of a clip is written anew as the distance says."""
    heard = hear(given.near, request.part)
    frame = _frame(heard.clip, heard.end)
    kept = Kept.sung(given.keep, frame.length)
    together = 1 if heard.part != "chords" else min(request.most, max(2, heard.together))
    low, high = int(heard.notes.pitch.min()) - BEYOND, int(heard.notes.pitch.max()) + BEYOND
    allowed = _allowed(given.lock, low, high)
    manner = Manner.of(heard.clip)
    line = chord_line(given.chords, 0, heard.end)
    takes = []
    for index, (seed,) in enumerate(seeds_of(request.seed, request.takes, 1)):
        generator = np.random.default_rng(seed)
        anew = _anew(heard, request.distance / 100.0, generator)
        # What the locks forbid is written anew, too.
        for time in heard.notes.time[~allowed[heard.notes.pitch]].tolist():
            anew[time // TWELFTHS] = True
        stays = ~anew[np.minimum(heard.notes.time // TWELFTHS, len(anew) - 1)]
        known = heard.notes.only(stays)
        kept_grid = on_grid(kept.notes)
        written = NO_NOTES
        for first, end in _runs(anew):
            begin, stop = first * TWELFTHS, min(end * TWELFTHS, heard.end)
            page = Page(
                heard.setting(given.lock.scale),
                _near_to(known.and_others(written), begin, stop),
                begin,
                stop,
                line,
            )
            rules = Rules(
                allowed=allowed,
                most=together,
                grid=np.resize(np.roll(heard.grid, -begin % TWELFTHS), stop - begin),
                temperature=request.temperature,
                end_temperature=request.temperature,
                kept=kept_grid,
                strictness=_strictness(band, heard.part, heard.metre.bar),
            )
            (draft,) = write(page, [generator], band.writers, rules, cancel=cancel)
            written = written.and_others(draft.notes)
        own = _untouched(heard, stays)
        played = manner.perform(stiff(written), frame, generator)
        new = at_most_together(played, (*kept.notes, *own), together)
        mine = Kept(kept.notes, kept.codes).among(own)
        takes.append(Take(index, seed, frame.with_notes(Kept(mine, kept.codes).among(new))))
        report((index + 1) / request.takes)
    return tuple(takes)


def _anew(heard: Heard, share: float, generator: np.random.Generator) -> Booleans:
    """Which quarters of a clip are written anew, as many as the share says, (quarters,)."""
    quarters = -(-heard.end // TWELFTHS)
    wanted = round(share * quarters)
    anew = np.zeros(quarters, np.bool_)
    while anew.sum() < wanted:
        first = int(generator.integers(quarters))
        length = int(generator.integers(1, 5))
        span = np.arange(first, min(first + length, quarters))
        fresh = span[~anew[span]][: wanted - int(anew.sum())]
        anew[fresh] = True
    return anew


def _runs(chosen: Booleans) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], chosen, [False]]).astype(np.int8)))
    return [(int(first), int(end)) for first, end in edges.reshape(-1, 2)]


def _near_to(notes: GridNotes, begin: int, end: int) -> GridNotes:
    """The notes without those in a stretch, at most as many as the model hears."""
    outside = notes.only((notes.time < begin) | (notes.time >= end))
    before = np.flatnonzero(outside.time < begin)[-HEARD_TOKENS * 2 // 3 :]
    after = np.flatnonzero(outside.time >= end)[: HEARD_TOKENS // 3]
    chosen = np.zeros(len(outside), np.bool_)
    chosen[before], chosen[after] = True, True
    return outside.only(chosen)


def _untouched(heard: Heard, stays: Booleans) -> tuple[Note, ...]:
    """The clip's own notes that are played as they were."""
    places = set(
        zip(heard.notes.time[stays].tolist(), heard.notes.pitch[stays].tolist(), strict=True)
    )
    found = on_grid_each(heard.clip.notes)
    return tuple(
        note
        for note, place in zip(heard.clip.notes, found, strict=True)
        if note.mute or place in places
    )


def on_grid_each(notes: Sequence[Note]) -> list[tuple[int, int]]:
    """The time and pitch of each note on the grid."""
    places = places_of([note.start for note in notes]) // TICKS_PER_TWELFTH
    return [(int(place), note.pitch) for place, note in zip(places, notes, strict=True)]


def _gap(heard: Heard, first: int, end: int) -> tuple[Page, int]:
    """The page of a gap, and by how much its time is later than the clip's 1.1.1."""
    bar = heard.metre.bar
    near = _near_to(heard.notes, first, end)
    shift = 0 if not len(near) else min(int(near.time[0]) // bar * bar, first)
    page = Page(heard.setting(), near.moved(-shift), first - shift, end - shift)
    return page, shift


def _recent(heard: Heard, bar: int) -> int:
    """The bar line from which a clip is heard note by note, in twelfths."""
    if len(heard.notes) < HEARD_TOKENS:
        return 0
    return -(-int(heard.notes.time[-HEARD_TOKENS + 1]) // bar) * bar


def _frame(clip: Clip, twelfths: int) -> Clip:
    return replace(
        clip, notes=(), length=twelfths * TICKS_PER_TWELFTH, loop_start=0, loop_end=None, name=""
    )


def _allowed(lock: PitchLock, low: int, high: int) -> Booleans:
    """The keys of a lock, within a range as far as that leaves an octave of them."""
    mask = np.array(lock.mask)
    keys = np.arange(len(mask))
    if (lock.lowest, lock.highest) != (0, len(mask) - 1):
        return mask
    inside = mask & (keys >= low) & (keys <= high)
    return inside if inside.any() else mask


def _strictness(band: Band, part: str, bar: int) -> Strictness:
    """What a taste holds of one voice; of chords it holds nothing."""
    return NO_STRICTNESS if part == "chords" else Strictness.of(band.taste, bar)


def _scale(lock: PitchLock, heard: Scale) -> Scale:
    return heard if lock.scale is None else lock.scale


def _pool(part: str) -> int:
    return CHORDS_POOL if part == "chords" else POOL
