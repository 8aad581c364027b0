"""What commands that write takes have in common: their options, playing, keeping and telling."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

import click
from click.core import ParameterSource

from bridge.commands.arguments import request_options
from bridge.commands.files import keep_clip
from bridge.commands.options import setting_options, settings_from, stage_of
from bridge.commands.screen import answers, json_option, progress_bar, say_json
from bridge.engine.cancel import Cancel
from bridge.music.clip import Clip, Take
from bridge.music.midifile import read_midi
from bridge.protocol.messages import ToolRequest
from bridge.tools.registry import play

Command = TypeVar("Command", bound=Callable[..., object])

SOURCE: Final = 1
KEPT: Final = 2
"""Ids of the clips of the request; nobody sees them."""


def takes_options(
    kind: type[ToolRequest], *, without: Sequence[str]
) -> Callable[[Command], Command]:
    """A decorator that gives a command all that a request says, its clips but as files.

    Args:
        kind: The request; it has a ``keep``.
        without: Arguments that the command fills in itself, beside ``keep``.
    """
    decorators = (
        click.option(
            "-o",
            "--output",
            "folder",
            metavar="OUT",
            type=click.Path(path_type=Path),
            default="takes",
            show_default=True,
            help="The folder for the takes. No file in it is overwritten.",
        ),
        request_options(kind, without=(*without, "keep")),
        click.option(
            "--keep",
            metavar="KEEP.mid",
            type=click.Path(path_type=Path),
            help="A file whose notes stay in every take, again and again to its end.",
        ),
        json_option,
        setting_options("kit_file", "provider", "models", "cache_folder"),
        click.pass_context,
    )

    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


def kit_wanted(context: click.Context, kit: str, flags: Mapping[str, str | None]) -> str:
    """The kit that is named; whoever names a kit file and no kit wants that one."""
    unsaid = context.get_parameter_source("kit") is ParameterSource.DEFAULT
    return "user" if flags["kit_file"] and unsaid else kit


def make_takes(
    request: ToolRequest,
    source: Path | None,
    keep: Path | None,
    flags: Mapping[str, str | None],
    doing: str,
) -> tuple[Take, ...]:
    """The takes of a request whose clips are drum files; a bar shows how far it is.

    Args:
        request: Names the clips ``SOURCE`` and ``KEPT``.
        source: The file of the first; None where it has none.
        keep: The file of the second; None where it has none.
        flags: Settings from the command line.
        doing: What the bar says.
    """
    stage = stage_of(settings_from(flags))
    with progress_bar(doing) as report:
        files = {SOURCE: source, KEPT: keep}
        clips: dict[int, Clip] = {
            number: read_midi(file, drums=True)
            for number, file in files.items()
            if file is not None
        }
        return play(request, clips, stage, cancel=Cancel(), report=lambda _, part: report(part))


def keep_takes(
    made: Sequence[Take], folder: Path, name: str, given: Mapping[str, object], *, as_json: bool
) -> None:
    """Write takes as files and say which, to people or as JSON.

    Args:
        made: The takes.
        folder: Where they go.
        name: How their files are called, before what tells them apart.
        given: What else the JSON says.
        as_json: Whether a program reads the answer.
    """
    kept = []
    for take in made:
        title = f"{name} {take.index + 1} of {len(made)} seed {take.seed}"
        path = keep_clip(folder, title, replace(take.clip, name=title))
        kept.append({"file": str(path), "take": take.index + 1, "seed": take.seed})
    if as_json:
        say_json({**given, "takes": kept})
        return
    count = "One take" if len(kept) == 1 else f"{len(kept)} takes"
    answers().print(
        f"{count} written to {folder.resolve()}. Drag them into your DAW.",
        soft_wrap=True,
        markup=False,
    )
