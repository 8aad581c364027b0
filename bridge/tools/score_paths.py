"""Drum scores on the way from one to another, through the places that a model gives their bars."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumbar import CODEC_ID, Floats, Integers, features_of, steps_counted
from bridge.codecs.drumscore import CODES, forbidden_at, hits_of
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Model
from bridge.engine.latent import between
from bridge.engine.manifest import require_codec
from bridge.tools.ways import bent, even_points

PLAYER: Final = "interpolate"
LISTENER: Final = "interpolate-listener"

LATENT_SIZE: Final = "latent_size"
"""What the manifest calls how many numbers a place has."""

FINE: Final = 129
"""So many points of the way are looked at, of which the even ones are taken."""

LOYALTIES: Final = (2.0, 8.0, 1e4)
"""Nats that a cell costs which differs from both ends where they agree. The first was chosen on the
validation split; the others are for clips so strange to the model that its way is not even: with
the last nothing changes but what differs."""

UNEVEN: Final = 0.15
"""So far from where it should be, of the whole way, a take may be before a way is strange."""

_AT_ONCE: Final = 64
"""Bars that are played in one run of the model; between runs it can be cancelled."""
_TURNS: Final = (0.1, 0.9)

Doubles = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Stop:
    """A score and where its bars lie."""

    bars: Integers
    """Codes, (bars, steps)."""
    places: Floats
    """(bars, numbers)."""


@dataclass(frozen=True, slots=True)
class Chance:
    """What decides between what is likely: the same for every point of a way."""

    noise: Doubles
    """Gumbel noise times the temperature, (steps of a bar, 512)."""
    turns: Doubles
    """Where on the way a step turns from one end to the other, as far as the model has no say,
    0–1, (steps of a bar,)."""

    @classmethod
    def drawn(cls, generator: np.random.Generator, steps: int, temperature: float) -> Self:
        """The chance of a take; bars that are the same have the same.

        Args:
            generator: Of the noise.
            steps: Of a bar.
            temperature: 0 takes the likeliest.
        """
        noise = temperature * generator.gumbel(size=(steps, CODES))
        return cls(noise, generator.uniform(*_TURNS, steps))


@dataclass(frozen=True, slots=True)
class Locks:
    """What holds between the ends, whatever the model wants."""

    pieces: int
    """The code of all pieces that may be struck."""
    most: int
    """How many pieces may be struck together."""
    kept: Integers
    """The codes of what is struck whatever the others say, (bars, steps)."""

    @classmethod
    def on(cls, bars: Integers, pieces: int, most: int) -> Self:
        """Locks on as many bars as these, nothing kept."""
        return cls(pieces, most, np.zeros_like(bars))

    def banned(self, bar: int) -> Floats:
        """What is added to the logits of a bar: 0, and −∞ where a code may not be, (steps, 512)."""
        return forbidden_at(self.pieces, self.most, self.kept[bar])


def hear(bars: Integers, listener: Model, cancel: Cancel) -> Stop:
    """The places of bars, (bars, steps) codes.

    Raises:
        ModelMissingError: if the model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    _require_codec(listener)
    hits, counted = features_of(bars)
    parts = [
        listener.run(
            {"hits": hits[first : first + _AT_ONCE], "counted": counted[first : first + _AT_ONCE]},
            cancel,
        )["mean"]
        for first in range(0, len(bars), _AT_ONCE)
    ]
    return Stop(bars, np.concatenate(parts))


def played_at(
    places: Floats,
    steps: int,
    player: Model,
    cancel: Cancel,
    report: Callable[[float], None] = lambda _: None,
) -> Floats:
    """The logits of the 512 codes at places (places, numbers): (places, steps, 512).

    Raises:
        ModelMissingError: if the model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    _require_codec(player)
    logits = np.empty((len(places), steps, CODES), np.float32)
    for first in range(0, len(places), _AT_ONCE):
        part = places[first : first + _AT_ONCE]
        inputs = {"latent": part, "counted": steps_counted(len(part), steps)}
        logits[first : first + _AT_ONCE] = player.run(inputs, cancel)["logits"][:, :steps]
        report(min(1.0, (first + _AT_ONCE) / len(places)))
    return logits


def walk(
    first: Stop,
    last: Stop,
    parts: Sequence[float],
    player: Model,
    chance: Chance,
    *,
    locks: Locks,
    cancel: Cancel,
    report: Callable[[float], None] = lambda _: None,
) -> tuple[Stop, ...]:
    """Scores on the way from the first to the last, each as far on it as is wanted.

    The model plays a fine row of places on the way between each bar's two; what it would play at
    the ends is bent to what is played there, less and less on the way. Of the row those are taken
    whose distances to both ends are the nearest to what they should be, and that play at all.

    Args:
        first: Where it begins, with as many bars as the last.
        last: Where it ends.
        parts: How far on the way each score is, rising from 0 to 1; the ends are the first and the
            last themselves.
        player: The interpolate model.
        chance: See there.
        locks: See there; they do not bind the ends.
        cancel: Asked before every run of the model.
        report: Told the part that is done, 0–1.

    Raises:
        ModelMissingError: if the model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    steps = first.bars.shape[1]
    joined = np.concatenate([first.bars, last.bars, locks.kept], axis=1)
    _, once, which = np.unique(joined, axis=0, return_index=True, return_inverse=True)
    fine = np.empty((len(LOYALTIES), FINE, len(once), steps), np.int64)
    nearness = np.empty((FINE, len(once)))
    nearest = np.empty((FINE, len(once), 2), np.int64)
    for number, bar in enumerate(once.tolist()):
        places = _on_the_way(first.places[bar], last.places[bar], FINE)
        logits = played_at(places, steps, player, cancel)
        free = logits + chance.noise + locks.banned(bar)
        for kind, loyalty in enumerate(LOYALTIES):
            scores = _bent(free, first.bars[bar], last.bars[bar], chance.turns, loyalty)
            fine[kind, :, number] = scores.argmax(axis=-1)
        nearness[:, number], nearest[:, number] = _likeliest_hit(scores)
        report((number + 1) / len(once))
    way, chosen = _most_even(fine[:, :, which.ravel()], np.asarray(parts, np.float64))
    stops = [first]
    for point in chosen[1:-1].tolist():
        played = way[point]
        if not played.any():
            bar = int(nearness[point, which.ravel()].argmax())
            step, code = nearest[point, which.ravel()[bar]]
            played = played.copy()
            played[bar, step] = code
        part = point / (FINE - 1)
        stops.append(Stop(played, between(first.places, last.places, part)))
    return (*stops, last)


def _on_the_way(first: Floats, last: Floats, points: int) -> Floats:
    """Places on the way from one to another, (points, numbers)."""
    parts = np.linspace(0.0, 1.0, points)
    return between(np.tile(first, (points, 1)), np.tile(last, (points, 1)), parts)


def _bent(
    free: Doubles, first: Integers, last: Integers, turns: Doubles, loyalty: float
) -> Doubles:
    """What decides what is played, (points, steps, 512): the highest of a step.

    Args:
        free: What decides without the ends, at the points of the way, (points, steps, 512).
        first: The codes at its beginning, (steps,).
        last: At its end.
        turns: See :class:`Chance`.
        loyalty: See above.
    """
    codes = np.arange(CODES)
    strange = hits_of((codes ^ first[:, None]) & ~(first ^ last)[:, None]).sum(axis=-1)
    return bent(free - loyalty * strange, first, last, turns)


def _likeliest_hit(scores: Doubles) -> tuple[Doubles, Integers]:
    """For each point how near a bar is to a hit, and which: its step and code, (points, 2)."""
    points = len(scores)
    # Where silence is banned something is kept, and no hit is asked for.
    silence = np.where(np.isfinite(scores[:, :, :1]), scores[:, :, :1], 0.0)
    nearness = scores[:, :, 1:] - silence
    flat = nearness.reshape(points, -1)
    best = flat.argmax(axis=1)
    step, code = np.divmod(best, CODES - 1)
    return flat[np.arange(points), best], np.stack([step, code + 1], axis=1)


def _most_even(ways: Integers, parts: Doubles) -> tuple[Integers, Integers]:
    """The first of some fine ways (ways, fine, bars, steps) that is even, else the most even one.

    Returns:
        It, (fine, bars, steps), and which of its points are taken, (points,).
    """
    found = []
    for way in ways:
        chosen, uneven = _even(way, parts)
        found.append((uneven, way, chosen))
        if uneven <= UNEVEN:
            return way, chosen
    _, way, chosen = min(found, key=lambda each: each[0])
    return way, chosen


def _even(way: Integers, parts: Doubles) -> tuple[Integers, float]:
    """Which points of a fine way (fine, bars, steps) are taken, in order, (points,).

    Also how far the farthest of them is from where it should be, of the whole way.
    """
    apart = [hits_of(way ^ end).sum(axis=(1, 2, 3)) for end in (way[:1], way[-1:])]
    plays = np.asarray(way.any(axis=(1, 2)), np.bool_)
    return even_points(apart[0], apart[1], plays, parts)


def _require_codec(model: Model) -> None:
    require_codec(model.manifest, CODEC_ID)
