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

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.music.clip import is_compound
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

PARTS: Final = ("melody", "bass", "chords")
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
_QUARTERS: Final = 6
PLACE_FEATURES: Final = TWELFTHS + _QUARTERS + 3 + 2 + BARS_OF_PHRASE
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

_NEVER: Final = np.int32(2**31 - 1)
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


@dataclass(frozen=True, slots=True)
class Homes:
    """What pitches are told from, for each token, (rows, tokens)."""

    root: Integers
    """Pitch class; that of the first note where no key is known."""
    rooted: Booleans
    """Whether there is one."""
    middle: Integers
    """MIDI key; that of the first note where none is known."""
    last: Integers
    """MIDI key of the last note before, or of this one; the middle where there is none."""
    earlier: Integers
    """MIDI key of the last note before this token; the middle where there is none."""

    @classmethod
    def of(cls, row: Row, root: Integers, middle: Integers, asked: slice = slice(None)) -> Self:
        """The homes of some tokens of rows whose root and middle are known, or −1, (rows,)."""
        sung = row.pitch >= 0
        any_before = np.maximum.accumulate(sung, axis=1)[:, asked]
        first = np.take_along_axis(row.pitch, sung.argmax(axis=1)[:, None], axis=1)
        given, known = middle[:, None], root[:, None]
        nowhere = np.where(given >= 0, given, MIDDLE)
        centre = np.where((given < 0) & any_before, first, nowhere)
        upto, below = _latest(row, asked)
        return cls(
            np.where(known >= 0, known, np.where(any_before, first % 12, 0)),
            (known >= 0) | any_before,
            centre,
            np.where(upto >= 0, upto % KEYS, centre),
            np.where(below >= 0, below % KEYS, nowhere),
        )


def _latest(row: Row, asked: slice) -> tuple[Integers, Integers]:
    """The last notes known at some tokens' turns, up to each token and before it; −1 for none.

    Each as 128 times its time and its pitch, (rows, asked).
    """
    keys = np.where(row.pitch >= 0, row.time * KEYS + row.pitch, _NONE)
    own = (row.time * KEYS + np.where(row.pitch >= 0, row.pitch, KEYS - 1))[:, asked, None]
    known = np.tri(keys.shape[1], dtype=np.bool_)[asked]
    others = keys[:, None, :]
    upto = np.where((others <= own) & known, others, _NONE).max(axis=-1)
    below = np.where((others < own) & known, others, _NONE).max(axis=-1)
    return upto, below


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands at each lag of some tokens, each array (rows, asked, 7)."""

    follows: Integers
    """Twelfths from there to what comes next, 0–96; −1 where nothing known does."""
    away: Integers
    """The token's pitch less that of the note there; −99 where there is none."""


class Rear:
    """All notes that are known at some tokens' turns, to look things up in."""

    def __init__(self, row: Row, asked: slice) -> None:
        """Prepare to look.

        Args:
            row: The rows.
            asked: For which tokens; each knows itself and all before it.
        """
        notes = row.pitch >= 0
        self._keys = np.where(notes, row.time * KEYS + row.pitch, -1).astype(np.int32)
        tokens = row.pitch.shape[1]
        known = np.tri(tokens, dtype=np.bool_)[asked]  # (asked, tokens)
        self._known = known[None] & notes[:, None]  # (rows, asked, tokens)
        self._length = row.length

    def after(self, key: npt.NDArray[np.int32]) -> tuple[Integers, Integers]:
        """The first known note beyond each key, (rows, asked, lags): its key, and its number."""
        keys = self._keys[:, None, None, :]
        fits = (keys > key[..., None]) & self._known[:, :, None, :]
        masked = np.where(fits, keys, _NEVER)
        index = masked.argmin(axis=-1)
        found = np.take_along_axis(masked, index[..., None], axis=-1)[..., 0]
        return np.where(found < _NEVER, found, -1).astype(np.int64), np.asarray(index, np.int64)

    def before(self, key: npt.NDArray[np.int32]) -> Integers:
        """The last known note up to each key: its key, −1 for none."""
        keys = self._keys[:, None, None, :]
        fits = (keys <= key[..., None]) & self._known[:, :, None, :]
        return np.asarray(np.where(fits, keys, -1).max(axis=-1), np.int64)

    def lengths(self, index: Integers) -> Integers:
        """The lengths of notes by their numbers, (rows, asked, lags)."""
        flat = index.reshape(len(index), -1)
        return np.take_along_axis(self._length, flat, axis=1).reshape(index.shape)


def look(row: Row, bars: Integers, mono: Booleans, asked: slice = slice(None)) -> Seen:
    """What stands at each lag of some tokens.

    Args:
        row: The rows.
        bars: How long a bar of each is, twelfths, (rows,).
        mono: Whether one note of each sounds at a time, (rows,).
        asked: Which tokens.
    """
    rear = Rear(row, asked)
    time, pitch = row.time[:, asked], row.pitch[:, asked]
    there = time[..., None] - bars[:, None, None] * np.array(BARS_APART)
    # Of one voice the next note is a later one, of chords it may be the next note up.
    own = np.where(mono[:, None], KEYS - 1, np.maximum(pitch, -1))
    key = np.clip(there * KEYS + own[..., None], -2, _NEVER - 1).astype(np.int32)
    beyond, _ = rear.after(key)
    upto = rear.before(key)
    follows = np.where(beyond >= 0, np.minimum(beyond // KEYS - there, LONGEST_SHIFT), -1)
    at_lower = (upto >= 0) & (upto // KEYS == there)
    at_upper = (beyond >= 0) & (beyond // KEYS == there)
    other = np.where(at_lower, upto % KEYS, beyond % KEYS)
    stands = (at_lower | at_upper) & (pitch >= 0)[..., None]
    # Only what lies at its own time may be compared: not the token itself.
    return Seen(follows, np.where(stands, pitch[..., None] - other, _NOWHERE))


_NOWHERE: Final = -99


def alike(away: Integers) -> Floats:
    """How far the last notes agree with those at each lag, (rows, tokens, 21), each 0–1.

    Three shares of the last eight tokens: those where a note stands, those that are the same, and
    those that are as far from it as the token before was.

    Args:
        away: As :func:`look` gives it for all tokens, (rows, tokens, 7).
    """
    stands = away != _NOWHERE
    moved = np.zeros(away.shape, np.bool_)
    moved[:, 1:] = stands[:, 1:] & (away[:, 1:] == away[:, :-1])
    shares = np.concatenate([stands, away == 0, moved], axis=-1).astype(np.float32)
    total = np.cumsum(shares, axis=1)
    total[:, ALIKE_NOTES:] -= total[:, :-ALIKE_NOTES].copy()
    return np.asarray(total / ALIKE_NOTES, np.float32)


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
            np.eye(_QUARTERS, dtype=np.float32)[np.minimum(position // TWELFTHS, _QUARTERS - 1)],
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
class Frames:
    """What each row stands in."""

    settings: Floats
    """As :class:`Setting` gives it, (rows, 20)."""
    bars: Integers
    """How long a bar is, twelfths, (rows,)."""


def told(
    row: Row,
    homes: Homes,
    frames: Frames,
    seen: Seen,
    likeness: Floats,
    asked: slice = slice(None),
) -> tuple[Floats, Floats]:
    """What the model is told of some tokens, before their successors are written.

    Args:
        row: The rows.
        homes: Of the asked tokens.
        frames: Of the rows.
        seen: What stands at the lags of the asked tokens.
        likeness: Of the asked tokens, (rows, asked, 21).
        asked: Which tokens.

    Returns:
        Codes (rows, asked, 20) and numbers (rows, asked, 99).
    """
    kind, pitch, time = row.kind[:, asked], row.pitch[:, asked], row.time[:, asked]
    note = pitch >= 0
    before = np.concatenate([row.time[:, :1], row.time[:, :-1]], axis=1)[:, asked]
    shift = np.where(kind == NOTE, np.clip(time - before, 0, LONGEST_SHIFT), SHIFTS)
    length = np.where(note, length_code(row.length[:, asked]), LENGTHS)
    codes = np.concatenate(
        [
            np.stack(
                [
                    kind,
                    shift,
                    length,
                    interval_code(pitch - homes.earlier, note),
                    degree_code(pitch, homes.root, note & homes.rooted),
                    height_code(pitch - homes.middle, note),
                ],
                axis=-1,
            ),
            np.where(seen.follows >= 0, seen.follows, SHIFTS),
            interval_code(seen.away, seen.away != _NOWHERE),
        ],
        axis=-1,
    )
    shape = (*kind.shape, 1)
    numbers = np.concatenate(
        [
            place_features(
                row.position[:, asked],
                row.bar[:, asked],
                np.broadcast_to(frames.bars[:, None], kind.shape),
            ),
            row.chord[:, asked],
            row.change[:, asked].reshape(shape),
            likeness,
            np.broadcast_to(frames.settings[:, None], (*kind.shape, SETTING_FEATURES)),
        ],
        axis=-1,
    )
    return codes.astype(np.float32), numbers.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Next:
    """Where successors of some tokens stand, each array (rows, asked)."""

    shift: Integers
    """0–96."""
    time: Integers
    position: Integers
    bar: Integers
    chord: Floats
    """(rows, asked, 26)."""


@dataclass(frozen=True, slots=True)
class Pointed:
    """What stands at the lags of successors, each array (rows, asked, 7); −1 where nothing does."""

    pitch: Integers
    """MIDI keys."""
    moved: Integers
    """The keys that go on as it went on there."""
    length: Integers
    """Twelfths."""


def point(
    row: Row, homes: Homes, following: Next, bars: Integers, asked: slice = slice(None)
) -> Pointed:
    """What stands at the lags of the successors of some tokens; the homes are theirs."""
    rear = Rear(row, asked)
    there = following.time[..., None] - bars[:, None, None] * np.array(BARS_APART)
    own = np.where(following.shift == 0, np.maximum(row.pitch[:, asked], -1), -1)
    key = np.clip(there * KEYS + own[..., None], -2, _NEVER - 1).astype(np.int32)
    found, index = rear.after(key)
    stands = (found >= 0) & (found // KEYS == there)
    pitch = np.where(stands, found % KEYS, -1)
    previous = rear.before((np.maximum(found, 0) - 1).astype(np.int32))
    went = stands & (previous >= 0)
    moved = homes.last[..., None] + pitch - previous % KEYS
    inside = went & (moved >= 0) & (moved < KEYS)
    return Pointed(
        pitch,
        np.where(inside, moved, -1),
        np.where(stands, rear.lengths(index), -1),
    )


def pitch_told(
    homes: Homes, following: Next, pointed: Pointed, bars: Integers
) -> tuple[Floats, Floats]:
    """What is told before a pitch is chosen: codes (rows, asked, 26), numbers (…, 57)."""
    last = homes.last
    first = np.stack([following.shift, last, homes.root, homes.rooted, homes.middle], axis=-1)
    relative = interval_code(pointed.pitch - last[..., None], pointed.pitch >= 0)
    codes = np.concatenate([first, relative, pointed.pitch, pointed.moved], axis=-1)
    numbers = np.concatenate(
        [
            place_features(
                following.position, following.bar, np.broadcast_to(bars[:, None], last.shape)
            ),
            following.chord,
        ],
        axis=-1,
    )
    return codes.astype(np.float32), numbers.astype(np.float32)


def length_told(homes: Homes, pitch: Integers, pointed: Pointed) -> Floats:
    """What is told before a length is chosen for these pitches (rows, asked): (rows, asked, 10)."""
    note = pitch >= 0
    first = np.stack(
        [
            interval_code(pitch - homes.last, note),
            degree_code(pitch, homes.root, note & homes.rooted),
            height_code(pitch - homes.middle, note),
        ],
        axis=-1,
    )
    lengths = np.where(pointed.length >= 0, length_code(pointed.length), LENGTHS)
    return np.concatenate([first, lengths], axis=-1).astype(np.float32)


def interval_code(semitones: Integers, known: Booleans) -> Integers:
    """0 where it is not known, else 1–49."""
    return np.where(known, np.clip(semitones, -WIDEST, WIDEST) + WIDEST + 1, 0)


def degree_code(pitch: Integers, root: Integers, known: Booleans) -> Integers:
    """0 where it is not known, else 1–12 for 0–11 semitones above the root."""
    return np.where(known, (pitch - root) % 12 + 1, 0)


def height_code(semitones: Integers, known: Booleans) -> Integers:
    """0 where it is not known, else 1–61."""
    return np.where(known, np.clip(semitones, -FARTHEST, FARTHEST) + FARTHEST + 1, 0)


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


CYCLES: Final = (
    1 / 128,
    1 / 64,
    1 / 32,
    1 / 16,
    1 / 8,
    1 / 4,
    1 / 2,
    1.0,
    2.0,
    3.0,
    4.0,
    6.0,
    8.0,
    12.0,
    16.0,
    24.0,
)
"""Turns a bar by which the model tells times apart (Su et al. 2021, in bars)."""


def clock(time: Integers, bars: Integers) -> Floats:
    """Where the hands of 16 clocks stand at some times (rows, tokens): (rows, tokens, 32)."""
    turned = 2.0 * np.pi * time[..., None] / bars[:, None, None] * np.array(CYCLES)
    return np.concatenate([np.cos(turned), np.sin(turned)], axis=-1).astype(np.float32)
