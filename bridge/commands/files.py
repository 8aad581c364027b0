"""Results as files that overwrite nothing."""

import os
from pathlib import Path
from typing import Final

from bridge.errors import MidiFileError
from bridge.music.clip import Clip
from bridge.music.midifile import encode_midi

_LONGEST: Final = 200
"""Bytes of a file's name: systems take 255, and a number must find room."""


def keep_clip(folder: Path, name: str, clip: Clip) -> Path:
    """Write a clip as a MIDI file of this name; raises as :func:`keep_file`."""
    return keep_file(folder, name, ".mid", encode_midi(clip))


def keep_file(folder: Path, name: str, ending: str, content: bytes) -> Path:
    """Write a new file ``name.ending``, or ``name (2).ending`` where that is taken, and so on.

    Where one of these holds the very same bytes already, it stays and is what comes back: the same
    command twice gives one file.

    Args:
        folder: It is made where it is missing.
        name: Without an ending; a very long one is cut.
        ending: With its point.
        content: Of the file.

    Raises:
        MidiFileError: if it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _kept(folder, _short(name), ending, content)
    except OSError as fault:
        place = fault.filename or folder
        raise MidiFileError(f"{place} cannot be written: {fault.strerror or fault}.") from fault


def _kept(folder: Path, name: str, ending: str, content: bytes) -> Path:
    number = 1
    while True:
        path = folder / (f"{name}{ending}" if number == 1 else f"{name} ({number}){ending}")
        try:
            file = path.open("xb")
        except FileExistsError:
            if path.is_file() and path.read_bytes() == content:
                return path
            number += 1
            continue
        try:
            with file:
                file.write(content)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        return path


def _short(name: str) -> str:
    while len(os.fsencode(name)) > _LONGEST:
        name = name[:-1]
    return name
