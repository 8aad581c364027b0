"""Chord symbols as the sources write them, ``F#:min7/b3`` or ``C:maj7/G``, as pitch classes."""

import re
from dataclasses import dataclass
from typing import Final

from bridge.music.chordsymbols import QUALITIES, pitch_class, turns
from bridge.training.song import NO_CHORD

_DEGREES: Final = {
    "1": 0,
    "2": 2,
    "3": 4,
    "4": 5,
    "5": 7,
    "6": 9,
    "7": 11,
    "9": 2,
    "11": 5,
    "13": 9,
}
_QUALITIES: Final = {
    **QUALITIES,
    "power": QUALITIES["5"],
    "sus4(b7)": QUALITIES["7sus4"],
    "sus4(7)": QUALITIES["7sus4"],
    "aug(b7)": QUALITIES["aug7"],
    "9(#5)": (0, 2, 4, 8, 10),
    "9(#11)": (0, 2, 4, 6, 7, 10),
    "min(#5)": (0, 3, 8),
    "min7(b5)": QUALITIES["hdim7"],
    "minor-major": QUALITIES["minmaj7"],
}
_SYMBOL: Final = re.compile(r"([A-G])([#b]*)(?::([^/]*))?(?:/(.+))?")
_NOTE: Final = re.compile(r"([A-G])([#b]*)")
_DEGREE: Final = re.compile(r"([#b]*)(\d+)")


@dataclass(frozen=True, slots=True)
class ChordSymbol:
    """What a symbol means."""

    root: int
    """Pitch class, or ``NO_CHORD``."""
    pitches: int
    """Pitch classes above C as bits, bit 0 is C."""
    bass: int
    """Pitch class of the lowest note, or ``NO_CHORD``."""


def parse_symbol(text: str) -> ChordSymbol | None:
    """The chord of a symbol, or None where it is not one that we know.

    ``N`` is the absence of a chord. A bass after the slash is a note or a step of the chord's
    scale, and belongs to the chord's pitches.
    """
    if text in {"N", "none"}:
        return ChordSymbol(NO_CHORD, 0, NO_CHORD)
    found = _SYMBOL.fullmatch(text.strip())
    if found is None:
        return None
    root = pitch_class(found[1], found[2])
    steps = _QUALITIES.get(found[3] or "maj")
    bass = root if found[4] is None else _bass(found[4], root)
    if steps is None or bass is None:
        return None
    classes = {(root + step) % 12 for step in steps} | {bass}
    return ChordSymbol(root, sum(1 << each for each in classes), bass)


def _bass(text: str, root: int) -> int | None:
    if note := _NOTE.fullmatch(text):
        return pitch_class(note[1], note[2])
    degree = _DEGREE.fullmatch(text)
    if degree is None or degree[2] not in _DEGREES:
        return None
    return (root + _DEGREES[degree[2]] + turns(degree[1])) % 12
