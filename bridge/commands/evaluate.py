"""``clipbridge evaluate``: how good a model is, by the published protocol."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import click

from bridge.commands.options import catalog_of, setting_options, settings_from
from bridge.commands.pianoroll import draw_rolls
from bridge.commands.screen import answers, json_option, progress_bar, say_json
from bridge.commands.training_part import Report, Samples, Takes, show_measures, training_part
from bridge.engine.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Examined:
    """What is measured by a name."""

    report: str
    """The module of ``bridge.training`` that measures it."""
    model: str
    """The model that plays it."""
    takes: str = ""
    """The module that judges its takes, where there is one."""
    samples: str = ""
    """The module that gives sheets of clips to be drawn, where there is one."""


ALL_DRUMS: Final = "drums"
MELODY: Final = "melody"

EXAMINED: Final[Mapping[str, Examined]] = MappingProxyType(
    {
        "groove": Examined("report", "groove", "groove_takes"),
        "drumify": Examined("drumify_report", "drumify", "drumify_takes"),
        "continue": Examined("score_evaluation", "score"),
        "generate": Examined("generate_evaluation", "score"),
        "infill": Examined("infill_evaluation", "score"),
        "interpolate": Examined("interpolate_report", "interpolate"),
        "melody-interpolate": Examined(
            "melody_paths_report", "melody-paths", samples="melody_paths_samples"
        ),
        ALL_DRUMS: Examined("drums_report", "groove"),
        MELODY: Examined("melody_report", "notes", samples="melody_pictures"),
    }
)
"""What can be measured: each drum tool, all of them beside their goals, and the pitched ones."""


@click.command()
@click.argument(
    "name",
    metavar=f"[{'|'.join(EXAMINED)}]",
    type=click.Choice(list(EXAMINED)),
    default="groove",
)
@click.option(
    "--takes",
    "with_takes",
    is_flag=True,
    help="Judge drawn takes too, of groove and drumify: some minutes more, and torch is needed.",
)
@click.option(
    "--pictures",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Measure nothing, but draw piano rolls of samples, unpicked, into this folder.",
)
@json_option
@setting_options("data", "models", "provider", "cache_folder")
def evaluate(
    name: str, with_takes: bool, pictures: Path | None, as_json: bool, **flags: str | None
) -> None:
    """Measure a tool on the published test data.

    The data is the Groove MIDI Dataset, in the folder that --data or CLIPBRIDGE_DATA names; for
    “melody” it is the songs that clipbridge train prepare has read. It takes some minutes, for
    “drums” (all drum tools and their takes, beside what each is to reach) twenty or more. Each
    value comes with its 95 % intervals, over hits and over files; into a file or a pipe the table
    goes as Markdown.
    """
    judge = EXAMINED[name].takes
    if with_takes and not judge:
        judged_names = " and ".join(each for each, one in EXAMINED.items() if one.takes)
        raise click.UsageError(f"--takes judges the takes of {judged_names}, not of {name}.")
    settings = settings_from(flags)
    if pictures is not None:
        _draw(name, catalog_of(settings), pictures)
        return
    part: Report = training_part(EXAMINED[name].report)
    catalog = catalog_of(settings)
    model = catalog.load(EXAMINED[name].model)
    source = (catalog, settings.data, settings.cache_folder)
    judged: Takes | None = training_part(judge) if with_takes else None
    with progress_bar(f"Measuring {name}") as report:
        measures = part.measure(*source, report=report)
    found = None
    if judged is not None:
        with progress_bar(f"Judging takes of {name}") as report:
            found = judged.measure_installed_takes(*source, report=report)
    if as_json:
        takes = {} if found is None else {"takes": found.as_fields()}
        say_json(
            {
                "model": EXAMINED[name].model,
                "provider": model.provider,
                **measures.as_fields(),
                **takes,
            }
        )
        return
    alone = name not in {ALL_DRUMS, MELODY}
    size = f", {model.manifest.parameters:,} parameters" if alone else ""
    show_measures(part, measures, f"{name}{size}")
    if judged is not None and found is not None:
        answers().print(judged.table_of_takes(found), markup=False, soft_wrap=True)


def _draw(name: str, catalog: Catalog, folder: Path) -> None:
    """Draw the sheets of a tool, and write down what is not to be seen on them."""
    if not EXAMINED[name].samples:
        drawn = " and ".join(each for each, one in EXAMINED.items() if one.samples)
        raise click.UsageError(f"--pictures draws samples of {drawn}, not of {name}.")
    part: Samples = training_part(EXAMINED[name].samples)
    for title, sheet in part.sheets(catalog).items():
        file = folder / f"{title}.png"
        draw_rolls(sheet.clips, file, titles=sheet.titles, columns=sheet.columns)
        if sheet.key:
            file.with_suffix(".txt").write_text(sheet.key, encoding="utf-8")
        click.echo(file)
