"""What a model that writes notes is told of them.

What stands bars before and after, how far the last notes agree with it, and from where pitches are
counted.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from bridge.codecs.noterows import Row, place_features
from bridge.codecs.notescore import (
    ALIKE_NOTES,
    BARS_APART,
    FARTHEST,
    KEYS,
    LENGTHS,
    LONGEST_SHIFT,
    MIDDLE,
    NOTE,
    SETTING_FEATURES,
    SHIFTS,
    WIDEST,
    Booleans,
    Floats,
    Integers,
    length_code,
)

_NEVER: Final = np.int32(2**31 - 1)
_NONE: Final = -1


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
