"""How well a clone of MusicVAE brings scores back, makes some from nothing and goes between two."""

import math
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from bridge.training.clone_figures import EVEN, EXACT, EXACT_OF_DRAW, EXACT_TOLD, NATS
from bridge.training.generated import copy_rate, likeness
from bridge.training.interpolate_evaluate import PAIRS, pairs_of
from bridge.training.metrics import Doubles, Integers, Measure, measure_of_sums
from bridge.training.metrics import measure as with_intervals
from bridge.training.paths import (
    POINTS,
    Apart,
    cells_apart,
    evenness,
    exact_steps,
    squared_of_sums,
    sums_of_evenness,
)
from bridge.training.scores import Scores
from bridge.training.vae_clone import LATENT, VaeClone
from bridge.training.vae_lesson import nats_of, whole_windows

TAKES: Final = 1_000
SAMPLES: Final = 16
"""Latents a window for the tighter bound."""
_AT_ONCE: Final = 128


@dataclass(frozen=True, slots=True)
class VaeMeasures:
    """What is recorded of one clone."""

    measures: dict[str, Measure]
    shares: dict[str, float]


def evaluate_vae(
    network: VaeClone,
    bars: int,
    train: Scores,
    test: Scores,
    *,
    takes: int = TAKES,
    pairs: int = PAIRS,
) -> VaeMeasures:
    """A clone on every whole window of the test split, one bar apart.

    Args:
        network: Trained.
        bars: Of its windows.
        train: What it learned from, to know copies of it.
        test: What it did not.
        takes: Made from nothing.
        pairs: Of windows that are gone between.
    """
    codes, file = whole_windows(test, bars)
    learnt, _ = whole_windows(train, bars)
    measures = measure_windows(network, codes, file)
    even, shares = measure_ways(network, codes, file, pairs)
    measures |= even
    drawn = takes_of(network, codes.shape[1], takes)
    chosen = np.random.default_rng(0).permutation(len(codes))[:takes]
    areas = likeness(drawn, codes[chosen]).as_fields()
    return VaeMeasures(
        measures,
        {
            **shares,
            **{f"overlap, {name.replace('_', ' ')}": area for name, area in areas.items()},
            "copies": copy_rate(drawn, learnt),
            "copies of the test windows": copy_rate(codes, learnt),
        },
    )


def measure_ways(
    network: VaeClone, codes: Integers, file: Integers, pairs: int, apart: Apart = cells_apart
) -> tuple[dict[str, Measure], dict[str, float]]:
    """How even the ways between pairs of windows are, with intervals and without.

    Args:
        network: The clone.
        codes: (windows, steps).
        file: Of each window, (windows,).
        pairs: So many.
        apart: How far scores are apart.
    """
    one, other = pairs_of(codes, pairs)
    paths = paths_between(network, codes[one], codes[other])
    differ = (paths[:, 0] != paths[:, -1]).any(axis=-1)
    if not differ.any():  # They do not, where a latent says nothing.
        return {}, {}
    sums = sums_of_evenness(paths[differ], apart)
    found = evenness(paths, apart)
    return (
        {EVEN: measure_of_sums(sums, file[one][differ], squared_of_sums)},
        {"longest step over mean step": found.longest_step, "detour": found.detour},
    )


def measure_windows(network: VaeClone, codes: Integers, file: Integers) -> dict[str, Measure]:
    """What :func:`tell_windows` finds, with intervals; arguments as there, and the file of each."""
    files = np.repeat(file, codes.shape[1])
    return {
        name: with_intervals(values.ravel(), files)
        for name, values in tell_windows(network, codes).items()
    }


@torch.no_grad()
def tell_windows(network: VaeClone, codes: Integers, samples: int = SAMPLES) -> dict[str, Doubles]:
    """The bounds on nats a step, and how many steps come back exactly, (windows, steps) each.

    ``nats a step`` is the negative ELBO, with one latent drawn a window;
    ``nats a step, 16 latents`` the tighter bound of Burda et al. (2016).

    Args:
        network: The clone.
        codes: (windows, steps).
        samples: Latents a window for the tighter bound.
    """
    generator = torch.Generator().manual_seed(0)
    steps = codes.shape[1]
    found: dict[str, list[Doubles]] = {}

    def note(name: str, values: Tensor | Doubles) -> None:
        found.setdefault(name, []).append(np.asarray(values, np.float64))

    for start in range(0, len(codes), _AT_ONCE):
        played = torch.from_numpy(codes[start : start + _AT_ONCE])
        drawn = partial(_gumbel, played, network.shape.classes, generator)
        nats, latent = nats_of(network, played, generator)
        spread_out = latent[:, None].expand(-1, steps) / steps
        mean, spread = network.encode(played)
        posterior = mean + spread * torch.randn(mean.shape, generator=generator)
        note(NATS, nats + spread_out)
        note("nats of the latent a step", spread_out)
        tighter = bound(network, played, samples, generator)
        note(f"{NATS}, {samples} latents", (tighter / steps)[:, None].expand(-1, steps))
        told = network.decode(mean, played).argmax(dim=-1)
        for name, written in (
            (EXACT_TOLD, told),
            (EXACT, network.write(mean, drawn())),
            (
                EXACT_OF_DRAW,
                network.write(posterior, drawn()),
            ),
        ):
            note(name, exact_steps(written.numpy(), played.numpy()))
    return {name: np.concatenate(parts) for name, parts in found.items()}


@torch.no_grad()
def bound(network: VaeClone, codes: Tensor, samples: int, generator: torch.Generator) -> Tensor:
    """At most so many nats each score takes, (scores,): from the mean of the weights of latents."""
    mean, spread = network.encode(codes)
    weights = []
    for _ in range(samples):
        noise = torch.randn(mean.shape, generator=generator)
        latent = mean + spread * noise
        logits = network.decode(latent, codes)
        nats = functional.cross_entropy(logits.transpose(1, 2), codes, reduction="none").sum(dim=1)
        # log p(z) − log q(z | x): the constants of both are the same.
        ratio = (0.5 * (noise**2 - latent**2) + spread.log()).sum(dim=-1)
        weights.append(ratio - nats)
    return math.log(samples) - torch.stack(weights).logsumexp(dim=0)


def takes_of(network: VaeClone, steps: int, takes: int = TAKES, seed: int = 0) -> Integers:
    """Scores made from nothing at temperature 1, codes (takes, steps)."""
    generator = torch.Generator().manual_seed(seed)
    latent = torch.randn(takes, LATENT, generator=generator)
    parts = [
        network.write(
            part, _gumbel(torch.zeros(len(part), steps), network.shape.classes, generator)
        )
        for part in torch.split(latent, _AT_ONCE)
    ]
    return np.asarray(torch.cat(parts), np.int64)


@torch.no_grad()
def paths_between(network: VaeClone, first: Integers, last: Integers) -> Integers:
    """Paths between scores, codes (pairs, 11, steps).

    As in MusicVAE, the latents go along the sphere from mean to mean, and the ends are what comes
    back of the scores; all points of a path are drawn at temperature 1 with the same noise.

    Args:
        network: The clone.
        first: Codes, (pairs, steps).
        last: Codes, (pairs, steps).
    """
    generator = torch.Generator().manual_seed(0)
    means = [network.encode(torch.from_numpy(ends))[0] for ends in (first, last)]
    paths = []
    for one, other in zip(*(torch.split(mean, _AT_ONCE) for mean in means), strict=True):
        noise = _gumbel(torch.zeros(len(one), first.shape[1]), network.shape.classes, generator)
        points = [
            network.write(on_sphere(one, other, part), noise)
            for part in np.linspace(0.0, 1.0, POINTS).tolist()
        ]
        paths.append(torch.stack(points, dim=1))
    return np.asarray(torch.cat(paths), np.int64)


def on_sphere(first: Tensor, last: Tensor, part: float) -> Tensor:
    """Latents (paths, 256) that are gone from the first to the last by a part, along the sphere."""
    angle = torch.arccos(functional.cosine_similarity(first, last, dim=-1).clamp(-1.0, 1.0))
    angle = angle.clamp_min(1e-4)[:, None]
    return (torch.sin((1.0 - part) * angle) * first + torch.sin(part * angle) * last) / torch.sin(
        angle
    )


def _gumbel(codes: Tensor, classes: int, generator: torch.Generator) -> Tensor:
    uniform = torch.rand((*codes.shape, classes), generator=generator)
    return -torch.log(-torch.log(uniform.clamp(1e-12, 1.0 - 1e-7)))
