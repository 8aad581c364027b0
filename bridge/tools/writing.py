"""Drum scores written by the score model: after others, between others, or from nothing.

What is hit is drawn here, step by step; how it is played is :mod:`bridge.tools.performing`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumgrid import tempo_feature
from bridge.codecs.drumscore import CODEC_ID, Outlook, places, style_features, turns_of
from bridge.engine.autoregressive import REMEMBERED, Memory
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Model
from bridge.engine.manifest import require_codec
from bridge.engine.sampling import probabilities
from bridge.errors import BadRequestError
from bridge.music.clip import Clip
from bridge.music.styles import ANY
from bridge.music.units import TICKS_PER_SIXTEENTH

MODEL: Final = "score"

HEARD_BARS: Final = 8
"""So many bars are heard at the most."""
MAX_STEPS: Final = 2_048
"""So many steps are written at the most: 128 bars of 4/4."""

OPENING_BAR: Final = 4
"""What is written from nothing is written as the fifth bar of eight and on: the first bars of the
data set's files are often a single fill, with silence after it."""

_LISTENING_PART: Final = 0.2
"""Of the work: to read what is known."""

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Page:
    """A score of which some is known and some is to be written."""

    codes: Integers
    """One code a step, (steps,); what stands where something is to be written does not count."""
    written: Booleans
    """Which steps are to be written, (steps,)."""
    first_step: int
    """Where it begins, counted from a bar's start."""
    steps_per_bar: int
    tempo: float
    style: str = ANY


def blank_page(steps: int, steps_per_bar: int, tempo: float, style: str = ANY) -> Page:
    """Nothing that is known, and so many steps to be written; it begins with a bar."""
    return Page(
        np.zeros(steps, np.int64),
        np.ones(steps, np.bool_),
        OPENING_BAR * steps_per_bar,
        steps_per_bar,
        tempo,
        style,
    )


@dataclass(frozen=True, slots=True)
class Rules:
    """What is drawn by; each of its arrays has a row for each step that is written."""

    temperature: Doubles
    """0 takes the likeliest code, (written,)."""
    banned: Floats
    """What is added to the logits, (written, 512); a code at least is free on each step."""
    sounding: bool = False
    """Whether a take must have a hit."""


def write(
    page: Page,
    generators: Sequence[np.random.Generator],
    model: Model,
    rules: Rules,
    *,
    cancel: Cancel,
    report: Callable[[float], None] = lambda _: None,
) -> Integers:
    """What is hit where something was to be written, as codes, (takes, written).

    Args:
        page: What is known.
        generators: The chance of each take.
        model: The score model.
        rules: How to draw.
        cancel: Asked before every step.
        report: Told the part that is done, 0–1.

    Raises:
        ModelMissingError: if the model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    require_codec(model.manifest, CODEC_ID)
    drawn = _drawn(page, generators, model, rules, cancel, report)
    silent = np.flatnonzero(~drawn.any(axis=1)).tolist()
    if rules.sounding and silent:
        banned = rules.banned.copy()
        if np.isfinite(banned[0, 1:]).any():
            banned[0, 0] = -np.inf
        loud = replace(rules, banned=banned)
        chosen = [generators[take] for take in silent]
        drawn[silent] = _drawn(page, chosen, model, loud, cancel, lambda _: None)
    return drawn


def require_writable(tool: str, bars: int, frame: Clip) -> int:
    """The sixteenths in a bar, where so many bars can be written.

    Args:
        tool: Its name, for the sentence.
        bars: How many are to be written.
        frame: A clip of the metre.

    Raises:
        BadRequestError: if a bar is no whole number of sixteenths, or there are too many.
    """
    steps_per_bar, rest = divmod(frame.ticks_per_bar, TICKS_PER_SIXTEENTH)
    metre = f"{frame.numerator}/{frame.denominator}"
    if rest:
        raise BadRequestError(
            f"{tool} counts in sixteenths, and a bar of {metre} is no whole number of them. Choose"
            " another time signature."
        )
    if bars * steps_per_bar > MAX_STEPS:
        raise BadRequestError(
            f"{tool} writes up to {MAX_STEPS:,} sixteenths at once, and {bars} bars of {metre} have"
            f" {bars * steps_per_bar:,}. Ask for fewer bars."
        )
    return steps_per_bar


class Reader:
    """Scores that a model reads and writes step by step, each at its turn."""

    def __init__(self, page: Page, model: Model) -> None:
        """Begin with what is known; there is one score until :meth:`part_ways`."""
        self.codes = np.where(page.written, 0, page.codes)[None]
        """(scores, steps)."""
        turn = turns_of(page.written)
        self.order = np.argsort(turn)
        """The steps by their turns, (steps,)."""
        self._outlook = Outlook.of(turn, page.steps_per_bar)
        first = np.array([page.first_step])
        self._places = places(first, len(turn), page.steps_per_bar)[0]
        self._tempo = tempo_feature(page.tempo)
        self._style = style_features(page.style)
        self._model = model
        self._memory = Memory.empty(model.manifest, 1)

    def logits(self, step: int, cancel: Cancel) -> Floats:
        """The logits of one step, (scores, 512); the memory keeps what the model saw."""
        scores = len(self.codes)
        score, known, alike = self._outlook.tell(self.codes, step)
        outputs = self._model.run(
            {
                "score": score,
                "known": known,
                "alike": alike,
                "place": np.tile(self._places[step], (scores, 1)),
                "tempo": np.full((scores, 1), self._tempo, np.float32),
                "style": np.tile(self._style, (scores, 1)),
                **self._memory.inputs(step),
            },
            cancel,
        )
        self._memory.remember(step, outputs[REMEMBERED])
        return outputs["logits"]

    def part_ways(self, takes: int) -> None:
        """From here on there are so many scores."""
        self._memory = self._memory.for_each(takes)
        self.codes = np.repeat(self.codes, takes, axis=0)


def _drawn(
    page: Page,
    generators: Sequence[np.random.Generator],
    model: Model,
    rules: Rules,
    cancel: Cancel,
    report: Callable[[float], None],
) -> Integers:
    reader = Reader(page, model)
    written = int(page.written.sum())
    known = len(page.written) - written
    for number, step in enumerate(reader.order[:known].tolist()):
        reader.logits(step, cancel)
        report(_LISTENING_PART * number / known)
    reader.part_ways(len(generators))
    # Drawn for each take at once, so that a take's chance is the same however many there are.
    chance = np.stack([each.random(written) for each in generators])
    for number, step in enumerate(reader.order[known:].tolist()):
        logits = reader.logits(step, cancel).astype(np.float64) + rules.banned[number]
        reader.codes[:, step] = choose(logits, rules.temperature[number], chance[:, number])
        report(_LISTENING_PART + (1.0 - _LISTENING_PART) * (number + 1) / written)
    return reader.codes[:, page.written]


def choose(logits: Doubles, temperature: float, chance: Doubles) -> Integers:
    """A code for each row of logits (rows, 512), by chance from 0 to 1, (rows,).

    One whose logit is −∞ is never chosen.
    """
    if temperature == 0:
        return np.asarray(logits.argmax(axis=-1), np.int64)
    reached = np.cumsum(probabilities(logits / temperature), axis=-1)
    # Of the last sum, which rounding may leave a little beside 1.
    beyond = reached > chance[:, None] * reached[:, -1:]
    return np.asarray(beyond.argmax(axis=-1), np.int64)
