"""``clipbridge evaluate``: how good a model is, by the published protocol."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import click

from bridge.commands.options import catalog_of, setting_options, settings_from
from bridge.commands.screen import answers, json_option, progress_bar, say_json
from bridge.commands.training_part import Report, Takes, show_measures, training_part

REPORTS: Final[Mapping[str, str]] = MappingProxyType(
    {"groove": "report", "drumify": "drumify_report", "continuation": "score_evaluation"}
)
"""The module of ``bridge.training`` that measures each model."""

TAKES: Final[Mapping[str, str]] = MappingProxyType(
    {"groove": "groove_takes", "drumify": "drumify_takes"}
)
"""The module that judges the takes of each model that is drawn from."""


@click.command()
@click.argument(
    "name",
    metavar="[groove|drumify|continuation]",
    type=click.Choice(list(REPORTS)),
    default="groove",
)
@click.option(
    "--takes",
    "with_takes",
    is_flag=True,
    help="Judge drawn takes too, of groove and drumify: some minutes more, and torch is needed.",
)
@json_option
@setting_options("data", "models", "provider", "cache_folder")
def evaluate(name: str, with_takes: bool, as_json: bool, **flags: str | None) -> None:
    """Measure a model on the published test data.

    The data is the Groove MIDI Dataset, in the folder that --data or CLIPBRIDGE_DATA names. It
    takes a minute. Each value comes with its 95 % intervals, over hits and over files; into a file
    or a pipe the table goes as Markdown.
    """
    if with_takes and name not in TAKES:
        raise click.UsageError(f"--takes judges the takes of {' and '.join(TAKES)}, not of {name}.")
    settings = settings_from(flags)
    part: Report = training_part(REPORTS[name])
    catalog = catalog_of(settings)
    model = catalog.load(name)
    source = (catalog, settings.data, settings.cache_folder)
    judged: Takes | None = training_part(TAKES[name]) if with_takes else None
    with progress_bar(f"Measuring {name}") as report:
        measures = part.measure(*source, report=report)
    found = None
    if judged is not None:
        with progress_bar(f"Judging takes of {name}") as report:
            found = judged.measure_installed_takes(*source, report=report)
    if as_json:
        takes = {} if found is None else {"takes": found.as_fields()}
        say_json({"model": name, "provider": model.provider, **measures.as_fields(), **takes})
        return
    show_measures(part, measures, f"{name}, {model.manifest.parameters:,} parameters")
    if judged is not None and found is not None:
        answers().print(judged.table_of_takes(found), markup=False, soft_wrap=True)
