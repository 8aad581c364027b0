"""What a clip's playing is made of: its moments, their accents and timing, and which are alike."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from bridge.codecs.accents import accent_features, gaps_of, leaps_of
from bridge.codecs.moments import UNIT, Doubles, Integers, Moments, read_moments
from bridge.errors import NoNotesError
from bridge.music.clip import Clip, Note
from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH
from bridge.tools.playing_habits import Habit

MOST_MOMENTS: Final = 2048
"""Of a longer clip the last so many are heard."""
PATIENCE: Final = 20.0
"""Notes of a clip that weigh as much as what is known of players in general."""
FLAT: Final = 0.5
"""A deviation of the velocities below which a clip is flat."""
FEW_LEVELS: Final = 4
"""Velocities in a clip up to which they were set by hand, and are taken as they are."""
SWING_LIMIT: Final = 0.4 * TICKS_PER_SIXTEENTH
"""Ticks; what is farther from its place is an ornament and no habit."""

# The costs of taking one moment for another, chosen on the validation split of POP909.
PLACE_COST: Final = 1.0
BEAT_COST: Final = 1.5
STRENGTH_COST: Final = 0.6
SIZE_COST: Final = 0.8
LEAP_COST: Final = 2.0
GAP_COST: Final = 0.8
JOIN_COST: Final = 0.7
"""For each deviation by which the moment before was otherwise loud than the one drawn last."""
JUMP_COST: Final = 1.5
"""For not going on with the run."""
CHANCE: Final = 0.3
"""The temperature of the draw, over these costs."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The moments of a clip and how they were played; arrays of notes in the moments' order."""

    notes: tuple[Note, ...]
    moments: Moments
    velocity: Doubles
    features: Doubles
    """(notes, features)."""
    slopes: Doubles
    """What one of each feature means for the velocity, (features,)."""
    middle: float
    """The mean pitch."""
    remaining: Doubles
    """What of each moment's loudness its surroundings do not explain, in deviations, (moments,)."""
    curve: Doubles
    """How late each twelfth of a beat usually is, in ticks, (12,)."""
    late: Integers
    """Of each note, in ticks; an ornament is as late as its neighbours."""
    joint: Doubles
    """How long after the next onset each note ends, in ticks; NaN where it ends elsewhere."""
    unlike: Doubles
    """What moments are told apart by, (moments, numbers)."""


def hear(clip: Clip, habit: Habit) -> Heard:
    """How a clip is played.

    Args:
        clip: Played, drawn or quantised; muted notes do not count.
        habit: What is known of such players, for a clip that says little.

    Raises:
        NoNotesError: if no note of it sounds.
    """
    moments = read_moments(clip)
    if not len(moments):
        raise NoNotesError("The clip has no note that sounds. Draw or record some first.")
    if len(moments) > MOST_MOMENTS:
        return hear(_last_moments(clip, moments), habit)
    notes = tuple(clip.notes[index] for index in moments.note.tolist())
    velocity = np.array([note.velocity for note in notes], np.float64)
    middle = float(moments.pitch.mean())
    features = accent_features(moments, middle, clip.length)
    deviation, spread = velocity - velocity.mean(), float(velocity.std())
    slopes = np.zeros(features.shape[1])
    if spread >= FLAT and len(np.unique(velocity)) > FEW_LEVELS:
        slopes = spread * _slopes(features, deviation / spread, habit)
    unexplained = deviation - (features - features.mean(axis=0)) @ slopes
    curve = _curve(moments)
    usual = np.rint(curve[twelfth_of(moments)]).astype(np.int64)[moments.moment]
    return Heard(
        notes=notes,
        moments=moments,
        velocity=velocity,
        features=features,
        slopes=slopes,
        middle=middle,
        remaining=np.asarray(
            np.bincount(moments.moment, weights=unexplained) / moments.size / max(FLAT, spread)
        ),
        curve=curve,
        late=np.where(np.abs(moments.late) > SWING_LIMIT, usual, moments.late),
        joint=joints_of(moments),
        unlike=_told_apart_by(moments, clip),
    )


def draw_moments(
    heard: Heard, moments: Moments, frame: Clip, generator: np.random.Generator
) -> Integers:
    """For each moment one of those heard: the next of a run, or a like one that begins another.

    Args:
        heard: What there is to draw from.
        moments: What is to be played.
        frame: Whose end the last rest reaches to.
        generator: Draws.
    """
    theirs = heard.moments
    wanted = _told_apart_by(moments, frame)
    before = np.concatenate([heard.remaining[:1], heard.remaining[:-1]])
    last, following = float(heard.remaining[-1]), len(theirs)
    chosen = np.zeros(len(moments), np.int64)
    for turn in range(len(moments)):
        unlike = np.abs(heard.unlike - wanted[turn]).sum(axis=1)
        unlike += PLACE_COST * (theirs.position != moments.position[turn])
        unlike += BEAT_COST * ((theirs.place - moments.place[turn]) % TICKS_PER_BEAT != 0)
        cost = unlike + JOIN_COST * np.abs(before - last) + JUMP_COST
        if following < len(theirs):
            cost[following] = unlike[following]
        chosen[turn] = (generator.gumbel(size=len(cost)) - cost / CHANCE).argmax()
        last, following = float(heard.remaining[chosen[turn]]), int(chosen[turn]) + 1
    return chosen


def twelfth_of(moments: Moments) -> Integers:
    """The twelfth of its beat on which each moment stands, 0–11."""
    return np.asarray((moments.place % TICKS_PER_BEAT) // UNIT, np.int64)


def joints_of(moments: Moments) -> Doubles:
    """How long after the next moment's first onset each note ends, in ticks.

    NaN where that is more than half a unit: there the grid says where it ends.
    """
    first = np.full(len(moments) + 1, np.iinfo(np.int64).max // 2)
    np.minimum.at(first, moments.moment, moments.place[moments.moment] + moments.late)
    after = (moments.end - first[moments.moment + 1]).astype(np.float64)
    return np.where(2 * np.abs(after) <= UNIT, after, np.nan)


def _last_moments(clip: Clip, moments: Moments) -> Clip:
    kept = moments.note[moments.moment >= len(moments) - MOST_MOMENTS]
    return clip.with_notes(clip.notes[index] for index in sorted(kept.tolist()))


def _slopes(features: Doubles, deviation: Doubles, habit: Habit) -> Doubles:
    """What the features mean in this clip, shrunk to what they mean in general."""
    away = features - features.mean(axis=0)
    general = np.array(habit.slopes)
    square = away.T @ away + PATIENCE * np.eye(features.shape[1])
    own = np.linalg.solve(square, away.T @ (deviation - away @ general))
    return np.asarray(general + own, np.float64)


def _curve(moments: Moments) -> Doubles:
    """How late each twelfth of a beat usually is.

    Sixteenths that were not played lie between those that were, so that swing bends them too;
    triplets that were not played are as late as the beat.
    """
    late = moments.late[moments.first[:-1]]
    heard = np.abs(late) <= SWING_LIMIT
    twelfth = twelfth_of(moments)
    usual = {
        place: float(np.median(late[heard & (twelfth == place)]))
        for place in np.unique(twelfth[heard]).tolist()
    }
    sixteenths = [place for place in (0, 3, 6, 9) if place in usual]
    between = [usual[place] for place in sixteenths]
    curve = np.full(12, float(np.median(late[heard])) if heard.any() else 0.0)
    if sixteenths:
        curve[::3] = np.interp((0, 3, 6, 9), sixteenths, between, period=12)
        curve[[1, 2, 4, 5, 7, 8, 10, 11]] = curve[0]
    for place, value in usual.items():
        curve[place] = value
    return curve


def _told_apart_by(moments: Moments, frame: Clip) -> Doubles:
    leap = leaps_of(moments)
    before, after = gaps_of(moments, frame.length)
    columns = (
        STRENGTH_COST * moments.strength,
        SIZE_COST * np.log2(moments.size),
        LEAP_COST / 2 * leap[:-1],
        LEAP_COST / 2 * leap[1:],
        GAP_COST / 2 * np.log2(before),
        GAP_COST / 2 * np.log2(after),
    )
    return np.stack(columns, axis=1)
