"""A line between clips as their players would play it, with what is around it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from bridge.codecs.melodysteps import HOLD, SILENCE, codes_of_notes
from bridge.music.clip import Clip, Note
from bridge.music.pitchlock import PitchLock
from bridge.music.units import TICKS_PER_SIXTEENTH, Ticks
from bridge.tools.keeping import Kept
from bridge.tools.lines import HeardLine, Placed, Steps
from bridge.tools.voices import (
    Doubles,
    Setting,
    owners,
    steps_of_part,
    voices_between,
)

FREE: Final = -3
"""A step at which no kept note sounds."""

_SHORTEST: Final = TICKS_PER_SIXTEENTH // 4
"""A note that would be shorter is left out."""
_BEAT: Final = 4


@dataclass(frozen=True, slots=True)
class KeptNotes:
    """Notes that come back in every take."""

    notes: tuple[Note, ...]
    """In the take's own time; muted ones stay too, but nothing gives way to them."""
    codes: Steps
    """The line that they make, (steps,); ``FREE`` where none sounds."""

    @classmethod
    def lay(cls, clip: Clip | None, steps: int) -> "KeptNotes":
        """The notes of a clip over a take of so many sixteenths, round and round where it loops.

        Raises:
            TooLongError: if so many notes are kept that no clip holds them.
        """
        notes = Kept.sung(clip, steps * TICKS_PER_SIXTEENTH).notes
        codes = codes_of_notes(notes, steps).astype(np.int64)
        return cls(notes, np.where(codes == SILENCE, FREE, codes))


@dataclass(frozen=True, slots=True)
class Bounds:
    """What holds in every take between the clips."""

    lock: PitchLock
    most: int
    """So many notes sound at once, 1 or more; kept ones count, but are never left out."""
    kept: KeptNotes
    lots: Doubles
    """Decide whose the accompaniment is, 0–1, (corners, steps)."""


def play_between(
    codes: Steps, corners: Sequence[HeardLine], weights: Sequence[float], bounds: Bounds
) -> Clip:
    """A line as the clips around it would play it, each as much as its part, in the first's frame.

    A note is as late, as strong and as short as those are that the clips have on its step, else as
    those nearest to it. What sounds around the line comes from the clip nearest to it there.

    Args:
        codes: As :mod:`bridge.codecs.melodysteps` has them, (steps,).
        corners: At least one; all have as many steps.
        weights: How much of each is in it, from 0; together 1.
        bounds: See there.
    """
    codes = np.where(bounds.kept.codes == FREE, codes, bounds.kept.codes)
    frame = corners[0].clip
    part = steps_of_part(frame, corners[0].steps_per_bar)
    owned = owners(codes, corners, weights, part, bounds.lots)
    voices = voices_between(Setting.of(codes, bounds.lock), corners, owned, part)
    line = _line(codes, corners, weights, bounds.kept.codes)
    end = len(codes) * TICKS_PER_SIXTEENTH
    played = _sorted_out(line, [_as_note(voice, end) for voice in voices], bounds)
    return replace(
        frame,
        notes=tuple(sorted((*bounds.kept.notes, *played), key=lambda n: (n.start, n.pitch))),
        length=end,
        loop_start=0,
        loop_end=None,
        name="",
    )


def _line(
    codes: Steps, corners: Sequence[HeardLine], weights: Sequence[float], kept: Steps
) -> list[Note]:
    """The notes of a line but for those that are kept anyhow."""
    stops = np.append(np.flatnonzero(codes != HOLD), len(codes))
    heavy = [
        (weight, corner, np.array(sorted(corner.line)))
        for weight, corner in zip(weights, corners, strict=True)
        if weight > 0.0
    ]
    notes = []
    for step in np.flatnonzero((codes >= 0) & (kept < 0)).tolist():
        givers = [
            (weight, corner.line[step]) for weight, corner, _ in heavy if step in corner.line
        ] or [(weight, corner.line[_nearest(steps, step)]) for weight, corner, steps in heavy]
        whole = sum(weight for weight, _ in givers)
        _, heaviest = max(givers, key=lambda giver: giver[0])
        placed = replace(
            heaviest,
            step=step,
            end=int(stops[np.searchsorted(stops, step, side="right")]),
            late=round(sum(weight * giver.late for weight, giver in givers) / whole),
            over=round(sum(weight * giver.over for weight, giver in givers) / whole),
        )
        velocity = sum(weight * giver.note.velocity for weight, giver in givers) / whole
        note = _as_note(placed, len(codes) * TICKS_PER_SIXTEENTH)
        velocity = min(127.0, max(1.0, velocity))
        notes.append(replace(note, pitch=int(codes[step]), velocity=velocity))
    return notes


def _nearest(steps: Steps, step: int) -> int:
    """Of some steps the nearest, those on the same sixteenth of their beat the sooner."""
    elsewhere = steps % _BEAT != step % _BEAT
    return int(steps[(np.abs(steps - step) + _BEAT * elsewhere).argmin()])


def _as_note(placed: Placed, end: Ticks) -> Note:
    """The note of a take that ends there."""
    start = min(placed.start_tick, end - 1)
    stop = min(end, max(start + _SHORTEST, placed.end_tick))
    return replace(placed.note, start=start, duration=max(1, stop - start), note_id=None)


def _sorted_out(line: Sequence[Note], voices: Sequence[Note], bounds: Bounds) -> list[Note]:
    """Those notes that may sound together: the line goes before voices, the lowest voice first.

    Those that would strike a key that sounds, or be one too many, are left out or end sooner.
    """
    lowest: dict[Ticks, int] = {}
    for note in voices:
        lowest[note.start] = min(note.pitch, lowest.get(note.start, note.pitch))
    ranked = [
        *((0, note) for note in line),
        *((1 if note.pitch == lowest[note.start] else 2, note) for note in voices),
    ]
    # The last first: a note that begins is not left out for one that sounds on from before.
    ranked.sort(key=lambda each: (each[0], -each[1].start, each[1].pitch))
    kept = [note for note in bounds.kept.notes if not note.mute]
    edges = np.unique([edge for note in (*kept, *line, *voices) for edge in (note.start, note.end)])
    count = np.zeros(len(edges), np.int64)
    taken: dict[int, list[Note]] = defaultdict(list)
    for note in bounds.kept.notes:
        taken[note.pitch].append(note)
    for note in kept:
        count[np.searchsorted(edges, note.start) : np.searchsorted(edges, note.end)] += 1
    found = []
    for _, note in ranked:
        end = _free_until(note, taken[note.pitch])
        first, last = np.searchsorted(edges, [note.start, end]).tolist()
        full = np.flatnonzero(count[first:last] >= bounds.most)
        if len(full):
            end = int(edges[first + int(full[0])])
        if end - note.start < min(_SHORTEST, note.duration):
            continue
        shorter = replace(note, duration=end - note.start)
        count[first : np.searchsorted(edges, end)] += 1
        taken[note.pitch].append(shorter)
        found.append(shorter)
    return found


def _free_until(note: Note, others: Iterable[Note]) -> Ticks:
    """Until when a note may sound beside others of its key: its beginning where it may not."""
    end = note.end
    for other in others:
        if other.end > note.start:
            end = min(end, max(note.start, other.start))
    return end
