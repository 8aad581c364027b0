"""The takes of the groove model judged: how near to real drumming what is drawn comes."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumgrid import Performance
from bridge.engine.catalog import Catalog, Model
from bridge.tools.groove import MODEL
from bridge.training.corpus import Drumming, Windows, cut_windows
from bridge.training.groove_samples import SampleReport, draw_windows, measure_samples
from bridge.training.judge import judge
from bridge.training.metrics import Measure, in_figures
from bridge.training.report import read_drummings

LEARNT_FROM: Final = 6_000
"""Windows of the training split that the judge sees, real and played anew."""

_SAMPLED_SHARE: Final = 0.75
STIFF: Final = np.float32(100.0 / 127.0)


@dataclass(frozen=True, slots=True)
class TakesReport:
    """What is known of drawn takes on the test split."""

    samples: SampleReport
    judge_auc: float
    """How well a judge tells takes from real drumming: 0.5 not at all, 1 always."""
    judge_auc_stiff: float
    """The same for the stiff score, velocity 100."""

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def measure_takes(
    drummings: tuple[Drumming, ...], model: Model, *, report: Callable[[float], None]
) -> TakesReport:
    """Drawn takes of the test split against what was played.

    Args:
        drummings: The whole data set.
        model: As exported.
        report: Told the part that is done, 0–1.
    """
    train, test = cut_windows(drummings, "train"), cut_windows(drummings, "test")
    samples = measure_samples(model, test, train, report=lambda part: report(_SAMPLED_SHARE * part))
    chosen = np.sort(np.random.default_rng(0).permutation(len(train))[:LEARNT_FROM])
    some = _some(train, chosen)
    drawn = draw_windows(model, some, seed=0), draw_windows(model, test, seed=1)
    told = judge((some.played, drawn[0]), (test.played, drawn[1]))
    report(0.5 * (1.0 + _SAMPLED_SHARE))
    stiff = judge((some.played, _stiff(some.played)), (test.played, _stiff(test.played)))
    report(1.0)
    return TakesReport(samples, told.auc, stiff.auc)


def measure_installed_takes(
    catalog: Catalog, data: Path | None, cache_folder: Path, *, report: Callable[[float], None]
) -> TakesReport:
    """The takes of the installed model; arguments and faults as for ``report.measure``."""
    drummings = read_drummings(data, cache_folder)
    return measure_takes(drummings, catalog.load(MODEL), report=report)


def table_of_takes(found: TakesReport) -> str:
    """The report as Markdown."""
    samples = found.samples
    rows = (
        ("timing CRPS, ms, of 32 takes", _cell(samples.timing_crps_ms, 2), ""),
        ("velocity CRPS", _cell(samples.velocity_crps, 4), ""),
        (
            "offset histograms, JSD in nats",
            f"{samples.timing_jsd:.4f}",
            f"{samples.train_timing_jsd:.4f}: the training split",
        ),
        (
            "velocity histograms, JSD in nats",
            f"{samples.velocity_jsd:.4f}",
            f"{samples.train_velocity_jsd:.4f}: the training split",
        ),
        (
            "a judge's AUC, real or drawn",
            f"{found.judge_auc:.3f}",
            f"{found.judge_auc_stiff:.3f}: the stiff score",
        ),
    )
    lines = ["| takes at temperature 1, test split | measure | for comparison |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _cell(found: Measure, digits: int) -> str:
    value, by_hit, by_file = in_figures(found, digits)
    return f"{value} [{by_hit}; {by_file}]"


def _some(windows: Windows, chosen: npt.NDArray[np.int64]) -> Windows:
    played = windows.played
    return Windows(
        Performance(played.hits[chosen], played.velocity[chosen], played.offset[chosen]),
        windows.tempo[chosen],
        windows.file[chosen],
        windows.first_bar[chosen],
    )


def _stiff(played: Performance) -> Performance:
    return Performance(played.hits, played.hits * STIFF, np.zeros_like(played.offset))
