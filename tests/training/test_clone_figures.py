"""The recorded figures of the clones: kept as they were measured, and said to be recorded."""

import pytest

from bridge.errors import DataMissingError
from bridge.training.clone_figures import (
    EXACT,
    MELODY,
    MELODY_VAE_4_BOUND,
    NATS,
    NATS_OF_NOTE,
    TOP,
    CloneFigures,
    below,
    measured_beside,
    record,
    recorded,
    remarks_beside,
    rows_beside,
)
from bridge.training.clone_report import HEADINGS, CloneReport, figures, remarks, table
from bridge.training.metrics import Measure


def clone(name="drum-kit-rnn", nats=1.25):
    return CloneFigures(
        name=name,
        parameters=2_967_850,
        data="Groove MIDI Dataset",
        command=f"clipbridge train {name}",
        commit="0123456789abcdef" * 2 + "01234567",
        machine="one core",
        minutes=20.4,
        epochs=20,
        validation=1.3,
        recipe={"schedule": {"epochs": 20}},
        measures={
            NATS: Measure(nats, (1.2, 1.3), (1.0, 1.5)),
            TOP: Measure(0.6, (0.5, 0.7), (0.4, 0.8)),
        },
        shares={"next-bar F1": 0.5},
    )


def test_what_is_recorded_is_read_again_and_others_stay(tmp_path):
    path = tmp_path / "figures.json"
    record(clone(), path)
    record(clone("music-vae-2-bars"), path)
    record(clone(nats=1.1), path)
    assert recorded("drum-kit-rnn", path) == clone(nats=1.1)
    assert recorded("music-vae-2-bars", path) == clone("music-vae-2-bars")


def test_a_clone_of_which_nothing_is_recorded_is_asked_for_in_words(tmp_path):
    with pytest.raises(DataMissingError, match="Train one with clipbridge train"):
        recorded("drum-kit-rnn", tmp_path / "figures.json")
    record(clone(), tmp_path / "figures.json")
    with pytest.raises(DataMissingError, match="there is drum-kit-rnn"):
        recorded("other", tmp_path / "figures.json")


def test_the_comparison_is_a_percentage_and_says_whence(tmp_path):
    assert below(1.0, clone()) == pytest.approx(0.2)
    path = tmp_path / "figures.json"
    record(clone(), path)
    (said,) = remarks_beside(("drum-kit-rnn", "other"), 1.0, path)
    assert said.startswith("20.0% fewer nats a step than drum_kit_rnn's architecture, our data: ")
    assert "recorded by `clipbridge train drum-kit-rnn` at commit 0123456789ab." in said
    assert "2,967,850 parameters" in said
    assert said.endswith("Its next-bar F1 0.500.")
    assert remarks_beside(("drum-kit-rnn",), 1.5, path)[0].startswith("20.0% more")


def test_a_clones_row_stands_beside_ours_where_it_was_recorded(tmp_path):
    path = tmp_path / "figures.json"
    assert rows_beside(("drum-kit-rnn",), (NATS,), path) == ()
    record(clone(), path)
    ((label, cells),) = rows_beside(("other", "drum-kit-rnn"), (TOP, NATS), path)
    assert label == "drum_kit_rnn's architecture, our data"
    assert cells[1] == ("1.2500", "1.2000–1.3000", "1.0000–1.5000")


def test_measures_without_a_column_are_said_in_a_sentence(tmp_path):
    path = tmp_path / "figures.json"
    record(clone(), path)
    (said,) = measured_beside(("drum-kit-rnn", "other"), (TOP, "unheard of"), path)
    assert said.endswith("It measures: top-1 0.6000 ; 0.5000–0.7000 ; 0.4000–0.8000.")


def test_a_report_shows_every_figure_of_every_clone():
    report = CloneReport((clone(), clone("music-vae-2-bars")))
    rows = dict(figures(report))
    assert rows["drum-kit-rnn, nats a step"] == (("1.2500", "1.2000–1.3000", "1.0000–1.5000"),)
    assert rows["music-vae-2-bars, next-bar F1"] == (("0.5000",),)
    assert len(rows) == 6
    shown = table(report)
    assert shown.startswith(f"| {HEADINGS[0]} | {HEADINGS[1]} |\n|---|---|\n")
    assert "| drum-kit-rnn, top-1 | 0.6000 [0.5000–0.7000; 0.4000–0.8000] |" in shown
    assert all(remark in shown for remark in remarks(report))
    assert list(report.as_fields()) == ["drum-kit-rnn", "music-vae-2-bars"]


def test_what_the_clone_of_melody_rnn_measured_is_recorded():
    clone = recorded(MELODY)
    assert clone.parameters == 3_482_754
    assert clone.measures[NATS].value < clone.measures[NATS_OF_NOTE].value
    assert clone.measures[f"{NATS}, pop909"].value > 0
    first, last = (clone.shares[f"best f1 after {far} quarters"] for far in (2, 10))
    assert first > last > clone.shares["f1 after 10 quarters"] > 0
    assert len(clone.commit) == 40


def test_what_the_clone_of_mel_4bar_measured_is_recorded():
    clone = recorded(MELODY_VAE_4_BOUND)
    assert clone.measures[NATS].value > clone.measures["nats a step, 4 latents"].value > 0
    assert (
        clone.measures[EXACT].value
        <= clone.measures["exact steps, told the true step before"].value
    )
    assert clone.shares["windows"] > 2_000
    assert 0.5 < clone.shares["judge's AUC"] < 1.0
    assert 0.0 < clone.shares["overlap, mean"] < 1.0
