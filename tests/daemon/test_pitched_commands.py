"""The command line makes pitched takes from files: parts, keys, chords and ranges."""

import json

import pytest

from bridge.commands.cli import run
from bridge.music.clip import Clip, Note
from bridge.music.key import key_of_notes
from bridge.music.midifile import read_midi, write_midi
from bridge.music.scale import INTERVALS
from tests.command_line import private_environment, use_environment
from tests.daemon.pitched import BAR, BEAT, tune
from tests.tiny_notes import write_tiny_notes

TUNE = tune(60, 64, 62, 67, 65, 64, 62, 60, tempo=96.0)
CHORDS = Clip(
    tuple(Note(pitch, bar * BAR, BAR) for bar in (0, 1) for pitch in (55 + bar, 60, 64 + bar)),
    2 * BAR,
    drums=False,
)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return write_tiny_notes(tmp_path_factory.mktemp("models"))


@pytest.fixture(autouse=True)
def folder(models, tmp_path, monkeypatch):
    use_environment(monkeypatch, private_environment(tmp_path, models))
    monkeypatch.chdir(tmp_path)
    write_midi(TUNE, tmp_path / "tune.mid")
    write_midi(CHORDS, tmp_path / "chords.mid")
    return tmp_path


def made(folder):
    return {path.name: read_midi(path) for path in sorted((folder / "takes").iterdir())}


def at_once(clip):
    return max(
        sum(other.start <= note.start < other.end for other in clip.notes) for note in clip.notes
    )


def test_a_melody_is_gone_on_from_and_its_takes_name_their_seeds(folder):
    line = ["continue", "tune.mid", "--takes", "2", "--seed", "7", "--bars", "3"]
    assert run(line) == 0
    first = made(folder)
    assert len(first) == 2
    for name, clip in first.items():
        assert name.startswith("tune continue ")
        assert (clip.bars, clip.tempo) == (3, pytest.approx(96.0, abs=0.01))
        assert clip.notes
        assert not clip.drums
        assert at_once(clip) == 1
    name, clip = next(iter(first.items()))
    seed = name.split(" seed ")[1].removesuffix(".mid")
    assert run(["continue", "tune.mid", "--takes", "1", "--seed", seed, "--bars", "3"]) == 0
    (again,) = [clip for other, clip in made(folder).items() if other not in first]
    assert again.notes == clip.notes


@pytest.mark.parametrize("part", ["melody", "bass", "chords"])
def test_a_part_a_key_and_a_range_are_kept_to(folder, part):
    line = ["generate", "--part", part, "--key", "D dorian", "--lock-scale", "--range", "C2-C4"]
    assert run([*line, "--takes", "4", "--bars", "2", "--temperature", "2"]) == 0
    dorian = {(2 + tone) % 12 for tone in INTERVALS["Dorian"]}
    takes = made(folder).values()
    assert len(takes) == 4
    for clip in takes:
        assert all(48 <= note.pitch <= 72 and note.pitch % 12 in dorian for note in clip.notes)
    assert (max(map(at_once, takes)) > 1) == (part == "chords")


def test_chords_may_be_typed_or_a_file(folder, capsys):
    for chords in ("chords.mid", "Am F C G"):
        line = ["generate", "--part", "bass", "--takes", "1", "--bars", "4", "--chords", chords]
        assert run([*line, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told
    with_typed = made(folder)
    assert len(with_typed) >= 1
    assert run(["generate", "--part", "bass", "--chords", "Am Hx7"]) == 1
    assert "Hx7" in capsys.readouterr().err


def test_bars_of_a_melody_are_filled_and_others_stay(folder):
    assert run(["infill", "tune.mid", "--first-bar", "1", "--takes", "2"]) == 0
    before = [note for note in read_midi(folder / "tune.mid").notes if note.start < BAR]
    for clip in made(folder).values():
        assert [note for note in clip.notes if note.start < BAR - BEAT // 8] == before
        assert len(clip.notes) > len(before)


def test_a_file_of_chords_can_be_gone_on_from_as_a_bass(folder):
    assert run(["continue", "chords.mid", "--part", "bass", "--takes", "2", "--bars", "4"]) == 0
    assert all(at_once(clip) == 1 for clip in made(folder).values())


def test_a_variation_is_in_the_clips_key_where_its_scale_is_locked(folder):
    line = ["generate", "--part", "melody", "--near", "tune.mid", "--distance", "100"]
    assert run([*line, "--lock-scale", "--takes", "3"]) == 0
    scale = key_of_notes(TUNE.notes).scale
    for clip in made(folder).values():
        assert all(note.pitch in scale for note in clip.notes)
