"""Rows of notes and rests as a model reads them, with where each stands and which chord sounds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from bridge.codecs.notescore import (
    BARS_OF_PHRASE,
    CHORD_FEATURES,
    LONGEST_SHIFT,
    NOTE,
    QUARTERS,
    REST,
    TWELFTHS,
    Floats,
    Integers,
)

_NONE: Final = -1


@dataclass(frozen=True, slots=True)
class Row:
    """Rows of tokens in the order of their turns, each array (rows, tokens)."""

    kind: Integers
    time: Integers
    """Twelfths from the start."""
    pitch: Integers
    """MIDI keys; −1 where the token is no note."""
    length: Integers
    """Twelfths; 0 where the token is no note."""
    position: Integers
    """Twelfths from the last bar line."""
    bar: Integers
    """Bars from the start."""
    chord: Floats
    """As :func:`chord_features` gives it for each token's time, (rows, tokens, 26)."""
    change: Floats
    """How soon the next chord comes, 1 at once, 0 in a bar of 4/4 or later, (rows, tokens)."""

    def only(self, rows: Integers) -> "Row":
        """Some of the rows."""
        return self._each(lambda part: part[rows])

    def longer(self, more: "Row") -> "Row":
        """The same rows with more tokens."""
        return Row(
            np.concatenate([self.kind, more.kind], axis=1),
            np.concatenate([self.time, more.time], axis=1),
            np.concatenate([self.pitch, more.pitch], axis=1),
            np.concatenate([self.length, more.length], axis=1),
            np.concatenate([self.position, more.position], axis=1),
            np.concatenate([self.bar, more.bar], axis=1),
            np.concatenate([self.chord, more.chord], axis=1),
            np.concatenate([self.change, more.change], axis=1),
        )

    def stood_up(self) -> "Row":
        """Single tokens, (tokens,), as rows of one token each."""
        return self._each(lambda part: part[:, None])

    def turned(self) -> "Row":
        """Tokens as rows, and rows as tokens."""
        return self._each(lambda part: np.swapaxes(part, 0, 1))

    def _each(self, change: Callable[[npt.NDArray[Any]], npt.NDArray[Any]]) -> "Row":
        return Row(
            change(self.kind),
            change(self.time),
            change(self.pitch),
            change(self.length),
            change(self.position),
            change(self.bar),
            change(self.chord),
            change(self.change),
        )

    @staticmethod
    def no_chords(shape: tuple[int, ...]) -> tuple[Floats, Floats]:
        """What is told where no chords are known."""
        return np.zeros((*shape, CHORD_FEATURES), np.float32), np.zeros(shape, np.float32)


def place_features(position: Integers, bar: Integers, length: Integers) -> Floats:
    """Where a token stands in its bar and in eight bars, (..., 31).

    Args:
        position: Twelfths from the bar line.
        bar: Bars from the start.
        length: Of a bar, twelfths; of the same shape.
    """
    turn = 2.0 * np.pi * position / length
    return np.concatenate(
        [
            np.eye(TWELFTHS, dtype=np.float32)[position % TWELFTHS],
            np.eye(QUARTERS, dtype=np.float32)[np.minimum(position // TWELFTHS, QUARTERS - 1)],
            np.eye(3, dtype=np.float32)[position // 6 % 3],
            np.stack([np.sin(turn), np.cos(turn)], axis=-1).astype(np.float32),
            np.eye(BARS_OF_PHRASE, dtype=np.float32)[bar % BARS_OF_PHRASE],
        ],
        axis=-1,
    )


def chord_features(pitches: Integers, root: Integers, home: Integers) -> Floats:
    """What is told of chords, (..., 26), all above the key's root.

    Args:
        pitches: Pitch classes as bits, bit 0 is C; 0 where there is no chord, −1 where nothing is
            known.
        root: Pitch class of its root, −1 where there is none.
        home: Pitch class of the key's root.
    """
    above = (np.arange(12) + home[..., None]) % 12
    sounds = (np.maximum(pitches, 0)[..., None] >> above) & 1
    roots = np.eye(13, 12, dtype=np.float32)[np.where(root >= 0, (root - home) % 12, 12)]
    flags = np.stack([pitches > 0, pitches >= 0], axis=-1)
    return np.concatenate([sounds, roots, flags], axis=-1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class ChordLine:
    """Chords in time, each array (chords,), by where they begin; there may be gaps."""

    start: Integers
    """Twelfths."""
    end: Integers
    pitches: Integers
    """Pitch classes as bits, bit 0 is C; 0 where there is no chord."""
    root: Integers
    """Pitch class, −1 where there is no chord."""

    def at(self, time: Integers, home: Integers) -> tuple[Floats, Floats]:
        """What is told of the chords at some times: (..., 26), and how soon the next comes, (...).

        Args:
            time: Twelfths, of any shape.
            home: Pitch class of the key's root, of the same shape.
        """
        if not len(self.start):
            nothing = np.zeros(time.shape, np.int64)
            return chord_features(nothing, nothing - 1, home), np.zeros(time.shape, np.float32)
        at = np.searchsorted(self.start, time, side="right") - 1
        inside = (at >= 0) & (time < self.end[np.maximum(at, 0)])
        at = np.maximum(at, 0)
        pitches = np.where(inside, self.pitches[at], 0)
        roots = np.where(pitches > 0, self.root[at], _NONE)
        after = np.append(self.start, 2**31)[np.minimum(at + 1, len(self.start))]
        left = np.clip((after - time) / (4 * TWELFTHS), 0.0, 1.0)
        return chord_features(pitches, roots, home), (1.0 - left).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Tokens:
    """One stretch of a row, each array (tokens,)."""

    kind: Integers
    time: Integers
    pitch: Integers
    length: Integers

    def __len__(self) -> int:
        return len(self.kind)

    @classmethod
    def of(
        cls, begin: tuple[int, int] | None, time: Integers, pitch: Integers, length: Integers
    ) -> Self:
        """Notes as tokens, with rests where nothing begins for long.

        Args:
            begin: The kind and the time of a token that comes first; None for none.
            time: Of the notes, twelfths, by time and then by pitch.
            pitch: MIDI keys.
            length: Twelfths.
        """
        rows = [] if begin is None else [(begin[0], begin[1], _NONE, 0)]
        for note in zip(time.tolist(), pitch.tolist(), length.tolist(), strict=True):
            while rows and note[0] - rows[-1][1] >= LONGEST_SHIFT:
                rows.append((REST, rows[-1][1] + LONGEST_SHIFT, _NONE, 0))
            rows.append((NOTE, *note))
        return cls(*np.array(rows, np.int64).reshape(-1, 4).T)

    def first(self, tokens: int) -> "Tokens":
        """So many of them at the most."""
        return Tokens(*(getattr(self, name)[:tokens] for name in self.__slots__))

    def then(self, *others: "Tokens") -> "Tokens":
        """This stretch, and others after it."""
        all_of_them = (self, *others)
        return Tokens(
            *(
                np.concatenate([getattr(each, name) for each in all_of_them])
                for name in self.__slots__
            )
        )
