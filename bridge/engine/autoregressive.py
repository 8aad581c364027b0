"""What a model that goes step by step remembers, kept in Python between its runs."""

from typing import Final, Self

import numpy as np
import numpy.typing as npt

from bridge.engine.manifest import Manifest

MEMORY: Final = "memory"
AGE: Final = "age"
REMEMBERED: Final = "remembered"

Floats = npt.NDArray[np.float32]


class Memory:
    """What a model kept of its last steps; the oldest make room.

    A graph with a memory takes ``memory``, (batch, layers, places, numbers), and ``age``,
    (batch, places): how many steps ago over places + 1, and 1 for an empty place. It gives what is
    to be ``remembered`` of its step, (batch, layers, numbers).
    """

    def __init__(self, kept: Floats, written: int) -> None:
        self._kept = kept
        self._written = written

    @classmethod
    def empty(cls, manifest: Manifest, batch: int) -> Self:
        """The memory of a model before its first step."""
        shape = next(tensor.shape for tensor in manifest.inputs if tensor.name == MEMORY)
        return cls(np.zeros((batch, *(int(size) for size in shape[1:])), np.float32), 0)

    def inputs(self) -> dict[str, Floats]:
        """What the graph is given."""
        batch, _, places, _ = self._kept.shape
        # Place p holds the last step s with s mod places = p.
        ago = (self._written - 1 - np.arange(places)) % places + 1
        ago[ago > self._written] = places + 1
        age = np.tile((ago / (places + 1)).astype(np.float32), (batch, 1))
        return {MEMORY: self._kept, AGE: age}

    def remember(self, remembered: Floats) -> None:
        """Keep what the graph gave for its step."""
        self._kept[:, :, self._written % self._kept.shape[2]] = remembered
        self._written += 1

    def for_each(self, batch: int) -> "Memory":
        """The same memory for several that go on from here, each on its own way."""
        return Memory(np.repeat(self._kept, batch, axis=0), self._written)
