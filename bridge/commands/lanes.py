"""Lanes of a picture: which row, name and colour each pitch of some clips has."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from bridge.commands.canvas import Colour
from bridge.music.clip import Clip
from bridge.music.drumkit import Kit, Piece
from bridge.music.spelling import key_name

PIECE_COLOURS: Final[Mapping[Piece, Colour]] = MappingProxyType(
    {
        Piece.KICK: (255, 122, 92),
        Piece.SNARE: (255, 196, 87),
        Piece.CLOSED_HAT: (98, 214, 178),
        Piece.OPEN_HAT: (92, 190, 255),
        Piece.LOW_TOM: (214, 140, 255),
        Piece.MID_TOM: (196, 150, 255),
        Piece.HIGH_TOM: (176, 162, 255),
        Piece.CRASH: (255, 146, 196),
        Piece.RIDE: (158, 224, 110),
    }
)

OTHER_COLOUR: Final[Colour] = (170, 180, 196)
"""Keys that strike no piece of the kit."""

MELODY_COLOUR: Final[Colour] = (98, 206, 232)

FROM_TOP: Final = (
    Piece.CRASH,
    Piece.RIDE,
    Piece.OPEN_HAT,
    Piece.CLOSED_HAT,
    Piece.HIGH_TOM,
    Piece.MID_TOM,
    Piece.LOW_TOM,
    Piece.SNARE,
    Piece.KICK,
)
"""As a drummer's notes are written: cymbals high, kick low."""

BLACK_KEYS: Final = (1, 3, 6, 8, 10)
KEYS_SHOWN: Final = 12
"""A melody's lanes span an octave at least."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of a picture, for one piece or one key."""

    pitches: frozenset[int]
    """The MIDI keys that are drawn in it."""
    name: str
    """Written before it; empty where the keys before and behind it say enough."""
    colour: Colour
    """Of its loudest note."""
    shaded: bool = False
    """Whether it is a black key."""


def lanes_of(clips: Sequence[Clip], kit: Kit | None) -> tuple[Lane, ...]:
    """The lanes that the clips use, from top to bottom, the same for all of them.

    With a kit one for each piece, and one for each key that strikes none; without, one for each
    key from the lowest to the highest, an octave at least.
    """
    used = {note.pitch for clip in clips for note in clip.notes}
    if kit is not None:
        return _piece_lanes(used, kit)
    if any(clip.drums for clip in clips):
        return tuple(_key_lane(pitch) for pitch in sorted(used, reverse=True))
    return _melody_lanes(used)


def _piece_lanes(used: Iterable[int], kit: Kit) -> tuple[Lane, ...]:
    pitches: dict[Piece, set[int]] = {}
    strangers: list[int] = []
    for pitch in used:
        piece = kit.piece_of(pitch)
        if piece is None:
            strangers.append(pitch)
        else:
            pitches.setdefault(piece, set()).add(pitch)
    return (
        *(_key_lane(pitch) for pitch in sorted(strangers, reverse=True)),
        *(
            Lane(frozenset(pitches[piece]), piece.label.capitalize(), PIECE_COLOURS[piece])
            for piece in FROM_TOP
            if piece in pitches
        ),
    )


def _key_lane(pitch: int) -> Lane:
    return Lane(frozenset((pitch,)), key_name(pitch), OTHER_COLOUR)


def _melody_lanes(used: set[int]) -> tuple[Lane, ...]:
    if not used:
        return ()
    low, high = min(used) - 1, max(used) + 1
    missing = max(0, KEYS_SHOWN - (high - low + 1))
    low, high = low - missing // 2, high + (missing + 1) // 2
    return tuple(
        Lane(
            frozenset((pitch,)),
            key_name(pitch) if pitch % 12 == 0 else "",
            MELODY_COLOUR,
            shaded=pitch % 12 in BLACK_KEYS,
        )
        for pitch in range(min(127, high), max(0, low) - 1, -1)
    )
