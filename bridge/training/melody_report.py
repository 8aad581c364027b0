"""The note model on the test split, beside what it is to reach: ``clipbridge evaluate melody``.

The goals stand in one table, the measures in others below it, overall and by source. What it is
compared with was trained on the same songs and is measured on the same test split.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from bridge.codecs.originality import FINGERPRINT, Fingerprint
from bridge.engine.catalog import Catalog
from bridge.engine.providers import CPU
from bridge.errors import ModelMissingError
from bridge.tools.note_writing import MODEL, Writers
from bridge.training import goals, melody_paths_report, melody_tables
from bridge.training.continuations import (
    Continuations,
    Curves,
    Prime,
    curves_of,
    events_of_song,
    markov_continuer,
    means_of,
    one_by_one,
    primes_of,
)
from bridge.training.fingerprints import FalseAlarms, false_alarms, fingerprint_of
from bridge.training.goals import Goal
from bridge.training.markov import MarkovChain
from bridge.training.melody_choosing import Tasted, from_nothing, starts_of, tasted
from bridge.training.melody_copying import (
    Copies,
    Originality,
    check_originality,
    compare_copies,
    long_tunes,
    sixteen_bars_after,
    written_after,
)
from bridge.training.melody_costs import ALL, Costs, costs_of
from bridge.training.melody_goals import goals_of
from bridge.training.melody_making import BARS, Made, Speed, measure_made, measure_speed
from bridge.training.melody_paths_evaluate import MelodyPathsReport
from bridge.training.melody_tunes import BAR, Tune, tunes_of, windows_of
from bridge.training.melody_writing import note_continuer, writers_of
from bridge.training.song import Song
from bridge.training.song_cache import SONGS, read_songs
from bridge.training.song_report import real_taste
from bridge.training.taste_table import TasteTable

HEADINGS: Final = goals.HEADINGS
RUN: Final = 16
"""Notes of a run of the fingerprint, where the model has none of its own."""

Row: TypeAlias = tuple[str, tuple[tuple[str, ...], ...]]
card_text = melody_tables.card_text


@dataclass(frozen=True, slots=True)
class MelodyReport:
    """Everything ``clipbridge evaluate melody`` prints."""

    costs: Costs
    primes: Mapping[str, int]
    """By source, as the next two; ``all`` first."""
    continuations: Mapping[str, Continuations]
    markov: Mapping[str, Continuations]
    copies: Mapping[str, Copies]
    """By source."""
    continued: Mapping[str, Tasted]
    """Melodies of 32 eighths after real ones, by the way they are chosen."""
    generated: Mapping[str, Tasted]
    """The same from nothing."""
    real: TasteTable
    made: Made
    copied: Originality
    """Of continuations of 16 bars."""
    alarms: FalseAlarms
    speed: Speed
    interpolate: MelodyPathsReport | None = None
    """Of the way between melodies; None where it was not asked for or its model is not there."""

    @property
    def goals(self) -> tuple[Goal, ...]:
        """What is reached, beside what is to be reached."""
        return goals_of(self)

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        fields = {
            "goals": [goal.as_fields() for goal in self.goals],
            "costs": self.costs.as_fields(),
            "primes": dict(self.primes),
            "continuations": _fields(self.continuations),
            "markov": _fields(self.markov),
            "copies": _fields(self.copies),
            "continued": _fields(self.continued),
            "generated": _fields(self.generated),
            "real": self.real.as_fields(),
            "made": self.made.as_fields(),
            "copied": self.copied.as_fields(),
            "alarms": self.alarms.as_fields(),
            "speed": self.speed.as_fields(),
            "interpolate": None if self.interpolate is None else self.interpolate.as_fields(),
        }
        return {name: _said(value) for name, value in fields.items()}


def evaluate_melody(
    models: Path, *, songs: Path = SONGS, report: Callable[[float], None]
) -> MelodyReport:
    """The note model of a folder, on the CPU.

    Args:
        models: Where ``notes``, ``notes-pitch`` and ``notes-length`` lie.
        songs: What ``clipbridge train prepare`` wrote.
        report: Told the part that is done, 0–1.

    Raises:
        DataMissingError: if the songs were not prepared.
        ModelMissingError: if the model is not there.
    """
    return evaluate_notes(Catalog((models,), provider=CPU), read_songs(songs), report)


def measure(
    catalog: Catalog, data: Path | None, cache_folder: Path, *, report: Callable[[float], None]
) -> MelodyReport:
    """The note model as installed, and the way between melodies where its model is.

    Args:
        catalog: The models.
        data: Not looked at: the songs are those that ``clipbridge train prepare`` wrote.
        cache_folder: Not looked at.
        report: Told the part that is done, 0–1.

    Raises:
        DataMissingError: if the songs were not prepared.
        ModelMissingError: if the model is not there.
    """
    found = evaluate_notes(catalog, read_songs(), lambda part: report(0.8 * part))
    try:
        ways = melody_paths_report.measure(
            catalog, data, cache_folder, report=lambda part: report(0.8 + 0.2 * part)
        )
    except ModelMissingError:
        return found
    return replace(found, interpolate=ways)


def evaluate_notes(
    catalog: Catalog, songs: Sequence[Song], report: Callable[[float], None] = lambda _: None
) -> MelodyReport:
    """The note model of a catalog on the songs' test split."""
    writers = writers_of(catalog)
    learnt, test = ([song for song in songs if song.split == each] for each in ("train", "test"))
    fingerprint = fingerprint_in(catalog, learnt)
    tunes = tunes_of(test)
    windows = windows_of(tunes, BARS, BARS)

    def told(begin: float, end: float) -> Callable[[float], None]:
        return lambda part: report(begin + (end - begin) * part)

    speed = measure_speed(writers, fingerprint)
    costs = costs_of(test, tunes, windows, writers, told(0.0, 0.15))
    primes = primes_of(test)
    ours = curves_of(primes, note_continuer(writers), report=told(0.15, 0.4))
    chain = MarkovChain.learnt(map(events_of_song, learnt))
    markov = curves_of(primes, one_by_one(markov_continuer(chain)), report=told(0.4, 0.45))
    copies, copied = _copying(writers, tunes, fingerprint, told(0.45, 0.6))
    return MelodyReport(
        costs=costs,
        primes={name: len(chosen) for name, chosen in _by_source(primes).items()},
        continuations=_means(primes, ours),
        markov=_means(primes, markov),
        copies=copies,
        continued=tasted(starts_of(test), writers, report=told(0.6, 0.75)),
        generated=tasted(from_nothing(), writers, report=told(0.75, 0.9)),
        real=real_taste(test),
        made=measure_made(writers, windows, fingerprint, report=told(0.9, 1.0)),
        copied=copied,
        alarms=false_alarms(fingerprint, test),
        speed=speed,
    )


def fingerprint_in(catalog: Catalog, learnt: Sequence[Song]) -> Fingerprint:
    """What the model has of what it learned from; made of these songs where it has nothing."""
    file = catalog.folder(MODEL) / FINGERPRINT
    if file.is_file():
        return Fingerprint.from_bytes(file.read_bytes())
    return fingerprint_of(learnt, RUN)


def table(found: MelodyReport) -> str:
    """The goals and then each table, as Markdown."""
    return melody_tables.whole(found, remarks(found))


def figures(found: MelodyReport) -> tuple[Row, ...]:
    """A row for each goal, in the order of ``HEADINGS``."""
    return tuple(
        (tool, tuple((cell,) for cell in cells))
        for tool, *cells in (goal.as_cells() for goal in found.goals)
    )


def remarks(found: MelodyReport) -> tuple[str, ...]:
    """What is to be said beside the goals."""
    goals_set = [goal for goal in found.goals if goal.stands]
    met = sum(goal.met for goal in goals_set)
    return (
        f"{met} of {len(goals_set)} goals are met. Where values come with brackets, these hold 95 %"
        " bootstrap intervals over melodies. Everything else that is measured: this command into a"
        " file, or with --json.",
    )


def metrics_of(found: MelodyReport) -> Mapping[str, float]:
    """For the manifest."""
    told, windows = found.costs.told[ALL], found.costs.windows[ALL]
    return {
        "nats_a_step": round(told.nats.value, 4),
        "nats_a_note": round(told.nats_of_note.value, 4),
        "top_1": round(told.top.value, 4),
        "nats_a_step_of_four_bars": round(windows.nats.value, 4),
        "nats_a_note_of_bass": round(found.costs.bass[ALL].value, 4),
        "nats_a_note_of_chords": round(found.costs.chords[ALL].value, 4),
        "nats_a_note_of_missing_bars": round(found.costs.infill[ALL].value, 4),
        "overlapping_area": round(found.made.likeness.mean, 4),
        "judge_auc": round(found.made.auc, 4),
    }


def _copying(
    writers: Writers,
    tunes: Sequence[Tune],
    fingerprint: Fingerprint,
    report: Callable[[float], None],
) -> tuple[dict[str, Copies], Originality]:
    """What continuations of 16 bars copy, from themselves by source and from what was learnt."""
    long = [tune for tune in tunes if len(long_tunes([tune]))]
    real = long_tunes(long)
    written = sixteen_bars_after(writers, real, report=report)
    heard = real.shape[1] - 16 * BAR
    copied, _ = check_originality(
        fingerprint,
        written,
        lambda number, turn: written_after(writers, real[number, :heard], [turn, number]),
        heard,
    )
    found = {}
    for name, chosen in _by_source(long).items():
        found[name] = compare_copies(real[chosen], written[chosen])
    return found, copied


def _means(primes: Sequence[Prime], curves: Sequence[Curves]) -> dict[str, Continuations]:
    return {
        name: means_of([curves[number] for number in chosen])
        for name, chosen in _by_source(primes).items()
    }


def _by_source(of_songs: Sequence[Prime] | Sequence[Tune]) -> dict[str, list[int]]:
    """The numbers of all, and of those of each source."""
    sources = np.array([each.song.source for each in of_songs], np.str_)
    found = {ALL: list(range(len(of_songs)))}
    for source in sorted(set(sources.tolist())):
        found[source] = np.flatnonzero(sources == source).tolist()
    return found


def _fields(
    parts: Mapping[str, Copies] | Mapping[str, Tasted] | Mapping[str, Continuations],
) -> dict[str, object]:
    return {name: part.as_fields() for name, part in parts.items()}


def _said(value: object) -> object:
    """A value for JSON, which has no word for what cannot be said."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): _said(each) for name, each in value.items()}
    return [_said(each) for each in value] if isinstance(value, list | tuple) else value
