"""How much of their deviations the hits of real drumming share, for the copula of the sampler."""

from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumgrid import STEPS
from bridge.engine.catalog import Model
from bridge.engine.sampling import normal_levels, probabilities
from bridge.tools.groove import ALONE, DRAWN, FELT, LAGS
from bridge.training.corpus import BARS_PER_WINDOW, Windows
from bridge.training.evaluate import BATCH, Feels, hear_others, run_windows, windows_before

Doubles = npt.NDArray[np.float64]

_EDGE: Final = 1e-3
_POINTS: Final = 2001
_SEED: Final = 0
_FAR: Final = 1_000_000
"""More bars than any file has."""


def measure_coherence(model: Model, listener: Model, windows: Windows) -> dict[str, float]:
    """Correlations of hits 0 to 63 steps apart, of different pieces and of one, for the manifest.

    Each played value is turned into a normal score by the model's own distribution for it, and the
    scores of hits of a file are correlated, within a window and with the window that follows: once
    as the model plays without a feel, and once with that of the two bars before.
    """
    felt = hear_others(listener, windows, windows_before)
    numbers: dict[str, float] = {}
    for situation, feels in ((ALONE, None), (FELT, felt)):
        for name, scores in _scores(model, windows, feels).items():
            shared, same = _correlations(scores, windows)
            for lag in range(LAGS):
                numbers[f"{situation}{name}_shared_{lag}"] = round(float(shared[lag]), 4)
                numbers[f"{situation}{name}_same_{lag}"] = round(float(same[lag]), 4)
    return numbers


def measure_full_strength(windows: Windows, bins: int) -> float:
    """Which part of the hits in the strongest of so many bins has the greatest velocity."""
    played = windows.played
    velocity = played.velocity[played.hits > 0]
    return float((velocity >= 1.0).sum() / (velocity > 1.0 - 1.0 / bins).sum())


def _scores(model: Model, windows: Windows, feels: Feels | None) -> dict[str, Doubles]:
    """What quantile of its histogram each offset and velocity is, (windows, 32, 9) each."""
    generator = np.random.default_rng(_SEED)
    scores: dict[str, list[Doubles]] = {name: [] for name in DRAWN}
    for first in range(0, len(windows), BATCH):
        part = slice(first, first + BATCH)
        outputs = run_windows(model, windows, part, feels)
        played = windows.played
        # A drum kit sends whole numbers, of which 127 is common: spread each over its own width.
        whole = 127.0 * played.velocity[part]
        spread_out = (whole - generator.random(whole.shape)) / 127.0
        for name, place in (("offset", played.offset[part] + 0.5), ("velocity", spread_out)):
            scores[name].append(_normal_scores(probabilities(outputs[name]), place))
    return {name: np.concatenate(parts) for name, parts in scores.items()}


def _normal_scores(mass: Doubles, place: npt.NDArray[np.floating]) -> Doubles:
    """What quantile of its histogram each value is, as a normal score; ``place`` from 0 to 1."""
    bins = mass.shape[-1]
    below = np.concatenate([np.zeros((*mass.shape[:-1], 1)), np.cumsum(mass, -1)], -1)
    position = np.clip(place.astype(np.float64), 0.0, 1.0) * bins
    whole = np.minimum(position.astype(np.int64), bins - 1)[..., None]
    level = np.take_along_axis(below, whole, -1) + (position[..., None] - whole) * (
        np.take_along_axis(mass, whole, -1)
    )
    return _inverse_normal(np.clip(level[..., 0], _EDGE, 1.0 - _EDGE))


def _inverse_normal(level: Doubles) -> Doubles:
    grid = np.linspace(-4.0, 4.0, _POINTS)
    return np.asarray(np.interp(level, normal_levels(grid), grid), np.float64)


def _correlations(score: Doubles, windows: Windows) -> tuple[Doubles, Doubles]:
    """Between different pieces and within one, by the distance in steps, (64,) each."""
    hit = windows.played.hits > 0
    struck = score[hit]
    score = (score - struck.mean()) / struck.std() * hit
    # Two windows side by side show distances of up to 63 steps.
    next_ones = np.searchsorted(windows.file * _FAR + windows.first_bar, _next_key(windows))
    follows = np.minimum(next_ones, len(windows) - 1)
    real = windows.file * _FAR + windows.first_bar
    found = real[follows] == _next_key(windows)
    beside = np.where(found[:, None, None], score[follows], 0.0)
    hit_beside = hit[follows] & found[:, None, None]
    long = np.concatenate([score, beside], axis=1)  # (windows, 64, 9)
    struck_long = np.concatenate([hit, hit_beside], axis=1).astype(np.float64)
    shared, same = np.zeros(LAGS), np.zeros(LAGS)
    for lag in range(LAGS):
        # Only what begins in the first window counts, so that no pair of hits counts twice.
        last = min(STEPS, LAGS - lag)
        one, other = long[:, :last], long[:, lag : lag + last]
        one_hit, other_hit = struck_long[:, :last], struck_long[:, lag : lag + last]
        same_sum, same_count = (one * other).sum(), (one_hit * other_hit).sum()
        all_sum = (one.sum(axis=2) * other.sum(axis=2)).sum()
        all_count = (one_hit.sum(axis=2) * other_hit.sum(axis=2)).sum()
        same[lag] = same_sum / max(1.0, same_count)
        shared[lag] = (all_sum - same_sum) / max(1.0, all_count - same_count)
    return shared, same


def _next_key(windows: Windows) -> npt.NDArray[np.int64]:
    return np.asarray(windows.file * _FAR + windows.first_bar + BARS_PER_WINDOW, np.int64)
