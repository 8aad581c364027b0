"""How well a bar in the middle of eight is played anew, by what is before it and after it.

Every whole window of eight bars of the test split is asked four times, with the fourth, fifth,
sixth or seventh bar taken out. No torch is needed: what is measured is the exported graph.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from bridge.engine.catalog import Catalog, Model
from bridge.tools.writing import MODEL, Page
from bridge.training.corpus import STEPS_PER_BAR, Drumming
from bridge.training.metrics import Measure, in_figures
from bridge.training.metrics import measure as with_intervals
from bridge.training.report import read_drummings
from bridge.training.score_evaluation import SEEDS, agreement, f1, sample
from bridge.training.score_likelihood import step_nats
from bridge.training.scores import STEPS, Booleans, ScoreWindows, cut_scores, read_scores

HEADINGS: Final = ("what is heard", "nats a step of the bar", "top-1")

MASKED_BARS: Final = (3, 4, 5, 6)
"""Counted from 0; each in turn is to be filled."""
SAMPLED_BAR: Final = 4
"""The one whose samples are compared with what was played."""


@dataclass(frozen=True, slots=True)
class InfillReport:
    """Everything ``clipbridge evaluate infill`` prints."""

    windows: int
    nats: Measure
    """A step of the missing bar, all others heard."""
    top: Measure
    """Share of those steps whose code was the likeliest."""
    nats_without: Measure
    """A step, where only the bars before it are heard."""
    top_without: Measure
    f1: float
    """Of the hits of the fifth bar, sampled at temperature 1."""
    f1_without: float
    """The same, where only the bars before it are heard."""
    f1_of_copy: float
    """The same for the fourth bar played again."""

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def evaluate_infill(
    drummings: tuple[Drumming, ...], model: Model, *, report: Callable[[float], None]
) -> InfillReport:
    """The score model on the test split.

    Args:
        drummings: The whole data set.
        model: As exported.
        report: Told the part that is done, 0–1.
    """
    windows = cut_scores(read_scores(drummings, "test")).whole()
    plain_nats, plain_top = step_nats(model, windows, report=lambda part: report(0.1 * part))
    found = []
    for number, bar in enumerate(MASKED_BARS):
        gap = _bar(bar)
        nats, top = step_nats(model, windows, written=gap)
        found.append([each[:, gap] for each in (nats, top, plain_nats, plain_top)])
        report(0.1 + 0.15 * (number + 1))
    file = np.repeat(windows.file, len(MASKED_BARS) * STEPS_PER_BAR)
    measures = [
        with_intervals(np.concatenate(parts, axis=1).ravel().astype(np.float64), file)
        for parts in zip(*found, strict=True)
    ]
    both, one, copy = _f1s(model, windows, lambda part: report(0.7 + 0.3 * part))
    return InfillReport(
        windows=len(windows),
        nats=measures[0],
        top=measures[1],
        nats_without=measures[2],
        top_without=measures[3],
        f1=both,
        f1_without=one,
        f1_of_copy=copy,
    )


def measure(
    catalog: Catalog, data: Path | None, cache_folder: Path, *, report: Callable[[float], None]
) -> InfillReport:
    """The score model as installed; arguments as for :func:`bridge.training.report.measure`.

    Raises:
        DataMissingError: if the data is not there.
        ModelMissingError: if the model is not there.
    """
    drummings = read_drummings(data, cache_folder)
    return evaluate_infill(drummings, catalog.load(MODEL), report=report)


def table(report: InfillReport) -> str:
    """The report as Markdown; the brackets hold 95 % intervals, over steps and over files."""
    lines = [f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    for name, cells in figures(report):
        joined = (f"{value} [{by_step}; {by_file}]" for value, by_step, by_file in cells)
        lines.append(f"| {name} | {' | '.join(joined)} |")
    for remark in remarks(report):
        lines += ["", remark]
    return "\n".join(lines)


def figures(report: InfillReport) -> tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]:
    """For each way of listening its name and its measures, in the order of ``HEADINGS``."""
    return (
        ("what is before and after", (in_figures(report.nats, 4), in_figures(report.top, 4))),
        (
            "what is before",
            (in_figures(report.nats_without, 4), in_figures(report.top_without, 4)),
        ),
    )


def remarks(report: InfillReport) -> tuple[str, ...]:
    """What is to be said beside the figures, a sentence or two each."""
    return (
        f"{report.windows:,} windows of eight bars, of which the fourth, fifth, sixth or seventh"
        " is missing; each value with its 95 % bootstrap interval over steps, then over files.",
        f"Hit F1 of the fifth bar, sampled at temperature 1 with {SEEDS} seeds:"
        f" {report.f1:.3f}; by what is before alone {report.f1_without:.3f}; the bar before played"
        f" again {report.f1_of_copy:.3f}.",
    )


def _f1s(
    model: Model, windows: ScoreWindows, report: Callable[[float], None]
) -> tuple[float, float, float]:
    gap = _bar(SAMPLED_BAR)
    before = np.flatnonzero(gap)[0]
    counts = [np.zeros(3) for _ in range(3)]
    for number in range(len(windows)):
        codes = windows.codes[number]
        first, tempo = int(windows.first_step[number]), float(windows.tempo[number])
        played = codes[gap]
        for count, steps in zip(counts, (STEPS, before + STEPS_PER_BAR), strict=False):
            page = Page(codes[:steps], gap[:steps], first, STEPS_PER_BAR, tempo)
            for written in sample(model, page, number):
                count[:] += agreement(written, played)
        counts[2] += agreement(codes[before - STEPS_PER_BAR : before], played)
        report(number / len(windows))
    both, one, copy = (f1(count) for count in counts)
    return both, one, copy


def _bar(bar: int) -> Booleans:
    """The steps of a bar of eight."""
    return np.asarray(np.arange(STEPS) // STEPS_PER_BAR == bar)
