"""Continue and Generate for everything that has pitches: melodies, basses and chords."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from bridge.codecs.notescore import PARTS, TWELFTHS, Metre, Setting
from bridge.engine.cancel import Cancel
from bridge.music.clip import Clip, Take
from bridge.music.pitchlock import PitchLock
from bridge.music.scale import INTERVALS, Scale
from bridge.protocol.messages import Continue, Generate
from bridge.tools.bounds import (
    FAR,
    PERFORMANCE,
    frame_for,
    keys_beside,
    keys_within,
    pool_of,
    scale_of,
    strictness_of,
    together_of,
)
from bridge.tools.drafting import Band, Chosen, Wish, choose_drafts, seeds_of
from bridge.tools.generate import frame_of
from bridge.tools.hearing import (
    CHORDS,
    Heard,
    chord_line,
    hear,
    key_of_chords,
    looped,
    mode_of,
    on_grid,
    stiff,
    straight_grid,
)
from bridge.tools.keeping import Kept
from bridge.tools.locks import wish_of
from bridge.tools.melody_variations import Given, play_variations
from bridge.tools.note_writing import HEARD_TOKENS
from bridge.tools.pages import NO_NOTES, Page, Rules
from bridge.tools.performing import WRITING_PART
from bridge.tools.phrasing import Manner
from bridge.tools.polyphony import at_most_together
from bridge.tools.writing import require_writable

RANGES: Final = {"melody": (55, 88), "bass": (28, 55), "chords": (36, 84)}
"""The keys of a part that nobody gave a range: a voice above, a bass guitar, two hands."""


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
    frame = frame_for(looped(clip), length)
    recent = _recent(heard, bar)
    begin = heard.end - recent
    known = heard.notes.only(heard.notes.time >= recent).moved(-recent)
    kept = Kept.sung(keep, frame.length)
    together = together_of(heard, request.most)
    page = Page(
        heard.setting(lock.scale),
        known,
        begin,
        begin + length,
        chord_line(chords, begin, begin + length),
    )
    rules = Rules(
        allowed=keys_beside(lock, heard),
        most=together,
        grid=np.resize(heard.grid, length),
        temperature=request.temperature,
        end_temperature=request.temperature,
        kept=on_grid(kept.notes).moved(begin),
        strictness=strictness_of(band, heard.part, bar),
    )
    wish = Wish(scale_of(lock, heard.key.scale), heard.clip.notes, 0.0, pool_of(heard.part))
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
        given = Given(near, keep, chords, lock)
        return play_variations(request, given, band, cancel, report)
    frame = replace(frame_of(request), drums=False)
    metre = Metre(request.numerator, request.denominator)
    length = request.bars * metre.bar
    scale = wish_of(request, key_of_chords(chords)) or Scale(0, INTERVALS["Major"])
    root, mode = mode_of(scale)
    part = PARTS.index(request.part)
    density = request.notes_per_bar * 4 * TWELFTHS / metre.bar
    allowed = keys_within(lock, *RANGES[request.part])
    middle = round(float(np.flatnonzero(allowed).mean()))
    setting = Setting(part, metre, root, mode, middle, density)
    kept = Kept.sung(keep, frame.length)
    together = request.most if part == CHORDS else 1
    end = request.temperature if request.end_temperature < 0 else request.end_temperature
    rules = Rules(
        allowed=allowed,
        most=together,
        grid=np.resize(straight_grid(), length),
        temperature=request.temperature,
        end_temperature=end,
        soon=metre.bar,
        pace=request.notes_per_bar / metre.bar,
        strictness=strictness_of(band, request.part, metre.bar),
        kept=on_grid(kept.notes),
    )
    wish = Wish(scale, kept.notes, request.notes_per_bar, pool_of(request.part))
    page = Page(setting, NO_NOTES, 0, length, chord_line(chords, 0, length))
    stretch = _Stretch(page, rules, wish, frame, kept, Manner.played(request.part), together)
    return _takes(stretch, band, request.seed, request.takes, cancel, report)


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
    generator = np.random.default_rng([chosen.seed, PERFORMANCE])
    notes = stiff(chosen.draft.notes.moved(-stretch.page.begin))
    played = stretch.manner.perform(notes, stretch.frame, generator)
    new = at_most_together(played, stretch.kept.notes, stretch.together)
    return stretch.frame.with_notes(stretch.kept.among(new))


def _recent(heard: Heard, bar: int) -> int:
    """The bar line from which a clip is heard note by note, in twelfths."""
    near = max(0, heard.end - FAR)
    first = int(heard.notes.time[-HEARD_TOKENS + 1]) if len(heard.notes) >= HEARD_TOKENS else 0
    return -(-max(first, near) // bar) * bar
