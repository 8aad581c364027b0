"""Bridges to test with: a service in a thread of this process, or a whole daemon in another."""

import contextlib
import threading

from bridge.commands.options import worker_command
from bridge.daemon.caller import Caller
from bridge.daemon.service import Service
from bridge.daemon.settings import Settings
from bridge.daemon.worker import ProcessWorker
from bridge.engine.catalog import Catalog
from bridge.osc.endpoint import open_endpoint

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
def running_service(hire, settings, **choices):
    """A service that answers while this lasts; gives it and its port."""
    endpoint = open_endpoint(0)
    folders = [settings.models] if settings.models else []
    service = Service(endpoint, Catalog(folders, provider="cpu"), hire, settings, **choices)
    stop = threading.Event()
    thread = threading.Thread(target=service.run, args=(stop,), name="service")
    thread.start()
    try:
        yield service, endpoint.port
    finally:
        stop.set()
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
    while not (heard and isinstance(heard[-1], ends)):
        reply = caller.next_reply(LIMIT_S)
        assert reply is not None, f"silence after {heard}"
        heard.append(reply)
    return heard
