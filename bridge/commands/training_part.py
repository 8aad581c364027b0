"""The way to ``bridge.training``, which the packaged program does not have.

Nothing may import it, so it is loaded by name; what is used of it is declared here.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Protocol

import click
from rich.table import Table

from bridge.commands.screen import answers
from bridge.engine.catalog import Catalog
from bridge.music.clip import Clip


class Measures(Protocol):
    """What an evaluation found."""

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        ...


class Report(Protocol):
    """What is used here of a module that measures, as ``bridge.training.report``."""

    HEADINGS: tuple[str, ...]

    def measure(
        self,
        catalog: Catalog,
        data: Path | None,
        cache_folder: Path,
        *,
        report: Callable[[float], None],
    ) -> Measures:
        """See there."""
        ...

    def table(self, report: Measures) -> str:
        """See there."""
        ...

    def figures(self, report: Measures) -> tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]:
        """See there."""
        ...

    def remarks(self, report: Measures) -> tuple[str, ...]:
        """See there."""
        ...


class Takes(Protocol):
    """What is used here of a module that judges takes, as ``bridge.training.groove_takes``."""

    def measure_installed_takes(
        self,
        catalog: Catalog,
        data: Path | None,
        cache_folder: Path,
        *,
        report: Callable[[float], None],
    ) -> Measures:
        """See there."""
        ...

    def table_of_takes(self, found: Measures) -> str:
        """See there."""
        ...


class Sheet(Protocol):
    """What is used here of a ``bridge.training.samples.Sheet``."""

    @property
    def clips(self) -> Sequence[Clip]:
        """See there."""
        ...

    @property
    def titles(self) -> Sequence[str]:
        """See there."""
        ...

    @property
    def columns(self) -> int:
        """See there."""
        ...

    @property
    def key(self) -> str:
        """See there."""
        ...


class Samples(Protocol):
    """What is used here of a module that gives samples, as ``melody_paths_samples``."""

    def sheets(self, catalog: Catalog) -> Mapping[str, Sheet]:
        """See there."""
        ...


def training_part(name: str) -> ModuleType:
    """The module ``bridge.training.<name>``.

    Raises:
        click.ClickException: if this program has none, or a library that it needs is missing; the
            text says the cure.
    """
    try:
        return importlib.import_module(f"bridge.training.{name}")
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing == "bridge":
            raise click.ClickException(
                "This program has no training part. Get the source of Clipbridge and install it"
                " from there: python -m pip install '.[train]'"
            ) from error
        raise click.ClickException(
            f"Training needs {missing}, which is not installed. Cure: in the folder of the source,"
            " python -m pip install '.[train]'"
        ) from error


def show_measures(part: Report, measures: Measures, title: str) -> None:
    """The table of what a model measures; into a file or a pipe it goes as Markdown."""
    console = answers()
    if not console.is_terminal:
        click.echo(part.table(measures))
        return
    table = Table(*part.HEADINGS, title=title, title_justify="left", show_lines=True)
    for predictor, cells in part.figures(measures):
        table.add_row(predictor, *("\n".join(cell) for cell in cells))
    console.print(table)
    for remark in part.remarks(measures):
        console.print(f"\n{remark}")
