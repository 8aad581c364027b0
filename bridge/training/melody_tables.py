"""The measures of the note model as Markdown, for the screen and for the model's card."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from bridge.training import melody_paths_report
from bridge.training.clone_figures import (
    MELODY,
    MELODY_VAE_4_BOUND,
    NATS,
    NATS_OF_NOTE,
    TOP,
    CloneFigures,
    clone_of,
)
from bridge.training.goals import table_of
from bridge.training.melody_copying import COPIED_BARS
from bridge.training.melody_costs import ALL, StepRow
from bridge.training.melody_goals import CURVES, PLACES, clone_curve
from bridge.training.metrics import Measure
from bridge.training.predictions import QUARTERS
from bridge.training.taste_table import PUBLISHED, TasteTable

if TYPE_CHECKING:
    from bridge.training.melody_report import MelodyReport

_RULES: Final = (
    "repeated",
    "not_in_key",
    "leaps_resolved",
    "in_motif",
    "in_repeated_motif",
    "starts_with_tonic",
    "unique_highest",
    "unique_lowest",
    "autocorrelation_1",
    "autocorrelation_2",
    "autocorrelation_3",
)
_UNKNOWN: Final = "–"


def whole(found: "MelodyReport", remarks: Iterable[str]) -> str:
    """The goals, what is to be said of them, and every table."""
    return "\n\n".join([table_of(found.goals), *remarks, sections(found, "##")])


def card_text(found: "MelodyReport") -> str:
    """The same for the model's card, where it stands under a heading."""
    goals_set = [goal for goal in found.goals if goal.stands]
    met = sum(goal.met for goal in goals_set)
    said = f"{met} of {len(goals_set)} goals are met; what was missed says so."
    return "\n\n".join([table_of(found.goals), said, sections(found, "###")])


def sections(found: "MelodyReport", heading: str) -> str:
    """All tables, each under a heading of this depth."""
    parts = {
        "What a melody costs": _told(found),
        "From the ninth bar on, and told the key heard before": _later(found),
        "Four bars from nothing": _windows(found),
        "Basses, chords and missing bars": _parts(found),
        "Continuations beside what was written (Patterns for Prediction)": _curves(found),
        "What is repeated": _copies(found),
        "RL Tuner's table": _tastes(found),
        "Takes of four bars beside real ones": _made(found),
        "Originality": _originality(found),
        "Speed": _speed(found),
    }
    if found.interpolate is not None:
        parts["Interpolate, between melodies"] = melody_paths_report.table(found.interpolate)
    return "\n\n".join(f"{heading} {name}\n{text}" for name, text in parts.items())


def markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table."""
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _told(found: "MelodyReport") -> str:
    clone = clone_of(MELODY)
    heads = ["songs of", "melodies", "nats a step", "nats a note", "top-1"]
    heads += ["clone: nats a step", "nats a note", "top-1"]
    rows = [
        [name, f"{row.tunes:,}", *_step_cells(row), *_clone_cells(clone, name)]
        for name, row in found.costs.told.items()
    ]
    return (
        f"{markdown(heads, rows)}\n\nMelodies of the test split on sixteenths from their first step"
        " to the step of their last onset; nothing is said of key, range or density, but the metre"
        " and the bar lines are, as any clip tells them (the clone counts its steps itself). A step"
        " is a key struck, a hold or silence; every code has its chance. Steps are priced in"
        " windows of 128 notes and rests, with 64 of them heard before where there are any; the"
        " clone hears the whole melody."
    )


def _later(found: "MelodyReport") -> str:
    heads = ["songs of", "nothing said: nats a step", "nats a note", "top-1"]
    heads += ["in the key heard: nats a step", "nats a note", "top-1"]
    rows = [
        [name, *_step_cells(row), *_step_cells(found.costs.later_in_key[name])]
        for name, row in found.costs.later.items()
    ]
    return markdown(heads, rows)


def _windows(found: "MelodyReport") -> str:
    clone = clone_of(MELODY_VAE_4_BOUND)
    heads = ["songs of", "melodies", "nats a step", "nats a note", "top-1"]
    heads += ["clone of MusicVAE: nats a step at most"]
    rows = [
        [name, f"{row.tunes:,}", *_step_cells(row), _measured(clone, NATS, name)]
        for name, row in found.costs.windows.items()
    ]
    return (
        f"{markdown(heads, rows)}\n\nWindows of four bars of sixteen sixteenths, one after another,"
        " with a note a bar on average at least; nothing is heard before, and every step counts."
    )


def _parts(found: "MelodyReport") -> str:
    costs = found.costs
    heads = ["nats a note", "bass", "chords", "a missing bar", "the same, not knowing what follows"]
    columns = (costs.bass, costs.chords, costs.infill, costs.infill_without)
    names = list(dict.fromkeys(name for column in columns for name in column))
    rows = [[name, *(_in_brackets(column.get(name), 3) for column in columns)] for name in names]
    return (
        f"{markdown(heads, rows)}\n\nMissing is the fifth of each eight bars of a melody; that no"
        " note follows in it is priced too. Of lengths beyond two bars it is priced which of the"
        " four that the model knows is nearest."
    )


def _curves(found: "MelodyReport") -> str:
    clone = clone_of(MELODY)
    texts = []
    heads = ["", *(f"{far:.0f}" for far in PLACES)]
    places = [QUARTERS.index(far) for far in PLACES]
    for name, label in CURVES:
        rows = []
        for who, of in (("ours", found.continuations), ("Markov", found.markov)):
            values = getattr(of[ALL], name)
            rows.append([who, *(_number(values[place]) for place in places)])
        curve = clone_curve(clone, name)
        if curve:
            rows.append(["clone of melody_rnn", *(_number(curve.get(far)) for far in PLACES)])
        for source in found.continuations:
            if source != ALL:
                values = getattr(found.continuations[source], name)
                label_of = f"ours, {source} ({found.primes[source]})"
                rows.append([label_of, *(_number(values[place]) for place in places)])
        texts.append(f"{label}:\n\n{markdown(heads, rows)}")
    return "\n\n".join(
        [
            f"{found.primes[ALL]} primes of eight bars; columns are quarter notes behind the"
            " prime's last onset. Ours is drawn at temperature 1 on sixteenths, told the key, the"
            " middle and the density of the prime; the Markov chain is told the song's key.",
            *texts,
        ]
    )


def _copies(found: "MelodyReport") -> str:
    heads = ["songs of", "melodies"]
    for bars in COPIED_BARS:
        heads += [f"as {bars} before: real", "written"]
    rows = []
    for name, copies in found.copies.items():
        cells = [name, str(copies.melodies)]
        for bars in COPIED_BARS:
            cells += [f"{copies.real[bars]:.3f}", f"{copies.written[bars]:.3f}"]
        rows.append(cells)
    bars_alike = "; ".join(
        f"{bars} before {real:.1%} (written {written:.1%})"
        for bars, (real, written) in found.copies[ALL].wholly.items()
    )
    return (
        f"{markdown(heads, rows)}\n\nShare of sixteenths in the 16 bars after the first eight of a"
        " song, where these are not silent; one continuation of each."
        f" Whole bars that are as one before: {bars_alike}."
    )


def _tastes(found: "MelodyReport") -> str:
    columns: dict[str, TasteTable] = {}
    for tool, kinds in (("Continue", found.continued), ("Generate", found.generated)):
        columns |= {f"{tool}, {name}": kind.table for name, kind in kinds.items()}
    columns["real, test"] = found.real
    clone = _clone_taste(clone_of(MELODY))
    if clone:
        columns["clone of melody_rnn"] = clone
    columns |= {f"published: {name}": column for name, column in PUBLISHED.items()}
    heads = ["melodies of 32 eighths", *(rule.replace("_", " ") for rule in _RULES)]
    heads += ["nats a note", "likelihood lost"]
    costs = {
        f"{tool}, {name}": (f"{kind.nats:.3f}", f"{kind.lost(kinds['as drawn']):.1%}")
        for tool, kinds in (("Continue", found.continued), ("Generate", found.generated))
        for name, kind in kinds.items()
    }
    rows = [
        [name, *(f"{getattr(column, rule):.4f}" for rule in _RULES), *costs.get(name, ("", ""))]
        for name, column in columns.items()
    ]
    counts = f"{found.continued['as drawn'].melodies} and {found.generated['as drawn'].melodies}"
    return (
        f"{markdown(heads, rows)}\n\n{counts} melodies, written on eighths: after eight bars of a"
        " real melody in the key heard in it, and from nothing in C major. What they cost is"
        " counted without a lock. The keys of the clone's melodies are those heard in them, the"
        " real ones' those of their songs."
    )


def _made(found: "MelodyReport") -> str:
    made = found.made
    ours, real = made.likeness.as_fields(), made.likeness_of_real.as_fields()
    clone = clone_of(MELODY_VAE_4_BOUND)
    shares: Mapping[str, float] = {} if clone is None else clone.shares
    rows = []
    for field, value in ours.items():
        name = field.replace("_", " ")
        cells = [f"{value:.3f}", f"{real[field]:.3f}", _number(shares.get(f"overlap, {name}"))]
        rows.append([name, *cells])
    judged = [f"{made.auc:.3f}", f"{made.auc_of_real:.3f}", _number(shares.get("judge's AUC"))]
    rows.append(["a judge's AUC", *judged])
    heads = ["overlapping area", "takes", "other real windows", "clone of MusicVAE"]
    return (
        f"{markdown(heads, rows)}\n\n{made.takes:,}"
        " takes of four bars at temperature 1, nothing said, beside as many windows of the test"
        f" split. A judge who learnt from half of both tells the other half apart with an AUC of"
        f" {made.auc:.3f}; real songs from other real songs with {made.auc_of_real:.3f}."
    )


def _originality(found: "MelodyReport") -> str:
    four, sixteen, alarms = found.made.originality, found.copied, found.alarms
    rows = [
        [what, f"{each.takes:,}", f"{each.before:.2%}", f"{each.after:.2%}", str(each.redrawn)]
        for what, each in (
            ("four bars from nothing", four),
            ("sixteen bars after eight real ones", sixteen),
        )
    ]
    heads = ["takes of", "takes", "copy, as drawn", "copy, after the check", "drawn anew"]
    return (
        f"{markdown(heads, rows)}\n\nA copy has a run of {alarms.notes} notes of a melody that was"
        f" learnt from ({alarms.runs:,} runs). Of real melodies that nobody learnt from"
        f" {alarms.melodies:.2%} are taken for copies, of their pieces of 16 bars"
        f" {alarms.pieces:.2%}."
    )


def _speed(found: "MelodyReport") -> str:
    speed = found.speed
    return (
        f"Eight takes of four bars in C major, here: drawn in {speed.best:.0f} ms (best of five,"
        f" median {speed.median:.0f}); with the drafts that the tools choose from in"
        f" {speed.chosen_best:.0f} ms (median {speed.chosen_median:.0f})."
    )


def _step_cells(row: StepRow) -> list[str]:
    return [
        _in_brackets(row.nats, 4),
        f"{row.nats_of_note.value:.3f}",
        f"{row.top.value:.3f}",
    ]


def _clone_cells(clone: CloneFigures | None, source: str) -> list[str]:
    return [_measured(clone, name, source) for name in (NATS, NATS_OF_NOTE, TOP)]


def _measured(clone: CloneFigures | None, name: str, source: str) -> str:
    """What is recorded of a clone for a source."""
    measures: Mapping[str, Measure] = {} if clone is None else clone.measures
    measure = measures.get(name if source == ALL else f"{name}, {source}")
    return _UNKNOWN if measure is None else f"{measure.value:.4f}"


def _clone_taste(clone: CloneFigures | None) -> TasteTable | None:
    shares = {} if clone is None else clone.shares
    named = {rule: f"of 32 steps, {rule.replace('_', ' ')}" for rule in _RULES}
    if not all(name in shares for name in named.values()):
        return None
    return TasteTable(**{rule: shares[name] for rule, name in named.items()})


def _in_brackets(measure: Measure | None, digits: int) -> str:
    if measure is None:
        return _UNKNOWN
    low, high = measure.by_file
    return f"{measure.value:.{digits}f} [{low:.{digits}f}–{high:.{digits}f}]"


def _number(value: float | None) -> str:
    return _UNKNOWN if value is None or math.isnan(value) else f"{value:.3f}"
