"""Build the devices: ``python -m max_devices.build`` from the repository's root.

From the scripts in ``src/`` and the designs in ``builder/`` to frozen .amxd files, byte for byte the
same each time. Each device passes the linter before it is written.
"""

import sys
from pathlib import Path
from typing import Final

from max_devices.builder.container import Packed, amxd
from max_devices.builder.designs import DESIGNS
from max_devices.builder.script import named, script_of
from max_devices.builder.surface import finish

HERE: Final = Path(__file__).resolve().parent


def build(name: str) -> bytes:
    """The bytes of a device's .amxd file."""
    script = script_of(name)
    script_name = named(name, script)
    surface = DESIGNS[name](sorted(DESIGNS).index(name))
    patcher = finish(surface, script_name)
    return amxd(
        patcher.device_type,
        Packed(f"{name}.amxd", "JSON", patcher.text([(script_name, "TEXT")])),
        [Packed(script_name, "TEXT", script.encode())],
    )


def main() -> int:
    """Write every device beside this file."""
    for name in DESIGNS:
        (HERE / f"{name}.amxd").write_bytes(build(name))
        sys.stdout.write(f"{name}.amxd\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
