"""Live's User Library: where it is, and the devices that came with the program."""

import html
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bridge.errors import SettingError

ENDING: Final = ".amxd"

EFFECTS: Final = Path("Presets", "MIDI Effects", "Max MIDI Effect", "Clipbridge")
"""Where Live's browser shows MIDI effects, in the User Library."""

GENERATORS: Final = Path("MIDI Tools", "Max Generators")
TRANSFORMATIONS: Final = Path("MIDI Tools", "Max Transformations")
"""Where Live 12 looks for MIDI Tools."""

OLDER: Final = "Older"
"""The folder beside the devices that keeps those of earlier versions."""

_KINDS: Final[Mapping[bytes, Path]] = {
    b"mmmm": EFFECTS,
    b"nagg": GENERATORS,
    b"natt": TRANSFORMATIONS,
}
"""A device says in its bytes 8 to 11 what it is."""

_PROJECT: Final = re.compile(r"<UserLibrary>.*?</LibraryProject>", re.DOTALL)
_VALUE: Final = re.compile(r'<(ProjectPath|ProjectName) Value="([^"]*)"')

_MAX_LIBRARY_FILE: Final = 4_000_000
"""Bytes of a Library.cfg; a larger file is something else."""


@dataclass(frozen=True, slots=True)
class ShippedDevice:
    """A device that came with the program."""

    path: Path
    is_experimental: bool

    @property
    def name(self) -> str:
        """As Live shows it."""
        return self.path.stem

    @property
    def place(self) -> Path:
        """Where it belongs in the User Library."""
        with self.path.open("rb") as file:
            kind = file.read(12)[8:]
        return _KINDS.get(kind, EFFECTS) / self.path.name


def shipped_devices() -> tuple[ShippedDevice, ...]:
    """The devices that came with the program, installed or in a checkout, by name."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "max_devices"
    folder = installed if installed.is_dir() else package.parent / "max_devices"
    return tuple(
        ShippedDevice(path, is_experimental)
        for place, is_experimental in ((folder, False), (folder / "experimental", True))
        for path in sorted(place.glob(f"*{ENDING}"))
    )


def find_library(named: Path | None = None) -> Path:
    """The folder of Live's User Library.

    Args:
        named: The folder that the musician names; without it Live is asked, by the preferences of
            its newest version, and where it says nothing, its usual place.

    Raises:
        SettingError: if there is none; the text says what to do.
    """
    if named is not None:
        if not named.is_dir():
            raise SettingError(f"There is no folder {named}.")
        return named
    for library in (*_preferred(), *_usual()):
        if library.is_dir():
            return library
    raise SettingError(
        "Live's User Library was not found. Name its folder, as Live's settings show it under"
        " Library: clipbridge devices install --library FOLDER"
    )


def _preferred() -> Iterator[Path]:
    """What the preferences of each version of Live say, the newest first."""
    files = [
        file for folder in _preference_folders() for file in folder.glob("Live*/**/Library.cfg")
    ]
    for file in sorted(files, key=_version, reverse=True):
        library = library_in(file)
        if library is not None:
            yield library


def library_in(file: Path) -> Path | None:
    """The User Library that a Library.cfg names: its ProjectPath and its ProjectName."""
    try:
        if file.stat().st_size > _MAX_LIBRARY_FILE:
            return None
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    project = _PROJECT.search(text)
    if project is None:
        return None
    values = {name: html.unescape(value) for name, value in _VALUE.findall(project.group())}
    if not values.get("ProjectPath"):
        return None
    return Path(values["ProjectPath"]) / (values.get("ProjectName") or "User Library")


def _preference_folders() -> tuple[Path, ...]:
    if sys.platform == "win32":
        return (Path(os.environ.get("APPDATA", Path.home() / "AppData" / "Roaming")) / "Ableton",)
    return (Path.home() / "Library" / "Preferences" / "Ableton",)


def _usual() -> tuple[Path, ...]:
    home = Path.home()
    return tuple(home / folder / "Ableton" / "User Library" for folder in ("Music", "Documents"))


def _version(file: Path) -> tuple[int, ...]:
    """The numbers of “Live 12.2.1”, wherever in the path it stands."""
    name = next((part for part in reversed(file.parts) if part.startswith("Live")), "")
    return tuple(int(number) for number in re.findall(r"\d+", name))
