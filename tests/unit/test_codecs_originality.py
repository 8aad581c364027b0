"""Copies of melodies, found by their runs."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.codecs.originality import (
    Fingerprint,
    line_of_notes,
    line_of_steps,
    telling_hashes,
)
from bridge.errors import ModelFailedError
from bridge.music.clip import Note

STEP = 5_040
TUNE = (60, 64, 62, 67, 65, 64, 69, 67, 62, 65, 60, 59, 62, 67)
RHYTHM = (0, 2, 3, 4, 8, 10, 12, 14, 16, 20, 22, 24, 28, 30)


def notes(pitches=TUNE, steps=RHYTHM, *, up=0, later=0):
    return [
        Note(pitch=pitch + up, start=(step + later) * STEP, duration=STEP)
        for pitch, step in zip(pitches, steps, strict=True)
    ]


def fingerprint(*melodies, length=8):
    hashes = [telling_hashes(line_of_notes(melody), length) for melody in melodies]
    return Fingerprint(length, np.unique(np.concatenate(hashes)))


def test_a_tune_is_found_in_every_key_and_place():
    known = fingerprint(notes())
    assert known.copied(notes()) == len(TUNE) - 7
    assert known.copied(notes(up=5, later=16)) == len(TUNE) - 7


def test_as_few_as_eight_notes_are_found_amid_others():
    take = notes(TUNE[3:11], [step - 4 for step in RHYTHM[3:11]], later=4)
    around = [*notes((72, 50), (0, 2)), *take, *notes((80, 40), (60, 62))]
    assert fingerprint(notes()).copied(around) == 1


def test_another_rhythm_or_another_interval_is_no_copy():
    known = fingerprint(notes())
    assert known.copied(notes(steps=range(0, 28, 2))) == 0
    bent = [pitch + (index % 5 == 2) for index, pitch in enumerate(TUNE)]
    assert known.copied(notes(bent)) == 0


def test_a_player_who_strays_from_the_grid_copies_all_the_same():
    strayed = [
        Note(pitch=each.pitch, start=each.start + (-1) ** index * 700, duration=STEP)
        for index, each in enumerate(notes(later=4))
    ]
    assert fingerprint(notes()).copied(strayed) == len(TUNE) - 7


def test_chords_under_a_copied_melody_hide_nothing():
    chords = [Note(pitch=48, start=each.start, duration=STEP) for each in notes()]
    assert fingerprint(notes()).copied([*chords, *notes()]) == len(TUNE) - 7


@pytest.mark.parametrize(
    "plain",
    [[60] * 20, list(range(50, 70)), [60, 62] * 10, [*range(60, 72), *range(72, 60, -1)]],
    ids=["one note", "a scale", "two notes in turn", "a scale up and down"],
)
def test_what_any_melody_may_have_is_no_run(plain):
    line = line_of_steps(range(len(plain)), plain)
    assert len(telling_hashes(line, 8)) == 0


def test_what_the_musician_handed_in_may_come_again():
    known = fingerprint(notes())
    assert known.copied(notes(later=64), given=notes()) == 0
    assert known.copied(notes(later=64), given=notes(TUNE[:9], RHYTHM[:9])) == len(TUNE) - 7 - 2


@given(st.sets(st.integers(0, 2**48 - 1), max_size=200))
def test_a_file_gives_the_same_fingerprint(hashes):
    known = Fingerprint(9, np.array(sorted(hashes), np.uint64))
    again = Fingerprint.from_bytes(known.as_bytes())
    assert again.notes == 9
    assert np.array_equal(again.hashes, known.hashes)
    assert known.knows(known.hashes).all()


@pytest.mark.parametrize("data", [b"", b"rubbish", b"PK\x03\x04broken"])
def test_a_damaged_file_is_said_to_be_one(data):
    with pytest.raises(ModelFailedError, match="fingerprint of a model is damaged"):
        Fingerprint.from_bytes(data)


def test_too_few_notes_are_never_a_copy():
    assert fingerprint(notes()).copied(notes(TUNE[:7], RHYTHM[:7])) == 0
    assert Fingerprint(8, np.zeros(0, np.uint64)).copied(notes()) == 0


def test_the_check_takes_a_take_in_milliseconds():
    generator = np.random.default_rng(0)
    known = Fingerprint(16, np.unique(generator.integers(0, 2**48, 500_000, dtype=np.uint64)))
    take = [
        Note(pitch=int(pitch), start=index * STEP, duration=STEP)
        for index, pitch in enumerate(generator.integers(50, 80, 128))
    ]
    began = time.perf_counter()
    for _ in range(10):
        assert known.copied(take) == 0
    assert time.perf_counter() - began < 1.0
