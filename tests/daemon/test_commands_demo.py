"""``clipbridge demo`` and ``selftest`` as processes: real bridges, real UDP, real files."""

import json
from pathlib import Path

import psutil
import pytest
from PIL import Image

from bridge.commands.beat import stiff_beat
from bridge.commands.picture import WIDTH
from bridge.daemon.instance import claim_instance
from bridge.music.grid import nearest_step
from bridge.music.midifile import read_midi
from tests.command_line import call, needs_shipped_model, private_environment
from tests.tiny_models import (
    write_damaged_model,
    write_failing_model,
    write_nan_model,
    write_tiny_model,
)

SHIPPED = pytest.param("shipped", marks=(pytest.mark.models, needs_shipped_model))


@pytest.fixture
def place(tmp_path):
    """A folder as musicians have them."""
    place = tmp_path / "Meine Stücke [2026] ’neu’"
    place.mkdir()
    return place


@pytest.fixture(params=["tiny", SHIPPED])
def variables(request, tmp_path):
    """An environment of its own, with a tiny model or with the one that is shipped."""
    models = write_tiny_model(tmp_path / "the models") if request.param == "tiny" else None
    return private_environment(tmp_path / "own files", models)


def assert_nothing_is_left(variables):
    """No file but Clipbridge's own (onnxruntime's telemetry leaves some), and no process."""
    temporary = variables["TMPDIR"]
    assert not list(Path(temporary).iterdir())
    assert not list(Path(variables["HOME"]).iterdir())
    running = (process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"]))
    assert not [line for line in running if any(temporary in part for part in line)]


def test_the_demo_plays_a_device_beside_the_bridge_that_runs(variables, place):
    with claim_instance(Path(variables["CLIPBRIDGE_STATE_FOLDER"])):
        shown = call("demo", variables=variables, folder=place)
    assert shown.returncode == 0, shown.stderr
    assert not shown.stderr
    folder = place / "clipbridge-demo"
    assert sorted(path.name for path in folder.iterdir()) == [
        "beat.mid",
        *(f"take {take} seed {take - 1}.mid" for take in (1, 2, 3)),
        "takes.png",
    ]
    assert str(folder) in shown.stdout
    for words in ("33 hits", "on average", "clipbridge groove", "clipbridge serve", "doctor"):
        assert words in shown.stdout
    beat = read_midi(folder / "beat.mid")
    assert beat == stiff_beat()
    for path in folder.glob("take *.mid"):
        take = read_midi(path)
        assert take.name == path.stem
        assert take.notes != beat.notes
        assert sorted((note.pitch, nearest_step(note.start)) for note in take.notes) == sorted(
            (note.pitch, nearest_step(note.start)) for note in beat.notes
        )
    with Image.open(folder / "takes.png") as image:
        assert image.width == WIDTH
    assert_nothing_is_left(variables)


def test_the_demo_again_gives_the_same_files_and_overwrites_none(variables, place):
    line = ("demo", "-o", "a b", "--takes", "2", "--seed", "7", "--json")
    first = call(*line, variables=variables, folder=place)
    assert first.returncode == 0, first.stderr
    fields = json.loads(first.stdout)
    assert [take["seed"] for take in fields["takes"]] == [7, 8]
    kept = {path.name: path.read_bytes() for path in (place / "a b").iterdir()}
    assert len(kept) == 4
    (place / "a b" / "beat.mid").write_bytes(b"the musician's own")
    again = json.loads(call(*line, variables=variables, folder=place).stdout)
    assert again["takes"] == fields["takes"]
    assert again["picture"] == fields["picture"]
    assert again["beat"].endswith("beat (2).mid")
    now = {path.name: path.read_bytes() for path in (place / "a b").iterdir()}
    assert now == {**kept, "beat.mid": b"the musician's own", "beat (2).mid": kept["beat.mid"]}


def test_the_selftest_passes_where_all_is_well(variables, place):
    tested = call("selftest", "--json", variables=variables, folder=place)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    report = json.loads(tested.stdout)
    assert report["passed"]
    assert len(report["checks"]) == 8
    assert all(check["passed"] for check in report["checks"])
    assert not list(place.iterdir())
    assert_nothing_is_left(variables)


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (write_damaged_model, "damaged"),
        (write_failing_model, "failed"),
        (write_nan_model, "cannot be read"),
    ],
)
def test_the_selftest_fails_where_the_model_is_a_bad_one(tmp_path, place, write, words):
    variables = private_environment(tmp_path / "own files", write(tmp_path / "models"))
    tested = call("selftest", variables=variables, folder=place)
    assert tested.returncode == 1
    assert "✗ the model groove plays its example" in tested.stdout
    assert words in tested.stdout
    assert "✓ a bridge starts and answers" in tested.stdout
    assert "doctor" in tested.stdout
    assert "Traceback" not in tested.stderr
    assert_nothing_is_left(variables)


def test_the_selftest_can_be_read_where_a_terminal_has_no_tick(tmp_path, place):
    models = write_damaged_model(tmp_path / "models")
    variables = private_environment(tmp_path / "own files", models)
    variables["PYTHONIOENCODING"] = "ascii"
    tested = call("selftest", variables=variables, folder=place)
    assert tested.returncode == 1
    assert "? a bridge starts and answers" in tested.stdout
