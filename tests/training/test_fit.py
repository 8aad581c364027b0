"""Training: the same recipe gives the same network, whether or not it was interrupted."""

import math
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is missing: pip install '.[train]'")

from bridge.codecs.drumgrid import Performance  # noqa: E402
from bridge.engine.cancel import Cancel  # noqa: E402
from bridge.engine.catalog import Catalog, read_example  # noqa: E402
from bridge.errors import ExportError  # noqa: E402
from bridge.training.corpus import Windows  # noqa: E402
from bridge.training.export import (  # noqa: E402
    MOST_BYTES,
    Story,
    export,
    groove_exports,
    write_card,
)
from bridge.training.fit import Schedule  # noqa: E402
from bridge.training.groove_habits import SUMS, Habits, Hearer, Player, fit_habits  # noqa: E402
from bridge.training.groove_lesson import (  # noqa: E402
    GrooveData,
    GrooveRecipe,
    fit_groove,
    mean_of_bins,
    metre_of_common_time,
    nats_told,
    near_windows,
    other_windows,
)
from bridge.training.networks import GrooveNetwork, GrooveShape, places_of  # noqa: E402

pytestmark = pytest.mark.training

TINY = GrooveShape(
    width=16, before=1, after=1, listening=1, feel=3, heads=2, hidden=16, dropout=0.1
)
SCHEDULE = Schedule(epochs=2, batch=16, learning_rate=3e-3, bfloat16=False)
RECIPE = GrooveRecipe(shape=TINY, schedule=SCHEDULE)


def recipe(**changes):
    return replace(RECIPE, schedule=replace(SCHEDULE, **changes))


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


def trained(tmp_path, of=RECIPE, name="a"):
    heard = []
    network = fit_groove(
        of, windows(), windows(seed=1), tmp_path / f"{name}.pt", report=heard.append
    )
    return network, heard


def weights(network):
    return torch.cat([value.flatten() for value in network.state_dict().values()])


def test_a_network_learns_a_rule_that_is_there(tmp_path):
    _, heard = trained(tmp_path, recipe(epochs=30, average=0.8))
    assert heard[-1].validation_loss < heard[0].validation_loss
    first, last = (progress.figures["velocity MSE alone"] for progress in (heard[0], heard[-1]))
    assert last < 0.25 * first


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
    _, heard = trained(tmp_path, recipe(seed=5))
    assert [progress.epoch for progress in heard] == [1, 2]


def test_a_feel_is_heard_from_the_same_file_and_shares_no_bar():
    data = GrooveData.of(windows(), torch.device("cpu"))
    chosen = torch.arange(64)
    for seed in range(20):
        other = other_windows(data, chosen, torch.Generator().manual_seed(seed))
        assert torch.equal(other // 16, chosen // 16)
        assert int((other - chosen).abs().min()) >= 2


def test_a_feel_that_does_not_count_changes_nothing():
    network = GrooveNetwork(TINY).eval()
    score, metre = (torch.rand(3, 32, 9) > 0.7).float(), torch.rand(3, 32, 9)
    tempo, unknown = torch.rand(3, 1), torch.zeros(3, 1)
    with torch.no_grad():
        alone = network(score, metre, tempo, torch.zeros(3, 48), unknown)
        unheard = network(score, metre, tempo, torch.rand(3, 48), unknown)
        heard = network(score, metre, tempo, torch.rand(3, 48), 1.0 - unknown)
    assert torch.equal(alone[0], unheard[0])
    assert not torch.allclose(alone[0], heard[0], atol=1e-5)


def test_near_windows_are_of_the_same_file_and_share_no_bar():
    data = GrooveData.of(windows(), torch.device("cpu"))
    chosen = torch.arange(64)
    for seed in range(20):
        near = near_windows(data, chosen, torch.Generator().manual_seed(seed))
        assert torch.equal(near // 16, chosen // 16)
        assert set((near - chosen).abs().tolist()) <= {2, 3, 4}


def test_a_place_of_the_bar_is_one_of_sixteen_and_comes_again_in_the_next_bar():
    metre = metre_of_common_time(1, torch.device("cpu"))
    assert torch.equal(places_of(metre)[0], torch.eye(16).repeat(2, 1))


def performed(score, network, late):
    """The score as the network expects it, but for the kick, which is later."""
    metre = metre_of_common_time(len(score), torch.device("cpu"))
    tempo = torch.zeros(len(score), 1)
    offset, velocity = network(
        score, metre, tempo, torch.zeros(len(score), 48), torch.zeros(len(score), 1)
    )
    offset, velocity = mean_of_bins(offset, -0.5, 0.5), mean_of_bins(velocity, 0.0, 1.0)
    kick = (torch.arange(9) == 0).float()
    played = torch.cat([score, score * velocity, score * (offset + late * kick)], dim=-1)
    return played, metre, tempo


def test_a_habit_is_heard_where_it_is_and_nowhere_else():
    network = GrooveNetwork(TINY).eval()
    score = (torch.rand(3, 32, 9) > 0.6).float()
    with torch.no_grad():
        mean, _ = Hearer(network)(*performed(score, network, late=0.1))
    late, loud, heard = mean[:, -SUMS:].reshape(3, 3, 16, 9).unbind(dim=1)
    by_place = score[:, :16] + score[:, 16:]
    assert torch.allclose(heard, by_place)
    assert torch.allclose(late[..., 0], 0.1 * by_place[..., 0], atol=1e-5)
    assert late[..., 1:].abs().max() < 1e-5
    assert loud.abs().max() < 1e-5


def test_a_habit_that_is_believed_is_played_on():
    network, habits = GrooveNetwork(TINY).eval(), Habits()
    habits.belief[0, 0] = 1.0
    score = torch.ones(1, 32, 9)
    with torch.no_grad():
        played, metre, tempo = performed(score, network, late=0.1)
        feel, _ = Hearer(network)(played, metre, tempo)
        asked = score, metre, tempo, feel, torch.ones(1, 1)
        before = network(*asked[:3], feel[:, :-SUMS], asked[4])[0]
        after = Player(network, habits)(*asked)[0]
    moved = mean_of_bins(after, -0.5, 0.5) - mean_of_bins(before, -0.5, 0.5)
    assert torch.allclose(moved[..., 0], torch.tensor(0.1 * 32 / 36), atol=0.01)
    assert moved[..., 1:].abs().max() < 1e-4


def test_a_drummer_who_is_always_late_is_believed(tmp_path):
    """The rule that was learnt says early; these files are late throughout, each in its own way."""
    network, _ = trained(tmp_path)
    held_out = windows(count=256, files=16, seed=2)
    push = 0.15 * np.sign(held_out.file % 2 - 0.5).astype(np.float32)[:, None, None]
    played = held_out.played
    moved = Performance(played.hits, played.velocity, played.offset + played.hits * (push + 0.2))
    habits = fit_habits(network, replace(held_out, played=moved))
    assert float(habits.belief[0].sum()) > 0.5


def test_a_standard_normal_feel_tells_nothing():
    zero = nats_told(torch.zeros(2, 3), torch.ones(2, 3))
    told = nats_told(torch.tensor([[2.0, 0.0, 0.0]]), torch.tensor([[1.0, 1.0, 0.5]]))
    assert zero.tolist() == [0.0, 0.0]
    assert float(told[0]) == pytest.approx(2.0 + 0.5 * (0.25 - 1.0) + math.log(2.0))


def story():
    return Story(command="a test", minutes=0.0, epochs=2, machine="this one", recipe=RECIPE)


def test_an_exported_network_is_what_the_engine_reads(tmp_path):
    for name, part in groove_exports(GrooveNetwork(TINY), Habits(), RECIPE).items():
        manifest = export(part, tmp_path / name)
        model = Catalog((tmp_path,), provider="cpu").load(name)
        inputs, outputs = read_example(tmp_path / name, manifest)
        found = model.run(inputs, Cancel())
        assert all(np.array_equal(found[output], outputs[output]) for output in outputs)
        write_card(tmp_path / name, manifest, story(), "A test.")
        assert manifest.commit[:12] in (tmp_path / name / "CARD.md").read_text(encoding="utf-8")


def player(network):
    return groove_exports(network, Habits(), RECIPE)["groove"]


def test_a_network_that_is_too_large_is_not_exported(tmp_path):
    wide = GrooveNetwork(replace(TINY, width=512, hidden=4096))
    assert sum(p.numel() for p in wide.parameters()) * 4 > MOST_BYTES
    with pytest.raises(ExportError, match="MiB"):
        export(player(wide), tmp_path / "groove")
    assert not (tmp_path / "groove").exists()


def test_a_graph_that_computes_something_else_is_not_exported(tmp_path):
    class Moody(GrooveNetwork):
        """Another answer each time, as dropout left on would give."""

        def forward(self, *arguments):
            offset, velocity = super().forward(*arguments)
            return offset + torch.rand(1), velocity

    with pytest.raises(ExportError, match="away"):
        export(player(Moody(TINY)), tmp_path / "groove")
    assert not (tmp_path / "groove").exists()
