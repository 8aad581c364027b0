"""What every note of a bass, of chords or of a missing bar costs the note model.

On sixteenths, as melodies are measured: shifts and lengths are masked to them, of one voice no note
comes before the last has ended, and notes of a chord come from the lowest up. Of lengths beyond two
bars the model knows only four; which one it is, is priced.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.notescore import GAP, LONGEST_SHIFT, NOTE, length_code
from bridge.engine.sampling import probabilities
from bridge.tools.note_writing import Writers
from bridge.training.metrics import Integers, Measure, measure_of_sums
from bridge.training.note_reading import Reading
from bridge.training.note_windows import (
    TOKENS,
    Known,
    Voice,
    Window,
    gap_window,
    window_of,
)
from bridge.training.step_nats import AT_ONCE, LENGTH_CODES, STEP

CONTEXT: Final = 64
"""Tokens that are heard before one is priced, where the voice has them."""
PHRASE_BARS: Final = 8
MISSING_BAR: Final = 4
"""Of each eight bars, counted from 0; it is to be filled."""
_LEAST: Final = 1e-12

Booleans = npt.NDArray[np.bool_]
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A window, and which of its notes are priced."""

    window: Window
    first: int
    """The token whose successor is the first that is priced."""
    last: int
    """The token after which nothing is priced but that no more comes before ``end``."""
    begin: int = 0
    """The first note is known to come from here on, twelfths from the window's bar line."""
    end: int | None = None
    """The last note is followed by none before here; None where that is not priced."""

    @property
    def notes(self) -> int:
        """How many are priced."""
        return int(self.window.sung[self.first : self.last].sum())


def note_costs(
    stretches: Sequence[Stretch], writers: Writers, report: Callable[[float], None] = lambda _: None
) -> Doubles:
    """The nats of all notes of each stretch, (stretches,); nothing is said of them."""
    nats = np.zeros(len(stretches))
    order = sorted(range(len(stretches)), key=lambda number: len(stretches[number].window))
    for start in range(0, len(order), AT_ONCE):
        numbers = order[start : start + AT_ONCE]
        nats[numbers] = _together([stretches[number] for number in numbers], writers)
        report(min(1.0, (start + AT_ONCE) / len(order)))
    return nats


def measure_notes(stretches: Sequence[Stretch], nats: Doubles, voice: Integers) -> Measure:
    """Nats a note; the intervals stand over stretches and over voices.

    Args:
        stretches: With a note at least in all.
        nats: Of each, (stretches,).
        voice: The number of the voice of each, (stretches,).
    """
    notes = np.array([stretch.notes for stretch in stretches], np.float64)
    sums = np.stack([nats, notes], axis=1)
    return measure_of_sums(sums, voice, lambda totals: float(totals[0] / max(1.0, totals[1])))


def whole(voice: Voice, tokens: int = TOKENS, context: int = CONTEXT) -> Iterator[Stretch]:
    """Stretches that price every note of a voice once.

    Args:
        voice: On sixteenths.
        tokens: Of a window.
        context: So many are heard before the first that is priced, but in the first window.
    """
    lines = voice.bars[:-1]
    firsts = np.searchsorted(voice.time, lines)
    bar = done = 0
    while done < len(voice):
        window = window_of(voice, bar, tokens)
        sung = np.flatnonzero(window.kind == NOTE)
        skipped = done - int(firsts[bar])
        if 0 <= skipped < len(sung):
            first = 0 if not skipped else int(sung[skipped - 1])
            yield Stretch(window, first, len(window) - 1)
            done += len(sung) - skipped
        for back in (context, 0):
            place = int(np.searchsorted(firsts, max(0, done - back), side="right")) - 1
            if place > bar:
                break
        if place <= bar:
            return  # A bar with more notes than a window has: none is known.
        bar = place


def missing_bars(voice: Voice, *, ahead: bool) -> Iterator[Stretch]:
    """The fifth of each eight bars, where it has a note.

    Args:
        voice: On sixteenths.
        ahead: Whether what comes after the bar is heard first.
    """
    for bar in range(0, len(voice.bars) - PHRASE_BARS, PHRASE_BARS):
        missing = bar + MISSING_BAR
        begin, end = (int(voice.bars[each] - voice.bars[bar]) for each in (missing, missing + 1))
        inside = (voice.time >= voice.bars[missing]) & (voice.time < voice.bars[missing + 1])
        before = (voice.time >= voice.bars[bar]) & (voice.time < voice.bars[missing])
        after = (voice.time >= voice.bars[missing + 1]) & (
            voice.time < voice.bars[bar + PHRASE_BARS]
        )
        if not (inside.any() and before.any() and after.any()) or begin % STEP or end % STEP:
            continue
        if ahead:
            window = gap_window(voice, bar, (MISSING_BAR, MISSING_BAR + 1))
            gaps = np.flatnonzero(window.kind == GAP)
            if len(gaps):
                yield Stretch(window, int(gaps[0]), len(window) - 1, begin, end)
        else:
            window = window_of(voice, bar, end_bar=missing + 1)
            first = int(np.searchsorted(window.time, begin)) - 1
            if len(window) < TOKENS:
                yield Stretch(window, first, len(window) - 1, begin, end)


def _together(stretches: Sequence[Stretch], writers: Writers) -> list[float]:
    windows = [stretch.window for stretch in stretches]
    reading = Reading(windows, [Known()] * len(windows), writers)
    return [_nats(stretch, reading, row) for row, stretch in enumerate(stretches)]


def _nats(stretch: Stretch, reading: Reading, row: int) -> float:
    window = stretch.window
    tokens = np.arange(stretch.first, stretch.last + 1)
    count = len(window)
    mono = window.voice.mono
    least = np.zeros(count, np.int64)
    if mono:
        # Turns may not stand in the order of time: only what began before counts.
        over = window.time + window.length
        began = window.time[None, :] < window.time[:, None] + (window.kind == NOTE)[:, None]
        earlier = np.tri(count, dtype=np.bool_) & began
        least = np.maximum(0, np.where(earlier, over, 0).max(axis=1) - window.time)
    least = np.maximum(least, stretch.begin - window.time)[tokens]
    shifts = _shifts(reading.shift[row, tokens], least)
    cost = 0.0
    for place, token in enumerate(tokens.tolist()):
        if token == stretch.last:
            if stretch.end is not None:
                left = -(-min(stretch.end - int(window.time[token]), LONGEST_SHIFT) // STEP)
                cost += _cost(float(shifts[place, left:].sum()))
            break
        shift = int(window.shift[token])
        cost += _cost(float(shifts[place, shift // STEP]))
        if not window.sung[token]:
            continue
        keys = reading.pitch[row, token].astype(np.float64)
        if shift == 0 and window.kind[token] == NOTE:
            keys[: int(window.pitch[token]) + 1] = -np.inf
        cost += _cost(float(probabilities(keys)[int(window.pitch[token + 1])]))
        lengths = probabilities(reading.length[row, token][LENGTH_CODES])
        code = int(length_code(window.length[token + 1 : token + 2])[0])
        cost += _cost(float(lengths[_PLACE[code]]))
    return cost


_PLACE: Final = {int(code): place for place, code in enumerate(LENGTH_CODES.tolist())}


def _shifts(logits: npt.NDArray[np.float32], least: Integers) -> Doubles:
    """The chances of shifts of 0–32 steps, none below the least, (tokens, 33)."""
    steps = np.arange(0, LONGEST_SHIFT + 1, STEP)
    allowed = steps >= np.minimum(least, LONGEST_SHIFT)[:, None]
    return probabilities(np.where(allowed, logits[:, ::STEP].astype(np.float64), -np.inf))


def _cost(chance: float) -> float:
    return float(-np.log(max(chance, _LEAST)))
