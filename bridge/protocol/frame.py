"""A clip as it travels: its frame, its notes in rows of nine, and the sum that proves it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Self

from bridge.errors import ChecksumError, TooLongError
from bridge.music.clip import MAX_NOTES, MAX_TEMPO, MAX_TICK, MIN_TEMPO, Clip, Note
from bridge.protocol.parameters import Flag, Real, Record, Whole

CHECKSUM_START: Final = 7
CHECKSUM_FACTOR: Final = 31
CHECKSUM_MODULUS: Final = 2**31 - 1
"""Small enough that JavaScript's numbers hold every step exactly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow(Record):
    """A note as nine arguments."""

    pitch: Annotated[int, Whole("A note's pitch", 0, 127, "MIDI key; 60 is C3 in Live.")]
    start: Annotated[
        int,
        Whole(
            "A note's start",
            -MAX_TICK,
            MAX_TICK,
            "Counted from 1.1.1 of the clip; negative before it.",
            "ticks",
        ),
    ]
    duration: Annotated[
        int, Whole("A note's duration", 1, MAX_TICK, "How long the note lasts.", "ticks")
    ]
    velocity: Annotated[float, Real("A note's velocity", 1, 127, "How hard the note is played.")]
    mute: Annotated[bool, Flag("A note's mute", "Whether the note stays silent.")]
    probability: Annotated[
        float, Real("A note's probability", 0, 1, "The chance that Live plays the note.")
    ]
    velocity_deviation: Annotated[
        float,
        Real("A note's velocity deviation", -127, 127, "How far Live varies the velocity."),
    ]
    release_velocity: Annotated[
        float, Real("A note's release velocity", 0, 127, "How fast the key is let go.")
    ]
    note_id: Annotated[
        int, Whole("A note's id", 0, MAX_TICK, "Live's own name of the note; 0 where it has none.")
    ]

    @classmethod
    def of(cls, note: Note) -> Self:
        """The row of a note."""
        return cls(
            pitch=note.pitch,
            start=note.start,
            duration=note.duration,
            velocity=note.velocity,
            mute=note.mute,
            probability=note.probability,
            velocity_deviation=note.velocity_deviation,
            release_velocity=note.release_velocity,
            note_id=note.note_id or 0,
        )

    @property
    def note(self) -> Note:
        """The note of the row."""
        return Note(
            pitch=self.pitch,
            start=self.start,
            duration=self.duration,
            velocity=self.velocity,
            mute=self.mute,
            probability=self.probability,
            velocity_deviation=self.velocity_deviation,
            release_velocity=self.release_velocity,
            note_id=self.note_id or None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame(Record):
    """All of a clip but its notes, and what proves that they all came."""

    length: Annotated[
        int,
        Whole("The clip's length", 1, MAX_TICK, "From 1.1.1 to the end of the clip.", "ticks"),
    ]
    loop_start: Annotated[
        int, Whole("The loop's start", -MAX_TICK, MAX_TICK - 1, "Where the loop begins.", "ticks")
    ]
    loop_end: Annotated[
        int,
        Whole(
            "The loop's end",
            1 - MAX_TICK,
            MAX_TICK,
            "Where the loop ends, after its start.",
            "ticks",
        ),
    ]
    looping: Annotated[bool, Flag("Whether the clip loops", "Whether the clip's loop is on.")]
    numerator: Annotated[
        int, Whole("The time signature's upper number", 1, 99, "Beats in a bar: the 7 of 7/8.")
    ]
    denominator: Annotated[
        int,
        Whole(
            "The time signature's lower number",
            1,
            32,
            "The beat's note value, 1, 2, 4, 8, 16 or 32: the 8 of 7/8.",
        ),
    ]
    tempo: Annotated[
        float,
        Real("The tempo", MIN_TEMPO, MAX_TEMPO, "The tempo of the Set.", "quarter notes a minute"),
    ]
    drums: Annotated[
        bool, Flag("Whether the clip is drums", "Whether the pitches are pieces of a drum kit.")
    ]
    count: Annotated[
        int,
        Whole(
            "The number of notes in the clip",
            0,
            MAX_NOTES,
            "How many notes follow, in pieces of 20; only the last piece may be shorter.",
            beyond=TooLongError,
        ),
    ]
    checksum: Annotated[
        int,
        Whole(
            "The checksum",
            0,
            CHECKSUM_MODULUS - 1,
            "A sum over all whole numbers of the frame and the notes; see “The checksum”.",
        ),
    ]

    @classmethod
    def of(cls, clip: Clip) -> Self:
        """The frame of a clip, its checksum with it."""
        return cls(
            length=clip.length,
            loop_start=clip.loop_start,
            loop_end=clip.end_of_loop,
            looping=clip.looping,
            numerator=clip.numerator,
            denominator=clip.denominator,
            tempo=clip.tempo,
            drums=clip.drums,
            count=len(clip.notes),
            checksum=checksum(clip),
        )


def clip_of(frame: Frame, rows: Sequence[NoteRow]) -> Clip:
    """The clip of a frame and all its notes.

    Raises:
        ChecksumError: if these are not the frame and the notes that were sent.
        BadRequestError: if the frame is that of no clip.
    """
    clip = Clip(
        notes=tuple(row.note for row in rows),
        length=frame.length,
        loop_start=frame.loop_start,
        loop_end=frame.loop_end,
        looping=frame.looping,
        numerator=frame.numerator,
        denominator=frame.denominator,
        tempo=frame.tempo,
        drums=frame.drums,
    )
    if len(rows) != frame.count or checksum(clip) != frame.checksum:
        raise ChecksumError(
            f"The clip that arrived is not the clip that was sent: its {len(rows):,} notes sum up"
            f" to {checksum(clip)}, not to {frame.checksum}. Send it again."
        )
    return clip


def checksum(clip: Clip) -> int:
    """A number below 2^31 − 1 that changes with every whole number of a clip, and their order.

    Velocities and other fractions do not count: a device holds them in 64 bits and sends 32.
    """
    return sum_up(_integers(clip))


def sum_up(integers: Iterable[int]) -> int:
    """The checksum of a row of whole numbers."""
    total = CHECKSUM_START
    for integer in integers:
        total = (total * CHECKSUM_FACTOR + integer) % CHECKSUM_MODULUS
    return total


def _integers(clip: Clip) -> Iterator[int]:
    yield from (clip.length, clip.loop_start, clip.end_of_loop, int(clip.looping))
    yield from (clip.numerator, clip.denominator, int(clip.drums), len(clip.notes))
    for note in clip.notes:
        yield from (note.pitch, note.start, note.duration, int(note.mute), note.note_id or 0)
