"""The drumify lesson: what is tapped is what the codec reads, and a rule is learnt."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is missing: pip install '.[train]'")

from bridge.codecs.drumgrid import Performance  # noqa: E402
from bridge.codecs.hits import read_hits  # noqa: E402
from bridge.codecs.taps import tap_features  # noqa: E402
from bridge.engine.cancel import Cancel  # noqa: E402
from bridge.engine.catalog import Catalog  # noqa: E402
from bridge.music.clip import Clip, Note  # noqa: E402
from bridge.music.drumkit import ROLAND, Piece  # noqa: E402
from bridge.music.units import TICKS_PER_SIXTEENTH  # noqa: E402
from bridge.training.corpus import Windows  # noqa: E402
from bridge.training.drumify_course import drumify_export  # noqa: E402
from bridge.training.drumify_lesson import (  # noqa: E402
    DrumifyLesson,
    DrumifyRecipe,
    fit_drumify,
    taps_of,
)
from bridge.training.drumify_network import DrumifyNetwork, DrumifyShape  # noqa: E402
from bridge.training.drumify_prediction import (  # noqa: E402
    BAR_OF_COMMON_TIME,
    f1,
    tune_thresholds,
    window_taps,
)
from bridge.training.drumify_variation import DrummedData  # noqa: E402
from bridge.training.export import export  # noqa: E402
from bridge.training.fit import Schedule  # noqa: E402
from bridge.training.steady_layers import SteadyShape  # noqa: E402

pytestmark = pytest.mark.training

TINY = DrumifyShape(
    layers=SteadyShape(width=16, heads=2, hidden=16, dropped=0.0, left_out=0.0),
    depth=2,
    voices=2,
    listening=1,
    feel=3,
)
CPU = torch.device("cpu")
SCHEDULE = Schedule(epochs=2, batch=16, learning_rate=3e-3, bfloat16=False)
RECIPE = DrumifyRecipe(shape=TINY, schedule=SCHEDULE)


def data_of(cut, bar=BAR_OF_COMMON_TIME):
    return DrummedData.of(cut, [bar] * len(cut), CPU)


def windows(count=64, seed=0):
    """Drumming with a rule to learn: what is struck late is the snare, all else the kick."""
    generator = np.random.default_rng(seed)
    tapped = generator.random((count, 32)) < 0.4
    late = generator.random((count, 32)) < 0.5
    hits = np.zeros((count, 32, 9), np.float32)
    hits[..., 1] = tapped & late
    hits[..., 0] = tapped & ~late
    offset = hits * np.where(np.arange(9) == 1, 0.3, -0.3).astype(np.float32)
    velocity = hits * (0.2 + 0.6 * generator.random(hits.shape).astype(np.float32))
    return Windows(
        Performance(hits, velocity, offset),
        np.full(count, 120.0, np.float32),
        np.zeros(count, np.int64),
        np.arange(count),
    )


@pytest.mark.parametrize("accented", [True, False])
def test_taps_are_the_same_of_tensors_of_windows_and_of_clips(accented):
    cut = windows(count=4)
    data = data_of(cut).windows
    told = torch.full((4, 1), float(accented))
    of_tensors = taps_of(data.score, data.velocity, data.offset, told, torch.ones(4, 1)).numpy()
    of_windows = window_taps(cut, accented=accented)
    assert np.array_equal(of_tensors, of_windows)
    for index in range(4):
        notes = tuple(
            Note(
                ROLAND.pitch_of(Piece(piece)),
                round((step + float(cut.played.offset[index, step, piece])) * TICKS_PER_SIXTEENTH),
                100,
                127.0 * float(cut.played.velocity[index, step, piece]) if accented else 90.0,
            )
            for step, piece in np.argwhere(cut.played.hits[index] > 0).tolist()
        )
        hits = read_hits(Clip(notes, 32 * TICKS_PER_SIXTEENTH), lambda _: Piece.CLOSED_HAT)
        read = tap_features(hits, np.zeros(1, np.int64), None, complete=True)[0]
        assert np.abs(read - of_windows[index]).max() < 1e-3


def test_a_rule_that_is_there_is_learnt(tmp_path):
    heard = []
    recipe = replace(RECIPE, schedule=replace(SCHEDULE, epochs=12, average=0.5), stiff_share=0.0)
    train, validation = data_of(windows()), data_of(windows(seed=1))
    network = fit_drumify(recipe, train, validation, tmp_path / "a.pt", report=heard.append)
    assert network.confidence.shape == (2,)
    assert heard[-1].figures["nats a cell"] < 0.7 * heard[0].figures["nats a cell"]


def test_the_same_seed_gives_the_same_loss():
    data = data_of(windows())
    lesson = DrumifyLesson(RECIPE, data, data)
    assert lesson.examples == 64
    losses = []
    for _ in range(2):
        torch.manual_seed(0)
        network = fit_network()
        generator = torch.Generator().manual_seed(5)
        losses.append(float(lesson.loss(network, torch.arange(16), generator, 0.5).detach()))
    assert losses[0] == losses[1]


def fit_network():
    return DrumifyNetwork(TINY)


def test_the_graph_that_leaves_computes_what_the_network_does(tmp_path):
    network = fit_network()
    manifest = export(drumify_export(network, RECIPE), tmp_path / "drumify")
    model = Catalog([tmp_path], provider="cpu").load("drumify")
    inputs = {
        tensor.name: np.random.default_rng(1).random((3, *tensor.shape[1:]), np.float32)
        for tensor in manifest.inputs
    }
    with torch.no_grad():
        expected = network(*(torch.from_numpy(value) for value in inputs.values())).numpy()
    assert np.abs(model.run(inputs, Cancel())["hits"] - expected).max() < 1e-4


def test_thresholds_are_where_f1_is_greatest():
    generator = np.random.default_rng(0)
    hits = (generator.random((50, 32, 9)) < 0.2).astype(np.float32)
    logits = np.where(hits > 0, 1.0, -1.0) - 1.0 + generator.normal(0.0, 0.3, hits.shape)
    levels = tune_thresholds(logits, hits)
    assert np.abs(levels + 1.0).max() < 0.8
    assert f1(logits[..., 0] > levels[0], hits[..., 0] > 0) > 0.98
