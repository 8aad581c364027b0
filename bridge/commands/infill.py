"""``clipbridge infill``: a MIDI file in, the same with some bars played anew out."""

from pathlib import Path

import click

from bridge.commands.drumify import Kept, table_of
from bridge.commands.making import (
    KEPT,
    SOURCE,
    keep_option,
    keep_take,
    make,
    read_clips,
    say_made,
    show_made,
    tool_options,
)
from bridge.protocol.messages import Infill


@click.command()
@click.argument("file", metavar="IN.mid", type=click.Path(path_type=Path))
@tool_options(Infill, without=("clip", "keep"))
@keep_option
@click.pass_context
def infill(
    context: click.Context,
    /,
    *,
    file: Path,
    folder: Path,
    keep: Path | None,
    as_json: bool,
    **wishes: object,
) -> None:
    """Play some bars of a drum beat anew.

    IN.mid is read and never written. A take is the whole beat; outside of those bars no note of it
    is touched.
    """
    del wishes  # They are read from the context.
    clips = read_clips(file, keep)
    label = f"Filling bars of {file.name}"
    made = make(context, Infill, clips, label, clip=SOURCE, keep=KEPT if keep else 0)
    kept = [
        Kept.of(take, keep_take(made, take, folder, f"{file.stem} infill"), made.kit)
        for take in made.takes
    ]
    if as_json:
        say_made(made, {"input": str(file)}, [one.as_fields() for one in kept])
        return
    show_made(made, table_of(kept), folder, "Drag them into your DAW.")
