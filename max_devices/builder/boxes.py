"""The boxes that the devices are made of, each as Max itself saves it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from max_devices.builder.palette import COLOURS
from max_devices.builder.patcher import Box, Json

FONT: Final = "Ableton Sans Medium"
BOLD: Final = "Ableton Sans Bold"

FLOAT, INT, ENUM = 0, 1, 2
"""The types of a parameter."""

HIDDEN: Final = 2
"""A parameter that Live neither automates nor stores nor counts as a step to undo."""

PLAIN, PERCENT, NATIVE, KEY = 1, 5, 0, 8
"""How a number is written: as it is, with a %, whole, as the key of a keyboard: C3."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a control stands in the device, in pixels."""

    x: int
    y: int
    width: int
    height: int

    def rect(self) -> list[Json]:
        """As Max writes it."""
        return [float(self.x), float(self.y), float(self.width), float(self.height)]


@dataclass(frozen=True, slots=True)
class Info:
    """What Live's Info View says of a control."""

    title: str
    text: str


def new_object(text: str, inlets: int, outlets: Sequence[str], **more: Json) -> Box:
    """A box with text: ``route take place``."""
    box: Box = {
        "maxclass": "newobj",
        "text": text,
        "numinlets": inlets,
        "numoutlets": len(outlets),
        "patching_rect": [0.0, 0.0, max(30.0, 7.0 * len(text)), 20.0],
    }
    if outlets:
        box["outlettype"] = list(outlets)
    return {**box, **more}


def message(text: str) -> Box:
    """A message box."""
    return {
        "maxclass": "message",
        "text": text,
        "numinlets": 2,
        "numoutlets": 1,
        "outlettype": [""],
        "patching_rect": [0.0, 0.0, max(30.0, 7.0 * len(text)), 20.0],
    }


def script(name: str, outlets: int, inlets: int = 1) -> Box:
    """The box that runs the device's script."""
    return new_object(
        f"js {name}",
        inlets,
        [""] * outlets,
        saved_object_attributes={"filename": name, "parameter_enable": 0},
    )


def comment(
    text: str,
    place: Place,
    *,
    colour: str = "live_control_fg",
    size: float = 9.5,
    justify: int = 0,
    bold: bool = False,
    varname: str = "",
) -> Box:
    """A text; justify 0 left, 1 middle, 2 right."""
    box: Box = {
        "maxclass": "live.comment",
        "text": text,
        "textjustification": justify,
        "fontname": BOLD if bold else FONT,
        "fontsize": size,
        "numinlets": 1,
        "numoutlets": 0,
    }
    if varname:
        box["varname"] = varname
    return {**box, **_shown(place), **_coloured({"textcolor": colour})}


def panel(place: Place, colour: str) -> Box:
    """A coloured area behind everything else."""
    return {
        "maxclass": "panel",
        "mode": 0,
        "angle": 270.0,
        "proportion": 0.5,
        "rounded": 3,
        "background": 1,
        "ignoreclick": 1,
        "numinlets": 1,
        "numoutlets": 0,
        **_shown(place),
        **_coloured({"bgcolor": colour}),
    }


def rule(place: Place) -> Box:
    """A line between two groups of controls."""
    return {
        "maxclass": "live.line",
        "numinlets": 1,
        "numoutlets": 0,
        **_shown(place),
        **_coloured({"linecolor": "live_contrast_frame"}),
    }


def button(
    name: str, text: str, place: Place, info: Info, *, accent: bool = False, size: float = 9.5
) -> Box:
    """A button that is pressed; no parameter of the Set and no step to undo."""
    colours = (
        {
            "activebgcolor": "live_control_selection",
            "activebgoncolor": "live_control_bg",
            "activetextcolor": "live_control_fg_on",
            "activetextoncolor": "live_control_fg",
        }
        if accent
        else {}
    )
    value: dict[str, Json] = {
        "parameter_enum": ["Off", "On"],
        "parameter_invisible": HIDDEN,
        "parameter_longname": f"Button {info.title}",
        "parameter_mmax": 1,
        "parameter_modmode": 0,
        "parameter_shortname": info.title,
        "parameter_type": ENUM,
    }
    return {
        "maxclass": "live.text",
        "mode": 0,
        "text": text,
        "texton": text,
        "automation": "Off",
        "automationon": "On",
        "fontname": BOLD if accent else FONT,
        "fontsize": size,
        "rounded": 3.0,
        "numinlets": 1,
        "numoutlets": 2,
        "outlettype": ["", ""],
        **_control(name, place, info, value, colours),
    }


def switch(name: str, text: str, place: Place, info: Info, *, on: bool, short: str = "") -> Box:
    """A button that stays down."""
    value = _valued(info, short, ENUM, 1 if on else 0)
    value |= {"parameter_enum": ["Off", "On"], "parameter_mmax": 1}
    return {
        "maxclass": "live.text",
        "mode": 1,
        "text": text,
        "texton": text,
        "automation": "Off",
        "automationon": "On",
        "fontname": FONT,
        "fontsize": 9.5,
        "rounded": 3.0,
        "numinlets": 1,
        "numoutlets": 2,
        "outlettype": ["", ""],
        **_control(name, place, info, value, {}),
    }


def dial(
    name: str,
    place: Place,
    info: Info,
    span: tuple[float, float, float],
    *,
    unit: int = PLAIN,
    short: str = "",
    is_hidden: bool = False,
) -> Box:
    """A knob; span is its lowest, its highest and its first value.

    A knob that makes the device write into clips is hidden from automation and from undo.
    """
    value = _numbered(info, short, FLOAT, span, unit)
    if is_hidden:
        value["parameter_invisible"] = HIDDEN
    return {
        "maxclass": "live.dial",
        "numinlets": 1,
        "numoutlets": 2,
        "outlettype": ["", "float"],
        **_control(name, place, info, value, {}),
    }


def number(
    name: str,
    place: Place,
    info: Info,
    span: tuple[float, float, float],
    *,
    unit: int = NATIVE,
    kind: int = INT,
    short: str = "",
) -> Box:
    """A number; one with more than 256 steps must be of the kind FLOAT."""
    value = _numbered(info, short, kind, span, unit)
    return {
        "maxclass": "live.numbox",
        "fontname": FONT,
        "fontsize": 9.5,
        "numinlets": 1,
        "numoutlets": 2,
        "outlettype": ["", "float"],
        **_control(name, place, info, value, {}),
    }


def menu(
    name: str, place: Place, info: Info, choices: Sequence[str], first: int = 0, short: str = ""
) -> Box:
    """A menu; what it gives is the place of the choice."""
    value = _valued(info, short, ENUM, first)
    value |= {"parameter_enum": list(choices), "parameter_mmax": len(choices) - 1}
    return {
        "maxclass": "live.menu",
        "fontname": FONT,
        "fontsize": 9.5,
        "numinlets": 1,
        "numoutlets": 3,
        "outlettype": ["", "", "float"],
        **_control(name, place, info, value, {}),
    }


def tabs(
    name: str, place: Place, info: Info, choices: Sequence[str], first: int = 0, short: str = ""
) -> Box:
    """A row of which one is chosen."""
    value = _valued(info, short, ENUM, first)
    value |= {
        "parameter_enum": list(choices),
        "parameter_mmax": len(choices) - 1,
        "parameter_unitstyle": 9,
    }
    return {
        "maxclass": "live.tab",
        "fontname": FONT,
        "fontsize": 9.5,
        "livemode": 1,
        "multiline": 0,
        "num_lines_patching": 1,
        "num_lines_presentation": 1,
        "rounded": 3.0,
        "numinlets": 1,
        "numoutlets": 3,
        "outlettype": ["", "", "float"],
        **_control(name, place, info, value, {}),
    }


def _valued(info: Info, short: str, kind: int, first: float) -> dict[str, Json]:
    return {
        "parameter_initial": [first],
        "parameter_initial_enable": 1,
        "parameter_longname": info.title,
        "parameter_modmode": 0,
        "parameter_shortname": short or info.title,
        "parameter_type": kind,
    }


def _numbered(
    info: Info, short: str, kind: int, span: tuple[float, float, float], unit: int
) -> dict[str, Json]:
    low, high, first = span
    value = _valued(info, short, kind, first)
    value["parameter_unitstyle"] = unit
    # Max leaves out what is as it would be anyway.
    if low != 0:
        value["parameter_mmin"] = low
    if high != 127:
        value["parameter_mmax"] = high
    return value


def _control(
    name: str,
    place: Place,
    info: Info,
    value: Mapping[str, Json],
    colours: Mapping[str, str],
) -> Box:
    coloured = _coloured(colours) if colours else {"saved_attribute_attributes": {}}
    saved = coloured["saved_attribute_attributes"]
    return {
        **_shown(place),
        **coloured,
        "parameter_enable": 1,
        "varname": name,
        "annotation": info.text,
        "annotation_name": info.title,
        "hint": "",
        "saved_attribute_attributes": {
            **(saved if isinstance(saved, Mapping) else {}),
            "valueof": dict(value),
        },
    }


def _shown(place: Place) -> Box:
    return {
        "patching_rect": place.rect(),
        "presentation": 1,
        "presentation_rect": place.rect(),
    }


def _coloured(colours: Mapping[str, str]) -> Box:
    """Colours by Live's own names, with those of its dark theme beside them."""
    literal: Box = {key: list(COLOURS[token]) for key, token in colours.items()}
    saved = {key: {"expression": f"themecolor.{token}"} for key, token in colours.items()}
    return {**literal, "saved_attribute_attributes": saved}
