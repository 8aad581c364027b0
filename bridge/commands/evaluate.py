"""``clipbridge evaluate``: how good a model is, by the published protocol."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import click
from rich.table import Table

from bridge.commands.options import catalog_of, setting_options, settings_from
from bridge.commands.screen import answers, json_option, progress_bar, say_json
from bridge.commands.training_part import training_part
from bridge.engine.catalog import Model


class Measures(Protocol):
    """What an evaluation found."""

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        ...


class Evaluation(Protocol):
    """The part of ``bridge.training.report`` that is used here."""

    HEADINGS: tuple[str, ...]

    def measure_groove(
        self,
        model: Model,
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


@click.command()
@click.argument("name", metavar="[groove]", type=click.Choice(["groove"]), default="groove")
@json_option
@setting_options("data", "models", "provider", "cache_folder")
def evaluate(name: str, as_json: bool, **flags: str | None) -> None:
    """Measure a model on the published test data.

    The data is the Groove MIDI Dataset, in the folder that --data or CLIPBRIDGE_DATA names. It
    takes a minute. Each value comes with its 95 % intervals, over hits and over files; into a file
    or a pipe the table goes as Markdown.
    """
    settings = settings_from(flags)
    part: Evaluation = training_part("report")
    model = catalog_of(settings).load(name)
    with progress_bar(f"Measuring {name}") as report:
        measures = part.measure_groove(model, settings.data, settings.cache_folder, report=report)
    if as_json:
        say_json({"model": name, "provider": model.provider, **measures.as_fields()})
        return
    console = answers()
    if not console.is_terminal:
        click.echo(part.table(measures))
        return
    console.print(f"{name}, {model.manifest.parameters:,} parameters, on {model.provider}")
    table = Table(*part.HEADINGS, show_lines=True)
    for predictor, cells in part.figures(measures):
        table.add_row(predictor, *("\n".join(cell) for cell in cells))
    console.print(table)
    for remark in part.remarks(measures):
        console.print(f"\n{remark}")
