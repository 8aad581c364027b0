"""MusicVAE's networks in one latent, without bars, to be trained here on our data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import CODES

LATENT: Final = 256
_NARROWEST: Final = 1e-10
_HEARD: Final = 0.5

State = tuple[Tensor, Tensor]
"""What a layer gave out and what it keeps, (1, scores, size) each."""


def hits_heard() -> Tensor:
    """What the encoder hears of each of the 512 codes of drums: nine hits, and whether none is."""
    bits = (torch.arange(CODES)[:, None] >> torch.arange(PIECES)) & 1
    return torch.cat([bits, (bits.sum(1, keepdim=True) == 0).long()], dim=1).float()


@dataclass(frozen=True, slots=True)
class VaeShape:
    """How large a network is."""

    classes: int
    """A step is one of so many."""
    heard: Callable[[], Tensor]
    """What the encoder hears of each, (classes, features)."""
    encoder: int
    """Units of the layer that reads, each way."""
    decoder: int
    """Units of each layer that writes."""
    layers: int


DRUMS: Final = VaeShape(CODES, hits_heard, encoder=512, decoder=256, layers=2)
"""``cat-drums_2bar_small``; 4,636,672 parameters. With nine hits, strengths and times a step in and
out they would be the 4,085,019 of GrooVAE."""


class VaeClone(nn.Module):
    """A score as one latent of 256 numbers, read by an LSTM both ways and written by some of them.

    The decoder hears the class of the step before and the latent, from which the first state of its
    layers is made too.
    """

    def __init__(self, shape: VaeShape = DRUMS, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        heard = shape.heard()
        self.reader = nn.LSTM(heard.shape[1], shape.encoder, batch_first=True, bidirectional=True)
        self.mean_out = nn.Linear(2 * shape.encoder, LATENT)
        self.spread_out = nn.Linear(2 * shape.encoder, LATENT)
        self.state_in = nn.Linear(LATENT, 2 * shape.layers * shape.decoder)
        sizes = (shape.classes + LATENT, *(shape.decoder for _ in range(shape.layers - 1)))
        self.writers = nn.ModuleList(
            nn.LSTM(size, shape.decoder, batch_first=True) for size in sizes
        )
        self.codes_out = nn.Linear(shape.decoder, shape.classes)
        self.dropout = nn.Dropout(dropout)
        """Of what each layer of the decoder hears."""
        for lstm in (self.reader, *self.writers):
            begin_as_tensorflow(lstm)
        # With the usual small weights what was hit hardly moves the layers, and the first passes
        # through the data would teach how often codes are, and no more.
        own = dict(self.named_parameters())
        nn.init.normal_(own["reader.weight_ih_l0"], std=_HEARD)
        nn.init.normal_(own["reader.weight_ih_l0_reverse"], std=_HEARD)
        with torch.no_grad():
            own["writers.0.weight_ih_l0"][:, : shape.classes].normal_(std=_HEARD)
        self.heard: Tensor
        self.register_buffer("heard", heard, persistent=False)

    def encode(self, codes: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and spread (σ) of the latent, (scores, 256) each, of codes (scores, steps)."""
        _, (last, _) = self.reader(self.heard[codes])
        read = torch.cat([last[0], last[1]], dim=-1)
        spread = functional.softplus(self.spread_out(read).float()) + _NARROWEST
        return self.mean_out(read).float(), spread

    def decode(self, latent: Tensor, codes: Tensor) -> Tensor:
        """Logits of every step, (scores, steps, classes).

        Args:
            latent: (scores, 256).
            codes: What is written, (scores, steps); each step is told the one before.
        """
        before = functional.pad(codes, (1, 0))[:, :-1]
        heard = functional.one_hot(before, self.shape.classes).float()
        heard[:, 0] = 0.0
        latents = latent[:, None].expand(-1, codes.shape[1], -1)
        written = torch.cat([heard, latents], dim=-1)
        for layer, state in zip(self.writers, self.states(latent), strict=True):
            written, _ = layer(self.dropout(written), state)
        logits: Tensor = self.codes_out(written).float()
        return logits

    @torch.no_grad()
    def write(self, latent: Tensor, noise: Tensor) -> Tensor:
        """Codes drawn at temperature 1, (scores, steps).

        Args:
            latent: (scores, 256).
            noise: Of the standard Gumbel distribution, (scores, steps, classes); the same noise and
                the same latent are the same score.
        """
        states = self.states(latent)
        heard = latent.new_zeros(len(latent), self.shape.classes)
        codes = []
        for drawn in noise.unbind(1):
            written = torch.cat([heard, latent], dim=-1)[:, None]
            for number, layer in enumerate(self.writers):
                written, states[number] = layer(written, states[number])
            codes.append((self.codes_out(written[:, 0]).float() + drawn).argmax(dim=-1))
            heard = functional.one_hot(codes[-1], self.shape.classes).float()
        return torch.stack(codes, dim=1)

    def states(self, latent: Tensor) -> list[State]:
        """The first states of the layers that write."""
        parts = torch.tanh(self.state_in(latent))[None].chunk(2 * self.shape.layers, dim=-1)
        ready = [part.contiguous() for part in parts]
        return list(zip(ready[1::2], ready[::2], strict=True))


def begin_as_tensorflow(lstm: nn.LSTM) -> None:
    """TensorFlow has one bias and adds a constant 1 on forgetting; torch has two biases."""
    for name, parameter in lstm.named_parameters():
        if name.startswith("bias_hh"):
            constant = torch.zeros(4, lstm.hidden_size)
            constant[1] = 1.0
            parameter.data.copy_(constant.flatten())
            parameter.requires_grad = False
        elif name.startswith("bias_ih"):
            nn.init.zeros_(parameter)
        else:
            nn.init.xavier_uniform_(parameter)


def divergence(mean: Tensor, spread: Tensor) -> Tensor:
    """Nats from the standard normal distribution to those of the latents, (scores,)."""
    return 0.5 * (mean**2 + spread**2 - 1.0).sum(dim=-1) - spread.log().sum(dim=-1)
