"""One bridge a user: the lock that holds a second one off, and the note that says where it runs.

The lock is the operating system's, so it ends with its process, however that ends. The note beside
it (``bridge.json``: pid, port, version, start) tells programs the port; it counts only while the
lock is held, so a killed bridge leaves nothing that misleads.
"""

import contextlib
import json
import logging
import os
import sys
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

import psutil

from bridge import VERSION
from bridge.errors import PortTakenError

LOG: Final = logging.getLogger(__name__)

LOCK_NAME: Final = "bridge.lock"
NOTE_NAME: Final = "bridge.json"

TRIES: Final = 5
TRY_AGAIN_S: Final = 0.05
"""A program that only looks whether a bridge runs holds the lock for less than this."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A running bridge, as other programs see it."""

    pid: int
    """Its process."""
    port: int
    """The UDP port on which it listens."""
    version: str
    """Of Clipbridge."""
    started: datetime
    """With its time zone."""


class Claim:
    """The right to be the only bridge; made by :func:`claim_instance`, ended by ``release``."""

    def __init__(self, folder: Path, lock: BinaryIO | None) -> None:
        """Keep a locked file, or None where this machine could not lock one."""
        self._folder = folder
        self._lock = lock

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def publish(self, port: int, started: datetime) -> Instance:
        """Tell other programs where this bridge listens, and since when.

        Where the note cannot be written, the bridge goes on: clients still try all ports.
        """
        instance = Instance(pid=os.getpid(), port=port, version=VERSION, started=started)
        note = {
            "pid": instance.pid,
            "port": port,
            "version": instance.version,
            "started": started.isoformat(),
        }
        half_written = self._folder / f"{NOTE_NAME}.{instance.pid}"
        try:
            half_written.write_text(json.dumps(note), encoding="utf-8")
            half_written.replace(self._folder / NOTE_NAME)
        except OSError:
            LOG.warning("The port could not be noted for other programs.", exc_info=True)
            with contextlib.suppress(OSError):
                half_written.unlink()
        return instance

    def release(self) -> None:
        """Take the note away and let another bridge start; a second call does nothing."""
        note = _read_note(self._folder)
        if note is not None and note.pid == os.getpid():
            _remove_note(self._folder)
        if self._lock is None:
            return
        with contextlib.suppress(OSError):
            _unlock(self._lock)
        self._lock.close()
        self._lock = None


def claim_instance(folder: Path) -> Claim:
    """The right to be the only bridge that uses this folder, held until it is released.

    A machine that cannot lock (a read-only home, an old network drive) costs a warning in the log.

    Args:
        folder: ``Settings.state_folder``; another one makes a bridge beside the usual one.

    Raises:
        PortTakenError: A bridge runs already; the text says which, and what to do.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK_NAME).open("ab")
    except OSError:
        LOG.warning("Whether another bridge runs cannot be known.", exc_info=True)
        return Claim(folder, None)
    try:
        taken = _lock_patiently(lock)
    except OSError:
        LOG.warning("Whether another bridge runs cannot be known.", exc_info=True)
        lock.close()
        return Claim(folder, None)
    if not taken:
        lock.close()
        raise PortTakenError(_refusal(_read_note(folder), datetime.now().astimezone()))
    _remove_note(folder)
    return Claim(folder, lock)


def read_instance(folder: Path) -> Instance | None:
    """The bridge that runs now and has a port, or None; nothing is written.

    Args:
        folder: ``Settings.state_folder``, or that of the bridge meant.
    """
    instance = _read_note(folder)
    return instance if instance is not None and _is_locked(folder) else None


def holder_of_udp_port(port: int) -> str | None:
    """The program that holds a UDP port, as "Max (process 812)".

    None where nobody holds it or the system does not tell: programs of other users stay unknown.
    """
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            for connection in process.net_connections(kind="udp"):
                # A socket that is bound to nothing has an address without a port.
                if getattr(connection.laddr, "port", None) == port:
                    return f"{process.name()} (process {process.pid})"
    return None


def _refusal(running: Instance | None, now: datetime) -> str:
    if running is None:
        return (
            "Another Clipbridge is just starting or stopping."
            " Wait a moment; if it stays so, end the other one and start again."
        )
    return (
        f"Clipbridge is already running (process {running.pid}, port {running.port},"
        f" since {_since(running.started, now)}). You can use it as it is: devices find it by"
        " themselves. To start another, stop that one first: press Ctrl+C where it was started,"
        f" or end process {running.pid}."
    )


def _since(started: datetime, now: datetime) -> str:
    here = started.astimezone(now.tzinfo)
    return f"{here:%H:%M}" if here.date() == now.date() else f"{here:%H:%M on %Y-%m-%d}"


def _read_note(folder: Path) -> Instance | None:
    try:
        note: object = json.loads((folder / NOTE_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    match note:
        case {"pid": int(pid), "port": int(port), "version": str(version), "started": str(text)}:
            with contextlib.suppress(ValueError):
                return Instance(pid, port, version, datetime.fromisoformat(text))
    return None


def _remove_note(folder: Path) -> None:
    with contextlib.suppress(OSError):
        (folder / NOTE_NAME).unlink()


def _is_locked(folder: Path) -> bool:
    try:
        with (folder / LOCK_NAME).open("r+b") as lock:
            if not _lock_at_once(lock):
                return True
            _unlock(lock)
            return False
    except FileNotFoundError:
        return False
    except OSError:
        # Where nothing can be locked, the note is the best that is known.
        return True


def _lock_patiently(lock: BinaryIO) -> bool:
    never = threading.Event()
    return any(_lock_at_once(lock) or never.wait(TRY_AGAIN_S) for _ in range(TRIES))


if sys.platform == "win32":
    import msvcrt

    def _lock_at_once(lock: BinaryIO) -> bool:
        lock.seek(0)  # Windows locks from where the file stands.
        try:
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def _unlock(lock: BinaryIO) -> None:
        lock.seek(0)
        msvcrt.locking(lock.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock_at_once(lock: BinaryIO) -> bool:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def _unlock(lock: BinaryIO) -> None:
        fcntl.flock(lock, fcntl.LOCK_UN)
