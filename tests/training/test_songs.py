"""Songs as arrays: moving them, their lines, and the file they travel in."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import DataMissingError
from bridge.music.key import MAJOR, MINOR
from bridge.training.chord_symbols import parse_symbol
from bridge.training.krumhansl import PROFILES, krumhansl_key
from bridge.training.song import (
    NO_CHORD,
    Bars,
    Chords,
    Notes,
    Role,
    augmented,
    bass_line,
    melody_line,
    no_chords,
)
from bridge.training.song_cache import read_songs, write_songs
from bridge.training.song_facts import facts_table, roles_of, song_facts
from bridge.training.song_sources import SOURCES, credits_of, table_of_sources
from tests.training.song_examples import BEAT, TUNE, song, with_voice

CHORDS = Chords(
    start=np.array([0, 4 * BEAT], np.int32),
    end=np.array([4 * BEAT, 8 * BEAT], np.int32),
    root=np.array([0, NO_CHORD], np.uint8),
    pitches=np.array([0b10010001, 0], np.uint16),
    bass=np.array([4, NO_CHORD], np.uint8),
)

notes = st.lists(
    st.tuples(
        st.integers(0, 100_000),
        st.integers(1, 50_000),
        st.integers(0, 127),
        st.integers(1, 127),
        st.sampled_from(list(Role)),
    ),
    max_size=30,
).map(
    lambda rows: Notes(
        *(
            np.array([row[column] for row in sorted(rows)], kind)
            for column, kind in enumerate((np.int32, np.int32, np.uint8, np.uint8, np.uint8))
        )
    )
)


def same(one, other):
    if hasattr(one, "__dataclass_fields__"):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    return one == other


def test_a_song_comes_back_from_the_file_as_it_went_in(tmp_path):
    songs = [
        replace(song(chords=CHORDS), family=0, split="train"),
        replace(song(name="aird/two", title="Zwölf ☘"), family=1, split="test"),
        song((60,), name="pop909/3", source="pop909", performed=True),
    ]
    file = tmp_path / "songs.npz"
    write_songs(file, songs)
    assert all(same(one, other) for one, other in zip(songs, read_songs(file), strict=True))
    assert list(tmp_path.iterdir()) == [file]


@settings(deadline=None, max_examples=40)
@given(st.lists(notes, min_size=1, max_size=5))
def test_any_notes_come_back(tmp_path_factory, voices):
    file = tmp_path_factory.mktemp("songs") / "songs.npz"
    songs = [song(notes=voice) for voice in voices]
    write_songs(file, songs)
    assert all(same(one, other) for one, other in zip(songs, read_songs(file), strict=True))


def test_a_file_that_is_missing_or_out_of_date_is_said_with_its_cure(tmp_path):
    with pytest.raises(DataMissingError, match="clipbridge train prepare"):
        read_songs(tmp_path / "none.npz")
    np.savez(tmp_path / "old.npz", format=0)
    with pytest.raises(DataMissingError, match="another version"):
        read_songs(tmp_path / "old.npz")


@given(st.integers(-24, 24))
def test_transposing_moves_notes_keys_and_chords_alike(semitones):
    one = song(chords=CHORDS)
    moved = one.transposed(semitones)
    assert (moved.notes.pitch.astype(int) - one.notes.pitch).tolist() == [semitones] * len(TUNE)
    assert moved.keys.root[0] == semitones % 12
    chord = moved.chords
    held = [pitch for pitch in range(12) if chord.pitches[0] >> pitch & 1]
    assert held == sorted((pitch + semitones) % 12 for pitch in (0, 4, 7))
    assert (chord.root[0], chord.bass[0]) == (semitones % 12, (4 + semitones) % 12)
    assert (chord.root[1], chord.pitches[1], chord.bass[1]) == (NO_CHORD, 0, NO_CHORD)
    assert same(moved.transposed(-semitones), one)


@settings(deadline=None)
@given(notes, st.integers(-200, 200))
def test_no_note_leaves_the_keyboard_or_its_pitch_class(voice, semitones):
    moved = voice.transposed(semitones).pitch.astype(int)
    assert np.all(moved <= 127)
    assert np.all((moved - voice.pitch - semitones) % 12 == 0)


def test_augmenting_keeps_the_melody_in_its_register_and_uses_all_keys():
    one = song()
    moved = [augmented(one, np.random.default_rng(seed)) for seed in range(300)]
    away = [int(each.notes.pitch[0]) - 60 for each in moved]
    assert {step % 12 for step in away} == set(range(12))
    assert {step // 12 for step in away} >= {-1, 0, 1}
    assert all(36 <= each.notes.pitch.min() <= each.notes.pitch.max() <= 96 for each in moved)
    assert all(each.keys.root[0] == step % 12 for each, step in zip(moved, away, strict=True))


@settings(deadline=None)
@given(notes)
def test_lines_are_of_one_voice_and_of_what_was_played(voice):
    for line in (melody_line(voice), bass_line(voice)):
        assert np.all(np.diff(line.start) > 0)
        assert np.all(line.end[:-1] <= line.start[1:])
        assert np.all(line.duration >= 1)
        played = set(zip(voice.start.tolist(), voice.pitch.tolist(), strict=True))
        assert set(zip(line.start.tolist(), line.pitch.tolist(), strict=True)) <= played
    melody = melody_line(voice)
    assert len(melody) == len(np.unique(voice.of(Role.MELODY).start))


def test_the_bass_of_a_piano_is_what_lies_below_all_that_sounds():
    one = song(role=Role.PIANO)
    line = bass_line(with_voice(one.notes, 40, Role.PIANO))
    assert line.pitch[0] == 40
    assert line.start[1] == 8 * BEAT
    assert len(bass_line(song().notes)) == 0


def test_bars_know_their_metre_and_where_a_tick_stands():
    bars = Bars(
        np.array([0, 3, 7, 11], np.int32) * BEAT,
        np.array([4, 4, 4], np.uint8),
        np.array([4, 4, 4], np.uint8),
    )
    assert bars.regular.tolist() == [False, True, True]
    assert bars.metre == (4, 4)
    assert bars.holding(np.array([0, 3, 99], np.int32) * BEAT).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "root", "pitches", "bass"),
    [
        ("C:maj", 0, {0, 4, 7}, 0),
        ("C", 0, {0, 4, 7}, 0),
        ("F#:min7/b3", 6, {6, 9, 1, 4}, 9),
        ("Bb:maj/F", 10, {10, 2, 5}, 5),
        ("Ab:7/b7", 8, {8, 0, 3, 6}, 6),
        ("C:maj/2", 0, {0, 2, 4, 7}, 2),
    ],
)
def test_chord_symbols_are_read(text, root, pitches, bass):
    chord = parse_symbol(text)
    assert (chord.root, chord.bass) == (root, bass)
    assert {pitch for pitch in range(12) if chord.pitches >> pitch & 1} == pitches


def test_no_chord_and_what_is_none():
    assert parse_symbol("N").root == NO_CHORD
    for text in ("", "H:maj", "C:wild", "C:maj/x"):
        assert parse_symbol(text) is None
    assert len(no_chords()) == 0


def test_facts_are_counted():
    one = song(TUNE[:8] * 2)
    facts = song_facts([one])
    assert (facts.songs, facts.notes, facts.melody_notes, facts.bars) == (1, 16, 16, 4)
    assert facts.metres == {"4/4": 1.0}
    assert facts.notes_a_bar == 4
    assert facts.polyphony == 1.0
    assert facts.copies["2"] == 1.0
    assert facts.copies["1"] < 1
    assert facts.melody_onsets == {"16": 1.0, "12": 1.0, "24": 1.0}
    assert roles_of([one])["melody"] == 16
    assert "| aird | 1 | 4 | 0.0% | 16 |" in facts_table([replace(one, split="test")])


def test_grids_are_told_apart():
    one = song((60, 62, 64))
    triplets = replace(one.notes, start=np.array([0, BEAT // 3, 3 * BEAT // 4], np.int32))
    facts = song_facts([replace(one, notes=triplets)])
    assert facts.melody_onsets["16"] == pytest.approx(2 / 3)
    assert facts.melody_onsets["12"] == pytest.approx(2 / 3)


def test_every_source_says_its_terms_and_how_it_wants_to_be_named():
    assert len(SOURCES) == 7
    assert credits_of(["ryan", "pop909"]) == (SOURCES["pop909"].credit, SOURCES["ryan"].credit)
    table = table_of_sources()
    for name, source in SOURCES.items():
        assert f"| {name} |" in table
        assert source.credit in table
    assert "Copyright (c) 2020 Music X Lab" in SOURCES["pop909"].credit
    assert "Copyright (c) 2018 Federico Simonetta" in SOURCES["openewld_pd"].credit


@given(st.integers(0, 11), st.sampled_from([MAJOR, MINOR]))
def test_krumhansl_hears_its_own_profiles(root, mode):
    weights = [PROFILES[mode][(pitch - root) % 12] for pitch in range(12)]
    assert krumhansl_key(weights) == (root, mode)
