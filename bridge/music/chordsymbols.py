"""The names of chords as musicians write them, such as ``F#m7/A``, ``bVII`` and ``V7/V``."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from bridge.errors import BadRequestError
from bridge.music.key import MAJOR, MINOR, Key

NATURALS: Final[Mapping[str, int]] = MappingProxyType(
    {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
)

QUALITIES: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType(
    {
        "maj": (0, 4, 7),
        "min": (0, 3, 7),
        "dim": (0, 3, 6),
        "aug": (0, 4, 8),
        "sus2": (0, 2, 7),
        "sus4": (0, 5, 7),
        "5": (0, 7),
        "7": (0, 4, 7, 10),
        "maj7": (0, 4, 7, 11),
        "min7": (0, 3, 7, 10),
        "minmaj7": (0, 3, 7, 11),
        "dim7": (0, 3, 6, 9),
        "hdim7": (0, 3, 6, 10),
        "aug7": (0, 4, 8, 10),
        "augmaj7": (0, 4, 8, 11),
        "maj6": (0, 4, 7, 9),
        "min6": (0, 3, 7, 9),
        "7sus4": (0, 5, 7, 10),
        "7(b5)": (0, 4, 6, 10),
        "7(b9)": (0, 4, 7, 10, 13),
        "7(#9)": (0, 4, 7, 10, 15),
        "add9": (0, 4, 7, 14),
        "minadd9": (0, 3, 7, 14),
        "9": (0, 4, 7, 10, 14),
        "maj9": (0, 4, 7, 11, 14),
        "min9": (0, 3, 7, 10, 14),
        "11": (0, 4, 7, 10, 14, 17),
        "maj11": (0, 4, 7, 11, 14, 17),
        "min11": (0, 3, 7, 10, 14, 17),
        "13": (0, 4, 7, 10, 14, 21),
        "maj13": (0, 4, 7, 11, 14, 21),
        "min13": (0, 3, 7, 10, 14, 21),
    }
)
"""Semitones above the root, rising."""

_SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "maj": ("", "maj", "M"),
        "min": ("m", "min", "-"),
        "dim": ("dim", "o", "°"),
        "aug": ("aug", "+"),
        "sus2": ("sus2",),
        "sus4": ("sus4", "sus"),
        "5": ("5",),
        "7": ("7", "dom7"),
        "maj7": ("maj7", "M7", "Δ", "Δ7", "^7"),
        "min7": ("m7", "min7", "-7"),
        "minmaj7": ("mmaj7", "mM7", "minmaj7", "-maj7"),
        "dim7": ("dim7", "o7", "°7"),
        "hdim7": ("m7b5", "ø", "ø7", "hdim7", "-7b5", "min7b5"),
        "aug7": ("aug7", "+7", "7#5"),
        "augmaj7": ("augmaj7", "+maj7", "maj7#5"),
        "maj6": ("6", "maj6"),
        "min6": ("m6", "min6", "-6"),
        "7sus4": ("7sus4", "7sus"),
        "7(b5)": ("7b5",),
        "7(b9)": ("7b9",),
        "7(#9)": ("7#9",),
        "add9": ("add9",),
        "minadd9": ("madd9", "minadd9"),
        "9": ("9",),
        "maj9": ("maj9", "M9"),
        "min9": ("m9", "min9", "-9"),
        "11": ("11",),
        "maj11": ("maj11", "M11"),
        "min11": ("m11", "min11", "-11"),
        "13": ("13",),
        "maj13": ("maj13", "M13"),
        "min13": ("m13", "min13", "-13"),
    }
)
_BY_SPELLING: Final = {text: name for name, texts in _SPELLINGS.items() for text in texts}
_NUMERALS: Final = ("I", "II", "III", "IV", "V", "VI", "VII")
_DEGREES: Final = {MAJOR: (0, 2, 4, 5, 7, 9, 11), MINOR: (0, 2, 3, 5, 7, 8, 10)}
_SILENCE: Final = {"N.C.", "NC", "N.C", "N", "n.c."}
_NEAR: Final = 2
_NOTE: Final = re.compile(r"([A-G])([#b]*)")
_SYMBOL: Final = re.compile(r"([A-G])([#b]*)([^/]*)(?:/([A-G][#b]*))?")
_ROMAN: Final = re.compile(r"([#b]*)([IV]+|[iv]+)([^/]*)(?:/(.+))?")


@dataclass(frozen=True, slots=True)
class ChordName:
    """What a name means."""

    root: int
    """Pitch class."""
    steps: tuple[int, ...]
    """Semitones above the root, rising from 0."""
    bass: int
    """Pitch class."""

    @property
    def pitches(self) -> int:
        """Pitch classes as bits, the bass among them: bit 0 is C."""
        classes = {(self.root + step) % 12 for step in self.steps} | {self.bass}
        return sum(1 << each for each in classes)


def chord_named(word: str, key: Key | None = None) -> ChordName | None:
    """The chord of a symbol or of a Roman numeral; None where it says that there is none.

    Large numerals are major, small ones minor. They count along the key's own scale; with a flat,
    along the major scale, so that ``bVII`` is the same in both modes. What stands behind the
    slash is the bass, or the chord in whose key a numeral is: ``V7/V``.

    Args:
        word: Without spaces.
        key: What numerals count from; C major without it.

    Raises:
        BadRequestError: it is no chord; the text names the nearest.
    """
    if word in _SILENCE:
        return None
    plain = word.replace("♯", "#").replace("♭", "b")
    root, mode = (0, MAJOR) if key is None else (key.root, key.mode)
    found = _symbol(plain) or _roman(plain, root, mode)
    if found is None:
        raise BadRequestError(f"“{word}” is no chord. {_advice(plain)}")
    return found


def pitch_class(letter: str, signs: str) -> int:
    """Of a note's letter, C to B, and its signs ``#`` and ``b``."""
    return (NATURALS[letter] + turns(signs)) % 12


def turns(signs: str) -> int:
    """By how many semitones signs raise a note."""
    return signs.count("#") - signs.count("b")


def _symbol(word: str) -> ChordName | None:
    found = _SYMBOL.fullmatch(word)
    quality = _BY_SPELLING.get(found[3]) if found else None
    if found is None or quality is None:
        return None
    root = pitch_class(found[1], found[2])
    return ChordName(root, QUALITIES[quality], _note(found[4]) if found[4] else root)


def _roman(word: str, tonic: int, mode: str) -> ChordName | None:
    found = _ROMAN.fullmatch(word)
    if found is None or found[2].upper() not in _NUMERALS:
        return None
    behind = found[4]
    if behind and not _NOTE.fullmatch(behind):
        home = _roman(behind, tonic, mode) if "/" not in behind else None
        if home is None:
            return None
        minor = 3 in home.steps
        return _roman(word[: -len(behind) - 1], home.root, MINOR if minor else MAJOR)
    quality = _roman_quality(found[3], small=found[2].islower())
    if quality is None:
        return None
    degree = _NUMERALS.index(found[2].upper())
    scale = _DEGREES[MAJOR if "b" in found[1] or mode not in _DEGREES else mode]
    root = (tonic + scale[degree] + turns(found[1])) % 12
    return ChordName(root, QUALITIES[quality], _note(behind) if behind else root)


def _roman_quality(suffix: str, *, small: bool) -> str | None:
    """The quality of a numeral: a small one is minor unless its suffix says otherwise."""
    if not small:
        return _BY_SPELLING.get(suffix)
    return _BY_SPELLING.get(f"m{suffix}") or (
        _BY_SPELLING.get(suffix) if suffix not in _SPELLINGS["maj"] else None
    )


def _note(name: str) -> int:
    return pitch_class(name[0], name[1:])


def _advice(word: str) -> str:
    head = re.match(r"[#b]*(?:[IV]+|[iv]+)|[A-Ga-g][#b]*", word)
    heads = [head[0]] if head else []
    if heads and heads[0][0] in "acdefg":
        heads[0] = heads[0].capitalize()
    known = [f"{each}{text}" for each in heads for text in _BY_SPELLING if text.isascii()]
    near = difflib.get_close_matches(word, known, n=_NEAR, cutoff=0.5)
    if near:
        return f"Did you mean {' or '.join(f'“{each}”' for each in near)}?"
    return "Write chords as Am, F#m7, C/E or as ii, V7, bVII, and N.C. where there is none."
