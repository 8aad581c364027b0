"""The same drumming as it might have been on another day: what keeps a network from knowing tunes.

Every batch is varied anew, rhythm and kit together, so that what is tapped remains what is struck.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from bridge.codecs.drumgrid import METRE_FEATURES, PIECES, STEPS, metre_features
from bridge.training.corpus import STEPS_PER_BAR, Windows
from bridge.training.groove_lesson import BAR_OF_COMMON_TIME, GrooveData

_STEPS_PER_BEAT: Final = 4
_BEATS: Final = 4
_SHOWN: Final = STEPS + STEPS_PER_BAR
_SOFTEST: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Variety:
    """How far drumming is led from what was played; standard deviations but for the shares."""

    tempo: float = 0.4
    """Octaves; so wide because a tempo to the dot tells which tune it is."""
    turned_share: float = 0.5
    """Part of the windows that begin on any beat of their bar."""
    swapped_share: float = 0.3
    """Part of the windows whose two bars change places."""
    mixed_share: float = 0.2
    """Part of the windows whose second bar is from elsewhere in the file."""
    left_out: float = 0.02
    """Chance that a piece is not there at all."""
    loudness: float = 0.07
    """Of a window, as a power of e."""
    contrast: float = 0.1
    """Of the powers of e to whose power velocities are taken."""
    piece_loudness: float = 0.07
    """Of each piece, as a power of e."""
    push: float = 0.03
    """Of a window, in steps."""
    piece_push: float = 0.03
    """Of each piece, in steps."""
    looseness: float = 0.1
    """Of offsets, as a power of e."""


class Chance:
    """Draws for a batch, one generator for all."""

    def __init__(self, count: int, generator: torch.Generator) -> None:
        self._count = count
        self._generator = generator

    def uniform(self, *shape: int) -> Tensor:
        """0–1, (batch, …)."""
        return torch.rand(
            self._count, *shape, generator=self._generator, device=self._generator.device
        )

    def normal(self, *shape: int) -> Tensor:
        """Standard normal, (batch, …)."""
        return torch.randn(
            self._count, *shape, generator=self._generator, device=self._generator.device
        )

    def happens(self, share: float | Tensor, *shape: int) -> Tensor:
        """1 at this chance, else 0, (batch, …)."""
        return (self.uniform(*shape) < share).float()


@dataclass(frozen=True, slots=True)
class Drummed:
    """Windows of drumming on the device."""

    score: Tensor  # (windows, 32, 9)
    velocity: Tensor
    offset: Tensor
    metre: Tensor  # (windows, 32, 9)
    tempo: Tensor  # (windows, 1)

    def performance(self) -> Tensor:
        """What a listener hears, (windows, 32, 27)."""
        return torch.cat([self.score, self.velocity, self.offset], dim=-1)


@dataclass(frozen=True, slots=True)
class DrummedData:
    """A split on the device: what each window shows, and what stands around it."""

    windows: GrooveData
    metre: Tensor  # (windows, 48, 9), of the window and of the 16 steps after it
    following: Tensor  # (windows,), the window that begins 16 steps later; else the window itself
    common: Tensor  # (windows, 1, 1), 1 in 4/4, where the two bars are of one shape

    @classmethod
    def of(cls, windows: Windows, bars: Sequence[int], device: torch.device) -> "DrummedData":
        """The windows as tensors; those of a file must stand together, in order.

        Args:
            windows: Two bars of 4/4 long, and as far apart as one, whatever the metre.
            bars: The length of the bars of each window in ticks.
            device: Where to.
        """
        count = len(windows)
        length = np.asarray(bars, np.int64)
        metre = np.zeros((count, _SHOWN, METRE_FEATURES), np.float32)
        for ticks in np.unique(length):
            chosen = length == ticks
            first = windows.first_bar[chosen] * STEPS_PER_BAR
            metre[chosen] = metre_features(first, int(ticks), _SHOWN)
        following = np.arange(count)
        if count > 1:
            one_on = (np.diff(windows.file) == 0) & (np.diff(windows.first_bar) == 1)
            following[:-1] += one_on
        return cls(
            GrooveData.of(windows, device),
            torch.from_numpy(metre).to(device),
            torch.from_numpy(following).to(device),
            torch.from_numpy((length == BAR_OF_COMMON_TIME)[:, None, None]).float().to(device),
        )

    def __len__(self) -> int:
        return len(self.windows)

    def as_played(self, chosen: Tensor) -> Drummed:
        """The windows of these numbers."""
        data = self.windows
        return Drummed(
            data.score[chosen],
            data.velocity[chosen],
            data.offset[chosen],
            self.metre[chosen, :STEPS],
            data.tempo[chosen],
        )

    def varied(self, chosen: Tensor, variety: Variety, generator: torch.Generator) -> Drummed:
        """The windows of these numbers, each led somewhere else."""
        chance = Chance(len(chosen), generator)
        data, common = self.windows, self.common[chosen]
        grids = torch.stack([data.score[chosen], data.velocity[chosen], data.offset[chosen]])
        played, metre, turned = self._turned(grids, chosen, variety, chance)
        whole_bars = common * (1.0 - turned)

        low, high = data.other_low[chosen], data.other_high[chosen]
        other = low + (chance.uniform() * (high - low)).long()
        elsewhere = torch.stack([data.score[other], data.velocity[other], data.offset[other]])
        second = (torch.arange(STEPS, device=chosen.device) >= STEPS_PER_BAR).float()[:, None]
        mixed = chance.happens(variety.mixed_share, 1, 1) * whole_bars * second
        played = torch.where(mixed > 0, elsewhere, played)
        swapped = chance.happens(variety.swapped_share, 1, 1) * common
        played = torch.where(swapped > 0, played.roll(STEPS_PER_BAR, dims=2), played)

        score, velocity, offset = played.unbind()
        score = score * (1.0 - chance.happens(variety.left_out, 1, PIECES))
        louder = chance.normal(1, 1) * variety.loudness
        louder = louder + chance.normal(1, PIECES) * variety.piece_loudness
        contrast = torch.exp(chance.normal(1, 1) * variety.contrast)
        velocity = (velocity.clamp(min=_SOFTEST) ** contrast * torch.exp(louder)).clamp(max=1.0)
        later = chance.normal(1, 1) * variety.push
        later = later + chance.normal(1, PIECES) * variety.piece_push
        looseness = torch.exp(chance.normal(1, 1) * variety.looseness)
        offset = (offset * looseness + later).clamp(-0.5, 0.5)
        tempo = data.tempo[chosen] + chance.normal(1) * variety.tempo
        return Drummed(score, velocity * score, offset * score, metre, tempo)

    def _turned(
        self, grids: Tensor, chosen: Tensor, variety: Variety, chance: Chance
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The windows from some beat of their first bar on, their metre, and which those are."""
        data, next_ones = self.windows, self.following[chosen]
        after = data.score[next_ones], data.velocity[next_ones], data.offset[next_ones]
        long = torch.cat([grids, torch.stack(after)[:, :, STEPS - STEPS_PER_BAR :]], dim=2)
        beats = (chance.uniform() * _BEATS).long() * (next_ones != chosen)
        beats = beats * chance.happens(variety.turned_share).long()
        shown = torch.arange(STEPS, device=chosen.device) + _STEPS_PER_BEAT * beats[:, None]
        of_pieces = shown[None, :, :, None].expand(len(grids), -1, -1, PIECES)
        of_metre = shown[:, :, None].expand(-1, -1, METRE_FEATURES)
        metre = self.metre[chosen].gather(1, of_metre)
        return long.gather(2, of_pieces), metre, (beats > 0).float()[:, None, None]
