"""Interpolate: the way from one drum clip to another, or the square between four."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from bridge.engine.cancel import Cancel
from bridge.errors import BadRequestError
from bridge.music.clip import Clip, Take
from bridge.music.drumkit import Kit
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Interpolate
from bridge.tools.blending import Ear, Heard, Manner, hear_clip, perform_between
from bridge.tools.groove import Feel, listen
from bridge.tools.keeping import Kept
from bridge.tools.score_paths import Chance, Locks, Stop, hear, walk
from bridge.tools.squares import TWO, Spot, require_corners, spots_between

_WALKING_PART: Final = 0.8
"""Of the work; the rest is to perform what was found."""


def read_corners(clips: tuple[Clip, ...], takes: int, kit: Kit) -> tuple[Heard, ...]:
    """Two clips or four as they are heard, all with as many bars as the longest.

    Raises:
        BadRequestError: if they do not go together, or not with the number of takes.
        NoNotesError: if one of them has no note that sounds.
        TooLongError: if one of them is too long.
    """
    require_corners(len(clips), takes)
    metres = [(clip.numerator, clip.denominator) for clip in clips]
    for metre in metres:
        if metre != metres[0]:
            raise BadRequestError(
                f"The clips are in {metres[0][0]}/{metres[0][1]} and {metre[0]}/{metre[1]}."
                " Interpolate needs the same time signature in all of them."
            )
    corners = [hear_clip(clip, kit, "Interpolate") for clip in clips]
    longest = max(len(corner.bars) for corner in corners)
    return tuple(
        replace(corner, bars=np.resize(corner.bars, (longest, corner.bars.shape[1])))
        for corner in corners
    )


def play_interpolation(
    request: Interpolate,
    corners: tuple[Heard, ...],
    keep: Clip | None,
    kit: Kit,
    ear: Ear,
    *,
    cancel: Cancel,
    report: Callable[[float], None],
) -> tuple[Take, ...]:
    """Takes from the first clip to the last, or row by row the square between four.

    The clips themselves are the first take and the last, or the four corners: a b above, c d below.

    Args:
        request: How many takes, and of what kind; its ids are not looked at.
        corners: As :func:`read_corners` gives them.
        keep: Whose notes stay in every take between the clips; None for no notes.
        kit: Which pitch plays which piece.
        ear: Who hears and plays.
        cancel: Asked before every run of a model.
        report: Told the part of the work that is done, 0–1.

    Raises:
        TooLongError: if so many notes are kept that no clip holds them.
        ModelMissingError: if a model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    bars = corners[0].bars
    kept = Kept.lay(keep, kit, bars.size * TICKS_PER_SIXTEENTH, bars.size)
    locks = Locks(request.pieces, request.most, kept.codes.reshape(bars.shape))
    chance = Chance.drawn(
        np.random.default_rng(request.seed),
        bars.shape[1],
        request.temperature,
    )

    def way(
        first: Stop, last: Stop, parts: list[float], report: Callable[[float], None]
    ) -> tuple[Stop, ...]:
        return walk(
            first, last, parts, ear.places, chance, locks=locks, cancel=cancel, report=report
        )

    spots = spots_between(
        request.steps,
        [hear(corner.bars, ear.bars, cancel) for corner in corners],
        way,
        lambda part: report(_WALKING_PART * part),
    )
    feels = [listen(corner.clip, kit, ear.feel, cancel) for corner in corners]
    takes = []
    for index, spot in enumerate(spots):
        cancel.check()
        if max(spot.weights) == 1.0:
            clip = corners[spot.weights.index(1.0)].clip
        else:
            # Every take is played with the same chance: it changes with its hits and feel alone.
            feel = _feel_at(spot, feels)
            manner = Manner(feel, ear.drummer, kit, request.temperature, request.seed)
            score = kept.beside(spot.score.bars.reshape(-1))
            clip = perform_between(score, corners, spot.weights, manner, cancel)
            clip = clip.with_notes(kept.among(clip.notes))
        takes.append(Take(index, request.seed, clip))
        report(_WALKING_PART + (1.0 - _WALKING_PART) * (index + 1) / len(spots))
    return tuple(takes)


def _feel_at(spot: Spot[Stop], feels: list[Feel]) -> Feel:
    """The feel between those of the corners, across first and then down."""
    if len(feels) > TWO:
        above, below = (_joined(feels[n : n + 2], spot.weights[n : n + 2]) for n in (0, 2))
        down = sum(spot.weights[2:])
        return _joined([above, below], (1.0 - down, down))
    return _joined(feels, spot.weights)


def _joined(feels: list[Feel], weights: tuple[float, ...]) -> Feel:
    whole = sum(weights)
    part = weights[1] / whole if whole > 0 else 0.0
    first, last = feels
    return Feel(
        ((1.0 - part) * first.mean + part * last.mean).astype(np.float32),
        ((1.0 - part) * first.spread + part * last.spread).astype(np.float32),
    )
