"""The measures of the drumify model as Markdown, for the card and the screen, without torch."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from bridge.engine.catalog import Catalog
from bridge.tools.drumify import MODEL
from bridge.tools.groove import MODEL as PLAYER
from bridge.training.drumify_evaluate import DrumifyReport, DrumifyRow, evaluate_drumify
from bridge.training.metrics import in_figures
from bridge.training.report import read_drummings

Cell: TypeAlias = tuple[str, ...]
"""A value, and where there are some its interval over windows and its interval over files."""

HEADINGS: Final = (
    "input",
    "hit F1",
    "at nine thresholds",
    "macro F1",
    "BCE, nats a cell",
    "cells right",
)


def measure(
    catalog: Catalog, data: Path | None, cache_folder: Path, *, report: Callable[[float], None]
) -> DrumifyReport:
    """The drumify model on the published test split.

    Args:
        catalog: The models as installed.
        data: The folder of the training data; None where it was not named.
        cache_folder: Keeps what was read of the data, which takes half a minute.
        report: Told the part that is done, 0–1, once the data has been read.

    Raises:
        DataMissingError: if the data is not there, or not the published one.
        ModelMissingError: if a model is not there.
    """
    drummings = read_drummings(data, cache_folder)
    return evaluate_drumify(drummings, catalog.load(MODEL), catalog.load(PLAYER), report=report)


def table(report: DrumifyReport) -> str:
    """The report as Markdown; the brackets hold 95 % intervals, over windows and over files."""
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


def figures(report: DrumifyReport) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
    """For each kind of rhythm its name and its measures, in the order of ``HEADINGS``."""
    return tuple(
        (
            row.name,
            (
                in_figures(row.hit_f1, 3),
                (f"{row.hit_f1_by_thresholds:.3f}",),
                (f"{row.macro_f1:.3f}",),
                in_figures(row.bce_per_cell, 4),
                (f"{row.accuracy:.4f}",),
            ),
        )
        for row in rows_of(report)
    )


def rows_of(report: DrumifyReport) -> tuple[DrumifyRow, ...]:
    """All rows: of windows alone first, as others measure them."""
    return (*report.rows, *report.rows_in_context, *report.rows_of_other_metres)


def remarks(report: DrumifyReport) -> tuple[str, ...]:
    """What is to be said beside the figures, a sentence or two each."""
    by_piece = [
        f"F1 by piece, {row.name}: "
        + ", ".join(f"{piece} {value:.2f}" for piece, value in row.f1_by_piece.items())
        + f". The one threshold is a chance of {_chance(row.threshold):.2f}."
        for row in report.rows
    ]
    shares = ", ".join(
        f"{piece} {100 * taken:.1f} ({100 * played:.1f})"
        for piece, (taken, played) in report.piece_shares.items()
    )
    odd = report.rows_of_other_metres[0]
    ratio = report.hits_per_bar / report.hits_per_bar_of_drummers
    return (
        f"{report.windows['test']:,} windows, {report.hits:,} hits; each value with its 95 %"
        " bootstrap interval over windows, then over files. Hit F1 is at one threshold for all"
        " pieces, then at one a piece, and so is macro F1; all were tuned on the validation split."
        f" Silence has {report.silence_accuracy:.4f} of the cells right.",
        "The rows with the bars around see one bar more before and after each window where the file"
        " has one, as the tool does in longer clips: no published row has that."
        f" Outside 4/4 there are {odd.windows} windows of {odd.files} files, all of them in the"
        " validation split.",
        *by_piece,
        f"Takes at temperature 1 for the rhythms alone, nothing between the onsets:"
        f" {report.taps_answered:.2%} of the onsets answered, {report.hits_per_bar:.2f} hits a bar,"
        f" {ratio:.3f} times the drummers' {report.hits_per_bar_of_drummers:.2f}.",
        f"Shares of the pieces in those takes, and in what was played, in %: {shares}.",
    )


def _chance(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-logit))
