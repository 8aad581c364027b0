"""Live's colours by the names that it gives them.

The devices follow the theme; the colours of the dark one stand beside each name because Max writes
them, and both are used for the pictures.
"""

from collections.abc import Mapping
from typing import Final

Colour = tuple[float, float, float, float]


def _hex(text: str) -> Colour:
    parts = (round(int(text[place : place + 2], 16) / 255, 6) for place in (0, 2, 4))
    red, green, blue = parts
    return (red, green, blue, 1.0)


DARK: Final[Mapping[str, Colour]] = {
    "live_surface_bg": _hex("363636"),
    "live_lcd_bg": _hex("181818"),
    "live_lcd_control_fg": _hex("6fd4e5"),
    "live_lcd_title": _hex("9a9a9a"),
    "live_control_bg": _hex("1e1e1e"),
    "live_control_fg": _hex("b5b5b5"),
    "live_control_fg_on": _hex("141414"),
    "live_control_selection": _hex("b0ddeb"),
    "live_control_selection_alt": _hex("ffad56"),
    "live_value_arc": _hex("03c3d5"),
    "live_contrast_frame": _hex("242424"),
    "live_control_fg_zombie": _hex("6a6a6a"),
}
"""Live's dark theme, near enough for a picture."""

LIGHT: Final[Mapping[str, Colour]] = {
    "live_surface_bg": _hex("a5a5a5"),
    "live_lcd_bg": _hex("303030"),
    "live_lcd_control_fg": _hex("6fd4e5"),
    "live_lcd_title": _hex("b5b5b5"),
    "live_control_bg": _hex("c4c4c4"),
    "live_control_fg": _hex("101010"),
    "live_control_fg_on": _hex("0a0a0a"),
    "live_control_selection": _hex("ffb532"),
    "live_control_selection_alt": _hex("44c5da"),
    "live_value_arc": _hex("0e7f94"),
    "live_contrast_frame": _hex("8a8a8a"),
    "live_control_fg_zombie": _hex("747474"),
}
"""Live's mid-light theme, near enough for a picture."""

COLOURS: Final = DARK
