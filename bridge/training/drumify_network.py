"""The network that puts a kit on a rhythm, in torch."""

import torch
from torch import Tensor, nn

from bridge.codecs.drumgrid import PIECES
from bridge.codecs.taps import TAP_FEATURES
from bridge.training.networks import Block, FeelListener, GrooveShape, StepsIn


class DrumifyNetwork(nn.Module):
    """Which piece is hit on which step of a tapped rhythm, in one pass.

    A conditional variational autoencoder like the groove network: its decoder sees the taps, so
    that the latent has to hold only how the kit is shared among them. Without a latent it gives
    what is likeliest over all of them.
    """

    def __init__(self, shape: GrooveShape) -> None:
        super().__init__()
        self.shape = shape
        self.taps_in = StepsIn(TAP_FEATURES, shape.width)
        self.before = nn.ModuleList(Block(shape) for _ in range(shape.before))
        self.latent_in = nn.Sequential(
            nn.Linear(shape.feel, shape.width), nn.GELU(), nn.Linear(shape.width, shape.width)
        )
        self.no_latent = nn.Parameter(torch.zeros(shape.width))
        self.after = nn.ModuleList(Block(shape) for _ in range(shape.after))
        self.norm = nn.LayerNorm(shape.width)
        self.out = nn.Linear(shape.width, PIECES)
        self.listener = FeelListener(shape)

    def forward(
        self, taps: Tensor, metre: Tensor, tempo: Tensor, latent: Tensor, known: Tensor
    ) -> Tensor:
        """Logits of a hit in every cell, (batch, 32, 9).

        Args:
            taps: :func:`bridge.codecs.taps.tap_features`, (batch, 32, 5).
            metre: :func:`bridge.codecs.drumgrid.metre_features`, (batch, 32, 9).
            tempo: :func:`bridge.codecs.drumgrid.tempo_feature`, (batch, 1).
            latent: (batch, 24).
            known: 1 where the latent counts, else 0, (batch, 1).
        """
        tokens = self.taps_in(taps, metre, tempo)
        for block in self.before:
            tokens = block(tokens)
        tokens = tokens + (known * self.latent_in(latent) + (1.0 - known) * self.no_latent)[:, None]
        for block in self.after:
            tokens = block(tokens)
        logits: Tensor = self.out(self.norm(tokens))
        return logits
