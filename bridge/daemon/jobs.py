"""The queue of requests: one is played at a time, in the order in which they came."""

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
from bridge.protocol.messages import Done, Fail, Progress, Reply, StatusReply, ToolRequest
from bridge.protocol.wire import fail

_log = logging.getLogger(__name__)

HEARTBEAT_S: Final = 0.15
"""Progress is told at least so often: every 250 ms, with room for the way and a busy machine."""

GLANCE_S: Final = 0.03
"""How long the worker is listened to before anything else is looked after, such as a cancel."""

PATIENCE_S: Final = 2.0
"""How long after a job's end the worker may still be busy with it before it is ended too."""

_STOPPED: Final = "The bridge was stopped."


@dataclass(frozen=True, slots=True)
class Job:
    """A request on its way, with all it needs."""

    client: int
    """Who asked, by the number that no other client ever has."""
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
            hire: Gives a new worker, or raises OSError; called at once, and again when one is
                lost.
            deliver: Told every reply, on the thread of the queue (or of the caller of ``submit``,
                ``cancel`` and ``close``, for a job that ends there). Of a job that waits it may be
                told a progress while another thread ends the job.
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
            CancelledError: if the queue was closed.
        """
        with self._changed:
            if self._closing:
                raise CancelledError(_STOPPED)
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

    def position(self, client: int, request_id: int) -> int | None:
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

    def cancel(self, client: int, request_id: int | None = None) -> bool:
        """Call off one job, or all jobs of a client; whether there was any.

        A job that waits ends before this returns, one that runs within a glance.
        """
        reason = CancelledError("The job was cancelled. Nothing was written.")
        with self._changed:
            ended = [job for job in self._waiting if _is_of(job, client, request_id)]
            for job in ended:
                self._waiting.remove(job)
            runs = self._running is not None and _is_of(self._running, client, request_id)
            if runs:
                self._called_off = self._called_off or reason
        for job in ended:
            self._deliver(job, fail(job.request.id, reason))
        return bool(ended) or runs

    def close(self) -> None:
        """Call off everything and end the worker; every job gets its fail."""
        reason = CancelledError(_STOPPED)
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
        worker = self._hired()
        while (job := self._next()) is not None:
            if worker is not None and not worker.is_alive:
                _log.warning("worker lost while it had nothing to do")
                worker.close()
                worker = None
            worker = worker or self._hired()
            if worker is None:
                error = ModelFailedError(
                    "The system does not let the bridge start the program that runs models;"
                    " its log says why. Restart the bridge, or the computer."
                )
                self._deliver(job, fail(job.request.id, error))
            elif not self._play(job, worker):
                worker.close()
                worker = None if self._closing else self._hired()
            with self._changed:
                self._running = None
        if worker is not None:
            worker.close()

    def _hired(self) -> Worker | None:
        try:
            return self._hire()
        except OSError:
            _log.exception("no worker")
            return None

    def _next(self) -> Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            if self._closing:
                return None
            self._called_off = None
            self._running = self._waiting.popleft()
            return self._running

    def _play(self, job: Job, worker: Worker) -> bool:
        """Pass on the worker's replies until it is free again; whether it can be used again.

        Whatever the worker does, the job gets one end: when the worker says so, or at once when the
        job is called off. What the worker says after that is not passed on.
        """
        turn = _Turn(job, self._deliver, self._clock)
        comforted = self._clock()
        worker.begin(job.request, job.clips)
        while True:
            try:
                reply = worker.next_reply(GLANCE_S)
            except WorkerDiedError as death:
                _log.error("worker lost", extra={"request": job.request.id, "reason": str(death)})
                turn.end(self._called_off or _crash())
                return False
            if isinstance(reply, StatusReply):
                with self._changed:
                    self._status = reply
                turn.end(self._called_off or _crash())
                return True
            self._pass_on(reply, turn, worker)
            if self._clock() - comforted >= HEARTBEAT_S:
                self._comfort_the_waiting()
                comforted = self._clock()

    def _pass_on(self, reply: Reply | None, turn: "_Turn", worker: Worker) -> None:
        """Tell the client of the running job what there is to tell, and hold the worker to time."""
        if turn.ended is not None:
            if self._clock() - turn.ended > PATIENCE_S:
                worker.kill()
            return
        if turn.lasts() > self._deadline_s and not isinstance(reply, Done | Fail):
            self._call_off(
                DeadlineError(
                    f"It took longer than {self._deadline_s:g} seconds and was given up."
                    " Ask for fewer takes or a shorter clip, or raise --deadline-s."
                )
            )
        if self._called_off is None:
            turn.tell(reply)
        else:
            worker.cancel(turn.job.request.id)
            turn.end(self._called_off)

    def _comfort_the_waiting(self) -> None:
        with self._changed:
            waiting = tuple(self._waiting)
        for job in waiting:
            self._deliver(job, Progress(id=job.request.id, fraction=0.0, state="queued"))

    def _call_off(self, reason: BridgeError) -> None:
        """End the job that runs, unless that was done before."""
        with self._changed:
            self._called_off = self._called_off or reason


class _Turn:
    """A job while it is played, and what its client has been told of it."""

    def __init__(
        self, job: Job, deliver: Callable[[Job, Reply], None], clock: Callable[[], float]
    ) -> None:
        """Begin now."""
        self.job = job
        self._began = clock()
        self.ended: float | None = None
        """When its client was told the end."""
        self._deliver = deliver
        self._clock = clock
        self._told = self._began
        self._progress = Progress(id=job.request.id, fraction=0.0, state="loading")

    def tell(self, reply: Reply | None) -> None:
        """Pass on a reply; where there is none for long, say the last progress again."""
        now = self._clock()
        if isinstance(reply, Progress):
            self._progress = reply
        if reply is not None and self._progress.state == "sending":
            self._began = now
        if reply is not None or now - self._told >= HEARTBEAT_S:
            self._deliver(self.job, reply or self._progress)
            self._told = now
        if isinstance(reply, Done | Fail):
            self.ended = now

    def lasts(self) -> float:
        """Seconds since it began, or since the last part of its takes, which are many for some."""
        return self._clock() - self._began

    def end(self, error: BridgeError) -> None:
        """Tell the job's end, if it has not been told."""
        if self.ended is None:
            self.tell(fail(self.job.request.id, error))


def _crash() -> ModelFailedError:
    return ModelFailedError(
        "The model crashed. It has been started again; if it happens once more,"
        " run: clipbridge doctor"
    )


def _is_of(job: Job, client: int, request_id: int | None) -> bool:
    return job.client == client and request_id in (None, job.request.id)
