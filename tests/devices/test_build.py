"""The committed devices are what the sources give, and the linter catches what it is for."""

import copy
import json

import pytest

from max_devices.build import EXPERIMENTAL, HERE, build, build_tool
from max_devices.builder.container import Packed, amxd
from max_devices.builder.designs import DESIGNS
from max_devices.builder.miditools import MIDI_TOOLS
from max_devices.builder.script import named, script_of
from max_devices.inspection.lint import RULES, faults
from max_devices.inspection.reader import BrokenDeviceError, read_device


@pytest.fixture(scope="module", name="groove")
def _groove():
    return build("Groove")


@pytest.mark.parametrize("name", DESIGNS)
def test_the_committed_device_is_what_its_sources_give(name):
    assert (HERE / f"{name}.amxd").read_bytes() == build(name), (
        "python -m max_devices.build writes it anew"
    )


@pytest.mark.parametrize("name", DESIGNS)
def test_a_device_has_no_fault(name):
    assert faults((HERE / f"{name}.amxd").read_bytes()) == []


@pytest.mark.parametrize("name", MIDI_TOOLS)
def test_a_midi_tool_is_what_its_sources_give_and_has_no_fault(name):
    data = (EXPERIMENTAL / f"Clipbridge {name}.amxd").read_bytes()
    assert data == build_tool(name), "python -m max_devices.build writes it anew"
    assert faults(data) == []


def test_nothing_else_lies_among_the_devices():
    """A device that is not built any more would be installed for ever."""
    assert {path.stem for path in HERE.glob("*.amxd")} == set(DESIGNS)
    tools = {path.stem for path in EXPERIMENTAL.glob("*.amxd")}
    assert tools == {f"Clipbridge {name}" for name in MIDI_TOOLS}


def test_every_device_is_in_the_package():
    """What a wheel does not hold, `clipbridge devices install` cannot install."""
    text = (HERE.parent / "pyproject.toml").read_text(encoding="utf-8")
    for name in DESIGNS:
        assert f'"max_devices/{name}.amxd" = "bridge/max_devices/{name}.amxd"' in text
    assert '"max_devices/experimental" = "bridge/max_devices/experimental"' in text


def test_a_device_is_read_back_as_it_was_written(groove):
    device = read_device(groove)
    script = script_of("Groove")
    assert device.kind == "mmmm"
    assert [(file.name, file.content.decode()) for file in device.files] == [
        (named("Groove", script), script)
    ]


def test_no_two_devices_share_a_script_or_a_first_port():
    built = [*(build(name) for name in DESIGNS), *(build_tool(name) for name in MIDI_TOOLS)]
    read = [read_device(data) for data in built]
    assert len({device.files[0].name for device in read}) == len(read)
    texts = [
        box["box"]["text"]
        for device in read
        for box in device.patcher["boxes"]
        if str(box["box"].get("text", "")).startswith("udpreceive")
    ]
    assert len(set(texts)) == len(read)


LONG_NAMES = json.loads((HERE / "builder" / "released.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", DESIGNS)
def test_a_parameter_keeps_its_name_for_ever(name):
    """Live's Sets and automation find a parameter by its long name."""
    boxes = [entry["box"] for entry in read_device(build(name)).patcher["boxes"]]
    found = {
        box["varname"]: box["saved_attribute_attributes"]["valueof"]["parameter_longname"]
        for box in boxes
        if box.get("parameter_enable") == 1
    }
    assert LONG_NAMES[name].items() <= found.items(), "A name in a Set would lead nowhere."
    assert found.keys() <= LONG_NAMES[name].keys(), "Write the new name into released.json."


# What goes wrong in a device that nobody opened; each with what the linter must say of it.


def spoil(change=None, script=None):
    """A Groove whose patcher or script was changed, built as if that were right."""
    text = script_of("Groove")
    text = text if script is None else script(text)
    name = named("Groove", text)
    patcher = copy.deepcopy(read_device(build("Groove")).patcher)
    content = json.dumps(patcher).replace(named("Groove", script_of("Groove")), name)
    patcher = json.loads(content)
    kind, files = "mmmm", [Packed(name, "TEXT", text.encode())]
    if change is not None:
        found = change(patcher)
        kind, files = found.get("kind", kind), found.get("files", files)
    return amxd(kind, Packed("x.amxd", "JSON", json.dumps({"patcher": patcher}).encode()), files)


def box(patcher, what):
    """The first box of an object, or of a scripting name."""
    boxes = [entry["box"] for entry in patcher["boxes"]]
    return next(
        one
        for one in boxes
        if one.get("varname") == what
        or one["maxclass"] == what
        or (one["maxclass"] == "newobj" and one["text"].split()[0] == what)
    )


def value(patcher, what):
    return box(patcher, what)["saved_attribute_attributes"]["valueof"]


def changed(**fields):
    """A change of fields: ``box__key=value`` sets a box's key, ``__key`` one of the patcher."""

    def change(patcher):
        for path, to in fields.items():
            where, key = path.rsplit("__", 1)
            owner = box(patcher, where.replace("_", ".")) if where else patcher
            owner[key] = to
        return {}

    return change


def valued(what, **fields):
    def change(patcher):
        value(patcher, what).update(fields)
        return {}

    return change


def without(what):
    def change(patcher):
        del what(patcher)[0][what(patcher)[1]]
        return {}

    return change


def doing(action):
    def change(patcher):
        found = action(patcher)
        return found if isinstance(found, dict) and found.keys() & {"kind", "files"} else {}

    return change


def cord(patcher, source, outlet, target, inlet):
    ends = {"source": [source, outlet], "destination": [target, inlet]}
    patcher["lines"].append({"patchline": ends})


def add(patcher, **fields):
    new = {"id": "obj-999", "patching_rect": [0, 0, 50, 20], "numinlets": 1, "numoutlets": 0}
    patcher["boxes"].append({"box": {**new, **fields}})


def cut_midi(patcher):
    name = box(patcher, "midiin")["id"]
    patcher["lines"] = [line for line in patcher["lines"] if line["patchline"]["source"][0] != name]


def skip_deferlow(patcher):
    run, control = box(patcher, "js")["id"], box(patcher, "prepend")["id"]
    cord(patcher, control, 0, run, 0)


def drop_deferlow(patcher):
    receive, run = box(patcher, "udpreceive")["id"], box(patcher, "js")["id"]
    for line in patcher["lines"]:
        if line["patchline"]["source"][0] == receive:
            line["patchline"]["destination"] = [run, 0]


def swap_dial_id(patcher):
    patcher["boxes"][1]["box"]["id"] = patcher["boxes"][0]["box"]["id"]


FAULTS = {
    "no project": ("kind", without(lambda patcher: (patcher, "project"))),
    "another type": ("kind", doing(lambda _: {"kind": "natt"})),
    "two boxes of one id": ("identity", doing(swap_dial_id)),
    "two boxes of one name": ("identity", changed(temperature__varname="amount")),
    "a box without its port counts": (
        "identity",
        without(lambda patcher: (box(patcher, "route"), "numinlets")),
    ),
    "a misspelt object": ("spelling", changed(deferlow__text="defferlow")),
    "an object as a class of its own": (
        "spelling",
        changed(midiin__maxclass="midiin"),
    ),
    "a class as an object": (
        "spelling",
        doing(lambda patcher: add(patcher, maxclass="newobj", text="live.dial", outlettype=[])),
    ),
    "an invented attribute": ("spelling", changed(amount__glow=1)),
    "an attribute in the text": ("spelling", changed(udpreceive__text="udpreceive 17190 @dfer 1")),
    "a port too many": ("ports", changed(udpsend__numoutlets=1, udpsend__outlettype=[""])),
    "a route with fewer ports than words": ("ports", changed(route__numinlets=2)),
    "outlets that the script has not": (
        "ports",
        changed(js__numoutlets=2, js__outlettype=["", ""]),
    ),
    "an outlet without a type": ("ports", changed(route__outlettype=[])),
    "a cord to nothing": ("cords", doing(lambda patcher: cord(patcher, "obj-1", 0, "obj-998", 0))),
    "a cord from no outlet": (
        "cords",
        doing(lambda patcher: cord(patcher, "obj-1", 7, "obj-2", 0)),
    ),
    "a cord to no inlet": (
        "cords",
        doing(lambda patcher: cord(patcher, box(patcher, "js")["id"], 0, "obj-1", 3)),
    ),
    "the same cord twice": (
        "cords",
        doing(lambda patcher: patcher["lines"].append(patcher["lines"][0])),
    ),
    "the script calls itself": ("loops", doing(skip_deferlow)),
    "no MIDI through": ("midi_through", doing(cut_midi)),
    "a print left": (
        "leftovers",
        doing(lambda patcher: add(patcher, maxclass="newobj", text="print")),
    ),
    "a name that all devices share": (
        "leftovers",
        doing(lambda patcher: add(patcher, maxclass="newobj", text="s takes")),
    ),
    "somebody's folder": (
        "leftovers",
        doing(lambda patcher: patcher["dependency_cache"][0].update(bootpath="~/Desktop")),
    ),
    "a parameter outside the table": (
        "registry",
        doing(lambda patcher: patcher["parameters"].pop(box(patcher, "amount")["id"])),
    ),
    "another name in the table": ("registry", valued("amount", parameter_shortname="Amt")),
    "another order in the table": ("registry", valued("amount", parameter_order=3)),
    "a stranger in the table": (
        "registry",
        doing(lambda patcher: patcher["parameters"].update({"obj-777": ["A", "A", 0]})),
    ),
    "two parameters of one name": ("names", valued("amount", parameter_longname="Takes")),
    "a name that Max gave": ("names", valued("amount", parameter_longname="live.dial[1]")),
    "no scripting name": ("names", without(lambda patcher: (box(patcher, "amount"), "varname"))),
    "a menu that is too short": ("values", valued("kit", parameter_mmax=7)),
    "a whole number of 1,000 steps": ("values", valued("seed", parameter_type=1)),
    "a first value that does nothing": ("values", valued("takes", parameter_initial_enable=0)),
    "a first value outside": ("values", valued("takes", parameter_initial=[20])),
    "no first value": (
        "values",
        without(lambda patcher: (value(patcher, "amount"), "parameter_initial")),
    ),
    "a bank of three": (
        "banks",
        doing(
            lambda patcher: patcher["parameters"]["parameterbanks"]["0"].update(parameters=["-"])
        ),
    ),
    "a bank with a stranger": (
        "banks",
        doing(
            lambda patcher: patcher["parameters"]["parameterbanks"]["0"].update(
                parameters=["Glow"] * 8
            )
        ),
    ),
    "a button that can be undone": ("undo", valued("press", parameter_invisible=0)),
    "a control below the edge": ("geometry", changed(write__presentation_rect=[10, 160, 100, 20])),
    "a control beside the device": ("geometry", changed(kit__presentation_rect=[900, 20, 60, 15])),
    "a control between pixels": ("geometry", changed(amount__presentation_rect=[190.5, 8, 48, 48])),
    "a control that is cut": ("geometry", changed(amount__presentation_rect=[190, 8, 20, 20])),
    "a dead button": ("geometry", changed(press__parameter_enable=0)),
    "a control that is not shown": ("geometry", changed(press__presentation=0)),
    "two widths": ("geometry", changed(__devicewidth=300)),
    "patching view": ("geometry", changed(__openinpresentation=0)),
    "a control on another": ("overlaps", changed(amount__presentation_rect=[250, 8, 48, 48])),
    "a text that is too long": ("overlaps", changed(cancel__text="Cancel whatever goes on now")),
    "a colour of its own": (
        "theme",
        doing(lambda patcher: box(patcher, "panel")["saved_attribute_attributes"].pop("bgcolor")),
    ),
    "a font of its own": ("theme", changed(amount__fontname="Comic Sans MS")),
    "no info text": ("explained", changed(amount__annotation="")),
    "no script inside": ("frozen", doing(lambda _: {"files": []})),
    "a script of another name": ("frozen", changed(js__text="js Groove.js")),
    "a script without its hash": (
        "frozen",
        doing(lambda patcher: {"files": [Packed(box(patcher, "js")["text"][3:], "TEXT", b"x")]}),
    ),
    "udpreceive straight to the script": ("network", doing(drop_deferlow)),
    "a bridge on another machine": ("network", changed(udpsend__text="udpsend 10.0.0.7 17177")),
    "a knob that nobody hears": ("words_in", changed(prepend__text="prepend glow")),
    "a text that is not routed": (
        "words_out",
        doing(
            lambda patcher: box(patcher, "route").update(
                text=box(patcher, "route")["text"].replace(" state ", " stat ")
            )
        ),
    ),
}

SCRIPTS = {
    "let": ("language", lambda text: text + "\nlet x = 1;\n"),
    "an arrow": ("language", lambda text: text + "\nvar f = () => 1;\n"),
    "a template": ("language", lambda text: text + "\nvar t = `a`;\n"),
    "for of": ("language", lambda text: text + "\nfor (var x of []) { post(x); }\n"),
    "a default": ("language", lambda text: text + "\nfunction f(a = 1) { return a; }\n"),
    "a spread": ("language", lambda text: text + "\nf(...[1]);\n"),
    "includes": ("language", lambda text: text + '\nvar i = "a".includes("b");\n'),
    "a timer": ("language", lambda text: text + "\nsetTimeout(f, 5);\n"),
    "outlet.apply": ("language", lambda text: text + "\noutlet.apply(this, [0]);\n"),
    "not strict": ("language", lambda text: text.replace('"use strict";', "", 1)),
    "LiveAPI too early": ("live_api", lambda text: text + '\nvar api = new LiveAPI("live_set");\n'),
    "LiveAPI that observes": (
        "live_api",
        lambda text: text + '\nfunction f() { return new LiveAPI(function () {}, "live_set"); }\n',
    ),
    "a word that is not routed": (
        "words_out",
        lambda text: text + '\nScreen.write("glow", "on");\n',
    ),
    "a word of its own": (
        "symbols",
        lambda text: text + '\nfunction f(name) { Link.send(["/note/" + name, 1]); }\n',
    ),
    "JSON on its way out": (
        "symbols",
        lambda text: text + "\nfunction f(all) { outlet(0, [JSON.stringify(all)]); }\n",
    ),
    "a port that is not proved": ("network", lambda text: text.replace("/clipbridge/echo", "/x")),
}


def spoil_tool(change):
    """A Groove for the Clip View, whose patcher was changed."""
    device = read_device(build_tool("Groove"))
    patcher = copy.deepcopy(device.patcher)
    change(patcher)
    files = [Packed(file.name, file.kind, file.content) for file in device.files]
    return amxd("natt", Packed("x.amxd", "JSON", json.dumps({"patcher": patcher}).encode()), files)


def answer_later(patcher):
    """The answer goes through deferlow, when Live has stopped listening."""
    run, answer = box(patcher, "js")["id"], box(patcher, "live.miditool.out")["id"]
    for line in patcher["lines"]:
        if line["patchline"]["destination"][0] == answer:
            line["patchline"]["source"] = [box(patcher, "deferlow")["id"], 0]
    cord(patcher, run, 3, box(patcher, "deferlow")["id"], 0)


def drop_context(patcher):
    name = box(patcher, "live.miditool.in")["id"]
    patcher["lines"] = [
        line for line in patcher["lines"] if line["patchline"]["source"] != [name, 1]
    ]


@pytest.mark.parametrize("change", [answer_later, drop_context])
def test_the_linter_catches_a_midi_tool_that_answers_too_late(change):
    assert [fault for fault in faults(spoil_tool(change)) if fault.startswith("midi_tool:")]


@pytest.mark.parametrize("name", FAULTS)
def test_the_linter_catches_a_fault_of_the_patcher(name):
    rule, change = FAULTS[name]
    said = faults(spoil(change=change))
    assert [fault for fault in said if fault.startswith(f"{rule}:")], said


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_linter_catches_a_fault_of_the_script(name):
    rule, script = SCRIPTS[name]
    said = faults(spoil(script=script))
    assert [fault for fault in said if fault.startswith(f"{rule}:")], said


def test_a_spoilt_device_is_sound_before_it_is_spoilt():
    """Else the linter would catch the spoiling itself."""
    assert faults(spoil()) == []


def test_every_rule_has_a_fault_that_it_catches():
    caught = {rule for rule, _ in [*FAULTS.values(), *SCRIPTS.values()]} | {"midi_tool"}
    assert caught == {rule.__name__ for rule in RULES}


def _without_nul(data):
    return data.replace(b"}\n\0", b"}\n ")


CONTAINERS = {
    "cut off": lambda data: data[:-9],
    "big endian": lambda data: data[:4] + data[4:8][::-1] + data[8:],
    "no meta": lambda data: data[:12] + data[24:],
    "not frozen": lambda data: data.replace(b"mx@c", b"mx@b"),
    "meta of an unfrozen device": lambda data: data[:20] + b"\1\0\0\0" + data[24:],
    "an unknown type": lambda data: data.replace(b"mmmm", b"mmmn", 1),
    "no NUL": _without_nul,
    "not JSON": lambda data: data.replace(b'{"patcher', b'{patcher"'),
    "a wrong offset": lambda data: data.replace(
        b"of32\0\0\0\x0c\0\0\0\x10", b"of32\0\0\0\x0c\0\0\0\x11"
    ),
    "another flag": lambda data: data.replace(
        b"flag\0\0\0\x0c\0\0\0\x11", b"flag\0\0\0\x0c\0\0\0\0"
    ),
    "a byte too many": lambda data: data + b"\0",
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_the_reader_refuses_a_container_that_is_not_as_max_writes_it(name, groove):
    data = spoil() if name == "not JSON" else groove
    spoilt = CONTAINERS[name](data)
    assert spoilt != data
    with pytest.raises(BrokenDeviceError):
        read_device(spoilt)
    assert faults(spoilt)[0].startswith("container:")
