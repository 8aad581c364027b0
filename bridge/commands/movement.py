"""How far the hits of a take are from those that were handed in, for the ear and for scripts."""

import statistics
from dataclasses import asdict, dataclass
from typing import Self

from bridge.music.clip import Clip
from bridge.music.units import seconds_from_ticks


@dataclass(frozen=True, slots=True)
class Movement:
    """What a tool did to the hits of a clip; muted notes do not count."""

    hits: int
    mean_ms: float
    """Of all hits together; negative where they come earlier than before."""
    typical_ms: float
    """How far a hit moved, to either side, on average."""
    earliest_ms: float
    """Of the hit that was moved forward most; 0 where none was."""
    latest_ms: float
    """Of the hit that was moved back most; 0 where none was."""
    softest: float
    """Velocity, 1–127; 0 where there is no hit."""
    hardest: float

    @classmethod
    def of(cls, before: Clip, after: Clip) -> Self:
        """What happened between a clip and its take, whose notes stand in the same order."""
        pairs = [
            (old, new) for old, new in zip(before.notes, after.notes, strict=True) if not new.mute
        ]
        moved = [
            1000 * seconds_from_ticks(new.start - old.start, after.tempo) for old, new in pairs
        ]
        velocities = [new.velocity for _, new in pairs]
        return cls(
            hits=len(pairs),
            mean_ms=statistics.fmean(moved or [0.0]),
            typical_ms=statistics.fmean([abs(late) for late in moved] or [0.0]),
            earliest_ms=min(0.0, *moved, 0.0),
            latest_ms=max(0.0, *moved, 0.0),
            softest=min(velocities, default=0.0),
            hardest=max(velocities, default=0.0),
        )

    def as_fields(self) -> dict[str, float]:
        """For JSON, to a hundredth of a millisecond."""
        return {name: round(value, 2) for name, value in asdict(self).items()}

    @property
    def push(self) -> str:
        """The mean in words: "9 ms early", "in time"."""
        mean = round(self.mean_ms)
        return f"{abs(mean)} ms {'late' if mean > 0 else 'early'}" if mean else "in time"

    @property
    def span(self) -> str:
        """The extremes in words: "28 ms early to 12 ms late"."""
        earliest, latest = round(-self.earliest_ms), round(self.latest_ms)
        if not earliest and not latest:
            return "not moved"
        return f"{earliest} ms early to {latest} ms late"

    @property
    def velocities(self) -> str:
        """The softest and the hardest hit: "12 to 118"."""
        softest, hardest = round(self.softest), round(self.hardest)
        return f"{softest}" if softest == hardest else f"{softest} to {hardest}"
