"""Settings: what wins over what, and the sentence for every mistake."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.daemon.settings import (
    Settings,
    flag_of,
    help_of,
    needs_of,
    read_settings,
    variable_of,
)
from bridge.errors import SettingError

NAMES = [one.name for one in fields(Settings)]


def test_without_a_choice_the_defaults_hold():
    assert read_settings({}, {}) == Settings()
    assert Settings().port is None
    assert Settings().deadline_s == 60
    assert Settings().queue_size == 32
    assert Settings().log_folder.is_absolute()


def test_a_flag_beats_a_variable_which_beats_the_default():
    environment = {"CLIPBRIDGE_PORT": "18000", "CLIPBRIDGE_PROVIDER": "cuda"}
    chosen = read_settings({"port": "19000", "provider": None}, environment)
    assert chosen.port == 19_000
    assert chosen.provider == "cuda"
    assert chosen.log_level == Settings().log_level


def test_a_flag_mends_a_bad_variable():
    assert read_settings({"port": "19000"}, {"CLIPBRIDGE_PORT": "red"}).port == 19_000


def test_variables_of_other_programs_and_empty_ones_are_passed_over():
    environment = {"PATH": "/bin", "CLIPBRIDGE_PORT": " ", "BRIDGE_PORT": "1"}
    assert read_settings({}, environment) == Settings()


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_can_be_given_as_a_flag_and_as_a_variable(name, tmp_path):
    file = tmp_path / "kit.json"
    file.write_text("{}")
    texts = {
        "port": "20000",
        "provider": "CPU",
        "kit_file": str(file),
        "taste_file": str(file),
        "deadline_s": "2.5",
        "queue_size": "7",
        "log_level": "Debug",
    }
    text = texts.get(name, str(tmp_path))
    by_flag = read_settings({name: text}, {})
    assert by_flag == read_settings({}, {variable_of(name): text})
    assert getattr(by_flag, name) != getattr(Settings(), name)


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_explained_in_a_sentence(name):
    assert re.fullmatch(r"[A-Z].{20,}\.", help_of(name))
    assert needs_of(name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("port", "red"),
        ("port", "80"),
        ("port", "70000"),
        ("port", "-1"),
        ("port", "17177.5"),
        ("port", ""),
        ("provider", "gpu"),
        ("models", "/no such folder"),
        ("models", "\0"),
        ("kit_file", "/no such kit.json"),
        ("taste_file", "/no such taste.py"),
        ("deadline_s", "0.5"),
        ("deadline_s", "3601"),
        ("deadline_s", "nan"),
        ("deadline_s", "inf"),
        ("queue_size", "0"),
        ("queue_size", "many"),
        ("log_level", "loud"),
        ("log_folder", ""),
        ("data_folder", "~nobody-of-that-name/x"),
    ],
)
def test_a_bad_value_is_refused_naming_the_source_the_need_and_the_value(name, text):
    with pytest.raises(SettingError) as fault:
        read_settings({name: text}, {})
    assert str(fault.value).startswith(f"{flag_of(name)} must be {needs_of(name)}, not {text!r}.")


def test_a_bad_variable_is_named_as_the_variable():
    with pytest.raises(SettingError, match=r"^CLIPBRIDGE_PORT must be 0 or .*, not 'red'\.$"):
        read_settings({}, {"CLIPBRIDGE_PORT": "red"})


def test_a_mistyped_choice_gets_the_nearest_one():
    with pytest.raises(SettingError, match=r"Did you mean tensorrt\?$"):
        read_settings({"provider": "tensorRT2"}, {})


def test_a_folder_is_not_a_kit_file(tmp_path):
    with pytest.raises(SettingError, match="--kit-file must be a file that exists"):
        read_settings({"kit_file": str(tmp_path)}, {})


@pytest.mark.parametrize(
    ("variable", "advice"),
    [
        ("CLIPBRIDGE_PROT", "did you mean CLIPBRIDGE_PORT?"),
        ("CLIPBRIDGE_LOGLEVEL", "did you mean CLIPBRIDGE_LOG_LEVEL?"),
        ("CLIPBRIDGE_Port", "did you mean CLIPBRIDGE_PORT?"),
        ("CLIPBRIDGE_XYLOPHONE", "there are CLIPBRIDGE_PORT, "),
    ],
)
def test_a_mistyped_variable_is_refused_with_the_nearest_one(variable, advice):
    with pytest.raises(SettingError) as fault:
        read_settings({}, {variable: "1"})
    assert str(fault.value).startswith(f"There is no setting {variable}; {advice}")


def test_a_mistyped_flag_is_refused_with_the_nearest_one():
    with pytest.raises(SettingError, match="no setting --prot; did you mean --port"):
        read_settings({"prot": "1"}, {})


def test_the_folder_of_the_training_data_is_a_known_setting(tmp_path):
    assert read_settings({}, {"CLIPBRIDGE_DATA": str(tmp_path)}).data == tmp_path


def test_paths_with_spaces_and_signs_of_every_language_are_kept(tmp_path):
    folder = tmp_path / "Ton träger [鼓] №1 !"
    folder.mkdir()
    assert read_settings({"models": str(folder)}, {}).models == folder


def test_a_path_is_read_from_the_home_and_made_absolute(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert read_settings({"log_folder": "~/logs"}, {}).log_folder == tmp_path / "logs"
    assert read_settings({"log_folder": "logs"}, {}).log_folder == Path.cwd() / "logs"


def test_settings_made_by_hand_are_checked_too():
    with pytest.raises(SettingError, match=r"The setting port must be 0 or .*, not 99\."):
        Settings(port=99)


@settings(deadline=None, max_examples=60)
@given(name=st.sampled_from(NAMES), text=st.text(max_size=20))
def test_any_text_gives_settings_or_a_setting_error(name, text):
    refusal = ""
    try:
        read_settings({name: text}, {})
    except SettingError as fault:
        refusal = str(fault)
    assert not refusal or refusal.startswith(f"{flag_of(name)} must be {needs_of(name)}, not ")
