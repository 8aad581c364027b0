"""How strange melodies are: their nats under models that have learned apart from what made them."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from bridge.codecs.melodybar import Integers
from bridge.engine.catalog import Catalog
from bridge.errors import ModelMissingError
from bridge.music.key import key_of_notes
from bridge.tools.note_writing import Writers
from bridge.training.continuations import events_of_song, home_of
from bridge.training.markov import Event, MarkovChain
from bridge.training.melody_passages import alone, blank_song
from bridge.training.melody_paths_evaluate import Judge
from bridge.training.melody_windows import Melody
from bridge.training.melody_writing import writers_of
from bridge.training.metrics import Doubles
from bridge.training.song import Song
from bridge.training.step_nats import step_costs

NOTE_PAIRS: Final = 192
"""So many pairs the note model judges, which takes the longest."""


def markov_judge(songs: Iterable[Song]) -> Judge:
    """A first-order Markov chain of notes and their gaps, counted on the train split."""
    chain = MarkovChain.learnt(events_of_song(song) for song in songs if song.split == "train")

    def nats(melodies: Sequence[Melody]) -> Doubles:
        return np.array([nats_of_events(events_of(melody), chain) for melody in melodies])

    return Judge("a first-order Markov chain of notes and their gaps", nats)


def note_judge(writers: Writers) -> Judge:
    """The note model, which has learned apart from the same songs; it is told nothing."""

    def nats(melodies: Sequence[Melody]) -> Doubles:
        passages = []
        for melody in melodies:
            bars = len(melody.codes) // melody.steps_per_bar
            frame = blank_song(bars, melody.numerator, melody.denominator)
            passages.append(alone(melody.codes.astype(np.int16), frame=frame))
        return np.array([costs.nats.sum() for costs in step_costs(passages, writers)])

    return Judge("the note model", nats, NOTE_PAIRS)


def judges_of(songs: Iterable[Song], catalog: Catalog) -> tuple[Judge, ...]:
    """The Markov chain, and the note model where there is one."""
    try:
        writers = writers_of(catalog)
    except ModelMissingError:
        return (markov_judge(songs),)
    return (markov_judge(songs), note_judge(writers))


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
