"""Magenta's architectures, to be trained here on our data: what our own are measured against."""

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import CODES

COUNTER_BITS: Final = 6
_UNITS: Final = 256
_LAYERS: Final = 3
_ATTENTION: Final = 32
_DROPPED: Final = 0.5


class DrumKitClone(nn.Module):
    """``drum_kit_rnn``: three LSTM layers of 256 with attention over their last 32 outputs.

    The wrapper of TensorFlow 1 around all three layers (its 2,967,850 parameters say so): what was
    attended goes into the next step's input, and the attended are what the wrapper gave out.
    """

    def __init__(self) -> None:
        super().__init__()
        features = CODES + COUNTER_BITS
        self.mixed_in = nn.Linear(features, features)
        self.attended_in = nn.Linear(_UNITS, features, bias=False)
        sizes = (features, *(_UNITS for _ in range(_LAYERS - 1)))
        self.cells = nn.ModuleList(nn.Linear(size + _UNITS, 4 * _UNITS) for size in sizes)
        self.query = nn.Linear(2 * _LAYERS * _UNITS, _UNITS)
        self.keys = nn.Linear(_UNITS, _UNITS, bias=False)
        self.loudness = nn.Parameter(torch.randn(_UNITS) / _UNITS**0.5)
        self.mixed_out = nn.Linear(2 * _UNITS, _UNITS)
        self.dropout = nn.Dropout(_DROPPED)
        self.codes_out = nn.Linear(_UNITS, CODES)
        for name, parameter in self.cells.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            else:
                nn.init.xavier_uniform_(parameter)
        weights = torch.tensor([2.0**piece for piece in range(PIECES)])
        self.weights: Tensor
        self.register_buffer("weights", weights, persistent=False)

    def forward(self, before: Tensor, known: Tensor, counter: Tensor) -> Tensor:
        """Logits, (batch, steps, 512).

        Args:
            before: The hits of the step before each, (batch, steps, 9).
            known: Whether there was one, (batch, steps).
            counter: The step's number in six bits of ±1, (batch, steps, 6).
        """
        codes = (before @ self.weights).round().long()
        events = functional.one_hot(codes, CODES).float() * known[..., None]
        inputs = self.mixed_in(torch.cat([events, counter], dim=-1)).float()
        nothing = inputs.new_zeros(len(inputs), _UNITS)
        kept, given = [nothing] * _LAYERS, [nothing] * _LAYERS
        attended = nothing
        keys = [nothing] * _ATTENTION
        outputs = []
        for features in inputs.unbind(1):
            flowing = features + self.attended_in(attended)
            for layer, cell in enumerate(self.cells):
                gates = cell(torch.cat([flowing, given[layer]], dim=-1))
                enter, new, forget, leave = gates.chunk(4, dim=-1)
                # TensorFlow's bias of 1 on forgetting.
                remembered = kept[layer] * torch.sigmoid(forget + 1.0)
                kept[layer] = remembered + torch.sigmoid(enter) * torch.tanh(new)
                given[layer] = torch.tanh(kept[layer]) * torch.sigmoid(leave)
                flowing = self.dropout(given[layer])
            asked = self.query(torch.cat([*kept, *given], dim=-1))
            hidden = torch.stack(keys[-_ATTENTION:], dim=1)  # (batch, 32, 256)
            loudness = torch.tanh(hidden + asked[:, None]) @ self.loudness
            attended = (loudness.softmax(dim=-1)[:, None] @ hidden)[:, 0]
            output = self.mixed_out(torch.cat([flowing, attended], dim=-1))
            keys.append(self.keys(output))
            outputs.append(output)
        logits: Tensor = self.codes_out(torch.stack(outputs, dim=1))
        return logits
