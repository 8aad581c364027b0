"""Rules about boxes and cords: what Max would drop without a word."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypedDict

from max_devices.inspection.boxes import Box
from max_devices.inspection.subject import Subject

SHAPES: Final = Path(__file__).with_name("shapes.json")
"""Inlets, outlets and spelling of objects, counted over 223 public devices."""

AMXD_TYPES: Final = {"mmmm": 1835887981, "natt": 1851880564, "nagg": 1851877223}

COMMON: Final = frozenset(
    (
        "annotation",
        "annotation_name",
        "background",
        "fontface",
        "fontname",
        "fontsize",
        "hint",
        "ignoreclick",
        "presentation",
        "presentation_rect",
        "rounded",
        "saved_attribute_attributes",
        "saved_object_attributes",
        "texton",
        "automation",
        "automationon",
        "varname",
    )
)
"""Attributes that any box of the interface may have."""

HARMFUL: Final = frozenset(("print", "delay", "loadbang", "node.script", "jweb", "v8"))
"""Objects that leave traces, stop with the audio engine, come too early, or are not everywhere."""

SHARED: Final = frozenset(("s", "r", "send", "receive", "dict", "coll", "buffer~", "value"))
"""Objects whose name all devices of a Set share."""


class Shape(TypedDict):
    """What public devices say of an object."""

    written_as: list[str]
    """``newobj``, ``maxclass`` or both."""
    shapes: list[list[object]]
    """Inlets, outlets and the outlets' types, as often as they differ."""
    keys: list[str]
    """Its attributes in files."""


def kind(subject: Subject) -> Iterator[str]:
    """The device says what it is in two places, and in a project."""
    project = subject.device.patcher.get("project")
    if not isinstance(project, Mapping):
        yield "There is no project block; Live says “a project without a name”."
    elif project.get("amxdtype") != AMXD_TYPES.get(subject.device.kind):
        yield f"The project says {project.get('amxdtype')}, the file {subject.device.kind}."
    for key in ("fileversion", "appversion", "classnamespace", "rect", "parameters", "autosave"):
        if key not in subject.device.patcher:
            yield f"The patcher has no {key}."


def identity(subject: Subject) -> Iterator[str]:
    """Ids and scripting names are there once."""
    for key in ("id", "varname"):
        counted = Counter(str(box.fields[key]) for box in subject.boxes if key in box.fields)
        yield from (
            f"{key} {name} is there {count} times." for name, count in counted.items() if count > 1
        )
    for box in subject.boxes:
        for key in ("id", "maxclass", "numinlets", "numoutlets", "patching_rect"):
            if key not in box.fields:
                yield f"{box.name} has no {key}."


def spelling(subject: Subject) -> Iterator[str]:
    """Objects that exist, written as Max writes them, with attributes that they have."""
    shapes = _shapes()
    for box in subject.boxes:
        shape = shapes.get(box.object_name)
        if shape is None:
            yield f"{box.name}: nobody has seen an object {box.object_name}."
            continue
        written = "newobj" if box.maxclass == "newobj" else "maxclass"
        if written not in shape["written_as"]:
            yield f"{box.name}: {box.object_name} is written as {shape['written_as']}."
        for key in sorted(set(box.fields) - set(shape["keys"]) - COMMON):
            yield f"{box.name}: {box.object_name} has no attribute {key}."
        if "@" in "".join(box.words):
            yield f"{box.name}: attributes in the text are not checked: {' '.join(box.words)}."


def ports(subject: Subject) -> Iterator[str]:
    """Inlets and outlets as Max has them; cords to others would be deleted."""
    shapes = _shapes()
    for box in subject.boxes:
        outlets = box.fields.get("outlettype", [])
        has = (box.fields.get("numinlets"), box.fields.get("numoutlets"))
        if not isinstance(outlets, list) or len(outlets) != has[1]:
            yield f"{box.name}: {len(str(outlets))} types for {has[1]} outlets."
            continue
        wanted = _expected(box, subject, shapes)
        if wanted and (*has, outlets) not in [tuple(shape) for shape in wanted]:
            yield f"{box.name}: {box.object_name} has {has[0]} inlets and {has[1]} outlets."


def cords(subject: Subject) -> Iterator[str]:
    """Every cord leads from an outlet that is there to an inlet that is there, and once."""
    by_name = {box.name: box for box in subject.boxes}
    for cord in subject.cords:
        source, target = by_name.get(cord.source), by_name.get(cord.target)
        if source is None or target is None:
            yield f"A cord leads from {cord.source} to {cord.target}, of which one is not there."
        elif not 0 <= cord.outlet < _count(source, "numoutlets"):
            yield f"{cord.source} has no outlet {cord.outlet}."
        elif not 0 <= cord.inlet < _count(target, "numinlets"):
            yield f"{cord.target} has no inlet {cord.inlet}."
    doubled = len(subject.cords) - len(set(subject.cords))
    if doubled:
        yield f"{doubled} cords are there twice."


def loops(subject: Subject) -> Iterator[str]:
    """No message comes round to where it began before Max has finished with it."""
    deferred = {box.name for box in subject.boxes if box.object_name == "deferlow"}
    onward: dict[str, set[str]] = {}
    for cord in subject.cords:
        if cord.target not in deferred:
            onward.setdefault(cord.source, set()).add(cord.target)
    for box in subject.boxes:
        if box.name in _reached(onward, box.name):
            yield f"{box.name} ({box.object_name}) calls itself without a deferlow between."
            return


def midi_through(subject: Subject) -> Iterator[str]:
    """A MIDI effect lets MIDI through."""
    if subject.device.kind != "mmmm":
        return
    ins = {box.name for box in subject.boxes if box.object_name == "midiin"}
    outs = {box.name for box in subject.boxes if box.object_name == "midiout"}
    if not any(cord.source in ins and cord.target in outs for cord in subject.cords):
        yield "midiin does not lead to midiout: the track would fall silent."


def midi_tool(subject: Subject) -> Iterator[str]:
    """A MIDI Tool answers Live in the moment of the question: nothing is deferred on the way."""
    if subject.device.kind not in ("natt", "nagg"):
        return
    names = {box.name: box.object_name for box in subject.boxes}
    ways = {
        (names.get(cord.source), cord.outlet, names.get(cord.target), cord.inlet)
        for cord in subject.cords
    }
    for inlet, what in enumerate(("notes", "context")):
        if ("live.miditool.in", inlet, "js", inlet) not in ways:
            yield f"Live's {what} do not come straight to the script."
    if not any(way[0] == "js" and way[2] == "live.miditool.out" for way in ways):
        yield "The script's answer does not go straight to Live."


def leftovers(subject: Subject) -> Iterator[str]:
    """Nothing that was meant for the one who builds, or that other devices would hear."""
    for box in subject.boxes:
        if box.object_name in HARMFUL:
            yield f"{box.name}: {box.object_name} has no place in a device."
        if box.object_name in SHARED and not " ".join(box.words[1:2]).startswith("---"):
            yield f"{box.name}: the name in “{' '.join(box.words)}” must begin with ---."
        if any(word.startswith(("/Users", "/home", "~/", "C:")) for word in box.words):
            yield f"{box.name}: a path of somebody's machine: {' '.join(box.words)}."
    cache = subject.device.patcher.get("dependency_cache")
    for entry in cache if isinstance(cache, list) else []:
        if isinstance(entry, Mapping) and entry.get("bootpath") != ".":
            yield f"A dependency is looked for at {entry.get('bootpath')}."


def _expected(box: Box, subject: Subject, shapes: Mapping[str, Shape]) -> list[list[object]]:
    """The shapes that an object may have; computed for those that go by their arguments."""
    if box.object_name == "route":
        count = len(box.words)
        return [[count, count, [""] * count]]
    if box.object_name == "js":
        count = _declared(subject, "outlets")
        return [[_declared(subject, "inlets"), count, [""] * count]]
    shape = shapes.get(box.object_name)
    return shape["shapes"] if shape else []


def _declared(subject: Subject, ports_of_script: str) -> int:
    """How many inlets or outlets the script says it has."""
    text = subject.script.content.decode() if subject.script else ""
    for line in text.splitlines():
        if line.startswith(f"{ports_of_script} = "):
            return int(line.removeprefix(f"{ports_of_script} = ").removesuffix(";"))
    return 1


def _reached(onward: Mapping[str, set[str]], start: str) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        for name in onward.get(waiting.pop(), ()):
            if name not in reached:
                reached.add(name)
                waiting.append(name)
    return reached


def _count(box: Box, key: str) -> int:
    value = box.fields.get(key)
    return value if isinstance(value, int) else 0


def _shapes() -> dict[str, Shape]:
    read: dict[str, Shape] = json.loads(SHAPES.read_text(encoding="utf-8"))
    return read
