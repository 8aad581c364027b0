"""The MIDI Tools of Live 12: small panels in the Clip View."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from max_devices.builder.boxes import (
    FLOAT,
    INT,
    PERCENT,
    Info,
    Place,
    button,
    comment,
    dial,
    new_object,
    panel,
    script,
    switch,
)
from max_devices.builder.controls import small_number, style, temperature
from max_devices.builder.patcher import Patcher
from max_devices.builder.surface import LINE, Surface, lead

WIDTH: Final = 152
"""Of Live's panel for MIDI Tools."""

EDGE: Final = 4
TRANSFORMATION: Final = "natt"
GENERATOR: Final = "nagg"
OUTLETS: Final = 5


def finish(surface: Surface, script_name: str) -> Patcher:
    """Lay the cords of a MIDI Tool: from Live's question to its answer, and as in a device."""
    patcher = surface.patcher
    run = patcher.add(script(script_name, OUTLETS, 2))
    ask = patcher.add(new_object("live.miditool.in", 1, ["", "", ""]))
    answer = patcher.add(new_object("live.miditool.out", 1, []))
    again = patcher.add(new_object("deferlow", 1, [""]))
    patcher.connect(ask, 0, run, 0)
    patcher.connect(ask, 1, run, 1)
    patcher.connect(run, 3, answer)
    patcher.connect(run, 4, again)
    patcher.connect(again, 0, ask)
    lead(surface, run)
    return patcher


def _begin(tool: str, number: int, kind: str) -> Surface:
    surface = Surface(tool, WIDTH, number, kind)
    inner = WIDTH - 2 * EDGE
    surface.text(
        "state",
        comment(
            "Looking for the bridge…", Place(EDGE + 3, EDGE + 3, inner - 6, 38),
            colour="live_lcd_control_fg", varname="state",
        ),
    )  # fmt: skip
    surface.patcher.add(panel(Place(EDGE, EDGE, inner, 44), "live_lcd_bg"))
    return surface


def _seed(surface: Surface, y: int) -> None:
    small_number(
        surface, "seed", "Seed", (EDGE, y, 68),
        Info("Seed", "The same seed on the same notes gives the same."), (1, 999999, 1), kind=FLOAT,
    )  # fmt: skip
    surface.button(
        button(
            "again", "Another", Place(WIDTH - EDGE - 68, y + 15, 68, LINE),
            Info("Another", "Plays it another time, otherwise."),
        ),
        "again",
    )  # fmt: skip


def groove(number: int) -> Surface:
    """Groove on the notes that are selected."""
    surface = _begin("Groove", number, TRANSFORMATION)
    surface.control(
        dial(
            "amount", Place(EDGE, 54, 48, 48),
            Info("Amount", "How far the hits move: 0 % leaves the notes as they are."),
            (0.0, 100.0, 100.0), unit=PERCENT,
        )
    )  # fmt: skip
    temperature(surface, EDGE + 48, 54, "How far takes differ: 0 is the likeliest, 1 as played.")
    surface.control(
        switch(
            "centre", "Centre", Place(WIDTH - EDGE - 44, 70, 44, LINE),
            Info("Centre", "Takes out the mean push or drag, so that the take sits on the grid."),
            on=False,
        )
    )  # fmt: skip
    _seed(surface, 112)
    return surface


def drumify(number: int) -> Surface:
    """Drums in place of the notes that are selected."""
    surface = _begin("Drumify", number, TRANSFORMATION)
    temperature(surface, EDGE, 54, "How far takes differ: 0 is the likeliest, 1 as played.")
    small_number(
        surface, "most", "At once", (EDGE + 54, 54, 38),
        Info("At Once", "How many pieces may be struck together, at the most."), (1, 9, 4),
        kind=INT,
    )  # fmt: skip
    surface.control(
        switch(
            "fill", "Fill", Place(WIDTH - EDGE - 44, 69, 44, LINE),
            Info("Fill", "Whether hits may also stand between the onsets."), on=True,
        )
    )  # fmt: skip
    surface.control(
        switch(
            "swing", "Swing", Place(WIDTH - EDGE - 44, 88, 44, LINE),
            Info("Swing", "Whether hits on an onset are as early or late as it is."), on=True,
        )
    )  # fmt: skip
    _seed(surface, 112)
    return surface


def generate(number: int) -> Surface:
    """Drums from nothing, as long as the selection."""
    surface = _begin("Generate", number, GENERATOR)
    temperature(surface, EDGE, 54, "How far takes stray: 0 is the likeliest, 1 as played.")
    small_number(
        surface, "most", "At once", (EDGE + 54, 54, 38),
        Info("At Once", "How many pieces may be struck together, at the most."), (1, 9, 9),
        kind=INT,
    )  # fmt: skip
    style(surface, EDGE, 106, WIDTH - 2 * EDGE)
    _seed(surface, 124)
    return surface


MIDI_TOOLS: Final[Mapping[str, Callable[[int], Surface]]] = MappingProxyType(
    {"Groove": groove, "Drumify": drumify, "Generate": generate}
)
"""By the name of the tool."""
