"""``clipbridge interpolate``: two MIDI files in (or four), the way between them out."""

from pathlib import Path

import click
from click.core import ParameterSource

from bridge.commands.drumify import Kept, table_of
from bridge.commands.making import keep_option, keep_take, make, say_made, show_made, tool_options
from bridge.music.midifile import read_midi
from bridge.protocol.messages import Interpolate
from bridge.tools.squares import SQUARES

_CORNERS = "abcd"


@click.command()
@click.argument(
    "files", metavar="A.mid B.mid [C.mid D.mid]", nargs=-1, type=click.Path(path_type=Path)
)
@tool_options(Interpolate, without=(*_CORNERS, "keep"))
@keep_option
@click.pass_context
def interpolate(
    context: click.Context,
    /,
    *,
    files: tuple[Path, ...],
    folder: Path,
    keep: Path | None,
    as_json: bool,
    **wishes: object,
) -> None:
    """Go from one drum beat to another in even steps.

    The files are read and never written. The first take is A and the last is B; with four files
    the takes are a square, row by row, with A and B above and C and D below.
    """
    del wishes  # They are read from the context.
    if len(files) not in {2, len(_CORNERS)}:
        raise click.UsageError(f"Name two MIDI files or four, not {len(files)}.")
    own = dict(zip(_CORNERS, range(1, len(files) + 1), strict=False))
    if (
        len(files) == len(_CORNERS)
        and context.get_parameter_source("steps") is ParameterSource.DEFAULT
    ):
        own["steps"] = SQUARES[0]
    clips = {number: read_midi(file, drums=True) for number, file in enumerate(files, start=1)}
    own["keep"] = 0 if keep is None else len(files) + 1
    if keep is not None:
        clips[own["keep"]] = read_midi(keep, drums=True)
    label = f"On the way from {files[0].name} to {files[-1].name}"
    made = make(context, Interpolate, clips, label, **own)
    title = f"{' '.join(file.stem for file in files)} interpolate"
    kept = [Kept.of(take, keep_take(made, take, folder, title), made.kit) for take in made.takes]
    if as_json:
        inputs = {"inputs": [str(file) for file in files]}
        say_made(made, inputs, [one.as_fields() for one in kept])
        return
    show_made(made, table_of(kept), folder, "Drag them into your DAW, one behind the other.")
