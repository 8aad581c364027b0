"""Scores performed: codes become notes, and the groove model says how a drummer plays them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumscore import hits_of
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Model
from bridge.music.clip import Clip, Note
from bridge.music.drumkit import Kit, Piece
from bridge.music.grid import tick_of_step
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Groove
from bridge.tools.groove import Feel, play_groove

Integers = npt.NDArray[np.int64]

WRITING_PART: Final = 0.8
"""Of the work: to write; the rest is to perform."""
HUMAN: Final = 1.0
"""The highest temperature of playing: what is hit may be wild, how it is hit stays human."""


@dataclass(frozen=True, slots=True)
class Drummers:
    """Who makes a take: the models, their kit, and the feel they play with."""

    writer: Model
    """Says what is hit."""
    player: Model
    """Says how."""
    kit: Kit
    feel: Feel | None = None
    """As :func:`bridge.tools.groove.listen` gives it; None for any."""


def stiff_notes(codes: Integers, pitches: Sequence[int], first_step: int = 0) -> tuple[Note, ...]:
    """The notes of a score, each on its step and a sixteenth long.

    Args:
        codes: One a step, (steps,).
        pitches: Of each of the nine pieces; where two share a pitch they are one note.
        first_step: Where the score begins.
    """
    struck = {
        (step + first_step, pitches[piece]): None
        for step, piece in np.argwhere(hits_of(codes) > 0).tolist()
    }
    return tuple(Note(pitch, tick_of_step(step), TICKS_PER_SIXTEENTH) for step, pitch in struck)


def perform_notes(
    stiff: Sequence[Note],
    others: Sequence[Note],
    frame: Clip,
    drummers: Drummers,
    *,
    seed: int,
    temperature: float,
    cancel: Cancel,
) -> tuple[Note, ...]:
    """The stiff notes as a drummer would play them, in their order.

    Args:
        stiff: What is to be played; on its steps.
        others: What sounds beside them and stays as it is.
        frame: A clip of the length, metre and tempo; its notes do not count.
        drummers: Who plays.
        seed: Of the performance.
        temperature: Of the take.
        cancel: Asked before every part of the work.

    Raises:
        ModelMissingError: if the model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    if not stiff:
        return ()
    manner = Groove(id=1, clip=1, takes=1, seed=seed, temperature=min(HUMAN, temperature))
    (take,) = play_groove(
        manner,
        frame.with_notes((*stiff, *others)),
        drummers.feel,
        drummers.kit,
        drummers.player,
        cancel=cancel,
        report=lambda _: None,
    )
    return take.clip.notes[: len(stiff)]


def pitches_of(clip: Clip, kit: Kit) -> tuple[int, ...]:
    """For each piece the pitch that plays it most in the clip, else the kit's."""
    played = Counter(note.pitch for note in clip.notes if not note.mute)
    chosen = [kit.pitch_of(piece) for piece in Piece]
    for pitch, _ in reversed(played.most_common()):
        chosen[kit.piece_or_timekeeper(pitch)] = pitch
    return tuple(chosen)
