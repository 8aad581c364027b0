"""The network that knows where bars of melody stand to each other, in torch."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from bridge.codecs.drumbar import BEATS
from bridge.codecs.melodybar import BEAT, CODES
from bridge.training.interpolate_network import BarListener, BarShape, BeatBlock

_AT_FIRST = 0.1


class LinePlayer(nn.Module):
    """What is played at a place: the logits of the 66 codes of every step, in one pass."""

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
        self.narrowed = nn.Linear(shape.width, BEAT * shape.narrow)
        self.codes_out = nn.Linear(shape.narrow, CODES)

    def forward(self, latent: Tensor, counted: Tensor) -> Tensor:
        """Logits, (bars, steps, 66).

        Args:
            latent: The place, (bars, latent).
            counted: 1 where a step is one of the bar's, (bars, steps), steps a multiple of 4.
        """
        bars, steps = counted.shape
        beats = steps // BEAT
        told = (latent @ self.latent_in[:beats]).transpose(0, 1)  # (bars, beats, width)
        in_beats = counted.reshape(bars, beats, BEAT)
        tokens = told + self.place[:beats] + self.counted_in(in_beats)
        for block in self.blocks:
            tokens = block(tokens, in_beats[..., 0])
        narrow = functional.gelu(self.narrowed(self.norm(tokens)))
        logits: Tensor = self.codes_out(narrow.reshape(bars, steps, self.shape.narrow))
        return logits


class LineNetwork(nn.Module):
    """A variational autoencoder of single bars of one line (Kingma and Welling 2014).

    Each bar has a place of its own, so clips of any length have one for every bar, and bars that
    are the same stay the same wherever the way leads.
    """

    def __init__(self, shape: BarShape) -> None:
        super().__init__()
        self.shape = shape
        self.listener = BarListener(shape, CODES)
        self.player = LinePlayer(shape)
