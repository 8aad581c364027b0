"""Build the devices: ``python -m max_devices.build`` from the repository's root.

From the scripts in ``src/`` and the designs in ``builder/`` to frozen .amxd files, byte for byte
the same each time, and a picture of each in both themes. What was built is read back by code that
shares nothing with what wrote it, and a device with a fault is not written.
"""

import sys
from pathlib import Path
from typing import Final

from max_devices.builder import miditools
from max_devices.builder.container import Packed, amxd
from max_devices.builder.designs import DESIGNS
from max_devices.builder.drawing import Drawing
from max_devices.builder.miditools import MIDI_TOOLS
from max_devices.builder.palette import DARK, LIGHT
from max_devices.builder.patcher import Patcher
from max_devices.builder.scenes import SCENES, Scene
from max_devices.builder.script import named, script_of, tool_script_of
from max_devices.builder.surface import finish
from max_devices.inspection.lint import faults

HERE: Final = Path(__file__).resolve().parent
SCREENS: Final = HERE / "screens"
EXPERIMENTAL: Final = HERE / "experimental"
"""What nobody has tried in a Live."""
THEMES: Final = {"dark": DARK, "light": LIGHT}


def build(name: str) -> bytes:
    """The bytes of a device's .amxd file."""
    script = script_of(name)
    return _packed(name, script, patcher_of(name, named(name, script)))


def build_tool(name: str) -> bytes:
    """The bytes of a MIDI Tool's .amxd file."""
    script = tool_script_of(name)
    return _packed(f"Clipbridge {name}", script, tool_patcher_of(name, tool_named(name, script)))


def patcher_of(name: str, script_name: str) -> Patcher:
    """A device's boxes and cords."""
    return finish(DESIGNS[name](tuple(DESIGNS).index(name)), script_name)


def tool_patcher_of(name: str, script_name: str) -> Patcher:
    """A MIDI Tool's boxes and cords; the first ports of the tools follow those of the devices."""
    number = len(DESIGNS) + tuple(MIDI_TOOLS).index(name)
    return miditools.finish(MIDI_TOOLS[name](number), script_name)


def tool_named(name: str, script: str) -> str:
    """The name of a MIDI Tool's script."""
    return named(f"tool-{name}", script)


def _packed(name: str, script: str, patcher: Patcher) -> bytes:
    (script_name,) = {
        word
        for box in patcher.boxes
        for word in str(box.get("text", "")).split()
        if word.endswith(".js")
    }
    return amxd(
        patcher.device_type,
        Packed(f"{name}.amxd", "JSON", patcher.text([(script_name, "TEXT")])),
        [Packed(script_name, "TEXT", script.encode())],
    )


def draw(title: str, patcher: Patcher, scene: Scene, folder: Path) -> None:
    """Pictures of a device, in both themes."""
    words, values = scene
    for theme, colours in THEMES.items():
        picture = Drawing(title, patcher.width, colours)
        for box in sorted(patcher.boxes, key=lambda box: box["maxclass"] != "panel"):
            picture.box(box, words, values)
        name = title.removeprefix("Clipbridge ").replace(", ", "-").replace(" ", "-")
        picture.save(folder / f"{name}-{theme}.png")


def main() -> int:
    """Write every device and its pictures; 1 where one has a fault."""
    found = 0
    for folder in (SCREENS, EXPERIMENTAL):
        folder.mkdir(exist_ok=True)
    for name in DESIGNS:
        found += _write(HERE / f"{name}.amxd", build(name))
        draw(f"Clipbridge {name}", patcher_of(name, "s.js"), SCENES[name], SCREENS)
    for name in MIDI_TOOLS:
        found += _write(EXPERIMENTAL / f"Clipbridge {name}.amxd", build_tool(name))
        scene: Scene = ({"state": "Applied."}, {})
        draw(f"{name}, MIDI Tool", tool_patcher_of(name, "s.js"), scene, SCREENS)
    return 1 if found else 0


def _write(path: Path, data: bytes) -> int:
    """Write a device without a fault; how many it has."""
    wrong = faults(data)
    for fault in wrong:
        sys.stderr.write(f"{path.name}: {fault}\n")
    if not wrong:
        path.write_bytes(data)
        sys.stdout.write(f"{path.name}, {len(data):,} bytes\n")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(main())
