"""Which keys of the keyboard a tool may play: a scale and a range that nothing gets past."""

from dataclasses import dataclass

from bridge.errors import BadRequestError
from bridge.music.clip import require_between
from bridge.music.scale import Scale
from bridge.music.spelling import key_name


@dataclass(frozen=True, slots=True)
class PitchLock:
    """A range of MIDI keys, and the scale that holds within it; at least one key is left."""

    lowest: int = 0
    """The lowest key that may be played, 0–127."""
    highest: int = 127
    """The highest, not below the lowest."""
    scale: Scale | None = None
    """None: every key of the range."""

    def __post_init__(self) -> None:
        require_between("The lowest key", self.lowest, 0, 127)
        require_between("The highest key", self.highest, 0, 127)
        lowest, highest = key_name(self.lowest), key_name(self.highest)
        if self.lowest > self.highest:
            raise BadRequestError(
                f"The lowest key, {lowest}, is above the highest, {highest}. Swap them."
            )
        if not any(self.mask):
            raise BadRequestError(
                f"From {lowest} to {highest} there is no note of the scale. Widen the range, or"
                " choose a scale with more notes."
            )

    def __contains__(self, pitch: int) -> bool:
        inside = self.lowest <= pitch <= self.highest
        return inside and (self.scale is None or pitch in self.scale)

    @property
    def mask(self) -> tuple[bool, ...]:
        """For each MIDI key 0–127, whether it may be played; at least one may."""
        return tuple(pitch in self for pitch in range(128))
