"""``clipbridge generate``: performed beats from nothing, without the daemon."""

from pathlib import Path

import click

from bridge.commands.making import KEPT, keep_takes, kit_wanted, make_takes, takes_options
from bridge.protocol.messages import Generate


@click.command()
@takes_options(Generate, without=("id",))
def generate(
    context: click.Context,
    /,
    *,
    folder: Path,
    takes: int,
    seed: int,
    bars: int,
    style: str,
    tempo: float,
    numerator: int,
    denominator: int,
    temperature: float,
    end_temperature: float,
    pieces: int,
    most: int,
    kit: str,
    keep: Path | None,
    as_json: bool,
    **flags: str | None,
) -> None:
    """Make performed beats from nothing but a style, a tempo and a metre."""
    request = Generate(
        id=3,
        takes=takes,
        seed=seed,
        bars=bars,
        style=style,
        tempo=tempo,
        numerator=numerator,
        denominator=denominator,
        temperature=temperature,
        end_temperature=end_temperature,
        pieces=pieces,
        most=most,
        kit=kit_wanted(context, kit, flags),
        keep=KEPT if keep else 0,
    )
    made = make_takes(request, None, keep, flags, "Making beats")
    name = f"beat {style} {tempo:g} bpm"
    keep_takes(made, folder, name, {"style": style, "tempo": tempo}, as_json=as_json)
