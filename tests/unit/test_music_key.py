"""The key that is heard in notes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import NoNotesError
from bridge.music.clip import Note
from bridge.music.key import MAJOR, MINOR, Key, key_of_notes, key_of_weights
from bridge.music.scale import Scale

BEAT = 20_160


def melody(*pitches, lengths=None):
    ends = lengths or [1] * len(pitches)
    starts = [sum(ends[:index]) for index in range(len(ends))]
    return [
        Note(pitch=pitch, start=start * BEAT, duration=length * BEAT)
        for pitch, start, length in zip(pitches, starts, ends, strict=True)
    ]


def test_frere_jacques_is_in_its_key():
    tune = (60, 62, 64, 60, 60, 62, 64, 60, 64, 65, 67, 64, 65, 67, 60, 55, 60, 60, 55, 60)
    assert key_of_notes(melody(*tune)).scale == Scale.named("Major", 0)


def test_greensleeves_is_minor():
    tune = (69, 72, 74, 76, 77, 76, 74, 71, 67, 69, 71, 72, 69, 69, 68, 69, 71, 68, 64, 69)
    key = key_of_notes(melody(*tune))
    assert (key.root, key.mode) == (9, MINOR)


def test_muted_notes_do_not_count():
    loud = melody(60, 64, 67, 72)
    muted = [
        Note(pitch=note.pitch + 6, start=note.start, duration=note.duration * 9, mute=True)
        for note in loud
    ]
    assert key_of_notes([*loud, *muted]) == key_of_notes(loud)


def test_no_notes_have_no_key():
    with pytest.raises(NoNotesError, match="none that sound"):
        key_of_notes([])


def test_only_the_keys_in_question_come_back():
    weights = [4.0, 0, 2, 0, 3, 1, 0, 3, 0, 1, 0, 1]
    assert key_of_weights(weights).root == 0
    key = key_of_weights(weights, among=[(9, MINOR), (7, MAJOR)])
    assert (key.root, key.mode) in {(9, MINOR), (7, MAJOR)}


def test_the_ends_of_a_melody_decide_between_keys_that_fit_alike():
    weights = [1.0] * 12
    for root in range(12):
        assert key_of_weights(weights, first=root, last=root).root == root


@given(st.lists(st.floats(0.1, 10), min_size=12, max_size=12), st.integers(0, 11))
def test_a_transposed_piece_is_in_the_transposed_key(weights, semitones):
    key = key_of_weights(weights)
    moved = key_of_weights([weights[(pitch - semitones) % 12] for pitch in range(12)])
    assert moved.lead == pytest.approx(key.lead)
    if key.lead > 1e-9:
        assert (moved.root, moved.mode) == ((key.root + semitones) % 12, key.mode)


@given(st.lists(st.floats(0, 10), min_size=12, max_size=12).filter(any), st.floats(0.1, 100))
def test_only_the_proportions_count(weights, factor):
    found = key_of_weights(weights)
    louder = key_of_weights([weight * factor for weight in weights])
    assert isinstance(found, Key)
    assert found.lead >= 0
    assert louder.lead == pytest.approx(found.lead, abs=1e-6)
