"""The bar network: what it learns from, that it learns, and that its graphs are the network."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from bridge.codecs.drumbar import LONGEST, bars_of, features_of  # noqa: E402
from bridge.codecs.drumgrid import PIECES  # noqa: E402
from bridge.codecs.drumgrid import Performance as PerformanceWindows  # noqa: E402
from bridge.codecs.drumscore import hits_of  # noqa: E402
from bridge.engine.cancel import Cancel  # noqa: E402
from bridge.engine.catalog import Catalog  # noqa: E402
from bridge.tools.score_paths import LISTENER, PLAYER, hear, played_at  # noqa: E402
from bridge.training import interpolate_report  # noqa: E402
from bridge.training.corpus import Windows  # noqa: E402
from bridge.training.export import export  # noqa: E402
from bridge.training.fit import Schedule  # noqa: E402
from bridge.training.interpolate_evaluate import (  # noqa: E402
    DRAWN,
    measure_windows,
    nats_of,
)
from bridge.training.interpolate_export import interpolate_exports  # noqa: E402
from bridge.training.interpolate_lesson import (  # noqa: E402
    InterpolateRecipe,
    fit_interpolate,
)
from bridge.training.interpolate_network import BarNetwork, BarShape  # noqa: E402
from bridge.training.practice_bars import (  # noqa: E402
    bars_played,
    changed,
    drawn_patterns,
    steps_of_metre,
)
from bridge.training.scores import Scores  # noqa: E402
from tests.tiny_score import write_tiny_score  # noqa: E402

SHAPE = BarShape(width=24, layers=1, heads=2, hidden=32, latent=8, narrow=8, dropout=0.0)
BARS = np.random.default_rng(0).choice([0, 1, 4, 5, 6], (4, 16))
"""Few enough to be learnt by heart."""


def scores():
    files = tuple(np.concatenate(BARS[[first, 1, 2]]) for first in range(4) for _ in range(8))
    return Scores(files, (100.0,) * len(files), tuple(range(len(files))), (0,) * len(files))


def recipe(**changes):
    schedule = Schedule(epochs=12, batch=8, learning_rate=1e-2, average=0.9, bfloat16=False)
    return InterpolateRecipe(SHAPE, schedule, latent_cost=0.01, changed_share=0.0, **changes)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    seen = []
    network = fit_interpolate(
        recipe(other_metres=0.0),
        scores(),
        scores(),
        tmp_path_factory.mktemp("state") / "state.pt",
        report=seen.append,
    )
    return network, seen


@pytest.fixture(scope="module")
def company(trained, tmp_path_factory):
    network, _ = trained
    folder = tmp_path_factory.mktemp("models")
    write_tiny_score(folder)
    for name, part in interpolate_exports(network, recipe()).items():
        export(part, folder / name)
    return interpolate_report.company_of(Catalog((folder,), provider="cpu"))


def test_a_bar_stands_before_the_one_that_follows_and_the_last_before_itself():
    played = bars_played(Scores((np.arange(48),), (100.0,), (0,), (0,)))
    assert played[0].tolist() == list(range(32))
    assert played[2].tolist() == [*range(32, 48)] * 2


def test_drawn_patterns_are_even_strokes_of_some_pieces():
    drawn = hits_of(drawn_patterns(np.random.default_rng(0), 400))
    assert drawn.shape == (400, LONGEST, PIECES)
    assert 1.5 < drawn.any(axis=1).sum(axis=-1).mean() < 5
    kicks = drawn[:, :, 0]
    assert (kicks == (np.arange(LONGEST) % 4 == 0)).all(axis=1).any()


def test_changed_bars_are_bars_and_many_are_changed():
    generator = np.random.default_rng(0)
    codes, others = generator.integers(0, 512, (2, 300, LONGEST))
    made = changed(codes, others, generator)
    assert made.shape == codes.shape
    assert ((made >= 0) & (made < 512)).all()
    assert 0.6 < (made != codes).any(axis=1).mean() < 1.0


def test_metres_are_mostly_common_time():
    generator = np.random.default_rng(0)
    steps = [steps_of_metre(generator, 0.3) for _ in range(500)]
    assert 0.6 < np.mean(np.array(steps) == 16) < 0.8
    assert {12, 14, 8} < set(steps)
    assert 1 <= min(steps) <= max(steps) <= LONGEST


def test_steps_beyond_a_bar_do_not_count():
    torch.manual_seed(0)
    network = BarNetwork(SHAPE).eval()
    hits, counted = (torch.from_numpy(part) for part in features_of(BARS[:, :14]))
    louder = hits.clone()
    louder[:, 14:] = 1.0
    with torch.no_grad():
        one, other = network.listener(hits, counted), network.listener(louder, counted)
        short = network.listener(hits[:, :16], counted[:, :16])
        logits = network.player(one[0], counted)
        short_logits = network.player(one[0], counted[:, :16])
    assert all((a == b).all() for a, b in zip(one, other, strict=True))
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(one, short, strict=True))
    assert torch.allclose(logits[:, :14], short_logits[:, :14], atol=1e-5)


def test_a_short_training_gives_bars_back(trained):
    _, seen = trained
    assert seen[-1].validation_loss < seen[0].validation_loss
    assert seen[-1].figures["steps right"] > 0.9


def test_bars_of_other_metres_and_changed_ones_are_learnt_from(tmp_path):
    seen = []
    taught = replace(
        recipe(other_metres=1.0), changed_share=1.0, schedule=Schedule(epochs=1, batch=8)
    )
    fit_interpolate(taught, scores(), scores(), tmp_path / "state.pt", report=seen.append)
    assert np.isfinite(seen[0].train_loss)


def test_the_graphs_give_what_the_network_gives(trained, company):
    network, _ = trained
    hits, counted = (torch.from_numpy(part) for part in features_of(BARS))
    with torch.no_grad():
        mean, _ = network.listener(hits, counted)
        logits = network.player(mean, counted)
    heard = hear(BARS, company.listener, Cancel())
    assert np.abs(heard.places - mean.numpy()).max() < 1e-4
    found = played_at(heard.places, 16, company.player, Cancel())
    assert np.abs(found - logits[:, :16].numpy()).max() < 1e-3
    assert (found.argmax(axis=-1) == BARS).mean() > 0.9


def test_the_report_says_all_of_it(company):
    codes = np.stack([np.concatenate(BARS[[a, b]]) for a, b in ((0, 1), (2, 3), (1, 1), (3, 0))])
    hits = hits_of(codes)
    windows = Windows(
        PerformanceWindows(hits, hits, hits),
        np.full(4, 100.0, np.float32),
        np.array([0, 0, 1, 1]),
        np.arange(4),
    )
    told = []
    found = measure_windows(windows, company, pairs=3, report=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)
    assert found.recall.exact.value > 0.8
    assert found.recall.exact_likeliest.value >= found.recall.exact_of_draw.value
    assert set(found.recall.drawn) == set(DRAWN)
    assert found.ways.pairs == 3
    assert found.ways.silent == 0
    text = interpolate_report.table(found)
    assert all(heading in text for heading in interpolate_report.HEADINGS)
    assert found.as_fields()["ways"]["pairs"] == 3
    assert interpolate_report.goals_of(found)[-1].met
    assert found.near.apart[0.0] == 0.0
    assert found.near.apart[1.0] == 1.0


def test_nats_are_those_of_each_score_alone(company):
    codes = np.random.default_rng(1).integers(0, 512, (5, 32))
    tempo = np.linspace(80, 160, 5).astype(np.float32)
    together = nats_of(codes, tempo, company.judge)
    alone = [nats_of(codes[n : n + 1], tempo[n : n + 1], company.judge)[0] for n in range(5)]
    assert together == pytest.approx(alone, rel=1e-5)


def test_a_score_is_bars_and_the_last_is_filled_with_silence():
    assert bars_of(np.arange(1, 6), 4).tolist() == [[1, 2, 3, 4], [5, 0, 0, 0]]


def test_the_names_are_those_the_tool_asks_for():
    assert list(interpolate_exports(BarNetwork(SHAPE), recipe())) == [PLAYER, LISTENER]
