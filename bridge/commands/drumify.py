"""``clipbridge drumify``: a MIDI file in, drums for its rhythm out, without the daemon."""

from pathlib import Path

import click

from bridge.commands.making import (
    KEPT,
    SOURCE,
    keep_option,
    make,
    read_kept,
    tool_options,
)
from bridge.commands.telling import tell
from bridge.music.midifile import read_midi
from bridge.protocol.messages import Drumify


@click.command()
@click.argument("file", metavar="IN.mid", type=click.Path(path_type=Path))
@tool_options(Drumify, without=("clip", "keep"))
@keep_option
@click.pass_context
def drumify(
    context: click.Context,
    /,
    *,
    file: Path,
    folder: Path,
    keep: Path | None,
    as_json: bool,
    **wishes: object,
) -> None:
    """Put a drum kit on the rhythm of any clip.

    IN.mid, be it a melody, a bass line, chords or a beat, is read and never written. Every onset is
    answered by a hit.
    """
    del wishes  # They are read from the context.
    clips = {SOURCE: read_midi(file), **read_kept(keep)}
    label = f"Drumming to {file.name}"
    made = make(context, Drumify, clips, label, clip=SOURCE, keep=KEPT if keep else 0)
    tell(
        made,
        folder,
        f"{file.stem} drumify",
        source={"input": str(file)},
        next_step="Drag them into your DAW.",
        as_json=as_json,
    )
