"""What the fields of a message must say of themselves."""

from dataclasses import dataclass
from typing import Annotated

import pytest

from bridge.errors import BadRequestError
from bridge.protocol.parameters import Flag, Real, Record, Several, Text, Whole, layout_of

PIECE = Whole("The piece", 0, 9, "Counted from 0.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner(Record):
    depth: Annotated[float, Real("The depth", -1, 1, "How deep.")]
    loud: Annotated[bool, Flag("The loudness", "Whether it is loud.")] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer(Record):
    inner: Inner
    name: Annotated[str, Text("The name", "Any.")] = "none"
    pieces: Annotated[tuple[int, ...], Several("The pieces", 0, 3, "Some.", PIECE)] = ()


def test_a_layout_lists_the_arguments_of_inner_records_in_their_place():
    layout = layout_of(Outer)
    assert [(slot.name, slot.default) for slot in layout.slots] == [
        ("depth", None),
        ("loud", 1),
        ("name", "none"),
    ]
    assert layout.tags == "fisi"
    assert layout.required == 1


def test_a_field_that_says_nothing_of_itself_is_a_mistake():
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Silent(Record):
        number: int

    with pytest.raises(TypeError, match="number says nothing"):
        layout_of(Silent)


def test_a_default_that_cannot_travel_is_a_mistake():
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Nowhere(Record):
        number: Annotated[int, PIECE] = None

    with pytest.raises(TypeError, match="None does not travel"):
        layout_of(Nowhere)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"pieces": (1, 2, 3, 4)}, "The pieces must be 0 to 3, not 4."),
        ({"pieces": (1, 10)}, "The piece must be a whole number between 0 and 9, not 10."),
        ({"pieces": [1]}, "The pieces must be 0 to 3, not a list."),
        ({"name": None}, "The name must be a word, not a NoneType."),
        ({"name": "x" * 65}, "up to 64 letters, not 65: “x{40}…”."),
    ],
)
def test_a_record_is_valid_from_birth(changes, sentence):
    with pytest.raises(BadRequestError, match=sentence):
        Outer(inner=Inner(depth=0), **changes)
