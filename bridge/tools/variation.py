"""Beats near a clip: as far from it as is wanted, on the way to a beat that nobody has heard."""

from collections.abc import Callable
from typing import Final

import numpy as np

from bridge.codecs.drumbar import Integers
from bridge.codecs.drumscore import CODES
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Model
from bridge.music.clip import Clip, Take
from bridge.music.drumkit import Kit
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Generate
from bridge.tools.blending import Ear, Heard, Manner, perform_between
from bridge.tools.groove import SEEDS, listen
from bridge.tools.keeping import Kept
from bridge.tools.score_paths import Chance, Locks, Stop, hear, played_at, walk

SHARED: Final = 0.9
"""So much of the variance of where a take goes is common to its bars: it is one idea."""


def play_near(
    request: Generate,
    near: Heard,
    keep: Clip | None,
    kit: Kit,
    ear: Ear,
    *,
    cancel: Cancel,
    report: Callable[[float], None],
) -> tuple[Take, ...]:
    """Takes near a clip, with its length, metre, tempo and feel.

    Args:
        request: How many takes, how far from the clip, and of what kind; its ids are not looked at.
        near: What they are near to.
        keep: Whose notes stay in every take; None for no notes.
        kit: Which pitch plays which piece.
        ear: Who hears and plays.
        cancel: Asked before every run of a model.
        report: Told the part of the work that is done, 0–1.

    Raises:
        TooLongError: if so many notes are kept that no clip holds them.
        ModelMissingError: if a model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    steps = near.bars.size
    kept = Kept.lay(keep, kit, steps * TICKS_PER_SIXTEENTH, steps)
    locks = Locks(request.pieces, request.most, kept.codes.reshape(near.bars.shape))
    place = hear(near.bars, ear.bars, cancel)
    feel = listen(near.clip, kit, ear.feel, cancel)
    part = request.distance / 100.0
    takes = []
    for index in range(request.takes):
        seed = (request.seed + index) % SEEDS
        bars = vary(
            place,
            part,
            np.random.default_rng(seed),
            ear.places,
            temperature=request.temperature,
            locks=locks,
            cancel=cancel,
        )
        manner = Manner(feel, ear.drummer, kit, request.temperature, seed)
        codes = kept.beside(bars.reshape(-1))
        played = perform_between(codes, (near,), (1.0 - part,), manner, cancel)
        takes.append(Take(index, seed, played.with_notes(kept.among(played.notes))))
        report((index + 1) / request.takes)
    return tuple(takes)


def vary(
    near: Stop,
    part: float,
    generator: np.random.Generator,
    player: Model,
    *,
    temperature: float,
    locks: Locks,
    cancel: Cancel,
) -> Integers:
    """A score near another, as codes (bars, steps).

    It lies on the way to a score drawn from all that the model knows; bars that are the same stay
    the same, and the others go alike.

    Args:
        near: Where it begins.
        part: How far it goes: 0 stays, 1 arrives.
        generator: The chance of the take: where it goes, and what is struck there.
        player: The interpolate model.
        temperature: 0 takes the likeliest.
        locks: These hold even where nothing is changed.
        cancel: Asked before every run of the model.

    Raises:
        ModelMissingError: if the model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    bars, numbers = near.places.shape
    steps = near.bars.shape[1]
    chance = Chance.drawn(generator, steps, temperature)
    _, once, which = np.unique(near.bars, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(once))  # Bars by where they come first, not by their codes.
    common = generator.standard_normal(numbers)
    own = generator.standard_normal((len(once), numbers))[order]
    places = np.sqrt(SHARED) * common + np.sqrt(1.0 - SHARED) * own
    far = np.asarray(places, np.float32)[which.ravel()]
    first, last = near.bars.copy(), near.bars.copy()
    for bar in range(bars):
        here, there = played_at(np.stack([near.places[bar], far[bar]]), steps, player, cancel)
        banned = locks.banned(bar)
        # What may not be as it is goes on without some of its pieces, or with those kept.
        codes = np.arange(CODES) & ~(first[bar] | locks.kept[bar])[:, None]
        fewer = np.where(codes == 0, here + chance.noise + banned, -np.inf)
        allowed = np.isfinite(banned[np.arange(steps), first[bar]])
        first[bar] = np.where(allowed, first[bar], fewer.argmax(axis=-1))
        last[bar] = (there + chance.noise + banned).argmax(axis=-1)
    ends = Stop(first, near.places), Stop(last, far)
    parts = (0.0, part, 1.0)
    _, middle, _ = walk(*ends, parts, player, chance, locks=locks, cancel=cancel)
    return middle.bars
