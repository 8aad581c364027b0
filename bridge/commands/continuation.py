"""``clipbridge continue``: a MIDI file in, what comes after it out, without the daemon."""

from pathlib import Path

import click

from bridge.commands.making import (
    FOLLOWED,
    KEPT,
    SOURCE,
    keep_option,
    make,
    part_option,
    read_kept,
    read_source,
    tool_options,
)
from bridge.commands.pitches import PITCHES, Pitches, chords_option, pitch_options, read_chords
from bridge.commands.telling import tell
from bridge.music.parts import AUTO
from bridge.protocol.messages import Continue
from bridge.tools.locks import key_heard


@click.command("continue")
@click.argument("file", metavar="IN.mid", type=click.Path(path_type=Path))
@tool_options(Continue, without=("clip", "keep", "part", "chords", *PITCHES))
@part_option
@pitch_options
@chords_option
@keep_option
@click.pass_context
def continuation(
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
    chords: str | None,
    bars: int,
    as_json: bool,
    **wishes: object,
) -> None:
    """Play on after a clip: a beat, a melody, a bass line, chords.

    IN.mid is read and never written. A take is what comes after it, to be put behind it.
    """
    del wishes  # They are read from the context.
    clip = read_source(file, part)
    pitches = Pitches.said(key, scale_name, span=span, lock=lock_scale)
    heard = key_heard(clip)
    clips = {SOURCE: clip, **read_kept(keep, drums=clip.drums)}
    if chords is not None:
        clips[FOLLOWED] = read_chords(
            chords, pitches.key(heard), bars, clip.numerator, clip.denominator
        )
    made = make(
        context,
        Continue,
        clips,
        f"Playing on after {file.name}",
        clip=SOURCE,
        keep=KEPT if keep else 0,
        part=AUTO if clip.drums else part,
        chords=FOLLOWED if chords else 0,
        **pitches.locking("Continue", heard),
    )
    tell(
        made,
        folder,
        f"{file.stem} continue",
        source={"input": str(file)},
        next_step=f"Put them behind {file.name} in your DAW.",
        as_json=as_json,
    )
