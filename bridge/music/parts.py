"""The parts that a clip can play in a piece of music, by the words that the tools know them by."""

from typing import Final

DRUMS: Final = "drums"
MELODY: Final = "melody"
"""One note after the other: a voice that sings or leads."""
BASS: Final = "bass"
"""One note after the other, low, under the others."""
CHORDS: Final = "chords"
"""Anything of several voices: chords, pads, two hands, a choir."""

AUTO: Final = "auto"
"""Said where the clip itself shall say which part it is."""

PITCHED: Final = (MELODY, BASS, CHORDS)
"""The parts whose notes are tones and not pieces of a kit."""

HEARD: Final = (AUTO, *PITCHED)
"""What a tool that hears a clip may be told about it; a drum clip is drums without a word."""

MADE: Final = (DRUMS, *PITCHED)
"""What a tool that begins from nothing can make."""
