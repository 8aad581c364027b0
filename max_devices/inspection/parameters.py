"""Rules about what Live stores, automates and undoes."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from max_devices.inspection.boxes import Box, numbers_of
from max_devices.inspection.subject import Subject

FLOAT, INT, ENUM, BLOB, FILE = range(5)
INT_STEPS: Final = 255
BANK: Final = 8
STORED, HIDDEN = 1, 2
NOT_PARAMETERS: Final = ("parameterbanks", "inherited_shortname", "parameter_overrides")


def registry(subject: Subject) -> Iterator[str]:
    """The patcher's table of parameters says what the boxes say."""
    table = _table(subject)
    found = set()
    for box in _parameters(subject):
        entry = table.get(box.name)
        value = box.valueof
        if not isinstance(entry, list) or len(entry) != 3:
            yield f"{box.name} is a parameter, but not in the patcher's table."
            continue
        found.add(box.name)
        said = [value.get("parameter_longname"), value.get("parameter_shortname")]
        if entry[:2] != said:
            yield f"{box.name} is called {said}, in the table {entry[:2]}."
        if entry[2] != value.get("parameter_order", 0):
            yield f"{box.name} has another order than in the table."
    for name in sorted(set(table) - found - set(NOT_PARAMETERS)):
        yield f"The table has {name}, which is no parameter."


def names(subject: Subject) -> Iterator[str]:
    """Every parameter has its names, and no two share one."""
    for key in ("parameter_longname", "parameter_shortname"):
        said = [str(box.valueof.get(key, "")) for box in _parameters(subject)]
        counted = Counter(said)
        yield from (f"{key} “{name}” is there {n} times." for name, n in counted.items() if n > 1)
        if "" in counted:
            yield f"A parameter has no {key}."
    for box in _parameters(subject):
        if "varname" not in box.fields:
            yield f"{box.name} has no scripting name."
        if "[" in str(box.valueof.get("parameter_longname")):
            yield f"{box.name} was named by Max: {box.valueof.get('parameter_longname')}."


def values(subject: Subject) -> Iterator[str]:
    """Ranges that Live can hold, and first values inside them."""
    for box in _parameters(subject):
        value = box.valueof
        kind = value.get("parameter_type")
        low, high = _number(value, "parameter_mmin", 0), _number(value, "parameter_mmax", 127)
        if kind == ENUM:
            choices = value.get("parameter_enum")
            if not isinstance(choices, list) or high != len(choices) - 1:
                yield f"{box.name}: parameter_mmax is not the number of choices less one."
        if kind == INT and high - low > INT_STEPS:
            yield f"{box.name}: an Int parameter has 256 steps, not {high - low + 1:.0f}."
        first = numbers_of(value.get("parameter_initial"))
        if first and value.get("parameter_initial_enable") != 1:
            yield f"{box.name}: its first value is not switched on."
        if first and not low <= first[0] <= high:
            yield f"{box.name}: its first value {first[0]} is outside {low} to {high}."
        if not first and value.get("parameter_invisible") != HIDDEN:
            yield f"{box.name}: it has no first value and would begin at its lowest."


def banks(subject: Subject) -> Iterator[str]:
    """Push's banks have eight names each; an empty one crashes Live."""
    found = _table(subject).get("parameterbanks")
    if not isinstance(found, Mapping):
        yield "There are no banks in the table of parameters."
        return
    long_names = {str(box.valueof.get("parameter_longname")) for box in _parameters(subject)}
    for key, bank in found.items():
        entries = bank.get("parameters") if isinstance(bank, Mapping) else None
        if not isinstance(entries, list) or len(entries) != BANK:
            yield f"Bank {key} has not eight entries."
            continue
        yield from (
            f"Bank {key} names {entry}, which is no parameter."
            for entry in entries
            if entry != "-" and entry not in long_names
        )


def undo(subject: Subject) -> Iterator[str]:
    """Buttons and texts are hidden from Live's undo."""
    for box in _parameters(subject):
        invisible = box.valueof.get("parameter_invisible", 0)
        is_button = box.object_name == "live.button" or (
            box.object_name == "live.text" and box.fields.get("mode") == 0
        )
        if is_button and invisible != HIDDEN:
            yield f"{box.name}: each press of the button would be a step to undo."
        if box.valueof.get("parameter_type") in (BLOB, FILE) and invisible != STORED:
            yield f"{box.name}: a text must be stored only."


def _parameters(subject: Subject) -> list[Box]:
    return [box for box in subject.boxes if box.is_parameter]


def _table(subject: Subject) -> Mapping[str, object]:
    table = subject.device.patcher.get("parameters")
    return table if isinstance(table, Mapping) else {}


def _number(value: Mapping[str, object], key: str, otherwise: float) -> float:
    found = value.get(key, otherwise)
    return float(found) if isinstance(found, int | float) else otherwise
