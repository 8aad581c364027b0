"""Clipbridge: a local AI co-writer for Ableton Live and every other DAW."""

from typing import Final

VERSION: Final = "0.1.0"
