"""Continuations of real melodies beside what was written: primes, measures, and the baseline.

A prime is the first eight bars of a melody that goes on for ten quarter notes at least. Whoever
continues it, a model of ours, a clone or a Markov chain, is measured by the same function.
"""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np

from bridge.music.grid import nearest_step
from bridge.training.markov import Event, MarkovChain
from bridge.training.predictions import (
    QUARTERS,
    Point,
    best_curve,
    cardinality_curve,
    mean_curve,
    pitch_curve,
)
from bridge.training.song import Song, melody_line

PRIME_BARS: Final = 8
STEPS_PER_QUARTER: Final = 4
SAMPLES: Final = 8
"""Continuations of each prime, of which the first counts alone and the best of all."""

_LONGEST_GAP: Final = 32


@dataclass(frozen=True, slots=True)
class Prime:
    """What a continuer hears, and what was written behind it; steps are sixteenths."""

    song: Song
    bars: int
    """Of the song, from its first, that the prime has."""
    tonic: int
    """Pitch class of the key's root."""
    heard: tuple[tuple[int, int], ...]
    """Step and MIDI key of each melody note of the prime, at least two."""
    written: frozenset[Point]
    """The melody notes that follow."""

    @property
    def end(self) -> int:
        """The step at which the prime ends and a continuation may begin."""
        return nearest_step(int(self.song.bars.start[self.bars]))

    @property
    def last_onset(self) -> float:
        """Of the prime, in quarter notes; what is measured is counted from here."""
        return self.heard[-1][0] / STEPS_PER_QUARTER


Continuer: TypeAlias = Callable[[Prime, np.random.Generator], AbstractSet[Point]]
"""Draws the notes that follow a prime, for ten quarter notes after its last onset at least."""

Together: TypeAlias = Callable[[Prime, int, np.random.Generator], Sequence[AbstractSet[Point]]]
"""The same for so many continuations at once."""


@dataclass(frozen=True, slots=True)
class Continuations:
    """Means over the primes at each of ``QUARTERS``, 0–1."""

    f1: tuple[float, ...]
    pitch: tuple[float, ...]
    pitch_any_octave: tuple[float, ...]
    best_f1: tuple[float, ...]
    """Of the best of eight."""
    best_pitch: tuple[float, ...]

    def as_fields(self) -> dict[str, tuple[float, ...]]:
        """For JSON."""
        return asdict(self)


def primes_of(songs: Iterable[Song]) -> tuple[Prime, ...]:
    """A prime of each song that is long enough and has melody on both sides of the border."""
    found = []
    for song in songs:
        if len(song.bars) <= PRIME_BARS:
            continue
        border = int(song.bars.start[PRIME_BARS])
        line = melody_line(song.notes)
        points = [
            (nearest_step(start), pitch)
            for start, pitch in zip(line.start.tolist(), line.pitch.tolist(), strict=True)
        ]
        heard = tuple(
            point
            for point, start in zip(points, line.start.tolist(), strict=True)
            if start < border
        )
        rest = points[len(heard) :]
        if len(heard) > 1 and rest and _reaches(rest[-1][0], heard[-1][0]):
            written = frozenset((step / STEPS_PER_QUARTER, pitch) for step, pitch in rest)
            found.append(Prime(song, PRIME_BARS, int(song.keys.root[0]), heard, written))
    return tuple(found)


def measure_continuations(
    primes: Sequence[Prime], continuer: Continuer, seed: int = 0
) -> Continuations:
    """How near a continuer comes to what was written, with one draw and with the best of eight."""
    return measure_together(primes, one_by_one(continuer), seed)


def one_by_one(continuer: Continuer) -> Together:
    """A continuer that is asked for several continuations."""

    def continued(
        prime: Prime, samples: int, generator: np.random.Generator
    ) -> Sequence[AbstractSet[Point]]:
        return [continuer(prime, generator) for _ in range(samples)]

    return continued


def measure_together(
    primes: Sequence[Prime],
    together: Together,
    seed: int = 0,
    report: Callable[[float], None] = lambda _: None,
) -> Continuations:
    """The same of one who draws all continuations of a prime at once; see :func:`curves_of`."""
    return means_of(curves_of(primes, together, seed, report))


@dataclass(frozen=True, slots=True)
class Curves:
    """What was found of one prime at each of ``QUARTERS``; None where nothing can be said."""

    f1: Sequence[float | None]
    pitch: Sequence[float | None]
    pitch_any_octave: Sequence[float | None]
    best_f1: Sequence[float | None]
    best_pitch: Sequence[float | None]


def curves_of(
    primes: Sequence[Prime],
    together: Together,
    seed: int = 0,
    report: Callable[[float], None] = lambda _: None,
) -> tuple[Curves, ...]:
    """What a continuer makes of each prime.

    Args:
        primes: Any.
        together: Who draws the continuations.
        seed: Of what is drawn.
        report: Told the part that is done, 0–1.
    """
    generator = np.random.default_rng(seed)
    found = []
    for number, prime in enumerate(primes):
        drawn = together(prime, SAMPLES, generator)
        at = (prime.written, prime.last_onset)
        f1 = [cardinality_curve(at[0], points, at[1]) for points in drawn]
        pitch = [pitch_curve(at[0], points, at[1]) for points in drawn]
        any_octave = pitch_curve(at[0], drawn[0], at[1], any_octave=True)
        found.append(Curves(f1[0], pitch[0], any_octave, best_curve(f1), best_curve(pitch)))
        report((number + 1) / len(primes))
    return tuple(found)


def means_of(curves: Sequence[Curves]) -> Continuations:
    """The means over primes, at least one."""
    return Continuations(
        f1=mean_curve([each.f1 for each in curves]),
        pitch=mean_curve([each.pitch for each in curves]),
        pitch_any_octave=mean_curve([each.pitch_any_octave for each in curves]),
        best_f1=mean_curve([each.best_f1 for each in curves]),
        best_pitch=mean_curve([each.best_pitch for each in curves]),
    )


def events_of_song(song: Song) -> list[Event]:
    """The melody as a Markov chain sees it: above its home, and the gap to the next onset."""
    line = melody_line(song.notes)
    steps = [nearest_step(start) for start in line.start.tolist()]
    pitches = line.pitch.tolist()
    if not pitches:
        return []
    home = home_of(pitches, int(song.keys.root[0]))
    gaps = [min(after - step, _LONGEST_GAP) for step, after in pairwise(steps)]
    return [(pitch - home, gap) for pitch, gap in zip(pitches, gaps, strict=False)]


def home_of(pitches: Sequence[int], tonic: int) -> int:
    """The key of the tonic that lies nearest to the middle of a melody; of two the lower."""
    middle = sum(pitches) / len(pitches)
    return min(range(tonic, 128, 12), key=lambda key: abs(key - middle))


def markov_continuer(chain: MarkovChain) -> Continuer:
    """The baseline: each note drawn from what followed the one before."""

    def continued(prime: Prime, generator: np.random.Generator) -> AbstractSet[Point]:
        last, pitch = prime.heard[-1]
        home = home_of([key for _, key in prime.heard], prime.tonic)
        gap = min(max(1, prime.end - last), _LONGEST_GAP)
        step = last + gap
        length = int(QUARTERS[-1] * STEPS_PER_QUARTER) + _LONGEST_GAP
        points = set()
        for above, after in chain.continued((pitch - home, gap), length, generator):
            points.add((step / STEPS_PER_QUARTER, home + above))
            step += max(1, after)
        return points

    return continued


def _reaches(last: int, border: int) -> bool:
    return last >= border + QUARTERS[-1] * STEPS_PER_QUARTER
