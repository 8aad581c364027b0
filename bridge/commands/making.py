"""What all commands that make takes of MIDI files have in common."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from click.core import ParameterSource
from rich.table import Table

from bridge.commands.arguments import request_options
from bridge.commands.files import keep_clip
from bridge.commands.options import setting_options, settings_from, stage_of
from bridge.commands.screen import answers, json_option, progress_bar, say_json
from bridge.engine.cancel import Cancel
from bridge.music.clip import Clip, Take
from bridge.music.drumkit import Kit
from bridge.music.midifile import read_midi
from bridge.music.parts import AUTO, DRUMS, PITCHED
from bridge.osc.message import Atom
from bridge.protocol.messages import ToolRequest
from bridge.protocol.parameters import layout_of
from bridge.tools.registry import play

Command = TypeVar("Command", bound=Callable[..., object])

REQUEST_ID: Final = 99
"""Of the request; nobody sees it."""
SOURCE: Final = 1
KEPT: Final = 2
FOLLOWED: Final = 3
"""Of clips of the request; nobody sees them."""

PARTS: Final = (AUTO, DRUMS, *PITCHED)
"""What a musician can say of a file that is handed in."""
_SETTINGS: Final = ("kit_file", "provider", "models", "cache_folder")


@dataclass(frozen=True, slots=True)
class Made:
    """Takes and how they came about."""

    takes: tuple[Take, ...]
    seconds: float
    provider: str
    kit: Kit


def tool_options(
    kind: type[ToolRequest], *, without: tuple[str, ...]
) -> Callable[[Command], Command]:
    """The options of a command that makes takes: ``folder``, the request's own, ``as_json``.

    Args:
        kind: The request.
        without: What the command fills in itself, besides the id: the clips.
    """

    def decorate(command: Command) -> Command:
        command = setting_options(*_SETTINGS)(command)
        command = json_option(command)
        command = request_options(kind, without=("id", *without))(command)
        return click.option(
            "-o",
            "--output",
            "folder",
            metavar="OUT",
            type=click.Path(path_type=Path),
            default="takes",
            show_default=True,
            help="The folder for the takes. No file in it is overwritten.",
        )(command)

    return decorate


def keep_option(command: Command) -> Command:
    """A decorator that gives a command the file of the clip that its request keeps."""
    return click.option(
        "--keep",
        metavar="KEEP.mid",
        type=click.Path(path_type=Path),
        help="A file whose notes stay in every take, again and again to its end.",
    )(command)


def part_option(command: Command) -> Command:
    """A decorator that gives a command the part that the file handed in plays, as ``part``."""
    return click.option(
        "--part",
        type=click.Choice(PARTS),
        default=AUTO,
        show_default=True,
        help="What the file is, and its takes: chords is anything of several voices; auto: what it"
        " says, or sounds like.",
    )(command)


def read_source(file: Path, part: str = AUTO) -> Clip:
    """The clip of a file that is handed in; whether it is drums goes by what is said of it.

    Raises:
        MidiFileError: as ``read_midi`` does.
    """
    return read_midi(file, drums=None if part == AUTO else part == DRUMS)


def read_kept(keep: Path | None, *, drums: bool = True) -> dict[int, Clip]:
    """The clip of ``--keep`` by its id, where there is one; raises as ``read_midi`` does."""
    return {} if keep is None else {KEPT: read_midi(keep, drums=drums)}


def make(
    context: click.Context,
    kind: type[ToolRequest],
    clips: Mapping[int, Clip],
    label: str,
    **own: Atom,
) -> Made:
    """The takes that a command line asks for.

    Args:
        context: Of the command: holds the values of :func:`tool_options`.
        kind: The request.
        clips: By the ids in ``own``.
        label: What is being done, for the progress bar.
        own: The arguments of the request that are no options of the command.

    Raises:
        BridgeError: of any kind, in words for the musician.
    """
    given: dict[str, Any] = context.params
    names = {slot.name for slot in layout_of(kind).slots}
    values = {name: value for name, value in given.items() if name in names} | own
    if given["kit_file"] and context.get_parameter_source("kit") is ParameterSource.DEFAULT:
        values["kit"] = "user"  # Whoever names a kit file wants that kit.
    request = kind(id=REQUEST_ID, **values)
    stage = stage_of(settings_from({name: given[name] for name in _SETTINGS}))
    began = time.perf_counter()
    with progress_bar(label) as report:
        takes = play(
            request,
            clips,
            stage,
            cancel=Cancel(),
            report=lambda state, part: report(part) if state == "working" else None,
        )
    seconds = time.perf_counter() - began
    provider = next((model.provider for model in stage.catalog.loaded()), "")
    return Made(takes, seconds, provider, stage.kits[values["kit"]])


def keep_take(made: Made, take: Take, folder: Path, title: str) -> Path:
    """A take as a MIDI file named after title, number and seed; raises as :func:`keep_clip`."""
    name = f"{title} {take.index + 1} of {len(made.takes)} seed {take.seed}"
    return keep_clip(folder, name, replace(take.clip, name=name))


def say_made(
    made: Made, source: Mapping[str, object], kept: Sequence[Mapping[str, object]]
) -> None:
    """The answer in JSON: what was given, how long it took on what, and each take."""
    say_json(
        {
            **source,
            "seconds": round(made.seconds, 3),
            "provider": made.provider,
            "takes": list(kept),
        }
    )


def show_made(made: Made, table: Table, folder: Path, next_step: str) -> None:
    """The answer for people: a table of the takes, where they are and what to do with them."""
    console = answers()
    console.print(table)
    console.print(
        f"Made in {made.seconds:.1f} s on {made.provider} and written to {folder.resolve()}."
        f" {next_step}",
        soft_wrap=True,
    )
