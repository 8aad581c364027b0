"""The judge: he must see what is there to be seen, and nothing else."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is missing: pip install '.[train]'")

from bridge.codecs.drumgrid import Performance
from bridge.training.judge import area_under_curve, judge

pytestmark = pytest.mark.training


def drumming(late, seed, windows=300):
    generator = np.random.default_rng(seed)
    hits = (generator.random((windows, 32, 9)) < 0.2).astype(np.float32)
    offset = hits * generator.normal(late, 0.05, hits.shape).astype(np.float32)
    return Performance(hits, 0.5 * hits, offset)


def test_what_is_the_same_is_not_told_apart_and_what_is_not_is():
    learn, asked = drumming(0.0, 0), drumming(0.0, 1)
    same = judge((learn, drumming(0.0, 2)), (asked, drumming(0.0, 3)), epochs=6)
    late = judge((learn, drumming(0.15, 2)), (asked, drumming(0.15, 3)), epochs=6)
    assert same.auc == pytest.approx(0.5, abs=0.12)
    assert late.auc > 0.9


def test_the_area_is_the_chance_to_be_above_and_a_tie_is_half():
    labels = np.array([1.0, 1.0, 0.0, 0.0])
    assert area_under_curve(np.array([4.0, 3.0, 2.0, 1.0]), labels) == 1.0
    assert area_under_curve(np.array([1.0, 2.0, 3.0, 4.0]), labels) == 0.0
    assert area_under_curve(np.zeros(4), labels) == 0.5
