"""``clipbridge drumify``: a melody in, drums out."""

import json
from pathlib import Path

import pytest

from bridge.commands.cli import run
from bridge.music.clip import Clip, Note
from bridge.music.grid import nearest_step
from bridge.music.midifile import read_midi, write_midi
from bridge.music.units import TICKS_PER_SIXTEENTH
from tests.command_line import private_environment, use_environment
from tests.tiny_drumify import write_tiny_drumify

STEPS = (0, 3, 6, 10, 12, 16, 19, 24, 30)


@pytest.fixture
def melody(tmp_path, monkeypatch):
    """A file with a melody, in a folder in which commands are run, with tiny models."""
    models = write_tiny_drumify(tmp_path / "models")
    use_environment(monkeypatch, private_environment(tmp_path, models))
    monkeypatch.chdir(tmp_path)
    notes = tuple(Note(60 + step, step * TICKS_PER_SIXTEENTH, 2_000) for step in STEPS)
    path = tmp_path / "a melody.mid"
    write_midi(Clip(notes, 32 * TICKS_PER_SIXTEENTH, drums=False), path)
    return path


@pytest.fixture
def drumify(melody, capsys):
    """Runs the command and gives its answer."""

    def play(*arguments):
        capsys.readouterr()
        assert run(["drumify", str(melody), "--json", *arguments]) == 0
        return json.loads(capsys.readouterr().out)

    return play


def clips_of(answer):
    return [read_midi(Path(take["file"])) for take in answer["takes"]]


def test_takes_are_drum_files_that_answer_every_onset(drumify):
    answer = drumify("--takes", "2", "--seed", "7")
    for take, clip in zip(answer["takes"], clips_of(answer), strict=True):
        assert clip.drums
        assert take["hits"] == len(clip.notes) == sum(take["pieces"].values())
        assert set(STEPS) <= {nearest_step(note.start) for note in clip.notes}
    assert [take["seed"] for take in answer["takes"]] == [7, 8]


def test_each_option_changes_what_is_played(drumify, melody):
    kit = melody.parent / "kit.json"
    kit.write_text('{"50": "kick", "51": "snare"}')
    lines = [
        (),
        ("--temperature", "0"),
        ("--hits-per-bar", "30"),
        ("--pieces", "7"),
        ("--most", "1"),
        ("--no-fill",),
        ("--no-swing",),
        ("--kit-file", str(kit)),
        ("--seed", "5"),
    ]
    played = [clips_of(drumify("--takes", "1", *line))[0].notes for line in lines]
    assert len(set(played)) == len(lines)


def test_the_pieces_are_told_to_people(melody, capsys):
    assert run(["drumify", melody.name, "--takes", "1", "--pieces", "1"]) == 0
    shown = capsys.readouterr().out
    assert "kick" in shown
    assert "Drag them into your DAW" in " ".join(shown.split())
    assert [path.name for path in (melody.parent / "takes").iterdir()] == [
        "a melody drumify 1 of 1 seed 0.mid"
    ]


def test_a_mask_without_a_piece_is_refused_in_words(melody, capsys):
    assert run(["drumify", melody.name, "--pieces", "0"]) == 2
    assert "The pieces must be a whole number between 1 and 511" in " ".join(
        capsys.readouterr().err.replace("│", " ").split()
    )
