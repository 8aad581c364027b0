"""Layers for little data: they forget whole channels, and now and then themselves.

A channel is dropped from all steps of a window at once. That costs next to nothing on a CPU, where
drawing a chance for every single number takes longer than the layer itself, and it keeps a network
from knowing a tune by its details.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from bridge.codecs.drumgrid import STEPS


@dataclass(frozen=True, slots=True)
class SteadyShape:
    """The size of a layer, and what it forgets in training."""

    width: int = 128
    heads: int = 4
    hidden: int = 256
    dropped: float = 0.15
    """Chance that a channel of a window is dropped."""
    left_out: float = 0.1
    """Chance that what a layer adds to a window is left out."""


class SteadyLayer(nn.Module):
    """A pre-norm transformer layer whose attention knows distances in steps, not places."""

    def __init__(self, shape: SteadyShape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.before_attention = nn.LayerNorm(shape.width)
        self.queries_keys_values = nn.Linear(shape.width, 3 * shape.width)
        self.joined = nn.Linear(shape.width, shape.width)
        self.before_hidden = nn.LayerNorm(shape.width)
        self.widen = nn.Linear(shape.width, shape.hidden)
        self.narrow = nn.Linear(shape.hidden, shape.width)
        self.dropped = shape.dropped
        self.left_out = shape.left_out
        self.nearness = nn.Parameter(torch.zeros(shape.heads, 2 * STEPS - 1))
        steps = torch.arange(STEPS)
        distance = steps[None, :] - steps[:, None] + STEPS - 1  # (32, 32), 0..62
        self.distance: Tensor
        self.register_buffer("distance", distance, persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """Tokens that have looked at each other, (batch, 32, width)."""
        batch, length, width = tokens.shape
        mixed = self.queries_keys_values(self.before_attention(tokens))
        mixed = mixed.reshape(batch, length, 3, self.heads, width // self.heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)  # each (batch, heads, length, part)
        weight = query @ key.transpose(2, 3) / math.sqrt(width // self.heads)
        weight = weight + self.nearness[:, self.distance]
        attended = (weight.softmax(dim=-1) @ value).transpose(1, 2).reshape(batch, length, width)
        tokens = tokens + self._added(self.joined(attended))
        hidden = self._forgetting(functional.gelu(self.widen(self.before_hidden(tokens))))
        return tokens + self._added(self.narrow(hidden))

    def _added(self, tokens: Tensor) -> Tensor:
        return self._masked(self._forgetting(tokens), self.left_out, (len(tokens), 1, 1))

    def _forgetting(self, tokens: Tensor) -> Tensor:
        return self._masked(tokens, self.dropped, (len(tokens), 1, tokens.shape[-1]))

    def _masked(self, tokens: Tensor, chance: float, shape: tuple[int, int, int]) -> Tensor:
        if not self.training or chance == 0.0:
            return tokens
        kept = (torch.rand(shape, device=tokens.device) >= chance).to(tokens.dtype)
        return tokens * (kept / (1.0 - chance))
