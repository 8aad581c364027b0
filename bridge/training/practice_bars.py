"""Bars to learn from: those drummers played, and what a musician with a grid might draw.

A user's clip may be far from any drummer's bar: four on the floor, hats on every sixteenth, a bar
of seven eighths. So half of the bars are changed: pieces from another bar, pieces taken out or
exchanged, beats turned round, patterns of even strokes.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumbar import BEAT, LONGEST
from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import codes_of, hits_of
from bridge.training.corpus import STEPS_PER_BAR
from bridge.training.scores import Scores

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

_STROKES: Final = (1, 2, 4, 8, 16, 3, 5, 6, 7, 10, 12, 14)
"""Strokes in 16 steps; those first are what is drawn most."""
_STROKES_CHANCES: Final = (0.12, 0.15, 0.2, 0.2, 0.12, 0.04, 0.03, 0.05, 0.03, 0.02, 0.02, 0.02)
_USED: Final = (0.8, 0.6, 0.7, 0.2, 0.1, 0.1, 0.1, 0.15, 0.2)
"""How often each piece is part of a drawn pattern."""
_OTHER_METRES: Final = (12, 14, 8, 20, 24, 28, 10, 6, 18, 32, 4)
"""Steps of a bar that is not in 4/4: 3/4, 7/8, 2/4, 5/4, …; each as likely as the one before by
three quarters."""


# How often things happen; of patterns that are drawn, then of bars that are changed.
_ON_THE_BAR: Final = 0.5
_WITH_GAPS: Final = 0.4
_MOST_GAPS: Final = 0.5
_WITH_STRAYS: Final = 0.4
_MOST_STRAYS: Final = 0.08
_DRAWN: Final = 0.4
_LENT: Final = 0.4
_LENT_BY_DRAWN: Final = 0.5
_PIECES_LENT: Final = 0.4
_WITHOUT: Final = 0.25
_PIECES_OUT: Final = 0.3
_TURNED: Final = 0.25
_BY_BEATS: Final = 0.7
_EXCHANGED: Final = 0.25
_STRAYED: Final = 0.15
_STRAY_CELLS: Final = 0.01


def bars_played(scores: Scores) -> Integers:
    """Every bar of every file with the bar after it, (bars, 32); at a file's end it comes again."""
    played = []
    for codes in scores.codes:
        bars = codes.reshape(-1, STEPS_PER_BAR)
        played.append(np.concatenate([bars, np.concatenate([bars[1:], bars[-1:]])], axis=1))
    return np.concatenate(played)


def steps_of_metre(generator: np.random.Generator, other_metres: float) -> int:
    """The steps of a bar: 16 but for so large a share of other metres."""
    if generator.random() >= other_metres:
        return STEPS_PER_BAR
    chances = 0.75 ** np.arange(len(_OTHER_METRES))
    return int(generator.choice(_OTHER_METRES, p=chances / chances.sum()))


def drawn_patterns(generator: np.random.Generator, count: int) -> Integers:
    """Patterns of even strokes, with gaps and a few hits between, (count, 32)."""
    rows = (count, 1, PIECES)

    def chosen(share: float, *shape: int) -> Booleans:
        return generator.random(shape) < share

    strokes = generator.choice(_STROKES, rows, p=_STROKES_CHANCES)
    phase = np.where(chosen(_ON_THE_BAR, *rows), 0, generator.integers(0, STEPS_PER_BAR, rows))
    number = np.arange(LONGEST)[:, None] + phase
    struck = number * strokes // STEPS_PER_BAR != (number - 1) * strokes // STEPS_PER_BAR
    gaps = _MOST_GAPS * generator.random(rows) * chosen(_WITH_GAPS, *rows)
    struck &= generator.random(struck.shape) >= gaps
    strays = _MOST_STRAYS * generator.random(rows) * chosen(_WITH_STRAYS, count, 1, 1)
    struck |= generator.random(struck.shape) < strays
    return codes_of(struck & (generator.random(rows) < np.array(_USED)))


def changed(codes: Integers, others: Integers, generator: np.random.Generator) -> Integers:
    """Bars (count, 32) changed by lot, each in one way or in several; ``others`` lend pieces."""
    count = len(codes)

    def chosen(share: float) -> Booleans:
        return generator.random((count, 1)) < share

    def some_pieces(share: float) -> Integers:
        return codes_of(generator.random((count, 1, PIECES)) < share)

    drawn = drawn_patterns(generator, count)
    codes = np.where(chosen(_DRAWN), drawn, codes)
    others = np.where(chosen(_LENT_BY_DRAWN), drawn, others)
    lent = some_pieces(_PIECES_LENT)
    codes = np.where(chosen(_LENT), codes & ~lent | others & lent, codes)
    codes = np.where(chosen(_WITHOUT), codes & ~some_pieces(_PIECES_OUT), codes)
    codes = np.where(chosen(_TURNED), _turned(codes, generator), codes)
    codes = np.where(chosen(_EXCHANGED), _exchanged(codes, generator), codes)
    strays = codes_of(generator.random((count, LONGEST, PIECES)) < _STRAY_CELLS)
    return np.where(chosen(_STRAYED), codes ^ strays, codes)


def _turned(codes: Integers, generator: np.random.Generator) -> Integers:
    """The bars begun elsewhere, mostly at another beat."""
    count = len(codes)
    by = generator.integers(0, LONGEST, (count, 1))
    by = np.where(generator.random((count, 1)) < _BY_BEATS, by // BEAT * BEAT, by)
    turned: Integers = np.take_along_axis(codes, (np.arange(LONGEST) + by) % LONGEST, axis=1)
    return turned


def _exchanged(codes: Integers, generator: np.random.Generator) -> Integers:
    """The bars with two pieces of the kit in each other's place."""
    rank = generator.random((len(codes), PIECES)).argsort(axis=1)
    order = np.tile(np.arange(PIECES), (len(codes), 1))
    rows = np.arange(len(codes))
    order[rows, rank[:, 0]], order[rows, rank[:, 1]] = rank[:, 1], rank[:, 0]
    return codes_of(np.take_along_axis(hits_of(codes), order[:, None], axis=2))
