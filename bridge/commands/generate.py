"""``clipbridge generate``: beats, melodies, basses and chords from nothing, without the daemon."""

from pathlib import Path

import click

from bridge.commands.making import (
    FOLLOWED,
    KEPT,
    SOURCE,
    keep_option,
    make,
    read_kept,
    tool_options,
)
from bridge.commands.pitches import PITCHES, Pitches, chords_option, pitch_options, read_chords
from bridge.commands.telling import tell
from bridge.music.midifile import read_midi
from bridge.music.parts import DRUMS
from bridge.protocol.messages import Generate
from bridge.tools.locks import key_heard


@click.command()
@tool_options(Generate, without=("keep", "near", "chords", "lock", *PITCHES))
@pitch_options
@chords_option
@keep_option
@click.option(
    "--near",
    metavar="NEAR.mid",
    type=click.Path(path_type=Path),
    help="A clip that the takes are variations of, in its length, metre, tempo and feel.",
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
    part: str,
    key: tuple[int, str] | None,
    scale_name: str | None,
    lock_scale: bool,
    span: tuple[int, int],
    chords: str | None,
    bars: int,
    numerator: int,
    denominator: int,
    as_json: bool,
    **wishes: object,
) -> None:
    """Make beats, melodies, bass lines or chords from nothing, or near a clip."""
    del wishes  # They are read from the context.
    drums = part == DRUMS
    pitches = Pitches.said(key, scale_name, span=span, lock=lock_scale)
    clips = read_kept(keep, drums=drums)
    metre = (numerator, denominator)
    if near is not None:
        clips[SOURCE] = read_midi(near, drums=drums)
        bars, metre = clips[SOURCE].bars, (clips[SOURCE].numerator, clips[SOURCE].denominator)
    if chords is not None:
        key_of_near = pitches.key(key_heard(clips.get(SOURCE)))
        clips[FOLLOWED] = read_chords(chords, key_of_near, bars, *metre)
    made = make(
        context,
        Generate,
        clips,
        "Making beats" if drums else f"Making {'chords' if part == 'chords' else f'a {part}'}",
        near=SOURCE if near else 0,
        keep=KEPT if keep else 0,
        chords=FOLLOWED if chords else 0,
        **pitches.wishing(key_heard(clips.get(SOURCE), clips.get(FOLLOWED))),
    )
    title = f"beat {style} {tempo:g} bpm" if drums else f"{part} {tempo:g} bpm"
    asked = {"part": part, "style": style, "tempo": tempo}
    tell(
        made,
        folder,
        f"{near.stem} near {distance:g}" if near else title,
        source={"near": str(near), "distance": distance} if near else asked,
        next_step="Drag them into your DAW.",
        as_json=as_json,
    )
