"""A pitched clip as the note model hears it: its part, key, range, and notes on the grid."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.moments import Moments, read_moments
from bridge.codecs.noterows import ChordLine
from bridge.codecs.notescore import (
    MODES,
    PARTS,
    TICKS_PER_TWELFTH,
    TWELFTHS,
    Metre,
    Setting,
)
from bridge.errors import BadRequestError, NoNotesError
from bridge.music.chords import chords_of_clip
from bridge.music.clip import Clip, Note
from bridge.music.key import Key, key_of_notes
from bridge.music.scale import INTERVALS, Scale
from bridge.music.units import TICKS_PER_BEAT, Ticks
from bridge.tools.pages import NO_CHORDS, NO_NOTES, GridNotes
from bridge.tools.parts import part_of

Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

AUTO: Final = "auto"
CHORDS: Final = PARTS.index("chords")
BASS: Final = PARTS.index("bass")
_MINOR_THIRD: Final = 3
EARLY: Final[Ticks] = TICKS_PER_BEAT // 8
"""A 32nd: so much before a bar line a note still means what comes after it."""
SIXTEENTHS: Final = (0, 3, 6, 9)
"""Twelfths of a beat on which straight music begins its notes."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A clip that somebody played or drew, from its first bar line."""

    clip: Clip
    """The stretch that is heard, its notes from 0 on; of a looping clip the loop."""
    part: str
    """One of ``PARTS``."""
    notes: GridNotes
    key: Key
    grid: Booleans
    """On which twelfths of a quarter note it begins notes, sixteenths always among them, (12,)."""
    together: int
    """How many notes begin at once, at the most."""

    @property
    def metre(self) -> Metre:
        """The clip's."""
        return Metre(self.clip.numerator, self.clip.denominator)

    @property
    def end(self) -> int:
        """Where the bar in which it ends, ends, in twelfths."""
        return self.clip.bars * self.metre.bar

    @property
    def middle(self) -> int:
        """The mean of its keys."""
        return round(float(self.notes.pitch.mean()))

    @property
    def notes_per_bar(self) -> float:
        """In a bar of 4/4."""
        return len(self.notes) * 4 * TWELFTHS / max(1, self.end)

    def setting(self, scale: Scale | None = None) -> Setting:
        """What the model is told of its part, in the key heard or in a scale that is wanted."""
        root, mode = mode_of(self.key.scale if scale is None else scale)
        part = PARTS.index(self.part)
        return Setting(part, self.metre, root, mode, self.middle, self.notes_per_bar)


def hear(clip: Clip, part: str = AUTO) -> Heard:
    """A pitched clip as one part.

    Args:
        clip: Any that is no drum clip; of a looping one the loop is heard.
        part: One of ``PARTS``, or ``auto`` for what the clip is.

    Raises:
        NoNotesError: if no note of it sounds.
    """
    heard = looped(clip)
    named = part_of(heard) if part == AUTO else part
    moments = read_moments(heard)
    keys = moments.pitch
    end = max(1, heard.length // TICKS_PER_TWELFTH)
    time = _inside(heard, moments, end)
    length = np.maximum(1, np.minimum(moments.length // TICKS_PER_TWELFTH, end - time))
    inside = (time >= 0) & (time < end)
    rows = zip(time[inside].tolist(), keys[inside].tolist(), length[inside].tolist(), strict=True)
    notes = GridNotes.of(list({(row[0], row[1]): row for row in rows}.values()))
    if not len(notes):
        raise NoNotesError("The clip has no note that sounds. Draw or record some first.")
    together = int(np.unique(notes.time, return_counts=True)[1].max())
    if PARTS.index(named) != CHORDS:
        notes = line_of(notes, highest=PARTS.index(named) != BASS)
    grid = straight_grid()
    grid[np.unique(notes.time % TWELFTHS)] = True
    return Heard(heard, named, notes, key_of_notes(heard.notes), grid, together)


def _inside(clip: Clip, moments: Moments, end: int) -> Integers:
    """When each note begins, in twelfths; outside of 0 to the end are those that are not heard.

    A note just before the end means what comes after it; but where there are no others, it is
    heard.
    """
    time = np.repeat(moments.place, moments.size) // TICKS_PER_TWELFTH
    if np.any((time >= 0) & (time < end)):
        return time
    start = np.array([clip.notes[note].start for note in moments.note.tolist()], np.int64)
    last = (start >= 0) & (start < clip.length)
    return np.where(last, np.minimum(time, end - 1), time)


def straight_grid() -> Booleans:
    """On which twelfths of a quarter straight music begins its notes, (12,)."""
    return np.isin(np.arange(TWELFTHS), SIXTEENTHS)


def looped(clip: Clip) -> Clip:
    """What sounds of a clip, from 0 on: of a looping one its loop; muted notes stay."""
    if not clip.looping:
        return clip.with_notes(note for note in clip.notes if -EARLY <= note.start < clip.length)
    first, end = clip.loop_start, clip.end_of_loop
    return replace(
        clip,
        notes=tuple(
            replace(note, start=note.start - first)
            for note in clip.notes
            if first <= note.start < end
        ),
        length=end - first,
        loop_start=0,
        loop_end=None,
    )


def line_of(notes: GridNotes, *, highest: bool) -> GridNotes:
    """One note at a time: of those struck together the highest or the lowest, until the next."""
    order = np.lexsort((-notes.pitch if highest else notes.pitch, notes.time))
    first = np.unique(notes.time[order], return_index=True)[1]
    chosen = order[first]
    time = notes.time[chosen]
    room = np.diff(time, append=2**31)
    return GridNotes(time, notes.pitch[chosen], np.minimum(notes.length[chosen], room))


def mode_of(scale: Scale) -> tuple[int, int]:
    """Its root, and the mode of the church that is most like it, by its number."""
    own = set(scale.intervals)
    apart = [len(own ^ set(INTERVALS[mode])) for mode in MODES]
    minor = _MINOR_THIRD in own and _MINOR_THIRD + 1 not in own
    # Of scales that are as like to several, the third decides between major and minor.
    worst = [
        (count, (_MINOR_THIRD in INTERVALS[mode]) != minor, number)
        for number, (count, mode) in enumerate(zip(apart, MODES, strict=True))
    ]
    return scale.root, min(worst)[2]


def chord_line(chords: Clip | None, begin: int, end: int) -> ChordLine | None:
    """The chords of a clip, again and again from one time to another, in twelfths.

    Raises:
        NoNotesError: if the clip has no note that sounds.
        BadRequestError: if it plays drums.
    """
    if chords is None:
        return None
    if chords.drums:
        raise BadRequestError("Chords are taken from a clip with pitches; this one plays drums.")
    heard = looped(chords)
    found = chords_of_clip(heard)
    if not found:
        raise NoNotesError("The clip of chords has no note that sounds. Draw some chords first.")
    round_of = max(1, heard.length // TICKS_PER_TWELFTH)
    rows = [
        (
            first + shift,
            min(last + shift, end),
            chord.pitches,
            chord.root,
        )
        for shift in range(begin, end, round_of)
        for chord in found
        for first, last in [
            (chord.start // TICKS_PER_TWELFTH, min(chord.end // TICKS_PER_TWELFTH, round_of))
        ]
        if first + shift < end
    ]
    return ChordLine(*np.array(rows, np.int64).reshape(-1, 4).T) if rows else NO_CHORDS


def key_of_chords(chords: Clip | None) -> Key | None:
    """The key that a clip of chords is in."""
    return None if chords is None else key_of_notes(chords.notes)


def on_grid(notes: Sequence[Note]) -> GridNotes:
    """Notes at their nearest twelfths; muted ones are left out."""
    found = [
        (
            round(note.start / TICKS_PER_TWELFTH),
            note.pitch,
            max(1, round(note.duration / TICKS_PER_TWELFTH)),
        )
        for note in notes
        if not note.mute
    ]
    return GridNotes.of(found) if found else NO_NOTES


def stiff(notes: GridNotes) -> tuple[Note, ...]:
    """Notes of the grid as notes of a clip, unplayed."""
    return tuple(
        Note(pitch, time * TICKS_PER_TWELFTH, length * TICKS_PER_TWELFTH)
        for time, pitch, length in zip(
            notes.time.tolist(), notes.pitch.tolist(), notes.length.tolist(), strict=True
        )
    )
