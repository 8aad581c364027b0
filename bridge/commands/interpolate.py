"""``clipbridge interpolate``: two MIDI files in (or four), the way between them out."""

from dataclasses import replace
from pathlib import Path

import click
from click.core import ParameterSource

from bridge.commands.arguments import request_options
from bridge.commands.files import keep_clip
from bridge.commands.options import setting_options, settings_from, stage_of
from bridge.commands.screen import answers, json_option, progress_bar, say_json
from bridge.engine.cancel import Cancel
from bridge.music.midifile import read_midi
from bridge.protocol.messages import Interpolate
from bridge.tools.interpolate import SQUARES
from bridge.tools.registry import play

_CORNERS = 4


@click.command()
@click.argument(
    "files", metavar="A.mid B.mid [C.mid D.mid]", nargs=-1, type=click.Path(path_type=Path)
)
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="OUT",
    type=click.Path(path_type=Path),
    default="takes",
    show_default=True,
    help="The folder for the takes. No file in it is overwritten.",
)
@request_options(Interpolate, without=("id", "a", "b", "c", "d"))
@json_option
@setting_options("kit_file", "provider", "models", "cache_folder")
@click.pass_context
def interpolate(
    context: click.Context,
    /,
    *,
    files: tuple[Path, ...],
    folder: Path,
    steps: int,
    seed: int,
    temperature: float,
    pieces: int,
    most: int,
    kit: str,
    as_json: bool,
    **flags: str | None,
) -> None:
    """Go from one drum beat to another in even steps.

    The files are read and never written. The first take is A and the last is B; with four files
    the takes are a square, row by row, with A and B above and C and D below.
    """
    if len(files) not in {2, _CORNERS}:
        raise click.UsageError(f"Name two MIDI files or four, not {len(files)}.")
    if flags["kit_file"] and context.get_parameter_source("kit") is ParameterSource.DEFAULT:
        kit = "user"  # Whoever names a kit file wants that kit.
    if len(files) == _CORNERS and context.get_parameter_source("steps") is ParameterSource.DEFAULT:
        steps = SQUARES[0]
    a, b, c, d = (*range(1, len(files) + 1), 0, 0)[:_CORNERS]
    request = Interpolate(
        id=_CORNERS + 1,
        a=a,
        b=b,
        c=c,
        d=d,
        steps=steps,
        seed=seed,
        temperature=temperature,
        pieces=pieces,
        most=most,
        kit=kit,
    )
    stage = stage_of(settings_from(flags))
    with progress_bar(f"On the way from {files[0].name} to {files[-1].name}") as report:
        clips = {number: read_midi(file, drums=True) for number, file in enumerate(files, start=1)}
        made = play(request, clips, stage, cancel=Cancel(), report=lambda _, part: report(part))
    stems = " ".join(file.stem for file in files)
    kept = []
    for take in made:
        name = f"{stems} interpolate {take.index + 1} of {len(made)} seed {take.seed}"
        path = keep_clip(folder, name, replace(take.clip, name=name))
        kept.append({"file": str(path), "take": take.index + 1, "seed": take.seed})
    if as_json:
        say_json({"inputs": [str(file) for file in files], "takes": kept})
        return
    answers().print(
        f"{len(kept)} takes from {files[0].name} to {files[-1].name} written to"
        f" {folder.resolve()}.",
        soft_wrap=True,
        markup=False,
    )
