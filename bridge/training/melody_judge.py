"""A judge who tells drawn melodies from real ones."""

from typing import Final

import numpy as np

from bridge.codecs.melodysteps import HOLD, SILENCE, Codes, struck
from bridge.training.judge import Floats, Judgement, judge_features

_CLASSES: Final = 12
_HEIGHT: Final = 12.0
"""Semitones that count as one."""


def judge_melodies(
    learn: tuple[Codes, Codes], asked: tuple[Codes, Codes], *, epochs: int = 12, seed: int = 0
) -> Judgement:
    """How well real melodies and drawn ones are told apart.

    Args:
        learn: Codes of real melodies and of drawn ones to learn from, (melodies, steps); as many
            of one as of the other.
        asked: Codes of others, the real ones from other songs.
        epochs: How often the judge sees what it learns from.
        seed: Of weights and order.
    """
    seen, others = ((seen_of(real), seen_of(drawn)) for real, drawn in (learn, asked))
    return judge_features(seen, others, epochs=epochs, seed=seed)


def seen_of(codes: Codes) -> Floats:
    """What the judge sees of melodies, (melodies, steps, 16).

    Whether a key is struck, held or nothing sounds, its height over the mean of the melody's keys,
    and its pitch class, those of the struck only; the melodies' own keys are no secret.
    """
    hit = struck(codes)
    keys = np.where(hit, codes, 0).astype(np.float32)
    middle = keys.sum(axis=1, keepdims=True) / np.maximum(1, hit.sum(axis=1, keepdims=True))
    height = np.where(hit, keys - middle, 0.0) / _HEIGHT
    pitch_class = np.where(hit, codes % _CLASSES, -1)[..., None] == np.arange(_CLASSES)
    kinds = [hit, codes == HOLD, codes == SILENCE, height]
    columns = [*(each[..., None] for each in kinds), pitch_class]
    return np.concatenate([each.astype(np.float32) for each in columns], axis=2)
