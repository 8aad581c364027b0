"""Musical time in whole ticks, and the way to and from beats and seconds."""

from typing import Final, TypeAlias

Ticks: TypeAlias = int
"""Time in ticks: 20,160 to a quarter note, so that tuplets up to 64ths divide evenly."""

Beats: TypeAlias = float
"""Time in quarter notes, as Ableton Live counts it in every metre."""

Seconds: TypeAlias = float

TICKS_PER_BEAT: Final[Ticks] = 20_160
"""2^6 · 3^2 · 5 · 7 ticks a quarter note."""

TICKS_PER_SIXTEENTH: Final[Ticks] = TICKS_PER_BEAT // 4

SECONDS_PER_MINUTE: Final = 60.0


def ticks_from_beats(beats: Beats) -> Ticks:
    """The tick nearest to a time in quarter notes."""
    return round(beats * TICKS_PER_BEAT)


def beats_from_ticks(ticks: Ticks) -> Beats:
    """A time in quarter notes."""
    return ticks / TICKS_PER_BEAT


def seconds_from_ticks(ticks: Ticks, tempo: float) -> Seconds:
    """The time that ``ticks`` last at ``tempo`` quarter notes a minute."""
    return ticks / TICKS_PER_BEAT * SECONDS_PER_MINUTE / tempo


def ticks_from_seconds(seconds: Seconds, tempo: float) -> Ticks:
    """The tick nearest to a time in seconds at ``tempo`` quarter notes a minute."""
    return round(seconds * tempo / SECONDS_PER_MINUTE * TICKS_PER_BEAT)
