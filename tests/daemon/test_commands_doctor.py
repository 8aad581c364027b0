"""``clipbridge doctor``: each fault with its cure, and no word too much where all is well."""

import json
import os
import socket
from datetime import UTC, datetime

import pytest

from bridge import VERSION
from bridge.commands.cli import run
from bridge.commands.private_bridge import private_bridge
from bridge.daemon.instance import claim_instance
from bridge.daemon.settings import read_settings
from bridge.osc.endpoint import open_endpoint
from tests.command_line import private_environment, use_environment
from tests.tiny_models import (
    write_damaged_model,
    write_failing_model,
    write_tiny_model,
)


@pytest.fixture
def variables(tmp_path, monkeypatch):
    variables = private_environment(tmp_path, write_tiny_model(tmp_path / "models"))
    use_environment(monkeypatch, variables)
    return variables


@pytest.fixture
def examine(variables, capsys):
    """Runs the doctor; its exit code and its findings by subject and state."""

    def run_it(*arguments):
        capsys.readouterr()
        code = run(["doctor", "--json", *arguments])
        report = json.loads(capsys.readouterr().out)
        assert report["healthy"] == (code == 0)
        assert all(one["cure"] for one in report["findings"] if one["state"] == "fault")
        return code, report["findings"]

    return run_it


def the(findings, subject, state):
    """The one finding of a subject and a state, as a text."""
    found = [one for one in findings if one["subject"] == subject and one["state"] == state]
    assert len(found) == 1, findings
    return f"{found[0]['words']} {found[0]['cure']}"


def test_where_all_is_well_it_says_so(examine, capsys):
    code, findings = examine("--port", "0")
    assert code == 0
    assert VERSION in the(findings, "Clipbridge", "good")
    assert "ms for two bars" in the(findings, "provider cpu", "good")
    assert "hash is right" in the(findings, "model groove", "good")
    assert run(["doctor", "--port", "0"]) == 0
    assert "Clipbridge works here." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("write", "subject"),
    [(write_damaged_model, "model groove"), (write_failing_model, "provider cpu")],
)
def test_a_bad_model_is_a_fault(examine, tmp_path, monkeypatch, write, subject, capsys):
    monkeypatch.setenv("CLIPBRIDGE_MODELS", str(write(tmp_path / "bad")))
    code, findings = examine()
    assert code == 1
    assert "Install Clipbridge again" in the(findings, subject, "fault")
    assert run(["doctor"]) == 1
    assert "Cure: " in capsys.readouterr().out


def test_mistyped_variables_are_faults_and_the_others_still_hold(examine, variables, monkeypatch):
    monkeypatch.setenv("CLIPBRIDGE_MODLES", "x")
    monkeypatch.setenv("CLIPBRIDGE_PORT", "red")
    code, findings = examine()
    assert code == 1
    faults = [one["words"] for one in findings if one["state"] == "fault"]
    assert len(faults) == 2
    assert any("did you mean CLIPBRIDGE_MODELS?" in words for words in faults)
    assert any("not 'red'" in words for words in faults)
    assert the(findings, "cache folder", "good").strip() == variables["CLIPBRIDGE_CACHE_FOLDER"]


def test_a_mistyped_flag_is_a_mistyped_line(variables, capsys):
    assert run(["doctor", "--provider", "cud"]) == 2
    assert "Did you mean cuda?" in capsys.readouterr().err


def test_two_runtimes_in_one_environment_are_a_fault(examine, monkeypatch):
    monkeypatch.setattr("importlib.metadata.version", lambda _: "1.0")
    code, findings = examine()
    assert code == 1
    assert "pip uninstall -y onnxruntime onnxruntime-" in the(findings, "onnxruntime", "fault")


def test_a_bridge_that_runs_is_asked(examine, variables, tmp_path):
    settings = read_settings({}, variables)
    with private_bridge(settings) as port:
        (folder,) = (tmp_path / "temporary").iterdir()
        code, findings = examine("--state-folder", str(folder))
        assert code == 0
        assert "answers" in the(findings, f"port {port}", "good")


def test_a_bridge_that_does_not_answer_is_a_fault(examine, tmp_path):
    with claim_instance(tmp_path / "state") as claim, open_endpoint(0) as deaf:
        claim.publish(deaf.port, datetime.now(UTC))
        code, findings = examine()
    assert code == 1
    assert f"process {os.getpid()}" in the(findings, f"port {deaf.port}", "fault")


def test_a_port_that_another_program_holds_is_said_with_its_holder(examine):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        code, findings = examine("--port", f"{port}")
    assert code == 1
    assert f"(process {os.getpid()})" in the(findings, f"port {port}", "fault")


def test_a_kit_file_is_read(examine, tmp_path):
    kit = tmp_path / "kit.json"
    kit.write_text('{"36": "kick", "38": "snare"}')
    code, findings = examine("--kit-file", str(kit))
    assert code == 0
    assert "2 of 9 pieces" in the(findings, "kit", "good")
    kit.write_text('{"36": "kik"}')
    code, findings = examine("--kit-file", str(kit))
    assert code == 1
    assert "Did you mean “kick”?" in the(findings, "kit", "fault")


def test_a_folder_that_cannot_be_written_is_worth_a_note(examine, tmp_path):
    (tmp_path / "file").touch()
    code, findings = examine("--log-folder", str(tmp_path / "file" / "log"))
    assert code == 0
    assert "--log-folder" in the(findings, "log folder", "note")
