"""A piano roll in letters: a row for each key that is played, a column for each sixteenth."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from rich.text import Text

from bridge.music.clip import Clip, Note
from bridge.music.grid import nearest_step
from bridge.music.spelling import key_name
from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH

WIDTH: Final = 80
"""Columns that a terminal has at the least."""

_GUTTER: Final = 5
"""Room for the name of a key."""
_QUIET: Final = "dim"
_STRUCK: Final = "bold cyan"
_SOFT: Final = "cyan"
_SOFT_BELOW: Final = 72.0
"""Velocity under which a note is drawn soft."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What a roll is drawn with; each is one column wide."""

    struck: str
    held: str
    bar: str
    beat: str


LINES: Final = Signs(struck="█", held="━", bar="│", beat="·")
LETTERS: Final = Signs(struck="O", held="=", bar="|", beat=".")
"""Where a terminal has ASCII only."""


def roll_of(clip: Clip, signs: Signs = LINES, width: int = WIDTH) -> list[Text]:
    """The beginning of a clip, as many whole bars as the width holds, the highest key first.

    Notes stand on the nearest sixteenth; those that sound are drawn, also where they began before
    the clip. No line is wider than
    ``width`` columns, and a bar that is too long for it is cut.
    """
    steps = _steps_shown(clip, width)
    notes = [
        note
        for note in clip.notes
        if not note.mute and nearest_step(note.start) < steps and note.end > 0
    ]
    return [
        _row(pitch, [note for note in notes if note.pitch == pitch], clip, steps, signs)
        for pitch in sorted({note.pitch for note in notes}, reverse=True)
    ]


def from_bar(clip: Clip, bar: int) -> Clip:
    """The clip from one of its bars on, counted from 0; notes that began before stand before it."""
    shift = bar * clip.ticks_per_bar
    notes = (replace(note, start=note.start - shift) for note in clip.notes)
    rest = max(1, clip.length - shift)
    return replace(clip, notes=tuple(notes), length=rest, loop_start=0, loop_end=None)


def bars_shown(clip: Clip, width: int = WIDTH) -> int:
    """How many bars of a clip its roll shows, the last perhaps in part."""
    shown = _steps_shown(clip, width) * TICKS_PER_SIXTEENTH
    return min(clip.bars, -(-shown // clip.ticks_per_bar))


def _steps_shown(clip: Clip, width: int) -> int:
    """Whole bars, and one in part where not even one fits; each bar has a line before it."""
    room = width - _GUTTER - 1
    every = -(-clip.length // TICKS_PER_SIXTEENTH)
    bars = max(1, room // (1 + -(-clip.ticks_per_bar // TICKS_PER_SIXTEENTH)))
    return min(every, bars * clip.ticks_per_bar // TICKS_PER_SIXTEENTH, room - 1) or 1


def _row(pitch: int, notes: Sequence[Note], clip: Clip, steps: int, signs: Signs) -> Text:
    cells = _cells(notes, steps, signs)
    row = Text(f"{key_name(pitch):>{_GUTTER - 1}} ", _QUIET)
    bar = -1
    for step in range(steps):
        tick = step * TICKS_PER_SIXTEENTH
        if tick // clip.ticks_per_bar > bar:
            bar = tick // clip.ticks_per_bar
            row.append(signs.bar, _QUIET)
        sign, style = cells.get(step, (" ", ""))
        if sign == " " and tick % clip.ticks_per_bar % TICKS_PER_BEAT < TICKS_PER_SIXTEENTH:
            sign, style = signs.beat, _QUIET
        row.append(sign, style)
    row.append(signs.bar, _QUIET)
    return row


def _cells(notes: Sequence[Note], steps: int, signs: Signs) -> dict[int, tuple[str, str]]:
    """Sign and style by step; where two notes overlap, the later is struck."""
    cells: dict[int, tuple[str, str]] = {}
    for note in sorted(notes, key=lambda note: note.start):
        style = _SOFT if note.velocity < _SOFT_BELOW else _STRUCK
        first = nearest_step(note.start)
        end = min(steps, max(first + 1, nearest_step(note.end)))
        cells |= dict.fromkeys(range(max(0, first), end), (signs.held, style))
        if first >= 0:
            cells[first] = signs.struck, style
    return cells
