"""A way to call off work that is under way, from another thread."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from bridge.errors import CancelledError


class Cancel:
    """Once cancelled it stays so; whoever works asks it between steps."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._cancelled = False
        self._stop: Callable[[], None] | None = None

    @property
    def cancelled(self) -> bool:
        """Whether the work was called off."""
        with self._lock:
            return self._cancelled

    def cancel(self) -> None:
        """Call the work off, and stop the model that is running for it."""
        with self._lock:
            self._cancelled = True
            stop = self._stop
        if stop is not None:
            stop()

    def check(self) -> None:
        """Go on, or raise :class:`~bridge.errors.CancelledError`."""
        if self.cancelled:
            raise CancelledError("The job was cancelled. Nothing was written.")

    @contextmanager
    def stopping(self, stop: Callable[[], None]) -> Iterator[None]:
        """While this lasts, cancelling calls ``stop`` too (from the cancelling thread)."""
        self.check()
        with self._lock:
            self._stop = stop
        try:
            yield
        finally:
            with self._lock:
                self._stop = None
