"""``clipbridge continue``: a MIDI file in, what comes after it out, without the daemon."""

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
from bridge.protocol.messages import Continue


@click.command("continue")
@click.argument("file", metavar="IN.mid", type=click.Path(path_type=Path))
@tool_options(Continue, without=("clip", "keep", "chords"))
@keep_option
@click.pass_context
def continuation(
    context: click.Context,
    /,
    *,
    file: Path,
    folder: Path,
    keep: Path | None,
    as_json: bool,
    **wishes: object,
) -> None:
    """Play on after a drum beat.

    IN.mid is read and never written. A take is what comes after it, to be put behind it.
    """
    del wishes  # They are read from the context.
    clips = read_clips(file, keep)
    label = f"Playing on after {file.name}"
    made = make(context, Continue, clips, label, clip=SOURCE, keep=KEPT if keep else 0)
    kept = [
        Kept.of(take, keep_take(made, take, folder, f"{file.stem} continue"), made.kit)
        for take in made.takes
    ]
    if as_json:
        say_made(made, {"input": str(file)}, [one.as_fields() for one in kept])
        return
    show_made(made, table_of(kept), folder, f"Put them behind {file.name} in your DAW.")
