"""Continue: plays on after a drum clip, in its own style and with its own feel."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumgrid import PIECES, tempo_feature
from bridge.codecs.drumscore import (
    CODEC_ID,
    CODES,
    LAGS,
    codes_of,
    forbidden,
    hits_of,
    lags_of,
    places,
)
from bridge.codecs.hits import read_hits
from bridge.engine.autoregressive import REMEMBERED, Memory
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Model
from bridge.errors import BadRequestError, ModelMissingError, NoNotesError
from bridge.music.clip import Clip, Note, Take
from bridge.music.drumkit import Kit, Piece
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Continue, Groove
from bridge.tools.groove import SEEDS, Feel, play_groove

MODEL: Final = "continuation"

CONTEXT_BARS: Final = 8
"""So much of the clip's end is heard."""

_LISTENING_PART: Final = 0.2
"""Of the work: to hear the clip."""

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
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


@dataclass(frozen=True, slots=True)
class Drummers:
    """The models that play a continuation, and the feel of the clip."""

    writer: Model
    """Says what is hit."""
    player: Model
    """Says how."""
    feel: Feel


def play_continuation(
    request: Continue,
    clip: Clip,
    kit: Kit,
    drummers: Drummers,
    *,
    cancel: Cancel,
    report: Callable[[float], None],
) -> tuple[Take, ...]:
    """Takes that begin where the clip ends; each is the continuation alone.

    Args:
        request: How many takes, how long, and of what kind; its ids are not looked at.
        clip: What is gone on from.
        kit: Which pitch plays which piece.
        drummers: Who plays.
        cancel: Asked before every step.
        report: Told the part of the work that is done, 0–1.

    Raises:
        NoNotesError: if no note of the clip sounds.
        BadRequestError: if it is no drum clip, or its bars are no whole sixteenths.
        ModelMissingError: if a model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    context = read_context(clip, kit)
    seeds = [(request.seed + index) % SEEDS for index in range(request.takes)]
    written = write_on(
        context,
        request.bars * context.steps_per_bar,
        [np.random.default_rng(seed) for seed in seeds],
        drummers.writer,
        temperature=request.temperature,
        banned=forbidden(request.pieces, request.most),
        cancel=cancel,
        report=lambda part: report(0.8 * part),
    )
    pitches = _pitches(clip, kit)
    takes = []
    for index, (seed, codes) in enumerate(zip(seeds, written, strict=True)):
        stiff = _stiff(codes, clip, request.bars, pitches)
        played = _played(stiff, request, seed, kit, drummers, cancel) if stiff.notes else stiff
        takes.append(Take(index, seed, played))
        report(0.8 + 0.2 * (index + 1) / request.takes)
    return tuple(takes)


def read_context(clip: Clip, kit: Kit) -> Context:
    """The last eight bars of a clip; one that ends within a bar is heard to the bar's end.

    Raises:
        NoNotesError: if no note of it sounds.
        BadRequestError: if it is no drum clip, or its bars are no whole sixteenths.
    """
    if not clip.drums:
        raise BadRequestError(
            "Continue plays drums, and this is no drum clip. Take a clip of a drum track."
        )
    steps_per_bar, rest = divmod(clip.ticks_per_bar, TICKS_PER_SIXTEENTH)
    if rest:
        raise BadRequestError(
            f"Continue counts in sixteenths, and a bar of {clip.numerator}/{clip.denominator} is"
            " no whole number of them. Choose another time signature."
        )
    hits = read_hits(clip, kit.piece_or_timekeeper)
    if not len(hits.note):
        raise NoNotesError("The clip has no note that sounds. Draw or record a beat first.")
    first, end = (clip.loop_start, clip.end_of_loop) if clip.looping else (0, clip.length)
    bars = max(1, -(-(end - first) // clip.ticks_per_bar))
    struck = np.zeros((bars * steps_per_bar, PIECES), np.bool_)
    step = hits.step - first // TICKS_PER_SIXTEENTH
    inside = (step >= 0) & (step < len(struck))
    struck[step[inside], hits.piece[inside]] = True
    heard = min(bars, CONTEXT_BARS) * steps_per_bar
    return Context(
        codes_of(struck)[len(struck) - heard :], len(struck) - heard, steps_per_bar, clip.tempo
    )


def write_on(
    context: Context,
    steps: int,
    generators: list[np.random.Generator],
    model: Model,
    *,
    temperature: float,
    banned: Floats,
    cancel: Cancel,
    report: Callable[[float], None] = lambda _: None,
) -> Integers:
    """What is hit after the context, as codes, (takes, steps).

    Args:
        context: What was played before.
        steps: How many steps to write.
        generators: The chance of each take.
        model: The model that writes.
        temperature: 0 takes the likeliest code of every step.
        banned: What is added to the logits, (512,).
        cancel: Asked before every step.
        report: Told the part that is done, 0–1.

    Raises:
        ModelMissingError: if the model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    if model.manifest.codec != CODEC_ID:
        raise ModelMissingError(
            f"The model {model.manifest.name} was made for another version of Clipbridge. Install"
            " Clipbridge again, or take the folder of further models away."
        )
    before = len(context.codes)
    line = _Line(context, before + steps, model)
    line.codes[:, :before] = context.codes
    memory = Memory.empty(model.manifest, 1)
    for step in range(before):
        line.logits(step, memory, cancel)
        report(_LISTENING_PART * step / before)
    memory = memory.for_each(len(generators))
    line.codes = np.repeat(line.codes, len(generators), axis=0)
    # Drawn for each take at once, so that a take's chance is the same however many there are.
    noise = np.stack([each.gumbel(size=(steps, CODES)) for each in generators])
    for step in range(steps):
        logits = line.logits(before + step, memory, cancel).astype(np.float64) + banned
        if temperature > 0:
            logits = logits / temperature + noise[:, step]
        line.codes[:, before + step] = logits.argmax(axis=-1)
        report(_LISTENING_PART + (1.0 - _LISTENING_PART) * (step + 1) / steps)
    return line.codes[:, before:]


class _Line:
    """Scores that are read and written step by step."""

    def __init__(self, context: Context, steps: int, model: Model) -> None:
        self.codes = np.zeros((1, steps), np.int64)
        self._lags = lags_of(context.steps_per_bar)
        self._places = places(np.array([context.first_step]), steps, context.steps_per_bar)[0]
        self._tempo = tempo_feature(context.tempo)
        self._model = model

    def logits(self, step: int, memory: Memory, cancel: Cancel) -> Floats:
        """The logits of one step, (scores, 512); the memory keeps what the model saw."""
        scores = len(self.codes)
        heard = np.zeros((scores, LAGS, PIECES), np.float32)
        known = np.zeros((scores, LAGS), np.float32)
        for number, lag in enumerate(self._lags):
            if lag <= step:
                heard[:, number] = hits_of(self.codes[:, step - lag])
                known[:, number] = 1.0
        outputs = self._model.run(
            {
                "score": heard.reshape(scores, -1),
                "known": known,
                "place": np.tile(self._places[step], (scores, 1)),
                "tempo": np.full((scores, 1), self._tempo, np.float32),
                **memory.inputs(),
            },
            cancel,
        )
        memory.remember(outputs[REMEMBERED])
        return outputs["logits"]


def _pitches(clip: Clip, kit: Kit) -> tuple[int, ...]:
    """For each piece the pitch that plays it most in the clip, else the kit's."""
    played = Counter(note.pitch for note in clip.notes if not note.mute)
    chosen = [kit.pitch_of(piece) for piece in Piece]
    for pitch, _ in reversed(played.most_common()):
        chosen[kit.piece_or_timekeeper(pitch)] = pitch
    return tuple(chosen)


def _stiff(codes: Integers, clip: Clip, bars: int, pitches: tuple[int, ...]) -> Clip:
    notes = tuple(
        Note(pitches[piece], step * TICKS_PER_SIXTEENTH, TICKS_PER_SIXTEENTH)
        for step, piece in np.argwhere(hits_of(codes) > 0).tolist()
    )
    return replace(
        clip,
        notes=notes,
        length=bars * clip.ticks_per_bar,
        loop_start=0,
        loop_end=None,
        name="",
    )


def _played(
    stiff: Clip, request: Continue, seed: int, kit: Kit, drummers: Drummers, cancel: Cancel
) -> Clip:
    """The take as the drummer of the clip would play it."""
    performance = Groove(
        id=request.id,
        clip=request.clip,
        takes=1,
        seed=seed,
        # What is hit may be wild; how it is hit stays human.
        temperature=min(1.0, request.temperature),
        kit=request.kit,
    )
    (take,) = play_groove(
        performance,
        stiff,
        drummers.feel,
        kit,
        drummers.player,
        cancel=cancel,
        report=lambda _: None,
    )
    return take.clip
