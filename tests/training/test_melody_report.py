"""The report on the note model, of made-up measures: every goal and every section is there."""

import json
import math
from dataclasses import replace

import pytest

pytest.importorskip("torch")

from bridge.training import melody_goals, melody_report, melody_tables
from bridge.training.clone_figures import CloneFigures
from bridge.training.melody_choosing import KINDS
from bridge.training.melody_copying import COPIED_BARS
from bridge.training.melody_report import MelodyReport, card_text, figures, metrics_of, table
from bridge.training.metrics import Measure
from bridge.training.predictions import QUARTERS
from tests.training.test_drums_report import made_up

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def found():
    whole = made_up(MelodyReport)
    by_source = {"all": None, "pop909": None}

    def spread(mapping):
        (one, *_) = mapping.values()
        return dict.fromkeys(by_source, one)

    costs = replace(
        whole.costs,
        **{name: spread(getattr(whole.costs, name)) for name in whole.costs.__slots__},
    )
    curve = (0.5,) * len(QUARTERS)
    (curves, *_) = whole.continuations.values()
    curves = replace(curves, **dict.fromkeys(curves.__slots__, curve))
    worse = replace(curves, **dict.fromkeys(curves.__slots__, (0.4,) * len(QUARTERS)))
    (copies, *_) = whole.copies.values()
    shares = dict.fromkeys(COPIED_BARS, 0.5)
    copies = replace(
        copies, real=shares, written=shares, wholly=dict.fromkeys(COPIED_BARS, (0.1, 0.2))
    )
    (kind, *_) = whole.continued.values()
    return replace(
        whole,
        costs=costs,
        primes=dict.fromkeys(by_source, 7),
        continuations=dict.fromkeys(by_source, curves),
        markov=dict.fromkeys(by_source, worse),
        copies=dict.fromkeys(by_source, copies),
        continued=dict.fromkeys(KINDS, kind),
        generated=dict.fromkeys(KINDS, kind),
        interpolate=replace(whole.interpolate, recall=whole.interpolate.recall * 2),
    )


def _clone(name):
    measure = Measure(0.8, (0.7, 0.9), (0.6, 1.0))
    shares = {
        f"{curve.replace('_', ' ')} after {far:.0f} quarters": 0.49
        for curve, _ in melody_goals.CURVES
        for far in melody_goals.PLACES
    }
    measures = dict.fromkeys(("nats a step", "nats a note", "top-1"), measure)
    return CloneFigures(
        name, 1, "songs", "train", "0" * 40, "a machine", 1.0, 1, 0.5, {}, measures, shares
    )


@pytest.fixture
def clones(monkeypatch):
    for module in (melody_goals, melody_tables):
        monkeypatch.setattr(module, "clone_of", _clone)


def test_both_tools_have_their_goals(found, clones):
    assert {goal.tool for goal in found.goals} == {
        "Continue",
        "Generate",
        "All",
        "Interpolate, melodies",
    }
    assert all(1 + len(cells) == len(melody_report.HEADINGS) for _, cells in figures(found))
    by_name = {goal.measure: goal for goal in found.goals}
    below = by_name["nats a step below the clone's, %"]
    assert below.value == pytest.approx(37.5)
    assert below.met
    lead = by_name["cardinality F1, one sample: least lead at 2–10 quarters"]
    assert lead.value == pytest.approx(0.01)
    assert lead.met
    assert by_name["sixteenths as 1 bar before, away from real"].met


def test_where_the_clone_is_ahead_anywhere_the_goal_is_missed(found, clones):
    low = list(found.continuations["all"].f1)
    low[QUARTERS.index(4.0)] = 0.48
    behind = replace(found.continuations["all"], f1=tuple(low))
    report = replace(found, continuations={**found.continuations, "all": behind})
    by_name = {goal.measure: goal for goal in report.goals}
    assert not by_name["cardinality F1, one sample: least lead at 2–10 quarters"].met
    assert by_name["cardinality F1, best of 8: least lead at 2–10 quarters"].met


def test_without_a_clone_the_nats_are_told_and_no_goal_stands(found, monkeypatch):
    for module in (melody_goals, melody_tables):
        monkeypatch.setattr(module, "clone_of", lambda name: None)
    assert not found.goals[0].stands
    assert "–" in table(found)


def test_every_section_is_in_the_table_and_in_the_card(found, clones):
    text, card = table(found), card_text(found)
    for heading in ("What a melody costs", "What is repeated", "Originality", "Speed"):
        assert f"\n## {heading}\n" in text
        assert f"\n### {heading}\n" in card
    assert "goals are met" in text
    assert "goals are met" in card
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in rows)


def test_what_cannot_be_said_is_null_in_json(found, clones):
    nan = (math.nan,) * len(QUARTERS)
    unsaid = replace(found.continuations["pop909"], f1=nan)
    report = replace(found, continuations={**found.continuations, "pop909": unsaid})
    text = json.dumps(report.as_fields(), allow_nan=False)
    assert json.loads(text)["continuations"]["pop909"]["f1"][0] is None
    assert len(json.loads(text)["goals"]) == len(found.goals)
    assert "| – |" in table(report)
    assert all(isinstance(value, float) for value in metrics_of(report).values())


def test_without_the_way_between_melodies_the_rest_is_told(found, clones):
    report = replace(found, interpolate=None)
    assert not [goal for goal in report.goals if goal.tool.startswith("Interpolate")]
    assert "between melodies" in table(found)
    assert "between melodies" not in table(report)
    assert report.as_fields()["interpolate"] is None
