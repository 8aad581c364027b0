"""How notes are played: a clip's own accents, timing and lengths, given to notes that have none.

A manner is heard in a whole clip. Stiff notes get what real moments of that clip had: runs of
moments are drawn, at like places of the bar and among like neighbours first, and each note takes
over how the one it is likened to was played. Where its surroundings differ (it is higher, longer,
on a heavier beat), its velocity is moved by what such differences mean in this clip. So accents
hang together as they did in the clip, a flat clip stays flat, and a quantised one quantised.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from bridge.codecs.accents import accent_features
from bridge.codecs.moments import Doubles, Integers, Moments, stiff_moments
from bridge.errors import BadRequestError
from bridge.music.clip import Clip, Note
from bridge.tools.listening import Heard, draw_moments, hear, twelfth_of
from bridge.tools.parts import part_of
from bridge.tools.playing_habits import HABITS, Habit


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody plays."""

    habit: Habit
    """What is known of players in general."""
    heard: Heard | None = None
    """What was heard of this one; None where there was no clip."""

    @classmethod
    def of(cls, clip: Clip) -> Self:
        """The manner of a clip.

        Raises:
            NoNotesError: if no note of it sounds.
        """
        habit = HABITS[part_of(clip)]
        return cls(habit, hear(clip, habit))

    @classmethod
    def played(cls, part: str) -> Self:
        """The manner of players in general, whose onsets stand on the grid.

        Args:
            part: melody, bass or chords.

        Raises:
            BadRequestError: it is none of them.
        """
        if part not in HABITS:
            raise BadRequestError(f"A part is {', '.join(HABITS)}; there is none called “{part}”.")
        return cls(HABITS[part])

    def perform(
        self, stiff: Sequence[Note], frame: Clip, generator: np.random.Generator
    ) -> tuple[Note, ...]:
        """The stiff notes played in this manner, in their order.

        No two notes of one key overlap, no moment overtakes another, and nothing leaves the frame.

        Args:
            stiff: On the grid of twelfths of a quarter, their lengths too, none muted; their
                velocities do not count. No two of one key begin together.
            frame: A clip of the length and the metre; its notes do not count.
            generator: Draws what there is to choose.
        """
        if not stiff:
            return ()
        moments = stiff_moments(stiff, frame)
        if self.heard is None:
            played = _by_habit(self.habit, moments, frame, generator)
        else:
            played = _by_ear(self.heard, moments, frame, generator)
        start = _starts(moments, played.late, frame)
        end = _ends(moments, start, played, frame)
        notes = list(stiff)
        for row, index in enumerate(moments.note.tolist()):
            like = played.like[row] or notes[index]
            notes[index] = replace(
                notes[index],
                start=int(start[row]),
                duration=int(end[row] - start[row]),
                velocity=float(played.velocity[row]),
                release_velocity=like.release_velocity,
                probability=like.probability,
                velocity_deviation=like.velocity_deviation,
            )
        return tuple(notes)


@dataclass(frozen=True, slots=True)
class _Played:
    """What each note is to get; arrays (notes,) in the order of the moments."""

    velocity: Doubles
    late: Integers
    longer: Doubles
    """Than its length of the grid, in ticks."""
    joint: Doubles
    """How long after the next onset it ends if it reaches it, in ticks; NaN where unknown."""
    like: tuple[Note | None, ...]
    """The note that gives the rest."""


def _by_ear(heard: Heard, moments: Moments, frame: Clip, generator: np.random.Generator) -> _Played:
    theirs = heard.moments
    source = draw_moments(heard, moments, frame, generator)[moments.moment]
    count = moments.size[moments.moment]
    inside = np.arange(len(moments.pitch)) - moments.first[moments.moment]
    # The top note follows the top note, the bass the bass, and those between keep their order.
    share = np.where(count > 1, inside / np.maximum(1, count - 1), 1.0)
    row = theirs.first[source] + np.rint(share * (theirs.size[source] - 1)).astype(np.int64)
    features = accent_features(moments, heard.middle, frame.length)
    louder = (features - heard.features[row]) @ heard.slopes
    moved = np.rint(heard.velocity[row] + louder)
    velocity = np.clip(moved, heard.velocity.min(), heard.velocity.max())
    twelfth, their_twelfth = twelfth_of(moments)[moments.moment], twelfth_of(theirs)[source]
    later = np.rint(heard.curve[twelfth] - heard.curve[their_twelfth]).astype(np.int64)
    # A shorter note is shortened by less; a longer one ends as far before the grid's end.
    share_of_length = np.minimum(1.0, moments.length / theirs.length[row])
    return _Played(
        velocity=np.where(louder == 0, heard.velocity[row], velocity),
        late=heard.late[row] + later,
        longer=np.asarray(theirs.longer[row] * share_of_length, np.float64),
        joint=heard.joint[row],
        like=tuple(heard.notes[each] for each in row.tolist()),
    )


def _by_habit(
    habit: Habit, moments: Moments, frame: Clip, generator: np.random.Generator
) -> _Played:
    features = accent_features(moments, float(moments.pitch.mean()), frame.length)
    accents = (features - np.array(habit.means)) @ np.array(habit.slopes)
    wander = generator.normal(size=len(moments))
    for turn in range(1, len(moments)):
        wander[turn] *= np.sqrt(1.0 - habit.carry**2)
        wander[turn] += habit.carry * wander[turn - 1]
    apart = generator.normal(size=len(moments.pitch)) * (moments.size[moments.moment] > 1)
    unexplained = habit.wander * wander[moments.moment] + habit.apart * apart
    deciles = np.linspace(0.0, 1.0, len(habit.joints))
    joint = np.interp(generator.random(len(moments)), deciles, habit.joints)
    return _Played(
        velocity=np.clip(np.rint(habit.level + habit.spread * (accents + unexplained)), 1, 127),
        late=np.zeros(len(moments.pitch), np.int64),
        longer=np.zeros(len(moments.pitch)),
        joint=joint[moments.moment],
        like=(None,) * len(moments.pitch),
    )


def _starts(moments: Moments, late: Integers, frame: Clip) -> Integers:
    """The onsets, none nearer to another moment's place than to its own, and in the frame."""
    half = (np.diff(moments.place) - 1) // 2
    earliest = np.concatenate([-moments.place[:1], -half])[moments.moment]
    latest = np.concatenate([half, frame.length - 1 - moments.place[-1:]])[moments.moment]
    start = moments.place[moments.moment] + np.clip(late, earliest, np.maximum(earliest, latest))
    return np.asarray(np.clip(start, 0, frame.length - 1), np.int64)


def _ends(moments: Moments, start: Integers, played: _Played, frame: Clip) -> Integers:
    """Where the notes end: bound to the next onset where they reach it, else by their length."""
    following = np.full(len(moments) + 1, frame.length)
    np.minimum.at(following, moments.moment, start)
    onset = following[moments.moment + 1]
    meant = np.append(moments.place, frame.length)[moments.moment + 1]
    known = ~np.isnan(played.joint)
    usual = float(np.median(played.joint[known])) if known.any() else 0.0
    bound = onset + np.rint(np.where(known, played.joint, usual))
    free = np.rint(start + moments.length + played.longer)
    free = np.where(moments.end < meant, np.minimum(free, onset), free)
    end = np.where(moments.end == meant, bound, free).astype(np.int64)
    struck_again: dict[int, int] = {}
    for row in np.argsort(start, kind="stable")[::-1].tolist():
        pitch = int(moments.pitch[row])
        end[row] = min(int(end[row]), struck_again.get(pitch, frame.length))
        struck_again[pitch] = int(start[row])
    return np.asarray(np.minimum(np.maximum(end, start + 1), frame.length), np.int64)
