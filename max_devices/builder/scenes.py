"""What the devices show in their pictures: a moment of work in each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PIECES: Final = tuple(f"piece{piece}" for piece in range(9))
"""The switches that are greyed where no drums are made."""

Scene = tuple[Mapping[str, str], Mapping[str, float]]
"""What texts say and what controls stand at, by their scripting names."""

SCENES: Final[Mapping[str, Scene]] = MappingProxyType(
    {
        "Groove": (
            {
                "clip": "Verse beat",
                "place": "Drums · slot 3",
                "state": "4 takes written.",
                "take": "2/4 · 7052",
                "held_feel": "Shuffle take",
            },
            {"cancel active": 0, "amount": 80, "temperature": 1.0},
        ),
        "Continue": (
            {
                "clip": "Lead",
                "place": "Piano · slot 3",
                "state": "Working… 40 %",
                "take": "no takes",
                "held_chords": "Verse",
                "scale": "A Minor",
            },
            {
                "previous active": 0,
                "next active": 0,
                "star active": 0,
                "drop_keep active": 0,
                "bars": 8,
                "in_scale": 1,
                "lowest": 55,
                "highest": 84,
            },
        ),
        "Generate": (
            {
                "clip": "Bass",
                "place": "from scene 3 on",
                "state": "4 takes written.",
                "take": "1/4 · 1204",
                "held_chords": "Verse chords",
                "scale": "A Minor",
            },
            {
                "cancel active": 0,
                "part": 2,
                "drop_keep active": 0,
                "drop_near active": 0,
                "in_scale": 1,
                "lowest": 28,
                "highest": 55,
                "notes_per_bar": 8,
                **{f"{name} active": 0 for name in ("kit", "style", *PIECES)},
            },
        ),
        "Interpolate": (
            {
                "clip": "Chorus",
                "place": "Drums · slot 6",
                "state": "9 takes in one new clip: see the row.",
                "take": "4/9 · 88",
                "held_a": "Verse",
                "held_b": "Chorus",
                "held_c": "Break",
                "held_d": "Fill",
                "scale": "off in Live",
            },
            {
                "cancel active": 0,
                "drop_keep active": 0,
                "write": 1,
                "steps": 9,
                "across": 0,
                "down": 50,
            },
        ),
        "Drumify": (
            {
                "clip": "Bass line",
                "place": "Bass · bar 17",
                "state": "4 takes in one new clip: see the row.",
                "take": "1/4 · 31",
            },
            {
                "cancel active": 0,
                "write": 1,
                "hits_per_bar": 14,
                "piece4": 0,
                "drop_keep active": 0,
            },
        ),
    }
)
"""By the name of the device."""
