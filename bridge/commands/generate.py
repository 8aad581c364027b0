"""``clipbridge generate``: performed beats from nothing, without the daemon."""

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
from bridge.protocol.messages import Generate


@click.command()
@tool_options(Generate, without=("keep", "near", "chords"))
@keep_option
@click.option(
    "--near",
    metavar="NEAR.mid",
    type=click.Path(path_type=Path),
    help="A beat that the takes are variations of, in its length, metre, tempo and feel.",
)
@click.pass_context
def generate(
    context: click.Context,
    /,
    *,
    style: str,
    tempo: float,
    folder: Path,
    keep: Path | None,
    near: Path | None,
    distance: float,
    as_json: bool,
    **wishes: object,
) -> None:
    """Make performed beats from nothing but a style, a tempo and a metre, or near a beat."""
    del wishes  # They are read from the context.
    clips = read_clips(near, keep)
    ids = {"near": SOURCE if near else 0, "keep": KEPT if keep else 0}
    made = make(context, Generate, clips, "Making beats", **ids)
    title = f"{near.stem} near {distance:g}" if near else f"beat {style} {tempo:g} bpm"
    kept = [Kept.of(take, keep_take(made, take, folder, title), made.kit) for take in made.takes]
    if as_json:
        source = {"near": str(near), "distance": distance} if near else _asked(style, tempo)
        say_made(made, source, [one.as_fields() for one in kept])
        return
    show_made(made, table_of(kept), folder, "Drag them into your DAW.")


def _asked(style: str, tempo: float) -> dict[str, object]:
    return {"style": style, "tempo": tempo}
