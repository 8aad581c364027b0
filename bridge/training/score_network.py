"""The network that writes drum scores, step by step, in torch."""

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import ALIKE_FEATURES, CODES, LAGS, PLACE_FEATURES
from bridge.music.styles import STYLES

REACH: Final = 128
"""Steps the network looks away, to either side."""
_NOTHING: Final = -1e9


@dataclass(frozen=True, slots=True)
class ScoreShape:
    """The size of a score network."""

    width: int = 192
    layers: int = 4
    heads: int = 6
    hidden: int = 512
    dropout: float = 0.3

    @property
    def part(self) -> int:
        """The width of a head."""
        return self.width // self.heads


@dataclass(frozen=True, slots=True)
class Told:
    """What the network is told of each step, as :mod:`bridge.codecs.drumscore` says it."""

    score: Tensor  # (..., 72)
    known: Tensor  # (..., 8)
    alike: Tensor  # (..., 12)
    place: Tensor  # (..., 17)
    tempo: Tensor  # (..., 1)
    style: Tensor  # (..., 18)


class ScoreNetwork(nn.Module):
    """The logits of the 512 codes at every step, from all steps whose turn was before.

    A transformer that looks back in the order of turns, and whose attention knows distances in
    steps (Shaw et al. 2018, in the simple form of one learnt number for each head and distance).
    All heads of a layer share one key and one value (Shazeer 2019), so that there is little to
    remember. It may point to the codes that it is told of: most of drumming is a bar played again.
    """

    def __init__(self, shape: ScoreShape) -> None:
        super().__init__()
        self.shape = shape
        self.told_in = nn.Linear(LAGS * PIECES + LAGS + ALIKE_FEATURES, shape.width)
        self.place_in = nn.Linear(PLACE_FEATURES, shape.width)
        self.tempo_in = nn.Linear(1, shape.width)
        self.style_in = nn.Linear(len(STYLES), shape.width, bias=False)
        self.dropout = nn.Dropout(shape.dropout)
        blocks = [_TurnBlock(shape) for _ in range(shape.layers)]
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

    def forward(self, told: Told, position: Tensor) -> Tensor:
        """Logits, (batch, steps, 512).

        Args:
            told: Of each step, in the order of turns, (batch, steps, ...).
            position: Where in the score the step of each turn stands, (steps,).
        """
        tokens = self.tokens(told)
        away = (position[:, None] - position[None, :] + REACH).clamp(0, 2 * REACH)
        later = torch.ones(len(position), len(position), dtype=torch.bool).triu(1)
        for block in self.blocks:
            tokens = block(tokens, away, later.to(away.device))
        return self.logits(tokens, told)

    def tokens(self, told: Told) -> Tensor:
        """What the layers read."""
        heard = self.told_in(torch.cat([told.score, told.known, told.alike], dim=-1))
        where = self.place_in(told.place) + self.tempo_in(told.tempo) + self.style_in(told.style)
        tokens: Tensor = self.dropout(heard + where)
        return tokens

    def logits(self, tokens: Tensor, told: Told) -> Tensor:
        """Each code's own logit, those of its pieces, and those of the codes that are told."""
        tokens = self.norm(tokens)
        lags = told.score.reshape(*told.score.shape[:-1], LAGS, PIECES)
        again = self.again_out(tokens) * told.known
        pieces_again = self.pieces_again_out(tokens).reshape(lags.shape)
        likewise = pieces_again * (2.0 * lags - 1.0) * told.known[..., None]
        pieces = self.pieces_out(tokens) + likewise.sum(dim=-2)
        own: Tensor = self.codes_out(tokens) + pieces @ self.bits
        codes = (lags * self.weights).sum(dim=-1).round().long()
        return own.scatter_add(-1, codes, again.to(own.dtype))


class ScoreStep(nn.Module):
    """One step of a score network that remembers: what is exported.

    Its memory is a heap without order; each thing remembered comes with its distance.
    """

    def __init__(self, network: ScoreNetwork) -> None:
        super().__init__()
        self.network = network
        self.layers = [block for block in network.blocks if isinstance(block, _TurnBlock)]

    def forward(  # one argument an input of the graph
        self, *inputs: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Logits (batch, 512), and what is to be remembered, (batch, layers, 2 · part).

        Args:
            inputs: The six of :class:`Told`, of one step each, (batch, ...); the keys and values
                of steps before, (batch, layers, 127, 2 · part); how many steps before this one
                each stands, over 128, negative after it, and above 1 where nothing is remembered,
                (batch, 127).
        """
        *features, memory, age = inputs
        told = Told(*features)
        tokens = self.network.tokens(told)
        away = ((age * REACH).round() + REACH).clamp(0, 2 * REACH + 1).long()
        remembered = []
        for number, block in enumerate(self.layers):
            tokens, kept = block.step(tokens, memory[:, number], away)
            remembered.append(kept)
        return self.network.logits(tokens, told), torch.stack(remembered, dim=1)


class _TurnBlock(nn.Module):
    """A pre-norm transformer layer that looks back in turns only."""

    def __init__(self, shape: ScoreShape) -> None:
        super().__init__()
        self.heads, self.part = shape.heads, shape.part
        self.before_attention = nn.LayerNorm(shape.width)
        self.query_key_value = nn.Linear(shape.width, shape.width + 2 * shape.part)
        self.joined = nn.Linear(shape.width, shape.width)
        self.before_hidden = nn.LayerNorm(shape.width)
        self.widen = nn.Linear(shape.width, shape.hidden)
        self.narrow = nn.Linear(shape.hidden, shape.width)
        self.dropout = nn.Dropout(shape.dropout)
        self.nearness = nn.Parameter(torch.zeros(shape.heads, 2 * REACH + 1))

    def forward(self, tokens: Tensor, away: Tensor, later: Tensor) -> Tensor:
        batch, length, width = tokens.shape
        query, key, value = self._mixed(tokens)
        rows = (batch, length * self.heads, self.part)
        alike = query.reshape(rows) @ key.transpose(1, 2) / math.sqrt(self.part)
        near = self.nearness.T[away].masked_fill(later[..., None], _NOTHING)
        weight = alike.reshape(batch, length, self.heads, length) + near.transpose(1, 2)
        weight = self.dropout(weight.softmax(dim=-1))
        attended = weight.reshape(batch, length * self.heads, length).to(value.dtype) @ value
        return self.after(tokens, attended.reshape(batch, length, width))

    def step(self, tokens: Tensor, memory: Tensor, away: Tensor) -> tuple[Tensor, Tensor]:
        """One step's tokens (batch, width), and its key and value (batch, 2 · part)."""
        query, key, value = self._mixed(tokens)
        query = query.reshape(-1, self.heads, self.part)
        keys, values = memory.chunk(2, dim=-1)  # each (batch, 127, part)
        nothing = self.nearness.new_full((self.heads, 1), _NOTHING)
        near = torch.cat([self.nearness, nothing], dim=1).T[away]  # (batch, 127, heads)
        alike = query @ keys.transpose(1, 2) / math.sqrt(self.part) + near.transpose(1, 2)
        own = (query * key[:, None]).sum(dim=-1, keepdim=True) / math.sqrt(self.part)
        own = own + self.nearness[:, REACH : REACH + 1]
        weight = torch.cat([alike, own], dim=-1).softmax(dim=-1)  # (batch, heads, 128)
        attended = weight[..., :-1] @ values + weight[..., -1:] * value[:, None]
        joined = attended.reshape(tokens.shape)
        return self.after(tokens, joined), torch.cat([key, value], dim=-1)

    def after(self, tokens: Tensor, attended: Tensor) -> Tensor:
        """The rest of the layer."""
        tokens = tokens + self.dropout(self.joined(attended))
        hidden = functional.gelu(self.widen(self.before_hidden(tokens)))
        out: Tensor = tokens + self.dropout(self.narrow(self.dropout(hidden)))
        return out

    def _mixed(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mixed: Tensor = self.query_key_value(self.before_attention(tokens))
        query, key, value = torch.split(mixed, [self.heads * self.part, self.part, self.part], -1)
        return query, key, value
