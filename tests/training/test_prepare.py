"""The real collections: what is read is what their README counts."""

import csv
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from bridge.errors import DataMissingError
from bridge.training.pop909 import read_song
from bridge.training.scored_midi import COLLECTIONS, read_score
from bridge.training.song import Role
from bridge.training.song_cache import SONGS, read_songs
from bridge.training.song_sources import SOURCES

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def data():
    folder = Path(os.environ.get("CLIPBRIDGE_DATA", ""))
    if not all((folder / name / "index.csv").is_file() for name in ("pop909", *COLLECTIONS)):
        pytest.skip("the collections of songs are not in the folder of CLIPBRIDGE_DATA")
    return folder


@pytest.fixture(scope="module")
def prepared():
    try:
        return read_songs(Path(__file__).parents[2] / SONGS)
    except DataMissingError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(
    ("source", "notes", "bars"), [("openhymnal", 14_162, 4_572), ("openewld_pd", 14_914, 4_756)]
)
def test_every_melody_note_and_every_bar_is_read(data, source, notes, bars):
    read = counted = 0
    for row in rows_of(data / source):
        song = read_score(data / source / f"{row['id']}.mid", source, row["id"])
        read += len(song.notes.of(Role.MELODY))
        assert song.bars.start[-1] >= song.notes.end.max()
        counted += len(song.bars)
    assert read == notes  # As the README of the data counts them.
    assert counted == pytest.approx(bars, abs=1)


def test_a_sample_of_lieder_has_the_voices_and_bars_of_the_index(data):
    read = counted = 0
    for row in rows_of(data / "lieder")[::25]:
        song = read_score(data / "lieder" / f"{row['id']}.mid", "lieder", row["title"])
        read += len(song.notes.of(Role.MELODY))
        counted += int(row["voice_notes"])
        hands = {Role.RIGHT_HAND, Role.LEFT_HAND} & set(song.notes.role.tolist())
        assert bool(hands) == ("PIANO" in row["tracks"])
    assert read == pytest.approx(counted, rel=0.02)


def rows_of(folder):
    with (folder / "index.csv").open(newline="", encoding="utf-8") as table:
        return list(csv.DictReader(table))


def test_pop_songs_lie_on_their_beats_with_the_strength_they_were_played_with(data):
    near = 0
    for number in ("001", "002", "034", "100", "418", "519", "700"):
        folder = data / "pop909" / number
        if folder.is_dir():
            song = read_song(folder, number)
            onsets = song.notes.of(Role.MELODY).start
            near += np.median(np.abs((onsets + 2_520) % 5_040 - 2_520)) < 252
            assert len(np.unique(song.notes.velocity)) > 10
            assert len(song.chords) > 20
            assert song.notes.start.min() >= 0
    assert near >= 5


def test_the_cache_holds_every_source_in_every_split_and_no_family_in_two(prepared):
    splits = Counter((song.source, song.split) for song in prepared)
    assert set(splits) == {
        (source, split) for source in SOURCES for split in ("train", "validation", "test")
    }
    split_of_family = {}
    for song in prepared:
        assert split_of_family.setdefault(song.family, song.split) == song.split
    assert len({song.name for song in prepared}) == len(prepared)
    assert (Path(__file__).parents[2] / SONGS).stat().st_size < 60e6


def test_the_cache_is_sound(prepared):
    for song in prepared:
        assert np.all(np.diff(song.notes.start) >= 0)
        assert np.all(np.diff(song.bars.start) > 0)
        assert song.keys.start[0] == 0
        assert song.notes.start[0] >= 0
        assert song.bars.start[-1] >= song.notes.end.max()
        assert song.performed == (song.source == "pop909")
