"""The queue of requests: one is played at a time, in the order in which they came."""

import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bridge.daemon.worker import Worker, WorkerDiedError
from bridge.errors import (
    BridgeError,
    BusyError,
    CancelledError,
    DeadlineError,
    ModelFailedError,
)
from bridge.music.clip import Clip
from bridge.osc.outbox import Place
from bridge.protocol.messages import Done, Fail, Progress, Reply, StatusReply, ToolRequest
from bridge.protocol.wire import fail

_log = logging.getLogger(__name__)

HEARTBEAT_S: Final = 0.2
"""Progress is told at least so often: every 250 ms, with room for the way."""

PATIENCE_S: Final = 2.0
"""How long a job that was called off may take to end before its worker is ended."""


@dataclass(frozen=True, slots=True)
class Job:
    """A request on its way, with all it needs."""

    client: Place
    """Who asked, by the place it sends from."""
    request: ToolRequest
    clips: Mapping[int, Clip]


class Jobs:
    """The queue and the thread that works it off."""

    def __init__(
        self,
        hire: Callable[[], Worker],
        deliver: Callable[[Job, Reply], None],
        *,
        deadline_s: float,
        size: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start working.

        Args:
            hire: Gives a new worker; called at once, and again when one is lost.
            deliver: Told every reply, on the thread of the queue (or of the caller of ``submit``,
                ``cancel`` and ``forget``, for a job that ends there).
            deadline_s: How long a job may run.
            size: How many jobs may wait.
            clock: Seconds, never backwards.
        """
        self._hire = hire
        self._deliver = deliver
        self._deadline_s = deadline_s
        self._size = size
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting: deque[Job] = deque()
        self._running: Job | None = None
        self._called_off: BridgeError | None = None
        self._closing = False
        self._status: StatusReply | None = None
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        with self._changed:
            return len(self._waiting)

    @property
    def running(self) -> Job | None:
        """The job that is played now."""
        with self._changed:
            return self._running

    @property
    def worker_status(self) -> StatusReply | None:
        """What the worker last said of itself; None before the first job."""
        with self._changed:
            return self._status

    def submit(self, job: Job) -> int:
        """Queue a job; how many come before it.

        A job of the same client that still waits is replaced: a musician who turns a knob wants
        the last position.

        Raises:
            BusyError: if the queue is full.
        """
        with self._changed:
            replaced = [other for other in self._waiting if other.client == job.client]
            if len(self._waiting) - len(replaced) >= self._size:
                raise BusyError(
                    f"{len(self._waiting)} requests are waiting already."
                    " Try again when some of them are done."
                )
            for other in replaced:
                self._waiting.remove(other)
            self._waiting.append(job)
            position = len(self._waiting) - 1 + (self._running is not None)
            self._changed.notify_all()
        for other in replaced:
            self._deliver(
                other,
                fail(other.request.id, CancelledError("A newer request took its place.")),
            )
        return position

    def position(self, client: Place, request_id: int) -> int | None:
        """How many jobs come before this one; None if it neither waits nor runs."""
        with self._changed:
            line = [*([self._running] if self._running else []), *self._waiting]
            return next(
                (
                    place
                    for place, job in enumerate(line)
                    if job.client == client and job.request.id == request_id
                ),
                None,
            )

    def cancel(self, client: Place, request_id: int | None = None) -> bool:
        """Call off one job, or all jobs of a client; whether there was any."""
        reason = CancelledError("The job was cancelled. Nothing was written.")
        with self._changed:
            ended = [job for job in self._waiting if _is_of(job, client, request_id)]
            for job in ended:
                self._waiting.remove(job)
            runs = self._running is not None and _is_of(self._running, client, request_id)
            if runs and self._called_off is None:
                self._called_off = reason
            self._changed.notify_all()
        for job in ended:
            self._deliver(job, fail(job.request.id, reason))
        return bool(ended) or runs

    def close(self) -> None:
        """Call off everything and end the worker; every job gets its fail."""
        reason = CancelledError("The bridge was stopped.")
        with self._changed:
            self._closing = True
            self._called_off = reason
            ended = list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
        for job in ended:
            self._deliver(job, fail(job.request.id, reason))
        self._thread.join()

    def _work(self) -> None:
        worker = self._hire()
        while (job := self._next()) is not None:
            try:
                self._play(job, worker)
            except WorkerDiedError as death:
                worker.close()
                _log.error("worker lost", extra={"request": job.request.id, "reason": str(death)})
                reason = self._called_off or ModelFailedError(
                    "The model crashed. It has been started again; if it happens once more,"
                    " run: clipbridge doctor"
                )
                worker = self._hire()
                self._deliver(job, fail(job.request.id, reason))
            with self._changed:
                self._running = None
        worker.close()

    def _next(self) -> Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            if self._closing:
                return None
            self._called_off = None
            self._running = self._waiting.popleft()
            return self._running

    def _play(self, job: Job, worker: Worker) -> None:
        """Pass on the worker's replies until the job has ended, and say something all the time."""
        began = heard = self._clock()
        progress = Progress(id=job.request.id, fraction=0.0, state="loading")
        asked_to_end: float | None = None
        worker.begin(job.request, job.clips)
        for _ in itertools.count():
            reply = worker.next_reply(HEARTBEAT_S / 4)
            now = self._clock()
            match reply:
                case StatusReply():
                    with self._changed:
                        self._status = reply
                    return
                case Progress():
                    progress = reply
                case Fail() if self._called_off is not None:
                    reply = fail(job.request.id, self._called_off)
            if reply is not None or now - heard >= HEARTBEAT_S:
                self._deliver(job, progress if reply is None else reply)
                heard = now
            if now - began > self._deadline_s and self._called_off is None:
                self._called_off = DeadlineError(
                    f"It took longer than {self._deadline_s:g} seconds and was given up."
                    " Ask for fewer takes or a shorter clip, or raise --deadline-s."
                )
            if self._called_off is not None and not isinstance(reply, Done | Fail):
                if asked_to_end is None:
                    asked_to_end = now
                    worker.cancel(job.request.id)
                elif now - asked_to_end > PATIENCE_S:
                    raise WorkerDiedError("it did not stop when it was asked to")


def _is_of(job: Job, client: Place, request_id: int | None) -> bool:
    return job.client == client and request_id in (None, job.request.id)
