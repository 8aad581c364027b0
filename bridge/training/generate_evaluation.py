"""How well drum scores are made from nothing: exact nats a step, and what takes are like.

Nats are those of every whole window of four bars of every 4/4 test file, one bar apart, without
anything heard before it: the windows of a MusicVAE of four bars. Takes are drawn at temperature 1
and at the tempos of such windows. No torch is needed: what is measured is the exported graph.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from bridge.codecs.drumscore import CODES
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog, Model
from bridge.tools.writing import MODEL, Rules, blank_page, write
from bridge.training.clone_figures import VAE_4_BOUND, remarks_beside
from bridge.training.corpus import STEPS_PER_BAR, Drumming
from bridge.training.generated import Likeness, copy_rate, likeness
from bridge.training.metrics import Measure, in_figures
from bridge.training.metrics import measure as with_intervals
from bridge.training.report import read_drummings
from bridge.training.score_likelihood import step_nats
from bridge.training.scores import Integers, ScoreWindows, cut_scores, read_scores

HEADINGS: Final = ("predictor", "nats a step", "top-1")

WINDOW_BARS: Final = 4
TAKES: Final = 1_000
AT_ONCE: Final = 20
"""Takes of one tempo."""


@dataclass(frozen=True, slots=True)
class GenerateReport:
    """Everything ``clipbridge evaluate generate`` prints."""

    windows: int
    nats: Measure
    """A step."""
    top: Measure
    """Share of steps whose code was the likeliest."""
    nats_with_style: Measure
    """A step, where the drummer's style is said."""
    top_with_style: Measure
    likeness: Likeness
    """Of the takes to as many of the test windows."""
    known: float
    """Share of the takes that stand in the training set, hit for hit."""
    known_played: float
    """The same of the test windows."""
    empty_bars: float
    """Share of the takes' bars without a hit."""
    empty_bars_played: float

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return {**asdict(self), "likeness": self.likeness.as_fields()}


def evaluate_generate(
    drummings: tuple[Drumming, ...], model: Model, *, report: Callable[[float], None]
) -> GenerateReport:
    """The score model on the test split.

    Args:
        drummings: The whole data set.
        model: As exported.
        report: Told the part that is done, 0–1.
    """
    windows = _windows(drummings, "test")
    nats, top = step_nats(model, windows, report=lambda part: report(0.4 * part))
    styled, styled_top = step_nats(
        model, windows, style=windows.style, report=lambda part: report(0.4 + 0.4 * part)
    )
    file = np.repeat(windows.file, windows.codes.shape[1])
    measures = [
        with_intervals(each.ravel().astype(np.float64), file)
        for each in (nats, top, styled, styled_top)
    ]
    takes = draw_takes(model, windows, lambda part: report(0.8 + 0.2 * part))
    learnt = _windows(drummings, "train").codes
    chance = np.random.default_rng(0)
    few = windows.codes[chance.permutation(len(windows))[:TAKES]]
    return GenerateReport(
        windows=len(windows),
        nats=measures[0],
        top=measures[1],
        nats_with_style=measures[2],
        top_with_style=measures[3],
        likeness=likeness(takes, few),
        known=copy_rate(takes, learnt),
        known_played=copy_rate(windows.codes, learnt),
        empty_bars=_empty(takes),
        empty_bars_played=_empty(windows.codes),
    )


def measure(
    catalog: Catalog, data: Path | None, cache_folder: Path, *, report: Callable[[float], None]
) -> GenerateReport:
    """The score model as installed; arguments as for :func:`bridge.training.report.measure`.

    Raises:
        DataMissingError: if the data is not there.
        ModelMissingError: if the model is not there.
    """
    drummings = read_drummings(data, cache_folder)
    return evaluate_generate(drummings, catalog.load(MODEL), report=report)


def table(report: GenerateReport) -> str:
    """The report as Markdown; the brackets hold 95 % intervals, over steps and over files."""
    lines = [f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    for name, cells in figures(report):
        joined = (f"{value} [{by_step}; {by_file}]" for value, by_step, by_file in cells)
        lines.append(f"| {name} | {' | '.join(joined)} |")
    for remark in remarks(report):
        lines += ["", remark]
    return "\n".join(lines)


def figures(report: GenerateReport) -> tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]:
    """For each predictor its name and its measures, in the order of ``HEADINGS``."""
    return (
        ("score, from nothing", (in_figures(report.nats, 4), in_figures(report.top, 4))),
        (
            "score, told the style",
            (in_figures(report.nats_with_style, 4), in_figures(report.top_with_style, 4)),
        ),
    )


def remarks(report: GenerateReport) -> tuple[str, ...]:
    """What is to be said beside the figures, a sentence or two each."""
    return (
        f"{report.windows:,} windows of four bars, one bar apart, every step of each; each value"
        " with its 95 % bootstrap interval over steps, then over files.",
        f"Overlapping areas of {TAKES:,} takes with as many of these windows: hits a bar"
        f" {report.likeness.hits_a_bar:.3f}, rates of the nine pieces"
        f" {report.likeness.piece_rates:.3f}, syncopation {report.likeness.syncopation:.3f}; their"
        f" mean {report.likeness.mean:.3f}.",
        f"Of {TAKES:,} takes of four bars at temperature 1, {report.known:.1%} stand hit for hit"
        f" in the training set (of the test windows {report.known_played:.1%});"
        f" {report.empty_bars:.1%} of their bars are empty (drummers'"
        f" {report.empty_bars_played:.1%}).",
        *remarks_beside((VAE_4_BOUND,), report.nats.value),
    )


def draw_takes(
    model: Model, windows: ScoreWindows, report: Callable[[float], None] = lambda _: None
) -> Integers:
    """A thousand takes of four bars in no style, at the tempos of windows, (1000, 64)."""
    steps = WINDOW_BARS * STEPS_PER_BAR
    rules = Rules(np.ones(steps), np.zeros((steps, CODES), np.float32), sounding=True)
    tempos = np.random.default_rng(0).choice(windows.tempo, TAKES // AT_ONCE)
    drawn = []
    for number, tempo in enumerate(tempos.tolist()):
        page = blank_page(steps, STEPS_PER_BAR, tempo)
        seeds = range(number * AT_ONCE, (number + 1) * AT_ONCE)
        chances = [np.random.default_rng(seed) for seed in seeds]
        drawn.append(write(page, chances, model, rules, cancel=Cancel()))
        report((number + 1) / len(tempos))
    return np.concatenate(drawn)


def _windows(drummings: Sequence[Drumming], split: str) -> ScoreWindows:
    return cut_scores(read_scores(drummings, split), hop_bars=1, bars=WINDOW_BARS).whole()


def _empty(scores: Integers) -> float:
    return float((scores.reshape(-1, STEPS_PER_BAR) == 0).all(axis=1).mean())
