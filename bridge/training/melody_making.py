"""Melodies made from nothing, beside real ones: how like they are, and how fast they come."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from bridge.codecs.notescore import Metre, Setting
from bridge.codecs.originality import Fingerprint
from bridge.engine.cancel import Cancel
from bridge.music.scale import Scale
from bridge.tools.drafting import POOL, Band, Wish, choose_drafts, seeds_of
from bridge.tools.note_writing import Writers, write
from bridge.tools.pages import NO_NOTES, Page
from bridge.tools.taste import DEFAULT_TASTE
from bridge.training.melody_copying import Originality, check_originality
from bridge.training.melody_features import MelodyLikeness, melody_likeness
from bridge.training.melody_judge import Side, judge_melodies
from bridge.training.melody_tunes import BAR, MelodyWindows
from bridge.training.melody_writing import made_from_nothing, one_voice
from bridge.training.note_windows import MELODY
from bridge.training.step_nats import STEP

TAKES: Final = 1_000
BARS: Final = 4
EIGHT: Final = 8
"""Takes that a musician asks for."""
RUNS: Final = 5


@dataclass(frozen=True, slots=True)
class Made:
    """What melodies of four bars from nothing are like, at temperature 1 and with nothing said."""

    takes: int
    likeness: MelodyLikeness
    """Of the takes to as many real windows."""
    likeness_of_real: MelodyLikeness
    """Of other real windows to the same, for comparison."""
    auc: float
    """Of the judge: the mean of several."""
    auc_of_real: float
    """The same judge between two halves of the real songs: what chance gives."""
    originality: Originality

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return {
            **asdict(self),
            "likeness": self.likeness.as_fields(),
            "likeness_of_real": self.likeness_of_real.as_fields(),
        }


@dataclass(frozen=True, slots=True)
class Speed:
    """Milliseconds for eight takes of four bars of melody."""

    best: float
    """Of five, only drawn."""
    median: float
    chosen_best: float
    """With the drafts from which each take is chosen."""
    chosen_median: float

    def as_fields(self) -> dict[str, float]:
        """For JSON."""
        return asdict(self)


def measure_made(
    writers: Writers,
    windows: MelodyWindows,
    fingerprint: Fingerprint,
    *,
    takes: int = TAKES,
    report: Callable[[float], None] = lambda _: None,
) -> Made:
    """What is made from nothing, beside windows of the test split.

    Args:
        writers: The note model.
        windows: Real melodies of four bars.
        fingerprint: Of what was learnt.
        takes: To be made; no more than half as many as there are windows.
        report: Told the part that is done, 0–1.
    """
    takes = min(takes, len(windows.codes) // 2)
    drawn = made_from_nothing(writers, takes)
    report(0.3)
    order = np.random.default_rng(0).permutation(len(windows.codes))
    chosen, others = order[:takes], order[takes : 2 * takes]
    real = windows.codes[chosen]
    told = judge_melodies(
        Side(real, windows.tune[chosen]), Side(drawn, np.arange(len(drawn), dtype=np.int64))
    )
    report(0.6)
    # Whole songs on either side: a judge who tells them apart has learnt songs, or luck.
    side = np.random.default_rng(1).permutation(int(windows.tune.max()) + 1) % 2 == 0
    first, second = (order[side[windows.tune[order]] == half][:takes] for half in (True, False))
    control = judge_melodies(
        *(Side(windows.codes[each], windows.tune[each]) for each in (first, second)), seeds=1
    )
    report(0.9)
    originality, _ = check_originality(
        fingerprint,
        drawn,
        lambda number, turn: made_from_nothing(writers, 1, seed=takes * turn + number, at_once=2)[
            0
        ],
    )
    return Made(
        takes=len(drawn),
        likeness=melody_likeness(drawn, real),
        likeness_of_real=melody_likeness(windows.codes[others], real),
        auc=float(np.mean([each.auc for each in told])),
        auc_of_real=float(np.mean([each.auc for each in control])),
        originality=originality,
    )


def measure_speed(writers: Writers, fingerprint: Fingerprint, runs: int = RUNS) -> Speed:
    """How long eight takes of four bars in C major last here, drawn and chosen."""
    page = Page(Setting(MELODY, Metre(4, 4), 0, 0), NO_NOTES, 0, BARS * BAR * STEP)
    rules = one_voice(page)
    band = Band(writers, DEFAULT_TASTE, fingerprint)
    wish = Wish(Scale.named("Major", 0))

    def draw(run: int) -> None:
        chances = np.random.default_rng(run).spawn(EIGHT)
        write(page, chances, writers, rules, cancel=Cancel())

    def choose(run: int) -> None:
        seeds = seeds_of(run * EIGHT, EIGHT, POOL)
        choose_drafts(page, band, rules, wish, seeds, cancel=Cancel(), report=lambda _: None)

    drawn, chosen = (_times(each, runs) for each in (draw, choose))
    return Speed(min(drawn), float(np.median(drawn)), min(chosen), float(np.median(chosen)))


def _times(work: Callable[[int], None], runs: int) -> list[float]:
    """Milliseconds of each run, after one that does not count."""
    work(0)
    found = []
    for run in range(runs):
        begin = time.perf_counter()
        work(run)
        found.append(1000.0 * (time.perf_counter() - begin))
    return found
