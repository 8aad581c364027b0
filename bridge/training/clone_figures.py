"""What the clones measured when they were trained, as recorded in one file; no torch is needed.

A clone is Magenta's architecture trained on our data: it is not shipped, but its figures stand
beside ours. ``clipbridge train`` records them anew, with drum-kit-rnn, music-vae, melody-rnn or
melody-vae.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, TypeAlias

from bridge.errors import DataMissingError
from bridge.training.metrics import Measure, in_figures

RECORDED: Final = Path(__file__).with_name("clone_figures.json")
KIT: Final = "drum-kit-rnn"
VAE_2: Final = "music-vae-2-bars"
VAE_4_BOUND: Final = "music-vae-4-bars"
MELODY: Final = "melody-rnn"
MELODY_VAE_2: Final = "melody-vae-2-bars"
MELODY_VAE_4: Final = "melody-vae-4-bars"
MELODY_VAE_4_BOUND: Final = "melody-vae-4-bars-elbo"
NATS: Final = "nats a step"
"""Of the clones of MusicVAE: at most so many, the negative ELBO."""
NATS_OF_NOTE: Final = "nats a note"
"""All of a melody's nats over the notes struck."""
TOP: Final = "top-1"

EXACT: Final = "exact steps, drawn from the mean"
EXACT_OF_DRAW: Final = "exact steps, drawn from a draw"
EXACT_TOLD: Final = "exact steps, told the true step before"
EVEN: Final = "evenness R²"

_LABELS: Final[Mapping[str, str]] = {
    KIT: "drum_kit_rnn's architecture, our data",
    VAE_2: "MusicVAE's architecture (small, 2 bars, published loss), our data",
    VAE_4_BOUND: "MusicVAE's architecture (small, 4 bars, trained for its ELBO), our data",
    MELODY: "melody_rnn's architecture, our data",
    MELODY_VAE_2: "MusicVAE's architecture (mel_4bar at 3/8 of its width, 2 bars, published loss),"
    " our data",
    MELODY_VAE_4: "MusicVAE's architecture (mel_4bar at 3/8 of its width, published loss),"
    " our data",
    MELODY_VAE_4_BOUND: "MusicVAE's architecture (mel_4bar at 3/8 of its width, trained for its"
    " ELBO), our data",
}
_COMMIT: Final = 12

Cell: TypeAlias = tuple[str, str, str]
Row: TypeAlias = tuple[str, tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class CloneFigures:
    """A clone: what it is, how it was trained, and what it measured on the test split."""

    name: str
    parameters: int
    data: str
    command: str
    commit: str
    """Of the code that trained it."""
    machine: str
    minutes: float
    epochs: int
    """Trained; the one of the least validation loss was kept."""
    validation: float
    """The least validation loss."""
    recipe: Mapping[str, object]
    measures: Mapping[str, Measure]
    """By step (or pair) and by file."""
    shares: Mapping[str, float]
    """Figures without intervals."""

    @property
    def label(self) -> str:
        """For people; nowhere is it called Magenta's model, which it is not."""
        return _LABELS.get(self.name, self.name)

    @property
    def source(self) -> str:
        """How the figures came to be, in a sentence."""
        return (
            f"{self.label}: {self.parameters:,} parameters, {self.epochs} epochs,"
            f" {self.minutes:.0f} minutes on {self.machine}; figures recorded by"
            f" `{self.command}` at commit {self.commit[:_COMMIT]}."
        )

    def cells(self, measures: Sequence[str], digits: int = 4) -> tuple[Cell, ...]:
        """Some measures with their intervals, as texts."""
        return tuple(in_figures(self.measures[name], digits) for name in measures)


def recorded(name: str, path: Path = RECORDED) -> CloneFigures:
    """What was recorded of a clone.

    Raises:
        DataMissingError: if nothing was.
    """
    known = _read(path)
    if name not in known:
        raise DataMissingError(
            f"Nothing is recorded of a clone named {name}; there is {', '.join(known) or 'none'}."
            " Train one with clipbridge train drum-kit-rnn, music-vae, melody-rnn or melody-vae."
        )
    return known[name]


def record(figures: CloneFigures, path: Path = RECORDED) -> None:
    """Write figures down in the place of those of the same name."""
    known = {**_read(path), figures.name: figures}
    fields = {name: asdict(known[name]) for name in sorted(known)}
    path.write_text(json.dumps(fields, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def below(ours: float, clone: CloneFigures, measure: str = NATS) -> float:
    """The part by which ours is less than the clone's: 0.1 is ten percent less."""
    return 1.0 - ours / clone.measures[measure].value


def rows_beside(
    names: Sequence[str], measures: Sequence[str], path: Path = RECORDED
) -> tuple[Row, ...]:
    """What was recorded of clones, to stand below our rows; the unknown are left out.

    Args:
        names: Of the clones.
        measures: The columns.
        path: The file of the figures.
    """
    known = _read(path)
    return tuple(
        (known[name].label, known[name].cells(measures)) for name in names if name in known
    )


def remarks_beside(names: Sequence[str], ours: float, path: Path = RECORDED) -> tuple[str, ...]:
    """How many nats a step ours are below those of clones, and how the clones came to be.

    Args:
        names: Of the clones; those of which nothing is recorded are left out.
        ours: Nats a step of our model, on the same windows.
        path: The file of the figures.
    """
    known = _read(path)
    remarks = []
    for clone in (known[name] for name in names if name in known):
        part = below(ours, clone)
        than = "fewer" if part >= 0 else "more"
        shares = "; ".join(f"{name} {share:.3f}" for name, share in clone.shares.items())
        remarks.append(f"{abs(part):.1%} {than} nats a step than {clone.source} Its {shares}.")
    return tuple(remarks)


def measured_beside(
    names: Sequence[str], measures: Sequence[str], path: Path = RECORDED
) -> tuple[str, ...]:
    """Some measures of clones in a sentence each, where a table has no columns for them.

    Args:
        names: Of the clones; those of which nothing is recorded are left out.
        measures: Those of them that are recorded are said.
        path: The file of the figures.
    """
    known = _read(path)
    remarks = []
    for clone in (known[name] for name in names if name in known):
        there = [name for name in measures if name in clone.measures]
        said = "; ".join(
            f"{name} {' ; '.join(cell)}"
            for name, cell in zip(there, clone.cells(there), strict=True)
        )
        remarks.append(f"{clone.source} It measures: {said}.")
    return tuple(remarks)


def _read(path: Path) -> dict[str, CloneFigures]:
    if not path.is_file():
        return {}
    known = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: CloneFigures(
            **{
                **fields,
                "measures": {
                    measured: Measure(each["value"], tuple(each["by_hit"]), tuple(each["by_file"]))
                    for measured, each in fields["measures"].items()
                },
            }
        )
        for name, fields in known.items()
    }


def clone_of(name: str) -> CloneFigures | None:
    """What is recorded of a clone; None where nothing is."""
    try:
        return recorded(name)
    except DataMissingError:
        return None
