"""Sheets of clips to be looked at: what a tool makes, and real music beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bridge.music.clip import Clip

COLUMNS: Final = 4
LOT: Final = 909
"""By which a sheet is shuffled; another sheet needs another, or who knows one knows both."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Clips that are drawn on one picture."""

    clips: Sequence[Clip]
    titles: Sequence[str]
    columns: int = COLUMNS
    key: str = ""
    """What is not to be seen on the picture, for a file beside it; empty for none."""


def shuffled(
    made: Sequence[Clip],
    real: Sequence[Clip],
    labels: Sequence[str] | None = None,
    *,
    lot: int = LOT,
) -> Sheet:
    """Made clips and real ones in an order drawn by lot, which the key tells.

    Args:
        made: By a tool.
        real: By people.
        labels: What the key says of each made one; “made” without it.
        lot: The seed of the order.
    """
    told = [*(labels or ["made"] * len(made)), *(["real"] * len(real))]
    order = np.random.default_rng(lot).permutation(len(made) + len(real)).tolist()
    both = [*made, *real]
    lines = [f"{place}: {told[number]}" for place, number in enumerate(order, start=1)]
    return Sheet(
        [both[number] for number in order],
        [str(place) for place in range(1, len(order) + 1)],
        key="\n".join([*lines, ""]),
    )
