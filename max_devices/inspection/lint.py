"""Everything that is known to go wrong, silently, in a device that nobody opened in Live.

Each rule looks at one thing and gives sentences; a device without a sentence is sound as far as
anyone can tell without Live. The rules are by what public devices have in common.
"""

from collections.abc import Callable, Iterator
from typing import Final

from max_devices.inspection import layout, objects, parameters, scripts
from max_devices.inspection.boxes import boxes_of, cords_of
from max_devices.inspection.reader import BrokenDeviceError, ReadDevice, read_device
from max_devices.inspection.subject import Subject

Rule = Callable[[Subject], Iterator[str]]


def faults(data: bytes) -> list[str]:
    """What is wrong with a built device; nothing for one that is sound."""
    try:
        device = read_device(data)
    except BrokenDeviceError as fault:
        return [f"container: {fault}"]
    subject = _subject(device)
    return [f"{rule.__name__}: {fault}" for rule in RULES for fault in rule(subject)]


def _subject(device: ReadDevice) -> Subject:
    boxes = boxes_of(device.patcher)
    wanted = [box.words[1] for box in boxes if box.object_name == "js" and len(box.words) > 1]
    script = next((file for file in device.files if file.name in wanted), None)
    return Subject(device, boxes, cords_of(device.patcher), script)


RULES: Final[tuple[Rule, ...]] = (
    objects.kind,
    objects.identity,
    objects.spelling,
    objects.ports,
    objects.cords,
    objects.loops,
    objects.midi_through,
    objects.midi_tool,
    objects.leftovers,
    parameters.registry,
    parameters.names,
    parameters.values,
    parameters.banks,
    parameters.undo,
    layout.geometry,
    layout.overlaps,
    layout.theme,
    layout.explained,
    scripts.frozen,
    scripts.language,
    scripts.live_api,
    scripts.words_in,
    scripts.words_out,
    scripts.network,
    scripts.symbols,
)
"""All rules, from the outside in."""
