"""How strange melodies are: their nats under models that have learned apart from what made them."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from bridge.codecs.melodybar import Integers
from bridge.music.key import key_of_notes
from bridge.training.continuations import events_of_song, home_of
from bridge.training.markov import Event, MarkovChain
from bridge.training.melody_paths_evaluate import Judge
from bridge.training.melody_windows import Melody
from bridge.training.metrics import Doubles
from bridge.training.song import Song


def markov_judge(songs: Iterable[Song]) -> Judge:
    """A first-order Markov chain of notes and their gaps, counted on the train split."""
    chain = MarkovChain.learnt(events_of_song(song) for song in songs if song.split == "train")

    def judge(melodies: Sequence[Melody]) -> Doubles:
        return np.array([nats_of_events(events_of(melody), chain) for melody in melodies])

    return judge


def events_of(melody: Melody) -> list[Event]:
    """A melody as the chain sees it, in the key that is heard; its last note lasts to its end."""
    onsets: Integers = np.flatnonzero(melody.codes >= 0)
    if not len(onsets):
        return []
    pitches = melody.codes[onsets].tolist()
    home = home_of(pitches, key_of_notes(melody.as_clip().notes).root)
    gaps = np.diff(onsets, append=len(melody.codes)).tolist()
    return [(pitch - home, min(gap, 32)) for pitch, gap in zip(pitches, gaps, strict=True)]


def nats_of_events(events: Sequence[Event], chain: MarkovChain) -> float:
    """The cost of all notes of a melody, the first by how often it comes anywhere."""
    if not events:
        return 0.0
    return -float(
        np.log(chain.likely(events[0]))
        + sum(np.log(chain.probability(after, event)) for event, after in pairwise(events))
    )
