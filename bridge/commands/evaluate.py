"""``clipbridge evaluate``: how good a model is, by the published protocol."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import click

from bridge.commands.options import catalog_of, setting_options, settings_from
from bridge.commands.screen import json_option, progress_bar, say_json
from bridge.commands.training_part import Report, show_measures, training_part

REPORTS: Final[Mapping[str, str]] = MappingProxyType(
    {"groove": "report", "drumify": "drumify_report"}
)
"""The module of ``bridge.training`` that measures each model."""


@click.command()
@click.argument(
    "name", metavar="[groove|drumify]", type=click.Choice(list(REPORTS)), default="groove"
)
@json_option
@setting_options("data", "models", "provider", "cache_folder")
def evaluate(name: str, as_json: bool, **flags: str | None) -> None:
    """Measure a model on the published test data.

    The data is the Groove MIDI Dataset, in the folder that --data or CLIPBRIDGE_DATA names. It
    takes a minute. Each value comes with its 95 % intervals, over hits and over files; into a file
    or a pipe the table goes as Markdown.
    """
    settings = settings_from(flags)
    part: Report = training_part(REPORTS[name])
    catalog = catalog_of(settings)
    model = catalog.load(name)
    with progress_bar(f"Measuring {name}") as report:
        measures = part.measure_model(catalog, settings.data, settings.cache_folder, report=report)
    if as_json:
        say_json({"model": name, "provider": model.provider, **measures.as_fields()})
        return
    show_measures(part, measures, f"{name}, {model.manifest.parameters:,} parameters")
