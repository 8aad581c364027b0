"""All drum tools on the test split, beside what each is to reach: ``clipbridge evaluate drums``.

The goals stand in one table; the whole report of each tool follows below it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from bridge.engine.catalog import Catalog
from bridge.training import (
    drumify_report,
    drumify_takes,
    generate_evaluation,
    goals,
    groove_takes,
    infill_evaluation,
    interpolate_report,
    report,
    score_evaluation,
)
from bridge.training.clone_figures import KIT, VAE_4_BOUND, CloneFigures, below, recorded
from bridge.training.drumify_evaluate import DrumifyReport
from bridge.training.drumify_takes import DrumifyTakesReport
from bridge.training.evaluate import GrooveReport
from bridge.training.generate_evaluation import GenerateReport
from bridge.training.goals import Goal
from bridge.training.groove_takes import TakesReport
from bridge.training.infill_evaluation import InfillReport
from bridge.training.interpolate_evaluate import InterpolateReport
from bridge.training.score_evaluation import ContinuationReport

HEADINGS: Final = goals.HEADINGS

_TAKES_PART: Final = 0.3
"""Of the time: how long the judging of one tool's takes lasts."""
_SHORT_PART: Final = 0.08
"""How long each of the other measures lasts."""

Row: TypeAlias = tuple[str, tuple[tuple[str, ...], ...]]


@dataclass(frozen=True, slots=True)
class DrumsReport:
    """Everything ``clipbridge evaluate drums`` prints."""

    groove: GrooveReport
    groove_takes: TakesReport
    drumify: DrumifyReport
    drumify_takes: DrumifyTakesReport
    generate: GenerateReport
    infill: InfillReport
    interpolate: InterpolateReport
    continuation: ContinuationReport

    @property
    def goals(self) -> tuple[Goal, ...]:
        """What each tool reaches, beside what it is to reach."""
        return (
            *_of_groove(self.groove, self.groove_takes),
            *_of_drumify(self.drumify, self.drumify_takes),
            *_of_generate(self.generate),
            *_of_interpolate(self.interpolate),
            *_of_continuation(self.continuation),
        )

    @property
    def sections(self) -> Mapping[str, str]:
        """The report of each tool as Markdown."""
        return {
            "groove": f"{report.table(self.groove)}\n\n"
            f"{groove_takes.table_of_takes(self.groove_takes)}",
            "drumify": f"{drumify_report.table(self.drumify)}\n\n"
            f"{drumify_takes.table_of_takes(self.drumify_takes)}",
            "generate": generate_evaluation.table(self.generate),
            "interpolate": interpolate_report.table(self.interpolate),
            "continue": score_evaluation.table(self.continuation),
            "infill": infill_evaluation.table(self.infill),
        }

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return {
            "goals": [goal.as_fields() for goal in self.goals],
            "groove": {**self.groove.as_fields(), "takes": self.groove_takes.as_fields()},
            "drumify": {**self.drumify.as_fields(), "takes": self.drumify_takes.as_fields()},
            "generate": self.generate.as_fields(),
            "interpolate": self.interpolate.as_fields(),
            "continue": self.continuation.as_fields(),
            "infill": self.infill.as_fields(),
        }


def measure(
    catalog: Catalog, data: Path | None, cache_folder: Path, *, report: Callable[[float], None]
) -> DrumsReport:
    """All drum tools as installed; arguments as for :func:`bridge.training.report.measure`.

    Raises:
        DataMissingError: if the data is not there, or not the published one.
        ModelMissingError: if a model is not there.
    """
    done = 0.0

    def told(share: float) -> Callable[[float], None]:
        nonlocal done
        before, done = done, done + share
        return lambda part: report(before + share * part)

    source = (catalog, data, cache_folder)
    return DrumsReport(
        groove=_groove(source, told(_SHORT_PART)),
        groove_takes=groove_takes.measure_installed_takes(*source, report=told(_TAKES_PART)),
        drumify=drumify_report.measure(*source, report=told(_SHORT_PART)),
        drumify_takes=drumify_takes.measure_installed_takes(*source, report=told(_TAKES_PART)),
        generate=generate_evaluation.measure(*source, report=told(_SHORT_PART)),
        infill=infill_evaluation.measure(*source, report=told(_SHORT_PART)),
        interpolate=interpolate_report.measure(*source, report=told(_SHORT_PART)),
        continuation=score_evaluation.measure(*source, report=told(_SHORT_PART)),
    )


def table(found: DrumsReport) -> str:
    """The goals and then each tool's report, as Markdown."""
    parts = [goals.table_of(found.goals)]
    parts += remarks(found)
    parts += [f"## {name}\n{section}" for name, section in found.sections.items()]
    return "\n\n".join(parts)


def figures(found: DrumsReport) -> tuple[Row, ...]:
    """A row for each goal, in the order of ``HEADINGS``."""
    return tuple(
        (tool, tuple((cell,) for cell in cells))
        for tool, *cells in (goal.as_cells() for goal in found.goals)
    )


def remarks(found: DrumsReport) -> tuple[str, ...]:
    """What is to be said beside the goals."""
    goals_set = [goal for goal in found.goals if goal.stands]
    met = sum(goal.met for goal in goals_set)
    return (
        f"{met} of {len(goals_set)} goals are met. The brackets hold 95 % bootstrap intervals,"
        " over hits, steps, windows or pairs, then over files. Everything else that is measured:"
        " clipbridge evaluate groove, drumify, generate, interpolate, continue or infill, or this"
        " command into a file.",
    )


def _groove(
    source: tuple[Catalog, Path | None, Path], told: Callable[[float], None]
) -> GrooveReport:
    return report.measure(*source, report=told)


def _of_groove(found: GrooveReport, takes: TakesReport) -> tuple[Goal, ...]:
    alone = found.row("groove")
    far = found.row("groove, with two far bars of the file as feel")
    felt = found.row("groove, with the two bars before as feel")
    return (
        Goal("Groove", "timing MAE, ms", alone.timing_mae_ms, 2, high=18.3, to_beat="18.80"),
        Goal("Groove", "timing MSE, 16ths²", alone.timing_mse16, 4, high=0.031, to_beat="0.032"),
        Goal("Groove", "velocity MSE", alone.velocity_mse, 4, high=0.052, to_beat="0.0564"),
        Goal("Groove", "timing MAE, felt from two far bars, ms", far.timing_mae_ms, 2, high=16.0),
        Goal("Groove", "timing MAE, felt from two before, ms", felt.timing_mae_ms, 2, high=16.0),
        Goal("Groove", "takes: timing CRPS, ms", takes.samples.timing_crps_ms, 2, high=13.5),
        Goal(
            "Groove",
            "takes: a judge's AUC",
            takes.judge_auc,
            3,
            high=0.65,
            to_beat=f"{takes.judge_auc_stiff:.3f}, quantised",
        ),
        Goal("Groove", "notes kept", found.notes_kept, 4, low=1.0, to_beat="0.934"),
    )


def _of_drumify(found: DrumifyReport, takes: DrumifyTakesReport) -> tuple[Goal, ...]:
    plain, accented = found.rows
    ratio = found.hits_per_bar / found.hits_per_bar_of_drummers
    return (
        Goal("Drumify", "hit F1", plain.hit_f1, 3, low=0.62, to_beat="0.589"),
        Goal("Drumify", "hit F1, accents", accented.hit_f1, 3, low=0.67, to_beat="0.635"),
        Goal("Drumify", "macro F1", plain.macro_f1, 3, low=0.35),
        Goal("Drumify", "macro F1, accents", accented.macro_f1, 3, low=0.35),
        Goal("Drumify", "BCE a cell", plain.bce_per_cell, 4, high=0.21, to_beat="0.2188"),
        Goal(
            "Drumify", "BCE a cell, accents", accented.bce_per_cell, 4, high=0.19, to_beat="0.2010"
        ),
        Goal("Drumify", "onsets answered", found.taps_answered, 4, low=0.98),
        Goal("Drumify", "hits a bar over drummers'", ratio, 3, low=0.95, high=1.05),
        Goal("Drumify", "takes: a judge's AUC", takes.judge_auc, 3),
    )


def _of_generate(found: GenerateReport) -> tuple[Goal, ...]:
    clone = recorded(VAE_4_BOUND)
    return (
        Goal(
            "Generate",
            "nats a step below the clone's, %",
            100.0 * below(found.nats.value, clone),
            1,
            low=10.0,
            to_beat=_beside(found.nats.value, clone),
        ),
        Goal("Generate", "overlapping area, mean", found.likeness.mean, 3, low=0.85),
        Goal("Generate", "overlapping area, hits a bar", found.likeness.hits_a_bar, 3, low=0.85),
        Goal("Generate", "overlapping area, piece rates", found.likeness.piece_rates, 3, low=0.85),
        Goal("Generate", "overlapping area, syncopation", found.likeness.syncopation, 3, low=0.85),
        Goal("Generate", "takes that stand in the training set", found.known, 4, high=0.0099),
    )


def _of_interpolate(found: InterpolateReport) -> tuple[Goal, ...]:
    return interpolate_report.goals_of(found)


def _of_continuation(found: ContinuationReport) -> tuple[Goal, ...]:
    clone = recorded(KIT)
    return (
        Goal(
            "Continue",
            "nats a step below the clone's, %",
            100.0 * below(found.nats.value, clone),
            1,
            low=10.0,
            to_beat=_beside(found.nats.value, clone),
        ),
        Goal(
            "Continue",
            "next bar's hit F1",
            found.next_bar_f1,
            3,
            low=round(clone.shares["next-bar F1"], 3),
            to_beat=f"{clone.shares['next-bar F1']:.3f}",
        ),
    )


def _beside(ours: float, clone: CloneFigures) -> str:
    return f"{clone.measures['nats a step'].value:.4f} (ours {ours:.4f})"
