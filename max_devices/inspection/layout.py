"""Rules about what one sees."""

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from max_devices.inspection.boxes import COLOUR, Box, numbers_of
from max_devices.inspection.subject import Subject

HEIGHT: Final = 169
CONTROLS: Final = ("live.text", "live.dial", "live.numbox", "live.menu", "live.tab", "live.toggle")
FONTS: Final = ("Ableton Sans", "Arial")
LEAST: Final = {"live.dial": (27, 40), "live.tab": (20, 15), "live.menu": (20, 15)}
"""What a control needs to be seen whole, wide and high."""

LETTER: Final = 0.56
"""How wide a letter is on average, by its size."""


def geometry(subject: Subject) -> Iterator[str]:
    """Everything stands on whole pixels within the device."""
    width = subject.device.patcher.get("devicewidth")
    rect = numbers_of(subject.device.patcher.get("openrect"))
    if rect != [0.0, 0.0, width, float(HEIGHT)]:
        yield f"openrect is {rect}, the device {width} wide and {HEIGHT} high."
    if subject.device.patcher.get("openinpresentation") != 1:
        yield "The device does not open in presentation."
    for box in subject.boxes:
        if box.object_name in CONTROLS and (box.rect is None or not box.is_parameter):
            yield f"{box.name}: a {box.object_name} that is not shown or no parameter is dead."
        if box.rect is None:
            continue
        left, top, wide, high = box.rect
        if any(number != round(number) for number in box.rect):
            yield f"{box.name} stands between pixels."
        inside = left >= 0 and top >= 0 and top + high <= HEIGHT
        if not inside or (isinstance(width, int) and left + wide > width):
            yield f"{box.name} stands outside the device: {box.rect}."
        least = LEAST.get(box.object_name, (1, 1))
        if wide < least[0] or high < least[1]:
            yield f"{box.name}: a {box.object_name} of {wide:.0f} × {high:.0f} is cut off."


def overlaps(subject: Subject) -> Iterator[str]:
    """No control stands on another, and no text is longer than its button."""
    controls = [box for box in subject.boxes if box.object_name in CONTROLS and box.rect]
    for first, second in combinations(controls, 2):
        if _meet(first, second):
            yield f"{first.name} and {second.name} stand on each other."
    texts = [box for box in subject.boxes if box.object_name == "live.comment" and box.rect]
    for first, second in combinations(texts, 2):
        if _meet(first, second):
            yield f"The texts {first.name} and {second.name} stand on each other."
    for box in controls:
        if box.object_name == "live.text" and box.rect:
            size = numbers_of([box.fields.get("fontsize")])
            text = str(box.fields.get("text"))
            if size and len(text) * size[0] * LETTER > box.rect[2] + 2:
                yield f"{box.name}: “{text}” is longer than its button."


def theme(subject: Subject) -> Iterator[str]:
    """Colours follow Live's theme, and letters are Live's."""
    for box in subject.boxes:
        for key in box.fields:
            if key.endswith("color") and not box.expressions.get(key, "").startswith(COLOUR):
                yield f"{box.name}: {key} is a colour of its own and would not follow the theme."
        font = box.fields.get("fontname")
        if font is not None and not str(font).startswith(FONTS):
            yield f"{box.name}: the font {font} is not Live's."


def explained(subject: Subject) -> Iterator[str]:
    """Every control says in the Info View what it does."""
    for box in subject.boxes:
        if box.object_name in CONTROLS:
            text = str(box.fields.get("annotation", ""))
            if not text.endswith(".") or not box.fields.get("annotation_name"):
                yield f"{box.name}: no sentence says what it does."


def _meet(first: Box, second: Box) -> bool:
    if first.rect is None or second.rect is None:
        return False
    left, top, wide, high = first.rect
    other_left, other_top, other_wide, other_high = second.rect
    return (
        left < other_left + other_wide
        and other_left < left + wide
        and top < other_top + other_high
        and other_top < top + high
    )
