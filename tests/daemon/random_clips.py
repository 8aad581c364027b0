"""Clips drawn by a seed, every field in its whole range: what a lossless way must carry."""

import numpy as np

from bridge.music.clip import DENOMINATORS, MAX_TICK, Clip, Note, ticks_per_bar

METRES = ((4, 4), (3, 4), (2, 4), (5, 4), (6, 8), (7, 8), (5, 8), (12, 8), (15, 16), (7, 32))


def random_clip(seed, *, most_notes=60):
    """A clip with at least one note that sounds; every fourth as wild as can be."""
    chance = np.random.default_rng(seed)
    wild = seed % 4 == 0
    numerator, denominator = METRES[chance.integers(len(METRES))]
    if wild:
        numerator = int(chance.integers(1, 100))
        denominator = int(chance.choice(DENOMINATORS))
    bar = ticks_per_bar(numerator, denominator)
    length = int(chance.integers(1, MAX_TICK)) if wild else bar * int(chance.integers(1, 33))
    loop_start = int(chance.integers(-MAX_TICK, MAX_TICK - 1) if wild else chance.integers(-bar, 1))
    loop_end = int(
        chance.integers(loop_start + 1, MAX_TICK + 1)
        if wild
        else chance.integers(loop_start + 1, loop_start + 2 * length)
    )
    count = int(chance.integers(0, most_notes))
    notes = [random_note(chance, length, wild=wild) for _ in range(count)]
    notes.insert(int(chance.integers(count + 1)), Note(int(chance.integers(128)), 0, 1))
    return Clip(
        notes=tuple(notes),
        length=length,
        loop_start=loop_start,
        loop_end=loop_end,
        looping=bool(chance.integers(2)),
        numerator=numerator,
        denominator=denominator,
        tempo=_float32(chance, 20, 999),
        drums=bool(chance.integers(2)),
    )


def random_note(chance, length, *, wild):
    early, late = (-MAX_TICK, MAX_TICK) if wild else (-20_160, length + 20_160)
    return Note(
        pitch=int(chance.integers(128)),
        start=int(chance.integers(early, late)),
        duration=int(chance.integers(1, MAX_TICK if wild else 80_640)),
        velocity=_float32(chance, 1, 127),
        mute=bool(chance.integers(2)),
        probability=_float32(chance, 0, 1),
        velocity_deviation=_float32(chance, -127, 127),
        release_velocity=_float32(chance, 0, 127),
        note_id=int(chance.integers(1, MAX_TICK)) if chance.integers(2) else None,
    )


def _float32(chance, low, high):
    """A number of 32 bits, for the wire carries no others; now and then an end of its range."""
    if chance.integers(8) == 0:
        return float(chance.choice([low, high]))
    return float(np.float32(chance.uniform(low, high)))
