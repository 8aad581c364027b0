"""Melodies, basses and chords as rows of notes, and what a model that writes them is told.

Time is counted in twelfths of a quarter note, so that sixteenths and triplets both stand on the
grid. A row begins with a start, which stands on a bar line; each further token is a note, or a
rest that goes 96 twelfths on. Notes on one twelfth come from the lowest up. A row is read in
*turns*: first all that is known, then what is written; so one model plays on, fills gaps, and
begins from nothing.

Of each token the model is told what it was, where in the bar it stood, and what came next one,
two, four and eight bars before it, and one, two and four bars after it where that is known: music
repeats itself, and develops what it repeats. Pitches are told as intervals, as steps above the
key's root, and as heights above the middle of the part: so all keys are one to it.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.music.clip import is_compound
from bridge.music.parts import PITCHED
from bridge.music.units import TICKS_PER_BEAT

CODEC_ID: Final = "notes-12-v1"

TWELFTHS: Final = 12
"""Of a quarter note."""

TICKS_PER_TWELFTH: Final = TICKS_PER_BEAT // TWELFTHS

LONGEST_SHIFT: Final = 96
"""Two bars of 4/4 without an onset: a rest."""

SHIFTS: Final = LONGEST_SHIFT + 1
"""0–95 twelfths from onset to onset; 96 is a rest."""

_LONG: Final = (120, 144, 192, 288)

LENGTHS_IN_TWELFTHS: Final = (*range(1, LONGEST_SHIFT + 1), *_LONG)

LENGTHS: Final = len(LENGTHS_IN_TWELFTHS)

KEYS: Final = 128

PARTS: Final = PITCHED

MODES: Final = ("Major", "Minor", "Dorian", "Mixolydian", "Lydian", "Phrygian", "Locrian")

BARS_APART: Final = (1, 2, 4, 8, -1, -2, -4)
"""So many bars before, and after, each token is told what stands there."""

LAGS: Final = len(BARS_APART)

ALIKE_NOTES: Final = 8
"""Over so many notes it is told how far they agree with those so many bars away."""

WIDEST: Final = 24
"""Semitones; wider intervals count as this."""

INTERVALS: Final = 2 * WIDEST + 2

DEGREES: Final = 13

FARTHEST: Final = 30
"""Semitones from the middle; what is farther counts as this."""

HEIGHTS: Final = 2 * FARTHEST + 2

MIDDLE: Final = 64
"""The MIDI key that heights are counted from as long as nothing is known."""

START, NOTE, REST, GAP = range(4)
"""Kinds of tokens; a gap is a start in the middle of a row."""

KINDS: Final = 4

BARS_OF_PHRASE: Final = 8

QUARTERS: Final = 6
"""Of a bar that are told apart; later ones count as the last."""

PLACE_FEATURES: Final = TWELFTHS + QUARTERS + 3 + 2 + BARS_OF_PHRASE

CHORD_FEATURES: Final = 26
"""Pitch classes above the key's root, the chord's root above it, whether there is one, whether
it is known."""

ALIKE_FEATURES: Final = 3 * LAGS

SETTING_FEATURES: Final = len(PARTS) + 1 + len(MODES) + 1 + 2 + 6

TOLD_FEATURES: Final = PLACE_FEATURES + CHORD_FEATURES + 1 + ALIKE_FEATURES + SETTING_FEATURES

CODES_TOLD: Final = 6 + 2 * LAGS
"""Kind, shift, length, interval, degree, height; then what came next and what stood at each lag."""

PITCH_TOLD: Final = PLACE_FEATURES + CHORD_FEATURES

PITCH_CODES: Final = 5 + 3 * LAGS
"""The shift, the last pitch, the root, whether there is one, the middle; then what stands at each
lag as an interval, as a key, and moved along with the melody."""

LENGTH_CODES: Final = 3 + LAGS

Integers: TypeAlias = npt.NDArray[np.int64]

Floats: TypeAlias = npt.NDArray[np.float32]

Booleans: TypeAlias = npt.NDArray[np.bool_]

_NONE: Final = -1


def length_code(twelfths: Integers) -> Integers:
    """The code of the nearest length that there is, 0–99."""
    edges = (np.array(LENGTHS_IN_TWELFTHS[1:]) + np.array(LENGTHS_IN_TWELFTHS[:-1])) / 2
    return np.asarray(np.searchsorted(edges, twelfths, side="right"), np.int64)


def length_of(code: Integers) -> Integers:
    """The length of a code in twelfths."""
    return np.asarray(np.array(LENGTHS_IN_TWELFTHS)[code], np.int64)


@dataclass(frozen=True, slots=True)
class Metre:
    """The bars of a row that keeps to one metre; all in twelfths."""

    numerator: int
    denominator: int

    @property
    def bar(self) -> int:
        """How long a bar is; metres whose bars are no whole twelfths are cut down to them."""
        return max(1, 4 * TWELFTHS * self.numerator // self.denominator)

    @property
    def features(self) -> Floats:
        """What the model is told, (6,)."""
        compound = is_compound(self.numerator, self.denominator)
        bars = (24, 36, 48)
        known = [float(self.bar == bar) for bar in bars]
        return np.array(
            [self.bar / 48.0, float(compound), *known, float(self.bar not in bars)], np.float32
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of a part before its first note."""

    part: int
    """An index into ``PARTS``."""
    metre: Metre
    root: int = _NONE
    """Pitch class of the key; −1 where it is not known."""
    mode: int = _NONE
    """An index into ``MODES``; −1 where it is not known."""
    middle: int = _NONE
    """The MIDI key about which the part lies; −1 where it is not known."""
    notes_per_bar: float = 0.0
    """In 48 twelfths; 0 where it is not known."""

    @property
    def mono(self) -> bool:
        """Whether one note sounds at a time."""
        return PARTS[self.part] != "chords"

    @property
    def features(self) -> Floats:
        """What the model is told, (20,)."""
        known = self.notes_per_bar > 0
        density = np.log2(self.notes_per_bar / 4.0) if known else 0.0
        return np.concatenate(
            [
                np.eye(len(PARTS), dtype=np.float32)[self.part],
                np.eye(1 + len(MODES), dtype=np.float32)[1 + self.mode],
                np.array([self.middle >= 0, known, density], np.float32),
                self.metre.features,
            ]
        )
