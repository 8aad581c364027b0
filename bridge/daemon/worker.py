"""Where models run: a process of its own, so that a crash inside a model costs one job only.

:func:`run_worker` is the child's whole life, :class:`ProcessWorker` the parent's hold on it. The
child gets clips and requests and gives replies, in the messages of the protocol.
"""

import contextlib
import logging
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Final, Protocol

import psutil

from bridge.daemon.dispatch import answer
from bridge.daemon.frames import read_frames, write_frames
from bridge.engine.cancel import Cancel
from bridge.errors import BadRequestError, BridgeError
from bridge.music.clip import Clip
from bridge.osc.message import OscMessage
from bridge.protocol import wire
from bridge.protocol.assembly import Assembly
from bridge.protocol.messages import (
    Cancel as CancelRequest,
)
from bridge.protocol.messages import (
    ClipBegin,
    ClipEnd,
    ClipNotes,
    Reply,
    StatusReply,
    ToolRequest,
)
from bridge.tools.registry import Stage

_log = logging.getLogger(__name__)

MEGABYTE: Final = 2**20
FAREWELL_S: Final = 2.0
"""How long a worker may take to end when it is asked to."""


class WorkerDiedError(Exception):
    """The worker is gone; whatever it did is lost. Never leaves the daemon."""


class Worker(Protocol):
    """Somebody who plays one request at a time."""

    @property
    def is_alive(self) -> bool:
        """Whether it can still play."""
        ...

    def begin(self, request: ToolRequest, clips: Mapping[int, Clip]) -> None:
        """Hand over a request with its clips, and return at once."""
        ...

    def next_reply(self, timeout_s: float) -> Reply | None:
        """The next reply; None if none came in time.

        A status follows the last reply of every request.

        Raises:
            WorkerDiedError: if none will come any more, however often it is asked.
        """
        ...

    def cancel(self, request_id: int) -> None:
        """Ask for the end of a request; it still ends in a reply."""
        ...

    def kill(self) -> None:
        """End the worker at once; it must still be closed."""
        ...

    def close(self) -> None:
        """End the worker, whatever it does, and give back what it held."""
        ...


class ProcessWorker:
    """A worker in a child process, started at once."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start ``command``, which must end in :func:`run_worker` on its standard streams.

        Raises:
            OSError: if the system does not start it.
        """
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self._replies: queue.Queue[Reply | None] = queue.Queue()
        self._requests: queue.Queue[Iterator[OscMessage] | None] = queue.Queue()
        process = self._process
        self._threads = (
            threading.Thread(
                target=self._speak, args=(process.stdin,), name="worker-requests", daemon=True
            ),
            threading.Thread(
                target=self._listen, args=(process.stdout,), name="worker-replies", daemon=True
            ),
            threading.Thread(
                target=_overhear, args=(process.stderr,), name="worker-log", daemon=True
            ),
        )
        for thread in self._threads:
            thread.start()

    @property
    def is_alive(self) -> bool:
        """See :class:`Worker`."""
        return self._process.poll() is None

    def begin(self, request: ToolRequest, clips: Mapping[int, Clip]) -> None:
        """See :class:`Worker`."""
        self._requests.put(_spelt_out(request, clips))

    def next_reply(self, timeout_s: float) -> Reply | None:
        """See :class:`Worker`."""
        try:
            reply = self._replies.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if reply is None:
            self._replies.put(None)
            raise WorkerDiedError(f"exit status {self._exit_status()}")
        return reply

    def cancel(self, request_id: int) -> None:
        """See :class:`Worker`."""
        self._requests.put(iter((wire.write(CancelRequest(id=request_id)),)))

    def kill(self) -> None:
        """See :class:`Worker`."""
        self._process.kill()

    def close(self) -> None:
        """See :class:`Worker`."""
        self._requests.put(None)
        self._exit_status()
        for thread in self._threads:
            thread.join()

    def _exit_status(self) -> int:
        """How it ended; where it does not end by itself, it is ended."""
        try:
            return self._process.wait(FAREWELL_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _speak(self, pipe: IO[bytes]) -> None:
        """Write requests, on a thread of its own: a worker that is not ready does not read."""
        with contextlib.suppress(OSError), pipe:  # OSError: nobody is left to read.
            while (messages := self._requests.get()) is not None:
                write_frames(pipe, messages)

    def _listen(self, pipe: IO[bytes]) -> None:
        try:
            with pipe:
                for message in read_frames(pipe):
                    self._replies.put(wire.read_reply(message))
        except BadRequestError as error:
            _log.error("the worker talks nonsense", extra={"reason": str(error)})
            self._process.kill()
        finally:
            self._replies.put(None)


def run_worker(stage: Stage, requests: IO[bytes], replies: IO[bytes]) -> None:
    """Play requests until the pipe is closed; a cancel is heard while a request is played."""
    waiting: queue.Queue[tuple[ToolRequest, dict[int, Clip], Cancel] | None] = queue.Queue()
    reader = threading.Thread(
        target=_read_requests, args=(requests, waiting), name="worker-requests", daemon=True
    )
    reader.start()
    while (job := waiting.get()) is not None:
        request, clips, cancel = job
        ended = answer(
            request,
            clips,
            stage,
            cancel=cancel,
            report=lambda progress: write_frames(replies, [wire.write(progress)]),
        )
        write_frames(replies, (wire.write(reply) for reply in (*ended, _status(stage))))


def _spelt_out(request: ToolRequest, clips: Mapping[int, Clip]) -> Iterator[OscMessage]:
    for clip_id, clip in clips.items():
        for message in wire.clip_messages(clip_id, clip):
            yield wire.write(message)
    yield wire.write(request)


def _overhear(pipe: IO[bytes]) -> None:
    """What the worker says to people goes into the bridge's log."""
    with pipe:
        for line in pipe:
            _log.info("worker: %s", line.decode(errors="replace").rstrip())


def _read_requests(
    requests: IO[bytes], waiting: "queue.Queue[tuple[ToolRequest, dict[int, Clip], Cancel] | None]"
) -> None:
    clips: dict[int, Clip] = {}
    assemblies: dict[int, Assembly] = {}
    cancels: dict[int, Cancel] = {}
    try:
        for message in read_frames(requests):
            match wire.read(message):
                case (ClipBegin() | ClipNotes() | ClipEnd()) as part:
                    whole = assemblies.setdefault(part.clip, Assembly()).accept(part)
                    if isinstance(whole, Clip):
                        clips[part.clip] = whole
                        del assemblies[part.clip]
                case ToolRequest() as request:
                    cancels = {request.id: Cancel()}
                    waiting.put((request, clips, cancels[request.id]))
                    clips = {}
                case CancelRequest() as called_off:
                    if called_off.id in cancels:
                        cancels[called_off.id].cancel()
    except BridgeError as error:
        _log.error("the bridge talks nonsense", extra={"reason": str(error)})
    finally:  # There is no more to do, whoever is at fault.
        for cancel in cancels.values():
            cancel.cancel()
        waiting.put(None)


def _status(stage: Stage) -> StatusReply:
    loaded = stage.catalog.loaded()
    return StatusReply(
        state="ready",
        queued=0,
        running=0,
        model=loaded[-1].manifest.name if loaded else "",
        provider=loaded[-1].provider if loaded else "",
        memory_mb=psutil.Process().memory_info().rss // MEGABYTE,
        uptime_s=0,
    )


def take_over_standard_output() -> IO[bytes]:
    """The process's standard output for replies alone; what others print goes to the errors.

    Native libraries print to file descriptor 1, which would break the frames.
    """
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return replies
