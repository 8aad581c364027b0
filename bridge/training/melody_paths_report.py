"""The measures of the melody paths as Markdown, for the card and the screen."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from bridge.engine.catalog import Catalog
from bridge.tools.melody_paths import LISTENER, PLAYER, LineModels
from bridge.training.clone_figures import EVEN, EXACT, clone_of
from bridge.training.goals import Goal
from bridge.training.melody_paths_evaluate import MelodyPathsReport, evaluate_melody_paths
from bridge.training.melody_strangeness import judges_of
from bridge.training.metrics import in_figures
from bridge.training.paths import POINTS
from bridge.training.song_cache import SONGS, read_songs

Cell: TypeAlias = tuple[str, ...]
"""A value and its two intervals, where it has some."""

HEADINGS: Final = ("", "steps right, 2 bars", "4 bars", "evenness R²", "strangeness")
_NONE: Final[Cell] = ("–",)


def measure(
    catalog: Catalog, data: Path | None, cache_folder: Path, *, report: Callable[[float], None]
) -> MelodyPathsReport:
    """The melody paths as installed.

    Args:
        catalog: The models.
        data: Not looked at: the songs are those that ``clipbridge train prepare`` wrote.
        cache_folder: Not looked at.
        report: Told the part that is done, 0–1.

    Raises:
        DataMissingError: if the songs were not prepared.
        ModelMissingError: if a model is not there.
    """
    del data, cache_folder
    songs = read_songs(SONGS)
    models = LineModels(catalog.load(LISTENER), catalog.load(PLAYER))
    return evaluate_melody_paths(songs, models, judges_of(songs, catalog), report=report)


def goals_of(report: MelodyPathsReport) -> tuple[Goal, ...]:
    """What Interpolate reaches between melodies beside what it is to reach."""
    tool = "Interpolate, melodies"
    return (
        *(
            Goal(
                tool,
                f"steps that come back right, {recall.bars} bars, sampled at temperature 1",
                recall.exact,
                4,
                low=0.95,
                to_beat=_of_clone(EXACT, recall.bars) or "on other data .951",
            )
            for recall in report.recall
        ),
        Goal(
            tool,
            "evenness R², eleven points",
            report.ways.even,
            4,
            low=0.95,
            to_beat=_of_clone(EVEN, 2) or _of_clone(EVEN, 4),
        ),
        *(
            Goal(
                tool,
                f"nats of the middle over those of the ends, {each.judge}",
                each.ours,
                3,
                high=1.15,
                to_beat=f"{each.by_lot.value:.3f}, by lot",
            )
            for each in report.ways.strange
        ),
        Goal(tool, "points at which nothing plays", float(report.ways.silent), 0, high=0),
    )


def _of_clone(measure: str, bars: int) -> str:
    """What MusicVAE's architecture does with as many bars; empty where that is not recorded."""
    clone = clone_of(f"melody-vae-{bars}-bars")
    if clone is None:
        return ""
    return f"{clone.measures[measure].value:.3f}, MusicVAE's architecture, {bars} bars"


def table(report: MelodyPathsReport) -> str:
    """The report as Markdown; the brackets hold 95 % intervals, over examples and over songs."""
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


def figures(report: MelodyPathsReport) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
    """For each row its name and its measures, in the order of ``HEADINGS``."""
    two, four = report.recall
    ways = report.ways
    return (
        (
            "melody paths",
            (
                in_figures(two.exact, 4),
                in_figures(four.exact, 4),
                in_figures(ways.even, 4),
                in_figures(ways.strange[-1].ours, 3),
            ),
        ),
        (
            "steps changed in an order drawn by lot",
            (_NONE, _NONE, (f"{ways.even_by_lot:.4f}",), in_figures(ways.strange[-1].by_lot, 3)),
        ),
    )


def remarks(report: MelodyPathsReport) -> tuple[str, ...]:
    """What is to be said beside the figures, a sentence or two each."""
    two, four = report.recall
    ways = report.ways
    return (
        f"Steps right: of {two.steps:,} sixteenths of {two.windows:,} windows of two bars, and of"
        f" {four.steps:,} of {four.windows:,} of four, in all metres, those that come back as the"
        " same key, held note or silence, sampled at temperature 1 from the means of their bars'"
        " places, with 95 % bootstrap intervals over steps, then over songs. From places that are"
        f" drawn, two bars: {' ; '.join(in_figures(two.exact_of_draw, 4))}. Of the steps on which a"
        f" key is struck: {' ; '.join(in_figures(two.exact_struck, 4))}. At temperature 0:"
        f" {' ; '.join(in_figures(two.exact_likeliest, 4))}. A bar's place tells"
        f" {two.nats_told:.1f} nats.",
        f"Evenness: {ways.pairs} random pairs of windows of two bars in the same metre, {POINTS}"
        " points each, temperature 1, one noise a pair, the ends as played; R² of the steps that"
        " differ from the first, over those of the last, against a straight line from 0 to 1;"
        " intervals over pairs, then over the first one's song. The longest step is"
        f" {ways.longest_step:.2f} times the mean one (by lot {ways.longest_step_by_lot:.2f});"
        f" {ways.detour:.3f} times as many steps change as differ; points at which nothing plays:"
        f" {ways.silent}; half way there are {ways.notes_half_way:.2f} times the notes of the ends"
        f" (by lot {ways.notes_half_way_by_lot:.2f}), and {ways.neither:.1%} of the steps are"
        " neither end's.",
        "Strangeness: the nats of points 2, 4, 6 and 8 of 0 to 10 over those of the ends, under"
        " models that learned apart. "
        + " ".join(
            f"Under {each.judge}, {each.pairs} pairs: {' ; '.join(in_figures(each.ours, 3))}; by"
            f" lot {' ; '.join(in_figures(each.by_lot, 3))}."
            for each in ways.strange
        )
        + " The table has the last.",
    )
