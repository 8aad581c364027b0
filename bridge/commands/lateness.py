"""How late or early the hits of a clip are, in milliseconds and in words."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from bridge.music.clip import Clip, Note
from bridge.music.grid import is_triplet_beat, nearest_step, tick_of_step
from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH, Ticks, seconds_from_ticks

ON_THE_GRID_MS: Final = 0.1
"""Files with a coarse division round to about this; nobody hears it."""

_TRIPLET: Final[Ticks] = TICKS_PER_BEAT // 6


@dataclass(frozen=True, slots=True)
class Grid:
    """The places that the notes of a clip mean: 16ths, or sixths of a beat where it is a triplet's.

    A take is measured on the grid of the clip that was handed in, which is the tighter of the two.
    """

    triplet_beats: frozenset[int]

    @classmethod
    def of(cls, clip: Clip) -> Self:
        """The grid that the clip's own notes suggest."""
        onsets: dict[int, list[Ticks]] = {}
        for note in clip.notes:
            onsets.setdefault(_beat_of(note), []).append(note.start)
        return cls(frozenset(beat for beat, ticks in onsets.items() if is_triplet_beat(ticks)))

    def place_of(self, note: Note) -> Ticks:
        """The place nearest to a note's onset."""
        if _beat_of(note) in self.triplet_beats:
            return round(note.start / _TRIPLET) * _TRIPLET
        return tick_of_step(nearest_step(note.start))

    def lateness_ms(self, note: Note, tempo: float) -> float:
        """How many milliseconds a note is behind its place; negative where it is early."""
        return 1000 * seconds_from_ticks(note.start - self.place_of(note), tempo)


def in_words(clip: Clip, grid: Grid) -> str:
    """A line like "16 hits · 8 ms early on average, spread 9 ms · velocity 41 to 118"."""
    notes = [note for note in clip.notes if not note.mute]
    if not notes:
        return "no notes"
    kind = "hit" if clip.drums else "note"
    count = f"1 {kind}" if len(notes) == 1 else f"{len(notes):,} {kind}s"
    timing = _timing([grid.lateness_ms(note, clip.tempo) for note in notes])
    return f"{count} · {timing} · {_velocities([note.velocity for note in notes])}"


def _timing(lateness: Sequence[float]) -> str:
    if max(abs(late) for late in lateness) < ON_THE_GRID_MS:
        return "all on the grid"
    mean = round(statistics.fmean(lateness))
    side = f"{abs(mean)} ms {'late' if mean > 0 else 'early'}" if mean else "in time"
    return f"{side} on average, spread {statistics.pstdev(lateness):.0f} ms"


def _velocities(velocities: Sequence[float]) -> str:
    softest, hardest = round(min(velocities)), round(max(velocities))
    return f"velocity {softest}" if softest == hardest else f"velocity {softest} to {hardest}"


def _beat_of(note: Note) -> int:
    # An onset just before a beat belongs to it.
    return (note.start + TICKS_PER_SIXTEENTH // 2) // TICKS_PER_BEAT
