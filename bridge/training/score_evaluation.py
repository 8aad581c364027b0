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

from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import forbidden, hits_of, look_back, places
from bridge.engine.autoregressive import REMEMBERED, Memory
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog, Model
from bridge.engine.sampling import probabilities
from bridge.tools.continuation import MODEL, Context, write_on
from bridge.training.corpus import STEPS_PER_BAR, Drumming
from bridge.training.metrics import Measure
from bridge.training.metrics import measure as with_intervals
from bridge.training.report import read_drummings
from bridge.training.scores import BARS, STEPS, ScoreWindows, cut_scores, read_scores

HEADINGS: Final = ("predictor", "nats a step", "top-1")

BATCH: Final = 64
SEEDS: Final = 3
PRIME_BARS: Final = 4
COPIED_BARS: Final = (1, 2, 4)
_LEAST: Final = 1e-12

Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ContinuationReport:
    """Everything ``clipbridge evaluate continuation`` prints."""

    windows: int
    steps: int
    nats: Measure
    """A step."""
    top: Measure
    """Share of steps whose code was the likeliest."""
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
    """The continuation model on the test split.

    Args:
        drummings: The whole data set.
        model: As exported.
        report: Told the part that is done, 0–1.
    """
    windows = cut_scores(read_scores(drummings, "test"))
    nats, alike = predict(model, windows, report=lambda part: report(0.4 * part))
    file = np.repeat(windows.file, windows.counted.sum(axis=1))
    whole = np.flatnonzero(windows.counted.all(axis=1))
    f1, copy_f1 = _next_bar(model, windows, whole, lambda part: report(0.4 + 0.2 * part))
    copied = _copied(model, windows, whole, lambda part: report(0.6 + 0.4 * part))
    return ContinuationReport(
        windows=len(windows),
        steps=len(nats),
        nats=with_intervals(nats, file),
        top=with_intervals(alike, file),
        next_bar_f1=f1,
        next_bar_f1_of_copy=copy_f1,
        copied=copied,
    )


def measure(
    catalog: Catalog, data: Path | None, cache_folder: Path, *, report: Callable[[float], None]
) -> ContinuationReport:
    """The continuation model as installed; arguments as for :func:`bridge.training.report.measure`.

    Raises:
        DataMissingError: if the data is not there.
        ModelMissingError: if the model is not there.
    """
    drummings = read_drummings(data, cache_folder)
    return evaluate_continuation(drummings, catalog.load(MODEL), report=report)


def predict(
    model: Model, windows: ScoreWindows, *, report: Callable[[float], None] = lambda _: None
) -> tuple[Doubles, Doubles]:
    """For each step that counts its nats, and whether its code was the likeliest, (steps,)."""
    nats = np.zeros(windows.codes.shape)
    alike = np.zeros(windows.codes.shape)
    score, known = look_back(windows.codes, STEPS_PER_BAR)
    place = places(windows.first_step, STEPS, STEPS_PER_BAR)
    tempo = np.log2(windows.tempo / np.float32(120.0))[:, None]
    for first in range(0, len(windows), BATCH):
        part = slice(first, first + BATCH)
        rows = np.arange(len(tempo[part]))
        memory = Memory.empty(model.manifest, len(rows))
        for step in range(STEPS):
            outputs = model.run(
                {
                    "score": score[part, step],
                    "known": known[part, step],
                    "place": place[part, step],
                    "tempo": tempo[part],
                    **memory.inputs(),
                },
                Cancel(),
            )
            memory.remember(outputs[REMEMBERED])
            mass = probabilities(outputs["logits"])
            code = windows.codes[part, step]
            nats[part, step] = -np.log(np.maximum(mass[rows, code], _LEAST))
            alike[part, step] = mass.argmax(axis=-1) == code
        report(min(1.0, (first + BATCH) / len(windows)))
    return nats[windows.counted], alike[windows.counted]


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
    return (("continuation", (_cell(report.nats), _cell(report.top))),)


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
        f"Of the last four of eight bars, those that are the bar so many before: {copied}.",
    )


def _cell(measured: Measure) -> tuple[str, str, str]:
    by_step, by_file = (
        f"{low:.4f}–{high:.4f}" for low, high in (measured.by_hit, measured.by_file)
    )
    return f"{measured.value:.4f}", by_step, by_file


def _next_bar(
    model: Model, windows: ScoreWindows, whole: Integers, report: Callable[[float], None]
) -> tuple[float, float]:
    end = PRIME_BARS * STEPS_PER_BAR
    nothing = np.zeros(3)  # hits that agree, hits written, hits played
    ours, copy = nothing.copy(), nothing.copy()
    for number, window in enumerate(whole.tolist()):
        played = hits_of(windows.codes[window, end : end + STEPS_PER_BAR])
        again = hits_of(windows.codes[window, end - STEPS_PER_BAR : end])
        copy += _agreement(again, played)
        for codes in _written(model, windows, window, STEPS_PER_BAR, SEEDS):
            ours += _agreement(hits_of(codes), played)
        report(number / len(whole))
    return _f1(ours), _f1(copy)


def _copied(
    model: Model, windows: ScoreWindows, whole: Integers, report: Callable[[float], None]
) -> dict[int, tuple[float, float]]:
    """After four bars the model writes four more; how often is a bar one that was?"""
    end = PRIME_BARS * STEPS_PER_BAR
    counts = {bars: [0, 0] for bars in COPIED_BARS}
    for number, window in enumerate(whole.tolist()):
        (codes,) = _written(model, windows, window, STEPS - end, 1)
        played = windows.codes[window].reshape(BARS, STEPS_PER_BAR)
        written = np.concatenate([played[:PRIME_BARS], codes.reshape(-1, STEPS_PER_BAR)])
        for bars, count in counts.items():
            for row, whose in enumerate((written, played)):
                same = whose[PRIME_BARS:] == whose[PRIME_BARS - bars : BARS - bars]
                count[row] += int(same.all(axis=1).sum())
        report(number / len(whole))
    total = max(1, len(whole) * (BARS - PRIME_BARS))
    return {bars: (count[0] / total, count[1] / total) for bars, count in counts.items()}


def _written(model: Model, windows: ScoreWindows, window: int, steps: int, seeds: int) -> Integers:
    context = Context(
        windows.codes[window, : PRIME_BARS * STEPS_PER_BAR],
        int(windows.first_step[window]),
        STEPS_PER_BAR,
        float(windows.tempo[window]),
    )
    return write_on(
        context,
        steps,
        [np.random.default_rng(seed) for seed in range(seeds)],
        model,
        temperature=1.0,
        banned=forbidden(2**PIECES - 1, PIECES),
        cancel=Cancel(),
    )


def _agreement(found: npt.NDArray[np.float32], played: npt.NDArray[np.float32]) -> Doubles:
    return np.array([(found * played).sum(), found.sum(), played.sum()], np.float64)


def _f1(counts: Doubles) -> float:
    agreeing, found, played = (float(count) for count in counts)
    return 2.0 * agreeing / max(1.0, found + played)
