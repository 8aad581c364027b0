"""``clipbridge continue``: a MIDI file in, what comes after it out, without the daemon."""

from pathlib import Path

import click

from bridge.commands.making import (
    KEPT,
    SOURCE,
    keep_takes,
    kit_wanted,
    make_takes,
    takes_options,
)
from bridge.protocol.messages import Continue


@click.command("continue")
@click.argument("file", metavar="IN.mid", type=click.Path(path_type=Path))
@takes_options(Continue, without=("id", "clip"))
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
    keep: Path | None,
    as_json: bool,
    **flags: str | None,
) -> None:
    """Play on after a drum beat.

    IN.mid is read and never written. A take is what comes after it, to be put behind it.
    """
    request = Continue(
        id=3,
        clip=SOURCE,
        takes=takes,
        seed=seed,
        bars=bars,
        temperature=temperature,
        pieces=pieces,
        most=most,
        kit=kit_wanted(context, kit, flags),
        keep=KEPT if keep else 0,
    )
    made = make_takes(request, file, keep, flags, f"Playing on after {file.name}")
    keep_takes(made, folder, f"{file.stem} continue", {"input": str(file)}, as_json=as_json)
