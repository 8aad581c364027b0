"""Drum kits: which of nine pieces a pitch strikes, and which pitch plays a piece.

Kits differ in their pitches, so tools think in pieces. The nine are those of the Groove MIDI
Dataset, on which the drum models are trained, in its order.
"""

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

from bridge.errors import BadRequestError, SettingError


class Piece(IntEnum):
    """A piece of the kit; its number is its place in the arrays of the models."""

    KICK = 0
    SNARE = 1
    CLOSED_HAT = 2
    OPEN_HAT = 3
    LOW_TOM = 4
    MID_TOM = 5
    HIGH_TOM = 6
    CRASH = 7
    RIDE = 8

    @property
    def label(self) -> str:
        """The name that a drummer reads: ``closed hat``."""
        return self.name.lower().replace("_", " ")


_STAND_INS: Final[Mapping[Piece, tuple[Piece, ...]]] = MappingProxyType(
    {
        Piece.KICK: (Piece.LOW_TOM,),
        Piece.SNARE: (Piece.HIGH_TOM, Piece.MID_TOM),
        Piece.CLOSED_HAT: (Piece.RIDE, Piece.OPEN_HAT),
        Piece.OPEN_HAT: (Piece.CLOSED_HAT, Piece.CRASH),
        Piece.LOW_TOM: (Piece.MID_TOM, Piece.HIGH_TOM, Piece.KICK),
        Piece.MID_TOM: (Piece.LOW_TOM, Piece.HIGH_TOM, Piece.SNARE),
        Piece.HIGH_TOM: (Piece.MID_TOM, Piece.LOW_TOM, Piece.SNARE),
        Piece.CRASH: (Piece.RIDE, Piece.OPEN_HAT),
        Piece.RIDE: (Piece.CLOSED_HAT, Piece.CRASH),
    }
)
"""What a drummer reaches for where a piece is missing: the nearest in sound and in part."""


@dataclass(frozen=True, slots=True)
class Kit:
    """Which piece each pitch strikes."""

    name: str
    """Shown to the musician."""
    pieces: tuple[Piece | None, ...]
    """The piece of each MIDI key 0–127; None where the key strikes none of the nine."""
    pitches: tuple[int, ...]
    """For each of the nine pieces, the MIDI key that plays it."""

    @classmethod
    def of(cls, name: str, pieces: Mapping[Piece, Sequence[int]]) -> Self:
        """The kit in which each piece has these pitches, of which the first plays it.

        A piece without a pitch is played by the nearest that the kit has: a crash by the ride.

        Raises:
            BadRequestError: not one piece has a pitch, or a pitch is no MIDI key.
        """
        by_pitch = {pitch: piece for piece, struck in pieces.items() for pitch in struck}
        if not by_pitch:
            raise BadRequestError(f"The drum kit “{name}” has not a single piece.")
        strange = [pitch for pitch in by_pitch if not 0 <= pitch <= 127]
        if strange:
            raise BadRequestError(f"Pitches of a drum kit are 0 to 127, not {strange[0]}.")
        return cls(
            name=name,
            pieces=tuple(by_pitch.get(pitch) for pitch in range(128)),
            pitches=tuple(_playing_pitch(piece, pieces) for piece in Piece),
        )

    def piece_of(self, pitch: int) -> Piece | None:
        """The piece that a pitch strikes, or None where the kit does not say."""
        return self.pieces[pitch] if 0 <= pitch < len(self.pieces) else None

    def piece_or_timekeeper(self, pitch: int) -> Piece:
        """A piece for every pitch: what the kit does not know counts as closed hat.

        The closed hat is the neutral one: it keeps time anywhere in a bar, where a stray kick or
        snare would move the beat.
        """
        piece = self.piece_of(pitch)
        return Piece.CLOSED_HAT if piece is None else piece

    def pitch_of(self, piece: Piece) -> int:
        """The MIDI key that plays a piece, or the nearest piece that the kit has."""
        return self.pitches[piece]


def read_kit(path: Path) -> Kit:
    """The kit that a JSON file describes: ``{"36": "kick", "38": "snare", "51": 8}``.

    Keys are MIDI keys, values the names of pieces or their numbers. Of several keys for one piece
    the first in the file plays it. The kit is called as the file, without its ending.

    Raises:
        SettingError: the file cannot be read or is no such map; the text names file and fault.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        reason = fault.strerror or "it cannot be read"
        raise SettingError(f"The drum map {path} cannot be opened: {reason}.") from fault
    except UnicodeDecodeError as fault:
        raise SettingError(f"The drum map {path} is not a text file.") from fault
    try:
        pieces: dict[Piece, list[int]] = {}
        for key, value in _entries(text):
            pieces.setdefault(_piece_named(key, value), []).append(_pitch_named(key))
        return Kit.of(path.stem, pieces)
    except (ValueError, TypeError) as fault:
        raise SettingError(f"The drum map {path} cannot be used: {fault}") from fault
    except BadRequestError as fault:
        raise SettingError(f"The drum map {path} names no pitch at all.") from fault


def _entries(text: str) -> tuple[tuple[str, object], ...]:
    """The keys and values of a JSON object in order; ValueError or TypeError says the fault."""
    try:
        entries: object = json.loads(text, object_pairs_hook=tuple)
    except json.JSONDecodeError as fault:
        raise ValueError(f"line {fault.lineno} is not JSON ({fault.msg}).") from fault
    except (ValueError, RecursionError) as fault:
        raise ValueError("it is not JSON that describes a drum kit.") from fault
    if not isinstance(entries, tuple):
        raise TypeError('it must be a map like {"36": "kick", "38": "snare"}.')
    met: set[str] = set()
    for key, _ in entries:
        # JSON readers keep the last of two equal keys in silence; the musician meant both.
        if key in met:
            raise ValueError(f"it has pitch “{key}” twice.")
        met.add(key)
    return entries


def _pitch_named(key: str) -> int:
    if not (key.isascii() and key.isdigit() and len(key) <= 3 and int(key) <= 127):
        raise ValueError(f"“{key}” is not a pitch from 0 to 127.")
    return int(key)


def _piece_named(key: str, value: object) -> Piece:
    """The piece that a value names, by its label or by its number."""
    labels = {piece.label: piece for piece in Piece}
    if isinstance(value, str):
        label = " ".join(value.lower().replace("_", " ").replace("-", " ").split())
        if label in labels:
            return labels[label]
        nearest = difflib.get_close_matches(label, labels, n=1)
        advice = f"Did you mean “{nearest[0]}”?" if nearest else f"There are: {', '.join(labels)}."
        raise ValueError(f"“{value}” for pitch {key} is not a piece of the kit. {advice}")
    if type(value) is int and 0 <= value < len(Piece):
        return Piece(value)
    raise ValueError(f"pitch {key} needs the name of a piece or its number, 0 to 8.")


def _playing_pitch(piece: Piece, pieces: Mapping[Piece, Sequence[int]]) -> int:
    """The first pitch of the piece, of its stand-ins, or of whatever there is."""
    candidates = (pieces.get(candidate) for candidate in (piece, *_STAND_INS[piece], *Piece))
    return next(struck[0] for struck in candidates if struck)


ROLAND: Final = Kit.of(
    "Roland",
    {
        Piece.KICK: (36,),
        Piece.SNARE: (38, 37, 40),
        Piece.CLOSED_HAT: (42, 22, 44),
        Piece.OPEN_HAT: (46, 26),
        Piece.LOW_TOM: (43, 58),
        Piece.MID_TOM: (47, 45),
        Piece.HIGH_TOM: (50, 48),
        Piece.CRASH: (49, 52, 55, 57),
        Piece.RIDE: (51, 53, 59),
    },
)
"""Roland's electronic kits, whose 22 pitches are all that the Groove MIDI Dataset contains."""

GENERAL_MIDI: Final = Kit.of(
    "General MIDI",
    {
        Piece.KICK: (36, 35),
        # Side stick and clap take the snare's part in a beat, and claves are struck like a rim.
        Piece.SNARE: (38, 37, 39, 40, 75),
        # What ticks and rattles keeps time as a closed hat does: tambourine, cabasa, maracas,
        # and the short, muted one of each pair (whistle, guiro, cuica, triangle).
        Piece.CLOSED_HAT: (42, 22, 44, 54, 69, 70, 71, 73, 78, 80),
        # The long, open one of each such pair rings on.
        Piece.OPEN_HAT: (46, 26, 72, 74, 79, 81),
        # Two floor toms, then the low conga and the low timbale.
        Piece.LOW_TOM: (43, 41, 64, 66),
        Piece.MID_TOM: (47, 45, 61, 63, 77),
        Piece.HIGH_TOM: (50, 48, 60, 62, 65, 76),
        # 58 is the vibraslap here, one accent with a long rattle; it is a tom's rim on a Roland.
        Piece.CRASH: (49, 52, 55, 57, 58),
        # Cowbell and agogos carry a pattern on metal, as the bell of a ride does.
        Piece.RIDE: (51, 53, 56, 59, 67, 68),
    },
)
"""The percussion keys 35–81 of General MIDI, and Roland's hi-hat edges 22 and 26."""
