"""What the clone of ``melody_rnn`` makes, in the terms of RL Tuner's table."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from bridge.codecs.melodysteps import HOLD, Codes, codes_of_times, struck
from bridge.music.key import key_of_weights
from bridge.music.scale import Scale
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.training.melody_clone import MelodyClone
from bridge.training.melody_clone_evaluation import made_from_nothing
from bridge.training.song_report import MELODY_BARS
from bridge.training.taste_table import STEPS, TasteTable, taste_table

TAKES: Final = 1_000
_EIGHTH: Final = 2 * TICKS_PER_SIXTEENTH


def clone_taste(network: MelodyClone, melodies: int = TAKES) -> TasteTable:
    """RL Tuner's table of melodies made from nothing: four bars, read as eighth notes.

    The clone knows no key, so the scale that each melody should keep to is the one heard in it.
    """
    made = made_from_nothing(network, melodies, steps=2 * STEPS, notes=MELODY_BARS)
    return taste_table([in_eighths(codes) for codes in made], [scale_of(codes) for codes in made])


def in_eighths(codes: Codes) -> Codes:
    """A melody of sixteenths in half as many eighths, as its notes would be read from a song."""
    start, length, keys = notes_of(codes)
    ticks = [[step * TICKS_PER_SIXTEENTH for step in steps] for steps in (start, length)]
    return codes_of_times(ticks[0], ticks[1], keys, len(codes) // 2, step=_EIGHTH)


def scale_of(codes: Codes) -> Scale:
    """The scale of the key that is heard in a melody with a note."""
    _, length, keys = notes_of(codes)
    weights = np.bincount(np.array(keys) % 12, weights=length, minlength=12)
    return key_of_weights(weights.tolist(), first=keys[0] % 12, last=keys[-1] % 12).scale


def notes_of(codes: Codes) -> tuple[Sequence[int], Sequence[int], Sequence[int]]:
    """Onsets and lengths in steps, and the keys, of a melody."""
    onsets = np.flatnonzero(struck(codes))
    ends = np.append(np.flatnonzero(codes != HOLD), len(codes))
    lengths = ends[np.searchsorted(ends, onsets, side="right")] - onsets
    return onsets.tolist(), lengths.tolist(), codes[onsets].astype(int).tolist()
