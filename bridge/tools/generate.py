"""Generate: performed beats from nothing but a style, a tempo and a metre."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumscore import forbidden_at
from bridge.engine.cancel import Cancel
from bridge.music.clip import Clip, Take, ticks_per_bar
from bridge.music.drumkit import Piece
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Generate
from bridge.tools.groove import SEEDS
from bridge.tools.keeping import Kept
from bridge.tools.performing import (
    WRITING_PART,
    Drummers,
    perform_notes,
    stiff_notes,
)
from bridge.tools.writing import Rules, blank_page, require_writable, write

Doubles = npt.NDArray[np.float64]


def play_generate(
    request: Generate,
    keep: Clip | None,
    drummers: Drummers,
    *,
    cancel: Cancel,
    report: Callable[[float], None],
) -> tuple[Take, ...]:
    """Takes of a beat, each with a hit at least, and with one feel from beginning to end.

    Args:
        request: How many takes, how long, and of what kind; its ids are not looked at.
        keep: Whose notes stay in every take; None for no notes.
        drummers: Who plays, with whatever feel where they have none.
        cancel: Asked before every step.
        report: Told the part of the work that is done, 0–1.

    Raises:
        BadRequestError: if a bar is no whole number of sixteenths, or there are too many bars.
        ModelMissingError: if a model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    frame = frame_of(request)
    steps = frame.length // TICKS_PER_SIXTEENTH
    kept = Kept.lay(keep, drummers.kit, frame.length, steps)
    seeds = [(request.seed + index) % SEEDS for index in range(request.takes)]
    written = write(
        blank_page(steps, frame.ticks_per_bar // TICKS_PER_SIXTEENTH, request.tempo, request.style),
        [np.random.default_rng(seed) for seed in seeds],
        drummers.writer,
        Rules(
            _ramp(request, steps),
            forbidden_at(request.pieces, request.most, kept.codes),
            sounding=True,
        ),
        cancel=cancel,
        report=lambda part: report(WRITING_PART * part),
    )
    pitches = [drummers.kit.pitch_of(piece) for piece in Piece]
    takes = []
    for index, (seed, codes) in enumerate(zip(seeds, written, strict=True)):
        played = perform_notes(
            stiff_notes(kept.beside(codes), pitches),
            kept.notes,
            frame,
            drummers,
            seed=seed,
            temperature=request.temperature,
            cancel=cancel,
        )
        takes.append(Take(index, seed, frame.with_notes(kept.among(played))))
        report(WRITING_PART + (1.0 - WRITING_PART) * (index + 1) / request.takes)
    return tuple(takes)


def frame_of(request: Generate) -> Clip:
    """A clip without notes, of the length, metre and tempo that are asked for.

    Raises:
        BadRequestError: if a bar is no whole number of sixteenths, or there are too many bars.
    """
    frame = Clip(
        (),
        request.bars * ticks_per_bar(request.numerator, request.denominator),
        numerator=request.numerator,
        denominator=request.denominator,
        tempo=request.tempo,
    )
    require_writable("Generate", request.bars, frame)
    return frame


def _ramp(request: Generate, steps: int) -> Doubles:
    """The temperature of each step, evenly from that of the beginning to that of the end."""
    end = request.temperature if request.end_temperature < 0 else request.end_temperature
    return np.linspace(request.temperature, end, steps)
