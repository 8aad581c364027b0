"""Manifests: written by the exporter, read with suspicion."""

import json
from dataclasses import replace

import pytest

from bridge.engine.manifest import Manifest, Tensor, read_manifest
from bridge.errors import ModelMissingError

WHOLE = Manifest(
    name="groove",
    tool="groove",
    codec="drum-grid-16-v1",
    sha256="0" * 64,
    parameters=3,
    inputs=(Tensor("score", ("batch", 32, 9)),),
    outputs=(Tensor("offset", ("batch", 32, 9, 33)),),
    numbers={"offset_take": 0.2},
    metrics={"timing_mae_ms": 18.0},
    data=("Groove MIDI Dataset, CC BY 4.0",),
    licence="Apache-2.0",
    seed=0,
    commit="abc",
)


def test_a_manifest_reads_back_as_it_was_written(tmp_path):
    path = tmp_path / "manifest.json"
    path.write_text(WHOLE.as_json(), encoding="utf-8")
    assert read_manifest(path) == WHOLE


def test_a_missing_manifest_is_said_in_words(tmp_path):
    with pytest.raises(ModelMissingError, match="no model"):
        read_manifest(tmp_path / "manifest.json")


@pytest.mark.parametrize("field", sorted(json.loads(WHOLE.as_json())))
@pytest.mark.parametrize("spoil", ["leave out", "null", "list of lists"])
def test_a_spoiled_field_is_refused_and_never_a_traceback(tmp_path, field, spoil):
    fields = json.loads(WHOLE.as_json())
    if spoil == "leave out":
        del fields[field]
    else:
        fields[field] = None if spoil == "null" else [[1], [2]]
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(fields), encoding="utf-8")
    if spoil == "list of lists" and field == "data":
        assert read_manifest(path).data == ("[1]", "[2]")
        return
    with pytest.raises(ModelMissingError, match="Install Clipbridge again"):
        read_manifest(path)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '"x"', "\x00"])
def test_what_is_no_manifest_at_all_is_refused(tmp_path, text):
    path = tmp_path / "manifest.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ModelMissingError):
        read_manifest(path)


@pytest.mark.parametrize("name", ["../groove", "Groove", "", "a" * 41, "groove/x"])
def test_a_name_that_could_lead_elsewhere_is_refused(tmp_path, name):
    path = tmp_path / "manifest.json"
    path.write_text(replace(WHOLE, name=name).as_json(), encoding="utf-8")
    with pytest.raises(ModelMissingError, match="name"):
        read_manifest(path)


def test_further_files_are_named_with_their_hashes(tmp_path):
    path = tmp_path / "manifest.json"
    whole = replace(WHOLE, extras={"fingerprint.npz": "a" * 64})
    path.write_text(whole.as_json(), encoding="utf-8")
    assert read_manifest(path) == whole
    assert "extras" not in json.loads(WHOLE.as_json())  # So older manifests stay as they are.


@pytest.mark.parametrize(
    "extras",
    [
        None,
        [],
        {"../fingerprint.npz": "a" * 64},
        {"/etc/passwd": "a" * 64},
        {"model.onnx": "a" * 64},
        {"manifest.json": "a" * 64},
        {"fingerprint.npz": "short"},
        {"fingerprint.npz": 7},
    ],
)
def test_further_files_lie_in_the_folder_and_have_a_hash(tmp_path, extras):
    fields = json.loads(WHOLE.as_json()) | {"extras": extras}
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(fields), encoding="utf-8")
    with pytest.raises(ModelMissingError, match="Install Clipbridge again"):
        read_manifest(path)
