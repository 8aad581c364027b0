"""Piano rolls of one clip or of many: where each note is played, how long and how hard."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bridge.commands.canvas import Canvas, Colour, mixed, printable
from bridge.commands.lanes import BLACK_KEYS, MELODY_COLOUR
from bridge.music.clip import Clip, Note
from bridge.music.spelling import key_name
from bridge.music.units import TICKS_PER_BEAT, Ticks

PANEL_WIDTH: Final = 400
PANEL_HEIGHT: Final = 210

_MARGIN: Final = 14.0
_GAP: Final = 10.0
_TITLE: Final = 24.0
_GUTTER: Final = 30.0
"""Room for the names of keys."""
_PADDING: Final = 8.0
_LEAST_KEYS: Final = 14
"""A roll shows so many keys at least."""
_CLOSEST_LINES: Final = 5.0
"""Pixels between the lines of beats; nearer ones are not drawn."""
_ROOMY: Final = 4.0
"""Rows of this height have a gap between them."""
_TALL: Final = 3.0
"""A note is drawn at least so high."""

_BACKGROUND: Final[Colour] = (17, 19, 24)
_PANEL: Final[Colour] = (25, 28, 35)
_WHITE_ROW: Final[Colour] = (38, 42, 51)
_BLACK_ROW: Final[Colour] = (30, 33, 41)
_ROOT_LINE: Final[Colour] = (66, 73, 88)
_BEAT_LINE: Final[Colour] = (52, 58, 70)
_BAR_LINE: Final[Colour] = (100, 110, 130)
_OUTSIDE: Final[Colour] = (21, 23, 29)
_FAINT: Final[Colour] = (104, 114, 132)
_QUIET: Final[Colour] = (170, 180, 196)
_SOFT: Final[Colour] = (52, 84, 110)
"""The colour of a note that can hardly be heard."""
_HARD: Final[Colour] = (214, 246, 255)
"""The colour of the hardest one."""


@dataclass(frozen=True, slots=True)
class _Roll:
    """The measures of one roll, in pixels, and the way to them from ticks and keys."""

    left: float
    top: float
    lowest: int
    keys: int
    length: Ticks
    """Of the longest clip: all have one time scale."""

    @property
    def right(self) -> float:
        return self.left + PANEL_WIDTH - _GUTTER - 2 * _PADDING

    @property
    def bottom(self) -> float:
        return self.top + PANEL_HEIGHT - _TITLE - _PADDING

    @property
    def row(self) -> float:
        return (self.bottom - self.top) / self.keys

    def x(self, tick: float) -> float:
        part = min(1.0, max(0.0, tick / self.length))
        return self.left + part * (self.right - self.left)

    def y(self, key: int) -> float:
        """The upper edge of a key's row."""
        return self.bottom - (key - self.lowest + 1) * self.row


def draw_rolls(
    clips: Sequence[Clip],
    file: Path,
    *,
    titles: Sequence[str] = (),
    columns: int = 4,
    together: bool = False,
) -> None:
    """Write a PNG of piano rolls, row by row, all on one time scale.

    The lighter a note the harder it is played; a muted one is empty. Rows of black keys are dark,
    and every C is named. What lies outside a clip is not drawn.

    Args:
        clips: At least one.
        file: Where it goes; its folder is made where it is missing.
        titles: Written over the clips as far as there are any; else a clip's own name.
        columns: How many stand side by side, at least 1.
        together: Whether all show the same keys, so that they can be compared by height; else
            each shows its own.

    Raises:
        OSError: The file cannot be written.
    """
    columns = min(columns, len(clips))
    rows = -(-len(clips) // columns)
    canvas = Canvas(
        math.ceil(2 * _MARGIN + columns * (PANEL_WIDTH + _GAP) - _GAP),
        math.ceil(2 * _MARGIN + rows * (PANEL_HEIGHT + _GAP) - _GAP),
        _BACKGROUND,
    )
    length = max(clip.length for clip in clips)
    shared = _keys_of(note for clip in clips for note in _seen(clip))
    for number, clip in enumerate(clips):
        down, across = divmod(number, columns)
        left = _MARGIN + across * (PANEL_WIDTH + _GAP)
        top = _MARGIN + down * (PANEL_HEIGHT + _GAP)
        lowest, keys = shared if together else _keys_of(_seen(clip))
        roll = _Roll(left + _PADDING + _GUTTER, top + _TITLE, lowest, keys, length)
        canvas.box(left, top, left + PANEL_WIDTH, top + PANEL_HEIGHT, _PANEL, radius=8)
        title = titles[number] if number < len(titles) else clip.name
        canvas.text(left + _PADDING, top + _TITLE / 2, printable(title, 54), _QUIET, size=12)
        _draw_ground(canvas, roll, clip)
        for note in sorted(_seen(clip), key=lambda note: (note.velocity, note.start)):
            _draw_note(canvas, roll, note, clip.length)
    file.parent.mkdir(parents=True, exist_ok=True)
    canvas.save(file)


def _seen(clip: Clip) -> tuple[Note, ...]:
    """The notes of which something lies within the clip's length."""
    return tuple(note for note in clip.notes if note.end > 0 and note.start < clip.length)


def _keys_of(notes: Iterable[Note]) -> tuple[int, int]:
    """The lowest key that is shown, and how many; a whole tone of room above and below."""
    pitches = [note.pitch for note in notes] or [60]
    low, high = min(pitches) - 2, max(pitches) + 2
    missing = max(0, _LEAST_KEYS - (high - low + 1))
    return low - missing // 2, high - low + 1 + missing


def _draw_ground(canvas: Canvas, roll: _Roll, clip: Clip) -> None:
    """The rows of the keys, the lines of beats and bars, and what lies behind the clip's end."""
    gap = 0.5 if roll.row >= _ROOMY else 0.0
    for key in range(roll.lowest, roll.lowest + roll.keys):
        colour = _BLACK_ROW if key % 12 in BLACK_KEYS else _WHITE_ROW
        canvas.box(roll.left, roll.y(key), roll.right, roll.y(key) + roll.row - gap, colour)
        if key % 12 == 0:
            canvas.level(roll.y(key) + roll.row, roll.left, roll.right, _ROOT_LINE, 1.0)
            middle = roll.y(key) + roll.row / 2
            canvas.text(roll.left - 5, middle, key_name(key), _FAINT, size=10, anchor="r")
    beat = TICKS_PER_BEAT * 4 // clip.denominator
    for spacing, colour, width in ((beat, _BEAT_LINE, 1.0), (clip.ticks_per_bar, _BAR_LINE, 1.0)):
        if roll.x(spacing) - roll.left >= _CLOSEST_LINES:
            for tick in range(0, clip.length + 1, spacing):
                canvas.upright(roll.x(tick), roll.top, roll.bottom, colour, width)
    if clip.length < roll.length:
        canvas.box(roll.x(clip.length) + 1, roll.top, roll.right, roll.bottom, _OUTSIDE)


def _draw_note(canvas: Canvas, roll: _Roll, note: Note, length: Ticks) -> None:
    begin = roll.x(note.start)
    end = max(begin + 2.0, roll.x(min(note.end, length)) - 0.75)
    missing = max(0.0, _TALL - roll.row)
    top, bottom = roll.y(note.pitch) - missing / 2, roll.y(note.pitch) + roll.row + missing / 2
    if note.mute:
        canvas.frame(begin, top, end, bottom, _FAINT)
        return
    canvas.box(begin, top, end, bottom, _shade(note.velocity), radius=2.0)


def _shade(velocity: float) -> Colour:
    """From dark over the colour of melodies to nearly white."""
    strength = velocity / 127
    middle = 0.7
    if strength < middle:
        return mixed(_SOFT, MELODY_COLOUR, strength / middle)
    return mixed(MELODY_COLOUR, _HARD, (strength - middle) / (1 - middle))
