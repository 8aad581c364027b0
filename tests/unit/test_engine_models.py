"""Models that work, models that break, and what becomes of the job."""

import subprocess
import threading
import tomllib

import numpy as np
import pytest

from bridge.engine.cancel import Cancel
from bridge.engine.catalog import (
    Catalog,
    Model,
    read_example,
    read_graph,
    shipped_models,
    time_session,
)
from bridge.engine.manifest import read_manifest
from bridge.engine.session import Session, open_session
from bridge.errors import CancelledError, ModelFailedError, ModelMissingError
from tests import tiny_models


def loaded(write, folder):
    return Catalog((write(folder),), provider="cpu").load("groove")


def inputs(batch=2):
    generator = np.random.default_rng(0)
    return {
        tensor.name: generator.random(
            [batch if isinstance(size, str) else size for size in tensor.shape], np.float32
        )
        for tensor in tiny_models.INPUTS
    }


@pytest.mark.parametrize("batch", [1, 2, 17])
def test_a_model_takes_any_batch_and_gives_the_same_again(tmp_path, batch):
    model = loaded(tiny_models.write_tiny_model, tmp_path)
    one, other = (model.run(inputs(batch), Cancel()) for _ in range(2))
    assert one["offset"].shape == (batch, 32, 9, 33)
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_what_a_take_gets_does_not_depend_on_its_neighbours(tmp_path):
    model = loaded(tiny_models.write_tiny_model, tmp_path)
    both = inputs(2)
    alone = {name: array[1:] for name, array in both.items()}
    pair = model.run(both, Cancel())["offset"][1]
    assert np.allclose(pair, model.run(alone, Cancel())["offset"][0], atol=1e-5)


def test_the_example_beside_a_model_is_what_it_computes(tmp_path):
    folder = tiny_models.write_tiny_model(tmp_path)
    manifest = read_manifest(folder / "groove" / "manifest.json")
    given, expected = read_example(folder / "groove", manifest)
    session = open_session(read_graph(folder / "groove", manifest), manifest, "cpu")
    found = session.run(given, Cancel())
    assert all(np.array_equal(found[name], expected[name]) for name in expected)
    assert time_session(session, given) > 0


@pytest.mark.parametrize(
    ("write", "fault"),
    [
        (tiny_models.write_misshapen_model, ModelFailedError),
        (tiny_models.write_nan_model, ModelFailedError),
        (tiny_models.write_failing_model, ModelFailedError),
        (tiny_models.write_damaged_model, ModelMissingError),
        (tiny_models.write_unloadable_model, ModelFailedError),
    ],
)
def test_a_bad_model_is_named_in_words(tmp_path, write, fault):
    with pytest.raises(fault, match="groove"):
        loaded(write, tmp_path).run(inputs(), Cancel())


def test_a_wrong_shape_of_an_input_is_refused(tmp_path):
    model = loaded(tiny_models.write_tiny_model, tmp_path)
    for spoiled in (
        {"score": np.zeros((2, 31, 9), np.float32)},
        {"tempo": np.zeros(2, np.float32)},
    ):
        with pytest.raises(ModelFailedError, match="shape"):
            model.run({**inputs(), **spoiled}, Cancel())
    with pytest.raises(ModelFailedError, match="shape"):  # axes of one name, two sizes
        model.run({**inputs(2), "tempo": inputs(3)["tempo"]}, Cancel())


def test_a_run_that_was_called_off_before_does_not_begin(tmp_path):
    cancel = Cancel()
    cancel.cancel()
    with pytest.raises(CancelledError):
        loaded(tiny_models.write_tiny_model, tmp_path).run(inputs(), cancel)


def test_a_running_model_is_stopped_and_can_be_used_again(tmp_path):
    model = loaded(tiny_models.write_slow_model, tmp_path)
    for _ in range(2):
        cancel = Cancel()
        timer = threading.Timer(0.2, cancel.cancel)
        timer.start()
        with pytest.raises(CancelledError):
            model.run(inputs(), cancel)
        timer.join()


def test_a_graphics_card_that_fails_in_a_job_is_left_for_the_cpu(tmp_path):
    broken_folder = tiny_models.write_failing_model(tmp_path / "broken") / "groove"
    manifest = read_manifest(broken_folder / "manifest.json")
    broken = open_session(read_graph(broken_folder, manifest), manifest, "cpu")
    whole = loaded(tiny_models.write_tiny_model, tmp_path / "whole")
    reopened = []

    def reopen():
        reopened.append(True)
        return whole._session

    model = Model(Session(broken.manifest, "cuda", broken._graph), reopen)
    found = model.run(inputs(), Cancel())
    assert np.array_equal(found["offset"], whole.run(inputs(), Cancel())["offset"])
    assert model.provider == "cpu"
    model.run(inputs(), Cancel())
    assert reopened == [True]


def test_a_catalog_lists_what_is_there_and_how_it_stands(tmp_path):
    empty = Catalog((tmp_path,), provider="cpu")
    assert empty.entries() == ()
    with pytest.raises(ModelMissingError, match="not installed"):
        empty.load("groove")
    catalog = Catalog((tiny_models.write_tiny_model(tmp_path),), provider="cpu")
    states = [(entry.name, entry.state) for entry in catalog.entries()]
    assert states == [("groove", "found"), ("groove-feel", "found")]
    catalog.load("groove")
    assert catalog.entries()[0].state == "loaded"
    assert [model.manifest.name for model in catalog.loaded()] == ["groove"]
    damaged = Catalog((tiny_models.write_damaged_model(tmp_path / "d"),), provider="cpu")
    assert damaged.entries()[0].state == "damaged"
    assert "Install Clipbridge again" in damaged.entries()[0].fault


def test_a_later_folder_stands_in_for_an_earlier_one(tmp_path):
    one = tiny_models.write_damaged_model(tmp_path / "one")
    other = tiny_models.write_tiny_model(tmp_path / "other")
    assert Catalog((one, other), provider="cpu").load("groove").provider == "cpu"
    assert Catalog((one, other)).entries()[0].state == "found"


def test_a_further_file_comes_with_its_model(tmp_path):
    folder = tiny_models.write_tiny_model(tmp_path)
    tiny_models.add_extra(folder / "groove", "fingerprint.npz", b"runs of notes")
    catalog = Catalog((folder,), provider="cpu")
    assert catalog.load("groove").extra("fingerprint.npz") == b"runs of notes"
    with pytest.raises(ModelMissingError, match=r"groove-feel has no fingerprint\.npz"):
        catalog.load("groove-feel").extra("fingerprint.npz")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda file: file.write_bytes(b"runs of nodes"), "fingerprint.npz is damaged"),
        (lambda file: file.unlink(), "fingerprint.npz cannot be read"),
    ],
    ids=["damaged", "missing"],
)
def test_a_model_whose_further_file_is_spoiled_is_refused_in_words(tmp_path, spoil, says):
    folder = tiny_models.write_tiny_model(tmp_path)
    tiny_models.add_extra(folder / "groove", "fingerprint.npz", b"runs of notes")
    spoil(folder / "groove" / "fingerprint.npz")
    catalog = Catalog((folder,), provider="cpu")
    (entry, _) = catalog.entries()
    assert entry.state == "damaged"
    assert says in entry.fault
    with pytest.raises(ModelMissingError, match=r"(?s)fingerprint.*Install Clipbridge again"):
        catalog.load("groove")


def test_what_lies_in_a_models_folder_is_packaged_whole():
    root = shipped_models().parent
    wheel = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"][
        "build"
    ]["targets"]["wheel"]
    assert wheel["force-include"]["exported_models"] == "bridge/exported_models"
    recipe = (root / "build.spec").read_text(encoding="utf-8")
    assert '(str(ROOT / "exported_models"), "bridge/exported_models")' in recipe
    ignored = subprocess.run(
        ["git", "check-ignore", "exported_models/notes/fingerprint.npz"], cwd=root, check=False
    )
    assert ignored.returncode == 1


def test_the_shipped_models_lie_beside_the_program():
    assert shipped_models().is_dir()
