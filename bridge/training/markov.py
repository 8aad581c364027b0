"""The baseline that any continuation has to beat: a first-order Markov chain of notes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Final, Self, TypeAlias

import numpy as np
import numpy.typing as npt

Event: TypeAlias = tuple[int, int]
"""A note as semitones above the tonic of its register, and its gap to the next onset in
sixteenths."""

BACKING: Final = 2.0
"""Notes that the chain of order 0 counts for, in what a note is followed by."""
UNSEEN: Final = 1.0
"""Notes that everything never seen counts for, in the chain of order 0."""
VOCABULARY: Final = 128 * 33
"""Events that there are: the keys of MIDI and gaps of 0 to two bars; what was never seen shares
alike."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How often events came in one place."""

    of: Counter[Event]
    upto: npt.NDArray[np.int64]
    """The counts summed up, in the order of ``of``: for drawing."""

    def drawn(self, generator: np.random.Generator) -> Event:
        """One of them, as often as it came."""
        place = np.searchsorted(self.upto, generator.integers(self.upto[-1]), side="right")
        return next(islice(self.of, int(place), None))


@dataclass(frozen=True, slots=True)
class MarkovChain:
    """Which note follows which, counted; where little was seen, how often each note comes."""

    following: dict[Event, Counts]
    often: Counts

    @classmethod
    def learnt(cls, melodies: Iterable[Sequence[Event]]) -> Self:
        """The chain of these melodies."""
        following: dict[Event, Counter[Event]] = {}
        often: Counter[Event] = Counter()
        for melody in melodies:
            often.update(melody)
            for event, after in pairwise(melody):
                following.setdefault(event, Counter())[after] += 1
        return cls({event: _counts(after) for event, after in following.items()}, _counts(often))

    def probability(self, event: Event, before: Event) -> float:
        """Of an event after another, above 0; over the whole vocabulary they make 1."""
        alone = self.likely(event)
        seen = self.following.get(before)
        if seen is None:
            return alone
        return (seen.of[event] + BACKING * alone) / (seen.of.total() + BACKING)

    def likely(self, event: Event) -> float:
        """Of an event anywhere, above 0; over the whole vocabulary they make 1."""
        return (self.often.of[event] + UNSEEN / VOCABULARY) / (self.often.of.total() + UNSEEN)

    def nats(self, melody: Sequence[Event]) -> float:
        """The mean cost of a melody's notes but the first, in nats; NaN below two notes."""
        costs = [-np.log(self.probability(after, event)) for event, after in pairwise(melody)]
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
        seen = self.following.get(before)
        if seen is None:
            return self.often.drawn(generator)
        total = int(seen.upto[-1])
        backed = generator.random() * (total + BACKING) >= total
        return (self.often if backed else seen).drawn(generator)


def _counts(events: Counter[Event]) -> Counts:
    return Counts(events, np.cumsum(np.array(list(events.values()), np.int64)))
