"""A picture of a clip and its takes: every hit where and how hard it is played, and how late."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bridge.commands.canvas import Canvas, Colour, mixed, printable
from bridge.commands.lanes import MELODY_COLOUR, PIECE_COLOURS, Lane, lanes_of
from bridge.commands.lateness import Grid, in_words
from bridge.music.clip import Clip, Note, Take
from bridge.music.drumkit import Kit, Piece
from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH, Ticks

WIDTH: Final = 1600

_MARGIN: Final = 32.0
_PADDING: Final = 18.0
_GUTTER: Final = 122.0
"""Room for the names of lanes."""
_TITLE: Final = 66.0
_HEADER: Final = 38.0
_RULER: Final = 20.0
_GAP: Final = 14.0
_FOOTER: Final = 54.0
_STRIP: Final = 74.0
"""The height of the timing strip under the lanes."""
_STRIP_HALF: Final = 30.0
"""How far up and down its stems reach."""

_BACKGROUND: Final[Colour] = (17, 19, 24)
_PANEL: Final[Colour] = (25, 28, 35)
_LANE: Final[Colour] = (30, 34, 42)
_SHADED: Final[Colour] = (24, 27, 34)
_STEP_LINE: Final[Colour] = (38, 43, 53)
_BEAT_LINE: Final[Colour] = (54, 61, 75)
_BAR_LINE: Final[Colour] = (96, 106, 126)
_FAINT: Final[Colour] = (104, 114, 132)
_QUIET: Final[Colour] = (150, 160, 178)
_BRIGHT: Final[Colour] = (236, 240, 247)
_ACCENT: Final[Colour] = (98, 214, 178)

_FEW: Final = 5
"""So many panels are drawn at their ease, more in less room."""
_ROOMY: Final = 12.0
"""A lane of this height has room for a gap, for marks on the grid and for tails."""
_CLOSEST_LINES: Final = 6.0
_CLOSEST_NUMBERS: Final = 40.0

_SCALE_MS: Final = 20.0
"""The two lines of the timing strip."""
_RANGE_MS: Final = 30.0
"""What the timing strip can show; hits beyond it are wedges at its edge."""


@dataclass(frozen=True, slots=True)
class _Panel:
    """One clip and what is written over it."""

    title: str
    note: str
    clip: Clip
    grid: Grid


@dataclass(frozen=True, slots=True)
class _Frame:
    """The measures that all panels share, in pixels, and the way from ticks to them."""

    lanes: tuple[Lane, ...]
    lane_height: float
    length: Ticks
    """The longest clip's."""

    @property
    def left(self) -> float:
        return _MARGIN + _PADDING + _GUTTER

    @property
    def right(self) -> float:
        return WIDTH - _MARGIN - _PADDING

    @property
    def panel_height(self) -> float:
        lanes = max(1, len(self.lanes)) * self.lane_height
        return _HEADER + _RULER + lanes + _STRIP + _PADDING / 2

    @property
    def is_roomy(self) -> bool:
        return self.lane_height > _ROOMY

    @property
    def pixels_per_tick(self) -> float:
        # Half a step before the first beat: whoever plays it early stands there.
        return (self.right - self.left) / (self.length + TICKS_PER_SIXTEENTH * 0.75)

    def x(self, tick: float) -> float:
        return self.left + (tick + TICKS_PER_SIXTEENTH / 2) * self.pixels_per_tick


def draw_takes(path: Path, source: Clip, takes: Sequence[Take], *, kit: Kit | None) -> None:
    """Write a PNG, 1600 pixels wide: the source above, its takes below, all on one time scale.

    Hits stand at their true time. Under each panel a strip shows, in milliseconds, how late (up)
    or early (down) each is. Notes outside the longest clip's length are not drawn.

    Args:
        path: The file; its folder is made where it is missing.
        source: What was handed in.
        takes: What came back; each adds a panel to the picture's height.
        kit: Names the drum lanes; None draws a lane for each key.

    Raises:
        OSError: The file cannot be written.
    """
    clips = [source, *(take.clip for take in takes)]
    frame = _frame_for(clips, lanes_of(clips, kit))
    height = _TITLE + len(clips) * (frame.panel_height + _GAP) + _FOOTER
    canvas = Canvas(WIDTH, math.ceil(height), _BACKGROUND)
    _draw_title(canvas, source)
    top = _TITLE
    for panel in _panels(source, takes):
        _draw_panel(canvas, frame, panel, top)
        top += frame.panel_height + _GAP
    _draw_legend(canvas, top + (_FOOTER - _GAP) / 2, frame, drums=source.drums)
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas.save(path)


def _frame_for(clips: Sequence[Clip], lanes: tuple[Lane, ...]) -> _Frame:
    """Generous for few panels of few lanes, denser for many."""
    few = len(clips) <= _FEW
    room = 200.0 if few else 120.0
    return _Frame(
        lanes=lanes,
        lane_height=min(30.0 if few else 22.0, max(3.0, room / max(1, len(lanes)))),
        length=max(clip.length for clip in clips),
    )


def _panels(source: Clip, takes: Sequence[Take]) -> tuple[_Panel, ...]:
    grid = Grid.of(source)
    return (
        _Panel("Input", printable(source.name), source, grid),
        *(
            # A loose take is read on the grid of what was handed in.
            _Panel(f"Take {take.index + 1}", f"seed {take.seed}", take.clip, grid)
            for take in takes
        ),
    )


def _draw_title(canvas: Canvas, source: Clip) -> None:
    middle = _TITLE / 2 + 3
    canvas.text(_MARGIN, middle, "Clipbridge", _ACCENT, size=25, bold=True)
    bars = "1 bar" if source.bars == 1 else f"{source.bars} bars"
    canvas.text(
        WIDTH - _MARGIN,
        middle + 2,
        f"{source.tempo:g} bpm · {source.numerator}/{source.denominator} · {bars}",
        _QUIET,
        size=16,
        anchor="r",
    )


def _draw_panel(canvas: Canvas, frame: _Frame, panel: _Panel, top: float) -> None:
    bottom = top + frame.panel_height
    canvas.box(_MARGIN, top, WIDTH - _MARGIN, bottom, _PANEL, radius=10)
    middle = top + _HEADER / 2 + 4
    end = canvas.text(_MARGIN + _PADDING, middle, panel.title, _BRIGHT, size=18, bold=True)
    canvas.text(end + 12, middle + 1, panel.note, _QUIET, size=15)
    canvas.text(
        frame.right, middle + 1, in_words(panel.clip, panel.grid), _QUIET, size=15, anchor="r"
    )
    lanes_top = top + _HEADER + _RULER
    strip_top = lanes_top + max(1, len(frame.lanes)) * frame.lane_height
    _draw_lanes(canvas, frame, lanes_top)
    _draw_grid(canvas, frame, panel.clip, lanes_top, strip_top)
    _draw_strip(canvas, frame, panel, strip_top)
    for row, note in _seen_notes(frame, panel.clip):
        _draw_hit(canvas, frame, panel, note, frame.lanes[row], lanes_top + row * frame.lane_height)


def _seen_notes(frame: _Frame, clip: Clip) -> tuple[tuple[int, Note], ...]:
    """The notes within the picture, each behind the row of its lane, from the top row down."""
    rows = {pitch: row for row, lane in enumerate(frame.lanes) for pitch in lane.pitches}
    first = -TICKS_PER_SIXTEENTH / 2
    end = frame.length + TICKS_PER_SIXTEENTH / 4
    seen = [(rows[note.pitch], note) for note in clip.notes if first <= note.start < end]
    return tuple(sorted(seen, key=lambda one: (one[0], one[1].start)))


def _draw_lanes(canvas: Canvas, frame: _Frame, top: float) -> None:
    for row, lane in enumerate(frame.lanes):
        above = top + row * frame.lane_height
        below = above + frame.lane_height
        gap = 1.0 if frame.is_roomy else 0.0
        fill = _SHADED if lane.shaded else _LANE
        canvas.box(frame.left, above, frame.right, below - gap, fill)
        canvas.text(frame.left - 14, (above + below) / 2, lane.name, _QUIET, size=14, anchor="r")


def _draw_grid(canvas: Canvas, frame: _Frame, clip: Clip, top: float, bottom: float) -> None:
    """Lines of steps, beats and bars, as far as they do not run together, and their numbers."""
    bar, beat = clip.ticks_per_bar, TICKS_PER_BEAT * 4 // clip.denominator
    for spacing, colour, width in (
        (TICKS_PER_SIXTEENTH, _STEP_LINE, 1.0),
        (beat, _BEAT_LINE, 1.0),
        (bar, _BAR_LINE, 1.5),
    ):
        if spacing * frame.pixels_per_tick >= _CLOSEST_LINES:
            for tick in range(0, frame.length + 1, spacing):
                canvas.upright(frame.x(tick), top, bottom, colour, width)
    ruler = top - _RULER / 2 + 2
    if beat * frame.pixels_per_tick >= _CLOSEST_NUMBERS:
        for tick in range(0, frame.length, beat):
            number, rest = divmod(tick, bar)
            if rest:
                label = f"{number + 1}.{rest // beat + 1}"
                canvas.text(frame.x(tick), ruler, label, _FAINT, size=12, anchor="m")
    if bar * frame.pixels_per_tick >= _CLOSEST_NUMBERS:
        for number, tick in enumerate(range(0, frame.length, bar), start=1):
            canvas.text(frame.x(tick), ruler, str(number), _BRIGHT, size=13, anchor="m", bold=True)


def _draw_hit(
    canvas: Canvas, frame: _Frame, panel: _Panel, note: Note, lane: Lane, top: float
) -> None:
    """A block from the true onset, its height the velocity; a line on the grid; a tail between."""
    strength = note.velocity / 127
    edge = 2.0 if frame.is_roomy else 0.5
    room = frame.lane_height - 2 * edge
    bottom = top + frame.lane_height - edge
    height = max(3.0, room * strength) if panel.clip.drums else max(3.0, room)
    onset, grid = frame.x(note.start), frame.x(panel.grid.place_of(note))
    longest = TICKS_PER_SIXTEENTH * 0.6 if panel.clip.drums else note.duration
    width = max(5.0, min(note.duration, longest) * frame.pixels_per_tick)
    colour = mixed(_LANE, lane.colour, 0.35 + 0.65 * strength)
    end = min(onset + width, frame.right)
    if note.mute:
        canvas.frame(onset, bottom - height, end, bottom, _FAINT)
        return
    canvas.box(onset, bottom - height, end, bottom, colour, radius=2.5)
    if frame.is_roomy:
        canvas.level(bottom - height / 2, min(grid, onset), max(grid, onset), _BRIGHT, 2.0)
        canvas.upright(grid, bottom - room, bottom, _BRIGHT, 1.5)


def _draw_strip(canvas: Canvas, frame: _Frame, panel: _Panel, top: float) -> None:
    """A stem for each hit, at its place on the grid: up is late, down is early."""
    middle = top + _STRIP / 2 + 4
    per_ms = _STRIP_HALF / _RANGE_MS
    label_x = frame.left - 14
    for ms, label in ((_SCALE_MS, "20 ms late"), (-_SCALE_MS, "20 ms early")):
        y = middle - ms * per_ms
        canvas.level(y, frame.left, frame.right, _STEP_LINE, 1.0)
        canvas.text(label_x, y, label, _FAINT, size=12, anchor="r")
    canvas.level(middle, frame.left, frame.right, _BAR_LINE, 1.0)
    canvas.text(label_x, middle, "on the grid", _QUIET, size=12, anchor="r")
    step = TICKS_PER_SIXTEENTH * frame.pixels_per_tick
    for place, hits in _hits_by_place(frame, panel).items():
        # Hits of one place stand side by side, the lowest lane left, within half a step.
        apart = min(8.0, step / 2 / len(hits))
        for number, (note, lane) in enumerate(hits):
            x = frame.x(place) + (number - (len(hits) - 1) / 2) * apart
            late = panel.grid.lateness_ms(note, panel.clip.tempo)
            _draw_stem(canvas, x, middle, late * per_ms, lane.colour)


def _hits_by_place(frame: _Frame, panel: _Panel) -> dict[Ticks, list[tuple[Note, Lane]]]:
    hits: dict[Ticks, list[tuple[Note, Lane]]] = {}
    for row, note in reversed(_seen_notes(frame, panel.clip)):
        if not note.mute:
            hits.setdefault(panel.grid.place_of(note), []).append((note, frame.lanes[row]))
    return hits


def _draw_stem(canvas: Canvas, x: float, middle: float, rise: float, colour: Colour) -> None:
    """Up for a positive rise; what is beyond the strip ends in a wedge at its edge."""
    furthest = _STRIP_HALF
    tip = middle - max(-furthest, min(furthest, rise))
    canvas.upright(x, min(middle, tip), max(middle, tip), mixed(_PANEL, colour, 0.6), 1.5)
    if abs(rise) > furthest:
        canvas.wedge(x, tip, tip + math.copysign(6.0, rise), colour)
    else:
        canvas.dot(x, tip, 3.0, colour)


def _draw_legend(canvas: Canvas, middle: float, frame: _Frame, *, drums: bool) -> None:
    """What the marks mean, in a row."""
    colour = PIECE_COLOURS[Piece.SNARE] if drums else MELODY_COLOUR
    x, bottom = _MARGIN + _PADDING, middle + 9
    for strength in (0.25, 0.6, 1.0):
        height = 18 * strength if drums else 12
        fill = mixed(_LANE, colour, 0.35 + 0.65 * strength)
        canvas.box(x, bottom - height, x + 9, bottom, fill, radius=2.5)
        x += 13
    x = canvas.text(x + 6, middle, "soft to hard", _QUIET, size=14) + 46
    if frame.is_roomy:
        canvas.box(x + 9, bottom - 16, x + 26, bottom, colour, radius=2.5)
        canvas.level(bottom - 8, x, x + 9, _BRIGHT, 2.0)
        canvas.upright(x, bottom - 18, bottom, _BRIGHT, 1.5)
        words = "line: the grid, block: as played (true to scale)"
        x = canvas.text(x + 38, middle, words, _QUIET, size=14) + 46
    for rise in (11.0, -11.0):
        canvas.level(middle, x - 7, x + 7, _BAR_LINE, 1.0)
        _draw_stem(canvas, x, middle, rise, colour)
        x += 14
    words = f"timing: up is late, down is early; a wedge is beyond {_RANGE_MS:g} ms"
    canvas.text(x + 4, middle, words, _QUIET, size=14)
