"""What the note model is to reach, beside what it has reached and what others reach."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from bridge.training import melody_paths_report
from bridge.training.clone_figures import (
    MELODY,
    MELODY_VAE_4_BOUND,
    NATS,
    CloneFigures,
    below,
    clone_of,
)
from bridge.training.goals import Goal
from bridge.training.melody_choosing import CHOSEN, PLAIN, Tasted
from bridge.training.melody_copying import COPIED_BARS
from bridge.training.melody_costs import ALL
from bridge.training.metrics import Measure
from bridge.training.predictions import QUARTERS

if TYPE_CHECKING:
    from bridge.training.melody_report import MelodyReport

CONTINUE: Final = "Continue"
GENERATE: Final = "Generate"
PLACES: Final = (2.0, 4.0, 6.0, 8.0, 10.0)
"""Quarter notes at which the clone's curves are recorded."""
CURVES: Final = (
    ("f1", "cardinality F1, one sample"),
    ("best_f1", "cardinality F1, best of 8"),
    ("pitch", "pitch score, one sample"),
    ("best_pitch", "pitch score, best of 8"),
)
FASTEST: Final = 100.0
"""Milliseconds for eight takes."""


def goals_of(found: "MelodyReport") -> tuple[Goal, ...]:
    """All goals, in the order of the tools."""
    return (
        *_of_costs(found),
        *_of_curves(found),
        *_of_copies(found),
        *_of_taste(CONTINUE, found.continued[PLAIN], found.continued[CHOSEN]),
        *_of_taste(GENERATE, found.generated[PLAIN], found.generated[CHOSEN]),
        *_of_made(found),
        *(() if found.interpolate is None else melody_paths_report.goals_of(found.interpolate)),
        Goal("All", "takes of 16 bars that copy, after the check", found.copied.after, 4, high=0.0),
        Goal("All", "takes of 4 bars that copy, after the check", _after(found), 4, high=0.0),
        Goal("All", "unseen melodies taken for copies", found.alarms.melodies, 4, high=0.02),
        Goal(
            "All",
            "eight 4-bar takes drawn, best of five, ms",
            found.speed.best,
            0,
            high=FASTEST,
        ),
    )


def clone_curve(clone: CloneFigures | None, curve: str) -> dict[float, float]:
    """What is recorded of a clone's curve, by quarter notes."""
    shares = {} if clone is None else clone.shares
    names = {far: f"{curve.replace('_', ' ')} after {far:.0f} quarters" for far in PLACES}
    return {far: shares[name] for far, name in names.items() if name in shares}


def _of_costs(found: "MelodyReport") -> tuple[Goal, ...]:
    return (
        _fewer(CONTINUE, "", found.costs.told[ALL].nats, clone_of(MELODY)),
        _fewer(
            GENERATE,
            " of 4 bars from nothing",
            found.costs.windows[ALL].nats,
            clone_of(MELODY_VAE_4_BOUND),
        ),
    )


def _fewer(tool: str, what: str, ours: Measure, clone: CloneFigures | None) -> Goal:
    """How many percent fewer nats; where no clone is recorded, only the nats are told."""
    if clone is None:
        return Goal(tool, f"nats a step{what}", ours, 4)
    return Goal(
        tool,
        f"nats a step{what} below the clone's, %",
        100.0 * below(ours.value, clone),
        1,
        low=10.0,
        to_beat=f"{clone.measures[NATS].value:.4f} (ours {ours.value:.4f})",
    )


def _of_curves(found: "MelodyReport") -> tuple[Goal, ...]:
    clone = clone_of(MELODY)
    rows = []
    for name, label in CURVES:
        ours: Sequence[float] = getattr(found.continuations[ALL], name)
        markov: Sequence[float] = getattr(found.markov[ALL], name)
        leads = [own - other for own, other in zip(ours, markov, strict=True)]
        of_clone = clone_curve(clone, name)
        leads += [ours[QUARTERS.index(far)] - value for far, value in of_clone.items()]
        others = [f"Markov {markov[-1]:.3f}"]
        others += [f"clone {of_clone[PLACES[-1]]:.3f}"] if PLACES[-1] in of_clone else []
        rows.append(
            Goal(
                CONTINUE,
                f"{label}: least lead at 2–10 quarters",
                min(leads),
                3,
                low=0.001,
                to_beat=f"{', '.join(others)} (ours {ours[-1]:.3f}) at 10",
            )
        )
    return tuple(rows)


def _of_copies(found: "MelodyReport") -> tuple[Goal, ...]:
    copies = found.copies[ALL]
    return tuple(
        Goal(
            CONTINUE,
            f"sixteenths as {bars} bar{'s' * (bars > 1)} before, away from real",
            abs(copies.written[bars] - copies.real[bars]),
            3,
            high=0.05,
            to_beat=f"{copies.real[bars]:.3f} in real ones (ours {copies.written[bars]:.3f})",
        )
        for bars in COPIED_BARS
    )


def _of_taste(tool: str, plain: Tasted, chosen: Tasted) -> tuple[Goal, ...]:
    kept = chosen.table
    how = f"{CHOSEN}:"
    return (
        Goal(tool, f"{how} excessive repeats", kept.repeated, 4, high=0.0002, to_beat="0.0003"),
        Goal(tool, f"{how} leaps resolved", kept.leaps_resolved, 3, low=0.91, to_beat="0.911"),
        Goal(tool, f"{how} in a motif", kept.in_motif, 3, low=0.75, to_beat="0.757"),
        Goal(tool, f"{how} not in key", kept.not_in_key, 4, high=0.006, to_beat="0.001"),
        Goal(tool, f"{how} likelihood lost, %", 100.0 * chosen.lost(plain), 1, high=5.0),
    )


def _of_made(found: "MelodyReport") -> tuple[Goal, ...]:
    made = found.made
    return (
        Goal(
            GENERATE,
            "overlapping area, mean",
            made.likeness.mean,
            3,
            low=0.85,
            to_beat=f"{made.likeness_of_real.mean:.3f}, other real ones",
        ),
        Goal(
            GENERATE,
            "a judge's AUC",
            made.auc,
            3,
            high=0.70,
            to_beat=f"{made.auc_of_real:.3f}, real ones among themselves",
        ),
    )


def _after(found: "MelodyReport") -> float:
    return found.made.originality.after
