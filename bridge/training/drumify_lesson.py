"""What a drumify network learns: to give back the kit that was played from its rhythm alone."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from bridge.codecs.drumgrid import PIECES, STEPS
from bridge.training.drumify_network import DrumifyNetwork, DrumifyShape
from bridge.training.drumify_variation import Chance, Drummed, DrummedData, Variety
from bridge.training.fit import Progress, Schedule, fit
from bridge.training.groove_lesson import nats_told

CELLS: Final = STEPS * PIECES
CONFIDENCES: Final = tuple(round(0.5 + 0.02 * step, 2) for step in range(36))
"""Factors of logits that are tried: 0.5–1.2."""

_FREE_UNTIL: Final = 0.6
_WARM_EPOCHS: Final = 2.0
_EXAMINED_AT_ONCE: Final = 256


@dataclass(frozen=True, slots=True)
class DrumifyRecipe:
    """Everything that decides what a drumify network becomes, but for the data."""

    shape: DrumifyShape = field(default_factory=DrumifyShape)
    schedule: Schedule = field(default_factory=lambda: Schedule(epochs=8, average=0.999))
    variety: Variety = field(default_factory=Variety)
    silent_share: float = 0.5
    """Part of the windows whose velocities are not told."""
    stiff_share: float = 0.2
    """Part of the windows whose offsets are all 0, as in a clip that was drawn."""
    sparse_share: float = 0.25
    """Part of the windows whose taps are not said to be all there is."""
    most_dropped: float = 0.8
    """In most of those, up to so many of the hits are no taps."""
    piece_dropped: float = 0.4
    """In half of those, each piece is left out of the taps at this chance."""
    latent_cost: float = 0.7
    """Weight of what a latent tells beyond the standard normal distribution, in nats (beta)."""
    free_nats: tuple[float, float] = (12.0, 3.0)
    """So much a window's latent may tell at no cost: at first, and from 60 % of all steps on."""


@dataclass(frozen=True, slots=True)
class DrumifyLesson:
    """Windows to learn from and windows to be examined on."""

    recipe: DrumifyRecipe
    train: DrummedData
    validation: DrummedData

    @property
    def examples(self) -> int:
        """How many windows there are to learn from."""
        return len(self.train)

    def loss(
        self, network: DrumifyNetwork, chosen: Tensor, generator: torch.Generator, part: float
    ) -> Tensor:
        """Nats a cell of every voice and of the player, and the price of what latents tell."""
        recipe = self.recipe
        chance = Chance(len(chosen), generator)
        error = torch.zeros((), device=chosen.device)
        for voice in network.voices:
            drummed, taps = self._tapped(chosen, generator, chance)
            error = error + _nats(voice(taps, drummed.metre, drummed.tempo), drummed.score)

        drummed, taps = self._tapped(chosen, generator, chance)
        mean, spread = network.listener(drummed.performance(), drummed.metre, drummed.tempo)
        latent = mean + spread * chance.normal(mean.shape[1])
        logits = network.play(taps, drummed.metre, drummed.tempo, latent)
        first, last = recipe.free_nats
        free = max(last, first * (1.0 - part / _FREE_UNTIL))
        told = nats_told(mean, spread).clamp(min=free).mean()
        warm = min(1.0, part * recipe.schedule.epochs / _WARM_EPOCHS)
        error = error + _nats(logits, drummed.score) + warm * recipe.latent_cost * told / CELLS
        # 288 cells a window: gradients of the size that the groove network's have.
        return 10.0 * error

    def examine(self, network: DrumifyNetwork) -> tuple[float, Mapping[str, float]]:
        """Nats a cell, with a latent and without; without one, for taps of both kinds."""
        silent, loud = (
            best_confidence(predict(network, self.validation, velocities), self.validation)[1]
            for velocities in (False, True)
        )
        data, device = self.validation, self.validation.metre.device
        generator = torch.Generator(device).manual_seed(self.recipe.schedule.seed)
        felt = nats = 0.0
        for chosen in _in_parts(data):
            drummed = data.as_played(chosen)
            mean, spread = network.listener(drummed.performance(), drummed.metre, drummed.tempo)
            noise = torch.randn(mean.shape, generator=generator, device=device)
            one = torch.ones(len(chosen), 1, device=device)
            taps = taps_of(drummed.score, drummed.velocity, drummed.offset, one, one)
            logits = network.play(taps, drummed.metre, drummed.tempo, mean + spread * noise)
            felt += float(_nats(logits, drummed.score)) * len(chosen)
            nats += float(nats_told(mean, spread).sum())
        felt, nats = felt / len(data), nats / len(data)
        return (silent + loud + felt + nats / CELLS) / 3.0, {
            "nats a cell": silent,
            "with velocity": loud,
            "with latent": felt,
            "told, nats a window": nats,
        }

    def _tapped(
        self, chosen: Tensor, generator: torch.Generator, chance: Chance
    ) -> tuple[Drummed, Tensor]:
        """Varied drumming, and what is tapped of it."""
        recipe = self.recipe
        drummed = self.train.varied(chosen, recipe.variety, generator)
        sparse = chance.happens(recipe.sparse_share, 1, 1)
        dropped = chance.happens(chance.uniform(1, 1) * recipe.most_dropped, STEPS, PIECES)
        by_piece = chance.happens(0.5, 1, 1) * chance.happens(recipe.piece_dropped, 1, PIECES)
        gone = sparse * chance.happens(0.75, 1, 1) * torch.maximum(dropped, by_piece)
        told = 1.0 - chance.happens(recipe.silent_share, 1)
        offset = drummed.offset * (1.0 - chance.happens(recipe.stiff_share, 1, 1))
        score = drummed.score * (1.0 - gone)
        return drummed, taps_of(score, drummed.velocity, offset, told, 1.0 - sparse[:, :, 0])


def predict(network: DrumifyNetwork, data: DrummedData, velocities: bool) -> Tensor:
    """The logit of every cell over all latents, before any confidence, (windows, 32, 9)."""
    logits = []
    for chosen in _in_parts(data):
        drummed = data.as_played(chosen)
        one = torch.ones(len(chosen), 1, device=chosen.device)
        taps = taps_of(drummed.score, drummed.velocity, drummed.offset, one * velocities, one)
        logits.append(network.likeliest(taps, drummed.metre, drummed.tempo))
    return torch.cat(logits)


def best_confidence(logits: Tensor, data: DrummedData) -> tuple[float, float]:
    """The factor of the logits at which they cost the least nats a cell, and that cost."""
    costs = [float(_nats(logits * level, data.windows.score)) for level in CONFIDENCES]
    least = min(range(len(costs)), key=costs.__getitem__)
    return CONFIDENCES[least], costs[least]


def set_confidence(network: DrumifyNetwork, data: DrummedData) -> None:
    """Draw a network's logits together as far as these windows show that they are too far apart."""
    with torch.no_grad():
        levels = [
            best_confidence(predict(network, data, velocities), data)[0]
            for velocities in (False, True)
        ]
        network.confidence.copy_(torch.tensor(levels))


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
    train: DrummedData,
    validation: DrummedData,
    checkpoint: Path,
    *,
    report: Callable[[Progress], None],
    advance: Callable[[float], None] = lambda _: None,
) -> DrumifyNetwork:
    """A trained drumify network; arguments as for :func:`bridge.training.fit.fit`."""
    network = fit(
        lambda: DrumifyNetwork(recipe.shape),
        DrumifyLesson(recipe, train, validation),
        recipe.schedule,
        asdict(recipe),
        checkpoint,
        report=report,
        advance=advance,
    )
    set_confidence(network, validation)
    return network


def _nats(logits: Tensor, score: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits.float(), score)


def _in_parts(data: DrummedData) -> tuple[Tensor, ...]:
    every = torch.arange(len(data), device=data.metre.device)
    return torch.split(every, _EXAMINED_AT_ONCE)
