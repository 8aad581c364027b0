"""``clipbridge train``: a model anew, from the data to the folder it is shipped in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

import click
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from bridge.commands.options import setting_options, settings_from
from bridge.commands.screen import asides, progress_bar
from bridge.commands.training_part import Measures, Report, show_measures, training_part


class Epoch(Protocol):
    """What is told after each epoch, as ``bridge.training.fit.Progress`` has it."""

    @property
    def epoch(self) -> int:
        """Counted from 1."""
        ...

    @property
    def epochs(self) -> int:
        """Of the whole training."""
        ...

    @property
    def train_loss(self) -> float:
        """On what it learns from."""
        ...

    @property
    def validation_loss(self) -> float:
        """On what it does not."""
        ...

    @property
    def figures(self) -> Mapping[str, float]:
        """Measures for people, by their names."""
        ...


@dataclass(frozen=True, slots=True)
class Course:
    """Where in ``bridge.training`` a model's training stands."""

    module: str
    train: str
    lesson: str
    recipe: str
    report: str
    place: str = ""
    """What it writes, where that is no folder of ``exported_models``."""
    drums: bool = True
    """Whether it learns from the Groove MIDI Dataset; else from the songs that were prepared."""


_FIGURES: Final = "bridge/training/clone_figures.json"
COURSES: Final[Mapping[str, Course]] = MappingProxyType(
    {
        "groove": Course("course", "train_groove", "groove_lesson", "GrooveRecipe", "report"),
        "drumify": Course(
            "drumify_course", "train_drumify", "drumify_lesson", "DrumifyRecipe", "drumify_report"
        ),
        "score": Course(
            "score_course", "train_score", "score_lesson", "ScoreRecipe", "score_evaluation"
        ),
        "interpolate": Course(
            "interpolate_course",
            "train_interpolate",
            "interpolate_lesson",
            "InterpolateRecipe",
            "interpolate_report",
        ),
        "melody-paths": Course(
            "melody_paths_course",
            "train_melody_paths",
            "melody_paths_lesson",
            "MelodyPathsRecipe",
            "melody_paths_report",
            drums=False,
        ),
        "notes": Course(
            "note_course", "train_notes", "note_lesson", "NoteRecipe", "melody_report", drums=False
        ),
        "drum-kit-rnn": Course(
            "clone_course",
            "train_drum_kit_rnn",
            "clone_lesson",
            "CloneRecipe",
            "clone_report",
            _FIGURES,
        ),
        "music-vae": Course(
            "clone_course", "train_music_vae", "vae_lesson", "VaeRecipe", "clone_report", _FIGURES
        ),
        "melody-rnn": Course(
            "melody_clone_course",
            "train_melody_rnn",
            "melody_clone_lesson",
            "MelodyCloneRecipe",
            "clone_report",
            _FIGURES,
        ),
        "melody-vae": Course(
            "melody_clone_course",
            "train_melody_vae",
            "melody_vae_lesson",
            "MelodyVaeRecipe",
            "clone_report",
            _FIGURES,
        ),
    }
)

PREPARE: Final = "prepare"
"""Not a model, but what models of melody need."""


@click.command()
@click.argument(
    "name", metavar="|".join([*COURSES, PREPARE]), type=click.Choice([*COURSES, PREPARE])
)
@click.option("--epochs", type=click.IntRange(min=1), help="How often all data is seen.")
@click.option("--batch", type=click.IntRange(min=1), help="Windows in a step.")
@click.option("--learning-rate", type=click.FloatRange(min=0, min_open=True), help="At its peak.")
@click.option("--seed", type=click.IntRange(min=0), help="Of weights and order; 0 without it.")
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="OUT",
    type=click.Path(path_type=Path),
    help="The folder of the model, without it exported_models/NAME; the one that is there is"
    " replaced.",
)
@setting_options("data")
def train(
    name: str,
    folder: Path | None,
    epochs: int | None,
    batch: int | None,
    learning_rate: float | None,
    seed: int | None,
    **flags: str | None,
) -> None:
    """Train a model anew, export it and measure it; or prepare the songs to learn melodies from.

    drum-kit-rnn, music-vae, melody-rnn and melody-vae are Magenta's architectures: they are trained
    on our data to be measured beside our models, and only their figures are kept, in the file OUT.
    The two of melodies need the songs that were prepared.

    What is not named stays as in the recipe of the model that is shipped. The state is kept after
    every epoch; the same command goes on where it was stopped.

    "prepare" reads every collection of songs into one small file, which goes anywhere, and says
    what is in it; -o names the file. It takes some minutes, at first a quarter of an hour.
    """
    if name == PREPARE:
        _prepare(settings_from(flags).data, folder)
        return
    chosen = {"epochs": epochs, "batch": batch, "learning_rate": learning_rate, "seed": seed}
    given = {option: value for option, value in chosen.items() if value is not None}
    data = settings_from(flags).data or Path()
    if COURSES[name].drums:
        data = training_part("corpus").find_data(settings_from(flags).data)
    usual = COURSES[name].place
    place = folder or Path(usual or Path("exported_models") / name)
    report: Report = training_part(COURSES[name].report)
    measures = _train(name, given, data, place)
    show_measures(report, measures, f"The {'figures lie' if usual else 'model lies'} in {place}.")


def _prepare(named: Path | None, file: Path | None) -> None:
    """Read the songs, and say what they are like."""
    step, telling = training_part("prepare"), training_part("song_report")
    data = step.find_songs(named)
    with progress_bar("Reading the songs") as report:
        prepared = step.prepare(data, file or step.SONGS, report=report)
    click.echo(telling.report_of_songs(prepared))


def _train(name: str, given: Mapping[str, float], data: Path, folder: Path) -> Measures:
    """What the trained model measures."""
    course = COURSES[name]
    listening, lesson, played = (
        training_part(part) for part in ("course", course.lesson, course.module)
    )
    console = asides()
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(f"Reading the data for {name}", total=None)

        def advance(part: float) -> None:
            doing = "Exporting and measuring" if part >= 1 else "Training"
            bar.update(task, total=1.0, completed=part, description=f"{doing} {name}")

        try:
            usual = vars(lesson)[course.recipe]()
            recipe = replace(usual, schedule=replace(usual.schedule, **given))
            listener = listening.Listener(_teller(bar), advance)
            measures: Measures = vars(played)[course.train](recipe, data, folder, listener)
        except KeyboardInterrupt:
            console.print("The last whole epoch is kept: the same command goes on from there.")
            raise
    return measures


def _teller(bar: Progress) -> Callable[[Epoch], None]:
    def told(epoch: Epoch) -> None:
        figures = "".join(f", {name} {value:.4g}" for name, value in epoch.figures.items())
        bar.console.print(
            f"epoch {epoch.epoch} of {epoch.epochs}: loss {epoch.train_loss:.4f}, validation"
            f" {epoch.validation_loss:.4f}{figures}"
        )

    return told
