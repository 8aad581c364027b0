"""The beat of the demo: two bars, dead on the grid, every hit as hard as the next."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bridge.music.clip import Clip, Note
from bridge.music.drumkit import GENERAL_MIDI, Piece
from bridge.music.grid import tick_of_step
from bridge.music.units import TICKS_PER_SIXTEENTH

TEMPO: Final = 96.0
STIFF: Final = 100.0
"""The velocity of every hit."""

PATTERN: Final[Mapping[Piece, str]] = MappingProxyType(
    {
        Piece.OPEN_HAT: ". . . . . . . . . . . . . . . .  . . . . . . . . . . . . . . x .",
        Piece.CLOSED_HAT: "x . x . x . x . x . x . x . x .  x . x . x . x . x . x . x . . .",
        Piece.SNARE: ". . . . x . . x . x . . x . . x  . . . . x . . x . x . . x . . x",
        Piece.KICK: "x . . x . . . . . . x . . . . .  x . . x . . . . . . x . . x . .",
    }
)
"""A column is a 16th. A drummer would ghost the snares between the backbeats: 2 and 4."""


def stiff_beat() -> Clip:
    """The beat as a drum clip, for a General MIDI kit."""
    steps = {piece: "".join(line.split()) for piece, line in PATTERN.items()}
    notes = [
        Note(GENERAL_MIDI.pitch_of(piece), tick_of_step(step), TICKS_PER_SIXTEENTH, velocity=STIFF)
        for piece, line in steps.items()
        for step, sign in enumerate(line)
        if sign == "x"
    ]
    length = tick_of_step(max(map(len, steps.values())))
    return Clip(tuple(notes), length, tempo=TEMPO, name="stiff beat").in_order()
