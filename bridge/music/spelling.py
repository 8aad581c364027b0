"""Keys of the keyboard, ranges and scales as musicians spell them: C3, C2-C5, F# dorian.

Octaves are counted as Live counts them: MIDI key 60 is C3.
"""

import re
from typing import Final

from bridge.errors import BadRequestError
from bridge.music.scale import Scale

ROOTS: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
"""The twelve notes of an octave as Live writes them."""

_LETTERS: Final = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_SIGNS: Final = {"#": 1, "♯": 1, "b": -1, "♭": -1}
_ROOT: Final = r"[A-Ga-g][#♯b♭]{0,2}"
_KEY: Final = rf"{_ROOT}-?\d|\d{{1,3}}"
_WHOLE_KEY: Final = re.compile(rf"(?P<root>{_ROOT})(?P<octave>-?\d)")
_RANGE: Final = re.compile(rf"({_KEY})\s*(?:-|–|\.\.|…|to)\s*({_KEY})", re.IGNORECASE)
_SCALE: Final = re.compile(rf"(?P<root>{_ROOT})(?P<short>m?)(?:\s+(?P<name>\S.*))?")


def key_name(pitch: int) -> str:
    """A MIDI key as Live writes it: C3 for 60."""
    return f"{ROOTS[pitch % 12]}{pitch // 12 - 2}"


def read_key(text: str) -> int:
    """The MIDI key, 0–127, of a name or a number: C3, eb2, F#-1, 60.

    Raises:
        BadRequestError: it is neither, or no key of MIDI.
    """
    spelt = text.strip()
    named = _WHOLE_KEY.fullmatch(spelt)
    if named:
        pitch = _semitones(named["root"]) + 12 * (int(named["octave"]) + 2)
    elif re.fullmatch(r"\d{1,3}", spelt, re.ASCII):
        pitch = int(spelt)
    else:
        raise BadRequestError(f"“{text}” is no key; say C3, F#2 or a number such as 60.")
    if not 0 <= pitch <= 127:
        raise BadRequestError(
            f"Keys go from {key_name(0)}, 0, to {key_name(127)}, 127; not {spelt}."
        )
    return pitch


def read_range(text: str) -> tuple[int, int]:
    """The lowest and the highest MIDI key of a range: C2-C5, 36-84, F#1 to E4.

    Raises:
        BadRequestError: it is none. A range that is upside down is one.
    """
    ends = _RANGE.fullmatch(text.strip())
    if not ends:
        raise BadRequestError(f"“{text}” is no range of keys; say C2-C5, or 36-84.")
    return read_key(ends[1]), read_key(ends[2])


def read_root(text: str) -> tuple[int, str]:
    """The root, 0–11, of a key, and the name of its scale, empty where none is said.

    ``C``, ``F# dorian``, ``Bb Minor Pentatonic`` and, for the minor key, ``Am``.

    Raises:
        BadRequestError: it begins with no note.
    """
    spelt = _SCALE.fullmatch(text.strip())
    if not spelt or (spelt["short"] and spelt["name"]):
        raise BadRequestError(f"“{text}” is no key; say C minor, Am, F# dorian or Bb.")
    return _semitones(spelt["root"]) % 12, "Minor" if spelt["short"] else spelt["name"] or ""


def read_scale(text: str) -> Scale:
    """The scale of a key; of one without a name the major one. Raises as :func:`read_root`."""
    root, name = read_root(text)
    return Scale.named(name or "Major", root)


def _semitones(root: str) -> int:
    """How far a note is above C; below 0 or above 11 for such as Cb and B#."""
    return _LETTERS[root[0].lower()] + sum(_SIGNS[sign] for sign in root[1:])
