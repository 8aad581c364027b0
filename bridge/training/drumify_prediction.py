"""What the drumify model says of windows of drumming, and where it is best cut off; no torch."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumgrid import PIECES, STEPS, Performance, metre_features
from bridge.codecs.taps import TAP_FEATURES
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Model
from bridge.engine.striking import Limits, choose_hits
from bridge.music.clip import ticks_per_bar
from bridge.music.drumkit import Piece
from bridge.music.units import TICKS_PER_BEAT
from bridge.tools.drumify import LATENT_SIZE
from bridge.training.corpus import STEPS_PER_BAR, Drumming, Windows

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

BATCH: Final = 64
BAR_OF_COMMON_TIME: Final = 4 * TICKS_PER_BEAT
LEVELS: Final = np.linspace(-3.5, 1.5, 101)
"""The logits that are tried as thresholds."""
ALL_PIECES: Final = tuple(Piece)
TAPPED_TO_FILL: Final = (Piece.KICK,)
"""What is tapped where the rest is to be filled in, as a bass line would be."""

_FARTHEST_BIAS: Final = 8.0
_HALVINGS: Final = 20


def predict_hits(
    model: Model,
    windows: Windows,
    *,
    accented: bool,
    complete: bool = True,
    ideas: Floats | None = None,
    bars: Integers | None = None,
) -> Doubles:
    """The logit of every cell, (windows, 32, 9).

    Args:
        model: As exported.
        windows: To be struck, all that was hit being tapped.
        accented: Whether velocities are told.
        complete: Whether nothing is to be struck between the taps.
        ideas: A latent for each window, (windows, numbers); None for what is likeliest over all.
        bars: The length of the bars of each window in ticks; None where all are of 4/4.
    """
    known = np.full((len(windows), 1), ideas is not None, np.float32)
    if ideas is None:
        ideas = np.zeros((len(windows), int(model.manifest.numbers[LATENT_SIZE])), np.float32)
    taps = window_taps(windows, accented=accented, complete=complete)
    if bars is None:
        bars = np.full(len(windows), BAR_OF_COMMON_TIME)
    metre = window_metre(windows, bars)
    tempo = np.asarray(np.log2(windows.tempo / 120.0)[:, None], np.float32)
    logits = []
    for first in range(0, len(windows), BATCH):
        part = slice(first, first + BATCH)
        inputs = {
            "taps": taps[part],
            "metre": metre[part],
            "tempo": tempo[part],
            "latent": ideas[part],
            "known": known[part],
        }
        logits.append(model.run(inputs, Cancel())["hits"])
    return np.concatenate(logits).astype(np.float64)


def window_taps(windows: Windows, *, accented: bool, complete: bool = True) -> Floats:
    """What is tapped in each window, as the codec gives it of a clip, (windows, 32, 5)."""
    played = windows.played
    loudest = played.velocity.argmax(axis=-1)[..., None]
    taps = np.zeros((*played.hits.shape[:2], TAP_FEATURES), np.float32)
    taps[..., 0] = played.hits.max(axis=-1)
    taps[..., 1] = played.velocity.max(axis=-1) * accented
    taps[..., 2] = np.take_along_axis(played.offset, loudest, axis=-1)[..., 0]
    taps[..., 3] = accented
    taps[..., 4] = complete
    return taps


def window_metre(windows: Windows, bars: Integers) -> Floats:
    """Where the steps of each window stand in bars of so many ticks, (windows, 32, 9)."""
    first = windows.first_bar * STEPS_PER_BAR
    return np.concatenate(
        [
            metre_features(first[index : index + 1], int(bar))
            for index, bar in enumerate(bars.tolist())
        ]
    )


def bars_of(windows: Windows, drummings: tuple[Drumming, ...]) -> Integers:
    """The length of the bars of each window, in ticks, (windows,)."""
    length = {
        index: ticks_per_bar(*(int(part) for part in drummings[index].metre.split("-")))
        for index in np.unique(windows.file).tolist()
    }
    return np.array([length[index] for index in windows.file.tolist()], np.int64)


def in_context(logits: Doubles, windows: Windows) -> Doubles:
    """Each window blended with those that overlap it, as the tool does in a longer clip.

    Only on its own taps: a hit that comes just before a bar is cut from the window which begins
    there, by the published protocol, and stands on that bar's first step in the others.
    """
    half = STEPS // 2
    inner = np.arange(STEPS)
    centrality = np.minimum(inner + 1, STEPS - inner).astype(np.float64)[:, None]
    place = {
        key: index
        for index, key in enumerate(
            zip(windows.file.tolist(), windows.first_bar.tolist(), strict=True)
        )
    }
    blended = logits * centrality
    weight = np.broadcast_to(centrality, logits.shape).copy()
    for (file, bar), index in place.items():
        for other, here, there in (
            (place.get((file, bar - 1)), slice(0, half), slice(half, None)),
            (place.get((file, bar + 1)), slice(half, None), slice(0, half)),
        ):
            if other is not None:
                blended[index, here] += logits[other, there] * centrality[there]
                weight[index, here] += centrality[there]
    tapped = windows.played.hits.max(axis=-1, keepdims=True) > 0
    return np.where(tapped, blended / weight, logits)


def tune_thresholds(logits: Doubles, hits: Floats) -> Doubles:
    """The logit for each piece at which its F1 is greatest, (9,)."""
    return np.array(
        [best_level(logits[..., piece], hits[..., piece] > 0) for piece in range(PIECES)]
    )


def best_level(logits: Doubles, hits: Booleans) -> float:
    """The one logit at which F1 is greatest."""
    scores = [f1(logits > level, hits) for level in LEVELS]
    return float(LEVELS[int(np.argmax(scores))])


def sampling_bias(model: Model, windows: Windows, *, fill: bool) -> float:
    """What must be added to all logits so that as many hits are drawn as were played.

    Counted are those that the tool adds on taps which would stay empty, too. Where it fills in, the
    kicks alone are tapped.
    """
    shown = only(windows, TAPPED_TO_FILL) if fill else windows
    tapped: Booleans = shown.played.hits.max(axis=-1) > 0
    with_taps = np.flatnonzero(tapped.sum(axis=1))
    shown, tapped = some_windows(shown, with_taps), tapped[with_taps]
    generator = np.random.default_rng(0)
    size = (len(shown), int(model.manifest.numbers[LATENT_SIZE]))
    ideas = generator.standard_normal(size).astype(np.float32)
    logits = predict_hits(model, shown, accented=False, complete=not fill, ideas=ideas)
    struck = np.ones_like(tapped) if fill else tapped
    margins = logits[struck] + generator.logistic(size=(int(struck.sum()), PIECES))
    limits = Limits((True,) * PIECES, PIECES, tapped[struck])
    played = some_windows(windows, with_taps).played.hits.sum()
    low, high = -_FARTHEST_BIAS, _FARTHEST_BIAS
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if len(choose_hits(margins + middle, limits)) < played:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


def f1(struck: Booleans, hits: Booleans) -> float:
    """The harmonic mean of precision and recall; 0 where there is nothing to find."""
    right = int((struck & hits).sum())
    return 2.0 * right / max(1, int(struck.sum()) + int(hits.sum()))


def some_windows(windows: Windows, chosen: Integers | slice) -> Windows:
    """The windows of these numbers."""
    played = windows.played
    return Windows(
        Performance(played.hits[chosen], played.velocity[chosen], played.offset[chosen]),
        windows.tempo[chosen],
        windows.file[chosen],
        windows.first_bar[chosen],
    )


def only(windows: Windows, pieces: Sequence[Piece]) -> Windows:
    """The windows, but for all other pieces."""
    kept = np.isin(np.arange(PIECES), list(pieces)).astype(np.float32)
    played = windows.played
    return Windows(
        Performance(played.hits * kept, played.velocity * kept, played.offset * kept),
        windows.tempo,
        windows.file,
        windows.first_bar,
    )
