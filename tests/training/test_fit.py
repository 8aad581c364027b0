"""Training: the same recipe gives the same network, whether or not it was interrupted."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is missing: pip install '.[train]'")

from bridge.codecs.drumgrid import Performance  # noqa: E402
from bridge.engine.cancel import Cancel  # noqa: E402
from bridge.engine.catalog import Catalog, read_example  # noqa: E402
from bridge.errors import ExportError  # noqa: E402
from bridge.training.corpus import Windows  # noqa: E402
from bridge.training.export import MOST_BYTES, Story, export_groove  # noqa: E402
from bridge.training.fit import (  # noqa: E402
    GrooveData,
    GrooveRecipe,
    fit_groove,
    reference_windows,
)
from bridge.training.networks import GrooveNetwork, GrooveShape  # noqa: E402

pytestmark = pytest.mark.training

TINY = GrooveShape(width=16, layers=1, heads=2, hidden=16, dropout=0.0)
RECIPE = GrooveRecipe(shape=TINY, epochs=2, batch=16, learning_rate=3e-3, bfloat16=False)
NUMBERS = {f"{a}_{b}": 0.1 for a in ("offset", "velocity") for b in ("take", "piece", "step")}


def windows(count=64, files=4, seed=0):
    """Drumming with a rule to learn: the snare is late and loud, all else early and soft."""
    generator = np.random.default_rng(seed)
    hits = (generator.random((count, 32, 9)) < 0.2).astype(np.float32)
    snare = np.arange(9) == 1
    offset = hits * np.where(snare, 0.3, -0.2).astype(np.float32)
    velocity = hits * np.where(snare, 0.9, 0.3).astype(np.float32)
    return Windows(
        Performance(hits, velocity, offset),
        np.full(count, 120.0, np.float32),
        np.repeat(np.arange(files), count // files),
        np.tile(np.arange(count // files), files),
    )


def trained(tmp_path, recipe=RECIPE, name="a"):
    heard = []
    network = fit_groove(
        recipe, windows(), windows(seed=1), tmp_path / f"{name}.pt", report=heard.append
    )
    return network, heard


def weights(network):
    return torch.cat([value.flatten() for value in network.state_dict().values()])


def test_a_network_learns_a_rule_that_is_there(tmp_path):
    _, heard = trained(tmp_path, replace(RECIPE, epochs=20, average=0.8))
    assert heard[-1].validation_loss < heard[0].validation_loss
    assert heard[-1].validation_velocity_mse < 0.25 * heard[0].validation_velocity_mse


def test_the_same_seed_gives_the_same_network(tmp_path):
    one, other = trained(tmp_path, name="a")[0], trained(tmp_path, name="b")[0]
    assert torch.equal(weights(one), weights(other))


def test_an_interrupted_training_ends_as_an_uninterrupted_one(tmp_path):
    whole, _ = trained(tmp_path)

    class StopError(Exception):
        pass

    def stop_after_the_first(_):
        raise StopError

    with pytest.raises(StopError):
        fit_groove(
            RECIPE,
            windows(),
            windows(seed=1),
            tmp_path / "halved.pt",
            report=stop_after_the_first,
        )
    halved, heard = trained(tmp_path, name="halved")
    assert [progress.epoch for progress in heard] == [2]
    assert torch.equal(weights(whole), weights(halved))


def test_a_checkpoint_of_another_recipe_is_not_gone_on_from(tmp_path):
    trained(tmp_path)
    _, heard = trained(tmp_path, replace(RECIPE, seed=5))
    assert [progress.epoch for progress in heard] == [1, 2]


def test_a_reference_is_of_the_same_file_and_shares_no_bar():
    data = GrooveData.of(windows(), torch.device("cpu"))
    marked = replace(data, score=torch.arange(64.0)[:, None, None].expand(64, 32, 9))
    chosen = torch.arange(64)
    for seed in range(20):
        reference = reference_windows(marked, chosen, torch.Generator().manual_seed(seed))
        other = reference[:, 0, 0].long()
        assert torch.equal(other // 16, chosen // 16)
        assert int((other - chosen).abs().min()) >= 2


def test_a_network_without_a_reference_is_one_with_a_reference_that_does_not_count():
    network = GrooveNetwork(replace(TINY, dropout=0.1)).eval()
    score, metre = (torch.rand(3, 32, 9) > 0.7).float(), torch.rand(3, 32, 9)
    tempo = torch.rand(3, 1)
    with torch.no_grad():
        alone = network(score, metre, tempo)
        unseen = network(score, metre, tempo, torch.rand(3, 32, 27), metre, torch.zeros(3, 1))
        seen = network(score, metre, tempo, torch.rand(3, 32, 27), metre, torch.ones(3, 1))
    assert torch.allclose(alone[0], unseen[0], atol=1e-5)
    assert not torch.allclose(alone[0], seen[0], atol=1e-5)


def story():
    return Story(command="a test", minutes=0.0, epochs=2, machine="this one", recipe=RECIPE)


def test_an_exported_network_is_what_the_engine_reads(tmp_path):
    network = GrooveNetwork(TINY)
    manifest = export_groove(network, NUMBERS, story(), tmp_path / "groove")
    model = Catalog((tmp_path,), provider="cpu").load("groove")
    inputs, outputs = read_example(tmp_path / "groove", manifest)
    found = model.run(inputs, Cancel())
    assert all(np.array_equal(found[name], outputs[name]) for name in outputs)


def test_a_network_that_is_too_large_is_not_exported(tmp_path):
    wide = GrooveNetwork(replace(TINY, width=512, hidden=4096, heads=2))
    assert sum(p.numel() for p in wide.parameters()) * 4 > MOST_BYTES
    with pytest.raises(ExportError, match="MiB"):
        export_groove(wide, NUMBERS, story(), tmp_path / "groove")
    assert not (tmp_path / "groove").exists()


def test_a_graph_that_computes_something_else_is_not_exported(tmp_path):
    class Moody(GrooveNetwork):
        """Another answer each time, as dropout left on would give."""

        def forward(self, *arguments):
            offset, velocity = super().forward(*arguments)
            return offset + torch.rand(1), velocity

    with pytest.raises(ExportError, match="away"):
        export_groove(Moody(TINY), NUMBERS, story(), tmp_path / "groove")
    assert not (tmp_path / "groove").exists()
