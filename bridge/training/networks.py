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


@dataclass(frozen=True, slots=True)
class GrooveShape:
    """The size of a groove network."""

    width: int = 128
    layers: int = 5
    heads: int = 4
    hidden: int = 384
    dropout: float = 0.1

    def as_dict(self) -> dict[str, float]:
        """For a checkpoint or a card."""
        return asdict(self)


class GrooveNetwork(nn.Module):
    """Timing and accent for every cell of a score, in one pass.

    A transformer encoder over the 32 steps of a window. Where a reference performance is given,
    its 32 steps stand before those of the score, and every step of the score may attend to them.
    For every step and piece two histograms come out, which are meant where the score has a hit.
    """

    def __init__(self, shape: GrooveShape) -> None:
        super().__init__()
        self.shape = shape
        self.score_in = nn.Linear(PIECES, shape.width)
        self.reference_in = nn.Linear(PERFORMANCE_FEATURES, shape.width)
        self.metre_in = nn.Linear(METRE_FEATURES, shape.width)
        self.tempo_in = nn.Linear(1, shape.width)
        self.blocks = nn.ModuleList(_Block(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        self.out = nn.Linear(shape.width, PIECES * (OFFSET_BINS + VELOCITY_BINS))
        steps = torch.arange(STEPS)
        distance = steps[None, :] - steps[:, None] + STEPS - 1  # (32, 32), 0..62
        self.register_buffer("distance", distance, persistent=False)

    def forward(
        self,
        score: Tensor,
        metre: Tensor,
        tempo: Tensor,
        reference: Tensor | None = None,
        reference_metre: Tensor | None = None,
        has_reference: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Logits of offset (batch, 32, 9, 33) and velocity (batch, 32, 9, 32).

        Args:
            score: Hits, (batch, 32, 9).
            metre: :func:`bridge.codecs.drumgrid.metre_features`, (batch, 32, 9).
            tempo: :func:`bridge.codecs.drumgrid.tempo_feature`, (batch, 1).
            reference: A performance whose feel is wanted, (batch, 32, 27).
            reference_metre: As ``metre``, for the reference.
            has_reference: 1 where the reference counts, else 0, (batch, 1).
        """
        tempo_in = self.tempo_in(tempo)[:, None]
        tokens = self.score_in(score) + self.metre_in(metre) + tempo_in
        unseen = None
        if reference is not None and reference_metre is not None:
            before = self.reference_in(reference) + self.metre_in(reference_metre) + tempo_in
            tokens = torch.cat([before, tokens], dim=1)
            if has_reference is not None:
                hidden = (1.0 - has_reference).repeat(1, STEPS) * -1e4
                unseen = functional.pad(hidden, (0, STEPS))[:, None, None]  # (batch, 1, 1, 64)
        for block in self.blocks:
            tokens = block(tokens, self.distance, unseen)
        logits = self.out(self.norm(tokens[:, -STEPS:]))
        logits = logits.reshape(-1, STEPS, PIECES, OFFSET_BINS + VELOCITY_BINS)
        return logits[..., :OFFSET_BINS], logits[..., OFFSET_BINS:]


class _Block(nn.Module):
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
        # One table for steps of the same part, one each for score to reference and back.
        self.same_part = nn.Parameter(torch.zeros(shape.heads, 2 * STEPS - 1))
        self.to_reference = nn.Parameter(torch.zeros(shape.heads, 2 * STEPS - 1))
        self.from_reference = nn.Parameter(torch.zeros(shape.heads, 2 * STEPS - 1))

    def forward(self, tokens: Tensor, distance: Tensor, unseen: Tensor | None) -> Tensor:
        batch, length, width = tokens.shape
        bias = self.same_part[:, distance]
        if length > STEPS:
            bias = torch.cat(
                [
                    torch.cat([bias, self.from_reference[:, distance]], dim=2),
                    torch.cat([self.to_reference[:, distance], bias], dim=2),
                ],
                dim=1,
            )
        mixed = self.queries_keys_values(self.before_attention(tokens))
        mixed = mixed.reshape(batch, length, 3, self.heads, width // self.heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)  # each (batch, heads, length, part)
        weight = query @ key.transpose(2, 3) / math.sqrt(width // self.heads) + bias
        if unseen is not None:
            weight = weight + unseen
        attended = self.dropout(weight.softmax(dim=-1)) @ value
        attended = attended.transpose(1, 2).reshape(batch, length, width)
        tokens = tokens + self.dropout(self.joined(attended))
        hidden = functional.gelu(self.widen(self.before_hidden(tokens)))
        out: Tensor = tokens + self.dropout(self.narrow(self.dropout(hidden)))
        return out
