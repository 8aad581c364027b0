"""``clipbridge serve``: the daemon, until it is stopped; and the worker that it starts."""

import os
import signal
import sys
import threading
from contextlib import ExitStack
from types import FrameType

import click
from rich.console import Console

from bridge import VERSION
from bridge.commands.options import (
    catalog_of,
    setting_options,
    settings_from,
    stage_of,
    worker_command,
)
from bridge.daemon.instance import claim_instance, holder_of_udp_port
from bridge.daemon.journal import open_journal
from bridge.daemon.service import open_service
from bridge.daemon.settings import Settings
from bridge.daemon.worker import ProcessWorker, run_worker, take_over_standard_output
from bridge.errors import PortTakenError
from bridge.osc.endpoint import PORTS, Endpoint, open_endpoint


@click.command()
@setting_options(
    "port",
    "provider",
    "models",
    "kit_file",
    "taste_file",
    "deadline_s",
    "queue_size",
    "log_level",
    "log_folder",
    "cache_folder",
    "state_folder",
)
@click.option("--quiet", is_flag=True, help="Say nothing on the screen; the log file has it all.")
@click.option("--until-input-ends", is_flag=True, hidden=True)
def serve(quiet: bool, until_input_ends: bool, **flags: str | None) -> None:
    """Run the bridge that the devices in Live talk to, until Ctrl-C."""
    settings = settings_from(flags)
    stop = threading.Event()

    def stopped(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stopped)
    if until_input_ends:
        # So a bridge that another program started for itself ends with that program, however
        # that ends, and on every system in the same way.
        threading.Thread(target=_await_end_of_input, args=(stop,), daemon=True).start()
    run_service(settings, stop, quiet=quiet)


def run_service(settings: Settings, stop: threading.Event, *, quiet: bool) -> None:
    """A whole bridge from its lock to its farewell.

    Raises:
        PortTakenError: if another bridge of this user runs, or no port is free.
    """
    screen = Console(stderr=True, highlight=False)
    with ExitStack() as stack:
        claim = stack.enter_context(claim_instance(settings.state_folder))
        stack.enter_context(
            open_journal(
                settings.log_folder, level=settings.log_level, screen=None if quiet else screen
            )
        )
        endpoint = _open(settings.port)
        stack.callback(endpoint.close)
        command = worker_command(settings)
        service = open_service(
            endpoint, catalog_of(settings), lambda: ProcessWorker(command), settings, claim
        )
        stack.callback(service.close)
        if not quiet:
            screen.print(
                f"[bold]Clipbridge {VERSION}[/] listens on port {endpoint.port}."
                " Leave this window open; Ctrl-C stops it."
            )
        service.run(stop)


def _open(port: int | None) -> Endpoint:
    """The endpoint on a port, or a refusal that says who has it."""
    try:
        return open_endpoint(port)
    except PortTakenError as error:
        holder = holder_of_udp_port(PORTS[0] if port is None else port)
        if holder is None:
            raise
        raise PortTakenError(
            f"{error} It is held by {holder}. Close that, or choose another port with --port."
        ) from error


def _await_end_of_input(stop: threading.Event) -> None:
    # Not through sys.stdin: a thread that waits there would hold its lock when the program ends.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop.set()


@click.command(hidden=True)
@setting_options("provider", "models", "kit_file", "taste_file", "cache_folder")
def worker(**flags: str | None) -> None:
    """Play requests that come through a pipe; started by the bridge, not by people."""
    replies = take_over_standard_output()
    # Ctrl-C in a terminal reaches this process too, but the bridge decides when it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    run_worker(stage_of(settings_from(flags)), sys.stdin.buffer, replies)
