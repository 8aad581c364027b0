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
    """How much likelier it is than the next best key, in nats, 0 and more; below 0.05 it is a
    guess."""

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
    return key_of_weights(weights, first=sounding[0].pitch % 12, last=sounding[-1].pitch % 12)


def key_of_weights(
    weights: Sequence[float],
    *,
    first: int | None = None,
    last: int | None = None,
    among: Iterable[tuple[int, str]] | None = None,
) -> Key:
    """The key in which the twelve pitch classes most likely sound as long as they do.

    Chosen on validation songs against correlations with the profiles of Krumhansl, of Temperley
    and these, with and without what the ends of a melody say; ``clipbridge train prepare`` tells
    how often it is right, and how often Krumhansl is.

    Args:
        weights: How long each pitch class sounds, C first, in any unit; not all 0.
        first: The pitch class of the first note, which is the root more often than any other.
        last: That of the last note.
        among: The keys in question (root and mode); all 24 where it is missing.
    """
    whole = math.fsum(weights)
    nats = {
        (root, mode): math.fsum(
            weights[(root + step) % 12] * share for step, share in enumerate(_NATS[mode])
        )
        / whole
        + END_BONUS * ((first == root) + (last == root))
        for root, mode in among or _ALL
    }
    ranked = sorted(nats, key=lambda key: -nats[key])
    lead = nats[ranked[0]] - nats[ranked[1]] if len(ranked) > 1 else math.inf
    return Key(*ranked[0], lead)


END_BONUS: Final = 0.05
"""Nats that beginning or ending on the root is worth."""

_FLOOR: Final = 0.003
"""Share that no step above the root falls below: one wrong note rules no key out."""

_NATS: Final = {
    mode: tuple(math.log(share + _FLOOR) for share in profile) for mode, profile in PROFILES.items()
}

_ALL: Final = tuple((root, mode) for mode in PROFILES for root in range(12))
