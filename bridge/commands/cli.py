"""The table of subcommands, and the one place where a fault becomes an exit code.

A command's module is imported when the command is used, so that ``clipbridge --help`` and a
mistyped line are answered at once, and ``serve`` waits for nothing that it does not need.
"""

import difflib
import importlib
import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import click
from rich.console import Console
from rich.text import Text

from bridge import VERSION
from bridge.commands.outcome import DONE, FAULT, STOPPED, USAGE
from bridge.errors import BridgeError, CancelledError, SettingError


@dataclass(frozen=True, slots=True)
class Entry:
    """A subcommand that has not been imported."""

    module: str
    """Of ``bridge.commands``."""
    summary: str
    """The line in the list of commands; empty for those that are not for people."""
    command: str = ""
    """The command in the module; empty where it bears the subcommand's name."""


COMMANDS: Final[Mapping[str, Entry]] = MappingProxyType(
    {
        "demo": Entry("demo", "Hear in a minute what it does: a stiff beat in, takes out."),
        "serve": Entry("serve", "Run the bridge that the devices in Live talk to."),
        "groove": Entry("groove", "Give a stiff beat a drummer's timing and accents."),
        "continue": Entry(
            "continuation", "Play on after a beat, a melody, a bass line or chords.", "continuation"
        ),
        "generate": Entry("generate", "Make beats, melodies, bass lines or chords from nothing."),
        "infill": Entry("infill", "Play some bars of a clip anew."),
        "drumify": Entry("drumify", "Put a drum kit on the rhythm of any clip."),
        "interpolate": Entry("interpolate", "Go from one clip to another in even steps."),
        "devices": Entry("devices", "Put the Max for Live devices into Live."),
        "taste": Entry("taste", "Show the rules by which melodies are chosen, and their weights."),
        "models": Entry("models", "List the models that are installed."),
        "doctor": Entry("doctor", "Say what is installed, what works, and the cure of each fault."),
        "selftest": Entry("selftest", "Try everything once, in a few seconds."),
        "protocol": Entry("protocol", "Print the manual of the OSC protocol."),
        "evaluate": Entry("evaluate", "Measure a tool on the published test data."),
        "train": Entry("train", "Train a model anew."),
        "worker": Entry("serve", ""),
    }
)


class CommandTable(click.Group):
    """A group whose commands are imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands for people, in the order of the table."""
        del ctx
        return [name for name, entry in COMMANDS.items() if entry.summary]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now; None where there is none."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        try:
            module = importlib.import_module(f"bridge.commands.{COMMANDS[cmd_name].module}")
        except ImportError as error:
            raise click.ClickException(
                f"A part of Clipbridge cannot be loaded: {error}. Cure: install Clipbridge again."
                " On Windows the Visual C++ Redistributable must be installed too."
            ) from error
        command = vars(module)[COMMANDS[cmd_name].command or cmd_name]
        return command if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; a mistyped name is answered with the nearest."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            near = difflib.get_close_matches(name, self.list_commands(ctx), n=1)
            advice = f"Did you mean {near[0]}?" if near else "clipbridge --help lists them."
            ctx.fail(f"There is no command {name}. {advice}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, written from the table so that none need be imported."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, entry.summary) for name, entry in COMMANDS.items() if entry.summary]
            )


@click.command(cls=CommandTable, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="clipbridge")
def clipbridge() -> None:
    """Clipbridge: a local AI co-writer. Clips in, clips out, on your own machine."""


def run(arguments: Sequence[str]) -> int:
    """Run a command line; the exit code: 0 done, 1 a fault, 2 a mistyped line, 130 stopped."""
    _spare_narrow_streams()
    errors = Console(stderr=True, highlight=False)
    try:
        result = clipbridge.main(list(arguments), prog_name="clipbridge", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt, CancelledError):
        errors.print("Stopped.")
        return STOPPED
    except BridgeError as error:
        errors.print(Text.assemble((error.code, "bold red"), f": {error}"), soft_wrap=True)
        return USAGE if isinstance(error, SettingError) else FAULT
    return result if isinstance(result, int) else DONE


def _spare_narrow_streams() -> None:
    """Let a sign that a terminal or pipe cannot show become a question mark, not a crash."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
