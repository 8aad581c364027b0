"""Variations of a pitched clip: as much of it is written anew as the distance says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bridge.codecs.moments import places_of
from bridge.codecs.noterows import ChordLine
from bridge.codecs.notescore import TICKS_PER_TWELFTH, TWELFTHS
from bridge.engine.cancel import Cancel
from bridge.errors import BadRequestError
from bridge.music.clip import Clip, Note, Take
from bridge.music.pitchlock import PitchLock
from bridge.protocol.messages import Generate
from bridge.tools.bounds import frame_for, keys_beside, near_to, strictness_of, together_of
from bridge.tools.drafting import ROUNDS, Band, draft_seed, nothing_of_its_own, seeds_of
from bridge.tools.hearing import Heard, chord_line, hear, looped, on_grid, stiff
from bridge.tools.keeping import Kept
from bridge.tools.note_writing import write
from bridge.tools.pages import NO_NOTES, Page, Rules
from bridge.tools.phrasing import Manner
from bridge.tools.polyphony import at_most_together
from bridge.tools.writing import require_writable

Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Given:
    """What a musician handed in."""

    near: Clip
    keep: Clip | None
    chords: Clip | None
    lock: PitchLock


def play_variations(
    request: Generate,
    given: Given,
    band: Band,
    cancel: Cancel,
    report: Callable[[float], None],
) -> tuple[Take, ...]:
    """Takes in which as much of a clip is written anew as the distance says.

    Raises:
        NoNotesError: if no note of the clip sounds.
        BadRequestError: if it plays drums, or is too long.
        ModelFailedError: if a take copied a melody that was learnt however often it was drawn.
        CancelledError: if it was called off.
    """
    if given.near.drums:
        raise BadRequestError(
            "Generate makes pitches, and the clip to be near plays drums. Take one with pitches, or"
            " ask for drums."
        )
    near = looped(given.near)
    require_writable("Generate", near.bars, near)
    heard = hear(given.near, request.part)
    frame = frame_for(heard.clip, heard.end)
    room = _Room(
        heard,
        given.lock,
        request,
        chord_line(given.chords, 0, heard.end),
        frame,
        Kept.sung(given.keep, frame.length),
        keys_beside(given.lock, heard),
        Manner.of(heard.clip),
    )
    takes = []
    for index, (seed,) in enumerate(seeds_of(request.seed, request.takes, 1)):
        for own in (seed, *(draft_seed(seed, turn + 1) for turn in range(ROUNDS))):
            clip = _varied(room, band, own, cancel)
            if not band.learnt.copied(clip.notes, heard.clip.notes):
                takes.append(Take(index, own, clip))
                break
        else:
            raise nothing_of_its_own()
        report((index + 1) / request.takes)
    return tuple(takes)


@dataclass(frozen=True, slots=True)
class _Room:
    """What all variations of a request share."""

    heard: Heard
    lock: PitchLock
    request: Generate
    line: ChordLine | None
    frame: Clip
    """Without notes."""
    kept: Kept
    allowed: Booleans
    """Which keys may be played, (128,)."""
    manner: Manner


def _varied(room: _Room, band: Band, seed: int, cancel: Cancel) -> Clip:
    """One variation."""
    heard, request, kept, allowed = room.heard, room.request, room.kept, room.allowed
    together = together_of(heard, request.most)
    generator = np.random.default_rng(seed)
    anew = _anew(heard, request.distance / 100.0, generator)
    # What the locks forbid is written anew, too.
    for time in heard.notes.time[~allowed[heard.notes.pitch]].tolist():
        anew[time // TWELFTHS] = True
    stays = ~anew[np.minimum(heard.notes.time // TWELFTHS, len(anew) - 1)]
    known = heard.notes.only(stays)
    written = NO_NOTES
    for first, end in _runs(anew):
        begin, stop = first * TWELFTHS, min(end * TWELFTHS, heard.end)
        page = Page(
            heard.setting(room.lock.scale),
            near_to(known.and_others(written), begin, stop),
            begin,
            stop,
            room.line,
        )
        rules = Rules(
            allowed=allowed,
            most=together,
            grid=np.resize(np.roll(heard.grid, -begin % TWELFTHS), stop - begin),
            temperature=request.temperature,
            end_temperature=request.temperature,
            kept=on_grid(kept.notes),
            strictness=strictness_of(band, heard.part, heard.metre.bar),
        )
        (draft,) = write(page, [generator], band.writers, rules, cancel=cancel)
        written = written.and_others(draft.notes)
    own = _untouched(heard, stays, np.array(room.lock.mask) & ~anew[-1])
    played = room.manner.perform(stiff(written), room.frame, generator)
    new = at_most_together(played, (*kept.notes, *own), together)
    mine = Kept(kept.notes, kept.codes).among(own)
    return room.frame.with_notes(Kept(mine, kept.codes).among(new))


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


def _untouched(heard: Heard, stays: Booleans, last: Booleans) -> tuple[Note, ...]:
    """The clip's own notes that are played as they were.

    Args:
        heard: The clip.
        stays: Which of the notes that are heard stay, (notes,).
        last: Which keys stay that are struck too near the end of the clip to be heard, (128,).
    """
    own = heard.notes.only(stays)
    places = set(zip(own.time.tolist(), own.pitch.tolist(), strict=True))
    end = max(1, heard.clip.length // TICKS_PER_TWELFTH)
    sounding = iter(_on_grid_each([note for note in heard.clip.notes if not note.mute]))
    return tuple(
        note
        for note in heard.clip.notes
        if note.mute or (place := next(sounding)) in places or (place[0] >= end and last[place[1]])
    )


def _on_grid_each(notes: Sequence[Note]) -> list[tuple[int, int]]:
    """The time and pitch of each note on the grid."""
    places = places_of([note.start for note in notes]) // TICKS_PER_TWELFTH
    return [(int(place), note.pitch) for place, note in zip(places, notes, strict=True)]
