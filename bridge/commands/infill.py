"""``clipbridge infill``: a MIDI file in, the same with some bars played anew out."""

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
from bridge.protocol.messages import Infill


@click.command()
@click.argument("file", metavar="IN.mid", type=click.Path(path_type=Path))
@takes_options(Infill, without=("id", "clip"))
def infill(
    context: click.Context,
    /,
    *,
    file: Path,
    folder: Path,
    takes: int,
    seed: int,
    first_bar: int,
    bars: int,
    temperature: float,
    pieces: int,
    most: int,
    kit: str,
    keep: Path | None,
    as_json: bool,
    **flags: str | None,
) -> None:
    """Play some bars of a drum beat anew.

    IN.mid is read and never written. A take is the whole beat; outside of those bars no note of it
    is touched.
    """
    request = Infill(
        id=3,
        clip=SOURCE,
        takes=takes,
        seed=seed,
        first_bar=first_bar,
        bars=bars,
        temperature=temperature,
        pieces=pieces,
        most=most,
        kit=kit_wanted(context, kit, flags),
        keep=KEPT if keep else 0,
    )
    made = make_takes(request, file, keep, flags, f"Filling bars of {file.name}")
    keep_takes(made, folder, f"{file.stem} infill", {"input": str(file)}, as_json=as_json)
