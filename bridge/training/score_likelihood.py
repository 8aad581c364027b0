"""How likely a score model finds what drummers played, step by step; no torch is needed.

A step's nats are exact: the model says a probability for each of the 512 codes.
"""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumgrid import tempo_feature
from bridge.codecs.drumscore import Outlook, places, turns_of
from bridge.engine.autoregressive import REMEMBERED, Memory
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Model
from bridge.engine.sampling import probabilities
from bridge.music.styles import STYLES
from bridge.training.corpus import STEPS_PER_BAR
from bridge.training.scores import Booleans, Integers, ScoreWindows

BATCH: Final = 64
UNSAID: Final = -1
"""In the place of a style's number."""
_LEAST: Final = 1e-12

Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]


def step_nats(
    model: Model,
    windows: ScoreWindows,
    *,
    style: Integers | None = None,
    written: Booleans | None = None,
    report: Callable[[float], None] = lambda _: None,
) -> tuple[Doubles, Booleans]:
    """For each step its nats, and whether its code was the likeliest, (windows, steps) each.

    Args:
        model: The score model.
        windows: What was played.
        style: Of each window, as its number; none is said without it.
        written: The steps of a gap, (steps,): the others are heard first. All without it.
        report: Told the part that is done, 0–1.
    """
    nats = np.zeros(windows.codes.shape)
    alike = np.zeros(windows.codes.shape, np.bool_)
    said = np.full(len(windows), UNSAID) if style is None else style
    for first in range(0, len(windows), BATCH):
        numbers = np.arange(first, min(first + BATCH, len(windows)))
        part = windows.chosen(numbers)
        rows = np.arange(len(part))
        for step, logits in step_through(model, part, said[numbers], written):
            mass = probabilities(logits)
            code = part.codes[:, step]
            nats[numbers, step] = -np.log(np.maximum(mass[rows, code], _LEAST))
            alike[numbers, step] = mass.argmax(axis=-1) == code
        report(min(1.0, (first + BATCH) / len(windows)))
    return nats, alike


def step_through(
    model: Model, windows: ScoreWindows, style: Integers, written: Booleans | None = None
) -> Iterator[tuple[int, Floats]]:
    """The steps in the order of their turns, each with its logits, (windows, 512).

    Args:
        model: The score model.
        windows: What it hears, whatever it would have written itself.
        style: Of each window, as its number; −1 where none is said.
        written: As for :func:`step_nats`.
    """
    steps = windows.codes.shape[1]
    turn = turns_of(np.zeros(steps, np.bool_) if written is None else written)
    outlook = Outlook.of(turn, STEPS_PER_BAR)
    place = places(windows.first_step, steps, STEPS_PER_BAR)
    tempo = np.array([[tempo_feature(float(each))] for each in windows.tempo], np.float32)
    # The last row, which −1 names, is that of no style.
    styles = np.eye(len(STYLES) + 1, len(STYLES), dtype=np.float32)[style]
    memory = Memory.empty(model.manifest, len(windows))
    for step in np.argsort(turn).tolist():
        score, known, alike = outlook.tell(windows.codes, step)
        outputs = model.run(
            {
                "score": score,
                "known": known,
                "alike": alike,
                "place": place[:, step],
                "tempo": tempo,
                "style": styles,
                **memory.inputs(step),
            },
            Cancel(),
        )
        memory.remember(step, outputs[REMEMBERED])
        yield step, outputs["logits"]
