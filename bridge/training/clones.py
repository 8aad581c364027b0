"""Magenta's architectures, to be trained here on our data: what our own are measured against."""

from dataclasses import dataclass
from typing import Final, Self

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
_LENT: Final = 16


@dataclass(slots=True)
class Heard:
    """What the clone has in mind between two steps."""

    kept: list[Tensor]
    """The cells of each layer, (batch, 256) each."""
    given: list[Tensor]
    """What each layer gave out, likewise."""
    attended: Tensor  # (batch, 256)
    keys: list[Tensor]
    """Of the 32 steps before, the last at the end, (batch, 256) each."""

    @classmethod
    def nothing(cls, like: Tensor) -> Self:
        """Before the first step, for as many scores as there are in a tensor."""
        silent = like.new_zeros(len(like), _UNITS)
        return cls([silent] * _LAYERS, [silent] * _LAYERS, silent, [silent] * _ATTENTION)


@dataclass(frozen=True, slots=True)
class _Lent:
    cells: list[Tensor]
    query: Tensor
    key: Tensor


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
        # A code is one of 518 inputs: with the usual small weights it hardly moves the layers, and
        # in three passes through the data the network learns how often codes are, and no more.
        nn.init.normal_(self.mixed_in.weight)
        for name, parameter in self.cells.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            else:
                nn.init.xavier_uniform_(parameter)
        weights = torch.tensor([2.0**piece for piece in range(PIECES)])
        self.weights: Tensor
        self.register_buffer("weights", weights, persistent=False)

    def forward(
        self, before: Tensor, known: Tensor, counter: Tensor, heard: Heard | None = None
    ) -> Tensor:
        """Logits, (batch, steps, 512).

        What does not hang on the step before is reckoned for all steps at once: the first layer's
        share of the inputs (their codes are rows of a table) and what is given out.

        Args:
            before: The hits of the step before each, (batch, steps, 9).
            known: Whether there was one, (batch, steps).
            counter: The step's number in six bits of ±1, (batch, steps, 6).
            heard: What was heard of earlier steps, to which these are added; nothing without it.
        """
        half = torch.is_autocast_enabled(before.device.type)
        kind = torch.bfloat16 if half else torch.float32
        with torch.autocast(before.device.type, enabled=False):
            codes = (before @ self.weights).round().long()
            weights, biases = self._of_cells()
            first = weights[0][:, : self.mixed_in.in_features]
            table = (first @ self.mixed_in.weight).T  # (518, 1024)
            always = first @ self.mixed_in.bias + biases[0]
            entering = functional.embedding(codes, table[:CODES]) * known[..., None]
            entering = entering + counter @ table[CODES:] + always
            memory = Heard.nothing(entering) if heard is None else heard
            outputs: list[Tensor] = []
            for step, enters in enumerate(entering.unbind(1)):
                if step % _LENT == 0:
                    lent = self._lent(kind)
                outputs.append(self._step(enters, memory, lent))
            logits: Tensor = self.codes_out(self.mixed_out(torch.stack(outputs, dim=1)))
        return logits

    def _step(self, enters: Tensor, heard: Heard, lent: _Lent) -> Tensor:
        """What the last layer gives and what is attended, (batch, 512), which is heard then."""
        _, biases = self._of_cells()
        kept, given = heard.kept, heard.given
        flowing = heard.attended
        for layer, cell in enumerate(lent.cells):
            gates = torch.cat([flowing, given[layer]], dim=-1).to(cell.dtype) @ cell
            gates = gates + (biases[layer] if layer else enters)
            enter, new, forget, leave = gates.chunk(4, dim=-1)
            # TensorFlow's bias of 1 on forgetting.
            remembered = kept[layer] * torch.sigmoid(forget + 1.0)
            kept[layer] = remembered + torch.sigmoid(enter) * torch.tanh(new)
            given[layer] = torch.tanh(kept[layer]) * torch.sigmoid(leave)
            flowing = self.dropout(given[layer])
        asked = torch.cat([*kept, *given], dim=-1).to(lent.query.dtype) @ lent.query
        hidden = torch.stack(heard.keys, dim=1)  # (batch, 32, 256)
        loudness = torch.tanh(hidden + (asked + self.query.bias)[:, None]) @ self.loudness
        heard.attended = (loudness.softmax(dim=-1)[:, None] @ hidden)[:, 0]
        output = torch.cat([flowing, heard.attended], dim=-1)
        key = output.to(lent.key.dtype) @ lent.key + self.keys(self.mixed_out.bias)
        heard.keys = [*heard.keys[1:], key]
        return output

    def _lent(self, kind: torch.dtype) -> _Lent:
        """The weights that work at every step.

        They are lent anew for each bar, because those steps' gradients are summed in that type.
        """
        size = self.mixed_in.in_features
        (first, *others), _ = self._of_cells()
        told = torch.cat([first[:, :size] @ self.attended_in.weight, first[:, size:]], dim=1)
        key = self.keys.weight @ self.mixed_out.weight
        cells = [cell.T.to(kind) for cell in (told, *others)]
        return _Lent(cells, self.query.weight.T.to(kind), key.T.to(kind))

    def _of_cells(self) -> tuple[list[Tensor], list[Tensor]]:
        """The layers' weights and biases."""
        every = list(self.cells.parameters())
        return [part for part in every if part.dim() > 1], [
            part for part in every if part.dim() == 1
        ]
