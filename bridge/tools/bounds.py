"""What holds for every pitched take: its keys, how many sound at once, and what taste holds."""

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.notescore import TICKS_PER_TWELFTH, TWELFTHS
from bridge.music.clip import Clip
from bridge.music.pitchlock import PitchLock
from bridge.music.scale import Scale
from bridge.tools.drafting import CHORDS_POOL, POOL, Band
from bridge.tools.hearing import Heard
from bridge.tools.note_writing import HEARD_TOKENS
from bridge.tools.pages import NO_STRICTNESS, GridNotes
from bridge.tools.strictness import Strictness

Booleans = npt.NDArray[np.bool_]

PERFORMANCE: Final = 1
"""What the chance of a performance has beside the take's seed."""
BEYOND: Final = 7
"""Semitones by which a take may leave the range of the clip that it goes with."""
FAR: Final = 64 * 4 * TWELFTHS
"""Twelfths: what stands farther from what is written is not read, though it was heard."""


def together_of(heard: Heard, most: int) -> int:
    """How many notes of a take may sound at once: one of a line, of chords as the clip has them."""
    return 1 if heard.part != "chords" else min(most, max(2, heard.together))


def keys_beside(lock: PitchLock, heard: Heard) -> Booleans:
    """The keys of a lock, about those of a clip where it gives no range, (128,)."""
    low, high = int(heard.notes.pitch.min()), int(heard.notes.pitch.max())
    return keys_within(lock, low - BEYOND, high + BEYOND)


def keys_within(lock: PitchLock, low: int, high: int) -> Booleans:
    """The keys of a lock, within a range as far as that leaves an octave of them."""
    mask = np.array(lock.mask)
    keys = np.arange(len(mask))
    if (lock.lowest, lock.highest) != (0, len(mask) - 1):
        return mask
    inside = mask & (keys >= low) & (keys <= high)
    return inside if inside.any() else mask


def strictness_of(band: Band, part: str, bar: int) -> Strictness:
    """What a taste holds of one voice; of chords it holds nothing."""
    return NO_STRICTNESS if part == "chords" else Strictness.of(band.taste, bar)


def scale_of(lock: PitchLock, heard: Scale) -> Scale:
    """The scale by which taste judges: that of the lock, else that which is heard."""
    return heard if lock.scale is None else lock.scale


def pool_of(part: str) -> int:
    """How many drafts of a part each take is chosen from."""
    return CHORDS_POOL if part == "chords" else POOL


def near_to(notes: GridNotes, begin: int, end: int) -> GridNotes:
    """The notes without those in a stretch, at most as many as the model hears."""
    before = (notes.time < begin) & (notes.time >= begin - FAR)
    after = (notes.time >= end) & (notes.time < end + FAR)
    outside = notes.only(before | after)
    chosen = np.zeros(len(outside), np.bool_)
    chosen[np.flatnonzero(outside.time < begin)[-HEARD_TOKENS * 2 // 3 :]] = True
    chosen[np.flatnonzero(outside.time >= end)[: HEARD_TOKENS // 3]] = True
    return outside.only(chosen)


def frame_for(clip: Clip, twelfths: int) -> Clip:
    """A take's frame, without notes: a clip's metre and tempo in another length."""
    return replace(
        clip, notes=(), length=twelfths * TICKS_PER_TWELFTH, loop_start=0, loop_end=None, name=""
    )
