"""The takes of Drumify judged: how near to real drumming comes what is drawn for its rhythms."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumgrid import PIECES, STEPS, Performance
from bridge.engine.catalog import Catalog, Model
from bridge.tools.drumify import MODEL
from bridge.tools.groove import MODEL as PLAYER
from bridge.training.corpus import STEPS_PER_BAR, Drumming, Windows, cut_windows
from bridge.training.drumify_playing import play_windows
from bridge.training.drumify_prediction import TAPPED_TO_FILL, only, predict_hits, some_windows
from bridge.training.judge import judge
from bridge.training.report import read_drummings

Doubles = npt.NDArray[np.float64]

LEARNT_FROM: Final = 6_000
"""Windows of the training split that the judge sees, real and played anew."""
ASKED_HITS_PER_BAR: Final = (8.0, 12.0, 16.0, 20.0, 24.0)
WISHED: Final = 200
"""Windows of which takes with so many hits a bar are wished for."""

_ON_ALL: Final = 0.35
_ON_TEST: Final = 0.6
_FILLED: Final = 0.7
_JUDGED: Final = 0.9
_HALF_A_HIT: Final = 0.5


@dataclass(frozen=True, slots=True)
class Filled:
    """Takes for the kicks alone of windows in which there are some, hits between them allowed."""

    windows: int
    answered: float
    """Part of the onsets that have a hit on their step."""
    hits_per_bar: float
    hits_per_bar_of_drummers: float
    steps_on_onsets: float
    """Part of the steps struck on which there is an onset."""
    steps_on_onsets_of_drummers: float
    rate_jsd: float
    """As for the other takes."""


@dataclass(frozen=True, slots=True)
class Density:
    """Takes of which so many hits a bar were wished for, in windows that have fewer onsets."""

    asked: float
    windows: int
    got: float
    """On the mean."""
    apart: float
    """Hits a bar between what was asked for and what came, on the mean."""
    met: float
    """Part of the takes that have the very number."""


@dataclass(frozen=True, slots=True)
class DrumifyTakesReport:
    """What is known of takes on the test split, at temperature 1."""

    judge_auc: float
    """How well a judge tells takes from drumming: 0.5 not at all, 1 always."""
    judge_auc_of_hits: float
    """The same where he sees only which piece is struck on which step."""
    judge_auc_of_independent_hits: float
    """The same for hits drawn one by one, each at its chance over all latents."""
    rate_jsd: float
    """Jensen-Shannon divergence in nats of how often a piece is struck in a window; the mean of
    the nine."""
    train_rate_jsd: float
    """The same between the training split and the test split."""
    place_jsd: float
    """Jensen-Shannon divergence in nats of the steps of the bar on which a piece is struck; the
    mean of the nine."""
    train_place_jsd: float
    filled: Filled
    densities: tuple[Density, ...]

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def measure_drumify_takes(
    drummings: tuple[Drumming, ...],
    model: Model,
    player: Model,
    *,
    report: Callable[[float], None],
) -> DrumifyTakesReport:
    """Takes for the rhythms of the test split against what was played.

    Args:
        drummings: The whole data set.
        model: As exported.
        player: The groove model.
        report: Told the part that is done, 0–1.
    """
    train, test = cut_windows(drummings, "train"), cut_windows(drummings, "test")
    chosen = np.sort(np.random.default_rng(0).permutation(len(train))[:LEARNT_FROM])
    some = some_windows(train, chosen)
    of_train = play_windows(
        some, model, player, first_seed=len(test), report=lambda part: report(_ON_ALL * part)
    )
    of_test = play_windows(
        test, model, player, report=lambda part: report(_ON_ALL + (_ON_TEST - _ON_ALL) * part)
    )
    filled = _fill(test, model, player)
    report(_FILLED)
    drawn = _independent(model, some, 0), _independent(model, test, 1)
    as_played = judge((some.played, of_train.played), (test.played, of_test.played))
    hits_alone = judge(
        (_hits(some.played), _hits(of_train.played)), (_hits(test.played), _hits(of_test.played))
    )
    independent = judge((_hits(some.played), drawn[0]), (_hits(test.played), drawn[1]))
    report(_JUDGED)
    return DrumifyTakesReport(
        judge_auc=as_played.auc,
        judge_auc_of_hits=hits_alone.auc,
        judge_auc_of_independent_hits=independent.auc,
        rate_jsd=_rate_divergence(test.played, of_test.played),
        train_rate_jsd=_rate_divergence(test.played, train.played),
        place_jsd=_place_divergence(test.played, of_test.played),
        train_place_jsd=_place_divergence(test.played, train.played),
        filled=filled,
        densities=tuple(_wish(asked, test, model, player) for asked in ASKED_HITS_PER_BAR),
    )


def measure_installed_takes(
    catalog: Catalog, data: Path | None, cache_folder: Path, *, report: Callable[[float], None]
) -> DrumifyTakesReport:
    """The takes of the installed model; arguments and faults as for ``report.measure``."""
    drummings = read_drummings(data, cache_folder)
    return measure_drumify_takes(
        drummings, catalog.load(MODEL), catalog.load(PLAYER), report=report
    )


def table_of_takes(found: DrumifyTakesReport) -> str:
    """The report as Markdown."""
    filled = found.filled
    rows = [
        (
            "a judge's AUC, real or drawn",
            f"{found.judge_auc:.3f}",
            "",
        ),
        (
            "the same, of the hits alone",
            f"{found.judge_auc_of_hits:.3f}",
            f"{found.judge_auc_of_independent_hits:.3f}: hits drawn one by one",
        ),
        (
            "hits of a piece in a window, JSD in nats",
            f"{found.rate_jsd:.4f}",
            f"{found.train_rate_jsd:.4f}: the training split",
        ),
        (
            "places of a piece in the bar, JSD in nats",
            f"{found.place_jsd:.4f}",
            f"{found.train_place_jsd:.4f}: the training split",
        ),
        (
            f"around the kicks of {filled.windows:,} windows: kicks answered",
            f"{filled.answered:.2%}",
            "",
        ),
        (
            "hits a bar",
            f"{filled.hits_per_bar:.2f}",
            f"{filled.hits_per_bar_of_drummers:.2f}: the drummers",
        ),
        (
            "part of the steps struck on which there is a kick",
            f"{filled.steps_on_onsets:.3f}",
            f"{filled.steps_on_onsets_of_drummers:.3f}: the drummers",
        ),
        ("hits of a piece in a window, JSD in nats", f"{filled.rate_jsd:.4f}", ""),
    ]
    rows += [
        (
            f"{wish.asked:g} hits a bar wished for, {wish.windows} windows",
            f"{wish.got:.2f}",
            f"{wish.apart:.3f} apart on the mean, {wish.met:.0%} met",
        )
        for wish in found.densities
    ]
    lines = ["| takes at temperature 1, test split | measure | for comparison |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _fill(test: Windows, model: Model, player: Model) -> Filled:
    with_some = only(test, TAPPED_TO_FILL).played.hits.any(axis=(1, 2))
    some = some_windows(test, np.flatnonzero(with_some))
    takes = play_windows(some, model, player, tapped=TAPPED_TO_FILL, fill=True)
    real = some.played.hits
    tapped = real[..., list(TAPPED_TO_FILL)].any(axis=-1)
    bars = 2.0 * len(some)
    return Filled(
        windows=len(some),
        answered=takes.answered,
        hits_per_bar=float(takes.played.hits.sum()) / bars,
        hits_per_bar_of_drummers=float(real.sum()) / bars,
        steps_on_onsets=takes.on_taps,
        steps_on_onsets_of_drummers=float(tapped.sum() / real.any(axis=-1).sum()),
        rate_jsd=_rate_divergence(some.played, takes.played),
    )


def _wish(asked: float, test: Windows, model: Model, player: Model) -> Density:
    onsets = test.played.hits.any(axis=-1).sum(axis=1)
    able = np.flatnonzero((onsets > 0) & (onsets <= 2 * asked))
    chosen = np.sort(np.random.default_rng(0).permutation(able)[:WISHED])
    some = some_windows(test, chosen)
    takes = play_windows(some, model, player, fill=True, hits_per_bar=asked)
    got = takes.played.hits.sum(axis=(1, 2), dtype=np.float64) / 2.0
    return Density(
        asked=asked,
        windows=len(some),
        got=float(got.mean()),
        apart=float(np.abs(got - asked).mean()),
        met=float((np.abs(2.0 * (got - asked)) < _HALF_A_HIT).mean()),
    )


def _independent(model: Model, windows: Windows, seed: int) -> Performance:
    """Every cell drawn for itself on the steps that are tapped."""
    logits = predict_hits(model, windows, accented=False)
    chance = np.random.default_rng(seed).logistic(size=logits.shape)
    tapped = windows.played.hits.any(axis=-1, keepdims=True)
    return _hits_only(((logits + chance > 0) & tapped).astype(np.float32))


def _hits(played: Performance) -> Performance:
    return _hits_only(played.hits)


def _hits_only(hits: npt.NDArray[np.float32]) -> Performance:
    return Performance(hits, np.zeros_like(hits), np.zeros_like(hits))


def _rate_divergence(real: Performance, other: Performance) -> float:
    """Of the histograms of hits in a window, a piece; the mean over the pieces."""
    return _mean_divergence(*(_rates(played) for played in (real, other)))


def _place_divergence(real: Performance, other: Performance) -> float:
    """Of the histograms of places in the bar, a piece; the mean over the pieces."""
    return _mean_divergence(
        *(
            played.hits.reshape(-1, STEPS_PER_BAR, PIECES).sum(axis=0, dtype=np.float64).T
            for played in (real, other)
        )
    )


def _rates(played: Performance) -> Doubles:
    """How many windows have so many hits of a piece, (9, 33)."""
    counts = played.hits.sum(axis=1).astype(np.int64)  # (windows, 9)
    return np.stack([np.bincount(of_piece, minlength=STEPS + 1) for of_piece in counts.T]).astype(
        np.float64
    )


def _mean_divergence(real: Doubles, other: Doubles) -> float:
    one, two = (
        counts / np.maximum(1.0, counts.sum(axis=-1, keepdims=True)) for counts in (real, other)
    )
    middle = 0.5 * (one + two)

    def to_middle(part: Doubles) -> Doubles:
        ratio = np.where(part > 0, part, 1.0) / np.where(part > 0, middle, 1.0)
        return np.asarray((part * np.log(ratio)).sum(axis=-1), np.float64)

    return float((0.5 * (to_middle(one) + to_middle(two))).mean())
