"""What a tool is to reach, beside what it has reached."""

from dataclasses import dataclass
from typing import Final

from bridge.training.metrics import Measure, in_figures

HEADINGS: Final = ("tool", "measure", "found", "goal", "", "to beat")
"""The fourth column says whether the goal is met."""


@dataclass(frozen=True, slots=True)
class Goal:
    """One measure of one tool."""

    tool: str
    measure: str
    found: Measure | float
    digits: int
    """After the point, of what is found."""
    low: float = float("-inf")
    """The least that is good."""
    high: float = float("inf")
    """The most that is good."""
    to_beat: str = ""
    """What others reach."""

    @property
    def value(self) -> float:
        """What was found, without its intervals."""
        return self.found.value if isinstance(self.found, Measure) else self.found

    @property
    def stands(self) -> bool:
        """Whether there is a goal, or only a measure to be told."""
        return self.low > float("-inf") or self.high < float("inf")

    @property
    def met(self) -> bool:
        """Whether what was found, rounded as it is shown, is good."""
        return self.low <= round(self.value, self.digits) <= self.high

    @property
    def wanted(self) -> str:
        """The goal in figures."""
        match (self.low > float("-inf"), self.high < float("inf")):
            case (True, True):
                return f"{self.low:g}–{self.high:g}"
            case (True, False):
                return f"≥ {self.low:g}"
            case (False, True):
                return f"≤ {self.high:g}"
            case _:
                return "none"

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        found: dict[str, object] = {"value": self.value}
        if isinstance(self.found, Measure):
            found |= {"by_hit": self.found.by_hit, "by_file": self.found.by_file}
        return {
            "tool": self.tool,
            "measure": self.measure,
            **found,
            "goal": self.wanted,
            "met": self.met if self.stands else None,
            "to_beat": self.to_beat,
        }

    def as_cells(self) -> tuple[str, ...]:
        """In the order of ``HEADINGS``."""
        shown = f"{self.value:.{self.digits}f}"
        if isinstance(self.found, Measure):
            shown, *intervals = in_figures(self.found, self.digits)
            shown = f"{shown} [{'; '.join(intervals)}]"
        met = ("met" if self.met else "missed") if self.stands else ""
        return self.tool, self.measure, shown, self.wanted, met, self.to_beat


def table_of(goals: tuple[Goal, ...]) -> str:
    """The goals as Markdown; the brackets hold 95 % intervals, over hits or steps, then files."""
    lines = [f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    return "\n".join([*lines, *(f"| {' | '.join(goal.as_cells())} |" for goal in goals)])
