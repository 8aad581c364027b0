"""Build the devices: ``python -m max_devices.build`` from the repository's root.

From the scripts in ``src/`` and the designs in ``builder/`` to frozen .amxd files, byte for byte
the same each time, and a picture of each in both themes. What was built is read back by code that
shares nothing with what wrote it, and a device with a fault is not written.
"""

import sys
from pathlib import Path
from typing import Final

from max_devices.builder.container import Packed, amxd
from max_devices.builder.designs import DESIGNS
from max_devices.builder.drawing import Drawing
from max_devices.builder.palette import DARK, LIGHT
from max_devices.builder.patcher import Patcher
from max_devices.builder.scenes import SCENES
from max_devices.builder.script import named, script_of
from max_devices.builder.surface import finish
from max_devices.inspection.lint import faults

HERE: Final = Path(__file__).resolve().parent
SCREENS: Final = HERE / "screens"
THEMES: Final = {"dark": DARK, "light": LIGHT}


def build(name: str) -> bytes:
    """The bytes of a device's .amxd file."""
    script = script_of(name)
    script_name = named(name, script)
    patcher = patcher_of(name, script_name)
    return amxd(
        patcher.device_type,
        Packed(f"{name}.amxd", "JSON", patcher.text([(script_name, "TEXT")])),
        [Packed(script_name, "TEXT", script.encode())],
    )


def patcher_of(name: str, script_name: str) -> Patcher:
    """A device's boxes and cords."""
    return finish(DESIGNS[name](tuple(DESIGNS).index(name)), script_name)


def draw(name: str, folder: Path) -> None:
    """Pictures of a device, in both themes."""
    patcher = patcher_of(name, "script.js")
    words, values = SCENES[name]
    for theme, colours in THEMES.items():
        picture = Drawing(f"Clipbridge {name}", patcher.width, colours)
        for box in sorted(patcher.boxes, key=lambda box: box["maxclass"] != "panel"):
            picture.box(box, words, values)
        picture.save(folder / f"{name}-{theme}.png")


def main() -> int:
    """Write every device and its pictures; 1 where one has a fault."""
    found = False
    SCREENS.mkdir(exist_ok=True)
    for name in DESIGNS:
        data = build(name)
        wrong = faults(data)
        for fault in wrong:
            sys.stderr.write(f"{name}: {fault}\n")
        found = found or bool(wrong)
        if not wrong:
            (HERE / f"{name}.amxd").write_bytes(data)
            draw(name, SCREENS)
            sys.stdout.write(f"{name}.amxd, {len(data):,} bytes\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
