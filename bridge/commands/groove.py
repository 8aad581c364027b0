"""``clipbridge groove``: a MIDI file in, takes of it out, without the daemon."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click
from click.core import ParameterSource
from rich.table import Table

from bridge.commands.arguments import request_options
from bridge.commands.files import keep_clip
from bridge.commands.movement import Movement
from bridge.commands.options import setting_options, settings_from, stage_of
from bridge.commands.screen import answers, json_option, progress_bar, say_json
from bridge.engine.cancel import Cancel
from bridge.music.clip import Clip, Take
from bridge.music.midifile import read_midi
from bridge.protocol.messages import Groove
from bridge.tools.registry import Stage, play

BEAT: Final = 1
FEEL: Final = 2
"""Ids of the clips of the request; nobody sees them."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A take, where it was written, and what became of the beat in it."""

    take: Take
    path: Path
    movement: Movement

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return {
            "file": str(self.path),
            "take": self.take.index + 1,
            "seed": self.take.seed,
            **self.movement.as_fields(),
        }


@click.command()
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
@request_options(Groove, without=("id", "clip", "feel"))
@click.option(
    "--feel",
    "feel_file",
    metavar="FEEL.mid",
    type=click.Path(path_type=Path),
    help="A MIDI file whose timing and accents are taken.",
)
@click.option(
    "--drums/--no-drums",
    default=None,
    help="Whether the pitches are pieces of a drum kit; without it the file is asked.",
)
@json_option
@setting_options("kit_file", "provider", "models", "cache_folder")
@click.pass_context
def groove(
    context: click.Context,
    /,
    *,
    file: Path,
    folder: Path,
    takes: int,
    seed: int,
    amount: float,
    temperature: float,
    centre: bool,
    kit: str,
    feel_file: Path | None,
    drums: bool | None,
    as_json: bool,
    **flags: str | None,
) -> None:
    """Give a stiff beat a drummer's timing and accents.

    IN.mid is read and never written. No hit is added, dropped or moved to another step.
    """
    if flags["kit_file"] and context.get_parameter_source("kit") is ParameterSource.DEFAULT:
        kit = "user"  # Whoever names a kit file wants that kit.
    clips = {BEAT: read_midi(file, drums=drums)}
    if feel_file is not None:
        clips[FEEL] = read_midi(feel_file, drums=drums)
    request = Groove(
        id=3,
        clip=BEAT,
        takes=takes,
        seed=seed,
        amount=amount,
        temperature=temperature,
        feel=FEEL if FEEL in clips else 0,
        centre=centre,
        kit=kit,
    )
    stage = stage_of(settings_from(flags))
    began = time.perf_counter()
    with progress_bar(f"Playing {file.name}") as report:
        made = play(request, clips, stage, cancel=Cancel(), report=_parts(report))
    seconds = time.perf_counter() - began
    kept = [_keep(take, len(made), clips[BEAT], folder, file.stem) for take in made]
    if as_json:
        say_json(
            {
                "input": str(file),
                "seconds": round(seconds, 3),
                "provider": _provider(stage),
                "takes": [one.as_fields() for one in kept],
            }
        )
        return
    _show(kept, seconds, _provider(stage))


def _parts(report: Callable[[float], None]) -> Callable[[str, float], None]:
    def told(state: str, part: float) -> None:
        if state == "working":
            report(part)

    return told


def _keep(take: Take, takes: int, beat: Clip, folder: Path, name: str) -> Kept:
    name = f"{name} groove {take.index + 1} of {takes} seed {take.seed}"
    path = keep_clip(folder, name, replace(take.clip, name=name))
    return Kept(take, path, Movement.of(beat, take.clip))


def _provider(stage: Stage) -> str:
    return next((model.provider for model in stage.catalog.loaded()), "")


def _show(kept: Sequence[Kept], seconds: float, provider: str) -> None:
    console = answers()
    table = Table()
    table.add_column("file", overflow="fold")
    for heading in ("seed", "on average", "single hits", "velocity"):
        table.add_column(heading, justify="right")
    for one in kept:
        table.add_row(
            one.path.name,
            f"{one.take.seed}",
            one.movement.push,
            one.movement.span,
            one.movement.velocities,
        )
    console.print(table)
    console.print(
        f"Made in {seconds:.1f} s on {provider} and written to {kept[0].path.parent.resolve()}."
        " Drag them into your DAW.",
        soft_wrap=True,
    )
