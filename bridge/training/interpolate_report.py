"""The measures of the interpolate model as Markdown, for the card and the screen, without torch."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from bridge.engine.catalog import Catalog
from bridge.tools.score_paths import LISTENER, PLAYER
from bridge.tools.writing import MODEL as JUDGE
from bridge.training.clone_figures import (
    EVEN,
    EXACT,
    EXACT_OF_DRAW,
    VAE_2,
    measured_beside,
    recorded,
)
from bridge.training.goals import Goal
from bridge.training.interpolate_evaluate import (
    Company,
    InterpolateReport,
    evaluate_interpolate,
)
from bridge.training.metrics import in_figures
from bridge.training.paths import POINTS
from bridge.training.report import read_drummings

Cell: TypeAlias = tuple[str, ...]
"""A value and its two intervals, where it has some."""

HEADINGS: Final = ("", "steps right", "evenness R²", "strangeness")


def measure(
    catalog: Catalog, data: Path | None, cache_folder: Path, *, report: Callable[[float], None]
) -> InterpolateReport:
    """The interpolate model as installed; arguments as for :func:`bridge.training.report.measure`.

    Raises:
        DataMissingError: if the data is not there, or not the published one.
        ModelMissingError: if a model is not there.
    """
    drummings = read_drummings(data, cache_folder)
    return evaluate_interpolate(drummings, company_of(catalog), report=report)


def company_of(catalog: Catalog) -> Company:
    """The models that are measured, and the one that judges."""
    return Company(catalog.load(LISTENER), catalog.load(PLAYER), catalog.load(JUDGE))


def goals_of(report: InterpolateReport) -> tuple[Goal, ...]:
    """What Interpolate reaches beside what it is to reach."""
    return (
        Goal(
            "Interpolate",
            "steps that come back right, sampled at temperature 1",
            report.recall.exact,
            4,
            low=0.95,
            to_beat=_of_clone(EXACT) + "; on other data .917",
        ),
        Goal(
            "Interpolate",
            "evenness R², eleven points",
            report.ways.even,
            4,
            low=0.95,
            to_beat=_of_clone(EVEN),
        ),
        Goal("Interpolate", "points at which nothing plays", float(report.ways.silent), 0, high=0),
    )


def _of_clone(measure: str) -> str:
    return f"{recorded(VAE_2).measures[measure].value:.3f}, MusicVAE's architecture"


def table(report: InterpolateReport) -> str:
    """The report as Markdown; the brackets hold 95 % intervals, over examples and over files."""
    lines = [f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    for name, cells in figures(report):
        joined = (
            f"{value} [{'; '.join(intervals)}]" if intervals else value
            for value, *intervals in cells
        )
        lines.append(f"| {name} | {' | '.join(joined)} |")
    for remark in remarks(report):
        lines += ["", remark]
    return "\n".join(lines)


def figures(report: InterpolateReport) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
    """For each row its name and its measures, in the order of ``HEADINGS``."""
    recall, ways = report.recall, report.ways
    return (
        (
            "interpolate",
            (
                in_figures(recall.exact, 4),
                in_figures(ways.even, 4),
                in_figures(ways.strange, 3),
            ),
        ),
        (
            "cells changed in an order drawn by lot",
            (("–",), (f"{ways.even_by_lot:.4f}",), in_figures(ways.strange_by_lot, 3)),
        ),
    )


def remarks(report: InterpolateReport) -> tuple[str, ...]:
    """What is to be said beside the figures, a sentence or two each."""
    recall, ways, near = report.recall, report.ways, report.near
    drawn = ", ".join(f"{name} {right:.3f}" for name, right in recall.drawn.items())
    return (
        f"Steps right: of {recall.steps:,} steps of {report.windows:,} windows of two bars, those"
        " whose nine pieces all come back as played, sampled at temperature 1 from the mean of the"
        " place, with 95 % bootstrap intervals over steps, then over files. From a place that is"
        f" drawn: {' ; '.join(in_figures(recall.exact_of_draw, 4))}. Of the steps on which"
        f" something is struck: {' ; '.join(in_figures(recall.exact_struck, 4))}. At temperature 0:"
        f" {' ; '.join(in_figures(recall.exact_likeliest, 4))}. A bar's place tells"
        f" {recall.nats_told:.1f} nats.",
        f"Steps right of bars drawn by hand, none of them from the data: {drawn}.",
        f"Evenness: {ways.pairs} random pairs of windows, {POINTS} points each, temperature 1, one"
        " noise a pair, the ends as played; R² of the Hamming distance from the first, over that of"
        " the last, against a straight line from 0 to 1; intervals over pairs, then over the first"
        f" one's file. The longest step is {ways.longest_step:.2f} times the mean one (by lot"
        f" {ways.longest_step_by_lot:.2f}); {ways.detour:.3f} times as many cells change as differ;"
        f" points at which nothing plays: {ways.silent}; half way there are"
        f" {ways.hits_half_way:.2f} times the hits of the ends.",
        f"Strangeness, of the first {ways.judged} of the pairs: the nats of points 2, 4, 6 and 8"
        " of 0 to 10 under the score model, which has learned apart, over those of the ends.",
        f"Near a clip, temperature 1, {near.windows} windows: at"
        f" {', '.join(f'{distance:.0%}' for distance in near.apart)} of the distance the cells that"
        f" differ from the clip are {', '.join(f'{apart:.3f}' for apart in near.apart.values())} of"
        f" those at 100 % (R² {' ; '.join(in_figures(near.even, 4))}), and the strangeness is"
        f" {', '.join(f'{strange:.2f}' for strange in near.strange.values())}; 100 % is a beat"
        " drawn from all that the model knows.",
        *measured_beside((VAE_2,), (EXACT, EXACT_OF_DRAW, EVEN)),
    )
