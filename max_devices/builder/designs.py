"""The devices: which controls each one has, and where they stand."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from max_devices.builder.boxes import FLOAT, Info, Place, switch
from max_devices.builder.controls import (
    holder,
    kit,
    most,
    percent,
    pieces,
    small_number,
    takes_and_seed,
    temperature,
    write_mode,
)
from max_devices.builder.surface import LEFT, LINE, Surface, begin

X: Final = LEFT + 10
"""Where the controls begin."""


def groove(number: int) -> Surface:
    """A stiff beat, played by a drummer."""
    surface = begin("Groove", 366, number, "Groove")
    percent(
        surface, "amount", (X, 8),
        Info("Amount", "How far the hits move: 0 % leaves the clip as it is."), 100.0,
    )  # fmt: skip
    temperature(surface, X + 56, 8, "How far the takes differ: 0 is the likeliest, 1 as played.")
    takes_and_seed(surface, X + 126, 8)
    surface.control(
        switch(
            "centre", "Centre", Place(X, 59, 104, LINE),
            Info("Centre", "Takes out the mean push or drag, so that the take sits on the grid."),
            on=False,
        )
    )  # fmt: skip
    holder(
        surface, "feel", "Feel", (X, 82, 170),
        "Press with a clip selected: the takes get its timing and accents.",
    )  # fmt: skip
    kit(surface, X, 99, 80)
    write_mode(surface, X, 130, 170, in_place=True)
    return surface


def continuation(number: int) -> Surface:
    """What comes after a beat."""
    surface = begin("Continue", 420, number, "Continue")
    temperature(surface, X, 8, "How far the takes stray: 0 is the likeliest, 1 as played.")
    small_number(
        surface, "bars", "Bars", (X + 56, 8, 40), Info("Bars", "How long a take is."), (1, 32, 4)
    )
    most(surface, X + 56, 42, 9)
    takes_and_seed(surface, X + 104, 8)
    kit(surface, X, 78, 96)
    pieces(surface, X + 110, 78)
    write_mode(surface, X, 130, 96)
    return surface


def drumify(number: int) -> Surface:
    """Drums on any rhythm."""
    surface = begin("Drumify", 420, number, "Drumify")
    temperature(surface, X, 8, "How far the takes differ: 0 is the likeliest, 1 as played.")
    small_number(
        surface, "hits_per_bar", "Hits", (X + 56, 8, 40),
        Info("Hits per Bar", "How many hits a bar has on average; 0 as many as a drummer plays."),
        (0, 64, 0), kind=FLOAT,
    )  # fmt: skip
    most(surface, X + 56, 42, 4)
    takes_and_seed(surface, X + 104, 8)
    surface.control(
        switch(
            "fill", "Fill", Place(X + 162, 23, 64, LINE),
            Info("Fill", "Whether hits may also stand between the onsets of the clip."), on=True,
        )
    )  # fmt: skip
    surface.control(
        switch(
            "swing", "Swing", Place(X + 162, 57, 64, LINE),
            Info("Swing", "Whether hits on an onset are as early or late as it is."), on=True,
        )
    )  # fmt: skip
    kit(surface, X, 78, 96)
    pieces(surface, X + 110, 78)
    write_mode(surface, X, 130, 96)
    return surface


DESIGNS: Final[Mapping[str, Callable[[int], Surface]]] = MappingProxyType(
    {"Groove": groove, "Continue": continuation, "Drumify": drumify}
)
"""By the name of the device."""
