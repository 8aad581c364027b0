"""How well bars come back from their places, and what lies between them, on the test split.

A bar comes back where all nine pieces of a step are as played. Windows are those of the groove
evaluation: two bars each. No torch is needed: what is measured are the exported graphs and the way
the tool goes with them.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumbar import Floats, Integers, features_of
from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import codes_of, hits_of
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Model
from bridge.engine.sampling import probabilities
from bridge.errors import DataMissingError
from bridge.music.drumkit import Piece
from bridge.protocol.messages import ALL_PIECES
from bridge.tools.score_paths import Chance, Locks, Stop, hear, played_at, walk
from bridge.tools.variation import vary
from bridge.tools.writing import OPENING_BAR
from bridge.training.corpus import (
    PROTOCOL_TEST_HITS,
    PROTOCOL_WINDOWS,
    STEPS_PER_BAR,
    Drumming,
    Windows,
    cut_windows,
)
from bridge.training.metrics import Measure, measure, measure_of_sums
from bridge.training.paths import (
    POINTS,
    evenness,
    exact_steps,
    mixed_at_random,
    squared_of_sums,
    sums_of_evenness,
    ways_gone,
)
from bridge.training.score_likelihood import UNSAID, step_nats
from bridge.training.scores import ScoreWindows

PAIRS: Final = 512
JUDGED: Final = 192
"""So many of them are judged, which takes the longest."""
SEED: Final = 0
BATCH: Final = 256
NEAR_WINDOWS: Final = 64
DISTANCES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
INNER: Final = (2, 4, 6, 8)
"""The points of a path whose likelihood is measured; the ends are 0 and 10."""

_RECALL_PART: Final = 0.15
_WAYS_PART: Final = 0.75

Doubles = npt.NDArray[np.float64]

DRAWN: Final[Mapping[str, Mapping[Piece, str]]] = MappingProxyType(
    {
        "four on the floor": {
            Piece.KICK: "x...x...x...x...",
            Piece.SNARE: "....x.......x...",
            Piece.OPEN_HAT: "..x...x...x...x.",
        },
        "sixteenth hats": {
            Piece.KICK: "x.....x.x.......",
            Piece.SNARE: "....x.......x...",
            Piece.CLOSED_HAT: "xxxxxxxxxxxxxxxx",
        },
        "trap": {
            Piece.KICK: "x......x..x.....",
            Piece.SNARE: "........x.......",
            Piece.CLOSED_HAT: "x.x.xxxxx.x.x.xx",
        },
        "samba": {
            Piece.KICK: "x..xx..xx..xx..x",
            Piece.SNARE: "x.x..x.x.x.x..x.",
            Piece.RIDE: "x.xxx.xxx.xxx.xx",
            Piece.LOW_TOM: "....x.......xx..",
        },
        "toms and crash": {
            Piece.KICK: "x.......x.......",
            Piece.LOW_TOM: "..x...x...x...x.",
            Piece.HIGH_TOM: "...x...x...x...x",
            Piece.CRASH: "x...............",
        },
        "3/4": {
            Piece.KICK: "x.....x.....",
            Piece.SNARE: "....x...x..x",
            Piece.RIDE: "x.x.x.x.x.x.",
        },
        "7/8": {
            Piece.KICK: "x.....x.......",
            Piece.SNARE: "....x.....x...",
            Piece.CLOSED_HAT: "x.x.x.x.x.x.x.",
        },
        "5/4": {
            Piece.KICK: "x.....x...x.........",
            Piece.SNARE: "....x.......x.....x.",
            Piece.CLOSED_HAT: "x.x.x.x.x.x.x.x.x.x.",
        },
    }
)
"""Bars as a musician with a grid draws them; none is from the data."""


@dataclass(frozen=True, slots=True)
class Recall:
    """How well bars come back from their places."""

    steps: int
    exact: Measure
    """Of all steps those that come back right at temperature 1, from the mean of the place."""
    exact_of_draw: Measure
    """The same from a place that is drawn."""
    exact_struck: Measure
    """The same from the mean, of the steps on which something was struck."""
    exact_likeliest: Measure
    """The same from the mean, at temperature 0."""
    nats_told: float
    """By the place of a bar, beyond the standard normal distribution."""
    drawn: Mapping[str, float]
    """Of bars that were drawn, the steps that come back right at temperature 1, from the mean."""


@dataclass(frozen=True, slots=True)
class Ways:
    """What lies between clips: eleven points, both ends among them."""

    pairs: int
    judged: int
    """Of the pairs, the first."""
    even: Measure
    """R² of the way gone against the way due."""
    even_by_lot: float
    """The same where cells change in an order drawn by lot."""
    longest_step: float
    """Over the mean step."""
    longest_step_by_lot: float
    detour: float
    """Cells that change on the way, over those that differ."""
    silent: int
    """Points of all paths at which nothing is struck."""
    strange: Measure
    """Nats of what lies on the way under the score model, over those of the ends."""
    strange_by_lot: Measure
    hits_half_way: float
    """Over the mean of both ends."""


@dataclass(frozen=True, slots=True)
class Near:
    """What lies near a clip, at some distances on the way to a beat that nobody has heard."""

    windows: int
    apart: Mapping[float, float]
    """By the distance, 0–1: the cells that differ from the clip, over those at the end."""
    even: Measure
    """R² of those against the distance, over all windows."""
    strange: Mapping[float, float]
    """By the distance: nats under the score model, over those of the clip."""


@dataclass(frozen=True, slots=True)
class InterpolateReport:
    """Everything ``clipbridge evaluate interpolate`` prints."""

    windows: int
    recall: Recall
    ways: Ways
    near: Near

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Company:
    """The models that are measured and the one that judges."""

    listener: Model
    player: Model
    judge: Model
    """The score model, which has learned apart."""


def evaluate_interpolate(
    drummings: tuple[Drumming, ...], company: Company, *, report: Callable[[float], None]
) -> InterpolateReport:
    """The interpolate model on the test split.

    Args:
        drummings: The whole data set.
        company: The models.
        report: Told the part that is done, 0–1.

    Raises:
        DataMissingError: if the data is not the published one.
    """
    windows = cut_windows(drummings, "test")
    hits = int(windows.played.hits.sum())
    if len(windows) != PROTOCOL_WINDOWS["test"] or hits != PROTOCOL_TEST_HITS:
        raise DataMissingError(
            f"This is not the published data set: {len(windows):,} windows and {hits:,} hits."
        )
    return measure_windows(windows, company, pairs=PAIRS, report=report)


def measure_windows(
    windows: Windows, company: Company, *, pairs: int, report: Callable[[float], None]
) -> InterpolateReport:
    """The interpolate model on any windows; arguments as for :func:`evaluate_interpolate`."""
    codes = codes_of(windows.played.hits)
    recall = _recall(codes.reshape(-1, STEPS_PER_BAR), windows.file, company)
    report(_RECALL_PART)
    ways = _ways(
        windows,
        codes,
        company,
        pairs,
        lambda part: report(_RECALL_PART + _WAYS_PART * part),
    )
    near = _near(windows, codes, company, min(NEAR_WINDOWS, pairs))
    report(1.0)
    return InterpolateReport(len(windows), recall, ways, near)


def nats_of(codes: Integers, tempo: Floats, judge: Model) -> Doubles:
    """The nats of whole scores (scores, steps) in 4/4 under the score model, (scores,)."""
    windows = ScoreWindows(
        codes=codes,
        counted=np.ones(codes.shape, np.bool_),
        first_step=np.full(len(codes), OPENING_BAR * STEPS_PER_BAR),
        tempo=tempo,
        file=np.arange(len(codes)),
        style=np.full(len(codes), UNSAID),
    )
    nats, _ = step_nats(judge, windows)
    return np.asarray(nats.sum(axis=1), np.float64)


def pairs_of(codes: Integers, pairs: int) -> tuple[Integers, Integers]:
    """Numbers of windows, (pairs,) each: of a random pair that sounds and is not the same."""
    generator = np.random.default_rng(SEED)
    sounding = np.flatnonzero(codes.any(axis=1))
    first, last = (generator.choice(sounding, 2 * pairs) for _ in range(2))
    differing = np.flatnonzero((codes[first] != codes[last]).any(axis=1))[:pairs]
    return first[differing], last[differing]


def walked(
    first: Integers, last: Integers, company: Company, *, seed: int, temperature: float = 1.0
) -> Integers:
    """The codes (11, steps) on the way between two scores (steps,) in 4/4, as the tool goes."""
    ends = [
        hear(codes.reshape(-1, STEPS_PER_BAR), company.listener, Cancel())
        for codes in (first, last)
    ]
    chance = Chance.drawn(np.random.default_rng(seed), STEPS_PER_BAR, temperature)
    stops: tuple[Stop, ...] = walk(
        ends[0],
        ends[1],
        np.linspace(0.0, 1.0, POINTS).tolist(),
        company.player,
        chance,
        locks=Locks.on(ends[0].bars, ALL_PIECES, PIECES),
        cancel=Cancel(),
    )
    return np.stack([stop.bars.reshape(-1) for stop in stops])


def _recall(bars: Integers, file: Integers, company: Company) -> Recall:
    mean, spread = _places_of(bars, company.listener)
    generator = np.random.default_rng(SEED)
    drawn = mean + spread * generator.standard_normal(mean.shape).astype(np.float32)
    likeliest, sampled = _played_again(mean, company.player, generator)
    _, of_draw = _played_again(drawn, company.player, generator)
    told = 0.5 * (mean**2 + spread**2 - 1.0 - 2.0 * np.log(spread)).sum(axis=1)
    of_step = np.repeat(file, bars.size // len(file))
    struck = bars.ravel() > 0
    right, right_of_draw, right_likeliest = (
        exact_steps(found, bars).ravel() for found in (sampled, of_draw, likeliest)
    )
    return Recall(
        steps=bars.size,
        exact=measure(right, of_step),
        exact_of_draw=measure(right_of_draw, of_step),
        exact_struck=measure(right[struck], of_step[struck]),
        exact_likeliest=measure(right_likeliest, of_step),
        nats_told=float(told.mean()),
        drawn=_drawn(company),
    )


def _places_of(bars: Integers, listener: Model) -> tuple[Floats, Floats]:
    """Means and standard deviations of the places of bars, (bars, numbers) each."""
    hits, counted = features_of(bars)
    heard = [
        listener.run(
            {"hits": hits[first : first + BATCH], "counted": counted[first : first + BATCH]},
            Cancel(),
        )
        for first in range(0, len(bars), BATCH)
    ]
    mean, spread = (np.concatenate([part[name] for part in heard]) for name in ("mean", "spread"))
    return mean, spread


def _played_again(
    latents: Floats, player: Model, generator: np.random.Generator
) -> tuple[Integers, Integers]:
    """The likeliest codes at places, and codes drawn at temperature 1, (places, 16) each."""
    likeliest, sampled = [], []
    for first in range(0, len(latents), BATCH):
        logits = played_at(latents[first : first + BATCH], STEPS_PER_BAR, player, Cancel())
        likeliest.append(logits.argmax(axis=-1))
        sampled.append((logits + generator.gumbel(size=logits.shape)).argmax(axis=-1))
    return np.concatenate(likeliest), np.concatenate(sampled)


def _drawn(company: Company) -> dict[str, float]:
    """For each drawn bar how likely a step of it comes back right, the mean of its steps."""
    right = {}
    for name, pattern in DRAWN.items():
        steps = len(next(iter(pattern.values())))
        struck = np.zeros((steps, len(Piece)), np.bool_)
        for piece, row in pattern.items():
            struck[:, piece] = [sign == "x" for sign in row]
        bar = codes_of(struck)[None]
        mean = hear(bar, company.listener, Cancel()).places
        mass = probabilities(played_at(mean, steps, company.player, Cancel())[0])
        right[name] = float(mass[np.arange(steps), bar[0]].mean())
    return right


def _ways(
    windows: Windows,
    codes: Integers,
    company: Company,
    pairs: int,
    report: Callable[[float], None],
) -> Ways:
    one, other = pairs_of(codes, pairs)
    paths = []
    for number, (first, last) in enumerate(zip(codes[one], codes[other], strict=True)):
        paths.append(walked(first, last, company, seed=number))
        report(0.5 * (number + 1) / len(one))
    ours = np.stack(paths)
    lot = mixed_at_random(codes[one], codes[other], np.random.default_rng(SEED))
    file = windows.file[one]
    strange = []
    for done, some in enumerate((ours, lot)):
        # The way begins in the first clip, so its tempo is the one that all of it is judged at.
        judged = _strangeness(some[:JUDGED], windows.tempo[one[:JUDGED]], company.judge)
        strange.append(
            measure_of_sums(judged, file[:JUDGED], lambda both: float(both[0] / both[1]))
        )
        report(0.75 + 0.25 * done)
    even, even_of_lot = evenness(ours), evenness(lot)
    struck = hits_of(ours).sum(axis=(0, 2, 3))
    return Ways(
        pairs=len(one),
        judged=min(len(one), JUDGED),
        even=measure_of_sums(sums_of_evenness(ours), file, squared_of_sums),
        even_by_lot=even_of_lot.squared,
        longest_step=even.longest_step,
        longest_step_by_lot=even_of_lot.longest_step,
        detour=even.detour,
        silent=int((~ours.any(axis=-1)).sum()),
        strange=strange[0],
        strange_by_lot=strange[1],
        hits_half_way=float(struck[POINTS // 2] / (0.5 * (struck[0] + struck[-1]))),
    )


def _strangeness(paths: Integers, tempo: Floats, judge: Model) -> Doubles:
    """The mean nats of what lies on each path, and those of its ends, (paths, 2)."""
    points = (0, *INNER, POINTS - 1)
    some = paths[:, points]
    nats = nats_of(some.reshape(-1, some.shape[-1]), np.repeat(tempo, len(points)), judge)
    by_path = nats.reshape(len(paths), -1)
    return np.stack([by_path[:, 1:-1].mean(axis=1), by_path[:, [0, -1]].mean(axis=1)], axis=1)


def _near(windows: Windows, codes: Integers, company: Company, count: int) -> Near:
    chosen = np.random.default_rng(SEED).choice(np.flatnonzero(codes.any(axis=1)), count)
    paths = []
    for number, window in enumerate(chosen.tolist()):
        clip = hear(codes[window].reshape(-1, STEPS_PER_BAR), company.listener, Cancel())
        paths.append(
            [
                vary(
                    clip,
                    distance,
                    np.random.default_rng(number),
                    company.player,
                    temperature=1.0,
                    locks=Locks.on(clip.bars, ALL_PIECES, PIECES),
                    cancel=Cancel(),
                ).reshape(-1)
                for distance in DISTANCES
            ]
        )
    made = np.array(paths, np.int64)  # (windows, distances, steps)
    nats = nats_of(
        made.reshape(-1, made.shape[-1]),
        np.repeat(windows.tempo[chosen], len(DISTANCES)),
        company.judge,
    ).reshape(count, -1)
    gone = ways_gone(made).mean(axis=0).tolist()
    strange = (nats.sum(axis=0) / nats[:, 0].sum()).tolist()
    return Near(
        windows=count,
        apart=dict(zip(DISTANCES, gone, strict=True)),
        even=measure_of_sums(sums_of_evenness(made), windows.file[chosen], squared_of_sums),
        strange=dict(zip(DISTANCES, strange, strict=True)),
    )
