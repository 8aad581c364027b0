"""Continue: plays on after a drum clip, in its own style and with its own feel."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import codes_of, forbidden_at
from bridge.codecs.hits import read_hits
from bridge.engine.cancel import Cancel
from bridge.errors import NoNotesError
from bridge.music.clip import Clip, Take
from bridge.music.drumkit import Kit
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Continue
from bridge.tools.groove import SEEDS
from bridge.tools.keeping import Kept
from bridge.tools.performing import (
    WRITING_PART,
    Drummers,
    perform_notes,
    pitches_of,
    stiff_notes,
)
from bridge.tools.writing import HEARD_BARS, Page, Rules, require_writable, write

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Context:
    """What has been played, as the model hears it."""

    codes: Integers
    """One code a step, (steps,)."""
    first_step: int
    """Where it begins, counted from a bar's start."""
    steps_per_bar: int
    tempo: float

    def page(self, steps: int) -> Page:
        """What is known, and so many steps to be written after it."""
        written = np.arange(len(self.codes) + steps) >= len(self.codes)
        codes = np.concatenate([self.codes, np.zeros(steps, np.int64)])
        return Page(codes, written, self.first_step, self.steps_per_bar, self.tempo)


def play_continuation(
    request: Continue,
    clip: Clip,
    keep: Clip | None,
    drummers: Drummers,
    *,
    cancel: Cancel,
    report: Callable[[float], None],
) -> tuple[Take, ...]:
    """Takes that begin where the clip ends; each is the continuation alone, and has a hit.

    Args:
        request: How many takes, how long, and of what kind; its ids are not looked at.
        clip: What is gone on from.
        keep: Whose notes stay in every take; None for no notes.
        drummers: Who plays.
        cancel: Asked before every step.
        report: Told the part of the work that is done, 0–1.

    Raises:
        NoNotesError: if no note of the clip sounds.
        BadRequestError: if its bars are no whole sixteenths, or there are too many of them.
        ModelMissingError: if a model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    context = read_context(clip, drummers.kit, request.bars)
    steps = request.bars * context.steps_per_bar
    frame = replace(
        clip,
        notes=(),
        length=steps * TICKS_PER_SIXTEENTH,
        loop_start=0,
        loop_end=None,
        name="",
    )
    kept = Kept.lay(keep, drummers.kit, frame.length, steps)
    seeds = [(request.seed + index) % SEEDS for index in range(request.takes)]
    written = write(
        context.page(steps),
        [np.random.default_rng(seed) for seed in seeds],
        drummers.writer,
        Rules(
            np.full(steps, request.temperature),
            forbidden_at(request.pieces, request.most, kept.codes),
            sounding=True,
        ),
        cancel=cancel,
        report=lambda part: report(WRITING_PART * part),
    )
    pitches = pitches_of(clip, drummers.kit)
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


def read_context(clip: Clip, kit: Kit, bars: int) -> Context:
    """The last eight bars of a clip; one that ends within a bar is heard to the bar's end.

    Args:
        clip: What is gone on from.
        kit: Which pitch plays which piece.
        bars: How many are to follow.

    Raises:
        NoNotesError: if no note of it sounds.
        BadRequestError: if its bars are no whole sixteenths, or too many are to follow.
    """
    steps_per_bar = require_writable("Continue", bars, clip)
    hits = read_hits(clip, kit.piece_or_timekeeper)
    if not len(hits.note):
        raise NoNotesError("The clip has no note that sounds. Draw or record a beat first.")
    first, end = (clip.loop_start, clip.end_of_loop) if clip.looping else (0, clip.length)
    length = max(1, -(-(end - first) // clip.ticks_per_bar))
    struck = np.zeros((length * steps_per_bar, PIECES), np.bool_)
    step = hits.step - first // TICKS_PER_SIXTEENTH
    inside = (step >= 0) & (step < len(struck))
    struck[step[inside], hits.piece[inside]] = True
    heard = min(length, HEARD_BARS) * steps_per_bar
    return Context(
        codes_of(struck)[len(struck) - heard :], len(struck) - heard, steps_per_bar, clip.tempo
    )
