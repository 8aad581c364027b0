"""A pitched clip as it is heard: one line that leads, and the notes around it.

The line is the melody, the highest of what sounds, or in a clip of low notes the bass, the lowest.
All is laid on the bars of one metre: a clip of another metre is stretched bar by bar.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.melodysteps import HOLD, SILENCE
from bridge.errors import BadRequestError, NoNotesError, TooLongError
from bridge.music.clip import MAX_NOTES, Clip, Note
from bridge.music.grid import nearest_step
from bridge.music.units import TICKS_PER_SIXTEENTH, Ticks

MOST_BARS: Final = 128
"""Of a clip; thirty-two are what people have."""

BASS: Final = 48
"""A clip whose notes lie below this MIDI key on average, C2 in Live, is led by its lowest."""

_TOGETHER: Final = 0.4
"""Notes that begin so near each other, in sixteenths, are struck together."""
_COVERED: Final = 0.75
"""A note is covered by one nearer the top that sounds on for so many sixteenths."""
_FAR: Final = 12
"""Semitones from the middle of a line at which a lone note of another voice is told apart."""

Steps = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Placed:
    """A note on the common bars."""

    note: Note
    step: int
    """On which it is struck, from 0."""
    end: int
    """Before which step it stops, after its own."""
    late: Ticks
    """How late it is against its step; early is negative."""
    over: Ticks
    """How much longer it sounds than until its end's step; shorter is negative."""

    @property
    def start_tick(self) -> Ticks:
        """When it begins, never before the take."""
        return max(0, self.step * TICKS_PER_SIXTEENTH + self.late)

    @property
    def end_tick(self) -> Ticks:
        """When it ends."""
        return max(self.start_tick + 1, self.end * TICKS_PER_SIXTEENTH + self.over)

    def moved(self, steps: int) -> "Placed":
        """The same note so much later, which is another note to Live."""
        return replace(
            self,
            note=replace(self.note, note_id=None),
            step=self.step + steps,
            end=self.end + steps,
        )


@dataclass(frozen=True, slots=True)
class HeardLine:
    """A clip as a line and what is around it, in as many bars as the longest of some clips."""

    clip: Clip
    codes: Steps
    """As :mod:`bridge.codecs.melodysteps` has them, (steps,)."""
    line: dict[int, Placed]
    """The note of the line that is struck on each step."""
    around: tuple[Placed, ...]
    """All other notes that sound, in order."""
    sign: int
    """1 where the highest notes lead, −1 where the lowest do."""
    steps_per_bar: int

    @property
    def bars(self) -> int:
        """How many it has."""
        return len(self.codes) // self.steps_per_bar


def hear_lines(clips: Sequence[Clip], longest_bar: int) -> tuple[HeardLine, ...]:
    """Clips on the bars of the first one's metre, the shorter going round until the longest ends.

    A clip of another metre is stretched so that its bars are as long as the first one's: its
    notes come on the nearest sixteenth, as late as they were. Of a looping clip the loop is heard;
    one that ends within a bar is filled up with silence.

    Args:
        clips: Pitched ones.
        longest_bar: How many sixteenths a bar may have.

    Raises:
        BadRequestError: if the first one's metre cannot be placed.
        NoNotesError: if no note of one of them sounds.
        TooLongError: if one of them is too long, or too full to go round.
    """
    first = clips[0]
    steps_per_bar, rest = divmod(first.ticks_per_bar, TICKS_PER_SIXTEENTH)
    if rest or not 1 <= steps_per_bar <= longest_bar:
        raise BadRequestError(
            f"Interpolate knows bars of 1 to {longest_bar} sixteenths, and {first.numerator}/"
            f"{first.denominator} is none of them. Choose another time signature."
        )
    placed = [_placed(clip, steps_per_bar) for clip in clips]
    longest = max(bars for _, bars in placed)
    heard = []
    for clip, (notes, bars) in zip(clips, placed, strict=True):
        rounds = -(-longest // bars)
        if rounds * len(notes) > MAX_NOTES:
            raise TooLongError(
                f"A short clip goes round until the longest ends and would have"
                f" {rounds * len(notes):,} notes; a clip takes up to {MAX_NOTES:,}. Make the long"
                " one shorter."
            )
        end = longest * steps_per_bar
        again = [
            note if turn == 0 else note.moved(turn * bars * steps_per_bar)
            for turn in range(rounds)
            for note in notes
        ]
        laid = [
            replace(note, end=min(note.end, end), over=note.over if note.end < end else 0)
            for note in again
            if note.step < end
        ]
        line, around, sign = _led(laid)
        heard.append(HeardLine(clip, _codes(line, end), line, around, sign, steps_per_bar))
    return tuple(heard)


def _placed(clip: Clip, steps_per_bar: int) -> tuple[list[Placed], int]:
    """The notes of a clip on bars of so many steps, and how many bars there are."""
    first, end = (clip.loop_start, clip.end_of_loop) if clip.looping else (0, clip.length)
    bars = max(1, -(-(end - first) // clip.ticks_per_bar))
    if bars > MOST_BARS:
        raise TooLongError(
            f"A clip has {bars:,} bars; Interpolate takes up to {MOST_BARS}. Loop a part of it."
        )
    sounding = sorted(
        (note for note in clip.notes if not note.mute and first <= note.start < end),
        key=lambda note: (note.start, note.pitch),
    )
    if not sounding:
        raise NoNotesError("A clip has no note that sounds. Draw or record a melody first.")
    whole = bars * steps_per_bar
    per_bar = clip.ticks_per_bar

    def stretched(step: int) -> int:
        """The step of the common bars that is the nearest to one of the clip's own."""
        own = step * TICKS_PER_SIXTEENTH * steps_per_bar
        return (2 * own + per_bar) // (2 * per_bar)

    placed = []
    for stroke in _strokes(sounding):
        mean = round(sum(note.start for note in stroke) / len(stroke)) - first
        own = nearest_step(mean)
        step = min(stretched(own), whole - 1)
        for note in stroke:
            stop = min(note.end, end) - first
            own_end = max(own + 1, nearest_step(stop))
            placed.append(
                Placed(
                    note,
                    step,
                    min(whole, max(step + 1, stretched(own_end))),
                    note.start - first - own * TICKS_PER_SIXTEENTH,
                    stop - own_end * TICKS_PER_SIXTEENTH,
                )
            )
    return placed, bars


def _strokes(notes: Iterable[Note]) -> list[list[Note]]:
    """Notes in order, those struck together in one list."""
    strokes: list[list[Note]] = []
    for note in notes:
        if strokes and note.start - strokes[-1][0].start <= _TOGETHER * TICKS_PER_SIXTEENTH:
            strokes[-1].append(note)
        else:
            strokes.append([note])
    return strokes


def _led(notes: Sequence[Placed]) -> tuple[dict[int, Placed], tuple[Placed, ...], int]:
    """The line that leads, by step, all other notes, and −1 where the lowest notes lead, else 1."""
    middle = sum(placed.note.pitch for placed in notes) / len(notes)
    sign = -1 if middle < BASS else 1
    by_step: defaultdict[int, list[Placed]] = defaultdict(list)
    for placed in notes:
        by_step[placed.step].append(placed)
    leading: list[Placed] = []
    for step in sorted(by_step):
        outermost = max(by_step[step], key=lambda placed: sign * placed.note.pitch)
        if not (leading and _covers(leading[-1], outermost, sign)):
            leading.append(outermost)
    if len(leading) < len(notes):
        pitches = [placed.note.pitch for placed in leading]
        # Long notes weigh more: a melody rests on its own, and what fills its rests is short.
        centre = float(np.median(np.repeat(pitches, [p.end - p.step for p in leading])))
        near = [p for p in leading if sign * (centre - p.note.pitch) <= _FAR]
        leading = near or leading
    line = {placed.step: placed for placed in leading}
    chosen = {id(placed) for placed in leading}
    return line, tuple(placed for placed in notes if id(placed) not in chosen), sign


def _covers(held: Placed, note: Placed, sign: int) -> bool:
    """Whether a note sounds on above another, or below it where the sign is negative."""
    beyond = held.end_tick - note.start_tick > _COVERED * TICKS_PER_SIXTEENTH
    return beyond and sign * held.note.pitch > sign * note.note.pitch


def _codes(line: dict[int, Placed], steps: int) -> Steps:
    """The line as a code a step, each note until the next."""
    codes = np.full(steps, SILENCE, np.int64)
    for step, placed in sorted(line.items()):
        codes[step:] = SILENCE
        codes[step : placed.end] = HOLD
        codes[step] = placed.note.pitch
    return codes
