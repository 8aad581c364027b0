"""What the rules look at."""

from dataclasses import dataclass

from max_devices.inspection.boxes import Box, Cord
from max_devices.inspection.reader import Frozen, ReadDevice


@dataclass(frozen=True, slots=True)
class Subject:
    """A device as the rules see it."""

    device: ReadDevice
    boxes: tuple[Box, ...]
    cords: tuple[Cord, ...]
    script: Frozen | None
    """The file that the js box names; None where it is not inside."""
