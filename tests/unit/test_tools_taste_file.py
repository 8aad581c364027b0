"""A taste of one's own: what a file may change, and what is said of a faulty one."""

import json

import numpy as np
import pytest

from bridge.commands.cli import run
from bridge.commands.options import stage_of, worker_command
from bridge.daemon.settings import read_settings
from bridge.errors import SettingError
from bridge.music.scale import Scale
from bridge.tools.taste import DEFAULT_TASTE, Melody
from bridge.tools.taste_file import read_taste, taste_of
from tests.command_line import private_environment, use_environment

MELODY = Melody(np.array([60, -2, 62, 64, 65, -1, 67, 60], np.int16), Scale.named("Major", 0))


@pytest.fixture
def taste_file(tmp_path):
    def write(text):
        path = tmp_path / "mine.py"
        path.write_text(text, encoding="utf-8")
        return path

    return write


OWN = """\
from bridge.tools.taste import Rule

def calm(melody):
    return 1.0 - (melody.codes >= 0).mean()

def taste(default):
    return default.without("motif").weighing("in key", 8).adding(Rule("calm", "Few.", 5, calm))
"""


def test_a_file_switches_off_weighs_and_adds(taste_file):
    taste = read_taste(taste_file(OWN))
    weights = {rule.name: rule.weight for rule in taste.rules}
    assert (weights["motif"], weights["in key"], weights["calm"]) == (0, 8, 5)
    judged = taste.judgement(MELODY)
    assert "motif" not in judged
    assert judged["calm"] == 1 - 6 / 8
    assert taste_of(taste_file(OWN)).score(MELODY) == taste.score(MELODY)


def test_without_a_file_the_usual_taste_holds():
    assert taste_of(None) is DEFAULT_TASTE


FAULTS = [
    ("def taste(default)\n    return default\n", r"is not Python, line 1"),
    ("\x00", r"(not Python|fails)"),
    ("import nothing_of_this_name\n", r"at line 1: ModuleNotFoundError"),
    ("x = 1\ny = x / 0\n", r"at line 2: ZeroDivisionError: division by zero\."),
    ("raise SystemExit(3)\n", r"at line 1: SystemExit: 3"),
    ("x = 1\n", r"has no function “taste”"),
    ("taste = 3\n", r"has no function “taste”"),
    ("def taste(default):\n    default\n", r"must return a Taste, not nothing"),
    ("def taste(default):\n    return 3\n", r"must return a Taste, not a int"),
    ("def taste():\n    pass\n", r"fails: TypeError"),
    ("\ndef taste(default):\n    return default.without('jazz')\n", r"at line 3: There is no rule"),
    (
        "def taste(default):\n    return default.weighing('motif', 101)\n",
        r"at line 2: The weight of the rule “motif” must be between 0 and 100",
    ),
    (
        "from bridge.tools.taste import Taste\ndef taste(default):\n    return Taste((1, 2))\n",
        r"at line 3|must be made of Rules",
    ),
]


@pytest.mark.parametrize(("text", "says"), FAULTS)
def test_a_faulty_file_is_refused_with_its_name_and_line(taste_file, text, says):
    path = taste_file(text)
    with pytest.raises(SettingError, match=rf"mine\.py.*{says}"):
        read_taste(path)
    broken = taste_of(path)  # Drums go on; who asks for taste is told.
    with pytest.raises(SettingError, match=r"mine\.py"):
        broken.score(MELODY)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("return 1 / 0", r"in the rule “odd” at line 3: ZeroDivisionError"),
        ("return 'much'", r"in the rule “odd”.*ValueError"),
        ("return None", r"in the rule “odd”.*TypeError"),
        ("return float('nan')", r"gives no number"),
    ],
)
def test_a_rule_that_fails_while_judging_is_told_with_its_line(taste_file, body, says):
    path = taste_file(
        "from bridge.tools.taste import Rule\ndef odd(melody):\n"
        f"    {body}\n"
        "def taste(default):\n    return default.adding(Rule('odd', 'Odd.', 1, odd))\n"
    )
    taste = read_taste(path)
    with pytest.raises(SettingError, match=says):
        taste.score(MELODY)


def test_a_file_that_cannot_be_opened_is_told(tmp_path):
    with pytest.raises(SettingError, match="cannot be opened"):
        read_taste(tmp_path / "gone.py")


def test_the_worker_is_handed_the_file_and_its_stage_has_the_taste(taste_file, tmp_path):
    path = taste_file(OWN)
    settings = read_settings({"taste_file": str(path)}, private_environment(tmp_path))
    command = worker_command(settings)
    assert command[command.index("--taste-file") + 1] == str(path)
    assert "calm" in stage_of(settings).taste.judgement(MELODY)


def test_the_rules_are_shown_with_their_weights(taste_file, tmp_path, monkeypatch, capsys):
    use_environment(monkeypatch, private_environment(tmp_path))
    assert run(["taste"]) == 0
    shown = capsys.readouterr().out
    assert all(rule.name in shown for rule in DEFAULT_TASTE.rules)
    assert run(["taste", "--json", "--taste-file", str(taste_file(OWN))]) == 0
    listed = {rule["name"]: rule for rule in json.loads(capsys.readouterr().out)}
    assert listed["calm"] == {"name": "calm", "says": "Few.", "weight": 5}
    assert run(["taste", "--taste-file", str(taste_file("x = 1 / 0"))]) == 2
    assert "line 1" in capsys.readouterr().err
