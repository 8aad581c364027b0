"""The network that writes drum scores on, step by step, in torch."""

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import CODES, LAGS, PLACE_FEATURES

REACH: Final = 128
"""Steps the network looks back."""
_NOTHING: Final = -1e9


@dataclass(frozen=True, slots=True)
class ScoreShape:
    """The size of a score network."""

    width: int = 160
    layers: int = 4
    heads: int = 5
    hidden: int = 480
    dropout: float = 0.25


class ScoreNetwork(nn.Module):
    """The logits of the 512 codes at every step, from all steps before.

    A causal transformer whose attention knows distances in steps (Shaw et al. 2018, in the simple
    form of one learnt number for each head and distance). It is told what was hit one, two and four
    bars ago, and may point to those very codes: most of drumming is a bar played again.
    """

    def __init__(self, shape: ScoreShape) -> None:
        super().__init__()
        self.shape = shape
        self.heard_in = nn.Linear(LAGS * PIECES + LAGS, shape.width)
        self.place_in = nn.Linear(PLACE_FEATURES, shape.width)
        self.tempo_in = nn.Linear(1, shape.width)
        self.dropout = nn.Dropout(shape.dropout)
        blocks = [_CausalBlock(shape) for _ in range(shape.layers)]
        self.blocks = nn.ModuleList(blocks)
        self.norm = nn.LayerNorm(shape.width)
        self.codes_out = nn.Linear(shape.width, CODES)
        self.pieces_out = nn.Linear(shape.width, PIECES)
        self.again_out = nn.Linear(shape.width, LAGS)
        self.pieces_again_out = nn.Linear(shape.width, LAGS * PIECES)
        bits = (torch.arange(CODES) >> torch.arange(PIECES)[:, None]) & 1
        self.bits: Tensor
        self.register_buffer("bits", bits.float(), persistent=False)  # (9, 512)
        weights = torch.tensor([2.0**piece for piece in range(PIECES)])
        self.weights: Tensor
        self.register_buffer("weights", weights, persistent=False)

    def forward(self, score: Tensor, known: Tensor, place: Tensor, tempo: Tensor) -> Tensor:
        """Logits, (batch, steps, 512).

        Args:
            score: Hits at the four lags (:func:`bridge.codecs.drumscore.look_back`),
                (batch, steps, 36).
            known: Whether each lag is known, (batch, steps, 4).
            place: :func:`bridge.codecs.drumscore.places`, (batch, steps, 17).
            tempo: :func:`bridge.codecs.drumgrid.tempo_feature`, (batch, 1).
        """
        tokens = self.tokens(score, known, place, tempo[:, None])
        for block in self.blocks:
            tokens = block(tokens)
        return self.logits(tokens, score, known)

    def tokens(self, score: Tensor, known: Tensor, place: Tensor, tempo: Tensor) -> Tensor:
        """What the layers read."""
        heard = self.heard_in(torch.cat([score, known], dim=-1))
        tokens: Tensor = self.dropout(heard + self.place_in(place) + self.tempo_in(tempo))
        return tokens

    def logits(self, tokens: Tensor, score: Tensor, known: Tensor) -> Tensor:
        """Each code's own logit, those of its pieces, and those of the codes played before."""
        tokens = self.norm(tokens)
        lags = score.reshape(*score.shape[:-1], LAGS, PIECES)
        again = self.again_out(tokens) * known
        pieces_again = self.pieces_again_out(tokens).reshape(lags.shape)
        likewise = pieces_again * (2.0 * lags - 1.0) * known[..., None]
        pieces = self.pieces_out(tokens) + likewise.sum(dim=-2)
        own: Tensor = self.codes_out(tokens) + pieces @ self.bits
        codes = (lags * self.weights).sum(dim=-1).round().long()
        return own.scatter_add(-1, codes, again.to(own.dtype))


class ScoreStep(nn.Module):
    """One step of a score network that remembers: what is exported.

    Its memory is a heap without order; each thing remembered comes with its age.
    """

    def __init__(self, network: ScoreNetwork) -> None:
        super().__init__()
        self.network = network
        self.layers = [block for block in network.blocks if isinstance(block, _CausalBlock)]

    def forward(
        self,
        score: Tensor,
        known: Tensor,
        place: Tensor,
        tempo: Tensor,
        memory: Tensor,
        age: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Logits (batch, 512), and what is to be remembered, (batch, layers, 2 · width).

        Args:
            score: As for :class:`ScoreNetwork`, of one step, (batch, 36).
            known: Likewise, (batch, 4).
            place: Likewise, (batch, 17).
            tempo: Likewise, (batch, 1).
            memory: Keys and values of steps before, (batch, layers, 127, 2 · width).
            age: How many steps ago, over 128; 1 where nothing is remembered, (batch, 127).
        """
        tokens = self.network.tokens(score, known, place, tempo)
        # The step itself comes after all that is remembered.
        ago = torch.cat([(age * REACH).round(), torch.zeros_like(age[:, :1])], dim=1).long()
        remembered = []
        for number, block in enumerate(self.layers):
            tokens, kept = block.step(tokens, memory[:, number], ago)
            remembered.append(kept)
        return self.network.logits(tokens, score, known), torch.stack(remembered, dim=1)


class _CausalBlock(nn.Module):
    """A pre-norm transformer layer that looks back only."""

    def __init__(self, shape: ScoreShape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.part = shape.width // shape.heads
        self.before_attention = nn.LayerNorm(shape.width)
        self.queries_keys_values = nn.Linear(shape.width, 3 * shape.width)
        self.joined = nn.Linear(shape.width, shape.width)
        self.before_hidden = nn.LayerNorm(shape.width)
        self.widen = nn.Linear(shape.width, shape.hidden)
        self.narrow = nn.Linear(shape.hidden, shape.width)
        self.dropout = nn.Dropout(shape.dropout)
        self.nearness = nn.Parameter(torch.zeros(shape.heads, REACH))
        steps = torch.arange(REACH)
        age = steps[:, None] - steps[None, :]  # (query, key)
        self.age: Tensor
        self.register_buffer("age", age.clamp(min=0), persistent=False)
        self.later: Tensor
        self.register_buffer("later", age < 0, persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        batch, length, width = tokens.shape
        mixed = self.queries_keys_values(self.before_attention(tokens))
        mixed = mixed.reshape(batch, length, 3, self.heads, self.part)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)  # each (batch, heads, length, part)
        weight = query @ key.transpose(2, 3) / math.sqrt(self.part)
        weight = weight + self.nearness[:, self.age[:length, :length]]
        weight = weight.masked_fill(self.later[:length, :length], _NOTHING)
        attended = self.dropout(weight.softmax(dim=-1)) @ value
        return self.after(tokens, attended.transpose(1, 2).reshape(batch, length, width))

    def step(self, tokens: Tensor, memory: Tensor, ago: Tensor) -> tuple[Tensor, Tensor]:
        """One step's tokens (batch, width), and its key and value (batch, 2 · width)."""
        batch, width = tokens.shape
        mixed = self.queries_keys_values(self.before_attention(tokens))
        query, kept = mixed.split([width, 2 * width], dim=-1)
        every = torch.cat([memory, kept[:, None]], dim=1)
        every = every.reshape(batch, REACH, 2, self.heads, self.part)
        key, value = every[:, :, 0], every[:, :, 1]  # each (batch, 128, heads, part)
        nothing = self.nearness.new_full((self.heads, 1), _NOTHING)
        nearness = torch.cat([self.nearness, nothing], dim=1).T  # (129, heads)
        alike = (key * query.reshape(batch, 1, self.heads, self.part)).sum(dim=-1)
        weight = (alike / math.sqrt(self.part) + nearness[ago]).softmax(dim=1)
        attended = (weight[..., None] * value).sum(dim=1).reshape(batch, width)
        return self.after(tokens, attended), kept

    def after(self, tokens: Tensor, attended: Tensor) -> Tensor:
        """The rest of the layer."""
        tokens = tokens + self.dropout(self.joined(attended))
        hidden = functional.gelu(self.widen(self.before_hidden(tokens)))
        out: Tensor = tokens + self.dropout(self.narrow(self.dropout(hidden)))
        return out
