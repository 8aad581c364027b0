"""``clipbridge interpolate``: two MIDI files in (or four), the way between them out."""

from dataclasses import replace
from pathlib import Path

import click
from click.core import ParameterSource

from bridge.commands.making import keep_option, make, tool_options
from bridge.commands.pitches import PITCHES, Pitches, pitch_options
from bridge.commands.telling import tell
from bridge.music.clip import Clip
from bridge.music.midifile import read_midi
from bridge.protocol.messages import Interpolate
from bridge.tools.locks import key_heard
from bridge.tools.squares import SQUARES

_CORNERS = "abcd"


@click.command()
@click.argument(
    "files", metavar="A.mid B.mid [C.mid D.mid]", nargs=-1, type=click.Path(path_type=Path)
)
@tool_options(Interpolate, without=(*_CORNERS, "keep", *PITCHES))
@click.option(
    "--drums/--no-drums",
    default=None,
    help="Whether the pitches are pieces of a drum kit; without it the files are asked.",
)
@pitch_options
@keep_option
@click.pass_context
def interpolate(
    context: click.Context,
    /,
    *,
    files: tuple[Path, ...],
    folder: Path,
    keep: Path | None,
    drums: bool | None,
    key: tuple[int, str] | None,
    scale_name: str | None,
    lock_scale: bool,
    span: tuple[int, int],
    as_json: bool,
    **wishes: object,
) -> None:
    """Go from one clip to another in even steps.

    The files are read and never written. The first take is A and the last is B; with four files
    the takes are a square, row by row, with A and B above and C and D below.
    """
    del wishes  # They are read from the context.
    if len(files) not in {2, len(_CORNERS)}:
        raise click.UsageError(f"Name two MIDI files or four, not {len(files)}.")
    pitches = Pitches.said(key, scale_name, span=span, lock=lock_scale)
    own = dict(zip(_CORNERS, range(1, len(files) + 1), strict=False))
    if (
        len(files) == len(_CORNERS)
        and context.get_parameter_source("steps") is ParameterSource.DEFAULT
    ):
        own["steps"] = SQUARES[0]
    clips = _all_alike(
        [read_midi(file, drums=drums) for file in (*files, *([keep] if keep else []))]
    )
    own["keep"] = 0 if keep is None else len(files) + 1
    label = f"On the way from {files[0].name} to {files[-1].name}"
    heard = key_heard(*(clips[number] for number in range(1, len(files) + 1)))
    made = make(context, Interpolate, clips, label, **own, **pitches.locking("Interpolate", heard))
    tell(
        made,
        folder,
        f"{' '.join(file.stem for file in files)} interpolate",
        source={"inputs": [str(file) for file in files]},
        next_step="Drag them into your DAW, one behind the other.",
        as_json=as_json,
    )


def _all_alike(clips: list[Clip]) -> dict[int, Clip]:
    """The clips by their ids; where one is drums all are, since files do not always say so."""
    drums = any(clip.drums for clip in clips)
    return {number: replace(clip, drums=drums) for number, clip in enumerate(clips, start=1)}
