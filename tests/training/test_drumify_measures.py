"""The measures of Drumify: what is counted is what it says, on drumming and models made by hand."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is missing: pip install '.[train]'")

from bridge.codecs.drumgrid import Performance, metre_features  # noqa: E402
from bridge.commands.cli import run  # noqa: E402
from bridge.commands.training_part import training_part  # noqa: E402
from bridge.engine.catalog import MANIFEST, Catalog  # noqa: E402
from bridge.music.clip import ticks_per_bar  # noqa: E402
from bridge.music.drumkit import Piece  # noqa: E402
from bridge.tools.drumify import BIASES, MODEL  # noqa: E402
from bridge.tools.groove import MODEL as PLAYER  # noqa: E402
from bridge.training import drumify_takes  # noqa: E402
from bridge.training.corpus import Drumming, Windows  # noqa: E402
from bridge.training.drumify_playing import play_windows, rhythm_clip  # noqa: E402
from bridge.training.drumify_prediction import (  # noqa: E402
    bars_of,
    in_context,
    only,
    predict_hits,
    sampling_bias,
    some_windows,
    window_metre,
)
from tests.command_line import private_environment, use_environment  # noqa: E402
from tests.tiny_drumify import write_tiny_drumify  # noqa: E402

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tiny_drumify(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def models(folder):
    catalog = Catalog([folder], provider="cpu")
    return catalog.load(MODEL), catalog.load(PLAYER)


def windows(count=6, seed=0):
    """Kicks on every beat, other pieces at random; the last window is silent."""
    generator = np.random.default_rng(seed)
    hits = (generator.random((count, 32, 9)) < 0.15).astype(np.float32)
    hits[:, ::4, Piece.KICK] = 1.0
    hits[-1] = 0.0
    velocity = hits * (0.2 + 0.7 * generator.random(hits.shape).astype(np.float32))
    return Windows(
        Performance(hits, velocity, 0.2 * hits),
        np.full(count, 100.0, np.float32),
        np.repeat([0, 1], count // 2),
        np.tile(np.arange(count // 2), 2),
    )


def test_every_tap_of_a_window_is_answered_and_none_is_invented(models):
    cut = windows()
    takes = play_windows(cut, *models)
    assert takes.answered == takes.on_taps == 1.0
    assert np.array_equal(takes.played.hits.any(axis=2), cut.played.hits.any(axis=2))
    assert np.array_equal(takes.played.velocity > 0, takes.played.hits > 0)
    assert np.abs(takes.played.offset).max() <= 0.5


def test_what_is_filled_in_is_more_than_what_is_tapped(models):
    cut = windows()
    takes = play_windows(cut, *models, tapped=(Piece.KICK,), fill=True, hits_per_bar=12.0)
    assert takes.answered == 1.0
    assert takes.on_taps < 1.0
    assert takes.played.hits[:-1].sum(axis=(1, 2)).tolist() == [24.0] * 5
    assert not takes.played.hits[-1].any()


def test_a_rhythm_of_one_piece_has_its_hits_alone():
    cut = only(windows(), (Piece.KICK,))
    assert len(rhythm_clip(windows(), 0, (Piece.KICK,)).notes) == cut.played.hits[0].sum()
    assert not cut.played.hits[..., Piece.SNARE].any()


def test_a_window_in_context_is_blended_with_its_neighbours_on_its_own_taps():
    cut = windows()
    tapped = cut.played.hits.any(axis=2)
    logits = np.zeros((6, 32, 9))
    logits[1] = 1.0
    blended = in_context(logits, cut)
    assert (blended[0, :16] == 0).all()
    assert (blended[2, 16:] == 0).all()
    for window, half in ((0, slice(16, 32)), (2, slice(0, 16))):
        assert np.array_equal(blended[window, half].any(axis=1), tapped[window, half])
    assert (blended[3:] == 0).all()  # Another file.
    assert np.allclose(in_context(np.ones((6, 32, 9)), cut), 1.0)
    # In the middle of both windows each counts as much as it is far from its edge.
    assert blended[0, 16, 0] == pytest.approx(1 / 17)


def test_bars_of_other_metres_go_on_through_windows():
    drummings = tuple(
        Drumming("a.mid", "drummer1", "rock", 100.0, metre, "train", 20.0, np.zeros((0, 4)))
        for metre in ("3-4", "4-4")
    )
    cut = windows()
    bars = bars_of(cut, drummings)
    assert bars.tolist() == [ticks_per_bar(3, 4)] * 3 + [ticks_per_bar(4, 4)] * 3
    metre = window_metre(cut, bars)
    assert np.array_equal(metre[1], metre_features(np.array([16]), ticks_per_bar(3, 4))[0])
    assert np.array_equal(metre[4], metre_features(np.zeros(1, np.int64), ticks_per_bar(4, 4))[0])


@pytest.mark.parametrize("fill", [False, True])
def test_with_the_bias_as_many_hits_are_drawn_as_were_played(models, tmp_path, fill):
    model, player = models
    cut = windows(count=60)
    folder = write_tiny_drumify(tmp_path)
    manifest = folder / MODEL / MANIFEST
    fields = json.loads(manifest.read_text())
    fields["numbers"][BIASES[fill]] = sampling_bias(model, cut, fill=fill)
    manifest.write_text(json.dumps(fields))
    biased = Catalog([folder], provider="cpu").load(MODEL)
    tapped = (Piece.KICK,) if fill else tuple(Piece)
    drawn = [
        play_windows(cut, made, player, tapped=tapped, fill=fill).played.hits.sum()
        for made in (biased, model)
    ]
    assert drawn[0] == pytest.approx(cut.played.hits.sum(), rel=0.1)
    assert drawn[1] != pytest.approx(cut.played.hits.sum(), rel=0.1)


def test_divergences_are_none_of_the_same_and_ln_two_of_strangers():
    cut = windows()
    played = cut.played
    shifted = Performance(*(np.roll(part, 1, axis=2) for part in (played.hits,) * 3))
    assert drumify_takes._rate_divergence(played, played) == 0.0
    assert drumify_takes._place_divergence(played, played) == 0.0
    assert 0.0 < drumify_takes._rate_divergence(played, shifted) <= np.log(2.0)


def test_logits_are_those_of_the_taps_alone(models):
    model, _ = models
    cut = windows()
    loud = predict_hits(model, cut, accented=True)
    silent = predict_hits(model, cut, accented=False)
    assert loud.shape == silent.shape == (6, 32, 9)
    assert not np.allclose(loud, silent)
    third = predict_hits(model, some_windows(cut, slice(2, 3)), accented=True)
    assert np.abs(third[0] - loud[2]).max() < 1e-4


def test_the_judged_takes_are_shown_under_their_switch(tmp_path, monkeypatch, folder, capsys):
    use_environment(monkeypatch, private_environment(tmp_path, folder))
    part = training_part("drumify_takes")
    filled = part.Filled(9, 1.0, 15.0, 16.0, 0.4, 0.35, 0.02)
    wishes = (part.Density(8.0, 200, 8.0, 0.0, 1.0),)
    found = part.DrumifyTakesReport(0.6, 0.55, 0.7, 0.01, 0.02, 0.03, 0.04, filled, wishes)
    report = training_part("drumify_report")

    class Nothing:
        def as_fields(self):
            return {}

    monkeypatch.setattr(report, "measure", lambda *_, **__: Nothing())
    monkeypatch.setattr(part, "measure_installed_takes", lambda *_, **__: found)
    assert run(["evaluate", "drumify", "--takes", "--json"]) == 0
    fields = json.loads(capsys.readouterr().out)
    assert fields["takes"]["judge_auc"] == 0.6
    assert fields["takes"]["filled"]["hits_per_bar_of_drummers"] == 16.0
    table = part.table_of_takes(found)
    assert "| 0.550 | 0.700: hits drawn one by one |" in table
    assert "8 hits a bar wished for, 200 windows" in table


def test_models_without_takes_say_so(tmp_path, monkeypatch, folder, capsys):
    use_environment(monkeypatch, private_environment(tmp_path, folder))
    assert run(["evaluate", "continue", "--takes"]) == 2
    assert "groove and drumify, not of continue" in capsys.readouterr().err
