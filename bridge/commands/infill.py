"""``clipbridge infill``: a MIDI file in, the same with some bars played anew out."""

from pathlib import Path

import click

from bridge.commands.making import (
    KEPT,
    SOURCE,
    keep_option,
    make,
    part_option,
    read_kept,
    read_source,
    tool_options,
)
from bridge.commands.pitches import PITCHES, Pitches, pitch_options
from bridge.commands.telling import tell
from bridge.music.parts import AUTO
from bridge.protocol.messages import Infill
from bridge.tools.locks import key_heard


@click.command()
@click.argument("file", metavar="IN.mid", type=click.Path(path_type=Path))
@tool_options(Infill, without=("clip", "keep", "part", *PITCHES))
@part_option
@pitch_options
@keep_option
@click.pass_context
def infill(
    context: click.Context,
    /,
    *,
    file: Path,
    folder: Path,
    keep: Path | None,
    part: str,
    key: tuple[int, str] | None,
    scale_name: str | None,
    lock_scale: bool,
    span: tuple[int, int],
    first_bar: int,
    as_json: bool,
    **wishes: object,
) -> None:
    """Play some bars of a clip anew: of a beat, a melody, a bass line, chords.

    IN.mid is read and never written. A take is the whole clip; outside of those bars no note of it
    is touched.
    """
    del wishes  # They are read from the context.
    clip = read_source(file, part)
    pitches = Pitches.said(key, scale_name, span=span, lock=lock_scale)
    made = make(
        context,
        Infill,
        {SOURCE: clip, **read_kept(keep, drums=clip.drums)},
        f"Filling bars of {file.name}",
        clip=SOURCE,
        keep=KEPT if keep else 0,
        part=AUTO if clip.drums else part,
        **pitches.locking("Infill", key_heard(clip)),
    )
    tell(
        made,
        folder,
        f"{file.stem} infill",
        source={"input": str(file)},
        next_step="Drag them into your DAW.",
        as_json=as_json,
        first_bar=max(0, first_bar - 1),
    )
