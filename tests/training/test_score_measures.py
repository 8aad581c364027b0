"""The measures of the score model's tools, on drummers whose answers are known."""

import numpy as np
import pytest

from bridge.engine.catalog import Catalog
from bridge.tools.writing import MODEL
from bridge.training import generate_evaluation, infill_evaluation, score_evaluation
from bridge.training.corpus import Drumming
from bridge.training.scores import cut_scores, read_scores
from tests.tiny_score import write_tiny_score

SECONDS_PER_STEP = 0.125


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return Catalog((write_tiny_score(tmp_path_factory.mktemp("models")),)).load(MODEL)


def drumming(split, bars, style="funk", pitch=36):
    """A drummer who plays one beat over and over."""
    steps = [16 * bar + step for bar in range(bars) for step in (0, 4, 6, 12)]
    notes = [(step * SECONDS_PER_STEP, (step + 1) * SECONDS_PER_STEP, pitch, 90) for step in steps]
    return Drumming(
        file=f"{split}-{bars}.mid",
        drummer="drummer1",
        style=f"{style}/groove1",
        tempo=120.0,
        metre="4-4",
        split=split,
        seconds=bars * 16 * SECONDS_PER_STEP,
        notes=np.array(notes, np.float64),
    )


DRUMMINGS = (drumming("train", 9), drumming("test", 9), drumming("test", 16, "rock", 38))


def test_a_drummer_who_repeats_every_bar_is_counted_so(model):
    report = score_evaluation.evaluate_continuation(DRUMMINGS, model, report=lambda _: None)
    assert report.steps == 25 * 16
    assert report.next_bar_f1_of_copy == 1.0
    assert {played for _, played in report.copied.values()} == {1.0}
    assert all(written < 1.0 for written, _ in report.copied.values())
    assert report.nats.value != report.nats_with_style.value
    table = score_evaluation.table(report)
    assert sum(line.startswith("| score") for line in table.splitlines()) == 2
    assert "| drum_kit_rnn's architecture, our data | 1.39" in table


def test_a_missing_bar_is_compared_with_the_one_before(model):
    report = infill_evaluation.evaluate_infill(DRUMMINGS, model, report=lambda _: None)
    assert report.windows == 3
    assert report.f1_of_copy == 1.0
    assert 0.0 < report.f1 < 1.0
    assert report.nats.value != report.nats_without.value


def test_windows_that_were_learnt_are_known_again(model, monkeypatch):
    monkeypatch.setattr(generate_evaluation, "TAKES", 40)
    report = generate_evaluation.evaluate_generate(DRUMMINGS, model, report=lambda _: None)
    assert report.windows == 6 + 13
    assert report.known_played == pytest.approx(6 / 19)
    assert report.known == 0.0
    assert report.empty_bars_played == 0.0
    assert report.as_fields()["likeness"]["mean"] < 0.9


def test_each_window_has_chances_of_its_own(model):
    windows = cut_scores(read_scores(DRUMMINGS, "test")).whole()
    page = score_evaluation._page(windows, 0, 1)
    one, other = (score_evaluation.sample(model, page, window) for window in (0, 1))
    assert len({codes.tobytes() for codes in (*one, *other)}) == 2 * score_evaluation.SEEDS
    assert (one == score_evaluation.sample(model, page, 0)).all()
