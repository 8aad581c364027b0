"""``clipbridge groove``: a file in, takes out, by the ranges and words of the protocol."""

import json
from pathlib import Path

import pytest

from bridge.commands.beat import stiff_beat
from bridge.commands.cli import run
from bridge.music.clip import Clip, Note
from bridge.music.grid import nearest_step
from bridge.music.midifile import read_midi, write_midi
from bridge.protocol.messages import Groove
from bridge.protocol.parameters import Real, Whole, layout_of
from tests.command_line import private_environment, use_environment
from tests.tiny_models import write_damaged_model, write_tiny_model

NUMBERS = ("takes", "seed", "amount", "temperature")


@pytest.fixture
def beat(tmp_path, monkeypatch):
    """A file with a beat, in a folder in which commands are run, with a tiny model."""
    models = write_tiny_model(tmp_path / "models")
    use_environment(monkeypatch, private_environment(tmp_path, models))
    place = tmp_path / "My Beats [2]"
    place.mkdir()
    monkeypatch.chdir(place)
    path = place / "beat :drum: [1].mid"
    write_midi(stiff_beat(), path)
    return path


@pytest.fixture
def groove(beat, capsys):
    """Runs the command and gives its answer."""

    def play(*arguments):
        capsys.readouterr()
        assert run(["groove", str(beat), "--json", *arguments]) == 0
        captured = capsys.readouterr()
        assert not captured.err
        return json.loads(captured.out)

    return play


def clips_of(answer):
    return [read_midi(Path(take["file"])) for take in answer["takes"]]


def places_of(clip):
    return sorted((note.pitch, nearest_step(note.start)) for note in clip.notes)


def test_takes_are_files_that_name_their_seed(beat, capsys):
    assert run(["groove", beat.name, "--takes", "3", "--seed", "7"]) == 0
    written = sorted(path.name for path in (beat.parent / "takes").iterdir())
    assert written == [
        f"{beat.stem} groove {take} of 3 seed {seed}.mid" for take, seed in ((1, 7), (2, 8), (3, 9))
    ]
    shown = capsys.readouterr().out
    assert "on average" in shown
    assert "beat :drum: [1]" in "".join(shown.split("\n"))


def test_every_hit_comes_back_on_its_step_and_is_told_as_it_is(groove):
    answer = groove("--takes", "2")
    assert answer["provider"] == "cpu"
    beat = stiff_beat()
    for take, clip in zip(answer["takes"], clips_of(answer), strict=True):
        assert places_of(clip) == places_of(beat)
        assert take["hits"] == len(beat.notes)
        assert take["softest"] == min(note.velocity for note in clip.notes)
        assert take["earliest_ms"] <= take["mean_ms"] <= take["latest_ms"]
        assert take["typical_ms"] > 0


def test_the_same_line_again_writes_no_second_file_and_overwrites_none(groove, beat):
    first = groove("--takes", "1")
    assert groove("--takes", "1")["takes"] == first["takes"]
    path = beat.parent / first["takes"][0]["file"]
    path.write_bytes(b"edited by the musician")
    again = groove("--takes", "1")["takes"][0]["file"]
    assert again.endswith(" (2).mid")
    assert path.read_bytes() == b"edited by the musician"


def test_a_seed_typed_back_gives_the_take_again(groove):
    second = clips_of(groove("--takes", "2", "--seed", "40"))[1]
    alone = clips_of(groove("--takes", "1", "--seed", "41", "-o", "again"))[0]
    assert alone.notes == second.notes


def test_amount_0_gives_the_beat_as_it_is(groove):
    answer = groove("--amount", "0", "--takes", "1")
    assert clips_of(answer)[0].notes == stiff_beat().notes
    assert answer["takes"][0]["typical_ms"] == 0


def test_each_option_changes_what_is_played(groove, beat):
    feel = beat.parent / "feel.mid"
    late = stiff_beat().with_notes(
        note.played(start=note.start + 900, velocity=30) for note in stiff_beat().notes
    )
    write_midi(late, feel)
    kit = beat.parent / "kit.json"
    kit.write_text('{"38": "kick", "36": "snare", "42": "ride"}')
    lines = [
        (),
        ("--temperature", "0"),
        ("--amount", "50"),
        ("--feel", str(feel)),
        ("--centre",),
        ("--no-drums",),
        ("--kit-file", str(kit)),
        ("--seed", "5"),
    ]
    played = [clips_of(groove("--takes", "1", *line))[0].notes for line in lines]
    assert len(set(played)) == len(lines)


def test_a_kit_file_is_used_as_soon_as_it_is_named_but_for_another_kit(groove, beat):
    kit = beat.parent / "kit.json"
    kit.write_text('{"38": "kick", "36": "snare", "42": "ride"}')
    line = ("--takes", "1", "--kit-file", str(kit))
    named = groove(*line)
    assert named["takes"] == groove(*line, "--kit", "user")["takes"]
    other = groove(*line, "--kit", "general-midi")
    assert other["takes"] != named["takes"]


@pytest.mark.parametrize(
    "slot",
    [slot for slot in layout_of(Groove).slots if slot.name in NUMBERS],
    ids=lambda slot: slot.name,
)
def test_ranges_are_those_of_the_protocol(slot, beat, capsys):
    assert isinstance(slot.parameter, Whole | Real)
    for value in (slot.parameter.low - 1, slot.parameter.high + 1, "red", "nan", ""):
        assert run(["groove", beat.name, f"--{slot.name}", f"{value}"]) == 2
        assert f"{slot.parameter.name} must be" in capsys.readouterr().err.replace("\n", " ")
    assert not (beat.parent / "takes").exists()


def test_the_defaults_are_those_of_the_protocol(groove):
    assert (
        groove()["takes"]
        == groove(
            *("--takes", "4", "--seed", "0", "--amount", "100", "--temperature", "1.0"),
            *("--no-centre", "--kit", "general-midi"),
        )["takes"]
    )


def test_the_help_says_what_the_protocol_says(capsys):
    assert run(["groove", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for slot in layout_of(Groove).slots:
        if slot.name not in {"id", "clip", "feel"}:
            assert slot.parameter.meaning in shown


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nowhere.mid"], 1, "nowhere.mid cannot be opened"),
        (["beat :drum: [1].mid", "--feel", "nowhere.mid"], 1, "nowhere.mid cannot be opened"),
        (["beat :drum: [1].mid", "--kit", "user"], 1, "--kit-file"),
        (["beat :drum: [1].mid", "--kit", "rolland"], 2, "roland"),
        (["beat :drum: [1].mid", "-o", "beat :drum: [1].mid"], 1, "cannot be written"),
        (["empty.mid"], 1, "no note that sounds"),
        (["text.mid"], 1, "text.mid"),
    ],
)
def test_what_cannot_be_played_is_said_and_nothing_is_written(beat, arguments, code, words, capsys):
    write_midi(Clip((), 1000), beat.parent / "empty.mid")
    (beat.parent / "text.mid").write_text("no MIDI")
    before = sorted(beat.parent.rglob("*"))
    assert run(["groove", *arguments]) == code
    captured = capsys.readouterr()
    assert words in captured.err
    assert not captured.out
    assert sorted(beat.parent.rglob("*")) == before


def test_a_damaged_model_is_said_with_its_cure(beat, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CLIPBRIDGE_MODELS", str(write_damaged_model(tmp_path / "damaged")))
    assert run(["groove", beat.name]) == 1
    assert "Install Clipbridge again." in capsys.readouterr().err.replace("\n", " ")


def test_a_note_of_every_kind_survives_the_way_through_files(beat, groove):
    odd = Clip(
        (
            Note(36, -100, 50, velocity=90, probability=0.5),
            Note(38, 5040, 9, mute=True),
            Note(42, 10_080, 300, release_velocity=1, velocity_deviation=12),
        ),
        40_320,
        numerator=7,
        denominator=8,
    )
    write_midi(odd, beat)
    (clip,) = clips_of(groove("--takes", "1"))
    assert (clip.numerator, clip.denominator, clip.length) == (7, 8, odd.length)
    assert clip.notes != odd.notes
    assert odd.notes == tuple(
        after.played(start=before.start, velocity=before.velocity)
        for before, after in zip(odd.notes, clip.notes, strict=True)
    )
