"""A patcher that was read back, as boxes and cords, with nothing taken on trust."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

COLOUR: Final = "themecolor."


@dataclass(frozen=True, slots=True)
class Box:
    """A box as the file has it."""

    fields: Mapping[str, object]

    @property
    def name(self) -> str:
        """Its id."""
        return str(self.fields.get("id"))

    @property
    def maxclass(self) -> str:
        """What kind of box it is: ``newobj`` for one with text."""
        return str(self.fields.get("maxclass"))

    @property
    def words(self) -> list[str]:
        """Its text, by words."""
        return str(self.fields.get("text", "")).split()

    @property
    def object_name(self) -> str:
        """The object that it is."""
        return self.words[0] if self.maxclass == "newobj" and self.words else self.maxclass

    @property
    def valueof(self) -> Mapping[str, object]:
        """What it says of its parameter."""
        saved = self.fields.get("saved_attribute_attributes")
        value = saved.get("valueof") if isinstance(saved, Mapping) else None
        return value if isinstance(value, Mapping) else {}

    @property
    def is_parameter(self) -> bool:
        """Whether Live knows it as a parameter."""
        return self.fields.get("parameter_enable") == 1

    @property
    def expressions(self) -> dict[str, str]:
        """The attributes that follow the theme, and what they follow."""
        saved = self.fields.get("saved_attribute_attributes")
        parts = saved.items() if isinstance(saved, Mapping) else ()
        return {
            str(key): str(value["expression"])
            for key, value in parts
            if isinstance(value, Mapping) and "expression" in value
        }

    @property
    def rect(self) -> tuple[float, float, float, float] | None:
        """Where it stands in the device: left, top, width, height."""
        numbers = numbers_of(self.fields.get("presentation_rect"))
        if not self.fields.get("presentation") or len(numbers) != 4:
            return None
        left, top, width, height = numbers
        return left, top, width, height


@dataclass(frozen=True, slots=True)
class Cord:
    """From an outlet to an inlet."""

    source: str
    outlet: int
    target: str
    inlet: int


def boxes_of(patcher: Mapping[str, object]) -> tuple[Box, ...]:
    """The boxes, in their order."""
    return tuple(Box(entry) for entry in _entries(patcher.get("boxes"), "box"))


def cords_of(patcher: Mapping[str, object]) -> tuple[Cord, ...]:
    """The cords, in their order."""
    cords = []
    for entry in _entries(patcher.get("lines"), "patchline"):
        ends = (entry.get("source"), entry.get("destination"))
        (source, outlet), (target, inlet) = (end for end in ends if isinstance(end, list))
        cords.append(Cord(str(source), int(outlet), str(target), int(inlet)))
    return tuple(cords)


def numbers_of(value: object) -> list[float]:
    """The numbers of a list; none where it is no list of numbers."""
    values = value if isinstance(value, list) else []
    return [float(part) for part in values if isinstance(part, int | float)]


def _entries(value: object, key: str) -> Iterator[Mapping[str, object]]:
    for entry in value if isinstance(value, list) else ():
        inner = entry.get(key) if isinstance(entry, Mapping) else None
        if isinstance(inner, Mapping):
            yield inner
