"""Windows of drumming drummed anew by the tool, from the rhythm that is tapped in them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bridge.codecs.drumgrid import PIECES, STEPS, Performance
from bridge.codecs.playing import EARLIEST, LATEST
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Model
from bridge.music.clip import Clip, Note
from bridge.music.drumkit import ROLAND, Piece
from bridge.music.grid import nearest_step, offset_from_step
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Drumify
from bridge.tools.drumify import play_drumify
from bridge.training.corpus import Windows
from bridge.training.drumify_prediction import (
    ALL_PIECES,
    BATCH,
    only,
    some_windows,
    window_taps,
)

_PITCH: Final = 60
_LENGTH: Final = STEPS * TICKS_PER_SIXTEENTH
_LATEST_TICK: Final = TICKS_PER_SIXTEENTH // 2 - 1


@dataclass(frozen=True, slots=True)
class Takes:
    """One take of every window, at temperature 1."""

    played: Performance
    """What the takes are on the grid."""
    answered: float
    """Part of the onsets that have a hit on their step."""
    on_taps: float
    """Part of the steps struck on which there is an onset."""


def play_windows(
    windows: Windows,
    model: Model,
    player: Model,
    *,
    tapped: Sequence[Piece] = ALL_PIECES,
    fill: bool = False,
    hits_per_bar: float = 0.0,
    first_seed: int = 0,
    report: Callable[[float], None] = lambda _: None,
) -> Takes:
    """A take of the rhythm of every window; a window without an onset stays silent.

    Args:
        windows: What was played.
        model: The drumify model.
        player: The groove model.
        tapped: The pieces whose hits are the rhythm.
        fill: Whether hits may stand between the onsets.
        hits_per_bar: As in the request.
        first_seed: Each window has the next.
        report: Told the part that is done, 0–1.
    """
    hits, velocity, offset = (np.zeros((len(windows), STEPS, PIECES), np.float32) for _ in range(3))
    onsets = 0
    answered = struck_steps = on_taps = 0
    for index in range(len(windows)):
        clip = rhythm_clip(windows, index, tapped)
        if clip.notes:
            request = Drumify(
                id=1,
                clip=1,
                takes=1,
                seed=first_seed + index,
                fill=fill,
                hits_per_bar=hits_per_bar,
                most=PIECES,
                kit="roland",
            )
            take = play_drumify(
                request, clip, ROLAND, model, player, cancel=Cancel(), report=lambda _: None
            )[0]
            wanted = {nearest_step(note.start) for note in clip.notes}
            struck = {nearest_step(note.start) for note in take.clip.notes}
            onsets += len(wanted)
            answered += len(wanted & struck)
            struck_steps += len(struck)
            on_taps += len(wanted & struck)
            for note in take.clip.notes:
                step = nearest_step(note.start)
                if 0 <= step < STEPS:
                    cell = index, step, ROLAND.piece_or_timekeeper(note.pitch)
                    hits[cell] = 1.0
                    velocity[cell] = note.velocity / 127.0
                    offset[cell] = np.clip(offset_from_step(note.start), EARLIEST, LATEST)
        if index % BATCH == 0:
            report(index / len(windows))
    return Takes(
        Performance(hits, velocity, offset), answered / onsets, on_taps / max(1, struck_steps)
    )


def rhythm_clip(windows: Windows, index: int, tapped: Sequence[Piece] = ALL_PIECES) -> Clip:
    """What these pieces play in a window as a clip of one pitch, without velocities."""
    taps = window_taps(
        only(some_windows(windows, slice(index, index + 1)), tapped), accented=False
    )[0]
    notes = tuple(
        Note(
            _PITCH,
            int(step) * TICKS_PER_SIXTEENTH
            + min(round(float(taps[step, 2]) * TICKS_PER_SIXTEENTH), _LATEST_TICK),
            TICKS_PER_SIXTEENTH,
        )
        for step in np.flatnonzero(taps[:, 0]).tolist()
    )
    return Clip(notes, _LENGTH, tempo=float(windows.tempo[index]), drums=False, looping=False)
