"""Interpolate between pitched clips: the line is morphed, its feel and the other voices follow."""

from collections.abc import Callable
from typing import Final

import numpy as np

from bridge.codecs.melodybar import (
    CODES,
    FIRST_KEY,
    LONGEST,
    Integers,
    bars_of,
    coded,
    decoded,
    keys_of_codes,
)
from bridge.engine.cancel import Cancel
from bridge.errors import BadRequestError
from bridge.music.clip import Clip, Take, is_compound
from bridge.music.key import key_of_notes
from bridge.music.pitchlock import PitchLock
from bridge.protocol.messages import Interpolate
from bridge.tools import line_playing, melody_paths
from bridge.tools.line_playing import Bounds, KeptNotes, play_between
from bridge.tools.lines import HeardLine, Steps, hear_lines
from bridge.tools.melody_paths import (
    LineModels,
    MelodyChance,
    MelodyLocks,
    MelodyStop,
    hear_bars,
    walk,
)
from bridge.tools.squares import require_corners, spots_between
from bridge.tools.voices import Doubles, fitted

CHANCES: Final = 24
"""So many chances are drawn, of which a way takes the one that leads through the most usual."""
OUT_OF_KEY: Final = 10.0
"""Nats that a key costs which does not belong to an end's scale, at that end."""
UNUSED: Final = 2.0
"""Nats that one costs which belongs to it, but which the end does not play."""

_WALKING_PART: Final = 0.9
"""Of the work; the rest is to perform what was found."""


def read_line_corners(clips: tuple[Clip, ...], takes: int) -> tuple[HeardLine, ...]:
    """Two pitched clips or four as they are heard, all with as many bars as the longest.

    Bars are those of the first clip's metre; see :func:`bridge.tools.lines.hear_lines`.

    Raises:
        BadRequestError: if they do not go together, or not with the number of takes.
        NoNotesError: if one of them has no note that sounds.
        TooLongError: if one of them is too long.
    """
    require_corners(len(clips), takes)
    if any(clip.drums for clip in clips):
        raise BadRequestError(
            "Interpolate goes from drums to drums or from notes to notes, not from one to the"
            " other. Take clips of one kind."
        )
    return hear_lines(clips, LONGEST)


def play_pitched_interpolation(
    request: Interpolate,
    corners: tuple[HeardLine, ...],
    lock: PitchLock,
    keep: Clip | None,
    models: LineModels,
    *,
    cancel: Cancel,
    report: Callable[[float], None],
) -> tuple[Take, ...]:
    """Takes from the first clip to the last, or row by row the square between four.

    The clips themselves are the first take and the last, or the four corners: a b above, c d below.

    Args:
        request: How many takes, and of what kind; its ids are not looked at.
        corners: As :func:`read_line_corners` gives them.
        lock: Which keys may be played between the clips.
        keep: Whose notes stay in every take between the clips; None for no notes.
        models: Who hears and plays.
        cancel: Asked before every run of a model.
        report: Told the part of the work that is done, 0–1.

    Raises:
        TooLongError: if so many notes are kept that no clip holds them.
        ModelMissingError: if a model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    steps_per_bar, steps = corners[0].steps_per_bar, len(corners[0].codes)
    kept = KeptNotes.lay(keep, steps)
    lines = [bound_line(corner.codes, lock) for corner in corners]
    middle = middle_of(lines)
    locks = locks_of(lock, kept.codes, middle, steps_per_bar)
    generator = np.random.default_rng(request.seed)
    chances = chances_of(generator, corners[0].clip, steps_per_bar, request.temperature)
    bounds = Bounds(lock, request.most, kept, generator.random((len(corners), steps)))

    def end_of(corner: HeardLine, line: Steps) -> MelodyStop:
        bars = bars_of(coded(line, middle), steps_per_bar)
        places = hear_bars(bars, models.listener, cancel)
        return MelodyStop(bars, places, tint_of(corner.clip, middle))

    def way(
        first: MelodyStop, last: MelodyStop, parts: list[float], report: Callable[[float], None]
    ) -> tuple[MelodyStop, ...]:
        return walk(first, last, parts, models, chances, locks=locks, cancel=cancel, report=report)

    spots = spots_between(
        request.steps,
        [end_of(corner, line) for corner, line in zip(corners, lines, strict=True)],
        way,
        lambda part: report(_WALKING_PART * part),
    )
    takes = []
    for index, spot in enumerate(spots):
        cancel.check()
        if max(spot.weights) == 1.0:
            clip = corners[spot.weights.index(1.0)].clip
        else:
            line = decoded(spot.score.bars.reshape(-1), middle)
            clip = play_between(line, corners, spot.weights, bounds)
        takes.append(Take(index, request.seed, clip))
        report(_WALKING_PART + (1.0 - _WALKING_PART) * (index + 1) / len(spots))
    return tuple(takes)


def bound_line(codes: Steps, lock: PitchLock) -> Steps:
    """A line (steps,) with every key moved to the nearest one that may be played."""
    moved = {int(key): fitted(int(key), lock) for key in np.unique(codes[codes >= 0])}
    return np.array([moved.get(code, code) for code in codes.tolist()], np.int64)


def middle_of(lines: list[Steps]) -> int:
    """The key half way between the lowest and the highest of some lines."""
    keys = np.concatenate([line[line >= 0] for line in lines])
    return (int(keys.min()) + int(keys.max())) // 2


def locks_of(lock: PitchLock, kept: Steps, middle: int, steps_per_bar: int) -> MelodyLocks:
    """The locks on codes that are counted from a middle."""
    keys = keys_of_codes(middle)
    allowed = np.array([key in lock for key in keys.tolist()]) & (keys >= 0)
    allowed[:FIRST_KEY] = True
    free = kept == line_playing.FREE
    codes = np.where(free, melody_paths.FREE, coded(np.where(free, 0, kept), middle))
    return MelodyLocks(np.asarray(allowed, np.bool_), codes.reshape(-1, steps_per_bar))


def tint_of(clip: Clip, middle: int) -> Doubles:
    """What each code costs for lying outside the key that is heard in a clip, in nats, (66,)."""
    sounding = [note for note in clip.notes if not note.mute]
    scale = key_of_notes(sounding).scale
    used = {note.pitch % 12 for note in sounding}
    cost = np.zeros(CODES)
    for code, key in enumerate(keys_of_codes(middle).tolist()):
        if key >= 0 and key % 12 not in used:
            cost[code] = UNUSED if key in scale else OUT_OF_KEY
    return cost


def chances_of(
    generator: np.random.Generator, clip: Clip, steps_per_bar: int, temperature: float
) -> list[MelodyChance]:
    """Chances for bars of a clip's metre, of which a way takes one; see :class:`MelodyChance`."""
    beat = 6 if is_compound(clip.numerator, clip.denominator) else 4
    return [MelodyChance.drawn(generator, steps_per_bar, temperature, beat) for _ in range(CHANCES)]


def bars_between(
    ends: tuple[MelodyStop, MelodyStop],
    parts: list[float],
    models: LineModels,
    frame: Clip,
    seed: int,
) -> Integers:
    """The codes (parts, bars, steps) of a way without locks at temperature 1, for measuring."""
    steps = ends[0].bars.shape[1]
    chances = chances_of(np.random.default_rng(seed), frame, steps, 1.0)
    free = np.full(ends[0].bars.shape, melody_paths.FREE)
    locks = MelodyLocks(np.ones(CODES, np.bool_), free)
    stops = walk(*ends, parts, models, chances, locks=locks, cancel=Cancel())
    return np.stack([stop.bars for stop in stops])
