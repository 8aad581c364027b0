"""PROTOCOL.md, Protocol.js and the OSCQuery tree say what the table says."""

import dataclasses
import json
import shutil
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.osc.endpoint import PORTS
from bridge.protocol import manual
from bridge.protocol.frame import Frame, NoteRow
from bridge.protocol.javascript import javascript
from bridge.protocol.manual import DEVICES, LOCAL_ERRORS, markdown
from bridge.protocol.messages import ERROR_CODES
from bridge.protocol.oscquery import oscquery_tree
from bridge.protocol.table import TABLE
from tests.wire.clips import clips

NODE = shutil.which("node")
SCRIPT = """
var source = require("fs").readFileSync(process.argv[1], "utf8");
var PROTOCOL = new Function(source + "; return PROTOCOL;")();
var cases = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify({
  protocol: PROTOCOL,
  sums: cases.map(function (each) { return PROTOCOL.checksum(each.frame, each.rows); })
}));
"""


def run_under_node(cases):
    done = subprocess.run(
        [NODE, "-e", SCRIPT, str(DEVICES / "src" / "Protocol.js")],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")


def test_the_written_files_are_what_the_table_makes():
    remedy = "run: python -m bridge.protocol.manual"
    assert (DEVICES / "PROTOCOL.md").read_text(encoding="utf-8") == markdown(), remedy
    assert (DEVICES / "src" / "Protocol.js").read_text(encoding="utf-8") == javascript(), remedy


def test_the_files_are_written_anew_where_they_are_not(tmp_path, monkeypatch):
    monkeypatch.setattr(manual, "DEVICES", tmp_path)
    manual.main()
    assert (tmp_path / "PROTOCOL.md").read_text(encoding="utf-8") == markdown()
    assert (tmp_path / "src" / "Protocol.js").read_text(encoding="utf-8") == javascript()


def test_the_manual_names_every_address_argument_and_code():
    text = markdown()
    for row in TABLE:
        assert f"### `{row.address}`\n\n{row.meaning}" in text
        for slot in (*row.layout.slots, *row.layout.tail_slots):
            assert f"| `{slot.name}` | {slot.parameter.tag} |" in text or slot.name == "piece"
            assert slot.parameter.meaning in text
    local = {kind.code for kind in LOCAL_ERRORS}
    assert {code for code in ERROR_CODES if f"\n| `{code}` |" in text} == set(ERROR_CODES) - local


@needs_node
def test_the_constants_are_those_of_the_table_under_node():
    constants = run_under_node([])["protocol"]
    assert constants["ports"] == list(PORTS)
    assert constants["errorCodes"] == list(ERROR_CODES)
    assert set(constants["addresses"].values()) == {row.address for row in TABLE}
    for row in TABLE:
        message = constants["messages"][row.address]
        assert message["reply"] == row.is_reply
        assert [field["name"] for field in message["fields"]] == [
            slot.name for slot in row.layout.slots
        ]
        tags = "".join(field["type"] for field in message["fields"] + message.get("tail", []))
        assert tags == row.layout.tags
        for field, slot in zip(message["fields"], row.layout.slots, strict=True):
            assert field.get("fallback") == slot.default


@needs_node
@settings(deadline=None, max_examples=3, suppress_health_check=[HealthCheck.large_base_example])
@given(st.lists(clips(), min_size=20, max_size=40))
def test_the_checksum_is_the_same_number_in_python_and_javascript(many):
    cases = [
        {
            "frame": dataclasses.asdict(Frame.of(clip)),
            "rows": [dataclasses.astuple(NoteRow.of(note)) for note in clip.notes],
        }
        for clip in many
    ]
    assert run_under_node(cases)["sums"] == [Frame.of(clip).checksum for clip in many]


def test_the_constants_use_no_word_that_live_11_does_not_know():
    for word in ("=>", "`", "let ", "const ", "class ", "require", "module", "import "):
        assert word not in javascript().replace("// ", "")


def test_the_tree_has_a_node_for_every_address():
    tree = oscquery_tree()
    assert json.loads(json.dumps(tree)) == tree
    for row in TABLE:
        node = tree
        for name in row.address.strip("/").split("/"):
            node = node["CONTENTS"][name]
        assert node["FULL_PATH"] == row.address
        assert node["TYPE"] == row.layout.tags
        assert node["DESCRIPTION"] == row.meaning
        assert len(node["RANGE"]) == len(node["TYPE"])
        assert node["ACCESS"] == (1 if row.is_reply else 2)


def test_the_tree_says_ranges_and_choices():
    groove = oscquery_tree()["CONTENTS"]["bridge"]["CONTENTS"]["groove"]
    assert groove["RANGE"][2] == {"MIN": 1, "MAX": 16}
    assert groove["RANGE"][-1] == {"VALS": ["general-midi", "roland", "user"]}
    assert "CONTENTS" not in groove
