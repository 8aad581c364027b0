"""The journal: what the bridge did, one JSON object a line, for whoever looks for a fault later.

Any module writes through the standard library::

    logging.getLogger(__name__).info("A take was made.", extra={"request": 7, "seconds": 0.12})

What a musician plays stays out of it: only the fields named in ``FIELDS`` are written, and a value
that is not a plain word or number (a clip, a note, a list of them) is written as its kind alone.
Whoever logs keeps clip names out of the text.
"""

import contextlib
import json
import logging
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from numbers import Integral, Real
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeAlias

from rich.console import Console
from rich.logging import RichHandler

FILE_NAME: Final = "clipbridge.log"
FILE_BYTES: Final = 1_000_000
FILES_KEPT: Final = 5

FIELDS: Final = (
    "request",
    "client",
    "session",
    "tool",
    "takes",
    "notes",
    "seed",
    "model",
    "provider",
    "code",
    "seconds",
    "queue",
    "port",
    "pid",
    "version",
    "count",
    "reason",
    "protocol",
)
"""The extra fields that are written, in this order; ``notes`` is their number."""

Plain: TypeAlias = str | int | float | bool | None


class Journal:
    """The open journal; made by :func:`open_journal`, ended by :meth:`close`."""

    def __init__(
        self, level: int, handlers: tuple[logging.Handler, ...], file: Path | None
    ) -> None:
        """Send what all modules of the bridge log to the handlers."""
        self.file: Final = file
        """The file that is written, or None where the folder could not be written."""
        self._handlers = handlers
        self._logger = logging.getLogger("bridge")
        self._former_level = self._logger.level
        self._logger.setLevel(level)
        for handler in handlers:
            self._logger.addHandler(handler)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write what is left and let go of the file; a second call does nothing."""
        for handler in self._handlers:
            self._logger.removeHandler(handler)
            # A full disk refuses the last line once more; the end must come all the same.
            with contextlib.suppress(OSError):
                handler.close()
        self._handlers = ()
        self._logger.setLevel(self._former_level)


def open_journal(
    folder: Path, *, level: str, screen: Console | None = None, warnings: Console | None = None
) -> Journal:
    """A journal in the folder, which is made where it is missing.

    A folder that cannot be written costs the file, not the bridge: one warning is shown, and what
    goes to the screen still does.

    Args:
        folder: Where ``clipbridge.log`` and its predecessors lie.
        level: ``debug``, ``info``, ``warning`` or ``error``: the least that is kept.
        screen: Where short lines are shown, usually stderr; None for none.
        warnings: Where faults of the journal itself are shown; None for stderr.
    """
    warnings = warnings or screen or Console(stderr=True)
    handlers: list[logging.Handler] = []
    if screen is not None:
        handlers.append(_screen_handler(screen))
    file: Path | None = folder / FILE_NAME
    try:
        handlers.append(_file_handler(folder, warnings))
    except OSError as fault:
        _warn(warnings, folder, fault)
        file = None
    return Journal(logging.getLevelNamesMapping()[level.upper()], tuple(handlers), file)


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time (UTC), level, subject, event, fields, error."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, Plain] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "subject": _subject(record),
            "event": _event(record),
        }
        line |= _fields(record)
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class ShortLines(logging.Formatter):
    """A record as a line to read: event, fields, and of an error its last words only."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; time and level stand before it already."""
        fields = ", ".join(f"{name} {value}" for name, value in _fields(record).items())
        line = f"{_event(record)} ({fields})" if fields else _event(record)
        if record.exc_info and record.exc_info[1] is not None:
            fault = record.exc_info[1]
            line += f" [{type(fault).__name__}: {fault}]"
        return line


class _PatientFile(RotatingFileHandler):
    """The log file, which warns once when the disk is full or gone and tries on in silence."""

    def __init__(self, file: Path, warnings: Console) -> None:
        super().__init__(
            file,
            maxBytes=FILE_BYTES,
            backupCount=FILES_KEPT - 1,
            encoding="utf-8",
            errors="backslashreplace",
        )
        self._warnings = warnings
        self._warned = False
        self.rotator = _rename_or_grow

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Say it once; logging itself would print a traceback for every line."""
        del record
        if not self._warned:
            self._warned = True
            _warn(self._warnings, Path(self.baseFilename).parent, None)


def _file_handler(folder: Path, warnings: Console) -> logging.Handler:
    folder.mkdir(parents=True, exist_ok=True)
    handler = _PatientFile(folder / FILE_NAME, warnings)
    handler.setFormatter(JsonLines())
    return handler


def _screen_handler(screen: Console) -> logging.Handler:
    handler = RichHandler(
        console=screen, show_path=False, log_time_format="%H:%M:%S", omit_repeated_times=False
    )
    handler.setFormatter(ShortLines())
    return handler


def _rename_or_grow(source: str, destination: str) -> None:
    # Windows renames no file that another program reads; better a long file than a lost line.
    try:
        Path(source).replace(destination)
    except OSError:
        return


def _warn(warnings: Console, folder: Path, fault: OSError | None) -> None:
    why = f": {fault.strerror}" if fault is not None and fault.strerror else ""
    warnings.print(
        f"The log cannot be written to {folder}{why}. The bridge goes on without it;"
        " --log-folder chooses another place.",
        style="yellow",
        markup=False,
        highlight=False,
    )


def _subject(record: logging.LogRecord) -> str:
    return record.name.removeprefix("bridge.")


def _event(record: logging.LogRecord) -> str:
    arguments = record.args
    text = str(record.msg)
    if not arguments:
        return text
    try:
        if isinstance(arguments, Mapping):
            return text % {name: _plain(value) for name, value in arguments.items()}
        return text % tuple(_plain(value) for value in arguments)
    except (TypeError, ValueError, KeyError):
        # A slip in a log call must not cost the job that made it.
        return text


def _fields(record: logging.LogRecord) -> dict[str, Plain]:
    given = vars(record)
    return {name: _plain(given[name]) for name in FIELDS if given.get(name) is not None}


def _plain(value: object) -> Plain:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        number = float(value)
        return number if math.isfinite(number) else str(number)
    if isinstance(value, Path | BaseException):
        return str(value)
    return f"<{type(value).__name__}>"
