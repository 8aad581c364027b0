"""Interpolate: the way from one drum clip to another, or the square between four."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from bridge.codecs.drumbar import LONGEST, Integers, bars_of
from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import codes_of, forbidden, hits_of
from bridge.codecs.hits import MAIN, read_hits
from bridge.codecs.playing import perform
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Model
from bridge.engine.latent import between
from bridge.errors import BadRequestError, NoNotesError, TooLongError
from bridge.music.clip import Clip, Note, Take
from bridge.music.drumkit import Kit, Piece
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Groove, Interpolate
from bridge.tools.groove import Feel, draw_playing, listen, read_score
from bridge.tools.score_paths import Chance, Stop, hear, walk

MOST_BARS: Final = 128
"""Of a clip; thirty-two are what people have."""

SQUARES: Final = (9, 16)
"""How many takes there are between four clips: three by three, or four by four."""

_WALKING_PART: Final = 0.8
"""Of the work; the rest is to perform what was found."""

Stroke = tuple[float, float]
"""How late, in steps, and how strong, 0–1."""


@dataclass(frozen=True, slots=True)
class Ear:
    """The models that hear and play bars and their feel."""

    bars: Model
    """Hears where bars lie."""
    places: Model
    """Says what is hit at a place."""
    feel: Model
    """Hears how a clip is played."""
    drummer: Model
    """Plays with a feel."""


@dataclass(frozen=True, slots=True)
class Corner:
    """A clip that is given, as it is heard."""

    clip: Clip
    bars: Integers
    """Codes, (bars, steps of a bar)."""
    strokes: dict[tuple[int, int], Stroke]
    """How the hit of each step and piece is played."""
    pitches: dict[Piece, int]
    """The pitch that plays each piece most."""

    @property
    def steps(self) -> int:
        """From its beginning to the end of its last bar."""
        return self.bars.size

    def stroke(self, step: int, piece: int) -> Stroke | None:
        """How it plays a cell, the clip going round; None where it does not."""
        return self.strokes.get((step % self.steps, piece))


@dataclass(frozen=True, slots=True)
class Spot:
    """A take on the way."""

    score: Stop
    weights: tuple[float, ...]
    """How much of each corner is in it; together 1."""


def read_corners(clips: tuple[Clip, ...], takes: int, kit: Kit) -> tuple[Corner, ...]:
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
    corners = [_read_corner(clip, kit) for clip in clips]
    longest = max(len(corner.bars) for corner in corners)
    return tuple(
        replace(corner, bars=np.resize(corner.bars, (longest, corner.bars.shape[1])))
        for corner in corners
    )


def play_interpolation(
    request: Interpolate,
    corners: tuple[Corner, ...],
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
        kit: Which pitch plays which piece.
        ear: Who hears and plays.
        cancel: Asked before every run of a model.
        report: Told the part of the work that is done, 0–1.

    Raises:
        ModelMissingError: if a model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    chance = Chance.drawn(
        np.random.default_rng(request.seed),
        corners[0].bars.shape[1],
        request.temperature,
        forbidden(request.pieces, request.most),
    )
    spots = _spots(
        request.steps,
        [hear(corner.bars, ear.bars, cancel) for corner in corners],
        ear,
        chance,
        cancel,
        lambda part: report(_WALKING_PART * part),
    )
    feels = [listen(corner.clip, kit, ear.feel, cancel) for corner in corners]
    takes = []
    for index, spot in enumerate(spots):
        cancel.check()
        if max(spot.weights) == 1.0:
            clip = corners[spot.weights.index(1.0)].clip
        else:
            feel = _feel_at(spot, feels)
            clip = _performed(request, spot, corners, feel, kit, drummer=ear.drummer, cancel=cancel)
        takes.append(Take(index, request.seed, clip))
        report(_WALKING_PART + (1.0 - _WALKING_PART) * (index + 1) / len(spots))
    return tuple(takes)


_ENDS: Final = (0, 1)


def _read_corner(clip: Clip, kit: Kit) -> Corner:
    if not clip.drums:
        raise BadRequestError(
            "Interpolate plays drums, and one of these is no drum clip. Take clips of drum tracks."
        )
    steps_per_bar, rest = divmod(clip.ticks_per_bar, TICKS_PER_SIXTEENTH)
    if rest or not 1 <= steps_per_bar <= LONGEST:
        raise BadRequestError(
            f"Interpolate knows bars of 1 to {LONGEST} sixteenths, and {clip.numerator}/"
            f"{clip.denominator} is none of them. Choose another time signature."
        )
    first, end = (clip.loop_start, clip.end_of_loop) if clip.looping else (0, clip.length)
    bars = max(1, -(-(end - first) // clip.ticks_per_bar))
    if bars > MOST_BARS:
        raise TooLongError(
            f"A clip has {bars:,} bars; Interpolate takes up to {MOST_BARS}. Loop a part of it."
        )
    hits = read_hits(clip, kit.piece_or_timekeeper)
    if not len(hits.note):
        raise NoNotesError("One of the clips has no note that sounds. Draw or record a beat first.")
    step = hits.step - first // TICKS_PER_SIXTEENTH
    inside = (step >= 0) & (step < bars * steps_per_bar)
    if not inside.any():
        raise NoNotesError("One of the clips has no note that sounds within its loop.")
    struck = np.zeros((bars * steps_per_bar, PIECES), np.bool_)
    struck[step[inside], hits.piece[inside]] = True
    strokes = {}
    # Where several notes share a cell the main one, told last, is how the cell is played.
    for hit in sorted(np.flatnonzero(inside).tolist(), key=lambda hit: int(hits.kind[hit] == MAIN)):
        late = float(np.clip(hits.offset[hit], -0.5, 0.5))
        strokes[int(step[hit]), int(hits.piece[hit])] = (late, float(hits.velocity[hit]))
    return Corner(clip, bars_of(codes_of(struck), steps_per_bar), strokes, _pitches(clip, kit))


def _pitches(clip: Clip, kit: Kit) -> dict[Piece, int]:
    played = Counter(note.pitch for note in clip.notes if not note.mute)
    return {kit.piece_or_timekeeper(pitch): pitch for pitch, _ in reversed(played.most_common())}


def _spots(
    takes: int,
    ends: list[Stop],
    ear: Ear,
    chance: Chance,
    cancel: Cancel,
    report: Callable[[float], None],
) -> tuple[Spot, ...]:
    """Where the takes lie: on one way, or on the rows of a square whose sides are ways."""

    def way(first: Stop, last: Stop, points: int, begun: float, share: float) -> tuple[Stop, ...]:
        return walk(
            first,
            last,
            points,
            ear.places,
            chance,
            cancel=cancel,
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
        between(first.mean, last.mean, part),
        ((1.0 - part) * first.spread + part * last.spread).astype(np.float32),
    )


def _performed(
    request: Interpolate,
    spot: Spot,
    corners: tuple[Corner, ...],
    feel: Feel,
    kit: Kit,
    *,
    drummer: Model,
    cancel: Cancel,
) -> Clip:
    """A score as the drummers of the corners would play it, each as much as his part."""
    codes = spot.score.bars.reshape(-1)
    cells = np.argwhere(hits_of(codes) > 0).tolist()
    nearest = sorted(range(len(corners)), key=lambda corner: -spot.weights[corner])
    pitches = {piece: kit.pitch_of(piece) for piece in Piece}
    for corner in reversed(nearest):
        pitches |= corners[corner].pitches
    stiff = replace(
        corners[0].clip,
        notes=tuple(
            Note(pitches[Piece(piece)], step * TICKS_PER_SIXTEENTH, TICKS_PER_SIXTEENTH)
            for step, piece in cells
        ),
        length=len(codes) * TICKS_PER_SIXTEENTH,
        loop_start=0,
        loop_end=None,
        looping=True,
        name="",
    )
    score = read_score(stiff, kit)
    if score is None:
        return stiff
    wish = Groove(
        id=request.id,
        clip=request.a,
        # What is hit may be wild; how it is hit stays human.
        temperature=min(1.0, request.temperature),
    )
    # Every take is played with the same chance, so that it changes with its hits and feel alone.
    chance = np.random.default_rng([request.seed, 1])
    late, strong = draw_playing(score, feel, wish, drummer, chance, cancel)
    drawn_late, drawn_strong = late.copy(), strong.copy()
    for hit, (step, piece) in enumerate(cells):
        for given, weight in zip(corners, spot.weights, strict=True):
            known = given.stroke(step, piece)
            if known is not None:
                late[hit] += weight * (known[0] - drawn_late[hit])
                strong[hit] += weight * (known[1] - drawn_strong[hit])
    return perform(stiff, score.hits, late, strong, 1.0)
