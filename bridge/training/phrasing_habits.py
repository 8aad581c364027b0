"""How players in general phrase: the table of ``bridge.tools.playing_habits``, and its proof.

Only POP909 was performed, so its training songs are the players. ``python -m
bridge.training.phrasing_habits`` prints the table anew and measures performances against what was
played on the songs of the test split.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Final, TypeAlias

import numpy as np

from bridge.codecs.accents import FEATURES, accent_features
from bridge.codecs.moments import Doubles, Moments, read_moments
from bridge.music.clip import Clip, Note
from bridge.tools.listening import joints_of
from bridge.tools.phrasing import Manner
from bridge.training.song import Notes, Role, Song, bass_line, melody_line
from bridge.training.song_cache import read_songs
from bridge.training.song_clips import clip_of_notes, regular_stretches

HEARD_BARS: Final = 8
PLAYED_BARS: Final = 4
LEAST_NOTES: Final = 12
"""In what is heard; half of it in what is to be played."""
PARTS: Final = ("melody", "bass", "chords")
RIDGE: Final = 50.0
DECILES: Final = tuple(range(0, 101, 10))
"""Percentiles of where notes end against the next."""
_FLAT: Final = 1e-6


_Player: TypeAlias = Callable[[Clip, Sequence[Note], Clip, str, np.random.Generator], Doubles]
"""Hears a clip, and gives the velocities of stiff notes; the second clip is what was played."""


def notes_of_part(song: Song, part: str) -> Notes:
    """What of a song is such a part."""
    if part == "chords":
        return song.notes.of(Role.PIANO, Role.LEFT_HAND, Role.RIGHT_HAND)
    return melody_line(song.notes) if part == "melody" else bass_line(song.notes)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How near performances come to what was played; means over the clips, in velocities."""

    clips: int
    error: float
    """The mean absolute error a note."""
    distance: float
    """Between the distributions (Wasserstein): 0 where the same velocities come as often."""
    correlation: float
    """Between what is heard and what was played, note by note; 0 for a flat one."""
    coherence: float
    """The autocorrelation of the velocities from note to note."""
    played_coherence: float
    """That of what was played."""


def measure(songs: Sequence[Song], part: str, seed: int = 0) -> dict[str, Likeness]:
    """How four bars are played after eight, by name of who plays them."""
    cases = list(_cases(songs, part))
    found = {}
    for name, player in PLAYERS.items():
        generator = np.random.default_rng(seed)
        rows = []
        for clip, played in cases:
            stiff = stiffened(played)
            velocity = np.array([note.velocity for note in played.notes])
            heard = player(clip, stiff, played, part, generator)
            rows.append(
                (
                    np.abs(heard - velocity).mean(),
                    np.abs(np.sort(heard) - np.sort(velocity)).mean(),
                    _correlation(heard, velocity),
                    _correlation(heard[1:], heard[:-1]),
                    _correlation(velocity[1:], velocity[:-1]),
                )
            )
        found[name] = Likeness(len(cases), *np.nanmean(rows, axis=0).tolist())
    return found


def stiffened(clip: Clip) -> tuple[Note, ...]:
    """The notes on their places and of grid lengths, as a model writes them."""
    moments = read_moments(clip)
    notes = list(clip.notes)
    for row, index in enumerate(moments.note.tolist()):
        place = int(moments.place[moments.moment[row]])
        notes[index] = Note(int(moments.pitch[row]), place, int(moments.length[row]))
    return tuple(notes)


def _flat(
    clip: Clip, stiff: Sequence[Note], _played: Clip, _part: str, _generator: np.random.Generator
) -> Doubles:
    return np.full(len(stiff), np.mean([note.velocity for note in clip.notes]))


def _shuffled(
    clip: Clip, stiff: Sequence[Note], _played: Clip, _part: str, generator: np.random.Generator
) -> Doubles:
    own = np.array([note.velocity for note in clip.notes])
    again = len(stiff) > len(own)
    return np.asarray(generator.choice(own, len(stiff), replace=again), np.float64)


def _performed(
    clip: Clip, stiff: Sequence[Note], played: Clip, _part: str, generator: np.random.Generator
) -> Doubles:
    notes = Manner.of(clip).perform(stiff, played, generator)
    return np.array([note.velocity for note in notes])


def _in_general(
    clip: Clip, stiff: Sequence[Note], played: Clip, part: str, generator: np.random.Generator
) -> Doubles:
    notes = Manner.played(part).perform(stiff, played, generator)
    velocity = np.array([note.velocity for note in notes])
    level = float(np.mean([note.velocity for note in clip.notes]))
    return np.asarray(velocity - velocity.mean() + level, np.float64)


PLAYERS: Final[Mapping[str, _Player]] = {
    "flat mean": _flat,
    "shuffled": _shuffled,
    "the clip's manner": _performed,
    "players in general, as loud": _in_general,
}


def _cases(songs: Sequence[Song], part: str) -> Iterator[tuple[Clip, Clip]]:
    """Eight bars and the four after them, of each performed song the first with enough notes."""
    for song in songs:
        if not song.performed:
            continue
        notes = notes_of_part(song, part)
        for first in regular_stretches(song, HEARD_BARS + PLAYED_BARS, PLAYED_BARS):
            clip = clip_of_notes(song, notes, first, HEARD_BARS)
            played = clip_of_notes(song, notes, first + HEARD_BARS, PLAYED_BARS)
            if len(clip.notes) >= LEAST_NOTES and len(played.notes) >= LEAST_NOTES // 2:
                yield clip, played
                break


def _correlation(one: Doubles, other: Doubles) -> float:
    spread = one.std() * other.std() if len(one) > 1 else 0.0
    if spread < _FLAT:
        return 0.0
    return float(((one - one.mean()) * (other - other.mean())).mean() / spread)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A habit as it is fitted, in the order of ``bridge.tools.playing_habits.Habit``."""

    level: float
    spread: float
    carry: float
    wander: float
    apart: float
    joints: tuple[float, ...]
    means: tuple[float, ...]
    slopes: tuple[float, ...]


def fit_habit(songs: Sequence[Song], part: str) -> Fitted:
    """The habit of the players of such a part in these songs."""
    features, deviations, read, levels, spreads, joints = [], [], [], [], [], []
    for song in songs:
        notes = notes_of_part(song, part)
        if len(notes) < LEAST_NOTES:
            continue
        clip = clip_of_notes(song, notes, 0, len(song.bars))
        moments = read_moments(clip)
        velocity = np.array([clip.notes[index].velocity for index in moments.note])
        if velocity.std() < 1:
            continue
        features.append(accent_features(moments, float(moments.pitch.mean()), clip.length))
        deviations.append((velocity - velocity.mean()) / velocity.std())
        read.append(moments)
        levels.append(velocity.mean())
        spreads.append(velocity.std())
        joint = joints_of(moments)
        joints.append(joint[~np.isnan(joint)])
    means = np.concatenate(features).mean(axis=0)
    away = np.concatenate(features) - means
    square = away.T @ away + RIDGE * np.eye(len(FEATURES))
    slopes = np.linalg.solve(square, away.T @ np.concatenate(deviations))
    carry, wander, apart = _wandering(read, features, deviations, slopes, means)
    deciles = np.percentile(np.concatenate(joints), DECILES)
    return Fitted(
        round(float(np.mean(levels)), 1),
        round(float(np.mean(spreads)), 2),
        round(carry, 3),
        round(wander, 3),
        round(apart, 3),
        tuple(float(round(each)) for each in deciles),
        tuple(round(float(each), 3) for each in means),
        tuple(round(float(each), 3) for each in slopes),
    )


def _wandering(
    read: Sequence[Moments],
    features: Sequence[Doubles],
    deviations: Sequence[Doubles],
    slopes: Doubles,
    means: Doubles,
) -> tuple[float, float, float]:
    """Of what is not explained: how much carries over, how large it is, how far chords differ."""
    products, squares, within = [], [], []
    for moments, each, deviation in zip(read, features, deviations, strict=True):
        left = deviation - (each - means) @ slopes
        shared = np.bincount(moments.moment, weights=left) / moments.size
        products.append(shared[1:] * shared[:-1])
        squares.append(shared**2)
        company = moments.size[moments.moment] > 1
        within.append((left - shared[moments.moment])[company] ** 2)
    variance = float(np.concatenate(squares).mean())
    chords = np.concatenate(within)
    return (
        float(np.concatenate(products).mean()) / variance,
        variance**0.5,
        float(chords.mean()) ** 0.5 if len(chords) else 0.0,
    )


def main() -> None:
    """Print the table, and how good it is."""
    songs = [song for song in read_songs() if song.performed]
    write = sys.stdout.write
    learnt = [song for song in songs if song.split == "train"]
    for part in PARTS:
        write(f'    "{part}": Habit{astuple(fit_habit(learnt, part))},\n')
    for split in ("validation", "test"):
        unseen = [song for song in songs if song.split == split]
        for part in PARTS:
            for name, found in measure(unseen, part).items():
                numbers = " | ".join(f"{number:.3f}" for number in astuple(found)[1:])
                write(f"| {split} {part}, {found.clips} clips | {name} | {numbers} |\n")


if __name__ == "__main__":
    main()
