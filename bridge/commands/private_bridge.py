"""A bridge of a command's own: a real daemon beside the usual one, gone when it is done."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bridge.commands.options import private_serve_command
from bridge.daemon.instance import read_instance
from bridge.daemon.settings import Settings
from bridge.errors import BridgeError, DeadlineError

START_S: Final = 30.0
"""How long it may take to open its port: seconds on a slow disk that reads it the first time."""
LOOK_S: Final = 0.02
"""How often it is looked for meanwhile."""
END_S: Final = 10.0

_ERRORS: Final = "errors.txt"


@contextmanager
def private_bridge(settings: Settings) -> Iterator[int]:
    """The port of a daemon that runs while this lasts, in a process and a folder of its own.

    Args:
        settings: Its models, provider and kit.

    Raises:
        BridgeError: if it does not start; the text holds its own last words.
    """
    # Windows keeps a file for a moment after the process that wrote it has ended.
    with tempfile.TemporaryDirectory(prefix="clipbridge-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with (folder / _ERRORS).open("wb") as errors:
            process = subprocess.Popen(
                private_serve_command(settings, folder),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        try:
            yield _await_port(process, folder)
        finally:
            _end(process)


def _await_port(process: "subprocess.Popen[bytes]", folder: Path) -> int:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        instance = read_instance(folder)
        if instance is not None:
            return instance.port
        try:
            process.wait(LOOK_S)
        except subprocess.TimeoutExpired:
            continue
        words = (folder / _ERRORS).read_text(encoding="utf-8", errors="replace").strip()
        raise BridgeError(
            f"The bridge could not be started (exit code {process.returncode})."
            f" It said: {words.splitlines()[-1] if words else 'nothing'}"
        )
    raise DeadlineError(f"The bridge did not start within {START_S:g} seconds.")


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
