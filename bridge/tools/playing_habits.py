"""How players in general phrase, as a table.

Fitted to the 661 performed songs of POP909's training split by ``python -m
bridge.training.phrasing_habits``, which prints these numbers. Its onsets stand on the grid, so
nothing is said of timing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from bridge.codecs.accents import FEATURES


@dataclass(frozen=True, slots=True)
class Habit:
    """Players of one part."""

    level: float
    """The mean velocity."""
    spread: float
    """How far the velocities of a song stray from it: one deviation."""
    carry: float
    """Of what the surroundings do not explain, how much the next moment keeps, 0–1."""
    wander: float
    """How much that is at all, in deviations."""
    apart: float
    """How far the notes of a chord stray from each other, in deviations."""
    joints: tuple[float, ...]
    """How long after the next onset a note ends that reaches it, in ticks: the deciles."""
    means: tuple[float, ...]
    """Of each of ``bridge.codecs.accents.FEATURES``."""
    slopes: tuple[float, ...]
    """What one of each means for the velocity, in deviations."""

    def __post_init__(self) -> None:
        if not len(self.means) == len(self.slopes) == len(FEATURES):
            raise ValueError(f"A habit has a mean and a slope for each of {len(FEATURES)} features")


# fmt: off
HABITS: Final[Mapping[str, Habit]] = MappingProxyType({
    "melody": Habit(
        level=95.8, spread=7.78, carry=0.27, wander=0.937, apart=0.828,
        joints=(-840, -420, -168, -84, -42, 0, 0, 0, 0, 0, 0),
        means=(0.026, 0.185, 0.347, 0.203, 0.109, 0.13, 0, 0,
               0.695, 1.145, 1.146, 0.001, 0.001, 0, 0, 0.001),
        slopes=(-0.105, -0.16, -0.102, 0.117, 0.128, 0.122, -0.567, 1.112,
                -0.022, 0.066, 0.09, 0.062, 0.054, 0.158, 0, -0.457),
    ),
    "bass": Habit(
        level=81.8, spread=10.16, carry=0.222, wander=0.976, apart=0.621,
        joints=(-840, -630, -399, -168, 0, 0, 0, 0, 0, 0, 0),
        means=(0.016, 0.097, 0.215, 0.179, 0.211, 0.281, 0, 0,
               1.573, 2.145, 2.153, 0.022, 0.003, 0.016, 0.005, 0.047),
        slopes=(-0.249, -0.258, -0.063, 0.192, 0.138, 0.24, 0.121, -0.179,
                0.153, -0.063, -0.228, 0.056, -0.014, -0.229, 0.026, 0.18),
    ),
    "chords": Habit(
        level=81.4, spread=12.26, carry=0.239, wander=0.913, apart=0.56,
        joints=(-840, -630, -420, -252, -42, 84, 252, 420, 546, 714, 840),
        means=(0.018, 0.152, 0.278, 0.253, 0.138, 0.161, 0, 0,
               1.183, 0.896, 0.929, 0.196, -0.194, 0.199, 0.183, 0.934),
        slopes=(-0.291, -0.161, -0.121, 0.258, 0.136, 0.179, 0.189, -0.086,
                -0.009, -0.156, -0.066, 0.085, -0.256, 0.031, 0.011, -0.017),
    ),
})
# fmt: on
"""By part."""
