"""How well a drum score is gone on with: nats a step on the test split, and what is played.

Every step of every 4/4 test file counts once, in windows of eight bars. No torch is needed: what is
measured is the exported graph.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumscore import CODES, hits_of
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog, Model
from bridge.tools.continuation import Context
from bridge.tools.writing import MODEL, Page, Rules, write
from bridge.training.clone_figures import KIT, NATS, TOP, remarks_beside, rows_beside
from bridge.training.corpus import STEPS_PER_BAR, Drumming
from bridge.training.metrics import Measure, in_figures
from bridge.training.metrics import measure as with_intervals
from bridge.training.report import read_drummings
from bridge.training.score_likelihood import step_nats
from bridge.training.scores import BARS, ScoreWindows, cut_scores, read_scores

HEADINGS: Final = ("predictor", "nats a step", "top-1")

SEEDS: Final = 3
PRIME_BARS: Final = 4
COPIED_BARS: Final = (1, 2, 4)

Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ContinuationReport:
    """Everything ``clipbridge evaluate continue`` prints."""

    windows: int
    steps: int
    nats: Measure
    """A step."""
    top: Measure
    """Share of steps whose code was the likeliest."""
    nats_with_style: Measure
    """A step, where the drummer's style is said."""
    top_with_style: Measure
    next_bar_f1: float
    """Of the hits of the bar after four bars, sampled at temperature 1."""
    next_bar_f1_of_copy: float
    """The same for the fourth bar played again."""
    copied: Mapping[int, tuple[float, float]]
    """Share of bars that are those so many bars before: generated, and as played by drummers."""

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def evaluate_continuation(
    drummings: tuple[Drumming, ...], model: Model, *, report: Callable[[float], None]
) -> ContinuationReport:
    """The score model on the test split.

    Args:
        drummings: The whole data set.
        model: As exported.
        report: Told the part that is done, 0–1.
    """
    windows = cut_scores(read_scores(drummings, "test"))
    nats, alike = step_nats(model, windows, report=lambda part: report(0.3 * part))
    styled, styled_alike = step_nats(
        model, windows, style=windows.style, report=lambda part: report(0.3 + 0.3 * part)
    )
    counted = windows.counted
    file = np.repeat(windows.file, counted.sum(axis=1))
    measures = [
        with_intervals(each[counted].astype(np.float64), file)
        for each in (nats, alike, styled, styled_alike)
    ]
    whole = windows.whole()
    ours, copy = _next_bar(model, whole, lambda part: report(0.6 + 0.2 * part))
    copied = _copied(model, whole, lambda part: report(0.8 + 0.2 * part))
    return ContinuationReport(
        windows=len(windows),
        steps=len(file),
        nats=measures[0],
        top=measures[1],
        nats_with_style=measures[2],
        top_with_style=measures[3],
        next_bar_f1=ours,
        next_bar_f1_of_copy=copy,
        copied=copied,
    )


def measure(
    catalog: Catalog, data: Path | None, cache_folder: Path, *, report: Callable[[float], None]
) -> ContinuationReport:
    """The score model as installed; arguments as for :func:`bridge.training.report.measure`.

    Raises:
        DataMissingError: if the data is not there.
        ModelMissingError: if the model is not there.
    """
    drummings = read_drummings(data, cache_folder)
    return evaluate_continuation(drummings, catalog.load(MODEL), report=report)


def table(report: ContinuationReport) -> str:
    """The report as Markdown; the brackets hold 95 % intervals, over steps and over files."""
    lines = [f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    for name, cells in figures(report):
        joined = (f"{value} [{by_step}; {by_file}]" for value, by_step, by_file in cells)
        lines.append(f"| {name} | {' | '.join(joined)} |")
    for remark in remarks(report):
        lines += ["", remark]
    return "\n".join(lines)


def figures(
    report: ContinuationReport,
) -> tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]:
    """For each predictor its name and its measures, in the order of ``HEADINGS``."""
    return (
        ("score", (in_figures(report.nats, 4), in_figures(report.top, 4))),
        (
            "score, told the style",
            (in_figures(report.nats_with_style, 4), in_figures(report.top_with_style, 4)),
        ),
        *rows_beside((KIT,), (NATS, TOP)),
    )


def remarks(report: ContinuationReport) -> tuple[str, ...]:
    """What is to be said beside the figures, a sentence or two each."""
    copied = "; ".join(
        f"{bars} before {generated:.1%} (drummers {played:.1%})"
        for bars, (generated, played) in report.copied.items()
    )
    return (
        f"{report.windows:,} windows of up to eight bars, {report.steps:,} steps; each value with"
        " its 95 % bootstrap interval over steps, then over files.",
        f"Hit F1 of the bar after four bars, sampled at temperature 1 with {SEEDS} seeds:"
        f" {report.next_bar_f1:.3f}; the last bar played again: {report.next_bar_f1_of_copy:.3f}.",
        f"Of the last four of eight bars, written so with {SEEDS} seeds, those that are the bar so"
        f" many before: {copied}.",
        *remarks_beside((KIT,), report.nats.value),
    )


def sample(model: Model, page: Page, window: int) -> Integers:
    """What is written at temperature 1, (seeds, written); each window has seeds of its own."""
    steps = int(page.written.sum())
    return write(
        page,
        [np.random.default_rng([window, seed]) for seed in range(SEEDS)],
        model,
        Rules(np.ones(steps), np.zeros((steps, CODES), np.float32)),
        cancel=Cancel(),
    )


def agreement(found: Integers, played: Integers) -> Doubles:
    """Of codes: the hits that agree, those found, and those played."""
    ours, theirs = hits_of(found), hits_of(played)
    return np.array([(ours * theirs).sum(), ours.sum(), theirs.sum()], np.float64)


def f1(counts: Doubles) -> float:
    """Of what :func:`agreement` gives."""
    agreeing, found, played = (float(count) for count in counts)
    return 2.0 * agreeing / max(1.0, found + played)


def _next_bar(
    model: Model, windows: ScoreWindows, report: Callable[[float], None]
) -> tuple[float, float]:
    end = PRIME_BARS * STEPS_PER_BAR
    ours, copy = np.zeros(3), np.zeros(3)
    for number in range(len(windows)):
        played = windows.codes[number, end : end + STEPS_PER_BAR]
        copy += agreement(windows.codes[number, end - STEPS_PER_BAR : end], played)
        for codes in sample(model, _page(windows, number, 1), number):
            ours += agreement(codes, played)
        report(number / len(windows))
    return f1(ours), f1(copy)


def _copied(
    model: Model, windows: ScoreWindows, report: Callable[[float], None]
) -> dict[int, tuple[float, float]]:
    """After four bars the model writes four more; how often is a bar one that was?"""
    counts = {bars: [0, 0] for bars in COPIED_BARS}
    for number in range(len(windows)):
        played = windows.codes[number].reshape(BARS, STEPS_PER_BAR)
        for codes in sample(model, _page(windows, number, BARS - PRIME_BARS), number):
            written = np.concatenate([played[:PRIME_BARS], codes.reshape(-1, STEPS_PER_BAR)])
            for bars, count in counts.items():
                for row, whose in enumerate((written, played)):
                    same = whose[PRIME_BARS:] == whose[PRIME_BARS - bars : BARS - bars]
                    count[row] += int(same.all(axis=1).sum())
        report(number / len(windows))
    total = max(1, SEEDS * len(windows) * (BARS - PRIME_BARS))
    return {bars: (count[0] / total, count[1] / total) for bars, count in counts.items()}


def _page(windows: ScoreWindows, window: int, bars: int) -> Page:
    """The first four bars of a window, and so many to be written."""
    known = windows.codes[window, : PRIME_BARS * STEPS_PER_BAR]
    first, tempo = int(windows.first_step[window]), float(windows.tempo[window])
    return Context(known, first, STEPS_PER_BAR, tempo).page(bars * STEPS_PER_BAR)
