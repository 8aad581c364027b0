"""The networks, in torch; what leaves here for the program is an ONNX graph."""

import math
from dataclasses import asdict, dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from bridge.codecs.drumgrid import METRE_FEATURES, PERFORMANCE_FEATURES, PIECES, STEPS

OFFSET_BINS: Final = 33
VELOCITY_BINS: Final = 32

_POOLS: Final = 4
_LOG_SPREAD: Final = (-6.0, 2.0)

PLACES: Final = 16
"""Of a bar, at which a feel says something each."""
FEEL_SPREAD: Final = 0.1
"""How uncertain every number of a feel is, in training and in takes, so that none says too much."""
_SILENCE_COUNTS: Final = 0.1
"""How much a step without a hit says of its place, where one with a hit says 1."""


@dataclass(frozen=True, slots=True)
class GrooveShape:
    """The size of a groove network."""

    width: int = 128
    before: int = 2
    """Layers that see the score alone."""
    after: int = 3
    """Layers that see the feel too."""
    listening: int = 2
    """Layers of the part that hears a feel."""
    feel: int = 24
    """Numbers of a latent; of a feel, at each of its places."""
    heads: int = 4
    hidden: int = 384
    dropout: float = 0.1

    def as_dict(self) -> dict[str, float]:
        """For a checkpoint or a card."""
        return asdict(self)


class GrooveNetwork(nn.Module):
    """Timing and accent for every cell of a score, in one pass, with a feel or without.

    A feel is what a drummer did at each place of the bar, heard from other bars than those that
    are played. The network is trained without one too, and then gives what is likeliest over all.
    """

    def __init__(self, shape: GrooveShape) -> None:
        super().__init__()
        self.shape = shape
        self.score_in = StepsIn(PIECES, shape.width)
        self.before = nn.ModuleList(Block(shape) for _ in range(shape.before))
        self.feel_in = nn.Sequential(
            nn.Linear(2 * shape.feel, shape.width), nn.GELU(), nn.Linear(shape.width, shape.width)
        )
        self.no_feel = nn.Parameter(torch.zeros(shape.width))
        self.after = nn.ModuleList(Block(shape) for _ in range(shape.after))
        self.norm = nn.LayerNorm(shape.width)
        self.out = nn.Linear(shape.width, PIECES * (OFFSET_BINS + VELOCITY_BINS))
        self.listener = BarListener(shape)

    def forward(
        self, score: Tensor, metre: Tensor, tempo: Tensor, feel: Tensor, known: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Logits of offset (batch, 32, 9, 33) and velocity (batch, 32, 9, 32).

        Args:
            score: Hits, (batch, 32, 9).
            metre: :func:`bridge.codecs.drumgrid.metre_features`, (batch, 32, 9).
            tempo: :func:`bridge.codecs.drumgrid.tempo_feature`, (batch, 1).
            feel: What :class:`BarListener` heard, (batch, 16 times the numbers of a place).
            known: 1 where the feel counts, else 0, (batch, 1).
        """
        tokens = self.score_in(score, metre, tempo)
        for block in self.before:
            tokens = block(tokens)
        by_place = feel.reshape(-1, PLACES, self.shape.feel)
        here = places_of(metre) @ by_place  # (batch, 32, numbers)
        anywhere = by_place.mean(dim=1, keepdim=True).expand_as(here)
        felt = self.feel_in(torch.cat([here, anywhere], dim=-1))
        known = known[:, None]
        tokens = tokens + (known * felt + (1.0 - known) * self.no_feel)
        for block in self.after:
            tokens = block(tokens)
        logits = self.out(self.norm(tokens))
        logits = logits.reshape(-1, STEPS, PIECES, OFFSET_BINS + VELOCITY_BINS)
        return logits[..., :OFFSET_BINS], logits[..., OFFSET_BINS:]


def bin_middles(bins: int, low: float, high: float, device: torch.device) -> Tensor:
    """The middles of equal bins between two edges, (bins,)."""
    return low + (high - low) / bins * (torch.arange(bins, device=device) + 0.5)


def places_of(metre: Tensor) -> Tensor:
    """Which of the sixteen places of a bar each step has, (batch, 32, 16), one 1 a step.

    A place is a sixteenth of a beat and a beat, as the metre's features count them, so that it
    means the same in every metre.
    """
    sixteenth, beat = metre[..., :4], metre[..., 4:8]
    return (beat[..., :, None] * sixteenth[..., None, :]).flatten(-2)


class BarListener(nn.Module):
    """What a performance does at each place of its bar; performances are joined by their mean."""

    def __init__(self, shape: GrooveShape) -> None:
        super().__init__()
        self.performance_in = StepsIn(PERFORMANCE_FEATURES, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.listening))
        self.norm = nn.LayerNorm(shape.width)
        self.out = nn.Linear(shape.width, shape.feel)
        self.spread = FEEL_SPREAD

    def forward(self, performance: Tensor, metre: Tensor, tempo: Tensor) -> tuple[Tensor, Tensor]:
        """Mean, −1–1, and standard deviation, always the same, (batch, 16 times numbers) each.

        Args:
            performance: :meth:`bridge.codecs.drumgrid.Performance.features`, (batch, 32, 27).
            metre: As for :class:`GrooveNetwork`.
            tempo: As for :class:`GrooveNetwork`.
        """
        tokens = self.performance_in(performance, metre, tempo)
        for block in self.blocks:
            tokens = block(tokens)
        struck = (performance[..., :PIECES].sum(dim=-1, keepdim=True) > 0).to(tokens.dtype)
        weight = places_of(metre) * (_SILENCE_COUNTS + (1.0 - _SILENCE_COUNTS) * struck)
        weight = weight.transpose(1, 2)  # (batch, 16, 32)
        weight = weight / weight.sum(dim=-1, keepdim=True).clamp(min=_SILENCE_COUNTS)
        mean = torch.tanh(self.out(weight @ self.norm(tokens)).float()).flatten(1)
        return mean, torch.full_like(mean, self.spread)


class FeelListener(nn.Module):
    """The feel of a performance as a distribution: mean and standard deviation of the latent."""

    def __init__(self, shape: GrooveShape) -> None:
        super().__init__()
        self.performance_in = StepsIn(PERFORMANCE_FEATURES, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.listening))
        self.norm = nn.LayerNorm(shape.width)
        self.weigh = nn.Linear(shape.width, _POOLS)
        self.out = nn.Linear(_POOLS * shape.width, 2 * shape.feel)

    def forward(self, performance: Tensor, metre: Tensor, tempo: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation, (batch, 24) each.

        Args:
            performance: :meth:`bridge.codecs.drumgrid.Performance.features`, (batch, 32, 27).
            metre: As for :class:`GrooveNetwork`.
            tempo: As for :class:`GrooveNetwork`.
        """
        tokens = self.performance_in(performance, metre, tempo)
        for block in self.blocks:
            tokens = block(tokens)
        tokens = self.norm(tokens)
        struck = (performance[..., :PIECES].sum(dim=-1, keepdim=True) > 0).float()
        weight = (self.weigh(tokens) + 4.0 * struck).softmax(dim=1)  # (batch, 32, pools)
        pooled = (weight.transpose(1, 2) @ tokens).flatten(1)
        mean, log_spread = self.out(pooled).float().chunk(2, dim=-1)
        return mean, log_spread.clamp(*_LOG_SPREAD).exp()


class StepsIn(nn.Module):
    """Features of steps as tokens that know their place in the bar and the tempo."""

    def __init__(self, features: int, width: int) -> None:
        super().__init__()
        self.features_in = nn.Linear(features, width)
        self.metre_in = nn.Linear(METRE_FEATURES, width)
        self.tempo_in = nn.Linear(1, width)

    def forward(self, features: Tensor, metre: Tensor, tempo: Tensor) -> Tensor:
        """Tokens, (batch, 32, width)."""
        tokens: Tensor = self.features_in(features) + self.metre_in(metre)
        placed: Tensor = tokens + self.tempo_in(tempo)[:, None]
        return placed


class Block(nn.Module):
    """A pre-norm transformer layer whose attention knows distances in steps, not places."""

    def __init__(self, shape: GrooveShape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.before_attention = nn.LayerNorm(shape.width)
        self.queries_keys_values = nn.Linear(shape.width, 3 * shape.width)
        self.joined = nn.Linear(shape.width, shape.width)
        self.before_hidden = nn.LayerNorm(shape.width)
        self.widen = nn.Linear(shape.width, shape.hidden)
        self.narrow = nn.Linear(shape.hidden, shape.width)
        self.dropout = nn.Dropout(shape.dropout)
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
        attended = self.dropout(weight.softmax(dim=-1)) @ value
        attended = attended.transpose(1, 2).reshape(batch, length, width)
        tokens = tokens + self.dropout(self.joined(attended))
        hidden = functional.gelu(self.widen(self.before_hidden(tokens)))
        out: Tensor = tokens + self.dropout(self.narrow(self.dropout(hidden)))
        return out
