"""Measures of takes: what each says of the best and of the worst."""

import numpy as np
import pytest

from bridge.codecs.drumgrid import Performance
from bridge.tools.groove import at_full_strength
from bridge.training.corpus import Windows
from bridge.training.evaluate import FEELS, windows_around, windows_before
from bridge.training.groove_samples import _divergence, _histograms, crps

GENERATOR = np.random.default_rng(0)


def test_the_crps_of_one_certain_forecast_is_its_error():
    truth = np.array([0.0, 1.0, -2.0])
    assert crps(np.full((32, 3), 0.5), truth) == pytest.approx([0.5, 0.5, 2.5])


def test_the_crps_of_a_normal_forecast_is_the_known_one():
    """0.2337 for a standard normal and the truth in its middle (Gneiting and Raftery 2007)."""
    samples = GENERATOR.standard_normal((400, 2000))
    assert crps(samples, np.zeros(2000)).mean() == pytest.approx(0.2337, abs=0.005)


def test_an_honest_spread_scores_better_than_a_sure_guess():
    truth = GENERATOR.standard_normal(2000)
    honest = GENERATOR.standard_normal((32, 2000))
    assert crps(honest, truth).mean() < crps(np.zeros((32, 2000)), truth).mean()


def drumming(late, seed=0):
    generator = np.random.default_rng(seed)
    hits = (generator.random((400, 32, 9)) < 0.3).astype(np.float32)
    offset = hits * generator.normal(late, 0.08, hits.shape).clip(-0.5, 0.5).astype(np.float32)
    return Performance(hits, hits * generator.random(hits.shape).astype(np.float32), offset)


def test_drumming_diverges_from_itself_by_nothing_and_from_a_drag_by_much():
    one, again, dragged = drumming(0.0), drumming(0.0, seed=1), drumming(0.2)
    itself, other, far = (_histograms(part)["offset"] for part in (one, again, dragged))
    assert _divergence(itself, itself) == pytest.approx(0.0)
    assert _divergence(itself, other) < 0.2 * _divergence(itself, far)
    assert _divergence(itself, far) <= np.log(2)


def test_so_many_of_the_strongest_are_at_full_strength_and_the_others_below():
    strong = np.linspace(0.0, 1.0, 3201)
    raised = at_full_strength(strong, 32, 0.75)
    assert np.array_equal(raised[strong < 31 / 32], strong[strong < 31 / 32])
    assert (np.diff(raised) >= 0).all()
    strongest = raised[strong > 31 / 32]
    assert (strongest == 1.0).mean() == pytest.approx(0.75, abs=0.02)
    assert at_full_strength(np.array([0.99]), 32, 1.0) == 1.0
    assert at_full_strength(strong, 32, 0.0) == pytest.approx(strong)


def windows_of(bars, file):
    return Windows(
        drumming(0.0), np.full(len(bars), 120.0, np.float32), np.array(file), np.array(bars)
    )


def test_a_feel_is_heard_in_bars_that_are_not_played():
    windows = windows_of(bars=[0, 1, 2, 3, 4, 0, 1], file=[3, 3, 3, 3, 3, 8, 8])
    assert windows_before(windows)[:, 0].tolist() == [2, 3, 0, 1, 2, -1, -1]
    assert windows_around(windows)[2].tolist() == [-1, 0, 4, -1]
    for others in FEELS.values():
        chosen = others(windows)
        for window, heard in zip(range(7), chosen, strict=True):
            there = heard[heard >= 0]
            assert (windows.file[there] == windows.file[window]).all()
            assert (np.abs(windows.first_bar[there] - windows.first_bar[window]) > 1).all()
