"""The network that puts a kit on a rhythm, in torch."""

from dataclasses import dataclass, field, replace
from typing import Final

import torch
from torch import Tensor, nn

from bridge.codecs.drumgrid import PIECES, STEPS
from bridge.codecs.taps import TAP_FEATURES
from bridge.training.networks import FeelListener, GrooveShape, StepsIn
from bridge.training.steady_layers import SteadyLayer, SteadyShape

NEIGHBOURS: Final = (-4, -3, -2, -1, 1, 2, 3, 4, STEPS // 2)
"""The steps, counted from each one, whose taps it is told of beside its own; the last is the same
place in the other bar."""

_VELOCITY_BINS: Final = 13
_VELOCITY_WIDTH: Final = 0.06
_OFFSET_BINS: Final = 9
_OFFSET_WIDTH: Final = 0.09
_LEAST_SPREAD: Final = 1e-3
_COMPARED: Final = 4
_OF_WINDOW: Final = 5


@dataclass(frozen=True, slots=True)
class DrumifyShape:
    """The size of a drumify network."""

    layers: SteadyShape = field(default_factory=SteadyShape)
    depth: int = 4
    """Layers of each part."""
    voices: int = 3
    """How many parts say together what is likeliest."""
    listening: int = 2
    """Layers of the part that hears a whole kit."""
    feel: int = 24
    """Numbers of a latent."""

    @property
    def listener(self) -> GrooveShape:
        """Of the part that hears a whole kit."""
        return GrooveShape(
            width=self.layers.width,
            listening=self.listening,
            feel=self.feel,
            heads=self.layers.heads,
            hidden=self.layers.hidden,
            dropout=0.0,
        )


class DrumifyNetwork(nn.Module):
    """Which piece is hit on which step of a tapped rhythm, in one pass.

    With a latent it is the decoder of a conditional variational autoencoder, which sees the taps,
    so that the latent has to hold only how the kit is shared among them. Without one, some voices
    that were trained side by side say together what is likeliest over all latents: the mean of
    their logits, drawn together by what the validation split has shown of their overconfidence.
    """

    def __init__(self, shape: DrumifyShape) -> None:
        super().__init__()
        self.shape = shape
        self.voices = nn.ModuleList(_Striker(shape) for _ in range(shape.voices))
        self.player = _Striker(shape)
        self.latent_in = nn.Sequential(
            nn.Linear(shape.feel, shape.layers.width),
            nn.GELU(),
            nn.Linear(shape.layers.width, shape.layers.width),
        )
        self.listener = FeelListener(shape.listener)
        self.confidence: Tensor
        self.register_buffer("confidence", torch.ones(2))

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
        likeliest = self.likeliest(taps, metre, tempo)
        told = taps[..., 3:4]
        silent, accented = self.confidence.unbind()
        likeliest = likeliest * (silent + told * (accented - silent))
        of_latent = self.play(taps, metre, tempo, latent)
        logits: Tensor = likeliest + known[:, :, None] * (of_latent - likeliest)
        return logits

    def likeliest(self, taps: Tensor, metre: Tensor, tempo: Tensor) -> Tensor:
        """What the voices say together, as confident as they are, (batch, 32, 9)."""
        said = torch.stack([voice(taps, metre, tempo) for voice in self.voices])
        return said.mean(dim=0)

    def play(self, taps: Tensor, metre: Tensor, tempo: Tensor, latent: Tensor) -> Tensor:
        """Logits of a hit in every cell for a latent, (batch, 32, 9)."""
        logits: Tensor = self.player(taps, metre, tempo, self.latent_in(latent))
        return logits


class _Striker(nn.Module):
    """Taps to logits, whatever else is known of the window."""

    def __init__(self, shape: DrumifyShape) -> None:
        super().__init__()
        width = shape.layers.width
        self.steps_in = StepsIn(_features(), width)
        last = max(1, shape.depth - 1)
        # The later a layer, the more often it is left out.
        self.layers = nn.ModuleList(
            SteadyLayer(replace(shape.layers, left_out=shape.layers.left_out * place / last))
            for place in range(shape.depth)
        )
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, PIECES)

    def forward(
        self, taps: Tensor, metre: Tensor, tempo: Tensor, idea: Tensor | None = None
    ) -> Tensor:
        tokens = self.steps_in(_told_apart(taps), metre, tempo)
        if idea is not None:
            tokens = tokens + idea[:, None]
        for layer in self.layers:
            tokens = layer(tokens)
        logits: Tensor = self.out(self.norm(tokens))
        return logits


def _features() -> int:
    own = TAP_FEATURES + _COMPARED - 1 + _OF_WINDOW + _VELOCITY_BINS + _OFFSET_BINS
    return own + _COMPARED * len(NEIGHBOURS)


def _told_apart(taps: Tensor) -> Tensor:
    """The taps with what a drummer would say of them at once, (batch, 32, features).

    How loud and how late each is among those of its window, how many there are, and the same of its
    neighbours; velocity and offset as soft bins, too, since a drum of a kit has its own few.
    """
    tapped, velocity, offset, told, _ = taps.unbind(dim=-1)
    count = tapped.sum(dim=1, keepdim=True).clamp(min=1.0)
    usual, spread = _mean_and_spread(velocity, tapped, count)
    usually_late, late_spread = _mean_and_spread(offset, tapped, count)
    heard = tapped * told
    louder = (velocity[:, :, None] > velocity[:, None, :]).to(taps.dtype) * tapped[:, None, :]
    compared = torch.stack(
        [
            tapped,
            (velocity - usual) / spread * heard,
            0.5 * (offset - usually_late) / late_spread * tapped,
            louder.sum(dim=-1) / count * heard,
        ],
        dim=-1,
    )
    of_window = torch.stack(
        [
            (count / STEPS).expand_as(tapped),
            usual * told,
            spread * told,
            4.0 * usually_late.expand_as(tapped),
            4.0 * late_spread.expand_as(tapped),
        ],
        dim=-1,
    )
    bins = [
        _soft_bins(velocity, 0.0, 1.0, _VELOCITY_BINS, _VELOCITY_WIDTH) * heard[..., None],
        _soft_bins(offset, -0.5, 0.5, _OFFSET_BINS, _OFFSET_WIDTH) * tapped[..., None],
    ]
    beside = [_shifted(compared, distance) for distance in NEIGHBOURS]
    return torch.cat([taps, compared[..., 1:], of_window, *bins, *beside], dim=-1)


def _mean_and_spread(values: Tensor, tapped: Tensor, count: Tensor) -> tuple[Tensor, Tensor]:
    """Over the taps of each window, (batch, 1) both."""
    mean = (values * tapped).sum(dim=1, keepdim=True) / count
    squares = ((values - mean).square() * tapped).sum(dim=1, keepdim=True) / count
    return mean, (squares + _LEAST_SPREAD).sqrt()


def _soft_bins(values: Tensor, low: float, high: float, bins: int, width: float) -> Tensor:
    centres = torch.linspace(low, high, bins, dtype=values.dtype, device=values.device)
    return torch.exp(-0.5 * ((values[..., None] - centres) / width).square())


def _shifted(values: Tensor, distance: int) -> Tensor:
    """What is ``distance`` steps from each step, (batch, 32, features).

    Beyond the window there is nothing; but half a window away is the same place in the other bar.
    """
    if distance == STEPS // 2:
        return torch.cat([values[:, distance:], values[:, :distance]], dim=1)
    silence = torch.zeros_like(values[:, : abs(distance)])
    if distance > 0:
        return torch.cat([values[:, distance:], silence], dim=1)
    return torch.cat([silence, values[:, :distance]], dim=1)
