"""``clipbridge models``, ``protocol``, ``evaluate`` and ``train``: what is said, and its cures."""

import json
import subprocess
import sys

import numpy as np
import pytest

from bridge.commands.cli import run
from bridge.commands.training_part import training_part
from bridge.engine.catalog import MANIFEST
from bridge.protocol.manual import markdown
from bridge.protocol.oscquery import oscquery_tree
from tests.command_line import private_environment, use_environment
from tests.tiny_models import write_damaged_model, write_tiny_model


@pytest.fixture(autouse=True)
def environment(tmp_path, monkeypatch):
    use_environment(
        monkeypatch, private_environment(tmp_path, write_tiny_model(tmp_path / "models"))
    )
    return monkeypatch


def test_models_are_listed_with_what_they_learned_from(capsys):
    assert run(["models", "--json"]) == 0
    listed = {model["name"]: model for model in json.loads(capsys.readouterr().out)}
    model, listener = listed["groove"], listed["groove-feel"]
    assert listener["name"] == "groove-feel"
    assert model["name"] == model["tool"] == "groove"
    assert model["state"] == "found"
    assert model["bytes"] > model["parameters"] > 0
    assert run(["models"]) == 0
    shown = capsys.readouterr().out
    assert "Nothing: its weights were drawn." in shown
    assert "Apache-2.0" in shown


@pytest.mark.parametrize("without_manifest", [False, True])
def test_a_damaged_model_is_named_and_costs_the_exit_code(
    tmp_path, environment, capsys, without_manifest
):
    models = write_damaged_model(tmp_path / "damaged")
    if without_manifest:
        (models / "groove" / MANIFEST).write_text("{}")
    environment.setenv("CLIPBRIDGE_MODELS", str(models))
    assert run(["models", "--json"]) == 1
    listed = {model["name"]: model for model in json.loads(capsys.readouterr().out)}
    model, listener = listed["groove"], listed["groove-feel"]
    assert listener["state"] == "found"
    assert model["state"] == "damaged"
    assert "Install Clipbridge again" in model["fault"]
    assert run(["models"]) == 1
    assert "damaged" in capsys.readouterr().out


def test_the_manual_goes_into_a_pipe_as_it_stands_in_the_repository(capsys):
    assert run(["protocol"]) == 0
    assert capsys.readouterr().out == markdown()


def test_the_manual_is_laid_out_on_a_terminal(environment, capsys):
    environment.setenv("FORCE_COLOR", "1")
    assert run(["protocol"]) == 0
    shown = capsys.readouterr().out
    assert "/bridge/groove" in shown
    assert "| argument |" not in shown


def test_the_table_of_messages_is_there_for_scripts(capsys):
    assert run(["protocol", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == oscquery_tree()


@pytest.mark.parametrize("line", [["evaluate", "groove"], ["evaluate"], ["train", "groove"]])
def test_a_program_without_the_training_part_says_so(line, environment, capsys):
    for name in [name for name in sys.modules if name.startswith("bridge.training")]:
        environment.delitem(sys.modules, name)
    environment.setitem(sys.modules, "bridge.training", None)
    assert run(line) == 1
    captured = capsys.readouterr()
    assert "no training part" in captured.err
    assert "pip install '.[train]'" in " ".join(captured.err.split())
    assert not captured.out


def test_training_without_torch_says_its_cure(tmp_path):
    (tmp_path / "groove").mkdir()
    (tmp_path / "groove" / "info.csv").touch()
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "from bridge.commands.cli import run\n"
        f"sys.exit(run(['train', 'groove', '--data', {str(tmp_path)!r}]))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "Training needs torch" in ended.stderr
    assert "pip install '.[train]'" in " ".join(ended.stderr.split())


@pytest.mark.parametrize("command", ["evaluate", "train"])
@pytest.mark.parametrize("named", [False, True])
def test_missing_data_is_said_with_where_to_get_it(tmp_path, capsys, command, named):
    data = ["--data", str(tmp_path)] if named else []
    assert run([command, "groove", *data]) == 1
    assert "magenta.tensorflow.org/datasets/groove" in capsys.readouterr().err


@pytest.mark.parametrize(
    "line", [["evaluate", "grove"], ["train"], ["train", "groove", "--epochs", "0"]]
)
def test_a_mistyped_training_is_a_mistyped_line(line, capsys):
    assert run(line) == 2
    assert capsys.readouterr().err


def test_samples_are_drawn_with_a_key_beside_them(tmp_path, environment, capsys):
    pytest.importorskip("torch")
    part, samples = training_part("melody_pictures"), training_part("samples")
    clips = [part.clip_of_codes(np.array([60 + each] * 16, np.int16)) for each in range(3)]
    sheet = samples.shuffled(clips[:1], clips[1:], ["take 0"])
    environment.setattr(part, "sheets", lambda catalog: {"continue": sheet})
    folder = tmp_path / "drawn"
    assert run(["evaluate", "melody", "--pictures", str(folder)]) == 0
    assert capsys.readouterr().out.split() == [str(folder / "continue.png")]
    assert (folder / "continue.png").read_bytes().startswith(b"\x89PNG")
    assert "take 0" in (folder / "continue.txt").read_text(encoding="utf-8")
    assert run(["evaluate", "groove", "--pictures", str(folder)]) == 2
    assert "not of groove" in capsys.readouterr().err


def test_evaluating_shows_what_the_training_part_measures(tmp_path, environment, capsys):
    part = training_part("report")
    measure = training_part("metrics").Measure(0.5, (0.4, 0.6), (0.3, 0.7))
    row = training_part("evaluate").GrooveRow("groove", measure, measure, measure, measure)
    found = part.GrooveReport({"test": 2}, 3, (row,), {"drummer1": 18.0}, 1.0, 1.0)
    environment.setattr(part, "measure", lambda *_, **__: found)
    assert run(["evaluate", "--json"]) == 0
    fields = json.loads(capsys.readouterr().out)
    assert fields["rows"][0]["timing_mae_ms"]["by_file"] == [0.3, 0.7]
    assert fields["model"] == "groove"
    assert run(["evaluate"]) == 0
    assert capsys.readouterr().out == part.table(found) + "\n"
    assert "| groove | 0.50 [0.40–0.60; 0.30–0.70] |" in part.table(found)
    environment.setenv("FORCE_COLOR", "1")
    assert run(["evaluate"]) == 0
    shown = capsys.readouterr().out
    assert all(figure in shown for figure in ("0.50", "0.40–0.60", "0.30–0.70", "2 windows"))
