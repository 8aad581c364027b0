"""Interpolate: the way from one drum clip to another, or the square between four."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Model
from bridge.errors import BadRequestError
from bridge.music.clip import Clip, Take
from bridge.music.drumkit import Kit
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Interpolate
from bridge.tools.blending import Ear, Heard, Manner, hear_clip, perform_between
from bridge.tools.groove import Feel, listen
from bridge.tools.keeping import Kept
from bridge.tools.score_paths import Chance, Locks, Stop, hear, walk

SQUARES: Final = (9, 16)
"""How many takes there are between four clips: three by three, or four by four."""

_WALKING_PART: Final = 0.8
"""Of the work; the rest is to perform what was found."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A take on the way."""

    score: Stop
    weights: tuple[float, ...]
    """How much of each corner is in it; together 1."""


@dataclass(frozen=True, slots=True)
class Walk:
    """What all ways of a request have in common."""

    player: Model
    chance: Chance
    locks: Locks
    cancel: Cancel


def read_corners(clips: tuple[Clip, ...], takes: int, kit: Kit) -> tuple[Heard, ...]:
    """Two clips or four as they are heard, all with as many bars as the longest.

    Raises:
        BadRequestError: if they do not go together, or not with the number of takes.
        NoNotesError: if one of them has no note that sounds.
        TooLongError: if one of them is too long.
    """
    if len(clips) not in {2, 4}:
        raise BadRequestError(
            f"Interpolate goes between two clips or four, not {len(clips)}. Name both c and d, or"
            " neither."
        )
    if len(clips) > len(_ENDS) and takes not in SQUARES:
        raise BadRequestError(
            f"Four clips make a square of 9 or 16 takes, not {takes}. Choose 9 or 16 steps."
        )
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
    spots = _spots(
        request.steps,
        [hear(corner.bars, ear.bars, cancel) for corner in corners],
        Walk(ear.places, chance, locks, cancel),
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


_ENDS: Final = (0, 1)


def _spots(
    takes: int,
    ends: list[Stop],
    walker: Walk,
    report: Callable[[float], None],
) -> tuple[Spot, ...]:
    """Where the takes lie: on one way, or on the rows of a square whose sides are ways."""

    def way(first: Stop, last: Stop, points: int, begun: float, share: float) -> tuple[Stop, ...]:
        return walk(
            first,
            last,
            np.linspace(0.0, 1.0, points).tolist(),
            walker.player,
            walker.chance,
            locks=walker.locks,
            cancel=walker.cancel,
            report=lambda part: report(begun + share * part),
        )

    if len(ends) == len(_ENDS):
        parts = np.linspace(0.0, 1.0, takes).tolist()
        walked = way(ends[0], ends[1], takes, 0.0, 1.0)
        return tuple(
            Spot(stop, (1.0 - part, part)) for stop, part in zip(walked, parts, strict=True)
        )
    side = int(takes**0.5)
    parts = np.linspace(0.0, 1.0, side).tolist()
    share = 1.0 / (side + 2)
    left = way(ends[0], ends[2], side, 0.0, share)
    right = way(ends[1], ends[3], side, share, share)
    spots = []
    for row, (first, last) in enumerate(zip(left, right, strict=True)):
        down = parts[row]
        for stop, across in zip(
            way(first, last, side, (row + 2) * share, share), parts, strict=True
        ):
            above, below = 1.0 - down, down
            near, far = 1.0 - across, across
            spots.append(Spot(stop, (above * near, above * far, below * near, below * far)))
    return tuple(spots)


def _feel_at(spot: Spot, feels: list[Feel]) -> Feel:
    """The feel between those of the corners, across first and then down."""
    if len(feels) > len(_ENDS):
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
