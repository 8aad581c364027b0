"""Melodies on the way from one to another, through the places that a model gives their bars."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from bridge.codecs.melodybar import (
    CODEC_ID,
    CODES,
    FIRST_KEY,
    SILENT,
    Floats,
    Integers,
    features_of,
    settled,
    steps_counted,
)
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Model
from bridge.engine.latent import between
from bridge.engine.manifest import require_codec
from bridge.tools.ways import bent, even_points

PLAYER: Final = "melody-paths"
LISTENER: Final = "melody-paths-listener"

LATENT_SIZE: Final = "latent_size"
"""What the manifest calls how many numbers a place has."""

FINE: Final = 129
"""So many points of the way are looked at, of which the even ones are taken."""

LOYALTIES: Final = ((2.0, 1.5), (8.0, 4.0), (1e4, 1e4))
"""Nats that a step costs which is neither end's, where both ends agree and where they do not. The
first was chosen on the validation split; the others are for clips so strange to the model that its
way is not even: with the last nothing is played but what one of the ends plays."""

UNEVEN: Final = 0.05
"""So far from where it should be, of the whole way, a take may be before a way is strange."""

NATS_OF_A_NOTE: Final = 2.0
"""What it costs that a bar on the way has a note too many or too few, when a way is chosen."""

FREE: Final = -1
"""A step at which nothing is kept."""

_AT_ONCE: Final = 64
"""Bars that are played in one run of the model; between runs it can be cancelled."""
_MOST_TRIED: Final = 192
"""Bars that are tried at the most before one chance is taken."""
_TURNS: Final = (0.1, 0.9)
_STRAY: Final = 0.1
"""How far a step may turn from its beat."""
_EARLIEST_AND_LATEST: Final = (0.02, 0.98)
_TRIED: Final = (0.3, 0.5, 0.7)
"""The points of a way at which it is asked how usual it is."""
_FORBIDDEN: Final = -np.inf

Doubles = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LineModels:
    """Who hears and plays bars of a line."""

    listener: Model
    player: Model


@dataclass(frozen=True, slots=True)
class MelodyStop:
    """A melody, where its bars lie, and which keys sound like it."""

    bars: Integers
    """Codes, (bars, steps)."""
    places: Floats
    """(bars, numbers)."""
    tint: Doubles
    """Nats that each code costs for lying outside the melody's key, (66,)."""


@dataclass(frozen=True, slots=True)
class MelodyChance:
    """What decides between what is likely: the same for every point of a way."""

    noise: Doubles
    """Gumbel noise times the temperature, (steps of a bar, 66)."""
    turns: Doubles
    """Where on the way a step turns from one end to the other, as far as the model has no say,
    0–1, (steps of a bar,)."""

    @classmethod
    def drawn(
        cls, generator: np.random.Generator, steps: int, temperature: float, beat: int
    ) -> Self:
        """A chance for bars; those that are the same have the same.

        Args:
            generator: Of the noise.
            steps: Of a bar.
            temperature: 0 takes the likeliest.
            beat: Steps of a beat, which turn one soon after the other.
        """
        noise = temperature * generator.gumbel(size=(steps, CODES))
        by_beat = generator.uniform(*_TURNS, -(-steps // beat))
        stray = generator.uniform(-_STRAY, _STRAY, steps)
        turns = np.repeat(by_beat, beat)[:steps] + stray
        return cls(noise, np.clip(turns, *_EARLIEST_AND_LATEST))


@dataclass(frozen=True, slots=True)
class MelodyLocks:
    """What holds between the ends, whatever the model wants."""

    allowed: Booleans
    """Which codes may be played at all, (66,); silence and holding always may."""
    kept: Integers
    """The codes of what is played whatever the others say, else ``FREE``, (bars, steps)."""

    def banned(self, bar: int) -> Doubles:
        """What is added to the scores of a bar: 0, and −∞ where a code may not be, (steps, 66)."""
        kept = self.kept[bar][:, None]
        may = np.where(kept == FREE, self.allowed, np.arange(CODES) == kept)
        return np.where(may, 0.0, _FORBIDDEN)


def hear_bars(bars: Integers, listener: Model, cancel: Cancel) -> Floats:
    """The places of bars (bars, steps) of codes, (bars, numbers); see :func:`distributions_of`."""
    return distributions_of(bars, listener, cancel)[0]


def distributions_of(bars: Integers, listener: Model, cancel: Cancel) -> tuple[Floats, Floats]:
    """The means and standard deviations of the places of bars (bars, steps), (bars, numbers) each.

    Raises:
        ModelMissingError: if the model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    _require_codec(listener)
    told, counted = features_of(bars)
    parts = [
        listener.run(
            {"codes": told[first : first + _AT_ONCE], "counted": counted[first : first + _AT_ONCE]},
            cancel,
        )
        for first in range(0, len(bars), _AT_ONCE)
    ]
    mean, spread = (np.concatenate([part[name] for part in parts]) for name in ("mean", "spread"))
    return mean, spread


def played_at(places: Floats, steps: int, player: Model, cancel: Cancel) -> Floats:
    """The logits of the 66 codes at places (places, numbers): (places, steps, 66).

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
    return logits


def walk(
    first: MelodyStop,
    last: MelodyStop,
    parts: Sequence[float],
    models: LineModels,
    chances: Sequence[MelodyChance],
    *,
    locks: MelodyLocks,
    cancel: Cancel,
    report: Callable[[float], None] = lambda _: None,
) -> tuple[MelodyStop, ...]:
    """Melodies on the way from the first to the last, each as far on it as is wanted.

    As with drums the model plays a fine row of places on the way between each bar's two, bent to
    what the ends play, and those points are taken whose distances to both ends are the most even.
    Keys that lie outside the scale of an end cost the more the nearer the end is.

    Args:
        first: Where it begins, with as many bars as the last.
        last: Where it ends.
        parts: How far on the way each melody is, rising from 0 to 1; the ends are the first and
            the last themselves.
        models: Who hears and plays.
        chances: The one is taken whose way is the most usual; of many bars fewer are tried.
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
    which = which.ravel()
    chances = chances[: max(1, _MOST_TRIED // len(once))]
    ways = np.empty((len(LOYALTIES), len(chances), FINE, len(once), steps), np.int16)
    surprise = np.zeros((len(LOYALTIES), len(chances)))
    along = np.linspace(0.0, 1.0, FINE)[:, None]
    tint = (1.0 - along) * first.tint + along * last.tint  # (fine, codes)
    likeliest = np.full((FINE, 3), -np.inf)  # How near a note is, and its bar and step.
    keys = np.zeros(FINE, np.int64)
    for number, bar in enumerate(once.tolist()):
        ends = (first.bars[bar], last.bars[bar])
        places = _on_the_way(first.places[bar], last.places[bar], FINE)
        logits = played_at(places, steps, models.player, cancel)
        fixed = logits + locks.banned(bar) - tint[:, None]
        for lot, chance in enumerate(chances):
            turns = in_turn(*ends, chance.turns)
            for kind, costs in enumerate(LOYALTIES):
                scores = _bent(fixed + chance.noise, ends, turns, costs)
                ways[kind, lot, :, number] = scores.argmax(axis=-1)
        _note_likeliest(scores, bar, likeliest, keys)
        for kind, some in enumerate(ways[..., number, :]):
            found = _surprise(some.astype(np.int64), ends, models, cancel)
            surprise[kind] += (which == number).sum() * found
        report((number + 1) / len(once))
    usual = ways[np.arange(len(LOYALTIES)), surprise.argmin(axis=1)]
    fine = usual.astype(np.int64)[:, :, which]
    way, chosen = _most_even(settled_rows(fine), np.asarray(parts, np.float64))
    stops = [first]
    for point in chosen[1:-1].tolist():
        played = way[point]
        if not (played >= FIRST_KEY).any():
            played = played.copy()
            bar, step = likeliest[point, 1:].astype(np.int64).tolist()
            played[bar, step] = keys[point]
        part = point / (FINE - 1)
        stops.append(
            MelodyStop(played, between(first.places, last.places, part), tint[point].copy())
        )
    return (*stops, last)


def in_turn(first: Integers, last: Integers, turns: Doubles) -> Doubles:
    """The turns (steps,) in an order in which notes grow and shrink at their ends.

    Where one end is silent and the other has a note, a note that grows turns first where it
    begins, and one that shrinks first where it ends.
    """
    turns = turns.copy()
    for silent, other, sign in ((first, last, 1.0), (last, first, -1.0)):
        sounds = (silent == SILENT) & (other != SILENT)
        begins = sounds & ((other >= FIRST_KEY) | ~np.concatenate([[False], sounds[:-1]]))
        note = np.where(sounds, np.cumsum(begins), 0)
        for number in range(1, int(note.max()) + 1):
            turns[note == number] = sign * np.sort(sign * turns[note == number])
    return turns


def settled_rows(bars: Integers) -> Integers:
    """Melodies (…, bars, steps) in which nothing is held that is not there."""
    *rest, count, steps = bars.shape
    return settled(bars.reshape(*rest, count * steps)).reshape(bars.shape)


def _bent(
    free: Doubles, ends: tuple[Integers, Integers], turns: Doubles, costs: tuple[float, float]
) -> Doubles:
    """What decides what is played, (points, steps, 66): the highest of a step."""
    return bent(free - _disloyal(*ends, costs), *ends, turns)


def _surprise(
    ways: Integers, ends: tuple[Integers, Integers], models: LineModels, cancel: Cancel
) -> Doubles:
    """How surprising the bars are that some ways (ways, points, steps) lead through, (ways,).

    What surprises is what a bar's place tells, what it does not tell of the bar, and notes that
    are more or fewer than they should be on the way from one end to the other.
    """
    points = [round(part * (ways.shape[1] - 1)) for part in _TRIED]
    bars = settled(ways[:, points]).reshape(-1, ways.shape[2])
    mean, spread = distributions_of(bars, models.listener, cancel)
    logits = played_at(mean, bars.shape[1], models.player, cancel).astype(np.float64)
    logits -= logits.max(axis=-1, keepdims=True)
    of_code = np.take_along_axis(logits, bars[..., None], axis=-1)[..., 0]
    untold = (np.log(np.exp(logits).sum(axis=-1)) - of_code).sum(axis=-1)
    told = 0.5 * (mean**2 + spread**2 - 1.0 - 2.0 * np.log(spread)).sum(axis=-1)
    notes = (bars >= FIRST_KEY).sum(axis=-1).reshape(len(ways), -1)
    first, last = ((end >= FIRST_KEY).sum() for end in ends)
    missed = np.abs(notes - (first + (last - first) * np.array(_TRIED)))
    surprise = (untold + told).reshape(len(ways), -1) + NATS_OF_A_NOTE * missed
    return np.asarray(surprise.mean(axis=1), np.float64)


def _disloyal(first: Integers, last: Integers, costs: tuple[float, float]) -> Doubles:
    """What each code of a bar costs that is neither end's, (steps, 66)."""
    codes = np.arange(CODES)
    neither = (codes != first[:, None]) & (codes != last[:, None])
    cost = np.where((first == last)[:, None], costs[0], costs[1])
    return np.asarray(np.where(neither, cost, 0.0), np.float64)


def _note_likeliest(scores: Doubles, bar: int, likeliest: Doubles, keys: Integers) -> None:
    """Keep for each point the note that is the nearest to being played, if it is of this bar."""
    silence = scores[:, :, :FIRST_KEY].max(axis=-1, keepdims=True)
    # Where a key is kept something is played anyhow, and no other is asked for.
    nearness = scores[:, :, FIRST_KEY:] - np.where(np.isfinite(silence), silence, 0.0)
    flat = nearness.reshape(len(scores), -1)
    best = flat.argmax(axis=1)
    found = flat[np.arange(len(scores)), best]
    step, key = np.divmod(best, CODES - FIRST_KEY)
    better = found > likeliest[:, 0]
    told = np.stack([found, np.full(len(found), float(bar)), step.astype(np.float64)], axis=1)
    likeliest[better] = told[better]
    keys[better] = key[better] + FIRST_KEY


def _on_the_way(first: Floats, last: Floats, points: int) -> Floats:
    """Places on the way from one to another, (points, numbers)."""
    parts = np.linspace(0.0, 1.0, points)
    return between(np.tile(first, (points, 1)), np.tile(last, (points, 1)), parts)


def _most_even(ways: Integers, parts: Doubles) -> tuple[Integers, Integers]:
    """The first of some fine ways (ways, fine, bars, steps) that is even, else the most even one.

    Returns:
        It, (fine, bars, steps), and which of its points are taken, (points,).
    """
    found = []
    for way in ways:
        apart = [(way != end).sum(axis=(1, 2)).astype(np.float64) for end in (way[0], way[-1])]
        plays = np.asarray((way >= FIRST_KEY).any(axis=(1, 2)), np.bool_)
        chosen, uneven = even_points(apart[0], apart[1], plays, parts)
        found.append((uneven, way, chosen))
        if uneven <= UNEVEN:
            return way, chosen
    _, way, chosen = min(found, key=lambda each: each[0])
    return way, chosen


def _require_codec(model: Model) -> None:
    require_codec(model.manifest, CODEC_ID)
