"""A judge who tells drawn melodies from real ones: how well he does is how bad they are.

As :mod:`bridge.training.judge` for drums, with a network that reads melodies: what is played on
each sixteenth, where in the bar, how far each note lies from the one before and from the melody's
middle, and whether a step is as one and two bars before. It learns from half and is asked about the
other half, and then the other way round; songs stand on one side. Every melody is learnt in several
keys, so that it judges the music and does not know songs by their pitches.
"""

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from bridge.codecs.melodysteps import HOLD, SILENCE, Codes, struck
from bridge.training.judge import Judgement, area_under_curve
from bridge.training.metrics import Doubles, Integers

_BAR: Final = 16
_WIDEST: Final = 12
_FARTHEST: Final = 18
_WIDTH: Final = 64
_KERNEL: Final = 5
_EPOCHS: Final = 30
_BATCH: Final = 64
FEATURES: Final = 3 + (2 * _WIDEST + 1) + (2 * _FARTHEST + 1) + 12 + _BAR + 3

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Side:
    """Melodies of one kind, and where they come from."""

    codes: Codes
    """(melodies, steps)."""
    group: Integers
    """Melodies of one group stand on one side, (melodies,)."""

    def only(self, chosen: npt.NDArray[np.bool_]) -> "Side":
        """Some of them."""
        return Side(self.codes[chosen], self.group[chosen])


def judge_melodies(
    real: Side, drawn: Side, *, epochs: int = _EPOCHS, seeds: int = 2
) -> tuple[Judgement, ...]:
    """How well real melodies and drawn ones are told apart, by several judges.

    Each half is asked once of each judge who learnt from the other.

    Args:
        real: Real melodies.
        drawn: About as many drawn ones, of the same length.
        epochs: How often a judge sees what it learns from.
        seeds: Of weights and order.
    """
    found = []
    for seed in range(seeds):
        halves = [_half(side, seed) for side in (real, drawn)]
        for learnt in (True, False):
            learn = [
                side.only(half == learnt) for side, half in zip((real, drawn), halves, strict=True)
            ]
            asked = [
                side.only(half != learnt) for side, half in zip((real, drawn), halves, strict=True)
            ]
            found.append(_judged(learn, asked, epochs, seed))
    return tuple(found)


def features_of(codes: Codes) -> Floats:
    """What the judge sees of each step, (melodies, steps, features)."""
    melodies, steps = codes.shape
    onset = struck(codes)
    place = np.where(onset, np.arange(steps), -1)
    latest = np.maximum.accumulate(place, axis=1)
    sounding = np.take_along_axis(codes, np.maximum(latest, 0), axis=1).astype(np.int64)
    before = np.full_like(latest, -1)
    before[:, 1:] = latest[:, :-1]
    previous = np.take_along_axis(codes, np.maximum(before, 0), axis=1).astype(np.int64)
    count = np.maximum(1, onset.sum(axis=1, keepdims=True))
    middle = np.rint(np.where(onset, codes, 0).sum(axis=1, keepdims=True) / count).astype(np.int64)
    heard = (latest >= 0) & (codes != SILENCE)
    moved = np.clip(sounding - previous, -_WIDEST, _WIDEST) + _WIDEST
    height = np.clip(sounding - middle, -_FARTHEST, _FARTHEST) + _FARTHEST
    parts = [
        np.stack([onset, codes == HOLD, codes == SILENCE], axis=-1),
        np.eye(2 * _WIDEST + 1)[moved] * (onset & (before >= 0))[..., None],
        np.eye(2 * _FARTHEST + 1)[height] * heard[..., None],
        np.eye(12)[sounding % 12] * heard[..., None],
        np.broadcast_to(np.eye(_BAR)[np.arange(steps) % _BAR], (melodies, steps, _BAR)),
        np.stack([_again(codes, bars * _BAR) for bars in (1, 2)], axis=-1),
        np.full((melodies, steps, 1), 0.05) * onset.sum(axis=1)[:, None, None],
    ]
    return np.concatenate([np.asarray(part, np.float32) for part in parts], axis=-1)


def _again(codes: Codes, steps: int) -> npt.NDArray[np.bool_]:
    """Which steps are as so many before."""
    found = np.zeros(codes.shape, np.bool_)
    found[:, steps:] = codes[:, steps:] == codes[:, :-steps]
    return found


class _MelodyJudge(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        sizes = (FEATURES, _WIDTH, _WIDTH, _WIDTH)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(before, after, _KERNEL, padding=_KERNEL // 2)
            for before, after in itertools.pairwise(sizes)
        )
        self.dropout = nn.Dropout(0.3)
        self.out = nn.Linear(2 * _WIDTH, 1)

    def forward(self, seen: Tensor) -> Tensor:
        signal = seen.transpose(1, 2)
        for convolution in self.convolutions:
            signal = self.dropout(functional.gelu(convolution(signal)))
        pooled = torch.cat([signal.mean(dim=2), signal.amax(dim=2)], dim=1)
        out: Tensor = self.out(pooled)[:, 0]
        return out


def _half(side: Side, seed: int) -> npt.NDArray[np.bool_]:
    """For each melody whether it is of the first half; whole groups by lot."""
    groups, which, counts = np.unique(side.group, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(groups))
    reached = np.cumsum(counts[order])
    chosen = np.zeros(len(groups), np.bool_)
    chosen[order[reached <= len(side.group) / 2]] = True
    return np.asarray(chosen[which], np.bool_)


def _judged(learn: list[Side], asked: list[Side], epochs: int, seed: int) -> Judgement:
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    network = _MelodyJudge()
    codes = np.concatenate([side.codes for side in learn])
    labels = torch.from_numpy(_labels(learn).astype(np.float32))
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3, weight_decay=0.05)
    total = 0.0
    for _ in range(epochs):
        network.train()
        total = 0.0
        order = chance.permutation(len(codes))
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            shift = chance.integers(-6, 6, (len(chosen), 1))
            moved = np.where(struck(codes[chosen]), codes[chosen] + shift, codes[chosen])
            logits = network(torch.from_numpy(features_of(moved.astype(np.int16))))
            loss = functional.binary_cross_entropy_with_logits(logits, labels[chosen])
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            total += float(loss.detach()) * len(chosen)
    network.eval()
    with torch.no_grad():
        scores = network(
            torch.from_numpy(features_of(np.concatenate([side.codes for side in asked])))
        )
    return Judgement(area_under_curve(scores.numpy(), _labels(asked)), total / len(codes))


def _labels(sides: list[Side]) -> Doubles:
    """1 for real, 0 for drawn."""
    return np.repeat([1.0, 0.0], [len(side.codes) for side in sides])
