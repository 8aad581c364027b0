"""The oldest way to hear a key, beside which ours is measured: Krumhansl and Kessler 1982."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from bridge.music.key import MAJOR, MINOR

PROFILES: Final = {
    MAJOR: (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    MINOR: (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}
"""How well each step above the root fits, in the ears of listeners."""


def krumhansl_key(weights: Sequence[float]) -> tuple[int, str]:
    """Root and mode whose profile correlates best with how long each pitch class sounds."""
    turned = np.stack([np.roll(np.asarray(weights, np.float64), -root) for root in range(12)])
    turned -= turned.mean(axis=1, keepdims=True)
    likeness: dict[tuple[int, str], float] = {}
    for mode, profile in PROFILES.items():
        away = np.array(profile) - np.mean(profile)
        found = (turned @ (away / away.std())).tolist()
        likeness |= {(root, mode): value for root, value in enumerate(found)}
    return max(likeness, key=lambda key: likeness[key])
