"""The measures of a model as Markdown, for the card and for the screen; no torch is needed."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from bridge.engine.catalog import Catalog
from bridge.tools.groove import LISTENER, MODEL
from bridge.training.corpus import find_data, read_groove
from bridge.training.evaluate import GrooveReport, evaluate_groove
from bridge.training.metrics import Measure

Cell: TypeAlias = tuple[str, str, str]
"""A value, its interval over hits and its interval over files."""

HEADINGS: Final = (
    "predictor",
    "timing MAE, ms",
    "timing MSE, 16ths²",
    "velocity MSE",
    "velocity MAE",
)


def measure_model(
    catalog: Catalog, data: Path | None, cache_folder: Path, *, report: Callable[[float], None]
) -> GrooveReport:
    """The groove model on the published test split.

    Args:
        catalog: The models as installed.
        data: The folder of the training data; None where it was not named.
        cache_folder: Keeps what was read of the data, which takes half a minute.
        report: Told the part that is done, 0–1, once the data has been read.

    Raises:
        DataMissingError: if the data is not there, or not the published one.
        ModelMissingError: if a model is not there.
    """
    folder = find_data(data)
    # The name follows the data's own table of contents, so that other data has another cache.
    contents = hashlib.sha256((folder / "groove" / "info.csv").read_bytes()).hexdigest()
    drummings = read_groove(folder, cache_folder / f"groove-{contents[:16]}.npz")
    return evaluate_groove(drummings, catalog.load(MODEL), catalog.load(LISTENER), report=report)


def table(report: GrooveReport) -> str:
    """The report as Markdown; the brackets hold 95 % intervals, over hits and over files."""
    lines = [f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    for name, cells in figures(report):
        joined = (f"{value} [{by_hit}; {by_file}]" for value, by_hit, by_file in cells)
        lines.append(f"| {name} | {' | '.join(joined)} |")
    for remark in remarks(report):
        lines += ["", remark]
    return "\n".join(lines)


def figures(report: GrooveReport) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
    """For each predictor its name and its measures, in the order of ``HEADINGS``."""
    return tuple(
        (
            row.name,
            (
                _cell(row.timing_mae_ms, 2),
                _cell(row.timing_mse16, 4),
                _cell(row.velocity_mse, 4),
                _cell(row.velocity_mae, 1),
            ),
        )
        for row in report.rows
    )


def remarks(report: GrooveReport) -> tuple[str, ...]:
    """What is to be said beside the figures, a sentence or two each."""
    drummers = ", ".join(
        f"{name} {mae:.2f}" for name, mae in sorted(report.mae_ms_by_drummer.items())
    )
    return (
        f"{report.windows['test']:,} windows, {report.hits:,} hits; each value with its 95 %"
        " bootstrap interval over hits, then over files.",
        f"Hits returned on their step: {report.hits_on_their_step:.2%}. Notes of whole test files"
        f" returned, flams and rolls included: {report.notes_kept:.2%}.",
        f"Timing MAE in ms by drummer: {drummers}.",
    )


def _cell(measure: Measure, digits: int) -> Cell:
    by_hit, by_file = (
        f"{low:.{digits}f}–{high:.{digits}f}" for low, high in (measure.by_hit, measure.by_file)
    )
    return f"{measure.value:.{digits}f}", by_hit, by_file
