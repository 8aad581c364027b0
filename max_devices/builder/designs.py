"""The devices: which controls each one has, and where they stand."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from max_devices.builder.boxes import FLOAT, PERCENT, Info, Place, number, switch, tabs
from max_devices.builder.controls import (
    WIDE,
    chords,
    decimal,
    holder,
    keep,
    kit,
    most,
    part,
    percent,
    pieces,
    pitches,
    scale,
    seed,
    small_number,
    style,
    takes_and_seed,
    temperature,
    way,
    write_mode,
)
from max_devices.builder.surface import EDGE, LEFT, LINE, Surface, begin

X: Final = LEFT + 10
"""Where the controls begin."""

WIDTH: Final = 160
"""Of the first column of controls: a knob and two numbers."""

SECOND: Final = X + WIDTH + 16
"""Where the second column begins: kit and pieces."""

PIECES_WIDTH: Final = 130
"""Of the second column."""

THIRD: Final = SECOND + PIECES_WIDTH + 16
"""Where the third column begins: scale and range."""

PITCHES_WIDTH: Final = 122
"""Of the third column."""

ROWS: Final = (98, 123, 143)
"""The heights of the lines below the knobs; they go on from those of the left column."""

ONE_COLUMN: Final = X + WIDTH + EDGE
TWO_COLUMNS: Final = SECOND + PIECES_WIDTH + EDGE
THREE_COLUMNS: Final = THIRD + PITCHES_WIDTH + EDGE
"""Widths of devices."""


def groove(index: int) -> Surface:
    """A stiff beat, played by a drummer."""
    surface = begin("Groove", ONE_COLUMN, index, "Groove")
    percent(
        surface, "amount", (X, 8),
        Info("Amount", "How far the hits move: 0 % leaves the clip as it is."), 100.0,
    )  # fmt: skip
    temperature(surface, X + 56, 8, "How far the takes differ: 0 is the likeliest, 1 as played.")
    takes_and_seed(surface, X + 116, 8)
    surface.control(
        switch(
            "centre", "Centre", Place(X, 57, 104, LINE),
            Info("Centre", "Takes out the mean push or drag, so that the take sits on the grid."),
            on=False,
        )
    )  # fmt: skip
    holder(
        surface, "feel", "Feel", (X, ROWS[0], WIDTH),
        "Press with a clip selected: the takes get its timing and accents.",
    )  # fmt: skip
    kit(surface, X, ROWS[1], WIDTH)
    write_mode(surface, X, ROWS[2], WIDTH, in_place=True)
    return surface


def continuation(index: int) -> Surface:
    """What comes after a clip."""
    surface = begin("Continue", THREE_COLUMNS, index, "Continue")
    temperature(surface, X, 8, "How far the takes stray: 0 is the likeliest, 1 as played.")
    small_number(
        surface, "bars", "Bars", (X + 60, 8, WIDE), Info("Bars", "How long a take is."), (1, 32, 4)
    )
    most(surface, X + 60, 42, 9)
    takes_and_seed(surface, X + 116, 8)
    surface.control(
        tabs(
            "where", Place(X, 79, WIDTH, LINE),
            Info(
                "Where",
                "After makes what comes after the clip. Inside plays some bars of the clip anew;"
                " the others stay as they are.",
            ),
            ("After", "Inside"),
        )
    )  # fmt: skip
    surface.label("From bar", Place(X - 2, 101, 100, LINE))
    surface.control(
        number(
            "first_bar", Place(X + 116, 101, WIDE, LINE),
            Info("From Bar", "Where Inside begins, counted from the first bar of the clip."),
            (1, 256, 1),
        )
    )  # fmt: skip
    part(
        surface, X, ROWS[1], WIDTH, ("Auto", "Drums", "Melody", "Bass", "Chords"),
        "What the clip is, and its takes. Auto goes by its track's Drum Rack, its name and how it"
        " sounds; Chords is anything of several voices.",
    )  # fmt: skip
    write_mode(surface, X, ROWS[2], WIDTH)
    kit(surface, SECOND, 8, PIECES_WIDTH, of_part=True)
    keep(surface, SECOND, 30, PIECES_WIDTH)
    pieces(surface, SECOND, 92, of_part=True)
    scale(surface, THIRD, 8, PITCHES_WIDTH)
    chords(surface, THIRD, 30, PITCHES_WIDTH)
    pitches(surface, THIRD, 92, PITCHES_WIDTH)
    return surface


def drumify(index: int) -> Surface:
    """Drums on any rhythm."""
    surface = begin("Drumify", TWO_COLUMNS, index, "Drumify")
    temperature(surface, X, 8, "How far the takes differ: 0 is the likeliest, 1 as played.")
    small_number(
        surface, "hits_per_bar", "Hits", (X + 60, 8, WIDE),
        Info("Hits per Bar", "How many hits a bar has on average; 0 as many as a drummer plays."),
        (0, 64, 0), kind=FLOAT,
    )  # fmt: skip
    most(surface, X + 60, 42, 4)
    takes_and_seed(surface, X + 116, 8)
    half = (WIDTH - 4) // 2
    surface.control(
        switch(
            "fill", "Fill", Place(X, ROWS[0], half, LINE),
            Info("Fill", "Whether hits may also stand between the onsets of the clip."), on=True,
        )
    )  # fmt: skip
    surface.control(
        switch(
            "swing", "Swing", Place(X + half + 4, ROWS[0], half, LINE),
            Info("Swing", "Whether hits on an onset are as early or late as it is."), on=True,
        )
    )  # fmt: skip
    write_mode(surface, X, ROWS[2], WIDTH)
    kit(surface, SECOND, 8, PIECES_WIDTH)
    keep(surface, SECOND, 30, PIECES_WIDTH)
    pieces(surface, SECOND, 92)
    return surface


CORNERS: Final = {
    "A": "Press with a clip selected: the way begins there.",
    "B": "Press with a clip selected: the way ends there.",
    "C": "With D, a third clip: the takes become a square, with C below A.",
    "D": "With C, a fourth clip: the takes become a square, with D below B.",
}


def interpolate(index: int) -> Surface:
    """The way between two clips, or the square between four."""
    surface = begin("Interpolate", THREE_COLUMNS, index, "Interpolate")
    way(surface, X, 8)
    small_number(
        surface, "steps", "Steps", (X + 116, 8, WIDE),
        Info("Steps", "How many takes there are, the clips among them; with C and D 9 or 16."),
        (3, 16, 5),
    )  # fmt: skip
    seed(surface, X + 116, 42)
    for corner, (name, text) in enumerate(CORNERS.items()):
        x, y = X + corner % 2 * 82, ROWS[0] + corner // 2 * 20
        holder(surface, name.lower(), name, (x, y, 78), text)
    part(
        surface, X, 77, WIDTH, ("Auto", "Drums", "Pitches"),
        "What the clips are. Auto goes by their tracks' Drum Racks, their names and how they"
        " sound; all are drums or none is.",
    )  # fmt: skip
    write_mode(surface, X, ROWS[2], WIDTH, first=1)
    kit(surface, SECOND, 8, PIECES_WIDTH, of_part=True)
    temperature(surface, SECOND, 30, "How far the way strays: 0 is the likeliest, 1 as played.")
    most(surface, SECOND + 86, 42, 9)
    pieces(surface, SECOND, 92, of_part=True)
    scale(surface, THIRD, 8, PITCHES_WIDTH)
    keep(surface, THIRD, 30, PITCHES_WIDTH)
    pitches(surface, THIRD, 92, PITCHES_WIDTH)
    return surface


def generate(index: int) -> Surface:
    """A part from nothing, or with a clip that stays in it."""
    surface = begin("Generate", THREE_COLUMNS, index, "Generate", has_pin=False)
    temperature(surface, X, 8, "How far the takes stray: 0 is the likeliest, 1 as played.")
    small_number(
        surface, "bars", "Bars", (X + 60, 8, WIDE), Info("Bars", "How long a take is."), (1, 16, 4)
    )
    most(surface, X + 60, 42, 9)
    takes_and_seed(surface, X + 116, 8)
    surface.control(
        switch(
            "ramp", "Variety goes to", Place(X, 79, 104, LINE),
            Info("Ramp", "The variety goes evenly over the take to the number beside."), on=False,
        )
    )  # fmt: skip
    surface.control(
        decimal(
            "end_temperature", Place(X + 116, 79, WIDE, LINE),
            Info("Variety at the End", "What the variety goes to, where its switch is on."),
            (0.0, 2.0, 1.0),
        )
    )  # fmt: skip
    part(
        surface, X, 101, WIDTH, ("Drums", "Melody", "Bass", "Chords"),
        "What is made. Chords is anything of several voices, as a pad or two hands.",
    )  # fmt: skip
    holder(
        surface, "near", "Near", (X, ROWS[1], 112),
        "Press with a clip selected: the takes are like it, in its length and time signature.",
    )  # fmt: skip
    surface.control(
        number(
            "distance", Place(X + 116, ROWS[1], WIDE, LINE),
            Info("Distance", "How far the takes may go from the clip that Near keeps."),
            (0, 100, 50), unit=PERCENT,
        )
    )  # fmt: skip
    write_mode(surface, X, ROWS[2], WIDTH)
    kit(surface, SECOND, 8, PIECES_WIDTH, of_part=True)
    keep(surface, SECOND, 30, PIECES_WIDTH)
    style(surface, SECOND, 52, PIECES_WIDTH, of_part=True)
    pieces(surface, SECOND, 92, of_part=True)
    scale(
        surface, THIRD, 8, PITCHES_WIDTH,
        " Without the switch, Live's scale is a wish, where it is on.",
    )  # fmt: skip
    chords(surface, THIRD, 30, PITCHES_WIDTH)
    pitches(surface, THIRD, 92, PITCHES_WIDTH, has_density=True)
    return surface


DESIGNS: Final[Mapping[str, Callable[[int], Surface]]] = MappingProxyType(
    {
        "Groove": groove,
        "Continue": continuation,
        "Drumify": drumify,
        "Generate": generate,
        "Interpolate": interpolate,
    }
)
"""By the name of the device."""
