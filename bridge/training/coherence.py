"""How much of their deviations the hits of real drumming share, for the copula of the sampler."""

from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.engine.catalog import Model
from bridge.engine.sampling import normal_levels, probabilities
from bridge.training.corpus import Windows
from bridge.training.evaluate import BATCH, hear, run_windows

Doubles = npt.NDArray[np.float64]

_EDGE: Final = 1e-3
_POINTS: Final = 2001
_SEED: Final = 0


def measure_coherence(model: Model, listener: Model, windows: Windows) -> dict[str, float]:
    """Shares of variance common to a take, to a piece and to a step, for offset and velocity.

    What the feel explains is not among them: the model is told each window's own feel, drawn as
    uncertainly as the listener hears it.

    Each played value is turned into a normal score by the model's own distribution for it; the
    covariances of the scores between hits of one window give the shares (their moments):
    hits that share neither step nor piece have the take's share in common, hits of one piece the
    piece's too, hits of one step the step's too.
    """
    numbers: dict[str, float] = {}
    mean, spread = hear(listener, windows.played, windows.tempo)
    noise = np.random.default_rng(_SEED).standard_normal(mean.shape).astype(np.float32)
    feels = mean + spread * noise
    scores: dict[str, list[Doubles]] = {"offset": [], "velocity": []}
    for first in range(0, len(windows), BATCH):
        part = slice(first, first + BATCH)
        outputs = run_windows(model, windows, part, feels)
        for name, played, low in (
            ("offset", windows.played.offset[part], -0.5),
            ("velocity", windows.played.velocity[part], 0.0),
        ):
            scores[name].append(_normal_scores(probabilities(outputs[name]), played - low))
    hit = windows.played.hits > 0
    for name, parts in scores.items():
        take, piece, step = _shares(np.concatenate(parts), hit)
        numbers |= {f"{name}_take": take, f"{name}_piece": piece, f"{name}_step": step}
    return numbers


def _normal_scores(mass: Doubles, place: npt.NDArray[np.float32]) -> Doubles:
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


def _shares(score: Doubles, hit: npt.NDArray[np.bool_]) -> tuple[float, float, float]:
    count = hit.astype(np.float64)
    score = (score - score[hit].mean()) / score[hit].std() * count
    all_sum, all_count = score.sum((1, 2)), count.sum((1, 2))
    by_piece, piece_count = score.sum(1), count.sum(1)  # (windows, 9)
    by_step, step_count = score.sum(2), count.sum(2)  # (windows, 32)
    own, own_count = (score**2).sum(), count.sum()
    piece_pairs = (by_piece**2).sum() - own, (piece_count**2).sum() - own_count
    step_pairs = (by_step**2).sum() - own, (step_count**2).sum() - own_count
    all_pairs = (all_sum**2).sum() - own, (all_count**2).sum() - own_count
    rest = tuple(
        whole - piece - step
        for whole, piece, step in zip(all_pairs, piece_pairs, step_pairs, strict=True)
    )
    take = max(0.0, rest[0] / rest[1])
    piece = max(0.0, piece_pairs[0] / piece_pairs[1] - take)
    step = max(0.0, step_pairs[0] / step_pairs[1] - take)
    return take, piece, step
