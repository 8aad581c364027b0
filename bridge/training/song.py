"""Songs as arrays: the notes of every voice, with bars, keys and chords, and where they come from.

Time is in ticks, 20,160 a quarter note, from the first bar line, which a pickup stands before:
its bar is filled up with a rest. So bar lines fall on the metre's grid wherever the source keeps
to its metre. Nothing is quantised: what was played beside the grid stands beside it.
"""

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.music.clip import ticks_per_bar

Ticks: TypeAlias = npt.NDArray[np.int32]
Small: TypeAlias = npt.NDArray[np.uint8]
Booleans: TypeAlias = npt.NDArray[np.bool_]

WRITTEN_VELOCITY: Final = 80
"""Stands in the notes of sources that were written down and not played; it means nothing."""

LOWEST_PITCH: Final = 0
HIGHEST_PITCH: Final = 127


class Role(IntEnum):
    """What a note does in its song, as far as the source says it."""

    MELODY = 0
    """The tune: the voice, the soprano, the fiddle, the top line of a lead sheet."""
    SECOND_MELODY = 1
    """A second voice or lead."""
    INNER = 2
    """Alto or tenor of a setting in four voices, or a lower note under a tune."""
    BASS = 3
    """The bass of a setting in four voices."""
    CHORDS = 4
    """Block chords made from chord symbols; nobody wrote their rhythm."""
    RIGHT_HAND = 5
    """The upper staff of a piano."""
    LEFT_HAND = 6
    """The lower staff of a piano."""
    PIANO = 7
    """A piano with both hands in one track: chords, figures and bass."""


class Evidence(IntEnum):
    """Where a key comes from."""

    GIVEN = 0
    """Root and mode stand in the source."""
    SIGNATURE = 1
    """The source has a key signature; which of its two keys it is was estimated."""
    ESTIMATED = 2
    """The source says nothing; ``bridge.music.key`` heard it."""


@dataclass(frozen=True, slots=True)
class Notes:
    """Notes by onset, then by pitch; one entry a note in every array."""

    start: Ticks
    """Onset."""
    duration: Ticks
    """At least one tick."""
    pitch: Small
    """MIDI key, 0–127."""
    velocity: Small
    """1–127; of meaning only in a song that was performed."""
    role: Small
    """A ``Role``."""

    def __len__(self) -> int:
        return len(self.start)

    @property
    def end(self) -> Ticks:
        """Where each note stops."""
        return self.start + self.duration

    def only(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Self:
        """The chosen notes, by a mask or by indices."""
        return replace(
            self,
            start=self.start[chosen],
            duration=self.duration[chosen],
            pitch=self.pitch[chosen],
            velocity=self.velocity[chosen],
            role=self.role[chosen],
        )

    def of(self, *roles: Role) -> Self:
        """The notes of these roles."""
        return self.only(np.isin(self.role, roles))

    def transposed(self, semitones: int) -> Self:
        """The same notes higher or lower; those that would leave MIDI's keys move by octaves."""
        moved = self.pitch.astype(np.int64) + semitones
        moved += 12 * np.maximum(0, -(-(LOWEST_PITCH - moved) // 12))
        moved -= 12 * np.maximum(0, -(-(moved - HIGHEST_PITCH) // 12))
        return replace(self, pitch=moved.astype(np.uint8))


@dataclass(frozen=True, slots=True)
class Bars:
    """The bar lines of a song."""

    start: Ticks
    """Of each bar, and then the end of the last: (bars + 1,), from 0."""
    numerator: Small
    """The metre that holds, (bars,); a bar may be shorter or longer than it says."""
    denominator: Small

    def __len__(self) -> int:
        return len(self.numerator)

    @property
    def regular(self) -> Booleans:
        """Which bars are as long as their metre says, (bars,)."""
        said = [
            ticks_per_bar(int(numerator), int(denominator))
            for numerator, denominator in zip(self.numerator, self.denominator, strict=True)
        ]
        return np.asarray(np.diff(self.start) == np.array(said, np.int64), np.bool_)

    @property
    def metre(self) -> tuple[int, int]:
        """The metre of most bars; of equals the first."""
        pairs = list(zip(self.numerator.tolist(), self.denominator.tolist(), strict=True))
        return max(dict.fromkeys(pairs), key=pairs.count)

    def holding(self, tick: Ticks) -> npt.NDArray[np.intp]:
        """The bar in which each tick stands; ticks outside belong to the first or the last."""
        found = np.searchsorted(self.start, tick, side="right") - 1
        return np.clip(found, 0, len(self) - 1)


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a song in their order; each holds until the next."""

    start: Ticks
    """(keys,); the first is 0."""
    root: Small
    """Pitch class, 0 is C."""
    mode: Small
    """An index into ``MODES``."""
    evidence: Small
    """An ``Evidence``."""

    def __len__(self) -> int:
        return len(self.start)

    def transposed(self, semitones: int) -> Self:
        """The keys of the transposed song."""
        return replace(self, root=_turned(self.root, semitones))


NO_CHORD: Final = 255


@dataclass(frozen=True, slots=True)
class Chords:
    """The chords that the source names, in their order; there may be gaps."""

    start: Ticks
    end: Ticks
    root: Small
    """Pitch class, or ``NO_CHORD`` where the source says that there is none."""
    pitches: npt.NDArray[np.uint16]
    """The pitch classes above C as bits: bit 0 is C. 0 where there is no chord."""
    bass: Small
    """Pitch class of the lowest note, or ``NO_CHORD``."""

    def __len__(self) -> int:
        return len(self.start)

    def transposed(self, semitones: int) -> Self:
        """The chords of the transposed song."""
        shift = semitones % 12
        bits = self.pitches.astype(np.uint32) << shift
        return replace(
            self,
            root=_turned(self.root, semitones),
            bass=_turned(self.bass, semitones),
            pitches=((bits & 0xFFF) | (bits >> 12)).astype(np.uint16),
        )


def no_chords() -> Chords:
    """Of a source that names none."""
    none = np.zeros(0, np.int32)
    few = np.zeros(0, np.uint8)
    return Chords(none, none, few, np.zeros(0, np.uint16), few)


@dataclass(frozen=True, slots=True)
class Song:
    """A song, or a tune."""

    name: str
    """Source and the source's own name: ``lieder/lc28688206``."""
    title: str
    source: str
    """A key of ``bridge.training.song_sources.SOURCES``."""
    performed: bool
    """Whether the velocities were played; else they are all ``WRITTEN_VELOCITY``."""
    tempo: float
    """Quarter notes a minute at the beginning; 0 where the source says none."""
    notes: Notes
    bars: Bars
    keys: Keys
    chords: Chords
    family: int = -1
    """The same for songs that share a melody; −1 until families were found."""
    split: str = ""
    """train, validation or test; the whole family's."""

    def transposed(self, semitones: int) -> Self:
        """The song in another key, or another octave: notes, keys and chords.

        Notes that would leave MIDI's keys move by octaves, each alone.
        """
        return replace(
            self,
            notes=self.notes.transposed(semitones),
            keys=self.keys.transposed(semitones),
            chords=self.chords.transposed(semitones),
        )


def augmented(
    song: Song, generator: np.random.Generator, *, lowest: int = 36, highest: int = 96
) -> Song:
    """The song in a key drawn from all twelve, and in a register drawn from those that fit.

    Args:
        song: Any.
        generator: Draws the key (−5…+6 semitones) and the octave (one down, none, one up).
        lowest: The melody stays at this MIDI key or above; where no octave does, it keeps its own.
        highest: The same, from above.
    """
    semitones = int(generator.integers(-5, 7))
    melody = song.notes.pitch[song.notes.role == Role.MELODY].astype(np.int64) + semitones
    fitting = [
        octave
        for octave in (-12, 0, 12)
        if len(melody) and melody.min() + octave >= lowest and melody.max() + octave <= highest
    ]
    octave = int(generator.choice(fitting)) if fitting else 0
    return song.transposed(semitones + octave)


def melody_line(notes: Notes) -> Notes:
    """The melody as one line: of notes struck together the highest, each cut where the next begins.

    The roles of the result are all ``MELODY``; no two of its notes sound together.
    """
    return _line(notes.of(Role.MELODY), highest=True)


def bass_line(notes: Notes) -> Notes:
    """The bass as one line: the lowest notes of bass, left hand or piano, each cut at the next.

    Empty where the song has none of the three. Of a piano that says nothing of its hands, the
    lowest note of each onset counts where it is the lowest that sounds then.
    """
    for role in (Role.BASS, Role.LEFT_HAND, Role.PIANO):
        if np.any(notes.role == role):
            return _line(_undercut(notes.of(role)), highest=False)
    return notes.only(np.zeros(len(notes), np.bool_))


def sorted_notes(notes: Notes) -> Notes:
    """By onset, then by pitch, then by role."""
    return notes.only(np.lexsort((notes.role, notes.pitch, notes.start)))


def _undercut(notes: Notes) -> Notes:
    """The notes at whose onset nothing lower sounds on."""
    kept = np.ones(len(notes), np.bool_)
    sounding: list[tuple[int, int]] = []
    for index, (start, end, pitch) in enumerate(
        zip(notes.start.tolist(), notes.end.tolist(), notes.pitch.tolist(), strict=True)
    ):
        sounding = [held for held in sounding if held[0] > start]
        kept[index] = all(low >= pitch for _, low in sounding)
        sounding.append((end, pitch))
    return notes.only(kept)


def _line(notes: Notes, *, highest: bool) -> Notes:
    if not len(notes):
        return notes
    height = notes.pitch.astype(np.int64)
    order = np.lexsort((-height if highest else height, notes.start))
    first = np.unique(notes.start[order], return_index=True)[1]
    line = notes.only(order[first])
    room = np.diff(line.start, append=np.int32(2**31 - 1))
    return replace(line, duration=np.minimum(line.duration, room).astype(np.int32))


def _turned(pitch_class: Small, semitones: int) -> Small:
    turned = (pitch_class.astype(np.int64) + semitones) % 12
    return np.where(pitch_class == NO_CHORD, NO_CHORD, turned).astype(np.uint8)
