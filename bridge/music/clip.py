"""Notes and clips: what a musician hands in and gets back.

Both are frozen and valid from birth: what does not make sense raises
:class:`~bridge.errors.BadRequestError`. Fields are those of Ableton Live's MIDI notes.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Self

from bridge.errors import BadRequestError, TooLongError
from bridge.music.units import TICKS_PER_BEAT, Ticks

MAX_TICK: Final[Ticks] = 2**31 - 1
"""The last tick that a wire integer holds: about 26,600 bars of 4/4."""

MIDI_KEYS: Final = range(128)
"""Every pitch that there is."""

MAX_NOTES: Final = 20_000
MIN_TEMPO: Final = 20.0
MAX_TEMPO: Final = 999.0
DENOMINATORS: Final = (1, 2, 4, 8, 16, 32)
_EIGHTH: Final = 8
_THREE: Final = 3


def require_between(name: str, value: float, low: float, high: float) -> None:
    """Refuse a number outside ``low``…``high`` (NaN is outside), naming it."""
    if not low <= value <= high:
        raise BadRequestError(
            f"{name} must be between {low:.10g} and {high:.10g}, not {value:.10g}."
        )


@dataclass(frozen=True, slots=True)
class Note:
    """One MIDI note of a clip, with every field that Live gives it."""

    pitch: int
    """MIDI key, 0–127; 60 is C3 in Live."""
    start: Ticks
    """Onset, counted from 1.1.1 of the clip; negative for notes before it."""
    duration: Ticks
    """At least one tick."""
    velocity: float = 100.0
    """1–127."""
    mute: bool = False
    """A muted note stays in the clip but does not sound."""
    probability: float = 1.0
    """The chance, 0–1, that Live plays the note."""
    velocity_deviation: float = 0.0
    """Range in which Live varies the velocity, −127–127."""
    release_velocity: float = 64.0
    """0–127."""
    note_id: int | None = None
    """Live's own name of the note, positive; None where there is none."""

    def __post_init__(self) -> None:
        require_between("A note's pitch", self.pitch, 0, 127)
        require_between("A note's start", self.start, -MAX_TICK, MAX_TICK)
        require_between("A note's duration in ticks", self.duration, 1, MAX_TICK)
        require_between("A note's velocity", self.velocity, 1, 127)
        require_between("A note's probability", self.probability, 0, 1)
        require_between("A note's velocity deviation", self.velocity_deviation, -127, 127)
        require_between("A note's release velocity", self.release_velocity, 0, 127)
        if self.note_id is not None:
            require_between("A note's id", self.note_id, 1, MAX_TICK)

    @property
    def end(self) -> Ticks:
        """The tick at which the note stops."""
        return self.start + self.duration

    def played(self, *, start: Ticks, velocity: float) -> Self:
        """The same note at another time and strength; all else stays. Velocity is clamped."""
        return replace(self, start=start, velocity=min(127.0, max(1.0, velocity)))


@dataclass(frozen=True, slots=True)
class Clip:
    """A MIDI clip: notes in the order in which they were given, and the frame they stand in."""

    notes: tuple[Note, ...]
    length: Ticks
    """From 1.1.1 to the end of the clip, at least one tick; notes may lie outside."""
    loop_start: Ticks = 0
    loop_end: Ticks | None = None
    """After the loop's start; None means the clip's length."""
    looping: bool = True
    numerator: int = 4
    """Of the time signature, 1–99."""
    denominator: int = 4
    """Of the time signature: 1, 2, 4, 8, 16 or 32."""
    tempo: float = 120.0
    """Quarter notes a minute, 20–999."""
    drums: bool = True
    """Whether the pitches are pieces of a drum kit."""
    name: str = ""
    """For files and windows; it does not travel over the wire."""

    def __post_init__(self) -> None:
        if len(self.notes) > MAX_NOTES:
            raise TooLongError(
                f"The clip has {len(self.notes):,} notes; the bridge takes up to {MAX_NOTES:,}."
                " Select a part of it."
            )
        require_between("A clip's length in ticks", self.length, 1, MAX_TICK)
        if self.loop_end is None:
            object.__setattr__(self, "loop_end", self.length)
        require_between("A clip's loop start", self.loop_start, -MAX_TICK, MAX_TICK - 1)
        require_between("A clip's loop end", self.end_of_loop, self.loop_start + 1, MAX_TICK)
        require_between("A time signature's upper number", self.numerator, 1, 99)
        if self.denominator not in DENOMINATORS:
            raise BadRequestError(
                "A time signature's lower number must be 1, 2, 4, 8, 16 or 32,"
                f" not {self.denominator}."
            )
        require_between("A tempo", self.tempo, MIN_TEMPO, MAX_TEMPO)

    @property
    def end_of_loop(self) -> Ticks:
        """The loop's end, which is the clip's length where none was given."""
        return self.length if self.loop_end is None else self.loop_end

    @property
    def ticks_per_bar(self) -> Ticks:
        """The length of a bar of the clip's metre."""
        return ticks_per_bar(self.numerator, self.denominator)

    @property
    def bars(self) -> int:
        """How many bars the clip begins: its length over the bar's, rounded up."""
        return math.ceil(self.length / self.ticks_per_bar)

    def with_notes(self, notes: Iterable[Note]) -> Self:
        """The same frame around other notes."""
        return replace(self, notes=tuple(notes))

    def in_order(self) -> Self:
        """The same clip, notes by onset and then by pitch."""
        return self.with_notes(sorted(self.notes, key=lambda note: (note.start, note.pitch)))


def ticks_per_bar(numerator: int, denominator: int) -> Ticks:
    """The length of a bar; whole for every denominator up to 32."""
    return TICKS_PER_BEAT * 4 * numerator // denominator


def is_compound(numerator: int, denominator: int) -> bool:
    """Whether a beat of the metre has three parts, as in 6/8, 9/8 and 12/8."""
    return denominator >= _EIGHTH and numerator > _THREE and numerator % _THREE == 0


@dataclass(frozen=True, slots=True)
class Take:
    """One generated clip, with the seed that makes it again."""

    index: int
    """Its place among the takes of a request, from 0."""
    seed: int
    """Typed back with one take asked for, it gives this take again."""
    clip: Clip
