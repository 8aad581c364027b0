"""The network that knows where bars of drumming stand to each other, in torch."""

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from bridge.codecs.drumbar import BEAT, BEATS
from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import CODES

_NOTHING: Final = -1e9
_LOG_SPREAD: Final = (-5.0, 1.0)


@dataclass(frozen=True, slots=True)
class BarShape:
    """The size of a bar network."""

    width: int = 192
    layers: int = 3
    """Of the part that hears, and of the part that plays."""
    heads: int = 6
    hidden: int = 384
    latent: int = 48
    """Numbers of a bar's place."""
    narrow: int = 64
    """Numbers from which a step's 512 codes are told apart, beyond their pieces."""
    dropout: float = 0.05


class BarListener(nn.Module):
    """The place of a bar as a normal distribution."""

    def __init__(self, shape: BarShape, kinds: int = PIECES) -> None:
        """A network with fresh weights.

        Args:
            shape: Its size.
            kinds: How many numbers tell what a step is.
        """
        super().__init__()
        self.kinds = kinds
        self.hits_in = nn.Linear(BEAT * (kinds + 1), shape.width)
        self.place = nn.Parameter(torch.randn(BEATS, shape.width) * _AT_FIRST)
        self.blocks = nn.ModuleList(BeatBlock(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        self.out = nn.Parameter(
            torch.randn(BEATS, shape.width, 2 * shape.latent) / math.sqrt(4 * shape.width)
        )

    def forward(self, hits: Tensor, counted: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation, (bars, latent) each.

        Args:
            hits: (bars, steps, kinds), steps a multiple of 4 up to 32.
            counted: 1 where a step is one of the bar's, (bars, steps).
        """
        bars, steps, _ = hits.shape
        features = torch.cat([hits * counted[..., None], counted[..., None]], dim=-1)
        beats = features.reshape(bars, steps // BEAT, BEAT * (self.kinds + 1))
        tokens = self.hits_in(beats) + self.place[: steps // BEAT]
        there = counted.reshape(bars, steps // BEAT, BEAT)[..., 0]
        for block in self.blocks:
            tokens = block(tokens, there)
        heard = (self.norm(tokens) * there[..., None]).transpose(0, 1)  # (beats, bars, width)
        mean, log_spread = (heard @ self.out[: steps // BEAT]).sum(dim=0).float().chunk(2, dim=-1)
        return mean, log_spread.clamp(*_LOG_SPREAD).exp()


class BarPlayer(nn.Module):
    """What is hit at a place: the logits of the 512 codes of every step, in one pass."""

    def __init__(self, shape: BarShape) -> None:
        super().__init__()
        self.shape = shape
        self.place = nn.Parameter(torch.randn(BEATS, shape.width) * _AT_FIRST)
        self.latent_in = nn.Parameter(
            torch.randn(BEATS, shape.latent, shape.width) / math.sqrt(shape.latent)
        )
        self.counted_in = nn.Linear(BEAT, shape.width)
        self.blocks = nn.ModuleList(BeatBlock(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        self.pieces_out = nn.Linear(shape.width, BEAT * PIECES)
        self.narrowed = nn.Linear(shape.width, BEAT * shape.narrow)
        self.codes_out = nn.Linear(shape.narrow, CODES)
        bits = (torch.arange(CODES) >> torch.arange(PIECES)[:, None]) & 1
        self.bits: Tensor
        self.register_buffer("bits", bits.float(), persistent=False)  # (9, 512)

    def forward(self, latent: Tensor, counted: Tensor) -> Tensor:
        """Logits, (bars, steps, 512).

        Args:
            latent: The place, (bars, latent).
            counted: As for :class:`BarListener`.
        """
        bars, steps = counted.shape
        beats = steps // BEAT
        told = (latent @ self.latent_in[:beats]).transpose(0, 1)  # (bars, beats, width)
        in_beats = counted.reshape(bars, beats, BEAT)
        tokens = told + self.place[:beats] + self.counted_in(in_beats)
        for block in self.blocks:
            tokens = block(tokens, in_beats[..., 0])
        tokens = self.norm(tokens)
        pieces = self.pieces_out(tokens).reshape(bars, steps, PIECES)
        narrow = functional.gelu(self.narrowed(tokens)).reshape(bars, steps, self.shape.narrow)
        logits: Tensor = pieces @ self.bits + self.codes_out(narrow)
        return logits


class BarNetwork(nn.Module):
    """A variational autoencoder of single bars (Kingma and Welling 2014).

    Each bar has a place of its own, so clips of any length have one for every bar, and bars that
    are the same stay the same wherever the way leads.
    """

    def __init__(self, shape: BarShape) -> None:
        super().__init__()
        self.shape = shape
        self.listener = BarListener(shape)
        self.player = BarPlayer(shape)


_AT_FIRST: Final = 0.1


class BeatBlock(nn.Module):
    """A pre-norm transformer layer over the beats of a bar, none of them beyond its end."""

    def __init__(self, shape: BarShape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.before_attention = nn.LayerNorm(shape.width)
        self.queries_keys_values = nn.Linear(shape.width, 3 * shape.width)
        self.joined = nn.Linear(shape.width, shape.width)
        self.before_hidden = nn.LayerNorm(shape.width)
        self.widen = nn.Linear(shape.width, shape.hidden)
        self.narrow = nn.Linear(shape.hidden, shape.width)
        self.dropout = nn.Dropout(shape.dropout)

    def forward(self, tokens: Tensor, there: Tensor) -> Tensor:
        """Tokens that have looked at each other, (bars, beats, width)."""
        bars, beats, width = tokens.shape
        mixed = self.queries_keys_values(self.before_attention(tokens))
        mixed = mixed.reshape(bars, beats, 3, self.heads, width // self.heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)  # each (bars, heads, beats, part)
        weight = query @ key.transpose(2, 3) / math.sqrt(width // self.heads)
        weight = weight + (1.0 - there[:, None, None]) * _NOTHING
        attended = (weight.softmax(dim=-1) @ value).transpose(1, 2).reshape(bars, beats, width)
        tokens = tokens + self.dropout(self.joined(attended))
        hidden = functional.gelu(self.widen(self.before_hidden(tokens)))
        out: Tensor = tokens + self.dropout(self.narrow(hidden))
        return out
