"""Stand-ins for what is slow or cannot be timed, held to the contracts of the real things."""

import queue
import threading

from bridge.daemon.worker import WorkerDiedError
from bridge.errors import CancelledError
from bridge.music.clip import Take
from bridge.protocol.messages import Done, StatusReply
from bridge.protocol.wire import fail, take_messages

IDLE = StatusReply(
    state="ready", queued=0, running=0, model="groove", provider="cpu", memory_mb=1, uptime_s=0
)


class ManualClock:
    """Seconds that pass when a test says so."""

    def __init__(self, now=0.0):
        self._now = now
        self._lock = threading.Lock()

    def __call__(self):
        with self._lock:
            return self._now

    def advance(self, seconds):
        with self._lock:
            self._now += seconds


class FakeWorker:
    """A :class:`bridge.daemon.worker.Worker` without a model.

    A request with the amount 0 it plays as every worker must: takes that are the clip. Any other it
    holds until the test says what becomes of it, or it is cancelled.
    """

    def __init__(self, *, is_deaf=False):
        self.begun = queue.Queue()
        """The requests it was given, with their clips."""
        self.cancels = queue.Queue()
        """The ids that it was asked to end."""
        self.is_deaf = is_deaf
        """It does not stop when it is asked to."""
        self.is_alive = True
        self.is_closed = False
        self._held = None
        self._lock = threading.RLock()
        """Of what it does: the queue's thread and the test's both decide it."""
        self._replies = queue.Queue()

    def begin(self, request, clips):
        self.begun.put((request, clips))
        with self._lock:
            self._held = request
            if request.amount == 0:
                self.finish(request, clips[request.clip])

    def next_reply(self, timeout_s):
        try:
            reply = self._replies.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if reply is None:
            self._replies.put(None)
            raise WorkerDiedError("the test said so")
        return reply

    def cancel(self, request_id):
        self.cancels.put(request_id)
        with self._lock:
            if self._held is not None and self._held.id == request_id and not self.is_deaf:
                self._held = None
                self.say(fail(request_id, CancelledError("It was cancelled.")), IDLE)

    def kill(self):
        if self.is_alive:
            self.is_alive = False
            self._replies.put(None)

    def close(self):
        self.kill()
        self.is_closed = True

    def say(self, *replies):
        """Reply so, whatever was asked; the dead are silent."""
        if self.is_alive:
            for reply in replies:
                self._replies.put(reply)

    def finish(self, request, clip):
        """End a request well, if it has not ended: every take is the clip."""
        with self._lock:
            if self._held != request:
                return
            self._held = None
            for index in range(request.takes):
                take = Take(index, request.seed + index, clip)
                self.say(*take_messages(request.id, take, request.takes))
            self.say(Done(id=request.id, takes=request.takes), IDLE)


class Agency:
    """Hires out fake workers, and remembers them."""

    def __init__(self, make=FakeWorker):
        self._make = make
        self.hired = queue.Queue()
        """Every worker, in turn, for the test to take."""
        self.is_shut = False
        """It has nobody; the system is out of memory, say."""

    def __call__(self):
        if self.is_shut:
            raise OSError("out of memory")
        worker = self._make()
        self.hired.put(worker)
        return worker
