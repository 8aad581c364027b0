"""What an argument of a message may be, and records that are valid from birth by it.

A field of a message is typed ``Annotated[int, Whole(...)]``: the annotation is the one place where
its range, unit and meaning stand. Reader, manual, device constants and tests all go by it.
"""

import dataclasses
import math
from dataclasses import MISSING, dataclass
from typing import ClassVar, Final, TypeAlias

from bridge.errors import BadRequestError
from bridge.osc.message import INT32_HIGH, Atom

MAX_INT: Final = INT32_HIGH
"""The greatest whole number that travels."""

_SHOWN_LETTERS: Final = 40
"""Of a wrong value in an error's text."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number; one that comes as a float without a fraction is as good."""

    tag: ClassVar[str] = "i"
    name: str
    """How a sentence about it begins: "The number of takes"."""
    low: int
    high: int
    meaning: str
    unit: str = ""
    beyond: type[BadRequestError] = BadRequestError
    """What a number above the range is refused with."""

    def accept(self, value: object) -> int:
        """The value as an int in range.

        Raises:
            BadRequestError: in words, if it is none.
        """
        number = _whole(value)
        if number is None or not self.low <= number <= self.high:
            refusal = self.beyond if number is not None and number > self.high else BadRequestError
            raise refusal(
                f"{self.name} must be a whole number between {self.low:,} and {self.high:,},"
                f" not {_shown(value)}."
            )
        return number


@dataclass(frozen=True, slots=True)
class Real:
    """A number with a fraction; a whole one is as good."""

    tag: ClassVar[str] = "f"
    name: str
    low: float
    high: float
    meaning: str
    unit: str = ""

    def accept(self, value: object) -> float:
        """The value as a float in range, which NaN is not.

        Raises:
            BadRequestError: in words, if it is none.
        """
        if not isinstance(value, int | float) or not self.low <= value <= self.high:
            raise BadRequestError(
                f"{self.name} must be a number between {self.low:g} and {self.high:g},"
                f" not {_shown(value)}."
            )
        return float(value)


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no, which travels as 1 or 0."""

    tag: ClassVar[str] = "i"
    name: str
    meaning: str
    unit: ClassVar[str] = ""
    low: ClassVar[int] = 0
    high: ClassVar[int] = 1

    def accept(self, value: object) -> bool:
        """The value as a bool.

        Raises:
            BadRequestError: in words, if it is neither 0 nor 1.
        """
        number = _whole(value)
        if number not in (0, 1):
            raise BadRequestError(f"{self.name} must be 1 (yes) or 0 (no), not {_shown(value)}.")
        return number == 1


@dataclass(frozen=True, slots=True)
class Text:
    """A string, free up to a length or one of a fixed set."""

    tag: ClassVar[str] = "s"
    name: str
    meaning: str
    limit: int = 64
    """Bytes of UTF-8: letters beyond ASCII take two to four."""
    choices: tuple[str, ...] = ()
    """All that may be said; empty where anything may."""
    unit: ClassVar[str] = ""

    def accept(self, value: object) -> str:
        """The value as a string that can travel.

        Raises:
            BadRequestError: in words, if it cannot.
        """
        if not isinstance(value, str):
            raise BadRequestError(f"{self.name} must be a word, not {_shown(value)}.")
        if self.choices and value not in self.choices:
            raise BadRequestError(
                f"{self.name} must be one of {', '.join(self.choices)}, not {_shown(value)}."
            )
        try:
            size = len(value.encode())
        except UnicodeEncodeError as error:
            raise BadRequestError(f"{self.name} has letters that UTF-8 cannot hold.") from error
        if size > self.limit:
            raise BadRequestError(
                f"{self.name} must have up to {self.limit} letters, not {size}: {_shown(value)}."
            )
        if "\0" in value:
            raise BadRequestError(f"{self.name} has a NUL in it.")
        return value


@dataclass(frozen=True, slots=True)
class Several:
    """The end of a message: one thing, several times."""

    name: str
    least: int
    most: int
    meaning: str
    item: "Whole | type[Record]"
    """A number, or a record of several arguments."""

    def accept(self, values: object) -> "tuple[int, ...] | tuple[Record, ...]":
        """The values as a tuple of the right length.

        Raises:
            BadRequestError: in words, if there are too few, too many, or wrong ones among them.
        """
        if not isinstance(values, tuple) or not self.least <= len(values) <= self.most:
            count = len(values) if isinstance(values, tuple) else _shown(values)
            raise BadRequestError(f"{self.name} must be {self.least} to {self.most}, not {count}.")
        if isinstance(self.item, Whole):
            return tuple(self.item.accept(value) for value in values)
        return values


Parameter: TypeAlias = Whole | Real | Flag | Text


@dataclass(frozen=True, slots=True)
class Record:
    """Values that travel together; those of its fields that are annotated are checked at birth."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            annotation = annotation_of(field)
            if annotation is not None:
                accepted = annotation.accept(getattr(self, field.name))
                object.__setattr__(self, field.name, accepted)


@dataclass(frozen=True, slots=True)
class Slot:
    """One argument of a message in its place."""

    name: str
    parameter: Parameter
    default: Atom | None
    """What holds where the argument is left out; None where it must be given."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The arguments of a message in their order."""

    slots: tuple[Slot, ...]
    """Those that come once."""
    tail: Several | None = None
    """What may follow them, several times."""

    @property
    def required(self) -> int:
        """How many arguments cannot be left out, without the tail."""
        return sum(slot.default is None for slot in self.slots)

    @property
    def tail_slots(self) -> tuple[Slot, ...]:
        """The arguments that make one item of the tail."""
        if self.tail is None:
            return ()
        if isinstance(self.tail.item, Whole):
            return (Slot("piece", self.tail.item, None),)
        return layout_of(self.tail.item).slots

    @property
    def tags(self) -> str:
        """The OSC types, those of the tail once."""
        return "".join(slot.parameter.tag for slot in (*self.slots, *self.tail_slots))


def layout_of(kind: type[Record]) -> Layout:
    """The arguments of a record, those of records within it in their place."""
    slots: list[Slot] = []
    tail: Several | None = None
    for field in dataclasses.fields(kind):
        match annotation_of(field):
            case None:
                slots.extend(layout_of(record_of(field)).slots)
            case Several() as several:
                tail = several
            case parameter:
                default = None if field.default is MISSING else _atom(field.default)
                slots.append(Slot(field.name, parameter, default))
    return Layout(tuple(slots), tail)


def annotation_of(field: "dataclasses.Field[object]") -> Parameter | Several | None:
    """What a field says of its values; None where it holds a record."""
    for note in getattr(field.type, "__metadata__", ()):
        if isinstance(note, Whole | Real | Flag | Text | Several):
            return note
    return None


def record_of(field: "dataclasses.Field[object]") -> type[Record]:
    """The record that a field without annotation holds."""
    if isinstance(field.type, type) and issubclass(field.type, Record):
        return field.type
    raise TypeError(f"The field {field.name} says nothing of its range and meaning.")


def _atom(default: object) -> Atom:
    if isinstance(default, bool):
        return int(default)
    if isinstance(default, int | float | str):
        return default
    raise TypeError(f"{default!r} does not travel, so it can be no default.")


def _whole(value: object) -> int | None:
    """A number without a fraction as an int; None for all else."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return int(value)
    return None


def _shown(value: object) -> str:
    """A value as it stands in a sentence."""
    match value:
        case str():
            short = value if len(value) <= _SHOWN_LETTERS else value[:_SHOWN_LETTERS] + "…"
            return f"“{short}”"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,g}"
        case _:
            return f"a {type(value).__name__}"
