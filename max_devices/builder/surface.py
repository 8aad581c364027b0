"""What all devices have: the display, the big button, the row of takes, and what is behind them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from max_devices.builder.boxes import (
    Info,
    Place,
    button,
    comment,
    message,
    new_object,
    panel,
    rule,
    script,
    switch,
)
from max_devices.builder.patcher import Box, Patcher

EDGE: Final = 8
"""Pixels between the device's border and what stands in it."""

LEFT: Final = 176
"""Width of the column on the left, with the display and the button."""

LINE: Final = 15
"""Height of a small button, a menu or a number."""

MIDI_EFFECT: Final = "mmmm"

FIRST_PORT: Final = 17190
"""What a device's udpreceive listens on until the script has found a free port."""


@dataclass(slots=True)
class Surface:
    """A device in the making."""

    tool: str
    width: int
    number: int
    """Of the tool, from 0; no two tools begin on one port."""
    device_type: str = MIDI_EFFECT
    patcher: Patcher = field(init=False)
    shown: list[tuple[str, str]] = field(default_factory=list)
    """Boxes that the script speaks to, by name and id."""
    controls: list[tuple[str, str, str]] = field(default_factory=list)
    """Boxes that speak to the script: their id, what stands before the value, and whether asked."""

    def __post_init__(self) -> None:
        self.patcher = Patcher(self.device_type, self.width)

    def label(self, text: str, place: Place, *, justify: int = 0) -> None:
        """A small text above or beside a control."""
        self.patcher.add(comment(text, place, justify=justify))

    def text(self, name: str, box: Box) -> None:
        """A text that the script changes."""
        self.shown.append((name, self.patcher.add(box)))

    def control(self, box: Box, *, of_part: bool = False) -> None:
        """A control whose value the script wants; one of a part is greyed for the others."""
        name = self.patcher.add(box)
        self.controls.append((name, str(box["varname"]), "asked"))
        if of_part:
            self.shown.append((str(box["varname"]), name))

    def button(self, box: Box, word: str) -> None:
        """A button; word is what the script hears."""
        name = self.patcher.add(box)
        self.controls.append((name, word, ""))
        self.shown.append((str(box["varname"]), name))

    def divide(self, x: int) -> None:
        """A line from top to bottom."""
        self.patcher.add(rule(Place(x, EDGE, 1, 153)))


def begin(tool: str, width: int, number: int, verb: str, *, has_pin: bool = True) -> Surface:
    """A device with its left column; a tool that needs no clip has nothing to pin."""
    surface = Surface(tool, width, number)
    inner = LEFT - 2 * EDGE
    surface.text(
        "clip",
        comment(
            "No clip",
            Place(EDGE + 5, 11, inner - 44, 17),
            colour="live_lcd_control_fg",
            size=12.0,
            bold=True,
            varname="clip",
        ),
    )
    surface.text(
        "place",
        comment(
            "Select a MIDI clip",
            Place(EDGE + 5, 28, inner - 10, 16),
            colour="live_lcd_title",
            varname="place",
        ),
    )
    surface.text(
        "state",
        comment(
            "Looking for the bridge…",
            Place(EDGE + 5, 46, inner - 10, 38),
            colour="live_lcd_control_fg",
            varname="state",
        ),
    )
    if has_pin:
        surface.control(
            switch(
                "pin", "Pin", Place(LEFT - EDGE - 34, 12, 29, LINE),
                Info("Pin", "Keeps this clip as the one that is meant, whatever you select."),
                on=False,
            )
        )  # fmt: skip
    surface.button(
        button(
            "press", verb, Place(EDGE, 92, inner, 27),
            Info(tool, f"{verb}: reads the clip above, asks the bridge, and writes the takes."),
            accent=True, size=12.0,
        ),
        "press",
    )  # fmt: skip
    half = (inner - 4) // 2
    surface.button(
        button(
            "cancel", "Cancel", Place(EDGE, 123, half, LINE),
            Info("Cancel", "Calls off what is being made. Takes that are written stay."),
        ),
        "cancel",
    )  # fmt: skip
    surface.button(
        button(
            "test", "Test", Place(EDGE + half + 4, 123, half, LINE),
            Info("Test", "Asks the bridge how it is; where none runs, starts it."),
        ),
        "test",
    )  # fmt: skip
    _takes_row(surface, inner)
    surface.patcher.add(panel(Place(EDGE, EDGE, inner, 80), "live_lcd_bg"))
    surface.divide(LEFT)
    return surface


def _takes_row(surface: Surface, inner: int) -> None:
    """Previous, next, which one it is, star."""
    top, height = 143, 18
    surface.button(
        button(
            "previous", "‹", Place(EDGE, top, 22, height),
            Info("Previous Take", "Shows the take before: its clip, or its notes in the one clip."),
            size=12.0,
        ),
        "previous",
    )  # fmt: skip
    surface.button(
        button(
            "next", "›", Place(EDGE + 24, top, 22, height),
            Info("Next Take", "Shows the next take: its clip, or its notes in the one clip."),
            size=12.0,
        ),
        "next",
    )  # fmt: skip
    surface.text(
        "take",
        comment("no takes", Place(EDGE + 48, top, inner - 92, height), justify=1, varname="take"),
    )
    surface.button(
        button(
            "star", "Star", Place(EDGE + inner - 42, top, 42, height),
            Info("Star", "Stars the take; one that has no clip of its own gets one."),
        ),
        "star",
    )  # fmt: skip


def finish(surface: Surface, script_name: str) -> Patcher:
    """Lay the cords of a device: MIDI through, the script, the network, the controls."""
    patcher = surface.patcher
    run = patcher.add(script(script_name, 3))
    patcher.connect(
        patcher.add(new_object("midiin", 1, ["int"])), 0, patcher.add(new_object("midiout", 1, []))
    )
    lead(surface, run)
    return patcher


def lead(surface: Surface, run: str) -> None:
    """Lay the cords between a script and Live, the network and the controls."""
    patcher = surface.patcher
    loaded = patcher.add(new_object("live.thisdevice", 1, ["bang", "int", "int"]))
    patcher.connect(loaded, 0, run)
    send = patcher.add(new_object("udpsend 127.0.0.1 17177", 1, []))
    receive = patcher.add(new_object(f"udpreceive {FIRST_PORT + surface.number}", 1, [""]))
    later = patcher.add(new_object("deferlow", 1, [""]))
    patcher.connect(run, 0, send)
    patcher.connect(run, 2, receive)
    patcher.connect(receive, 0, later)
    patcher.connect(later, 0, run)
    gone = patcher.add(new_object("freebang", 1, ["bang"]))
    bye = patcher.add(message("/bridge/bye"))
    patcher.connect(gone, 0, bye)
    patcher.connect(bye, 0, send)
    _lead_controls(surface, later)
    _lead_words(surface, run)
    _arrange(patcher)


def _lead_controls(surface: Surface, later: str) -> None:
    """Each control's value goes to the script behind the control's name, and never at once.

    The script asks the controls for their values, so without deferlow it would call itself.
    """
    patcher = surface.patcher
    for name, word, _ in surface.controls:
        prepend = patcher.add(new_object(f"prepend {word}", 1, [""]))
        patcher.connect(name, 0, prepend)
        patcher.connect(prepend, 0, later)


def _lead_words(surface: Surface, run: str) -> None:
    """What the script says to a control goes by the control's name."""
    patcher = surface.patcher
    names = ["all", *(name for name, _ in surface.shown)]
    ports: Sequence[str] = [""] * (len(names) + 1)
    route = patcher.add(new_object("route " + " ".join(names), len(names) + 1, ports))
    patcher.connect(run, 1, route)
    for name, _, asked in surface.controls:
        if asked:
            patcher.connect(route, 0, name)
    for outlet, (_, name) in enumerate(surface.shown, start=1):
        patcher.connect(route, outlet, name)


def _arrange(patcher: Patcher) -> None:
    """Tidy rows for whoever opens the device in Max's editor."""
    x, y = 20.0, 300.0
    for box in patcher.boxes:
        if "presentation" in box:
            continue
        rect = box["patching_rect"]
        wide = float(str(rect[2])) if isinstance(rect, list) else 100.0
        if x + wide > 1050:
            x, y = 20.0, y + 32.0
        box["patching_rect"] = [x, y, wide, 20.0]
        x += wide + 16.0
