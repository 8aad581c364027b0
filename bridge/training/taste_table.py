"""RL Tuner's table: how well many melodies keep its rules, in its own percentages.

Counted as in ``rl_tuner_eval_metrics`` of Magenta (Jaques et al. 2016): melodies of 32 steps, eight
to a bar, each step a key struck, a hold or silence. Two things differ: keys count in every octave,
where the original knew three, and the tonic may be struck in any.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Final

import numpy as np

from bridge.codecs.melodysteps import Codes
from bridge.music.scale import Scale
from bridge.tools.taste import (
    LAGS,
    autocorrelation,
    has_unique_highest,
    has_unique_lowest,
    in_motif,
    in_repeated_motif,
    leaps_of,
    outside_key,
    repeated_too_often,
    starts_on_tonic,
)

STEPS: Final = 32
"""Of a melody in the published table: four bars of eighth notes."""


@dataclass(frozen=True, slots=True)
class TasteTable:
    """Shares of 0–1, correlations of −1–1; of no melodies all are NaN."""

    repeated: float
    """Of all steps, those whose code comes once too often."""
    autocorrelation_1: float
    autocorrelation_2: float
    autocorrelation_3: float
    not_in_key: float
    """Of all steps."""
    starts_with_tonic: float
    """Of all melodies."""
    leaps_resolved: float
    """Of the leaps that were resolved or doubled; NaN where there was none."""
    unique_highest: float
    unique_lowest: float
    in_motif: float
    """Of all steps."""
    in_repeated_motif: float
    """Of all steps."""

    def as_fields(self) -> dict[str, float]:
        """For JSON."""
        return asdict(self)


PUBLISHED: Final = {
    "Note RNN": TasteTable(
        0.633, -0.16, 0.14, -0.13, 0.001, 0.009, 0.772, 0.647, 0.494, 0.059, 0.00007
    ),
    "Q": TasteTable(0.0, -0.11, 0.03, 0.03, 0.01, 0.288, 0.911, 0.564, 0.519, 0.757, 0.0011),
    "Psi": TasteTable(0.0002, -0.10, -0.01, 0.01, 0.006, 0.287, 0.90, 0.594, 0.583, 0.738, 0.0009),
    "G": TasteTable(0.0003, 0.55, 0.31, 0.17, 0.287, 0.0, 0.522, 0.371, 0.565, 0.693, 0.0001),
}
"""Table 1 of the paper: 100,000 melodies each, from models trained on other songs."""


def taste_table(melodies: Sequence[Codes], scales: Sequence[Scale]) -> TasteTable:
    """The table's column for melodies, each with the scale that it should keep to."""
    pairs = list(zip(melodies, scales, strict=True))
    steps = max(1, sum(len(codes) for codes in melodies))
    leaps = [leaps_of(codes) for codes in melodies]
    resolved, doubled = (sum(getattr(each, name) for each in leaps) for name in _OUTCOMES)
    correlations = [
        [autocorrelation(codes, lag) for codes in melodies if np.ptp(codes) > 0] for lag in LAGS
    ]
    if not melodies:
        return TasteTable(**{field.name: float("nan") for field in fields(TasteTable)})
    first, second, third = (
        float(np.mean(values)) if values else float("nan") for values in correlations
    )
    return TasteTable(
        repeated=sum(int(repeated_too_often(codes).sum()) for codes in melodies) / steps,
        autocorrelation_1=first,
        autocorrelation_2=second,
        autocorrelation_3=third,
        not_in_key=sum(int(outside_key(codes, scale).sum()) for codes, scale in pairs) / steps,
        starts_with_tonic=float(np.mean([starts_on_tonic(codes, scale) for codes, scale in pairs])),
        leaps_resolved=resolved / (resolved + doubled) if resolved + doubled else float("nan"),
        unique_highest=float(np.mean([has_unique_highest(codes) for codes in melodies])),
        unique_lowest=float(np.mean([has_unique_lowest(codes) for codes in melodies])),
        in_motif=sum(int(in_motif(codes).sum()) for codes in melodies) / steps,
        in_repeated_motif=sum(int(in_repeated_motif(codes).sum()) for codes in melodies) / steps,
    )


_OUTCOMES: Final = ("resolved", "doubled")
