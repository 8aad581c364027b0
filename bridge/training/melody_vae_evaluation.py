"""How well a clone of MusicVAE brings melodies back, makes some from nothing and goes between two.

On windows of bars of sixteen sixteenths that begin where the one before ends.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from bridge.codecs.melodysteps import Codes
from bridge.training.clone_figures import EXACT, NATS
from bridge.training.interpolate_evaluate import PAIRS
from bridge.training.melody_features import melody_likeness
from bridge.training.melody_judge import Side, judge_melodies
from bridge.training.melody_tunes import Tune, codes_of, windows_of
from bridge.training.melody_vae_lesson import LOWEST, vae_classes
from bridge.training.metrics import Integers
from bridge.training.metrics import measure as with_intervals
from bridge.training.paths import steps_apart
from bridge.training.vae_clone import VaeClone
from bridge.training.vae_evaluation import (
    TAKES,
    VaeMeasures,
    measure_ways,
    takes_of,
    tell_windows,
)

SAMPLES: Final = 4
"""Latents a window for the tighter bound."""
TAKES_BARS: Final = 4
"""Of melodies made from nothing, whose likeness is measured."""


def evaluate_melody_vae(
    network: VaeClone,
    bars: int,
    test: Sequence[Tune],
    *,
    takes: int = TAKES,
    pairs: int = PAIRS,
) -> VaeMeasures:
    """A clone on the whole windows of test melodies, of all and by source.

    Args:
        network: Trained.
        bars: Of its windows.
        test: What it did not learn from.
        takes: Made from nothing.
        pairs: Of windows that are gone between.
    """
    windows = windows_of(test, bars, bars)
    classes, tune = vae_classes(windows), windows.tune
    told = tell_windows(network, classes, SAMPLES)
    sources = np.array([each.source for each in test])[tune]
    measures = {}
    for name, values in told.items():
        split = sorted(set(sources.tolist())) if name in {NATS, EXACT} else ()
        for source in ("", *split):
            chosen = np.flatnonzero(sources == source) if source else np.arange(len(tune))
            measures[f"{name}, {source}" if source else name] = with_intervals(
                values[chosen].ravel(), np.repeat(tune[chosen], values.shape[1])
            )
    even, shares = measure_ways(network, classes, tune, pairs, steps_apart)
    measures |= even
    if bars == TAKES_BARS:
        shares |= measure_takes(network, windows.codes, tune, takes)
    return VaeMeasures(measures, {**shares, "windows": float(len(classes))})


def measure_takes(network: VaeClone, real: Codes, tune: Integers, takes: int) -> dict[str, float]:
    """How like real melodies those are that the clone makes from nothing.

    Args:
        network: The clone.
        real: Windows of the test split, codes (windows, steps).
        tune: Of each window, by its number; those of one tune are judged on one side.
        takes: To be made.
    """
    generator = np.random.default_rng(0)
    order = generator.permutation(len(real))[:takes]
    real, groups = real[order], tune[order]
    drawn = codes_of(takes_of(network, real.shape[1], takes, 0), LOWEST)
    areas = melody_likeness(drawn, real).as_fields()
    told = judge_melodies(Side(real, groups), Side(drawn, np.arange(len(drawn))))
    return {
        **{f"overlap, {name.replace('_', ' ')}": area for name, area in areas.items()},
        "judge's AUC": float(np.mean([each.auc for each in told])),
    }
