"""What the note model's melodies cost step by step, so that they compare with any other model's.

The note model says when a note comes, at which pitch and for how long. On sixteenths that is the
same as saying at every step whether a key is struck, the last one is held on, or nothing sounds: a
note is held until it ends, silent until the next comes, and the chance of each is what is left of
the lengths and of the shifts. Both are masked to sixteenths, and no note comes before the last has
ended; so the chances of all codes make 1 at every step. Lengths beyond two bars are coarse in the
model: they are spread evenly over what each stands for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.melodysteps import HOLD, SILENCE, Codes
from bridge.codecs.notescore import LENGTHS, LONGEST_SHIFT, NOTE
from bridge.engine.sampling import probabilities
from bridge.tools.note_writing import Writers
from bridge.training.note_reading import Doubt, Reading
from bridge.training.note_windows import Known, Window

STEP: Final = 3
"""Twelfths of a sixteenth."""
AT_ONCE: Final = 48

_REST: Final = LONGEST_SHIFT // STEP
"""Steps."""
LENGTH_CODES: Final = np.append(np.arange(STEP - 1, LONGEST_SHIFT, STEP), np.arange(96, LENGTHS))
"""The codes of lengths that stand on sixteenths."""
_SPANS: Final = ((33, 44), (44, 56), (56, 80))
"""Steps that the long lengths stand for; the last one stands for 80 and more."""
_LAST: Final = 80
_ON: Final = 31 / 32
"""Chance that a note of 80 steps and more sounds another step on."""
_LEAST: Final = 1e-12
_UNSAID: Final = Known()

Booleans = npt.NDArray[np.bool_]
Doubles = npt.NDArray[np.float64]


def _reaches() -> Doubles:
    """For each length the chance that it is so many steps at least, (36, 82)."""
    steps = np.arange(_LAST + 2)
    rows = [(steps <= length).astype(float) for length in range(1, _REST + 1)]
    rows += [np.clip((end - steps) / (end - begin), 0.0, 1.0) for begin, end in _SPANS]
    rows.append(_ON ** np.maximum(0, steps - _LAST))
    return np.stack(rows)


_REACHES: Final = _reaches()


@dataclass(frozen=True, slots=True)
class Passage:
    """A window of a melody of which some steps are to be priced."""

    window: Window
    """On sixteenths, from the window's bar line on."""
    codes: Codes
    """From there as well, to the last step that is priced."""
    first: int = 0
    """The first step that is priced."""
    known: Known = _UNSAID


@dataclass(frozen=True, slots=True)
class StepCosts:
    """Of the steps of a passage, (steps priced,)."""

    nats: Doubles
    top: Booleans
    """Whether the step's code was the likeliest."""


def step_costs(
    passages: Sequence[Passage], writers: Writers, report: Callable[[float], None] = lambda _: None
) -> tuple[StepCosts, ...]:
    """What each passage costs, in their order.

    Args:
        passages: Any.
        writers: The model.
        report: Told the part that is done, 0–1.
    """
    found: dict[int, StepCosts] = {}
    order = sorted(range(len(passages)), key=lambda number: len(passages[number].window))
    for start in range(0, len(order), AT_ONCE):
        numbers = order[start : start + AT_ONCE]
        found |= zip(numbers, _together([passages[each] for each in numbers], writers), strict=True)
        report(min(1.0, (start + AT_ONCE) / len(order)))
    return tuple(found[number] for number in range(len(passages)))


def _together(passages: Sequence[Passage], writers: Writers) -> list[StepCosts]:
    reading = Reading(
        [passage.window for passage in passages], [passage.known for passage in passages], writers
    )
    walks = [_Walk(passage, reading, row) for row, passage in enumerate(passages)]
    doubts = [(walk, *doubt) for walk in walks for doubt in walk.doubts]
    if doubts:
        shifts, pitches = reading.doubted([doubt for _, _, doubt, _ in doubts])
        peaks = probabilities(pitches).max(axis=-1)
        for (walk, step, doubt, mass), shift, peak in zip(
            doubts, shifts, peaks.tolist(), strict=True
        ):
            struck = 1.0
            if doubt.cut:
                steps = doubt.shift // STEP
                struck = float(_shifts(shift, steps)[0][steps])
            # What might have come: the likeliest key, or silence.
            rival = mass * max(struck * peak, (1.0 - struck) * doubt.cut)
            walk.top[step] &= walk.chance[step] >= rival
    return [StepCosts(-np.log(np.maximum(walk.chance, _LEAST)), walk.top) for walk in walks]


def _shifts(logits: npt.NDArray[np.float32], least: int) -> tuple[Doubles, Doubles]:
    """The chances of shifts of 0–32 steps, none below the least, and of so many at least."""
    masked = logits[::STEP].astype(np.float64)
    masked[: min(least, _REST)] = -np.inf
    chances = probabilities(masked)
    return chances, np.cumsum(chances[::-1])[::-1]


class _Walk:
    """A passage, gone through step by step."""

    def __init__(self, passage: Passage, reading: Reading, row: int) -> None:
        self._passage, self._reading, self._row = passage, reading, row
        count = len(passage.codes) - passage.first
        self.chance = np.zeros(count)
        """Of each step's code."""
        self.top = np.ones(count, np.bool_)
        self.doubts: list[tuple[int, Doubt, float]] = []
        """Steps at which it is open whether something else was likelier, and the chance that
        something else came."""
        self._struck = -1
        self._reach: Doubles = np.ones(1)
        self._ends = -1
        self._walk()

    def _walk(self) -> None:
        window, codes = self._passage.window, self._passage.codes
        time = window.time // STEP
        over = np.append(codes, SILENCE) != HOLD
        for token in range(len(window)):
            kind, at = int(window.kind[token]), int(time[token])
            following = token + 1 < len(window)
            note_follows = following and window.kind[token + 1] == NOTE
            begin = at + (kind == NOTE)
            end = int(time[token + 1]) + note_follows if following else len(codes)
            end = min(end, len(codes))
            if kind == NOTE and at < len(codes):
                self._ends = at + 1 + int(over[at + 1 :].argmax())
            if max(begin, self._passage.first) < end:
                self._priced(token, at, max(begin, self._passage.first), end)
            if note_follows:
                lengths = self._reading.length[self._row, token][LENGTH_CODES].astype(np.float64)
                self._reach = probabilities(lengths) @ _REACHES
                self._struck = int(time[token + 1])

    def _priced(self, token: int, at: int, begin: int, end: int) -> None:
        """The steps that a token decides."""
        codes, first = self._passage.codes, self._passage.first
        own = self._struck == at
        chances, reach = _shifts(self._reading.shift[self._row, token], max(0, self._ends - at))
        for step in range(begin, end):
            here, code = step - first, int(codes[step])
            sounding = self._struck >= 0 and step <= self._ends
            stay = self._stay(step - self._struck) if sounding else 0.0
            over = 1.0 - stay
            if code == HOLD:
                self.chance[here] = stay
                if over > stay:
                    # Of long notes, which rests stand in, the rest of the chance counts as one.
                    self.top[here] = own
                    if own:
                        doubt = Doubt(self._row, token, (step - at) * STEP, cut=True)
                        self.doubts.append((here, doubt, over))
                continue
            left = reach[step - at]
            strike = over * (chances[step - at] / left if left > 0 else 0.0)
            silence = over - strike
            if code == SILENCE:
                self.chance[here] = silence
                self.top[here] = silence >= stay
                if strike > silence >= stay:
                    doubt = Doubt(self._row, token, (step - at) * STEP, cut=False)
                    self.doubts.append((here, doubt, strike))
                continue
            keys = probabilities(self._reading.pitch[self._row, token])
            self.chance[here] = strike * keys[code]
            self.top[here] = keys[code] >= keys.max() and self.chance[here] >= max(stay, silence)

    def _stay(self, steps: int) -> float:
        """The chance that the note that sounds is held on so many steps after it was struck."""
        if steps >= _LAST:
            return _ON
        reach = self._reach
        return float(reach[steps + 1] / reach[steps]) if reach[steps] > 0 else 0.0
