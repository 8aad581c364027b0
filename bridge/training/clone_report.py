"""What was recorded of trained clones, for the screen; no torch is needed."""

from dataclasses import asdict, dataclass
from typing import Final, TypeAlias

from bridge.training.clone_figures import CloneFigures
from bridge.training.metrics import in_figures

HEADINGS: Final = ("clone and measure", "value")

Row: TypeAlias = tuple[str, tuple[tuple[str, ...], ...]]


@dataclass(frozen=True, slots=True)
class CloneReport:
    """The clones that a training made."""

    clones: tuple[CloneFigures, ...]

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return {clone.name: asdict(clone) for clone in self.clones}


def table(report: CloneReport) -> str:
    """The report as Markdown; the brackets hold 95 % intervals, over steps and over files."""
    lines = [f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    for name, ((value, *intervals),) in figures(report):
        within = f" [{'; '.join(intervals)}]" if intervals else ""
        lines.append(f"| {name} | {value}{within} |")
    for remark in remarks(report):
        lines += ["", remark]
    return "\n".join(lines)


def figures(report: CloneReport) -> tuple[Row, ...]:
    """For each measure of each clone its name and its value."""
    rows: list[Row] = []
    for clone in report.clones:
        rows += [
            (f"{clone.name}, {name}", (in_figures(measure, 4),))
            for name, measure in clone.measures.items()
        ]
        rows += [
            (f"{clone.name}, {name}", ((f"{each:.4f}",),)) for name, each in clone.shares.items()
        ]
    return tuple(rows)


def remarks(report: CloneReport) -> tuple[str, ...]:
    """How the clones came to be, a sentence each."""
    return tuple(clone.source for clone in report.clones)
