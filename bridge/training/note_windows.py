"""Voices of songs, cut into windows of tokens as :mod:`bridge.codecs.notescore` has them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.noterows import ChordLine, Row, Tokens
from bridge.codecs.notescore import (
    CHORD_FEATURES,
    GAP,
    LONGEST_SHIFT,
    NOTE,
    PARTS,
    REST,
    START,
    TICKS_PER_TWELFTH,
    Floats,
    Integers,
    Metre,
)
from bridge.training.song import Notes, Role, Song, bass_line, melody_line

TOKENS: Final = 128
"""Of a window, its start among them."""
LEAST_NOTES: Final = 8
"""A voice has so many at least."""

MELODY, BASS, CHORDS = range(len(PARTS))
_HANDS: Final = (Role.RIGHT_HAND, Role.LEFT_HAND, Role.PIANO)
_CHOIR: Final = (Role.MELODY, Role.INNER, Role.BASS)


@dataclass(frozen=True, slots=True)
class Voice:
    """One part of a song on the grid of twelfths, from its first bar line."""

    song: Song
    part: int
    """An index into ``PARTS``."""
    time: Integers
    pitch: Integers
    length: Integers
    """Twelfths; by time, then by pitch."""
    bars: Integers
    """Where each bar begins, and where the last ends, (bars + 1,)."""

    def __len__(self) -> int:
        return len(self.time)

    @property
    def mono(self) -> bool:
        """Whether one note sounds at a time."""
        return self.part != CHORDS

    def metre(self, bar: int) -> Metre:
        """The metre that holds in a bar."""
        bars = self.song.bars
        return Metre(int(bars.numerator[bar]), int(bars.denominator[bar]))


def voices_of(songs: Iterable[Song], grid: int = 1) -> tuple[Voice, ...]:
    """The melody, the bass and the chords of each song, as far as it has them.

    Args:
        songs: Any.
        grid: Onsets and ends are moved to multiples of so many twelfths: 3 for sixteenths.
    """
    found = []
    for song in songs:
        lines = {MELODY: melody_line(song.notes), BASS: bass_line(song.notes)}
        hands = song.notes.of(*_HANDS)
        choir = song.notes.of(*_CHOIR)
        if len(hands):
            lines[CHORDS] = hands
        elif np.any(choir.role == Role.INNER):
            lines[CHORDS] = choir
        for part, notes in lines.items():
            if len(notes) >= LEAST_NOTES:
                voice = _voice(song, part, notes, grid)
                if len(voice) >= LEAST_NOTES:
                    found.append(voice)
    return tuple(found)


def _voice(song: Song, part: int, notes: Notes, grid: int) -> Voice:
    unit = grid * TICKS_PER_TWELFTH
    time = np.rint(notes.start / unit).astype(np.int64) * grid
    end = np.rint(notes.end / unit).astype(np.int64) * grid
    pitch = notes.pitch.astype(np.int64)
    height = -pitch if part == MELODY else pitch
    order = np.lexsort((height, time))
    if part == CHORDS:
        keep = order[np.unique(time[order] * 128 + pitch[order], return_index=True)[1]]
    else:
        keep = order[np.unique(time[order], return_index=True)[1]]
    time, end, pitch = time[keep], end[keep], pitch[keep]
    inside = time >= 0
    time, end, pitch = time[inside], end[inside], pitch[inside]
    length = np.maximum(end - time, grid)
    if part != CHORDS:
        length = np.minimum(length, np.diff(time, append=2**31))
    bars = np.rint(song.bars.start / TICKS_PER_TWELFTH).astype(np.int64)
    return Voice(song, part, time, pitch, length, bars)


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens of a voice in the order of their turns, each array (tokens,)."""

    voice: Voice
    first_bar: int
    kind: Integers
    time: Integers
    """From the window's bar line."""
    pitch: Integers
    length: Integers
    shift: Integers
    """To what comes next in the same stretch, 0–96; −1 where nothing is to be learnt."""
    sung: npt.NDArray[np.bool_]
    """Whether what comes next is a note that is to be learnt."""

    def __len__(self) -> int:
        return len(self.kind)


def window_of(voice: Voice, bar: int, tokens: int = TOKENS, end_bar: int | None = None) -> Window:
    """The tokens from a bar line on.

    Args:
        voice: Any.
        bar: The first.
        tokens: So many at the most.
        end_bar: Notes from this bar on are left out; what comes next is then known to be later.
    """
    start = int(voice.bars[bar])
    first = int(np.searchsorted(voice.time, start))
    end = len(voice)
    if end_bar is not None:
        end = int(np.searchsorted(voice.time, voice.bars[end_bar]))
    last = min(first + tokens - 1, end)
    stretch = _stretch((START, 0), first, last, start, voice)
    return _windowed(voice, bar, stretch.first(tokens))


def gap_window(voice: Voice, bar: int, gap: tuple[int, int], tokens: int = TOKENS) -> Window:
    """The tokens from a bar line on, with bars in the middle that are written last.

    Args:
        voice: Any.
        bar: The first.
        gap: The first bar that is to be written, and the first after it, counted from ``bar``.
        tokens: So many at the most; those at the end are left out.
    """
    start = int(voice.bars[bar])
    edges = [int(voice.bars[min(bar + each, len(voice.bars) - 1)]) for each in gap]
    first, low, high = (int(np.searchsorted(voice.time, tick)) for tick in (start, *edges))
    last = min(len(voice), max(high, first + tokens - 2))
    before = _stretch((START, 0), first, low, start, voice)
    after = _stretch(None, high, last, start, voice)
    inner = _stretch((GAP, edges[0] - start), low, high, start, voice)
    room = tokens - len(before) - len(inner)
    if room < 1:
        return window_of(voice, bar, tokens)
    after = after.first(room)
    end = min(int(after.time[0] - inner.time[-1]), LONGEST_SHIFT) if len(after) else -1
    return _windowed(voice, bar, before.then(after, inner), (len(before), len(after)), end)


def _stretch(
    begin: tuple[int, int] | None, first: int, last: int, start: int, voice: Voice
) -> Tokens:
    chosen = slice(first, last)
    return Tokens.of(begin, voice.time[chosen] - start, voice.pitch[chosen], voice.length[chosen])


def _windowed(
    voice: Voice, bar: int, tokens: Tokens, lengths: tuple[int, ...] = (), end: int = -1
) -> Window:
    """The window of these tokens.

    Args:
        voice: Theirs.
        bar: Its first.
        tokens: In the order of turns.
        lengths: Of all stretches but the last.
        end: The shift that comes after the last token.
    """
    shift = np.append(np.diff(tokens.time), end)
    sung = np.append(tokens.kind[1:] == NOTE, False)
    borders = np.cumsum(lengths, dtype=np.int64) - 1
    shift[borders], sung[borders] = -1, False
    return Window(voice, bar, tokens.kind, tokens.time, tokens.pitch, tokens.length, shift, sung)


def cut_voice(voice: Voice, tokens: int = TOKENS) -> list[int]:
    """Bars from which windows of so many tokens hold nearly every note of a voice once."""
    bars = [0]
    while True:
        start = int(np.searchsorted(voice.time, voice.bars[bars[-1]]))
        if start + tokens - 1 >= len(voice):
            return bars
        following = int(
            np.searchsorted(voice.bars, voice.time[start + tokens - 1], side="right") - 1
        )
        bars.append(min(max(following, bars[-1] + 1), len(voice.bars) - 2))
        if bars[-1] == bars[-2]:
            return bars[:-1]


@dataclass(frozen=True, slots=True)
class Known:
    """What is said of a window beside its notes; −1 and 0 where it is not."""

    root: int = -1
    mode: int = -1
    middle: int = -1
    notes_per_bar: float = 0.0
    chords: bool = False


def rows_of(windows: Sequence[Window], known: Sequence[Known]) -> Row:
    """Windows as rows, all as long as the longest; what is filled up is rest."""
    tokens = max(len(window) for window in windows)
    shape = (len(windows), tokens)
    kind = np.full(shape, REST)
    time, length, position, bar = (np.zeros(shape, np.int64) for _ in range(4))
    pitch = np.full(shape, -1)
    chord = np.zeros((*shape, CHORD_FEATURES), np.float32)
    change = np.zeros(shape, np.float32)
    for number, (window, said) in enumerate(zip(windows, known, strict=True)):
        cut = number, slice(len(window))
        rest = number, slice(len(window), None)
        kind[cut], time[cut], pitch[cut] = window.kind, window.time, window.pitch
        length[cut] = window.length
        time[rest] = window.time[-1]
        position[cut], bar[cut] = places_of(window, window.time)
        if said.chords:
            chord[cut], change[cut] = chords_at(window, window.time, said.root)
    return Row(kind, time, pitch, length, position, bar, chord, change)


def places_of(window: Window, time: Integers) -> tuple[Integers, Integers]:
    """Where times of a window stand: twelfths from the bar line, and bars from its first."""
    bars = window.voice.bars
    absolute = time + bars[window.first_bar]
    bar = np.clip(np.searchsorted(bars, absolute, side="right") - 1, 0, len(bars) - 2)
    return absolute - bars[bar], bar - window.first_bar


def chords_at(window: Window, time: Integers, root: int) -> tuple[Floats, Floats]:
    """What is told of the song's chords at times of a window, and how soon the next comes."""
    chords = window.voice.song.chords
    start = int(window.voice.bars[window.first_bar])
    line = ChordLine(
        np.rint(chords.start / TICKS_PER_TWELFTH).astype(np.int64) - start,
        np.rint(chords.end / TICKS_PER_TWELFTH).astype(np.int64) - start,
        chords.pitches.astype(np.int64),
        chords.root.astype(np.int64),
    )
    return line.at(time, np.full(len(time), root))
