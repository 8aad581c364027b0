"""The score network: what it may not see, and that its steps add up to its whole pass."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from bridge.engine.catalog import Catalog  # noqa: E402
from bridge.errors import ExportError  # noqa: E402
from bridge.training import score_export  # noqa: E402
from bridge.training.clone_lesson import ask_clone  # noqa: E402
from bridge.training.clones import DrumKitClone  # noqa: E402
from bridge.training.export import export  # noqa: E402
from bridge.training.fit import Schedule  # noqa: E402
from bridge.training.score_lesson import (  # noqa: E402
    ScoreLesson,
    ScoreRecipe,
    batch_of,
    fit_score,
)
from bridge.training.score_likelihood import step_nats  # noqa: E402
from bridge.training.score_network import ScoreNetwork, ScoreShape  # noqa: E402
from bridge.training.scores import STEPS, Scores, cut_scores  # noqa: E402

SHAPE = ScoreShape(width=20, layers=2, heads=5, hidden=24)
MAGENTAS_PARAMETERS = 2_967_850


def scores(seed=0):
    generator = np.random.default_rng(seed)
    codes = tuple(generator.integers(0, 512, 16 * bars) for bars in (3, 11, 20))
    return Scores(codes, (90.0, 120.0, 180.0), (0, 1, 2), (0, 17, 3))


def network():
    torch.manual_seed(0)
    made = ScoreNetwork(SHAPE)
    for block in made.blocks:
        torch.nn.init.normal_(block.nearness)
    return made.eval()


def test_every_step_of_every_file_stands_in_one_window():
    cut = cut_scores(scores())
    assert cut.counted.sum() == sum(map(len, scores().codes))
    assert (np.concatenate(scores().codes) == cut.codes[cut.counted]).all()


def gap(first, bars):
    return np.isin(np.arange(STEPS) // 16, range(first, first + bars))


@pytest.mark.parametrize("written", [None, gap(3, 2)], ids=["plain", "gap"])
def test_a_network_sees_only_what_had_its_turn_before(written):
    windows = cut_scores(scores()).whole()
    style = np.array([-1, *windows.style[1:]])
    asked = network()
    with torch.no_grad():
        batch = batch_of(windows, style, written)
        before = asked(batch.told, batch.position)
        for turn in (0, 60, 90, 126):
            step = int(batch.position[turn])
            windows.codes[:, step] ^= 3
            changed = batch_of(windows, style, written)
            after = asked(changed.told, changed.position)
            windows.codes[:, step] ^= 3
            assert (before[:, : turn + 1] == after[:, : turn + 1]).all()
            assert (before[:, turn + 1] != after[:, turn + 1]).any()


def test_in_a_gap_only_what_is_before_it_and_in_it_counts():
    windows = cut_scores(scores()).whole()
    batch = batch_of(windows, windows.style, gap(3, 2))
    counted = batch.position.numpy()[batch.counted[0].numpy()]
    assert sorted(counted) == list(range(5 * 16))
    assert (batch.codes.numpy() == windows.codes[:, batch.position.numpy()]).all()


def test_the_clone_sees_only_what_was_played_before():
    windows = cut_scores(scores())
    clone = DrumKitClone().eval()
    with torch.no_grad():
        before = ask_clone(clone, windows)
        windows.codes[:, 60:] ^= 1
        after = ask_clone(clone, windows)
    assert (before[:, :61] == after[:, :61]).all()
    assert (before[:, 61] != after[:, 61]).any()


def test_the_clone_is_as_large_as_magentas():
    found = sum(parameter.numel() for parameter in DrumKitClone().parameters())
    assert found == MAGENTAS_PARAMETERS


def test_a_short_training_learns_and_its_export_gives_the_same(tmp_path):
    repeating = Scores(
        tuple(np.tile(np.arange(16), 12) for _ in range(4)),
        (100.0,) * 4,
        (0, 1, 2, 3),
        (0, 0, 1, 2),
    )
    recipe = ScoreRecipe(SHAPE, Schedule(epochs=6, batch=2, learning_rate=1e-2, bfloat16=False))
    seen = []
    trained = fit_score(recipe, repeating, repeating, tmp_path / "state.pt", report=seen.append)
    assert seen[-1].validation_loss < seen[0].validation_loss < np.log(512)
    export(score_export.score_export(trained, recipe), tmp_path / "models" / "score")
    model = Catalog((tmp_path / "models",), provider="cpu").load("score")
    windows = cut_scores(repeating)
    score_export.require_steps_agree(model, trained, windows)
    score_export.require_steps_agree(model, trained, windows.whole(), gap(2, 3))
    with torch.no_grad():
        expected, figures = ScoreLesson(recipe, repeating, repeating).examine(trained)
    nats, _ = step_nats(model, windows)
    assert nats[windows.counted].mean() == pytest.approx(expected, abs=1e-4)
    styled, _ = step_nats(model, windows, style=windows.style)
    assert styled[windows.counted].mean() == pytest.approx(figures["with style"], abs=1e-4)
    filled, _ = step_nats(model, windows.whole(), written=gap(4, 1))
    assert filled[:, gap(4, 1)].mean() == pytest.approx(figures["of a gap"], abs=1e-4)
    assert windows.counted.sum() == 4 * 12 * 16 < windows.counted.size
    with pytest.raises(ExportError):
        score_export.require_steps_agree(model, network(), windows)
