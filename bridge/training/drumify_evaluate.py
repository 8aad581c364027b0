"""How well the drumify model gives back the kit of a rhythm, on the official test split.

The windows are those of the groove evaluation; a rhythm is GrooVAE's: any hit of a step, with the
offset of the loudest, with its velocity or without. Thresholds are tuned on the validation split.
No torch is needed: what is measured is the exported graph, and the tool around it.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.engine.catalog import Model
from bridge.errors import DataMissingError
from bridge.music.drumkit import Piece
from bridge.training.corpus import (
    PROTOCOL_TEST_HITS,
    PROTOCOL_WINDOWS,
    SPLITS,
    Drumming,
    Windows,
    cut_windows,
)
from bridge.training.drumify_playing import Takes, play_windows
from bridge.training.drumify_prediction import (
    bars_of,
    best_level,
    f1,
    in_context,
    predict_hits,
    some_windows,
    tune_thresholds,
)
from bridge.training.metrics import Measure, measure

Doubles = npt.NDArray[np.float64]

RESAMPLES: Final = 1000
RHYTHMS: Final = (("the rhythm alone", False), ("the rhythm with its velocities", True))

_OUTER: Final = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class DrumifyRow:
    """One kind of rhythm, in all windows of a split."""

    name: str
    windows: int
    files: int
    hit_f1: Measure
    """At one threshold for all pieces."""
    hit_f1_by_thresholds: float
    """The same at a threshold for each piece."""
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
    """Two-bar windows of the test split: the rhythm alone, and with its velocities."""
    rows_in_context: tuple[DrumifyRow, ...]
    """The same windows, the bars before and after them being tapped too."""
    rows_of_other_metres: tuple[DrumifyRow, ...]
    """Windows of the validation split that are not in 4/4; the test split has none."""
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
    validation = windows["validation"]
    odd = in_other_metres(drummings, "validation")
    rows, rows_in_context, rows_of_other_metres = [], [], []
    for done, (name, accented) in enumerate(RHYTHMS):
        tuned = predict_hits(model, validation, accented=accented)
        found = predict_hits(model, test, accented=accented)
        rows.append(_row(name, validation, tuned, test, found))
        name_in_context = f"{name}, with the bars around"
        around = in_context(tuned, validation), in_context(found, test)
        rows_in_context.append(_row(name_in_context, validation, around[0], test, around[1]))
        of_odd = predict_hits(model, odd, accented=accented, bars=bars_of(odd, drummings))
        rows_of_other_metres.append(_row(f"{name}, in 3/4 and 6/8", validation, tuned, odd, of_odd))
        report(0.25 * (done + 1))
    takes = play_windows(test, model, player, report=lambda part: report(0.5 + 0.5 * part))
    return DrumifyReport(
        counts,
        hits,
        float(1.0 - test.played.hits.mean()),
        tuple(rows),
        tuple(rows_in_context),
        tuple(rows_of_other_metres),
        takes.answered,
        float(takes.played.hits.sum()) / (2.0 * len(test)),
        hits / (2.0 * len(test)),
        _shares(takes, test),
    )


def in_other_metres(drummings: tuple[Drumming, ...], split: str) -> Windows:
    """The windows of a split that are not in 4/4: 32 steps, 16 apart, wherever in a bar."""
    every = cut_windows(drummings, split, only_common_time=False)
    return some_windows(
        every,
        np.flatnonzero([drummings[index].metre != "4-4" for index in every.file.tolist()]),
    )


def _row(
    name: str, validation: Windows, tuned: Doubles, test: Windows, found: Doubles
) -> DrumifyRow:
    hits = test.played.hits > 0
    threshold = best_level(tuned, validation.played.hits > 0)
    struck = found > threshold
    by_piece = found > tune_thresholds(tuned, validation.played.hits)
    f1_by_piece = {piece.label: f1(by_piece[..., piece], hits[..., piece]) for piece in Piece}
    nats = np.logaddexp(0.0, found) - found * hits
    right, all_struck, all_hits = (
        cells.sum(axis=(1, 2)).astype(np.float64) for cells in (struck & hits, struck, hits)
    )
    return DrumifyRow(
        name=name,
        windows=len(test),
        files=len(np.unique(test.file)),
        hit_f1=_share(2.0 * right, all_struck + all_hits, test.file),
        hit_f1_by_thresholds=f1(by_piece, hits),
        macro_f1=float(np.mean(list(f1_by_piece.values()))),
        bce_per_cell=measure(nats.mean(axis=(1, 2)), test.file),
        accuracy=float((struck == hits).mean()),
        f1_by_piece=f1_by_piece,
        threshold=threshold,
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


def _shares(takes: Takes, windows: Windows) -> dict[str, tuple[float, float]]:
    struck, real = (
        played.hits.sum(axis=(0, 1), dtype=np.float64) for played in (takes.played, windows.played)
    )
    return {
        piece.label: (float(struck[piece] / struck.sum()), float(real[piece] / real.sum()))
        for piece in Piece
    }
