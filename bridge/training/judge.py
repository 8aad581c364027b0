"""A judge who tells drawn takes from real ones: how well he does is how bad the takes are.

A classifier two-sample test (Lopez-Paz and Oquab 2017): a small convolutional network learns from
the training split and is asked about the test split, so that no file is on both sides.
"""

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from bridge.codecs.drumgrid import Performance

Floats = npt.NDArray[np.float32]

_WIDTH: Final = 64
_KERNEL: Final = 5
_SCORED_AT_ONCE: Final = 512


@dataclass(frozen=True, slots=True)
class Judgement:
    """How well a judge tells real windows from drawn ones."""

    auc: float
    """0.5: not at all; 1: always."""
    train_loss: float
    """Of the last epoch, in nats; that of a guess is 0.69."""


class _Judge(nn.Module):
    def __init__(self, features: int) -> None:
        super().__init__()
        sizes = (features, _WIDTH, _WIDTH, _WIDTH)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(before, after, _KERNEL, padding=_KERNEL // 2)
            for before, after in itertools.pairwise(sizes)
        )
        self.dropout = nn.Dropout(0.2)
        self.out = nn.Linear(2 * _WIDTH, 1)

    def forward(self, played: Tensor) -> Tensor:
        signal = played.transpose(1, 2)
        for convolution in self.convolutions:
            signal = self.dropout(functional.gelu(convolution(signal)))
        pooled = torch.cat([signal.mean(dim=2), signal.amax(dim=2)], dim=1)
        out: Tensor = self.out(pooled)[:, 0]
        return out


def judge(
    learn: tuple[Performance, Performance],
    asked: tuple[Performance, Performance],
    *,
    epochs: int = 12,
    batch: int = 128,
    seed: int = 0,
) -> Judgement:
    """How well real windows of drumming and drawn ones are told apart.

    Args:
        learn: Real windows and drawn ones to learn from.
        asked: Real windows and drawn ones of other files.
        epochs: How often the judge sees what it learns from.
        batch: Windows in a step.
        seed: Of weights and order.
    """
    seen, others = ((real.features(), drawn.features()) for real, drawn in (learn, asked))
    return judge_features(seen, others, epochs=epochs, batch=batch, seed=seed)


def judge_features(
    learn: tuple[Floats, Floats],
    asked: tuple[Floats, Floats],
    *,
    epochs: int = 12,
    batch: int = 128,
    seed: int = 0,
) -> Judgement:
    """The same of whatever is seen of each window, (windows, steps, features)."""
    torch.manual_seed(seed)
    network = _Judge(learn[0].shape[2])
    features, labels = _labelled(learn)
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3, weight_decay=0.01)
    total = 0.0
    for _ in range(epochs):
        network.train()
        total = 0.0
        order = torch.randperm(len(features))
        for chosen in torch.split(order, batch):
            loss = functional.binary_cross_entropy_with_logits(
                network(features[chosen]), labels[chosen]
            )
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += float(loss.detach()) * len(chosen)
    network.eval()
    features_asked, labels_asked = _labelled(asked)
    with torch.no_grad():
        scores = torch.cat([network(part) for part in torch.split(features_asked, _SCORED_AT_ONCE)])
    return Judgement(area_under_curve(scores.numpy(), labels_asked.numpy()), total / len(features))


def area_under_curve(scores: npt.NDArray[np.floating], labels: npt.NDArray[np.floating]) -> float:
    """The chance that a window labelled 1 scores higher than one labelled 0; ties count half."""
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - 0.5 * (count - 1))[place]
    ones = labels > 0
    above = rank[ones].sum() - 0.5 * ones.sum() * (ones.sum() + 1)
    return float(above / (ones.sum() * (~ones).sum()))


def _labelled(both: tuple[Floats, Floats]) -> tuple[Tensor, Tensor]:
    real, drawn = (torch.from_numpy(part) for part in both)
    labels = torch.cat([torch.ones(len(real)), torch.zeros(len(drawn))])
    return torch.cat([real, drawn]), labels
