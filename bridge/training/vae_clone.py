"""``cat-drums_2bar_small``, MusicVAE's small network for drums, to be trained here on our data."""

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import CODES

LATENT: Final = 256
_ENCODER: Final = 512
_DECODER: Final = 256
_NARROWEST: Final = 1e-10
_HEARD: Final = 0.5


class VaeClone(nn.Module):
    """A score as one latent of 256 numbers, read by an LSTM both ways and written by two of them.

    The encoder hears nine hits a step and whether there is none, the decoder the code of the step
    before and the latent, from which its first state is made too. 4,636,672 parameters; with nine
    hits, strengths and times a step in and out they would be the 4,085,019 of GrooVAE.
    """

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.reader = nn.LSTM(PIECES + 1, _ENCODER, batch_first=True, bidirectional=True)
        self.mean_out = nn.Linear(2 * _ENCODER, LATENT)
        self.spread_out = nn.Linear(2 * _ENCODER, LATENT)
        self.state_in = nn.Linear(LATENT, 4 * _DECODER)
        self.first = nn.LSTM(CODES + LATENT, _DECODER, batch_first=True)
        self.second = nn.LSTM(_DECODER, _DECODER, batch_first=True)
        self.codes_out = nn.Linear(_DECODER, CODES)
        self.dropout = nn.Dropout(dropout)
        """Of what either layer of the decoder hears."""
        for lstm in (self.reader, self.first, self.second):
            for name, parameter in lstm.named_parameters():
                # TensorFlow has one bias and adds a constant 1 on forgetting; torch has two.
                if name.startswith("bias_hh"):
                    constant = torch.zeros(4, lstm.hidden_size)
                    constant[1] = 1.0
                    parameter.data.copy_(constant.flatten())
                    parameter.requires_grad = False
                elif name.startswith("bias_ih"):
                    nn.init.zeros_(parameter)
                else:
                    nn.init.xavier_uniform_(parameter)
        # With the usual small weights what was hit hardly moves the layers, and the first passes
        # through the data would teach how often codes are, and no more.
        own = dict(self.named_parameters())
        nn.init.normal_(own["reader.weight_ih_l0"], std=_HEARD)
        nn.init.normal_(own["reader.weight_ih_l0_reverse"], std=_HEARD)
        with torch.no_grad():
            own["first.weight_ih_l0"][:, :CODES].normal_(std=_HEARD)
        bits = (torch.arange(CODES)[:, None] >> torch.arange(PIECES)) & 1
        heard = torch.cat([bits, (bits.sum(1, keepdim=True) == 0).long()], dim=1)
        self.heard: Tensor
        self.register_buffer("heard", heard.float(), persistent=False)  # (512, 10)

    def encode(self, codes: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and spread (σ) of the latent, (scores, 256) each, of codes (scores, steps)."""
        _, (last, _) = self.reader(self.heard[codes])
        read = torch.cat([last[0], last[1]], dim=-1)
        spread = functional.softplus(self.spread_out(read).float()) + _NARROWEST
        return self.mean_out(read).float(), spread

    def decode(self, latent: Tensor, codes: Tensor) -> Tensor:
        """Logits of every step, (scores, steps, 512).

        Args:
            latent: (scores, 256).
            codes: What is written, (scores, steps); each step is told the one before.
        """
        heard = functional.one_hot(functional.pad(codes, (1, 0))[:, :-1], CODES).float()
        heard[:, 0] = 0.0
        latents = latent[:, None].expand(-1, codes.shape[1], -1)
        (one, two) = self.states(latent)
        written, _ = self.first(self.dropout(torch.cat([heard, latents], dim=-1)), one)
        written, _ = self.second(self.dropout(written), two)
        logits: Tensor = self.codes_out(written).float()
        return logits

    @torch.no_grad()
    def write(self, latent: Tensor, noise: Tensor) -> Tensor:
        """Codes drawn at temperature 1, (scores, steps).

        Args:
            latent: (scores, 256).
            noise: Of the standard Gumbel distribution, (scores, steps, 512); the same noise and the
                same latent are the same score.
        """
        one, two = self.states(latent)
        heard = latent.new_zeros(len(latent), CODES)
        codes = []
        for drawn in noise.unbind(1):
            written, one = self.first(torch.cat([heard, latent], dim=-1)[:, None], one)
            written, two = self.second(written, two)
            codes.append((self.codes_out(written[:, 0]).float() + drawn).argmax(dim=-1))
            heard = functional.one_hot(codes[-1], CODES).float()
        return torch.stack(codes, dim=1)

    def states(self, latent: Tensor) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
        """The first states of both layers, each (1, scores, 256) twice."""
        parts = torch.tanh(self.state_in(latent))[None].chunk(4, dim=-1)
        kept_one, given_one, kept_two, given_two = (part.contiguous() for part in parts)
        return (given_one, kept_one), (given_two, kept_two)


def divergence(mean: Tensor, spread: Tensor) -> Tensor:
    """Nats from the standard normal distribution to those of the latents, (scores,)."""
    return 0.5 * (mean**2 + spread**2 - 1.0).sum(dim=-1) - spread.log().sum(dim=-1)
