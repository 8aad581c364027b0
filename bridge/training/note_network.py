"""The network that writes melodies, basses and chords, note by note, in torch."""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from bridge.codecs.notelookout import CYCLES
from bridge.codecs.notescore import (
    CODES_TOLD,
    DEGREES,
    HEIGHTS,
    INTERVALS,
    KEYS,
    KINDS,
    LAGS,
    LENGTH_CODES,
    LENGTHS,
    PITCH_CODES,
    PITCH_TOLD,
    SHIFTS,
    TOLD_FEATURES,
)

REACH: Final = 36
"""Semitones that a pitch may be from the last, and from the middle, to have a weight of its own."""
HANDS: Final = 2 * len(CYCLES)


@dataclass(frozen=True, slots=True)
class NoteShape:
    """The size of a note network."""

    width: int = 192
    layers: int = 4
    heads: int = 6
    hidden: int = 512
    dropout: float = 0.1

    @property
    def part(self) -> int:
        """The width of a head; as many numbers as the clocks have hands."""
        return self.width // self.heads


class NoteNetwork(nn.Module):
    """What comes next: when, at which pitch, for how long; each knows what was chosen before it.

    A transformer over tokens, whose attention knows times by clocks that turn with the bars (rotary
    embeddings, Su et al. 2021), and whose heads share one key and one value (Shazeer 2019). It may
    point to what stood so many bars before.
    """

    def __init__(self, shape: NoteShape) -> None:
        super().__init__()
        if shape.part != HANDS:
            raise ValueError(f"A head must have {HANDS} numbers, one for each hand of a clock.")
        self.shape = shape
        self.trunk = NoteTrunk(shape)
        self.pitch = PitchHead(shape)
        self.length = LengthHead(shape)


class NoteTrunk(nn.Module):
    """Tokens in, and when the next comes."""

    def __init__(self, shape: NoteShape) -> None:
        super().__init__()
        self.shape = shape
        sizes = [KINDS, SHIFTS + 1, LENGTHS + 1, INTERVALS, DEGREES, HEIGHTS]
        sizes += [SHIFTS + 1] * LAGS + [INTERVALS] * LAGS
        self.codes_in = CodesIn(sizes, shape.width)
        self.told_in = nn.Linear(TOLD_FEATURES, shape.width)
        self.dropout = nn.Dropout(shape.dropout)
        self.blocks = nn.ModuleList(_Block(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        self.shift_out = nn.Linear(shape.width, SHIFTS)
        self.again_out = nn.Linear(shape.width, LAGS)

    def forward(
        self, codes: Tensor, told: Tensor, clock: Tensor, memory: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Read some tokens after others that are remembered.

        Args:
            codes: (rows, tokens, 20).
            told: (rows, tokens, 99).
            clock: (rows, tokens, 32).
            memory: Of the tokens before, (tokens before, rows, layers, 2 · part).

        Returns:
            Hidden (rows, tokens, width), logits of the shifts (rows, tokens, 97), and what is to be
            remembered, (tokens, rows, layers, 2 · part).
        """
        tokens = self.dropout(self.codes_in(codes) + self.told_in(told))
        cosine, sine = clock.chunk(2, dim=-1)
        remembered = []
        for number, block in enumerate(self.blocks):
            tokens, kept = block(tokens, cosine, sine, memory[:, :, number])
            remembered.append(kept)
        tokens = self.norm(tokens)
        follows = codes[..., CODES_TOLD - 2 * LAGS : CODES_TOLD - LAGS].round().long()
        logits = functional.pad(self.shift_out(tokens), (0, 1))
        logits = logits.scatter_add(-1, follows, self.again_out(tokens).to(logits.dtype))
        return tokens, logits[..., :SHIFTS], torch.stack(remembered, dim=2)


class PitchHead(nn.Module):
    """Which pitch, once it is known when."""

    def __init__(self, shape: NoteShape) -> None:
        super().__init__()
        self.codes_in = CodesIn([SHIFTS + 1] + [INTERVALS] * LAGS, shape.width)
        self.told_in = nn.Linear(PITCH_TOLD, shape.width)
        self.mixed = _Mixed(shape)
        self.out = nn.Linear(shape.width, 2 * (2 * REACH + 1) + 12)
        self.again_out = nn.Linear(shape.width, 2 * LAGS)
        self.keys: Tensor
        self.register_buffer("keys", torch.arange(KEYS), persistent=False)

    def forward(self, hidden: Tensor, codes: Tensor, told: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the 128 keys (..., 128), and the hidden state that the length wants."""
        shift, last, root, rooted, middle = torch.split(codes[..., : PITCH_CODES - 3 * LAGS], 1, -1)
        relative, pitch, moved = torch.split(codes[..., PITCH_CODES - 3 * LAGS :], LAGS, -1)
        known = torch.cat([shift, relative], dim=-1)
        mixed = self.mixed(hidden, self.codes_in(known) + self.told_in(told))
        steps = 2 * REACH + 1
        interval, height, degree = torch.split(self.out(mixed), [steps, steps, 12], -1)
        away = (self.keys - last.round().long()).clamp(-REACH, REACH) + REACH
        high = (self.keys - middle.round().long()).clamp(-REACH, REACH) + REACH
        above = (self.keys - root.round().long()) % 12
        logits = interval.gather(-1, away) + height.gather(-1, high)
        logits = logits + degree.gather(-1, above) * rooted
        pointers = torch.cat([pitch, moved], dim=-1).round().long()
        pointers = torch.where(pointers < 0, KEYS, pointers)
        again = self.again_out(mixed).to(logits.dtype)
        logits = functional.pad(logits, (0, 1)).scatter_add(-1, pointers, again)
        return logits[..., :KEYS], mixed


class LengthHead(nn.Module):
    """How long, once the pitch is known."""

    def __init__(self, shape: NoteShape) -> None:
        super().__init__()
        self.codes_in = CodesIn([INTERVALS, DEGREES, HEIGHTS] + [LENGTHS + 1] * LAGS, shape.width)
        self.mixed = _Mixed(shape)
        self.out = nn.Linear(shape.width, LENGTHS)
        self.again_out = nn.Linear(shape.width, LAGS)

    def forward(self, mixed: Tensor, codes: Tensor) -> Tensor:
        """Logits of the lengths, (..., 100)."""
        mixed = self.mixed(mixed, self.codes_in(codes))
        pointers = codes[..., LENGTH_CODES - LAGS :].round().long()
        again = self.again_out(mixed)
        logits = functional.pad(self.out(mixed), (0, 1))
        return logits.scatter_add(-1, pointers, again.to(logits.dtype))[..., :LENGTHS]


class CodesIn(nn.Module):
    """The sum of what some codes stand for; one table for all of them."""

    def __init__(self, sizes: list[int], width: int) -> None:
        super().__init__()
        self.table = nn.Embedding(sum(sizes), width)
        nn.init.normal_(self.table.weight, std=len(sizes) ** -0.5)
        starts = torch.tensor([sum(sizes[:number]) for number in range(len(sizes))])
        self.starts: Tensor
        self.register_buffer("starts", starts, persistent=False)

    def forward(self, codes: Tensor) -> Tensor:
        """(..., codes) to (..., width)."""
        found: Tensor = self.table(codes.round().long() + self.starts).sum(dim=-2)
        return found


class _Mixed(nn.Module):
    """What was known, with something more."""

    def __init__(self, shape: NoteShape) -> None:
        super().__init__()
        self.before = nn.LayerNorm(shape.width)
        self.widen = nn.Linear(shape.width, shape.hidden // 2)
        self.narrow = nn.Linear(shape.hidden // 2, shape.width)
        self.after = nn.LayerNorm(shape.width)

    def forward(self, hidden: Tensor, more: Tensor) -> Tensor:
        joined = hidden + more
        inner = functional.gelu(self.widen(self.before(joined)))
        mixed: Tensor = self.after(joined + self.narrow(inner))
        return mixed


class _Block(nn.Module):
    """A pre-norm transformer layer that looks back in turns only."""

    def __init__(self, shape: NoteShape) -> None:
        super().__init__()
        self.heads, self.part = shape.heads, shape.part
        self.before_attention = nn.LayerNorm(shape.width)
        self.query_key_value = nn.Linear(shape.width, shape.width + 2 * shape.part)
        self.joined = nn.Linear(shape.width, shape.width)
        self.before_hidden = nn.LayerNorm(shape.width)
        self.widen = nn.Linear(shape.width, shape.hidden)
        self.narrow = nn.Linear(shape.hidden, shape.width)
        self.dropout = nn.Dropout(shape.dropout)

    def forward(
        self, tokens: Tensor, cosine: Tensor, sine: Tensor, memory: Tensor
    ) -> tuple[Tensor, Tensor]:
        rows, count, width = tokens.shape
        mixed = self.query_key_value(self.before_attention(tokens))
        query, key, value = torch.split(mixed, [width, self.part, self.part], -1)
        query = query.reshape(rows, count, self.heads, self.part)
        query = _turned(query, cosine[:, :, None], sine[:, :, None])
        key = _turned(key, cosine, sine)
        kept = torch.cat([key, value], dim=-1).transpose(0, 1)  # (tokens, rows, 2 · part)
        keys, values = torch.cat([memory.to(kept.dtype), kept]).transpose(0, 1).chunk(2, dim=-1)
        before = memory.shape[0]
        own = torch.arange(count, device=tokens.device)
        allowed = torch.arange(before + count, device=tokens.device) <= before + own[:, None]
        alike = query.reshape(rows, count * self.heads, self.part) @ keys.transpose(1, 2)
        alike = alike.reshape(rows, count, self.heads, before + count) * self.part**-0.5
        alike = alike.masked_fill(~allowed[None, :, None], -1e9)
        weight = alike.float().softmax(dim=-1).to(values.dtype)
        attended = weight.reshape(rows, count * self.heads, before + count) @ values
        tokens = tokens + self.dropout(self.joined(attended.reshape(rows, count, width)))
        hidden = functional.gelu(self.widen(self.before_hidden(tokens)))
        out: Tensor = tokens + self.dropout(self.narrow(self.dropout(hidden)))
        return out, kept


def _turned(vectors: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Pairs of numbers, turned with the clocks."""
    first, second = vectors.chunk(2, dim=-1)
    return torch.cat([first * cosine - second * sine, first * sine + second * cosine], dim=-1).to(
        vectors.dtype
    )
