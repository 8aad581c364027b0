"""How well bars of melody come back from their places, and what lies between two melodies.

A step comes back where it is the same key, held note or silence as played. No torch is needed:
what is measured are the exported graphs and the way the tool goes with them, on the test split.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Final, TypeAlias

import numpy as np

from bridge.codecs.melodybar import FIRST_KEY, Integers, bars_of, coded, decoded, settled
from bridge.engine.cancel import Cancel
from bridge.tools.melody_interpolation import bars_between, middle_of, tint_of
from bridge.tools.melody_paths import LineModels, MelodyStop, distributions_of, hear_bars, played_at
from bridge.training.melody_windows import Melody, melody_windows
from bridge.training.metrics import Doubles, Measure, measure, measure_of_sums
from bridge.training.paths import (
    POINTS,
    evenness,
    exact_steps,
    squared_of_sums,
    steps_apart,
    sums_of_evenness,
)
from bridge.training.song import Song

PAIRS: Final = 512
SEED: Final = 0
WINDOWS: Final = 2048
"""So many windows at most are to come back."""
INNER: Final = (2, 4, 6, 8)
"""The points of a path whose likelihood is measured; the ends are 0 and 10."""
LENGTHS: Final = (2, 4)
"""Bars of the windows that are to come back."""

_RECALL_PART: Final = 0.2
_LONGEST_PATH: Final = 64
"""Steps that the codes of a path are filled up to with silence."""

Nats: TypeAlias = Callable[[Sequence[Melody]], Doubles]
"""The nats of melodies under a model that has learned apart, (melodies,)."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Says how strange melodies are."""

    name: str
    nats: Nats
    pairs: int = PAIRS
    """So many pairs at most are judged by it."""


@dataclass(frozen=True, slots=True)
class LineRecall:
    """How well windows of so many bars come back from the places of their bars."""

    bars: int
    windows: int
    steps: int
    exact: Measure
    """Of all steps those that come back right at temperature 1, from the mean of the place."""
    exact_struck: Measure
    """The same of the steps on which a key is struck."""
    exact_of_draw: Measure
    """Of all steps, from a place that is drawn."""
    exact_likeliest: Measure
    """Of all steps, from the mean, at temperature 0."""
    nats_told: float
    """By the place of a bar, beyond the standard normal distribution."""


@dataclass(frozen=True, slots=True)
class Strangeness:
    """The nats of what lies on the way under a judge, over those of the ends."""

    judge: str
    """Its name."""
    pairs: int
    """Of all, the first."""
    ours: Measure
    by_lot: Measure
    """Where steps change in an order drawn by lot."""


@dataclass(frozen=True, slots=True)
class LineWays:
    """What lies between windows of two bars: eleven points, both ends among them."""

    pairs: int
    even: Measure
    """R² of the way gone against the way due."""
    even_by_lot: float
    """The same where steps change in an order drawn by lot."""
    longest_step: float
    """Over the mean step."""
    longest_step_by_lot: float
    detour: float
    """Steps that change on the way, over those that differ."""
    silent: int
    """Points of all paths at which nothing is struck."""
    strange: tuple[Strangeness, ...]
    """Under each judge."""
    notes_half_way: float
    """Over the mean of both ends."""
    notes_half_way_by_lot: float
    neither: float
    """Of the steps half way, those that are neither end's."""


@dataclass(frozen=True, slots=True)
class MelodyPathsReport:
    """Everything ``clipbridge evaluate melody-interpolate`` prints."""

    recall: tuple[LineRecall, ...]
    ways: LineWays

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def evaluate_melody_paths(
    songs: Sequence[Song],
    models: LineModels,
    judges: Sequence[Judge],
    *,
    split: str = "test",
    pairs: int = PAIRS,
    report: Callable[[float], None],
) -> MelodyPathsReport:
    """The melody paths on a split's melodies.

    Args:
        songs: All songs.
        models: Who hears and plays.
        judges: Say how strange melodies are.
        split: The test split, but for choosing.
        pairs: Of windows that are gone between.
        report: Told the part that is done, 0–1.
    """
    recall = []
    for number, bars in enumerate(LENGTHS):
        recall.append(_recall(melody_windows(songs, split, bars), bars, models))
        report(_RECALL_PART * (number + 1) / len(LENGTHS))
    ways = measure_line_ways(
        melody_windows(songs, split, LENGTHS[0]),
        models,
        judges,
        pairs=pairs,
        report=lambda part: report(_RECALL_PART + (1.0 - _RECALL_PART) * part),
    )
    report(1.0)
    return MelodyPathsReport(tuple(recall), ways)


def measure_line_ways(
    windows: Sequence[Melody],
    models: LineModels,
    judges: Sequence[Judge],
    *,
    pairs: int,
    report: Callable[[float], None],
) -> LineWays:
    """What lies between random pairs of windows of the same metre; arguments as above."""
    chosen = pairs_of(windows, pairs)
    ours: list[Integers] = []
    lots: list[Integers] = []
    keys = []
    generator = np.random.default_rng(SEED)
    for number, (first, last) in enumerate(chosen):
        middle = middle_of([first.codes, last.codes])
        path = walked(first, last, middle, models, seed=number)
        lot = mixed_by_lot(path[0], path[-1], generator)
        for into, some in ((ours, path), (lots, lot)):
            into.append(np.pad(some, ((0, 0), (0, _LONGEST_PATH - some.shape[1]))))
        keys.append(middle)
        report(0.9 * (number + 1) / len(chosen))
    song = np.array([first.song for first, _ in chosen])
    paths, by_lot = np.stack(ours), np.stack(lots)
    frames = [first for first, _ in chosen]
    strange = []
    for judge in judges:
        found = []
        for some in (paths[: judge.pairs], by_lot[: judge.pairs]):
            judged = _strangeness(some, frames, keys, judge.nats)
            numbers = song[: len(some)]
            found.append(measure_of_sums(judged, numbers, lambda both: float(both[0] / both[1])))
        strange.append(Strangeness(judge.name, min(judge.pairs, len(chosen)), *found))
    even, even_of_lot = evenness(paths, steps_apart), evenness(by_lot, steps_apart)
    struck, struck_by_lot = ((some >= FIRST_KEY).sum(axis=(0, 2)) for some in (paths, by_lot))
    half = paths[:, POINTS // 2]
    foreign = (half != paths[:, 0]) & (half != paths[:, -1])
    return LineWays(
        pairs=len(chosen),
        even=measure_of_sums(sums_of_evenness(paths, steps_apart), song, squared_of_sums),
        even_by_lot=even_of_lot.squared,
        longest_step=even.longest_step,
        longest_step_by_lot=even_of_lot.longest_step,
        detour=even.detour,
        silent=int((~(paths >= FIRST_KEY).any(axis=-1)).sum()),
        strange=tuple(strange),
        notes_half_way=float(struck[POINTS // 2] / (0.5 * (struck[0] + struck[-1]))),
        notes_half_way_by_lot=float(struck_by_lot[POINTS // 2] / (0.5 * (struck[0] + struck[-1]))),
        neither=float(foreign.sum() / sum(len(first.codes) for first, _ in chosen)),
    )


def pairs_of(windows: Sequence[Melody], pairs: int) -> list[tuple[Melody, Melody]]:
    """Random pairs of windows in the same metre that are not the same."""
    generator = np.random.default_rng(SEED)
    metres: dict[tuple[int, int], list[Melody]] = {}
    for window in windows:
        metres.setdefault((window.numerator, window.denominator), []).append(window)
    found: list[tuple[Melody, Melody]] = []
    while len(found) < pairs:
        first = windows[int(generator.integers(len(windows)))]
        alike = metres[first.numerator, first.denominator]
        last = alike[int(generator.integers(len(alike)))]
        if (first.codes != last.codes).any():
            found.append((first, last))
    return found


def walked(first: Melody, last: Melody, middle: int, models: LineModels, *, seed: int) -> Integers:
    """The codes (11, steps) on the way between two melodies, as the tool goes."""
    ends = []
    for melody in (first, last):
        bars = bars_of(coded(melody.codes, middle), melody.steps_per_bar)
        places = hear_bars(bars, models.listener, Cancel())
        ends.append(MelodyStop(bars, places, tint_of(melody.as_clip(), middle)))
    parts = np.linspace(0.0, 1.0, POINTS).tolist()
    way = bars_between((ends[0], ends[1]), parts, models, first.as_clip(), seed)
    return way.reshape(POINTS, -1)


def mixed_by_lot(first: Integers, last: Integers, generator: np.random.Generator) -> Integers:
    """The path (11, steps) on which steps change one after the other in an order drawn by lot."""
    when = generator.random(first.shape)
    along = np.linspace(0.0, 1.0, POINTS)[:, None]
    return settled(np.where(when < along, last, first))


def _strangeness(
    paths: Integers, frames: Sequence[Melody], middles: Sequence[int], nats: Nats
) -> Doubles:
    """The mean nats of what lies on each path, and those of its ends, (paths, 2)."""
    points = (0, *INNER, POINTS - 1)
    melodies = [
        frame.with_codes(decoded(path[point, : len(frame.codes)], middle))
        for path, frame, middle in zip(paths, frames, middles, strict=False)
        for point in points
    ]
    by_path = nats(melodies).reshape(len(paths), -1)
    return np.stack([by_path[:, 1:-1].mean(axis=1), by_path[:, [0, -1]].mean(axis=1)], axis=1)


def _recall(windows: Sequence[Melody], bars: int, models: LineModels) -> LineRecall:
    by_metre: dict[int, list[tuple[Integers, int]]] = {}
    chosen = np.random.default_rng(SEED).permutation(len(windows))[:WINDOWS].tolist()
    for window in (windows[number] for number in chosen):
        codes = coded(window.codes, middle_of([window.codes]))
        found = by_metre.setdefault(window.steps_per_bar, [])
        found.extend((bar, window.song) for bar in bars_of(codes, window.steps_per_bar))
    generator = np.random.default_rng(SEED)
    right: list[Doubles] = []
    of_draw: list[Doubles] = []
    likeliest: list[Doubles] = []
    struck, song, told = [], [], []
    for steps, some in by_metre.items():
        played = np.stack([bar for bar, _ in some])
        mean, spread = distributions_of(played, models.listener, Cancel())
        drawn = mean + spread * generator.standard_normal(mean.shape).astype(np.float32)
        logits = played_at(mean, steps, models.player, Cancel())
        again = played_at(drawn, steps, models.player, Cancel())
        noise = generator.gumbel(size=logits.shape)
        for into, by in ((right, logits + noise), (of_draw, again + noise), (likeliest, logits)):
            into.append(exact_steps(by.argmax(axis=-1), played).ravel())
        struck.append((played >= FIRST_KEY).ravel())
        song.append(np.repeat([number for _, number in some], steps))
        told.append(0.5 * (mean**2 + spread**2 - 1.0 - 2.0 * np.log(spread)).sum(axis=1))
    songs, keys = np.concatenate(song), np.concatenate(struck)
    exact = np.concatenate(right)
    return LineRecall(
        bars=bars,
        windows=len(chosen),
        steps=len(songs),
        exact=measure(exact, songs),
        exact_struck=measure(exact[keys], songs[keys]),
        exact_of_draw=measure(np.concatenate(of_draw), songs),
        exact_likeliest=measure(np.concatenate(likeliest), songs),
        nats_told=float(np.concatenate(told).mean()),
    )
