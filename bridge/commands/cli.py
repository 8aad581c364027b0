"""The table of subcommands, and the one place where a fault becomes an exit code."""

from collections.abc import Sequence
from typing import Final

import click
from rich.console import Console

from bridge import VERSION
from bridge.commands.serve import serve, worker
from bridge.errors import BridgeError, CancelledError, SettingError

FAULT: Final = 1
USAGE: Final = 2
STOPPED: Final = 130
"""What a shell expects of a program stopped by Ctrl-C."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="clipbridge")
def clipbridge() -> None:
    """Clipbridge: a local AI co-writer. Clips in, clips out, on your own machine."""


for command in (serve, worker):
    clipbridge.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Run a command line; the exit code: 0 done, 1 a fault, 2 a mistyped line, 130 stopped."""
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
        errors.print(f"[bold red]{type(error).code}[/]: {error}", soft_wrap=True)
        return USAGE if isinstance(error, SettingError) else FAULT
    return result if isinstance(result, int) else 0
