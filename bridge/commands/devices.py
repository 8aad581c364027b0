"""``clipbridge devices``: the Max for Live devices, into Live's User Library and out of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
from rich.table import Table

from bridge.commands.live_library import OLDER, ShippedDevice, find_library, shipped_devices
from bridge.commands.outcome import DONE
from bridge.commands.screen import answers, json_option, say_json
from bridge.errors import SettingError

INSTALL: Final = "install"
LIST: Final = "list"
REMOVE: Final = "remove"


@dataclass(frozen=True, slots=True)
class Fate:
    """A device and what became of it."""

    name: str
    path: Path
    """Its place in the User Library."""
    state: str
    """``installed``, ``updated``, ``unchanged``, ``removed``, ``missing``, ``other``."""
    kept: Path | None = None
    """Where the one that was there before is kept."""

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        fields: dict[str, object] = {"name": self.name, "file": str(self.path), "state": self.state}
        return fields if self.kept is None else {**fields, "kept": str(self.kept)}


@click.command()
@click.argument("action", type=click.Choice([INSTALL, LIST, REMOVE]), default=LIST, required=False)
@click.option("--list", "look", is_flag=True, help="Say which devices are installed.")
@click.option("--remove", "remove", is_flag=True, help="Take the devices out again.")
@click.option(
    "--library",
    type=click.Path(path_type=Path, file_okay=False),
    help="Live's User Library, where Live does not say itself where it is.",
)
@click.option(
    "--experimental",
    is_flag=True,
    help="The MIDI Tools for Live 12 too, which nobody has tried in a Live yet.",
)
@json_option
def devices(
    action: str,
    library: Path | None,
    *,
    look: bool,
    remove: bool,
    experimental: bool,
    as_json: bool,
) -> int:
    """Put the Max for Live devices into Live's User Library.

    They appear in Live's browser under User Library, in Presets, MIDI Effects, Max MIDI Effect,
    Clipbridge. A device of an earlier version is kept in the folder Older beside them.
    """
    if look and remove:
        raise click.UsageError("--list and --remove are two wishes; take one.")
    action = LIST if look else REMOVE if remove else action
    folder = find_library(library)
    chosen = [one for one in shipped_devices() if experimental or not one.is_experimental]
    if not chosen:
        raise SettingError("No device came with this program. Install Clipbridge again.")
    act = {INSTALL: _install, REMOVE: _remove, LIST: _look}[action]
    try:
        fates = [act(device, folder / device.place) for device in chosen]
    except OSError as fault:
        place = fault.filename or folder
        raise SettingError(f"{place} cannot be written: {fault.strerror or fault}.") from fault
    if as_json:
        say_json({"library": str(folder), "devices": [fate.as_fields() for fate in fates]})
    else:
        _show(folder, fates, action)
    return DONE


def _install(device: ShippedDevice, place: Path) -> Fate:
    content = device.path.read_bytes()
    if place.is_file():
        if place.read_bytes() == content:
            return Fate(device.name, place, "unchanged")
        kept = _keep(place)
        place.write_bytes(content)
        return Fate(device.name, place, "updated", kept)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return Fate(device.name, place, "installed")


def _remove(device: ShippedDevice, place: Path) -> Fate:
    if not place.is_file():
        return Fate(device.name, place, "missing")
    # One that is not ours any more, perhaps edited in Max, is somebody's work.
    kept = None if place.read_bytes() == device.path.read_bytes() else _keep(place)
    place.unlink(missing_ok=True)
    if not any(place.parent.iterdir()):
        place.parent.rmdir()
    return Fate(device.name, place, "removed", kept)


def _look(device: ShippedDevice, place: Path) -> Fate:
    if not place.is_file():
        return Fate(device.name, place, "missing")
    same = place.read_bytes() == device.path.read_bytes()
    return Fate(device.name, place, "installed" if same else "other")


def _keep(place: Path) -> Path:
    """Move a device to the folder of the older ones, under a name that is free; where it is now."""
    folder = place.parent / OLDER
    folder.mkdir(exist_ok=True)
    for name in _names(place):
        kept = folder / name
        if not kept.exists():
            return place.rename(kept)
    raise AssertionError


def _names(place: Path) -> Iterator[str]:
    number = 1
    while True:
        yield f"{place.stem} {number}{place.suffix}"
        number += 1


def _show(folder: Path, fates: list[Fate], action: str) -> None:
    console = answers()
    table = Table(show_header=False, box=None)
    words = {
        "installed": "installed",
        "updated": "installed; the one before is kept in " + OLDER,
        "unchanged": "installed already",
        "removed": "removed",
        "missing": "not installed",
        "other": "another version is installed: clipbridge devices install",
    }
    for fate in fates:
        table.add_row(fate.name, words[fate.state])
    console.print(table)
    console.print(f"Live's User Library: {folder}", soft_wrap=True)
    if action == INSTALL:
        console.print(
            "In Live's browser: User Library, Presets, MIDI Effects, Max MIDI Effect, Clipbridge."
            " Drag one onto a MIDI track."
        )
