"""Where commands speak: answers to stdout, all else to stderr, and a bar for what takes long."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

Command = TypeVar("Command", bound=Callable[..., object])

PATIENCE_S: Final = 1.0
"""What is done sooner needs no bar."""


def json_option(command: Command) -> Command:
    """The flag ``--json`` for a command, as the argument ``as_json``."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Answer in JSON, for scripts, and nothing else."
    )(command)


def answers() -> Console:
    """A console on stdout; what stands in file names is never taken for markup."""
    return Console(markup=False, emoji=False, highlight=False)


def asides() -> Console:
    """A console on stderr, for what is no part of the answer."""
    return Console(stderr=True, markup=False, emoji=False, highlight=False)


def say_json(value: object) -> None:
    """The answer as JSON, in ASCII, so that no terminal or pipe can spoil it."""
    click.echo(json.dumps(value, indent=2))


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[float], None]]:
    """A bar on stderr that shows itself after a second, and is gone at the end.

    What comes back is to be told the part of the work that is done, 0–1; until it is, the bar
    only moves. Where stderr is no terminal there is no bar.
    """
    console = asides()
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task(label, total=None)
    starting = threading.Timer(PATIENCE_S, bar.start)
    starting.daemon = True
    starting.start()
    try:
        yield lambda part: bar.update(task, total=1.0, completed=part)
    finally:
        starting.cancel()
        starting.join()
        bar.stop()
