"""Bridges to test with: a service in a thread of this process, or a whole daemon in another."""

import contextlib
import queue
import subprocess
import threading
import time

from bridge.commands.options import private_serve_command, worker_command
from bridge.daemon.caller import Caller
from bridge.daemon.instance import read_instance
from bridge.daemon.service import Service
from bridge.daemon.settings import Settings
from bridge.daemon.worker import ProcessWorker
from bridge.engine.catalog import Catalog
from bridge.osc.endpoint import HOST, Arrival, open_endpoint
from bridge.protocol.messages import PROTOCOL, ByeReply, Hello
from bridge.protocol.wire import read_reply, write

LIMIT_S = 20.0
"""Nothing takes so long; only a test that fails waits for it."""


def settings_in(folder, models=None, **choices):
    """Settings that keep all that is written in a folder of the test's."""
    places = {
        name: folder / name
        for name in ("log_folder", "data_folder", "cache_folder", "state_folder")
    }
    return Settings(port=0, provider="cpu", models=models, **places, **choices)


@contextlib.contextmanager
def running_service(hire, settings, *, catalog=None):
    """A service that answers while this lasts; gives it and its port."""
    endpoint = open_endpoint(0)
    folders = [settings.models] if settings.models else []
    models = catalog or Catalog(folders, provider="cpu")
    service = Service(endpoint, models, hire, settings)
    stop = threading.Event()
    thread = threading.Thread(target=service.run, args=(stop,), name="service")
    thread.start()
    try:
        yield service, endpoint.port
    finally:
        stop.set()
        # A word that it passes over, so that it need not wait for one.
        endpoint.arrivals.put(Arrival(write(ByeReply()), endpoint.place))
        thread.join(LIMIT_S)
        service.close()


class Staff:
    """Hires real workers and remembers them."""

    def __init__(self, settings):
        self._command = worker_command(settings)
        self.hired = []

    def __call__(self):
        worker = ProcessWorker(self._command)
        self.hired.append(worker)
        return worker


@contextlib.contextmanager
def calling(port, name="test"):
    """A client that has said hello."""
    with Caller(port, patience_s=LIMIT_S) as caller:
        caller.hello(name)
        yield caller


def replies_until(caller, *ends):
    """All that the bridge says up to and with a reply of these kinds."""
    heard = []
    until = time.monotonic() + LIMIT_S
    while not (heard and isinstance(heard[-1], ends)):
        reply = caller.next_reply(until - time.monotonic())
        assert reply is not None, f"not in time; it ended with {heard[-4:]}"
        heard.append(reply)
    return heard


@contextlib.contextmanager
def running_daemon(settings, folder):
    """A whole daemon in a process of its own; gives the process and its port."""
    folder.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        private_serve_command(settings, folder), stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        until = time.monotonic() + LIMIT_S
        while (instance := read_instance(folder)) is None:
            assert process.poll() is None, process.stderr.read().decode()
            assert time.monotonic() < until
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.02)
        yield process, instance.port
    finally:
        process.stdin.close()
        try:
            process.wait(LIMIT_S)
        finally:
            process.kill()
            process.wait()
            process.stderr.close()


class MaxDevice:
    """A client as Max is one: it sends from one socket and listens on another."""

    def __init__(self, port):
        self._bridge = (HOST, port)
        self._mouth = open_endpoint(0)
        self._ear = open_endpoint(0)

    def __enter__(self):
        return self

    def __exit__(self, *fault):
        self._mouth.close()
        self._ear.close()

    @property
    def reply_port(self):
        return self._ear.port

    def hello(self, name="Max", protocol=PROTOCOL):
        self.send(Hello(reply_port=self.reply_port, client=name, protocol=protocol))

    def send(self, *requests):
        self._mouth.send([write(request) for request in requests], self._bridge)

    def send_from_elsewhere(self, *requests):
        """Each message from a socket of its own, as oscsend does."""
        for request in requests:
            with open_endpoint(0) as mouth:
                mouth.send([write(request)], self._bridge)

    def reload(self):
        """Another socket to send from, the same to listen on."""
        self._mouth.close()
        self._mouth = open_endpoint(0)

    def next_reply(self, timeout_s=LIMIT_S):
        try:
            arrival = self._ear.arrivals.get(timeout=timeout_s)
        except queue.Empty:
            return None
        return read_reply(arrival.content)

    def is_answered_at_its_mouth(self):
        return not self._mouth.arrivals.empty()
