"""The table as the JSON tree of the OSCQuery proposal, for tools that read such a thing."""

from typing import Final, TypeAlias

from bridge.protocol.parameters import Slot, Text
from bridge.protocol.table import TABLE, Row

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_NONE: Final = 0
"""OSCQuery's access of a node that only holds others."""
_READ: Final = 1
"""OSCQuery's access of what the bridge says."""
_WRITE: Final = 2
"""OSCQuery's access of what clients say."""


def oscquery_tree() -> dict[str, Json]:
    """All addresses as nested nodes: FULL_PATH, CONTENTS, TYPE, DESCRIPTION, RANGE, ACCESS.

    Arguments that a message repeats stand in TYPE and RANGE once.
    """
    return _node("", TABLE)


def _node(path: str, rows: tuple[Row, ...]) -> dict[str, Json]:
    """The node at a path, with all rows at or below it."""
    node: dict[str, Json] = {"FULL_PATH": path or "/", "ACCESS": _NONE}
    below = tuple(row for row in rows if row.address != path)
    for row in rows:
        if row.address == path:
            node.update(_message(row))
    if below:
        names = dict.fromkeys(row.address[len(path) + 1 :].split("/")[0] for row in below)
        node["CONTENTS"] = {
            name: _node(f"{path}/{name}", _at_or_below(f"{path}/{name}", below)) for name in names
        }
    return node


def _at_or_below(path: str, rows: tuple[Row, ...]) -> tuple[Row, ...]:
    return tuple(row for row in rows if row.address == path or row.address.startswith(path + "/"))


def _message(row: Row) -> dict[str, Json]:
    slots = (*row.layout.slots, *row.layout.tail_slots)
    return {
        "TYPE": row.layout.tags,
        "DESCRIPTION": row.meaning,
        "RANGE": [_range(slot) for slot in slots],
        "ACCESS": _READ if row.is_reply else _WRITE,
    }


def _range(slot: Slot) -> Json:
    match slot.parameter:
        case Text(choices=()):
            return None
        case Text(choices=choices):
            return {"VALS": list(choices)}
        case parameter:
            return {"MIN": parameter.low, "MAX": parameter.high}
