"""The baseline that any continuation has to beat: a first-order Markov chain of notes."""

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self, TypeAlias

import numpy as np

Event: TypeAlias = tuple[int, int]
"""A note as its pitch above the tonic (semitones, any octave) and its gap to the next onset
(sixteenths)."""

BACKING: Final = 2.0
"""Notes that the chain of order 0 counts for, in what a note is followed by."""
UNSEEN: Final = 1.0
"""Notes that everything never seen counts for, in the chain of order 0."""
VOCABULARY: Final = 128 * 33
"""Events that there are: the keys of MIDI and gaps of 0 to two bars; what was never seen shares
alike."""


@dataclass(frozen=True, slots=True)
class MarkovChain:
    """Which note follows which, counted; where little was seen, how often each note comes."""

    following: dict[Event, Counter[Event]]
    often: Counter[Event]

    @classmethod
    def learnt(cls, melodies: Iterable[Sequence[Event]]) -> Self:
        """The chain of these melodies."""
        following: dict[Event, Counter[Event]] = {}
        often: Counter[Event] = Counter()
        for melody in melodies:
            often.update(melody)
            for event, after in itertools.pairwise(melody):
                following.setdefault(event, Counter())[after] += 1
        return cls(following, often)

    def probability(self, event: Event, before: Event) -> float:
        """Of an event after another, above 0; over the whole vocabulary they make 1."""
        total = self.often.total()
        alone = (self.often[event] + UNSEEN / VOCABULARY) / (total + UNSEEN)
        after = self.following.get(before, Counter())
        return (after[event] + BACKING * alone) / (after.total() + BACKING)

    def nats(self, melody: Sequence[Event]) -> float:
        """The mean cost of a melody's notes but the first, in nats; NaN below two notes."""
        costs = [
            -np.log(self.probability(after, event)) for event, after in itertools.pairwise(melody)
        ]
        return float(np.mean(costs)) if costs else float("nan")

    def continued(
        self, last: Event, sixteenths: int, generator: np.random.Generator
    ) -> list[Event]:
        """Events after the last one of a prime, until their gaps fill so many sixteenths."""
        events: list[Event] = []
        filled = 0
        while filled < sixteenths:
            last = self._next(last, generator)
            events.append(last)
            filled += max(1, last[1])
        return events

    def _next(self, before: Event, generator: np.random.Generator) -> Event:
        after = self.following.get(before, Counter())
        backed = generator.random() * (after.total() + BACKING) >= after.total()
        counts = self.often if backed else after
        share = np.array(list(counts.values()), np.float64)
        return list(counts)[int(generator.choice(len(share), p=share / share.sum()))]
