"""What a drummer does otherwise than the groove network expects, heard and played on.

A network that has learned its training files by heart finds little there that is otherwise, so it
trusts a feel less than it should on files that are new to it. How far a drummer's habits are to be
believed is therefore fitted on the validation split, as a few numbers beside the network: habits
are pooled over pieces and over places of the bar, and shrunk the more the fewer hits were heard.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from bridge.codecs.drumgrid import PIECES, STEPS
from bridge.training.corpus import Windows
from bridge.training.evaluate import FEELS
from bridge.training.groove_lesson import (
    GrooveData,
    mean_of_bins,
    metre_of_common_time,
    performances,
)
from bridge.training.networks import (
    PLACES,
    GrooveNetwork,
    bin_middles,
    places_of,
)

SUMS: Final = 3 * PLACES * PIECES
"""Numbers of a feel that add up: for each place and piece how much later and louder than expected
its hits were, and how many there were."""

PERIODS: Final = (1, 2, 4, 8, 16)
"""Places after which a habit may come again, from everywhere alike to once a bar."""

_DOUBTS: Final = (4.0, 8.0, *(1.5, 2.0) * (len(PERIODS) - 1))
"""Heard hits that weigh as much as the doubt: of one piece and of all, for each period."""
_RIDGE: Final = 5.0
_FARTHEST: Final = 0.25
"""How far a habit moves a hit at most, in steps, or makes it louder."""
_LEAST_VARIANCE: Final = 0.002
_TURNS: Final = 2
"""Of Newton's method, after which a mean is about where it is wanted."""
_MARGIN: Final = 0.02
"""Part of the range at each edge into which no mean is moved."""
_AT_ONCE: Final = 256


class Habits(nn.Module):
    """How much later and louder each cell is to be than the network says, from a feel's sums."""

    def __init__(self) -> None:
        super().__init__()
        self.belief = nn.Parameter(torch.zeros(2, len(_DOUBTS)), requires_grad=False)
        """Of what was heard of lateness and of loudness, one number for each way to pool it."""
        self.usual = nn.Parameter(torch.zeros(()), requires_grad=False)
        """How late the network says hits are on average, in steps."""
        self.sureness = nn.Parameter(torch.ones(()), requires_grad=False)
        """How much of what it says beyond that is true where no feel is known."""
        place = torch.arange(PLACES)
        alike = [(place[:, None] - place[None, :]) % period == 0 for period in PERIODS]
        self.alike: Tensor
        self.register_buffer("alike", torch.stack(alike).float(), persistent=False)

    def forward(self, sums: Tensor, metre: Tensor) -> tuple[Tensor, Tensor]:
        """How late, in steps, and how loud, 0–1, beside what is expected, (batch, 32, 9) each.

        Args:
            sums: (batch, 432).
            metre: As for the network, (batch, 32, 9).
        """
        believed = (self.pooled(sums) * self.belief[:, None, None]).sum(dim=-1)
        late, loud = believed.unbind(dim=1)
        place = places_of(metre)
        return place @ late, place @ loud

    def held_back(self, expected: Tensor) -> Tensor:
        """How far a mean offset, in steps, is to be moved towards the usual one."""
        moved: Tensor = (self.sureness - 1.0) * (expected - self.usual)
        return moved

    def pooled(self, sums: Tensor) -> Tensor:
        """What was heard at each place, pooled and shrunk, (batch, 2, 16, 9, ways to pool)."""
        late, loud, heard = sums.reshape(-1, 3, PLACES, PIECES).unbind(dim=1)
        habit = torch.stack([late, loud], dim=1)  # (batch, 2, 16, 9)
        ways = []
        for number in range(len(PERIODS)):
            by_piece, struck = self.alike[number] @ habit, self.alike[number] @ heard
            of_all = by_piece.sum(dim=-1, keepdim=True).expand_as(by_piece)
            struck_of_all = struck.sum(dim=-1, keepdim=True)
            ways.append(by_piece / (struck[:, None] + _DOUBTS[2 * number]))
            ways.append(of_all / (struck_of_all[:, None] + _DOUBTS[2 * number + 1]))
        return torch.stack(ways, dim=-1)


class Player(nn.Module):
    """The groove network with a drummer's habits: what is exported."""

    def __init__(self, network: GrooveNetwork, habits: Habits) -> None:
        super().__init__()
        self.network = network
        self.habits = habits

    def forward(
        self, score: Tensor, metre: Tensor, tempo: Tensor, feel: Tensor, known: Tensor
    ) -> tuple[Tensor, Tensor]:
        """As :meth:`GrooveNetwork.forward`; the feel's sums come after its other numbers."""
        said, sums = feel[:, :-SUMS], feel[:, -SUMS:]
        offset, velocity = self.network(score, metre, tempo, said, known)
        late, loud = self.habits(sums, metre)
        known = known[:, None]
        alone = self.habits.held_back(mean_of_bins(offset, -0.5, 0.5))
        return (
            shifted(offset, known * late + (1.0 - known) * alone, -0.5, 0.5),
            shifted(velocity, known * loud, 0.0, 1.0),
        )


class Hearer(nn.Module):
    """The listener of a groove network that hears habits too: what is exported."""

    def __init__(self, network: GrooveNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, performance: Tensor, metre: Tensor, tempo: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of a feel, (batch, numbers) each; sums are certain."""
        mean, spread = self.network.listener(performance, metre, tempo)
        hits, velocity, offset = performance.reshape(-1, STEPS, 3, PIECES).unbind(dim=2)
        unknown = torch.zeros_like(tempo)
        expected = self.network(hits, metre, tempo, torch.zeros_like(mean), unknown)
        late = hits * (offset - mean_of_bins(expected[0], -0.5, 0.5))
        loud = hits * (velocity - mean_of_bins(expected[1], 0.0, 1.0))
        place = places_of(metre).transpose(1, 2)  # (batch, 16, 32)
        sums = torch.cat([(place @ part).flatten(1) for part in (late, loud, hits)], dim=-1)
        return torch.cat([mean, sums], dim=-1), torch.cat([spread, torch.zeros_like(sums)], dim=-1)


def shifted(logits: Tensor, moved: Tensor, low: float, high: float) -> Tensor:
    """Histograms whose means are moved, by a factor that rises or falls evenly over the bins.

    For a normal distribution that is a shift; at an edge of the range it is what is left of one.

    Args:
        logits: (batch, 32, 9, bins).
        moved: How far, (batch, 32, 9).
        low: Lower edge of the first bin.
        high: Upper edge of the last bin.
    """
    middles = bin_middles(logits.shape[-1], low, high, logits.device)
    margin = (high - low) * _MARGIN
    first = mean_of_bins(logits, low, high)
    wanted = first + moved.clamp(-_FARTHEST, _FARTHEST)
    wanted = wanted.minimum(first.clamp(min=high - margin)).maximum(first.clamp(max=low + margin))
    for _ in range(_TURNS):
        mass = logits.softmax(dim=-1)
        middle = mass @ middles
        variance = (mass @ middles.square() - middle.square()).clamp(min=_LEAST_VARIANCE)
        logits = logits + ((wanted - middle) / variance)[..., None] * (middles - middle[..., None])
    return logits


def fit_habits(network: GrooveNetwork, held_out: Windows) -> Habits:
    """How far habits are to be believed, by least squares on windows that were not learned from.

    Args:
        network: Trained.
        held_out: The validation split.
    """
    data = GrooveData.of(held_out, torch.device("cpu"))
    network, habits = network.eval().cpu(), Habits()
    hit = data.score > 0
    with torch.no_grad():
        heard = torch.cat([Hearer(network)(*part)[0] for part in _performed(data)])
        unknown = torch.zeros(len(data), heard.shape[1]), torch.zeros(len(data), 1)
        alone = mean_of_bins(_played(network, data, *unknown)[0][hit], -0.5, 0.5)
        beyond, true = alone - alone.mean(), data.offset[hit] - alone.mean()
        habits.usual.copy_(alone.mean())
        habits.sureness.copy_((beyond * true).sum() / beyond.square().sum())
        ways, left = [], []
        for others in FEELS.values():
            feel, known = _joined(heard, others(held_out))
            late, loud = (part[hit] for part in _played(network, data, feel, known))
            left.append(
                torch.stack(
                    [
                        data.offset[hit] - mean_of_bins(late, -0.5, 0.5),
                        data.velocity[hit] - mean_of_bins(loud, 0.0, 1.0),
                    ]
                )
            )
            pooled = habits.pooled(feel[:, -SUMS:]) * known[:, :, None, None, None]
            twice = pooled.repeat(1, 1, STEPS // PLACES, 1, 1)  # (windows, 2, 32, 9, ways)
            ways.append(twice.transpose(0, 1)[:, hit])
        habits.belief.copy_(_least_squares(torch.cat(ways, dim=1), torch.cat(left, dim=1)))
    return habits.eval()


def _played(
    network: GrooveNetwork, data: GrooveData, feel: Tensor, known: Tensor
) -> tuple[Tensor, Tensor]:
    """The network's logits for all windows; of the feels' sums it knows nothing."""
    played = [
        network(data.score[chosen], metre, tempo, feel[chosen, :-SUMS], known[chosen])
        for chosen, (_, metre, tempo) in zip(_parts(data), _performed(data), strict=True)
    ]
    offset, velocity = (torch.cat(part) for part in zip(*played, strict=True))
    return offset, velocity


def _least_squares(ways: Tensor, left: Tensor) -> Tensor:
    """Weights of the ways, (2, ways), for what is left to explain, (2, hits)."""
    ways, left = ways.double(), left.double()
    square = ways.transpose(1, 2) @ ways + _RIDGE * torch.eye(ways.shape[-1], dtype=ways.dtype)
    weights: Tensor = torch.linalg.solve(square, ways.transpose(1, 2) @ left[..., None])
    return weights[..., 0].float()


def _parts(data: GrooveData) -> tuple[Tensor, ...]:
    return torch.split(torch.arange(len(data)), _AT_ONCE)


def _performed(data: GrooveData) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    for chosen in _parts(data):
        metre = metre_of_common_time(len(chosen), chosen.device)
        yield performances(data, chosen), metre, data.tempo[chosen]


def _joined(heard: Tensor, others: npt.NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    """The feels of several windows as one, the sums added and the others averaged."""
    there = torch.from_numpy((others >= 0).astype(np.float32))
    several = (there[..., None] * heard[torch.from_numpy(others)]).sum(dim=1)
    count = there.sum(dim=1, keepdim=True)
    mean = several[:, :-SUMS] / count.clamp(min=1.0)
    return torch.cat([mean, several[:, -SUMS:]], dim=-1), (count > 0).float()
