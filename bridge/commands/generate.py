"""``clipbridge generate``: performed beats from nothing, without the daemon."""

from pathlib import Path

import click

from bridge.commands.drumify import Kept, table_of
from bridge.commands.making import (
    KEPT,
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
@tool_options(Generate, without=("keep",))
@keep_option
@click.pass_context
def generate(
    context: click.Context,
    /,
    *,
    style: str,
    tempo: float,
    folder: Path,
    keep: Path | None,
    as_json: bool,
    **wishes: object,
) -> None:
    """Make performed beats from nothing but a style, a tempo and a metre."""
    del wishes  # They are read from the context.
    clips = read_clips(None, keep)
    made = make(context, Generate, clips, "Making beats", keep=KEPT if keep else 0)
    title = f"beat {style} {tempo:g} bpm"
    kept = [Kept.of(take, keep_take(made, take, folder, title), made.kit) for take in made.takes]
    if as_json:
        say_made(made, {"style": style, "tempo": tempo}, [one.as_fields() for one in kept])
        return
    show_made(made, table_of(kept), folder, "Drag them into your DAW.")
