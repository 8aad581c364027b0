"""A patcher in the making: boxes, cords, parameters, and the JSON that Max reads."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
Box = dict[str, Json]

HEIGHT: Final = 169
"""A device's height in Live; what stands below is cut off."""

BANK: Final = 8
"""Controls of one bank on Push."""

APPLICATION: Final[Mapping[str, Json]] = {
    "major": 8,
    "minor": 5,
    "revision": 5,
    "architecture": "x64",
    "modernui": 1,
}
"""Max 8.5, which Live 11.3 brings: later ones read its patchers."""

LEAST_LIVE: Final[Mapping[str, tuple[int, int]]] = {
    "mmmm": (11, 3),
    "natt": (12, 0),
    "nagg": (12, 0),
}
"""The oldest Live in which a kind of device works, by its four letters."""

LEAST_MAX: Final = "8.5"

CREATED: Final = 3590052786
"""The date of Max's own template."""

TYPES: Final[Mapping[str, int]] = {
    "mmmm": 1835887981,
    "natt": 1851880564,
    "nagg": 1851877223,
}
"""The kinds of device as the patcher says them: their four letters as a number."""


@dataclass(slots=True)
class Patcher:
    """Boxes and cords; ids are given in the order in which boxes come."""

    device_type: str
    width: int
    boxes: list[Box] = field(default_factory=list)
    cords: list[tuple[str, int, str, int]] = field(default_factory=list)

    def add(self, box: Box) -> str:
        """Add a box; its id comes back."""
        name = f"obj-{len(self.boxes) + 1}"
        self.boxes.append({"id": name, **box})
        return name

    def connect(self, source: str, outlet: int, target: str, inlet: int = 0) -> None:
        """Lead an outlet of one box to an inlet of another."""
        self.cords.append((source, outlet, target, inlet))

    def text(self, dependencies: Sequence[tuple[str, str]]) -> bytes:
        """The patcher as JSON; dependencies are names and types of the files inside."""
        patcher: dict[str, Json] = {
            "fileversion": 1,
            "appversion": APPLICATION,
            "classnamespace": "box",
            "rect": [60, 100, 1100, 760],
            "openrect": [0, 0, self.width, HEIGHT],
            "bglocked": 0,
            "openinpresentation": 1,
            "default_fontsize": 10.0,
            "default_fontface": 0,
            "default_fontname": "Arial Bold",
            "gridonopen": 1,
            "gridsize": [8.0, 8.0],
            "gridsnaponopen": 1,
            "objectsnaponopen": 1,
            "statusbarvisible": 2,
            "toolbarvisible": 1,
            "lefttoolbarpinned": 0,
            "toptoolbarpinned": 0,
            "righttoolbarpinned": 0,
            "bottomtoolbarpinned": 0,
            "toolbars_unpinned_last_save": 0,
            "tallnewobj": 0,
            "boxanimatetime": 500,
            "enablehscroll": 1,
            "enablevscroll": 1,
            "devicewidth": self.width,
            "description": "",
            "digest": "",
            "tags": "",
            "style": "",
            "subpatcher_template": "",
            "assistshowspatchername": 0,
            "boxes": [{"box": box} for box in self.boxes],
            "lines": [
                {"patchline": {"source": [source, outlet], "destination": [target, inlet]}}
                for source, outlet, target, inlet in self.cords
            ],
            "parameters": self._registry(),
            "dependency_cache": [
                {"name": name, "bootpath": ".", "type": kind, "implicit": 1}
                for name, kind in dependencies
            ],
            "latency": 0,
            "is_mpe": 0,
            "minimum_live_version": "{}.{}".format(*LEAST_LIVE[self.device_type]),
            "minimum_max_version": LEAST_MAX,
            "platform_compatibility": 0,
            "project": self._project(),
            "autosave": 0,
        }
        return json.dumps({"patcher": patcher}, indent="\t", ensure_ascii=False).encode()

    def _registry(self) -> dict[str, Json]:
        registry: dict[str, Json] = {}
        shown: list[str] = []
        for box in self.boxes:
            value = value_of(box)
            if value is None:
                continue
            order = value.get("parameter_order", 0)
            long_name = value["parameter_longname"]
            registry[str(box["id"])] = [long_name, value["parameter_shortname"], order]
            if not value.get("parameter_invisible"):
                shown.append(str(long_name))
        banks: dict[str, Json] = {}
        for first in range(0, len(shown), BANK):
            names = shown[first : first + BANK]
            number = first // BANK
            banks[str(number)] = {
                "index": number,
                "name": "",
                "parameters": names + ["-"] * (BANK - len(names)),
            }
        registry["parameterbanks"] = banks
        registry["inherited_shortname"] = 1
        return registry

    def _project(self) -> dict[str, Json]:
        return {
            "version": 1,
            "creationdate": CREATED,
            "modificationdate": CREATED,
            "viewrect": [0.0, 0.0, 300.0, 500.0],
            "autoorganize": 1,
            "hideprojectwindow": 1,
            "showdependencies": 1,
            "autolocalize": 0,
            "contents": {"patchers": {}},
            "layout": {},
            "searchpath": {},
            "detailsvisible": 0,
            "amxdtype": TYPES[self.device_type],
            "readonly": 0,
            "devpathtype": 0,
            "devpath": ".",
            "sortmode": 0,
            "viewmode": 0,
            "includepackages": 0,
        }


def value_of(box: Mapping[str, Json]) -> Mapping[str, Json] | None:
    """What a control's box says of its parameter; None where it is no parameter."""
    if not box.get("parameter_enable"):
        return None
    saved = box.get("saved_attribute_attributes")
    value = saved.get("valueof") if isinstance(saved, Mapping) else None
    return value if isinstance(value, Mapping) else None
