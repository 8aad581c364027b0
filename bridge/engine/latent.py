"""Ways through the space in which a model keeps what it has heard, about a normal distribution."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

_PARALLEL = 1e-4
"""An angle so small that a straight line does as well, in radians."""


def between(first: Floats, last: Floats, part: float | Doubles) -> Floats:
    """The place so far on the way, on the great circle; lengths change evenly.

    A straight line would lead through the middle of the space, where no heard thing lies.

    Args:
        first: Places, (..., numbers).
        last: Likewise.
        part: 0 is the first, 1 the last; (...) or one number.
    """
    along = np.asarray(part, np.float64)[..., None]
    start, end = first.astype(np.float64), last.astype(np.float64)
    lengths = [np.linalg.norm(place, axis=-1, keepdims=True) for place in (start, end)]
    one, other = (
        place / np.maximum(length, np.finfo(np.float64).tiny)
        for place, length in zip((start, end), lengths, strict=True)
    )
    angle = np.arccos(np.clip((one * other).sum(axis=-1, keepdims=True), -1.0, 1.0))
    sine = np.sin(angle)
    curved = sine > _PARALLEL  # Opposite places have no one circle; those are joined straight too.
    safe = np.where(curved, sine, 1.0)
    turned = (np.sin((1.0 - along) * angle) * one + np.sin(along * angle) * other) / safe
    length = (1.0 - along) * lengths[0] + along * lengths[1]
    straight = (1.0 - along) * start + along * end
    return np.asarray(np.where(curved, turned * length, straight), np.float32)
