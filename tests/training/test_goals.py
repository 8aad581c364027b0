"""Goals: what is met is said by the figure that is shown."""

from bridge.training.goals import HEADINGS, Goal, table_of
from bridge.training.metrics import Measure


def test_a_goal_is_met_by_the_figure_that_is_shown():
    assert Goal("groove", "timing", 18.304, 2, high=18.3).met
    assert not Goal("groove", "timing", 18.306, 2, high=18.3).met
    assert Goal("drumify", "ratio", 1.05, 2, low=0.95, high=1.05).met
    assert not Goal("drumify", "ratio", 0.94, 2, low=0.95, high=1.05).met


def test_a_goal_says_what_is_wanted():
    assert Goal("a", "b", 1.0, 0, low=0.62).wanted == "≥ 0.62"
    assert Goal("a", "b", 1.0, 0, high=16).wanted == "≤ 16"
    assert Goal("a", "b", 1.0, 0, low=0.95, high=1.05).wanted == "0.95–1.05"
    assert Goal("a", "b", 1.0, 0).wanted == "none"


def test_both_intervals_are_shown_and_written():
    goal = Goal(
        "groove", "timing, ms", Measure(18.22, (18.11, 18.33), (16.69, 19.81)), 2, high=18.3
    )
    assert goal.as_cells()[2] == "18.22 [18.11–18.33; 16.69–19.81]"
    assert goal.as_fields()["by_file"] == (16.69, 19.81)
    assert goal.as_fields()["met"] is True


def test_the_table_has_a_cell_for_each_heading():
    lines = table_of((Goal("groove", "timing, ms", 18.4, 2, high=18.3, to_beat="18.80"),)).split(
        "\n"
    )
    assert {line.count("|") for line in lines} == {len(HEADINGS) + 1}
    assert lines[-1] == "| groove | timing, ms | 18.40 | ≤ 18.3 | missed | 18.80 |"


def test_a_measure_without_a_goal_is_neither_met_nor_missed():
    goal = Goal("drumify", "a judge's AUC", 0.94, 2)
    assert goal.as_cells()[4] == ""
    assert goal.as_fields()["met"] is None
