"""``clipbridge continue``: a MIDI file in, what comes after it out, without the daemon."""

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
from bridge.protocol.messages import Continue
from bridge.tools.registry import play


@click.command("continue")
@click.argument("file", metavar="IN.mid", type=click.Path(path_type=Path))
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
@request_options(Continue, without=("id", "clip"))
@json_option
@setting_options("kit_file", "provider", "models", "cache_folder")
@click.pass_context
def continuation(
    context: click.Context,
    /,
    *,
    file: Path,
    folder: Path,
    takes: int,
    seed: int,
    bars: int,
    temperature: float,
    pieces: int,
    most: int,
    kit: str,
    as_json: bool,
    **flags: str | None,
) -> None:
    """Play on after a drum beat.

    IN.mid is read and never written. A take is what comes after it, to be put behind it.
    """
    if flags["kit_file"] and context.get_parameter_source("kit") is ParameterSource.DEFAULT:
        kit = "user"  # Whoever names a kit file wants that kit.
    request = Continue(
        id=2,
        clip=1,
        takes=takes,
        seed=seed,
        bars=bars,
        temperature=temperature,
        pieces=pieces,
        most=most,
        kit=kit,
    )
    stage = stage_of(settings_from(flags))
    with progress_bar(f"Playing on after {file.name}") as report:
        clips = {1: read_midi(file, drums=True)}
        made = play(request, clips, stage, cancel=Cancel(), report=lambda _, part: report(part))
    kept = []
    for take in made:
        name = f"{file.stem} continue {take.index + 1} of {len(made)} seed {take.seed}"
        path = keep_clip(folder, name, replace(take.clip, name=name))
        kept.append({"file": str(path), "take": take.index + 1, "seed": take.seed})
    if as_json:
        say_json({"input": str(file), "takes": kept})
        return
    answers().print(
        f"{len(kept)} takes of {bars} bars written to {folder.resolve()}. Put them behind"
        f" {file.name} in your DAW.",
        soft_wrap=True,
        markup=False,
    )
