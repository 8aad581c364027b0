"""A canvas for smooth pictures: drawn at twice the size, then made small."""

import unicodedata
from pathlib import Path
from typing import Final, TypeAlias

from PIL import Image, ImageDraw, ImageFont

Colour: TypeAlias = tuple[int, int, int]
"""Red, green and blue, 0–255."""

SCALE: Final = 2
"""Pillow draws shapes with hard edges; halving a picture smooths them."""

HALF_CAPITAL: Final = 0.35
"""From the middle of a capital of the built-in font down to its foot, as a share of its size."""

SIGNS: Final = "·±…’"
"""What the built-in font has beyond ASCII and the pictures use."""


class Canvas:
    """A picture in the making; lengths and places are in pixels of the finished picture."""

    def __init__(self, width: int, height: int, background: Colour) -> None:
        """An empty picture of one colour."""
        self._image = Image.new("RGB", (width * SCALE, height * SCALE), background)
        self._draw = ImageDraw.Draw(self._image)
        self._fonts: dict[float, ImageFont.FreeTypeFont | ImageFont.ImageFont] = {}

    def box(
        self, left: float, top: float, right: float, bottom: float, fill: Colour, radius: float = 0
    ) -> None:
        """A filled rectangle, at least half a pixel wide and high."""
        place = _corners(left, top, right, bottom)
        radius = min(radius * SCALE, (place[2] - place[0]) / 2, (place[3] - place[1]) / 2)
        self._draw.rounded_rectangle(place, radius, fill)

    def frame(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """An empty rectangle with a border of one pixel."""
        self._draw.rectangle(_corners(left, top, right, bottom), outline=colour, width=SCALE)

    def upright(self, x: float, top: float, bottom: float, colour: Colour, width: float) -> None:
        """A vertical line with its middle at ``x``."""
        self.box(x - width / 2, top, x + width / 2, bottom, colour)

    def level(self, y: float, left: float, right: float, colour: Colour, width: float) -> None:
        """A horizontal line with its middle at ``y``."""
        self.box(left, y - width / 2, right, y + width / 2, colour)

    def dot(self, x: float, y: float, radius: float, fill: Colour) -> None:
        """A filled circle."""
        self._draw.ellipse(_corners(x - radius, y - radius, x + radius, y + radius), fill)

    def wedge(self, x: float, tip: float, foot: float, fill: Colour) -> None:
        """A triangle with its tip at ``(x, tip)``, as wide at its foot as it is high."""
        half = abs(foot - tip) / 2
        corners = [(x, tip), (x - half, foot), (x + half, foot)]
        self._draw.polygon([(across * SCALE, down * SCALE) for across, down in corners], fill)

    def text(
        self,
        x: float,
        middle: float,
        text: str,
        colour: Colour,
        *,
        size: float = 15,
        anchor: str = "l",
        bold: bool = False,
    ) -> float:
        """Write a line; the place behind its end comes back.

        Args:
            x: Its left end, its middle (anchor ``m``) or its right end (anchor ``r``).
            middle: The height of the middle of its capitals.
            text: What :func:`printable` gave.
            colour: Of the letters.
            size: Of the letters, in pixels.
            anchor: ``l``, ``m`` or ``r``.
            bold: Whether the letters are thickened, for the font has one weight.
        """
        self._draw.text(
            (x * SCALE, (middle + size * HALF_CAPITAL) * SCALE),
            text,
            colour,
            self._font(size),
            anchor=f"{anchor}s",
            stroke_width=0.5 if bold else 0,
        )
        return x + self.width_of(text, size)

    def width_of(self, text: str, size: float) -> float:
        """How much room a line of text takes."""
        return self._font(size).getlength(text) / SCALE

    def save(self, path: Path) -> None:
        """Write the finished picture as a PNG."""
        self._image.reduce(SCALE).save(path, "PNG", optimize=True)

    def _font(self, size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
        if size not in self._fonts:
            self._fonts[size] = ImageFont.load_default(size * SCALE)
        return self._fonts[size]


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """The colour between two: the first at share 0, the second at 1."""
    return (
        round(first[0] + (second[0] - first[0]) * share),
        round(first[1] + (second[1] - first[1]) * share),
        round(first[2] + (second[2] - first[2]) * share),
    )


def printable(text: str, longest: int = 60) -> str:
    """The text in signs that the font has: accents are taken off, strange letters left out."""
    plain = "".join(
        sign for sign in unicodedata.normalize("NFKD", text) if sign in SIGNS or " " <= sign <= "~"
    )
    plain = " ".join(plain.split())
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"


def _corners(
    left: float, top: float, right: float, bottom: float
) -> tuple[float, float, float, float]:
    # Pillow's rectangles contain their last row and column.
    far = (max(left, right - 1 / SCALE), max(top, bottom - 1 / SCALE))
    return (
        round(left * SCALE),
        round(top * SCALE),
        round(far[0] * SCALE),
        round(far[1] * SCALE),
    )
