"""How well the drumify model gives back the kit of a rhythm, on the official test split.

The windows are those of the groove evaluation; a rhythm is GrooVAE's: any hit of a step, with the
offset of the loudest, with its velocity or without. Thresholds are tuned on the validation split.
No torch is needed: what is measured is the exported graph, and the tool around it.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumgrid import PIECES, STEPS, metre_features
from bridge.codecs.taps import TAP_FEATURES
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Model
from bridge.engine.striking import Limits, choose_hits
from bridge.errors import DataMissingError
from bridge.music.clip import Clip, Note
from bridge.music.drumkit import ROLAND, Piece
from bridge.music.grid import nearest_step
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Drumify
from bridge.tools.drumify import LATENT_SIZE, play_drumify
from bridge.training.corpus import (
    PROTOCOL_TEST_HITS,
    PROTOCOL_WINDOWS,
    SPLITS,
    Drumming,
    Windows,
    cut_windows,
)
from bridge.training.metrics import Measure, measure

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

BATCH: Final = 64
BAR: Final = STEPS // 2 * TICKS_PER_SIXTEENTH
RESAMPLES: Final = 1000
LEVELS: Final = np.linspace(-3.5, 1.5, 101)
"""The logits that are tried as thresholds."""

_OUTER: Final = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class DrumifyRow:
    """One kind of rhythm, in all windows of the split."""

    name: str
    hit_f1: Measure
    """At one threshold for all pieces."""
    macro_f1: float
    """The mean of the pieces' F1 at a threshold each."""
    bce_per_cell: Measure
    """Nats, over all 288 cells of a window."""
    accuracy: float
    """Of all cells, at the one threshold; silence has 0.88, so it says little."""
    f1_by_piece: Mapping[str, float]
    threshold: float
    """The one threshold, as a logit."""


@dataclass(frozen=True, slots=True)
class DrumifyReport:
    """Everything ``clipbridge evaluate drumify`` prints."""

    windows: Mapping[str, int]
    hits: int
    silence_accuracy: float
    """Of a kit that is never struck."""
    rows: tuple[DrumifyRow, ...]
    taps_answered: float
    """Of the taps of the test windows, through the tool at temperature 1: 1 is all of them."""
    hits_per_bar: float
    """Of the same takes."""
    hits_per_bar_of_drummers: float
    piece_shares: Mapping[str, tuple[float, float]]
    """Of all hits, by piece: in the takes and in what was played."""

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def evaluate_drumify(
    drummings: tuple[Drumming, ...],
    model: Model,
    player: Model,
    *,
    report: Callable[[float], None],
) -> DrumifyReport:
    """The drumify model on the test split.

    Args:
        drummings: The whole data set.
        model: As exported.
        player: The groove model.
        report: Told the part that is done, 0–1.

    Raises:
        DataMissingError: if the data is not the published one.
    """
    windows = {split: cut_windows(drummings, split) for split in SPLITS}
    test = windows["test"]
    counts = {split: len(cut) for split, cut in windows.items()}
    hits = int(test.played.hits.sum())
    if counts != dict(PROTOCOL_WINDOWS) or hits != PROTOCOL_TEST_HITS:
        raise DataMissingError(
            f"This is not the published data set: {counts} windows and {hits:,} test hits."
        )
    rows = []
    for done, (name, accented) in enumerate(
        (("the rhythm alone", False), ("the rhythm with its velocities", True))
    ):
        tuned = predict_hits(model, windows["validation"], accented=accented)
        found = predict_hits(model, test, accented=accented)
        rows.append(_row(name, windows["validation"], tuned, test, found))
        report(0.25 * (done + 1))
    answered, per_bar, shares = _played(test, model, player, lambda part: report(0.5 + 0.5 * part))
    return DrumifyReport(
        counts,
        hits,
        float(1.0 - test.played.hits.mean()),
        tuple(rows),
        answered,
        per_bar,
        hits / (2.0 * len(test)),
        shares,
    )


def predict_hits(
    model: Model, windows: Windows, *, accented: bool, ideas: Floats | None = None
) -> Doubles:
    """The logit of every cell, (windows, 32, 9); over all ideas, or with one for each window."""
    known = np.full((len(windows), 1), ideas is not None, np.float32)
    if ideas is None:
        ideas = np.zeros((len(windows), int(model.manifest.numbers[LATENT_SIZE])), np.float32)
    taps = window_taps(windows, accented=accented)
    tempo = np.asarray(np.log2(windows.tempo / 120.0)[:, None], np.float32)
    logits = []
    for first in range(0, len(windows), BATCH):
        part = slice(first, first + BATCH)
        count = len(taps[part])
        inputs = {
            "taps": taps[part],
            "metre": metre_features(np.zeros(count, np.int64), BAR),
            "tempo": tempo[part],
            "latent": ideas[part],
            "known": known[part],
        }
        logits.append(model.run(inputs, Cancel())["hits"])
    return np.concatenate(logits).astype(np.float64)


def window_taps(windows: Windows, *, accented: bool) -> Floats:
    """What is tapped in each window, as the codec gives it of a clip, (windows, 32, 5)."""
    played = windows.played
    loudest = played.velocity.argmax(axis=-1)[..., None]
    taps = np.zeros((*played.hits.shape[:2], TAP_FEATURES), np.float32)
    taps[..., 0] = played.hits.max(axis=-1)
    taps[..., 1] = played.velocity.max(axis=-1) * accented
    taps[..., 2] = np.take_along_axis(played.offset, loudest, axis=-1)[..., 0]
    taps[..., 3] = accented
    taps[..., 4] = 1.0
    return taps


def tune_thresholds(logits: Doubles, hits: Floats) -> Doubles:
    """The logit for each piece at which its F1 is greatest, (9,)."""
    return np.array(
        [_best_level(logits[..., piece], hits[..., piece] > 0) for piece in range(PIECES)]
    )


def sampling_bias(model: Model, windows: Windows) -> float:
    """What must be added to all logits so that as many hits are drawn as were played.

    Counted are those that the tool adds on taps which would stay empty, too.
    """
    generator = np.random.default_rng(0)
    size = (len(windows), int(model.manifest.numbers[LATENT_SIZE]))
    ideas = generator.standard_normal(size).astype(np.float32)
    tapped = windows.played.hits.max(axis=-1) > 0
    margins = predict_hits(model, windows, accented=False, ideas=ideas)[tapped]
    margins += generator.logistic(size=margins.shape)
    limits = Limits((True,) * PIECES, PIECES, np.ones(len(margins), np.bool_))
    low, high = -2.0, 2.0
    for _ in range(20):
        middle = (low + high) / 2.0
        if len(choose_hits(margins + middle, limits)) < windows.played.hits.sum():
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


def f1(struck: Booleans, hits: Booleans) -> float:
    """The harmonic mean of precision and recall; 0 where there is nothing to find."""
    right = int((struck & hits).sum())
    return 2.0 * right / max(1, int(struck.sum()) + int(hits.sum()))


def _best_level(logits: Doubles, hits: Booleans) -> float:
    scores = [f1(logits > level, hits) for level in LEVELS]
    return float(LEVELS[int(np.argmax(scores))])


def _row(
    name: str, validation: Windows, tuned: Doubles, test: Windows, found: Doubles
) -> DrumifyRow:
    hits = test.played.hits > 0
    threshold = _best_level(tuned, validation.played.hits > 0)
    struck = found > threshold
    by_piece = found > tune_thresholds(tuned, validation.played.hits)
    f1_by_piece = {piece.label: f1(by_piece[..., piece], hits[..., piece]) for piece in Piece}
    nats = np.logaddexp(0.0, found) - found * hits
    right, all_struck, all_hits = (
        cells.sum(axis=(1, 2)).astype(np.float64) for cells in (struck & hits, struck, hits)
    )
    return DrumifyRow(
        name,
        _share(2.0 * right, all_struck + all_hits, test.file),
        float(np.mean(list(f1_by_piece.values()))),
        measure(nats.mean(axis=(1, 2)), test.file),
        float((struck == hits).mean()),
        f1_by_piece,
        threshold,
    )


def _share(part: Doubles, whole: Doubles, file: npt.NDArray[np.int64]) -> Measure:
    """One sum over another with its intervals, over windows and over files."""
    generator = np.random.default_rng(0)
    _, which = np.unique(file, return_inverse=True)
    by_file: tuple[Doubles, Doubles] = (
        np.bincount(which, weights=part).astype(np.float64),
        np.bincount(which, weights=whole).astype(np.float64),
    )

    def resampled(parts: Doubles, wholes: Doubles) -> tuple[float, float]:
        drawn = [generator.integers(len(parts), size=len(parts)) for _ in range(RESAMPLES)]
        shares = [float(parts[some].sum() / wholes[some].sum()) for some in drawn]
        low, high = np.percentile(shares, _OUTER)
        return float(low), float(high)

    return Measure(float(part.sum() / whole.sum()), resampled(part, whole), resampled(*by_file))


def _played(
    windows: Windows, model: Model, player: Model, report: Callable[[float], None]
) -> tuple[float, float, dict[str, tuple[float, float]]]:
    """Every test rhythm through the tool: taps answered, hits a bar, shares of the pieces."""
    answered = taps = 0
    struck = np.zeros(PIECES)
    for index in range(len(windows)):
        clip = _rhythm_clip(windows, index)
        if clip.notes:
            take = play_drumify(
                Drumify(id=1, clip=1, takes=1, seed=index, fill=False, most=PIECES, kit="roland"),
                clip,
                ROLAND,
                model,
                player,
                cancel=Cancel(),
                report=lambda _: None,
            )[0]
            wanted = {nearest_step(note.start) for note in clip.notes}
            answered += len(wanted & {nearest_step(note.start) for note in take.clip.notes})
            taps += len(wanted)
            for note in take.clip.notes:
                struck[ROLAND.piece_or_timekeeper(note.pitch)] += 1
        if index % BATCH == 0:
            report(index / len(windows))
    real = windows.played.hits.sum(axis=(0, 1))
    shares = {
        piece.label: (float(struck[piece] / struck.sum()), float(real[piece] / real.sum()))
        for piece in Piece
    }
    return answered / taps, float(struck.sum()) / (2.0 * len(windows)), shares


def _rhythm_clip(windows: Windows, index: int) -> Clip:
    """The taps of a window as a clip of one pitch, without velocities."""
    taps = window_taps(one_window(windows, index), accented=False)[0]
    notes = tuple(
        Note(
            60,
            int(step) * TICKS_PER_SIXTEENTH
            + min(round(float(taps[step, 2]) * TICKS_PER_SIXTEENTH), TICKS_PER_SIXTEENTH // 2 - 1),
            TICKS_PER_SIXTEENTH,
        )
        for step in np.flatnonzero(taps[:, 0]).tolist()
    )
    return Clip(notes, 2 * BAR, tempo=float(windows.tempo[index]), drums=False, looping=False)


def one_window(windows: Windows, index: int) -> Windows:
    """The one window of this number."""
    one = slice(index, index + 1)
    played = windows.played
    return Windows(
        replace(
            played,
            hits=played.hits[one],
            velocity=played.velocity[one],
            offset=played.offset[one],
        ),
        windows.tempo[one],
        windows.file[one],
        windows.first_bar[one],
    )
