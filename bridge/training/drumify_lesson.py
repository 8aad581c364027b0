"""What a drumify network learns: to give back the kit that was played from its rhythm alone."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from bridge.codecs.drumgrid import PIECES, STEPS
from bridge.training.corpus import Windows
from bridge.training.drumify_network import DrumifyNetwork
from bridge.training.fit import Progress, Schedule, device_of_training, fit
from bridge.training.groove_lesson import GrooveData, metre_of_common_time, nats_told, performances
from bridge.training.networks import GrooveShape

CELLS: Final = STEPS * PIECES

_FREE_UNTIL: Final = 0.6
_WARM_EPOCHS: Final = 2.0
_EXAMINED_AT_ONCE: Final = 256
_BAR: Final = STEPS // 2


@dataclass(frozen=True, slots=True)
class DrumifyRecipe:
    """Everything that decides what a drumify network becomes, but for the data."""

    shape: GrooveShape = field(default_factory=lambda: GrooveShape(dropout=0.15))
    schedule: Schedule = field(default_factory=lambda: Schedule(epochs=12, average=0.999))
    tempo_jitter: float = 0.05
    """Standard deviation, octaves."""
    silent_share: float = 0.5
    """Part of the windows whose velocities are not told."""
    stiff_share: float = 0.2
    """Part of the windows whose offsets are all 0, as in a clip that was drawn."""
    sparse_share: float = 0.35
    """Part of the windows whose taps are not said to be all there is."""
    most_dropped: float = 0.8
    """In most of those, up to so many of the hits are no taps."""
    piece_dropped: float = 0.4
    """In half of those, each piece is left out of the taps at this chance."""
    swapped_share: float = 0.3
    """Part of the windows whose two bars change places."""
    unknown_share: float = 0.5
    """Part of the windows that are played without a latent."""
    latent_cost: float = 0.7
    """Weight of what a latent tells beyond the standard normal distribution, in nats (beta)."""
    free_nats: tuple[float, float] = (12.0, 3.0)
    """So much a window's latent may tell at no cost: at first, and from 60 % of all steps on."""


@dataclass(frozen=True, slots=True)
class DrumifyLesson:
    """Windows to learn from and windows to be examined on."""

    recipe: DrumifyRecipe
    train: GrooveData
    validation: GrooveData

    @property
    def examples(self) -> int:
        """How many windows there are to learn from."""
        return len(self.train)

    def loss(
        self, network: DrumifyNetwork, chosen: Tensor, generator: torch.Generator, part: float
    ) -> Tensor:
        """Nats a cell, and the price of what latents tell."""
        recipe, data, device = self.recipe, self.train, self.train.score.device
        count = len(chosen)

        def chance(share: float | Tensor, *shape: int) -> Tensor:
            drawn = torch.rand(count, *shape, generator=generator, device=device)
            return (drawn < share).float()

        def normal(like: Tensor) -> Tensor:
            return torch.randn(like.shape, generator=generator, device=device)

        swap = chance(recipe.swapped_share, 1, 1)
        score, velocity, offset = (
            _swapped(values[chosen], swap) for values in (data.score, data.velocity, data.offset)
        )
        tempo = data.tempo[chosen]
        tempo = tempo + normal(tempo) * recipe.tempo_jitter
        metre = metre_of_common_time(count, device)

        sparse = chance(recipe.sparse_share, 1, 1)
        dropping = torch.rand(count, 1, 1, generator=generator, device=device)
        dropped = chance(dropping * recipe.most_dropped, STEPS, PIECES)
        by_piece = chance(0.5, 1, 1) * chance(recipe.piece_dropped, 1, PIECES)
        gone = sparse * chance(0.75, 1, 1) * torch.maximum(dropped, by_piece)
        told = 1.0 - chance(recipe.silent_share, 1)
        played = offset * (1.0 - chance(recipe.stiff_share, 1, 1))
        taps = taps_of(score * (1.0 - gone), velocity, played, told, 1.0 - sparse[:, :, 0])

        known = 1.0 - chance(recipe.unknown_share, 1)
        heard = torch.cat([score, velocity, offset], dim=-1)
        mean, spread = network.listener(heard, metre, tempo)
        latent = mean + spread * normal(mean)
        logits = network(taps, metre, tempo, latent, known)
        error = functional.binary_cross_entropy_with_logits(logits.float(), score)
        first, last = recipe.free_nats
        free = max(last, first * (1.0 - part / _FREE_UNTIL))
        nats = nats_told(mean, spread).clamp(min=free)[:, None] * known
        warm = min(1.0, part * recipe.schedule.epochs / _WARM_EPOCHS)
        # 288 cells a window: gradients of the size that the groove network's have.
        return 10.0 * (error + warm * recipe.latent_cost * nats.sum() / (count * CELLS))

    def examine(self, network: DrumifyNetwork) -> tuple[float, Mapping[str, float]]:
        """Nats a cell, with a latent and without; without one, for taps of both kinds."""
        data, device = self.validation, self.validation.score.device
        generator = torch.Generator(device).manual_seed(self.recipe.schedule.seed)
        silent = loud = felt = nats = 0.0
        for start in range(0, len(data), _EXAMINED_AT_ONCE):
            chosen = torch.arange(start, min(start + _EXAMINED_AT_ONCE, len(data)), device=device)
            count = len(chosen)
            score, tempo = data.score[chosen], data.tempo[chosen]
            metre = metre_of_common_time(count, device)
            mean, spread = network.listener(performances(data, chosen), metre, tempo)
            noise = torch.randn(mean.shape, generator=generator, device=device)
            one = torch.ones(count, 1, device=device)
            for velocities in (0.0, 1.0):
                taps = taps_of(
                    score, data.velocity[chosen], data.offset[chosen], one * velocities, one
                )
                without = network(taps, metre, tempo, mean, 0.0 * one)
                error = functional.binary_cross_entropy_with_logits(without, score, reduction="sum")
                silent += float(error) * (1.0 - velocities)
                loud += float(error) * velocities
            logits = network(taps, metre, tempo, mean + spread * noise, one)
            felt += float(
                functional.binary_cross_entropy_with_logits(logits, score, reduction="sum")
            )
            nats += float(nats_told(mean, spread).sum())
        cells = len(data) * CELLS
        loss = (silent + loud + felt + nats) / (3.0 * cells)
        return loss, {
            "nats a cell": silent / cells,
            "with velocity": loud / cells,
            "with latent": felt / cells,
            "told, nats a window": nats / len(data),
        }


def taps_of(
    score: Tensor, velocity: Tensor, offset: Tensor, told: Tensor, complete: Tensor
) -> Tensor:
    """What :func:`bridge.codecs.taps.tap_features` gives, of windows, (batch, 32, 5).

    Args:
        score: The hits that are tapped, (batch, 32, 9).
        velocity: Of the hits, (batch, 32, 9).
        offset: Of the hits, (batch, 32, 9).
        told: 1 where velocities are known, else 0, (batch, 1).
        complete: 1 where the taps are all there is, else 0, (batch, 1).
    """
    loudness, loudest = (score * velocity).max(dim=-1, keepdim=True)
    tapped = score.amax(dim=-1, keepdim=True)
    late = (score * offset).gather(-1, loudest)
    flags = torch.stack([told, complete], dim=-1).expand(-1, score.shape[1], -1)
    return torch.cat([tapped, loudness * told[:, :, None], late, flags], dim=-1)


def fit_drumify(
    recipe: DrumifyRecipe,
    train: Windows,
    validation: Windows,
    checkpoint: Path,
    *,
    report: Callable[[Progress], None],
    advance: Callable[[float], None] = lambda _: None,
) -> DrumifyNetwork:
    """A trained drumify network; arguments as for :func:`bridge.training.fit.fit`."""
    device = device_of_training()
    lesson = DrumifyLesson(recipe, GrooveData.of(train, device), GrooveData.of(validation, device))
    return fit(
        lambda: DrumifyNetwork(recipe.shape),
        lesson,
        recipe.schedule,
        asdict(recipe),
        checkpoint,
        report=report,
        advance=advance,
    )


def _swapped(values: Tensor, swap: Tensor) -> Tensor:
    """The windows, the two bars of those that are marked in the other order."""
    return torch.where(swap > 0, values.roll(_BAR, dims=1), values)
