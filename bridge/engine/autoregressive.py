"""What a model that goes step by step remembers, kept in Python between its runs."""

from typing import Final, Self

import numpy as np
import numpy.typing as npt

from bridge.engine.manifest import Manifest

MEMORY: Final = "memory"
AGE: Final = "age"
REMEMBERED: Final = "remembered"

Floats = npt.NDArray[np.float32]

_NOWHERE: Final = 2**40
"""Where an empty place stands: farther off than any step."""


class Memory:
    """What a model kept of other steps; the farthest make room for nearer ones.

    A graph with a memory takes ``memory``, (batch, layers, places, numbers), and ``age``,
    (batch, places): how many steps ago over places + 1, negative for steps that come later in the
    score, and above 1 for what is empty or farther away. It gives what is to be ``remembered`` of
    its step, (batch, layers, numbers).
    """

    def __init__(self, kept: Floats, positions: npt.NDArray[np.int64]) -> None:
        self._kept = kept
        self._positions = positions

    @classmethod
    def empty(cls, manifest: Manifest, batch: int) -> Self:
        """The memory of a model before its first step."""
        shape = next(tensor.shape for tensor in manifest.inputs if tensor.name == MEMORY)
        sizes = [int(size) for size in shape[1:]]
        return cls(np.zeros((batch, *sizes), np.float32), np.full(sizes[1], _NOWHERE))

    def inputs(self, position: int) -> dict[str, Floats]:
        """What the graph is given for the step that stands here in its score."""
        reach = len(self._positions) + 1
        ago = position - self._positions
        ago[np.abs(ago) > reach] = reach + 1
        age = np.tile((ago / reach).astype(np.float32), (len(self._kept), 1))
        return {MEMORY: self._kept, AGE: age}

    def remember(self, position: int, remembered: Floats) -> None:
        """Keep what the graph gave for the step that stands here."""
        place = int(np.abs(position - self._positions).argmax())
        self._kept[:, :, place] = remembered
        self._positions[place] = position

    def for_each(self, batch: int) -> "Memory":
        """The same memory for several that go on from here, each on its own way."""
        return Memory(np.repeat(self._kept, batch, axis=0), self._positions.copy())
