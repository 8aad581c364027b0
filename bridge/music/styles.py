"""The styles by whose names drums are asked for: those of the Groove MIDI Dataset."""

from typing import Final

STYLES: Final = (
    "afrobeat",
    "afrocuban",
    "blues",
    "country",
    "dance",
    "funk",
    "gospel",
    "highlife",
    "hiphop",
    "jazz",
    "latin",
    "middleeastern",
    "neworleans",
    "pop",
    "punk",
    "reggae",
    "rock",
    "soul",
)

ANY: Final = "any"
"""Said where no style is asked for."""
