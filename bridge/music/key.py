"""The key that a musician would hear in a handful of notes."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bridge.errors import NoNotesError
from bridge.music.clip import Note
from bridge.music.scale import Scale

MAJOR: Final = "Major"
MINOR: Final = "Minor"

PROFILES: Final = {
    MAJOR: (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
    MINOR: (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
}
"""How much of a piece's sound each step above the root has (Albrecht and Shanahan 2013)."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key, and how sure it is."""

    root: int
    """Pitch class, 0–11; 0 is C."""
    mode: str
    """``Major`` or ``Minor``, the names of Live's scales."""
    lead: float
    """How far ahead of the next best key it is, 0 and more; below 0.05 it is a guess."""

    @property
    def scale(self) -> Scale:
        """The key's scale; of a minor key the natural one."""
        return Scale.named(self.mode, self.root)


def key_of_notes(notes: Iterable[Note]) -> Key:
    """The key of a clip's notes, of which muted ones do not count.

    Raises:
        NoNotesError: there is no note that sounds.
    """
    sounding = sorted(
        (note for note in notes if not note.mute), key=lambda note: (note.start, note.pitch)
    )
    if not sounding:
        raise NoNotesError("A key needs notes; this clip has none that sound.")
    weights = [0.0] * 12
    for note in sounding:
        weights[note.pitch % 12] += note.duration
    return key_of_weights(weights, last=sounding[-1].pitch % 12)


def key_of_weights(
    weights: Sequence[float],
    *,
    last: int | None = None,
    among: Iterable[tuple[int, str]] | None = None,
) -> Key:
    """The key whose profile is most like the weights of the twelve pitch classes.

    Args:
        weights: How long each pitch class sounds, C first, in any unit; not all 0.
        last: The pitch class of the last note, which is the root more often than any other.
        among: The keys in question (root and mode); all 24 where it is missing.
    """
    likeness = {
        (root, mode): _likeness(weights, root, mode) + (LAST_BONUS if last == root else 0.0)
        for root, mode in among or _ALL
    }
    ranked = sorted(likeness, key=lambda key: -likeness[key])
    lead = likeness[ranked[0]] - likeness[ranked[1]] if len(ranked) > 1 else 2.0
    return Key(*ranked[0], lead)


LAST_BONUS: Final = 0.1
"""What ending on the root is worth, as correlation; chosen on validation tunes."""

_ALL: Final = tuple((root, mode) for mode in PROFILES for root in range(12))


def _likeness(weights: Sequence[float], root: int, mode: str) -> float:
    """The correlation of the weights with a key's profile, −1–1."""
    turned = [weights[(root + step) % 12] for step in range(12)]
    profile = PROFILES[mode]
    mean, of_profile = math.fsum(turned) / 12, math.fsum(profile) / 12
    here = [weight - mean for weight in turned]
    there = [weight - of_profile for weight in profile]
    size = math.sqrt(math.fsum(x * x for x in here) * math.fsum(x * x for x in there))
    return math.fsum(x * y for x, y in zip(here, there, strict=True)) / size if size else 0.0
