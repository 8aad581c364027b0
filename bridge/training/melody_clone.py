"""``melody_rnn``, Magenta's network for going on with melodies, to be trained here on our data."""

from typing import Final

from torch import Tensor, nn
from torch.nn import functional

from bridge.training.melody_tunes import FIRST_KEY
from bridge.training.vae_clone import begin_as_tensorflow

KEYS: Final = 128
CLASSES: Final = FIRST_KEY + KEYS
_UNITS: Final = 512
_LAYERS: Final = 2
_HEARD: Final = 0.5

State = tuple[Tensor, Tensor]
"""What both layers gave out and what they keep, (2, melodies, 512) each."""


class MelodyClone(nn.Module):
    """Two LSTM layers of 512 that hear the class of the step before, and nothing else.

    3,482,754 parameters, those of the shipped one.
    """

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.layers = nn.LSTM(CLASSES, _UNITS, _LAYERS, batch_first=True, dropout=dropout)
        self.classes_out = nn.Linear(_UNITS, CLASSES)
        begin_as_tensorflow(self.layers)
        # One of 130 inputs hardly moves the layers with the usual small weights.
        nn.init.normal_(dict(self.layers.named_parameters())["weight_ih_l0"], std=_HEARD)

    def forward(self, before: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Logits, (melodies, steps, 130), and the state after the last step.

        Args:
            before: The class of the step before each, (melodies, steps); −1: there was none.
            state: Before the first step; nothing without it.
        """
        heard = functional.one_hot(before + 1, CLASSES + 1)[..., 1:].float()
        given, state = self.layers(heard, state)
        return self.classes_out(given).float(), state


def heard_before(classes: Tensor) -> Tensor:
    """What is heard at each step of melodies from their beginning, for :class:`MelodyClone`."""
    return functional.pad(classes, (1, 0), value=-1)[:, :-1]
