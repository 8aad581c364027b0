"""The script of a device: its small files joined into one, because frozen scripts cannot share."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bridge.music.drumkit import GENERAL_MIDI, Piece
from bridge.music.midireading import (
    DRUM_KEYS,
    DRUM_NAME,
    KICKS,
    SNARES,
    TIMEKEEPERS,
    TIMEKEEPING,
)
from max_devices.builder.patcher import LEAST_LIVE

SOURCES: Final = Path(__file__).resolve().parents[1] / "src"

PARTS: Final = (
    "Words",
    "Clock",
    "LiveSet",
    "Notes",
    "Pads",
    "Parts",
    "Target",
    "Source",
    "Screen",
    "Link",
    "Arrival",
    "Job",
    "Request",
    "Writer",
    "Tray",
    "Holders",
    "Conversation",
    "Device",
)
"""The files that every device has, in the order in which they are joined."""

SCALED: Final = ("Continue", "Generate", "Interpolate")
"""The devices that go by Live's scale."""

TOOL_PARTS: Final = (
    "Words",
    "Clock",
    "Notes",
    "Screen",
    "Link",
    "Arrival",
    "Job",
    "Request",
    "MidiTool",
)
"""The files of a MIDI Tool of Live 12."""


def script_of(tool: str) -> str:
    """The script of a device: constants, the tool, and the parts that all devices share."""
    parts = ("Scale", *PARTS) if tool in SCALED else PARTS
    return _joined(Path("tools") / f"{tool}.js", least_live() + kit() + beat(), parts)


def tool_script_of(tool: str) -> str:
    """The script of a MIDI Tool."""
    return _joined(Path("miditools") / f"{tool}.js", "", TOOL_PARTS)


def _joined(chosen: Path, constants: str, parts: Sequence[str]) -> str:
    files = [Path("Protocol.js"), chosen, *(Path("scripts") / f"{part}.js" for part in parts)]
    protocol, *texts = ((SOURCES / file).read_text(encoding="utf-8") for file in files)
    return "\n".join(['"use strict";', "", protocol, constants, *texts])


def named(tool: str, script: str) -> str:
    """The name of the script's file: one of its own for each content, since Max shares names."""
    digest = hashlib.sha256(script.encode()).hexdigest()[:10]
    return f"clipbridge-{tool.lower()}-{digest}.js"


def least_live() -> str:
    """The oldest Live in which the devices work, for the script that looks at it."""
    major, minor = LEAST_LIVE["mmmm"]
    number, text = major * 100 + minor, f"{major}.{minor}"
    return f'var LEAST_LIVE = {{ number: {number}, text: "{text}" }};\n\n'


def kit() -> str:
    """The bridge's General MIDI kit: the piece of each pitch, and the keys of each piece."""
    pieces = [-1 if piece is None else int(piece) for piece in GENERAL_MIDI.pieces]
    keys = []
    for piece in Piece:
        first = GENERAL_MIDI.pitch_of(piece)
        others = [pitch for pitch, found in enumerate(pieces) if found == piece]
        keys.append([first, *(pitch for pitch in others if pitch != first)])
    return (
        "/* General MIDI's drum kit, from bridge/music/drumkit.py. */\n"
        f"var KIT = {{\n  pieces: {json.dumps(pieces)},\n  keys: {json.dumps(keys)}\n}};\n"
    )


def beat() -> str:
    """What a beat is called and looks like, as the bridge reads MIDI files."""
    looks = {
        "name": DRUM_NAME.pattern,
        "keys": sorted(DRUM_KEYS),
        "kicks": sorted(KICKS),
        "snares": sorted(SNARES),
        "timekeepers": sorted(TIMEKEEPERS),
        "share": TIMEKEEPING,
    }
    lines = ",\n".join(f"  {name}: {json.dumps(value)}" for name, value in looks.items())
    return f"/* From bridge/music/midireading.py. */\nvar BEAT = {{\n{lines}\n}};\n"
