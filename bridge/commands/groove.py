"""``clipbridge groove``: a MIDI file in, takes of it out, without the daemon."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
from rich.table import Table

from bridge.commands.making import keep_take, make, say_made, show_made, tool_options
from bridge.commands.movement import Movement
from bridge.music.clip import Take
from bridge.music.midifile import read_midi
from bridge.protocol.messages import Groove

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
@tool_options(Groove, without=("clip", "feel"))
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
@click.pass_context
def groove(
    context: click.Context,
    /,
    *,
    file: Path,
    folder: Path,
    feel_file: Path | None,
    drums: bool | None,
    as_json: bool,
    **wishes: object,
) -> None:
    """Give a stiff beat a drummer's timing and accents.

    IN.mid is read and never written. No hit is added, dropped or moved to another step.
    """
    del wishes  # They are read from the context.
    clips = {BEAT: read_midi(file, drums=drums)}
    if feel_file is not None:
        clips[FEEL] = read_midi(feel_file, drums=drums)
    feel = FEEL if FEEL in clips else 0
    made = make(context, Groove, clips, f"Playing {file.name}", clip=BEAT, feel=feel)
    kept = [
        Kept(
            take,
            keep_take(made, take, folder, f"{file.stem} groove"),
            Movement.of(clips[BEAT], take.clip),
        )
        for take in made.takes
    ]
    if as_json:
        say_made(made, {"input": str(file)}, [one.as_fields() for one in kept])
        return
    show_made(made, _table(kept), folder, "Drag them into your DAW.")


def _table(kept: Sequence[Kept]) -> Table:
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
    return table
