"""Every format that songs are read from, on files of a few bars."""

import importlib
import json
from dataclasses import replace

import mido
import numpy as np
import pytest

from bridge.codecs.notescore import MODES
from bridge.commands.cli import run
from bridge.errors import DataMissingError
from bridge.training.families import in_families
from bridge.training.pop909 import read_pop909, read_song
from bridge.training.scored_midi import read_collection, read_score, role_of
from bridge.training.song import WRITTEN_VELOCITY, Evidence, Role
from bridge.training.song_cache import read_songs, write_songs
from tests.command_line import private_environment, use_environment
from tests.training.song_examples import (
    ABC,
    BEAT,
    TUNE,
    song,
    write_collection,
    write_pop_song,
    write_score,
)


def nothing(_):
    """Nobody is told."""


def test_a_score_keeps_all_its_voices_bars_chords_and_key(tmp_path):
    file = tmp_path / "two.mid"
    write_score(
        file,
        {
            "VOICE": [(1, 1, 67), (2, 2, 72), (4, 3, 71)],
            "VOICE2": [(1, 1, 64)],
            "PIANO_RH": [(0, 4, 60), (0, 4, 64)],
            "PIANO_LH": [(0, 4, 48)],
            "LYRICS": [(0, 1, 50)],
        },
        [
            (0, mido.MetaMessage("time_signature", numerator=4, denominator=4)),
            (4, mido.MetaMessage("time_signature", numerator=3, denominator=4)),
            (0, mido.MetaMessage("key_signature", key="C")),
            (0, mido.MetaMessage("set_tempo", tempo=600_000)),
            (0, mido.MetaMessage("marker", text="C:maj")),
            (2, mido.MetaMessage("marker", text="who knows")),
            (4, mido.MetaMessage("marker", text="G:7/B")),
        ],
    )
    song = read_score(file, "lieder", "Two")
    assert (song.name, song.title, song.tempo) == ("lieder/two", "Two", 100.0)
    assert not song.performed
    assert set(song.notes.velocity.tolist()) == {WRITTEN_VELOCITY}
    assert np.bincount(song.notes.role).tolist() == [3, 1, 0, 0, 0, 2, 1]
    assert song.notes.of(Role.MELODY).start.tolist() == [BEAT, 2 * BEAT, 4 * BEAT]
    assert song.bars.start.tolist() == [0, 4 * BEAT, 7 * BEAT]
    assert list(zip(song.bars.numerator, song.bars.denominator, strict=True)) == [(4, 4), (3, 4)]
    assert song.bars.regular.all()
    assert (song.keys.root[0], MODES[song.keys.mode[0]]) == (0, "Major")
    assert song.keys.evidence.tolist() == [Evidence.SIGNATURE]
    assert song.chords.start.tolist() == [0, 4 * BEAT]
    assert song.chords.end.tolist() == [2 * BEAT, 7 * BEAT]
    assert song.chords.bass.tolist() == [0, 11]


def test_a_signature_has_two_keys_and_the_notes_decide(tmp_path):
    file = tmp_path / "minor.mid"
    tune = (69, 72, 71, 69, 76, 74, 72, 71, 69, 64, 69)
    write_score(
        file,
        {"VOICE": [(beat, 1, key) for beat, key in enumerate(tune)]},
        [(0, mido.MetaMessage("key_signature", key="C"))],
    )
    keys = read_score(file, "lieder", "Minor").keys
    assert (keys.root[0], MODES[keys.mode[0]]) == (9, "Minor")
    write_score(file, {"VOICE": [(0, 4, 60)]}, [(0, mido.MetaMessage("key_signature", key="Am"))])
    keys = read_score(file, "lieder", "Minor").keys
    assert (keys.root[0], MODES[keys.mode[0]]) == (9, "Minor")
    assert keys.evidence.tolist() == [Evidence.GIVEN]


def test_without_a_signature_the_key_is_heard(tmp_path):
    file = tmp_path / "none.mid"
    write_score(file, {"SOPRANO": [(b, 1, k) for b, k in enumerate((62, 66, 69, 74, 67, 62))]}, [])
    keys = read_score(file, "openhymnal", "None").keys
    assert (keys.root[0], keys.evidence[0]) == (2, Evidence.ESTIMATED)


def test_tracks_have_the_roles_of_their_names():
    roles = {"SOPRANO": Role.MELODY, "TENOR": Role.INNER, "BASS": Role.BASS, "VOICE3": Role(1)}
    assert {name: role_of(name) for name in roles} == roles
    assert role_of("CLICK") is None


def test_songs_off_their_metre_are_left_out(tmp_path):
    write_collection(tmp_path, [("good", 0), ("bad", 1)])
    told = []
    songs = list(read_collection(tmp_path, "lieder", report=told.append))
    assert [song.title for song in songs] == ["The good"]
    assert songs[0].notes.pitch.tolist() == list(TUNE)
    assert told == [0.5, 1.0]


def test_a_pop_song_stands_on_its_marked_beats(tmp_path):
    folder = tmp_path / "017"
    write_pop_song(folder)
    song = read_song(folder, "Seventeen")
    assert song.performed
    assert set(song.notes.velocity.tolist()) == {91}
    assert song.tempo == pytest.approx(120)
    # One beat before the first downbeat: its bar is filled up with three.
    assert song.notes.of(Role.MELODY).start.tolist() == [
        (beat + 3) * BEAT for beat in range(len(TUNE))
    ]
    assert song.bars.start.tolist() == [bar * 4 * BEAT for bar in range(7)]
    assert song.bars.regular.all()
    bridge = song.notes.of(Role.SECOND_MELODY)
    assert bridge.start[0] == pytest.approx(5.26 * BEAT, abs=BEAT / 480)
    assert (song.keys.root[0], MODES[song.keys.mode[0]]) == (7, "Major")
    assert song.keys.evidence.tolist() == [Evidence.GIVEN]
    assert song.chords.start.tolist() == [4 * BEAT, 8 * BEAT]
    assert song.chords.bass.tolist() == [11, 255]


def test_a_downbeat_that_was_not_marked_makes_no_long_bar_and_a_short_bar_stays_short(tmp_path):
    folder = tmp_path / "018"
    write_pop_song(folder, downbeats=(0, 4, 12, 14, 18))
    bars = read_song(folder, "Eighteen").bars
    assert bars.numerator.tolist() == [4, 4, 4, 2, 4, 4]
    assert np.diff(bars.start).tolist() == [int(beats) * BEAT for beats in bars.numerator]


def test_changes_of_key_move_to_a_bar_line(tmp_path):
    folder = tmp_path / "019"
    write_pop_song(
        folder, downbeats=(0, 4, 8, 12, 16), key_lines="0.1\t4.9\tG:maj\n4.9\t9\tAb:min\n"
    )
    keys = read_song(folder, "Nineteen").keys
    assert keys.start.tolist() == [0, 8 * BEAT]
    assert keys.root.tolist() == [7, 8]
    assert [MODES[mode] for mode in keys.mode] == ["Major", "Minor"]


def test_pop_songs_are_read_by_their_index(tmp_path):
    write_pop_song(tmp_path / "001")
    (tmp_path / "index.csv").write_text("song_id,name\n001,One\n002,Kept for others\n")
    assert [song.title for song in read_pop909(tmp_path, report=nothing)] == ["One"]


@pytest.fixture
def tunebooks():
    pytest.importorskip("music21", reason="the tune books need music21: pip install '.[train]'")
    return importlib.import_module("bridge.training.tunebooks")


def test_tunes_are_read_with_pickup_ties_triplets_and_modes(tunebooks, tmp_path):
    file = tmp_path / "two.abc"
    file.write_text(ABC)
    first, second = tunebooks.read_abc(file)
    assert (first.name, first.title, first.tempo) == ("two-7", "The Pickup", 100.0)
    song = tunebooks.song_of_tune(first, "oneill")
    assert song.name == "oneill/two-7"
    # The pickup's bar is filled; the bars that the repeat cuts are one.
    assert song.bars.start.tolist() == [bar * 4 * BEAT for bar in range(6)]
    assert song.notes.start[0] == 3 * BEAT
    third = song.notes.only(song.notes.start >= 12 * BEAT)
    assert third.pitch.tolist() == [62, 66, 74, 81]
    assert third.duration.tolist() == [2 * BEAT, 2 * BEAT, 2 * BEAT, 4 * BEAT]
    assert third.role.tolist()[:2] == [Role.INNER, Role.MELODY]
    triplet = song.notes.only(song.notes.duration == BEAT // 3)
    assert len(triplet) == 3
    assert (song.keys.root[0], MODES[song.keys.mode[0]]) == (2, "Major")
    assert song.keys.evidence.tolist() == [Evidence.GIVEN]
    dorian = tunebooks.song_of_tune(second, "oneill")
    assert (dorian.keys.root[0], MODES[dorian.keys.mode[0]]) == (9, "Dorian")
    assert dorian.bars.regular.tolist() == [True, True, False]
    assert dorian.notes.duration.max() == 3 * BEAT


def test_a_reading_that_was_stopped_goes_on_where_it_stood(tunebooks, tmp_path):
    file = tmp_path / "two.abc"
    file.write_text(ABC)
    notes = tmp_path / "notes" / "book.jsonl"
    read = tunebooks.Notebook(notes).tunes_of(file)
    file.write_text("no longer ABC")
    assert tunebooks.Notebook(notes).tunes_of(file) == read
    whole = notes.read_text()
    file.write_text(ABC)
    notes.write_text(whole[: len(whole) // 2])
    assert tunebooks.Notebook(notes).tunes_of(file) == read
    assert tunebooks.Notebook(notes).tunes_of(file) == read
    stale = json.loads(whole)
    notes.write_text(json.dumps({**stale, "version": "1.0", "tunes": []}))
    assert tunebooks.Notebook(notes).tunes_of(file) == read


def test_a_tune_without_a_key_of_ours_is_heard(tunebooks, tmp_path):
    file = tmp_path / "pipes.abc"
    file.write_text("X:1\nT:Pipes\nM:2/4\nL:1/8\nK:Hp\nA2 c2 | e2 A2 | A2 c2 | e2 A2 |]\n")
    song = tunebooks.song_of_tune(tunebooks.read_abc(file)[0], "aird")
    assert song.keys.evidence[0] == Evidence.ESTIMATED
    assert song.keys.root[0] == 9


def test_a_tune_without_bar_lines_gets_those_of_its_metre(tunebooks):
    notes = tuple((beat * BEAT, BEAT, key, 1, False) for beat, key in enumerate(TUNE[:6]))
    tune = tunebooks.ReadTune("free", "", 0.0, notes, (), ((0, 2, 4),), ())
    song = tunebooks.song_of_tune(tune, "aird")
    assert song.bars.start.tolist() == [bar * 2 * BEAT for bar in range(4)]
    assert song.notes.start[0] == 0


def test_all_is_read_into_one_file_and_told(tunebooks, tmp_path):
    data = tmp_path / "data"
    for number in ("001", "002"):
        write_pop_song(data / "pop909" / number)
    (data / "pop909" / "index.csv").write_text("song_id,name\n001,One\n002,Two\n")
    for source in ("lieder", "openhymnal", "openewld_pd"):
        write_collection(data / source, [(f"{source} song", 0)])
    step = importlib.import_module("bridge.training.prepare")
    told = []
    prepared = step.prepare(step.find_songs(data), tmp_path / "songs.npz", {}, report=told.append)
    assert told == sorted(told)
    assert told[-1] <= 1.0
    assert [song.name for song in read_songs(prepared.file)] == [
        "pop909/001",
        "pop909/002",
        "lieder/lieder song",
    ]  # The other two are the same tune, alone.
    assert {name for name, _ in prepared.dropped} == {
        "openhymnal/openhymnal song",
        "openewld_pd/openewld_pd song",
    }
    assert len({song.family for song in prepared.songs}) == 1
    assert prepared.as_fields()["dropped"] == 2
    assert tunebooks.BOOKS


def test_what_was_read_is_reported_in_tables(tunebooks, tmp_path):
    assert tunebooks.BOOKS
    report = importlib.import_module("bridge.training.song_report")
    step = importlib.import_module("bridge.training.prepare")
    file = tmp_path / "songs.npz"
    generator = np.random.default_rng(0)
    songs = [
        song(generator.integers(55, 80, 64), name=f"{source}/{number}", source=source)
        for source in ("oneill", "aird")
        for number in range(20)
    ]
    songs += [replace(each, name=f"pop{each.name}", performed=True) for each in songs[:9]]
    songs = in_families(songs)
    write_songs(file, songs)
    text = report.report_of_songs(step.Prepared(tuple(songs), (("a", "b"),), file))
    for words in (
        "49 songs of 40 families",
        "1 tunes that stand there twice",
        "POP909: A Pop-song Dataset",
        "| tunes, 8 bars | ",
        "| pop songs, all notes | ",
        "notes, on test |",
        "| real melodies | train | validation | test |",
        "first-order Markov",
    ):
        assert words in text, words


def test_the_command_says_which_collections_are_missing(tunebooks, tmp_path, monkeypatch, capsys):
    use_environment(monkeypatch, private_environment(tmp_path / "home"))
    write_collection(tmp_path / "data" / "lieder", [])
    assert tunebooks.BOOKS
    assert run(["train", "prepare", "--data", str(tmp_path / "data")]) != 0
    said = " ".join(capsys.readouterr().err.split())
    assert "pop909, openhymnal, openewld_pd must each be a folder" in said


def test_songs_that_are_missing_are_named(tunebooks, tmp_path, monkeypatch):
    assert len(tunebooks.BOOKS) == 3
    find_songs = importlib.import_module("bridge.training.prepare").find_songs
    monkeypatch.delenv("CLIPBRIDGE_DATA", raising=False)
    write_collection(tmp_path / "lieder", [])
    with pytest.raises(DataMissingError, match="pop909, openhymnal, openewld_pd must"):
        find_songs(tmp_path)
    with pytest.raises(DataMissingError, match="CLIPBRIDGE_DATA"):
        find_songs(None)
