"""A small note network with drawn weights, in the place of an exported one."""

from types import SimpleNamespace

import numpy as np
import torch  # noqa: TID251

from bridge.codecs.notescore import CODEC_ID
from bridge.engine.manifest import Tensor
from bridge.tools.note_writing import Writers
from bridge.training.note_network import NoteNetwork, NoteShape

SHAPE = NoteShape(width=64, layers=2, heads=2, hidden=64, dropout=0.0)


class Part:
    """A torch module that is run like an exported graph."""

    def __init__(self, module, inputs, outputs):
        self.module, self.inputs, self.outputs = module, inputs, outputs
        memory = Tensor("memory", ("before", "batch", SHAPE.layers, 2 * SHAPE.part))
        self.manifest = SimpleNamespace(name="notes", codec=CODEC_ID, inputs=(memory,))

    @torch.no_grad()
    def run(self, inputs, cancel):
        cancel.check()
        found = self.module(*(torch.from_numpy(np.asarray(inputs[name])) for name in self.inputs))
        found = found if isinstance(found, tuple) else (found,)
        return {name: each.numpy() for name, each in zip(self.outputs, found, strict=True)}


def small_writers(seed=0, loud=3.0):
    """A network that knows nothing, and has strong opinions."""
    torch.manual_seed(seed)
    network = NoteNetwork(SHAPE).eval()
    with torch.no_grad():
        for out in (network.trunk.shift_out, network.pitch.out, network.length.out):
            out.weight.mul_(loud)
        # Else nearly no note would end, or begin, on the first few steps.
        network.length.out.bias[:24] += 2.0
        network.trunk.shift_out.bias[:24] += 2.0
    return Writers(
        Part(
            network.trunk,
            ("codes", "told", "clock", "memory"),
            ("hidden", "shift", "remembered"),
        ),
        Part(network.pitch, ("hidden", "codes", "told"), ("pitch", "mixed")),
        Part(network.length, ("mixed", "codes"), ("length",)),
    )
