"""``clipbridge devices``: into Live's User Library, out of it, and nothing lost on the way."""

import json

import pytest

from bridge.commands.cli import run
from bridge.commands.live_library import EFFECTS, find_library, library_in, shipped_devices
from bridge.errors import SettingError

CFG = """<?xml version="1.0" encoding="UTF-8"?>
<Ableton><ContentLibrary><UserLibrary><LibraryProject Id="0">
<ProjectLocation /><ProjectName Value="{name}" /><ProjectPath Value="{path}" />
</LibraryProject></UserLibrary></ContentLibrary></Ableton>"""


@pytest.fixture(name="home")
def _home(tmp_path, monkeypatch):
    """A home without Live."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("APPDATA", str(home / "AppData"))
    monkeypatch.setattr("bridge.commands.live_library.sys.platform", "darwin")
    return home


@pytest.fixture(name="library")
def _library(tmp_path):
    library = tmp_path / "Ableton" / "User Library"
    library.mkdir(parents=True)
    return library


@pytest.fixture(name="act")
def _act(library, capsys):
    """Runs the command on the library; what it says of each device."""

    def run_it(*arguments):
        capsys.readouterr()
        assert run(["devices", *arguments, "--library", str(library), "--json"]) == 0
        report = json.loads(capsys.readouterr().out)
        assert report["library"] == str(library)
        return {one["name"]: one for one in report["devices"]}

    return run_it


def prefer(home, version, path, name="User Library"):
    folder = home / "Library" / "Preferences" / "Ableton" / f"Live {version}"
    folder.mkdir(parents=True)
    (folder / "Library.cfg").write_text(CFG.format(name=name, path=path), encoding="utf-8")


def test_the_devices_go_where_live_shows_them(act, library):
    said = act("install")
    assert {"Groove", "Continue", "Drumify"} <= said.keys()
    for device in shipped_devices():
        if not device.is_experimental:
            assert (library / EFFECTS / device.path.name).read_bytes() == device.path.read_bytes()
            assert said[device.name]["state"] == "installed"
    assert {one["state"] for one in act("install").values()} == {"unchanged"}


def test_a_device_that_was_there_is_kept(act, library):
    place = library / EFFECTS / "Groove.amxd"
    place.parent.mkdir(parents=True)
    for content in (b"first", b"second"):
        place.write_bytes(content)
        assert act("install")["Groove"]["state"] == "updated"
    kept = sorted((place.parent / "Older").iterdir())
    assert [path.read_bytes() for path in kept] == [b"first", b"second"]


def test_the_list_says_what_is_there(act, library):
    assert {one["state"] for one in act("--list").values()} == {"missing"}
    act("install")
    (library / EFFECTS / "Groove.amxd").write_bytes(b"edited")
    said = act()
    assert said["Groove"]["state"] == "other"
    assert said["Continue"]["state"] == "installed"


def test_removing_takes_only_what_was_put_there(act, library):
    act("install")
    other = library / EFFECTS / "Mine.amxd"
    other.write_bytes(b"mine")
    (library / EFFECTS / "Groove.amxd").write_bytes(b"edited")
    said = act("--remove")
    assert {one["state"] for one in said.values()} == {"removed"}
    assert other.read_bytes() == b"mine"
    assert [path.read_bytes() for path in (library / EFFECTS / "Older").iterdir()] == [b"edited"]
    assert {one["state"] for one in act("--remove").values()} == {"missing"}


def test_removing_leaves_no_empty_folder(act, library):
    act("install")
    act("remove")
    assert not (library / EFFECTS).exists()


def test_the_newest_live_says_where_its_library_is(home, tmp_path):
    for version in ("11.3.20", "12.2.1", "9.7"):
        (tmp_path / version / "Mine & Yours").mkdir(parents=True)
        prefer(home, version, tmp_path / version, "Mine &amp; Yours")
    assert find_library() == tmp_path / "12.2.1" / "Mine & Yours"


def test_a_library_that_has_gone_is_passed_over(home, tmp_path):
    prefer(home, "12.2", tmp_path / "gone")
    (tmp_path / "here" / "User Library").mkdir(parents=True)
    prefer(home, "11.3", tmp_path / "here")
    assert find_library() == tmp_path / "here" / "User Library"


def test_without_preferences_the_usual_place_is_looked_at(home):
    usual = home / "Music" / "Ableton" / "User Library"
    usual.mkdir(parents=True)
    assert find_library() == usual


@pytest.mark.parametrize("content", ["", "<Ableton>", "<Ableton />", CFG.format(name="x", path="")])
def test_preferences_that_say_nothing_are_passed_over(tmp_path, content):
    file = tmp_path / "Library.cfg"
    file.write_text(content, encoding="utf-8")
    assert library_in(file) is None


def test_windows_keeps_its_preferences_elsewhere(home, tmp_path, monkeypatch):
    monkeypatch.setattr("bridge.commands.live_library.sys.platform", "win32")
    folder = home / "AppData" / "Ableton" / "Live 12.1" / "Preferences"
    folder.mkdir(parents=True)
    (tmp_path / "User Library").mkdir()
    text = CFG.format(name="User Library", path=tmp_path)
    (folder / "Library.cfg").write_text(text, encoding="utf-8")
    assert find_library() == tmp_path / "User Library"


def test_where_there_is_no_live_it_says_what_to_do(home, tmp_path, capsys):
    assert not list(home.iterdir())
    with pytest.raises(SettingError, match="--library"):
        find_library()
    assert run(["devices", "install", "--library", str(tmp_path / "none")]) == 2
    assert "There is no folder" in capsys.readouterr().err


def test_it_says_where_to_look_in_live(library, capsys):
    assert run(["devices", "install", "--library", str(library)]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "Max MIDI Effect, Clipbridge" in out
    assert str(library) in out
