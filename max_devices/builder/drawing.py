"""Pictures of the devices, drawn from what the built patcher says, in two of Live's themes.

They are for judging positions, texts and hierarchy: Live draws its own controls and its own
letters, which are near these but not these.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from bridge.music.spelling import key_name
from max_devices.builder.boxes import KEY
from max_devices.builder.palette import Colour
from max_devices.builder.patcher import HEIGHT, Box, Json

ENLARGED: Final = 2
"""Pixels of the picture for one of the device."""

FINE: Final = 3
"""Shapes are drawn so much larger and made small, for smooth edges."""

TITLE: Final = 18
"""Height of the bar that Live puts above a device."""

RGB = tuple[int, int, int]


class Drawing:
    """A picture of one device; lengths are in pixels of the device."""

    def __init__(self, title: str, width: int, theme: Mapping[str, Colour]) -> None:
        """An empty device with Live's bar above."""
        self._scale = ENLARGED * FINE
        self._theme = theme
        size = (width * self._scale, (HEIGHT + TITLE) * self._scale)
        self._image = Image.new("RGB", size, self._tone("live_surface_bg"))
        self._draw = ImageDraw.Draw(self._image)
        self._top = 0
        self._area(0, 0, width, TITLE, "live_contrast_frame")
        self._dot(10, TITLE / 2, 4, "live_control_selection_alt")
        self._text(title, 20, TITLE / 2, 10, "live_control_fg", bold=True)
        self._top = TITLE

    def save(self, path: Path) -> None:
        """Write the picture, small."""
        small = self._image.reduce(FINE).quantize(64)
        small.save(path, "PNG", optimize=True)

    def box(self, box: Box, words: Mapping[str, str], values: Mapping[str, float]) -> None:
        """Draw a box of the patcher.

        Args:
            box: In presentation; others are not drawn.
            words: What a text says now, by its name, where it is not what it says at first.
            values: What a control stands at, in the same way.
        """
        if not box.get("presentation"):
            return
        match box["maxclass"]:
            case "panel":
                self._panel(box)
            case "live.line":
                x, y, width, height = _rect(box)
                self._area(x, y, x + width, y + height, _token(box, "linecolor"))
            case "live.comment":
                self._comment(box, words)
            case "live.text":
                self._button(box, words, values)
            case "live.dial":
                self._dial(box, values)
            case "live.numbox":
                self._value_box(box, values)
            case "live.menu":
                self._menu(box, values)
            case "live.tab":
                self._tabs(box, values)

    def _panel(self, box: Box) -> None:
        x, y, width, height = _rect(box)
        self._area(x, y, x + width, y + height, _token(box, "bgcolor"), radius=3)

    def _comment(self, box: Box, words: Mapping[str, str]) -> None:
        x, y, width, height = _rect(box)
        text = words.get(str(box.get("varname")), str(box["text"]))
        size = _number(box["fontsize"])
        bold = "Bold" in str(box.get("fontname"))
        lines = self._wrapped(text, size, width - 4)
        line = size * 1.25
        middle = y + size * 0.75 + 2 if height > 2 * line else y + height / 2
        for row, words_of_line in enumerate(lines):
            at = middle + row * line
            colour = _token(box, "textcolor")
            justify = _number(box.get("textjustification", 0))
            anchor = {0: "l", 1: "m", 2: "r"}[int(justify)]
            where = {"l": x + 2, "m": x + width / 2, "r": x + width - 2}[anchor]
            self._text(words_of_line, where, at, size, colour, anchor=anchor, bold=bold)

    def _button(self, box: Box, words: Mapping[str, str], values: Mapping[str, float]) -> None:
        x, y, width, height = _rect(box)
        greyed = _is_greyed(box, values)
        is_on = _number(box["mode"]) == 1 and _value(box, values) > 0 and not greyed
        accent = "activebgcolor" in _expressions(box)
        if accent:
            ground, letters = "live_control_selection", "live_control_fg_on"
        elif is_on:
            ground, letters = "live_control_selection_alt", "live_control_fg_on"
        else:
            ground, letters = "live_control_bg", "live_control_fg"
        if greyed:
            letters = "live_control_fg_zombie"
        self._area(x, y, x + width, y + height, ground, radius=3)
        text = words.get(str(box["varname"]), str(box["text"]))
        size = _number(box["fontsize"])
        middle = (x + width / 2, y + height / 2)
        if text == "×":
            self._cross(*middle, 2.6, letters)
        else:
            self._text(text, *middle, size, letters, anchor="m", bold=accent)

    def _dial(self, box: Box, values: Mapping[str, float]) -> None:
        x, y, width, _ = _rect(box)
        middle, centre, radius = x + width / 2, y + 25.5, 9.5
        self._text(_short(box), middle, y + 6, 9.5, "live_control_fg", anchor="m")
        low, high = _range(box)
        share = (_value(box, values) - low) / (high - low)
        self._arc(middle, centre, radius, 0.0, 1.0, "live_control_bg")
        self._arc(middle, centre, radius, 0.0, share, "live_value_arc")
        angle = math.radians(135 + 270 * share)
        tip = (middle + math.cos(angle) * (radius - 1), centre + math.sin(angle) * (radius - 1))
        self._line(middle, centre, *tip, "live_control_fg")
        self._text(_said(box, values), middle, y + 42, 9.5, "live_control_fg", anchor="m")

    def _value_box(self, box: Box, values: Mapping[str, float]) -> None:
        x, y, width, height = _rect(box)
        self._area(x, y, x + width, y + height, "live_control_bg")
        text, letters = _said(box, values), _letters(box, values)
        self._text(text, x + width / 2, y + height / 2, 9.5, letters, anchor="m")

    def _menu(self, box: Box, values: Mapping[str, float]) -> None:
        x, y, width, height = _rect(box)
        self._area(x, y, x + width, y + height, "live_control_bg")
        text, letters = _choices(box)[int(_value(box, values))], _letters(box, values)
        self._text(text, x + 5, y + height / 2, 9.5, letters)
        tip = x + width - 7
        self._wedge(tip, y + height / 2, 2.5, letters)

    def _tabs(self, box: Box, values: Mapping[str, float]) -> None:
        x, y, width, height = _rect(box)
        choices = _choices(box)
        chosen = int(_value(box, values))
        each = width / len(choices)
        for number, text in enumerate(choices):
            left = x + number * each + (0.5 if number else 0)
            right = x + (number + 1) * each - (0.5 if number + 1 < len(choices) else 0)
            is_on = number == chosen
            ground = "live_control_selection_alt" if is_on else "live_control_bg"
            letters = "live_control_fg_on" if is_on else "live_control_fg"
            self._area(left, y, right, y + height, ground)
            self._text(text, (left + right) / 2, y + height / 2, 9.5, letters, anchor="m")

    def _wrapped(self, text: str, size: float, width: float) -> list[str]:
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self._font(size).getlength(longer) / self._scale <= width:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    def _text(
        self,
        text: str,
        x: float,
        y: float,
        size: float,
        token: str,
        *,
        anchor: str = "l",
        bold: bool = False,
    ) -> None:
        self._draw.text(
            (x * self._scale, (y + self._top + size * 0.35) * self._scale),
            text,
            self._tone(token),
            self._font(size),
            anchor=f"{anchor}s",
            stroke_width=self._scale * 0.09 if bold else 0,
        )

    def _area(
        self, left: float, top: float, right: float, bottom: float, token: str, radius: float = 0
    ) -> None:
        corners = (left, top + self._top, right, bottom + self._top)
        place = [corner * self._scale for corner in corners]
        place[2] -= 1
        place[3] -= 1
        self._draw.rounded_rectangle(place, radius * self._scale, self._tone(token))

    def _dot(self, x: float, y: float, radius: float, token: str) -> None:
        self._area(x - radius, y - radius, x + radius, y + radius, token, radius=radius)

    def _arc(self, x: float, y: float, radius: float, start: float, end: float, token: str) -> None:
        y += self._top
        corners = (x - radius, y - radius, x + radius, y + radius)
        self._draw.arc(
            [corner * self._scale for corner in corners],
            135 + 270 * start,
            135 + 270 * end,
            self._tone(token),
            round(2.4 * self._scale),
        )

    def _line(self, left: float, top: float, right: float, bottom: float, token: str) -> None:
        place = [left, top + self._top, right, bottom + self._top]
        scaled = [number * self._scale for number in place]
        self._draw.line(scaled, self._tone(token), round(1.3 * self._scale))

    def _cross(self, x: float, y: float, half: float, token: str) -> None:
        self._line(x - half, y - half, x + half, y + half, token)
        self._line(x - half, y + half, x + half, y - half, token)

    def _wedge(self, x: float, y: float, half: float, token: str) -> None:
        y += self._top
        corners = [(x - half, y - half / 2), (x + half, y - half / 2), (x, y + half)]
        scaled = [(across * self._scale, down * self._scale) for across, down in corners]
        self._draw.polygon(scaled, self._tone(token))

    def _tone(self, token: str) -> RGB:
        red, green, blue, _ = self._theme[token]
        return round(red * 255), round(green * 255), round(blue * 255)

    def _font(self, size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
        return ImageFont.load_default(size * self._scale)


def _rect(box: Box) -> tuple[float, float, float, float]:
    x, y, width, height = (_number(part) for part in _list(box["presentation_rect"]))
    return x, y, width, height


def _token(box: Box, attribute: str) -> str:
    return _expressions(box)[attribute].removeprefix("themecolor.")


def _expressions(box: Box) -> dict[str, str]:
    saved = box.get("saved_attribute_attributes")
    parts = saved.items() if isinstance(saved, Mapping) else ()
    return {
        name: str(value["expression"])
        for name, value in parts
        if isinstance(value, Mapping) and "expression" in value
    }


def _valueof(box: Box) -> Mapping[str, Json]:
    saved = box["saved_attribute_attributes"]
    value = saved["valueof"] if isinstance(saved, Mapping) else {}
    return value if isinstance(value, Mapping) else {}


def _value(box: Box, values: Mapping[str, float]) -> float:
    first = _list(_valueof(box).get("parameter_initial", [0]))
    return values.get(str(box["varname"]), _number(first[0]))


def _range(box: Box) -> tuple[float, float]:
    value = _valueof(box)
    return _number(value.get("parameter_mmin", 0)), _number(value.get("parameter_mmax", 127))


def _is_greyed(box: Box, values: Mapping[str, float]) -> bool:
    return values.get(f"{box['varname']} active", 1) == 0


def _letters(box: Box, values: Mapping[str, float]) -> str:
    return "live_control_fg_zombie" if _is_greyed(box, values) else "live_control_fg"


def _said(box: Box, values: Mapping[str, float]) -> str:
    value = _value(box, values)
    unit = _number(_valueof(box).get("parameter_unitstyle", 0))
    if unit == KEY:
        return key_name(round(value))
    if unit == 5:
        return f"{value:.0f} %"
    return f"{value:.2f}" if unit == 1 else f"{value:.0f}"


def _choices(box: Box) -> list[str]:
    return [str(choice) for choice in _list(_valueof(box)["parameter_enum"])]


def _short(box: Box) -> str:
    return str(_valueof(box)["parameter_shortname"])


def _list(value: Json) -> list[Json]:
    return list(value) if isinstance(value, list | tuple) else []


def _number(value: Json) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
