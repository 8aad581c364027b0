"""What the note model writes for its report: continuations, takes, choices, sheets."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")

from bridge.codecs.melodysteps import HOLD, SILENCE, struck
from bridge.codecs.notescore import Metre
from bridge.tools.pages import Draft, GridNotes
from bridge.tools.taste import DEFAULT_TASTE
from bridge.training.continuations import (
    SAMPLES,
    curves_of,
    markov_continuer,
    means_of,
    measure_continuations,
    one_by_one,
    primes_of,
)
from bridge.training.fingerprints import fingerprint_of
from bridge.training.markov import MarkovChain
from bridge.training.melody_choosing import (
    CHOSEN,
    KINDS,
    LOCKED,
    PLAIN,
    best_of,
    eighths,
    from_nothing,
    starts_of,
    tasted,
)
from bridge.training.melody_copying import (
    check_originality,
    compare_copies,
    copied,
    long_tunes,
    sixteen_bars_after,
)
from bridge.training.melody_making import measure_speed
from bridge.training.melody_pictures import clip_of_codes
from bridge.training.melody_tunes import tunes_of
from bridge.training.melody_writing import made_from_nothing, note_continuer, page_after
from bridge.training.samples import shuffled
from tests.training.note_examples import small_writers
from tests.training.song_examples import TUNE, song

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def writers():
    return small_writers()


def test_a_prime_is_gone_on_from_eight_times_at_once(writers):
    (prime,) = primes_of([song(TUNE * 4)])
    together = note_continuer(writers)
    drawn = together(prime, SAMPLES, np.random.default_rng(0))
    assert len(drawn) == SAMPLES
    assert len(set(drawn)) > 1
    end = prime.end / 4
    for points in drawn:
        assert points
        assert all(end <= onset <= prime.last_onset + 10 for onset, _ in points)
        assert all(onset * 4 == int(onset * 4) for onset, _ in points)
    again = together(prime, SAMPLES, np.random.default_rng(0))
    assert list(again) == list(drawn)


def test_after_a_long_silence_nothing_is_left_to_measure(writers):
    (prime,) = primes_of([song(TUNE * 4)])
    quiet = replace(prime, heard=prime.heard[:2])
    drawn = note_continuer(writers)(quiet, 3, np.random.default_rng(0))
    assert len(drawn) == 3
    assert all(onset > quiet.last_onset + 10 for points in drawn for onset, _ in points)


def test_one_by_one_is_measured_as_before():
    songs = [song(TUNE * 4), song(tuple(reversed(TUNE)) * 4)]
    primes = primes_of(songs)
    chain = MarkovChain.learnt([[(0, 4), (2, 4), (4, 4), (0, 4), (4, 4)] * 5])
    one = measure_continuations(primes, markov_continuer(chain), seed=3)
    curves = curves_of(primes, one_by_one(markov_continuer(chain)), seed=3)
    assert means_of(curves) == one
    assert means_of(curves[:1]) != one


def test_the_border_of_a_page_is_a_bar_line_and_what_is_heard_ends_there():
    heard = np.array([60, HOLD, 64, SILENCE] * 3, np.int16)
    page = page_after(heard, 16, Metre(3, 4))
    assert page.begin == 36
    assert page.end - page.begin == 48
    assert (page.known.time + page.known.length).max() <= page.begin
    assert page.setting.root == 0
    assert page.setting.middle == 62
    assert not page_after(heard, 16, Metre(3, 4), told=False).setting.notes_per_bar


def test_sixteen_bars_are_written_after_eight(writers):
    tunes = tunes_of([song(TUNE * 6), song(TUNE)])
    real = long_tunes(tunes)
    assert real.shape == (1, 384)
    written = sixteen_bars_after(writers, real)
    assert written[:, :128].tolist() == real[:, :128].tolist()
    assert written[:, 128:].tolist() != real[:, 128:].tolist()
    assert struck(written[:, 128:]).any()
    copies = compare_copies(real, real)
    assert copies.real == copies.written
    assert all(before == after for before, after in copies.wholly.values())
    again = compare_copies(np.tile(real[:, :16], 24), real)
    assert set(again.real.values()) == {1.0}


def test_what_was_learnt_is_found_and_drawn_anew_but_not_what_was_heard():
    generator = np.random.default_rng(0)
    pitches = tuple(int(each) for each in generator.integers(55, 80, 40))
    learnt = song(pitches)
    fingerprint = fingerprint_of([learnt], 8)
    (tune,) = tunes_of([learnt])
    other = np.full(len(tune.codes), SILENCE, np.int16)
    other[::4] = generator.integers(55, 80, len(other[::4]))
    assert copied(fingerprint, tune.codes)
    assert not copied(fingerprint, other)
    twice = np.concatenate([tune.codes, [HOLD] * 3, tune.codes]).astype(np.int16)
    assert not copied(fingerprint, twice, heard=len(tune.codes) + 3)
    takes = np.stack([tune.codes, other])
    found, after = check_originality(fingerprint, takes, lambda number, turn: other)
    assert (found.before, found.after, found.redrawn) == (0.5, 0.0, 1)
    assert after.tolist() == [other.tolist()] * 2
    stuck, _ = check_originality(fingerprint, takes, lambda number, turn: tune.codes)
    assert stuck.after == 0.5


def test_takes_from_nothing_have_notes_and_come_again(writers):
    takes = made_from_nothing(writers, 6, at_once=4)
    assert takes.shape == (6, 64)
    assert (struck(takes).sum(axis=1) >= 4).all()
    assert takes.tolist() == made_from_nothing(writers, 6, at_once=4).tolist()
    assert takes.tolist() != made_from_nothing(writers, 6, at_once=4, seed=1).tolist()


def test_melodies_are_chosen_in_the_scale_and_on_eighths(writers):
    starts = (*starts_of([song(TUNE * 4)]), *from_nothing(1))
    assert len(starts) == 2
    found = tasted(starts, writers, many=6)
    assert set(found) == set(KINDS)
    for name in (LOCKED, CHOSEN):
        assert found[name].table.not_in_key == 0.0
    assert found[PLAIN].table.not_in_key > 0.0
    assert found[PLAIN].lost(found[PLAIN]) == 0.0
    assert found[CHOSEN].nats > 0.0


def test_what_repeats_is_only_taken_where_all_does():
    (start,) = from_nothing(1)

    def draft(pitches, nats):
        return Draft(GridNotes.of([(6 * at, pitch, 6) for at, pitch in enumerate(pitches)]), nats)

    dull = draft([60] * 32, 1.0)
    lively = draft([60, 64, 67, 65] * 8, 90.0)
    assert best_of([dull, lively], start, DEFAULT_TASTE, 0.0) is dull
    assert best_of([dull, lively], start, DEFAULT_TASTE, 0.0, strict=True) is lively
    assert best_of([dull], start, DEFAULT_TASTE, 0.0, strict=True) is dull
    assert eighths(np.arange(8)).tolist() == [0, 2, 4, 6]


def test_speed_is_measured_in_milliseconds(writers):
    speed = measure_speed(writers, fingerprint_of([song()], 8), runs=2)
    assert 0 < speed.best <= speed.median
    assert 0 < speed.chosen_best <= speed.chosen_median


def test_a_sheet_is_shuffled_and_its_key_says_what_is_what():
    takes = [clip_of_codes(np.array([60 + number] * 16, np.int16)) for number in range(4)]
    real = [clip_of_codes(np.array([72 + number] * 16, np.int16)) for number in range(4)]
    labels = [f"take {number}" for number in range(4)]
    sheet = shuffled(takes, real, labels)
    told = [line.split(": ")[1] for line in sheet.key.splitlines()]
    assert len(sheet.clips) == len(told) == 8
    assert list(sheet.titles) == [str(place) for place in range(1, 9)]
    assert told != [*labels, *["real"] * 4]
    for clip, what in zip(sheet.clips, told, strict=True):
        (key,) = {note.pitch for note in clip.notes}
        assert what == (f"take {key - 60}" if key < 72 else "real")
    assert shuffled(takes, real, labels, lot=1).key != sheet.key
    assert {note.velocity for note in takes[0].notes} == {90.0}
