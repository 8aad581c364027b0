"""A melody as one code a step: a struck key, the key before held on, or silence."""

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.music.clip import Note
from bridge.music.units import TICKS_PER_SIXTEENTH, Ticks

HOLD: Final = -2
"""The note that was struck before sounds on."""
SILENCE: Final = -1
"""Nothing sounds any more, or nothing sounds yet."""

Codes: TypeAlias = npt.NDArray[np.int16]
"""(steps,): a MIDI key 0–127 where one is struck, else ``HOLD`` or ``SILENCE``."""


def codes_of_notes(
    notes: Iterable[Note], steps: int, *, step: Ticks = TICKS_PER_SIXTEENTH, first: Ticks = 0
) -> Codes:
    """The melody of a clip's notes: of those struck on one step the highest, each until the next.

    Args:
        notes: In any order; muted ones do not count.
        steps: How many codes come back; what lies outside them is left out.
        step: How long a step is.
        first: The tick of step 0.
    """
    sounding = [note for note in notes if not note.mute]
    return codes_of_times(
        [note.start - first for note in sounding],
        [note.duration for note in sounding],
        [note.pitch for note in sounding],
        steps,
        step=step,
    )


def codes_of_times(
    start: Sequence[int],
    duration: Sequence[int],
    pitch: Sequence[int],
    steps: int,
    *,
    step: Ticks = TICKS_PER_SIXTEENTH,
) -> Codes:
    """The same from onsets, durations (ticks) and keys; every note lasts at least its own step."""
    codes = np.full(steps, SILENCE, np.int16)
    begins = [(2 * tick + step) // (2 * step) for tick in start]
    order = sorted(range(len(begins)), key=lambda index: (begins[index], pitch[index]))
    for index in order:
        begin = begins[index]
        end = max(begin + 1, (2 * (start[index] + duration[index]) + step) // (2 * step))
        if 0 <= begin < steps:
            codes[begin:] = SILENCE
            codes[begin:end] = HOLD
            codes[begin] = pitch[index]
    return codes


def struck(codes: Codes) -> npt.NDArray[np.bool_]:
    """On which steps a key is struck."""
    return codes >= 0
