"""The table of commands: quick to ask, patient with mistakes, exit codes that mean something."""

import subprocess
import sys

import click
import pytest

from bridge import VERSION
from bridge.commands import protocol
from bridge.commands.cli import COMMANDS, clipbridge, run
from bridge.errors import CancelledError, MidiFileError, SettingError
from tests.command_line import private_environment, use_environment


@pytest.fixture(autouse=True)
def environment(tmp_path, monkeypatch):
    use_environment(monkeypatch, private_environment(tmp_path))
    return monkeypatch


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_is_there_and_explains_itself(name, capsys):
    command = clipbridge.get_command(click.Context(clipbridge), name)
    assert command.name == name
    assert run([name, "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert command.help.splitlines()[0] in shown


def test_the_list_of_commands_holds_those_for_people(capsys):
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(entry.summary in shown for entry in COMMANDS.values())
    assert "worker" not in shown


def test_the_version_is_told(capsys):
    assert run(["--version"]) == 0
    assert VERSION in capsys.readouterr().out


def test_help_waits_for_no_heavy_library():
    program = (
        "import sys; from bridge.commands.cli import run; assert run(['--help']) == 0\n"
        "heavy = {'numpy', 'onnxruntime', 'PIL', 'psutil', 'pythonosc', 'mido', 'torch'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_serving_waits_for_no_library_of_pictures_or_files():
    program = (
        "import sys; from bridge.commands.cli import run; assert run(['serve', '--help']) == 0\n"
        "assert not {'PIL', 'mido', 'torch'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        (["grove", "beat.mid"], "Did you mean groove?"),
        (["xyz"], "clipbridge --help"),
        (["groove", "beat.mid", "--taks", "2"], "--takes"),
        (["serve", "--prot", "17177"], "--port"),
        (["groove"], "IN.mid"),
        (["--verson"], "--version"),
    ],
)
def test_a_mistyped_line_is_answered_with_what_was_meant(line, advice, capsys):
    assert run(line) == 2
    captured = capsys.readouterr()
    assert advice in captured.err
    assert not captured.out


def test_a_mistyped_variable_is_answered_with_what_was_meant(environment, capsys):
    environment.setenv("CLIPBRIDGE_PROVIDR", "cpu")
    assert run(["models"]) == 2
    assert "did you mean CLIPBRIDGE_PROVIDER?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (
            MidiFileError("[loud] beat.mid is [/] none."),
            1,
            "midi-file: [loud] beat.mid is [/] none.",
        ),
        (SettingError("A setting."), 2, "setting: A setting."),
        (CancelledError("It was."), 130, "Stopped."),
        (KeyboardInterrupt(), 130, "Stopped."),
        (click.ClickException("A fault."), 1, "A fault."),
    ],
)
def test_a_fault_is_a_sentence_and_an_exit_code(fault, code, words, monkeypatch, capsys):
    def fail():
        raise fault

    monkeypatch.setattr(protocol, "markdown", fail)
    assert run(["protocol"]) == code
    captured = capsys.readouterr()
    assert words in captured.err
    assert not captured.out


def test_a_library_that_cannot_be_loaded_is_said_with_its_cure(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "bridge.commands.protocol", None)
    assert run(["protocol"]) == 1
    assert "Cure: install Clipbridge again." in capsys.readouterr().err
