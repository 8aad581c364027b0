"""A rhythm without pieces: what is tapped on each step of a window, however it was played.

A tap is the loudest of the notes on a step (GrooVAE's definition, Gillick et al. 2019); their
pitches do not count, so a melody is a rhythm as good as a drum part.
"""

from typing import Final

import numpy as np

from bridge.codecs.drumgrid import STEPS
from bridge.codecs.hits import Floats, Hits, Integers, lay_out

CODEC_ID: Final = "drum-taps-16-v1"

TAP_FEATURES: Final = 5
"""Tapped, velocity, offset; whether velocities are known and whether the taps are all there is."""

_EVEN: Final = 1.5 / 127.0
"""Velocities that differ by less say nothing: they are a program's or a step sequencer's."""


def strongest(hits: Hits, steps: Integers) -> Integers:
    """The loudest hit of those on each step, (steps,); −1 where none is."""
    best = np.full(len(steps), -1, np.int64)
    place = {int(step): index for index, step in enumerate(steps)}
    order = np.lexsort((-np.arange(len(hits.note)), hits.velocity))
    for hit in order:
        if int(hits.step[hit]) in place:
            best[place[int(hits.step[hit])]] = hit  # The loudest is written last.
    return best


def has_accents(hits: Hits) -> bool:
    """Whether the hits differ in velocity, so that it tells something."""
    return bool(np.ptp(hits.velocity) > _EVEN)


def tap_features(
    hits: Hits, starts: Integers, loop: tuple[int, int] | None, *, complete: bool
) -> Floats:
    """What is tapped in each window, (windows, 32, 5).

    Args:
        hits: What is played; all of one piece, as a rhythm has none.
        starts: Steps at which the windows begin.
        loop: As for :func:`bridge.codecs.hits.lay_out`.
        complete: Whether nothing is to be struck between the taps.
    """
    _, inverse = np.unique(hits.step, return_inverse=True)
    best = strongest(hits, np.unique(hits.step))[inverse]
    shown = lay_out(hits, starts, loop).max(axis=2)  # (windows, 32)
    tapped = shown >= 0
    loudest = best[shown]
    known = has_accents(hits)
    features = np.zeros((len(starts), STEPS, TAP_FEATURES), np.float32)
    features[..., 0] = tapped
    features[..., 1] = tapped * hits.velocity[loudest] * known
    features[..., 2] = tapped * hits.offset[loudest]
    features[..., 3] = known
    features[..., 4] = complete
    return features
