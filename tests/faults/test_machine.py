"""Whole daemons that are stopped, killed, started again, and kept in folders with odd names."""

import signal
import sys
import time

import psutil
import pytest

from bridge.daemon.instance import read_instance
from bridge.music.clip import Clip, Note
from bridge.protocol.messages import Accepted, ByeReply, Done, Fail, Groove, Progress
from tests.daemon.running import LIMIT_S, calling, replies_until, running_daemon, settings_in
from tests.tiny_models import write_slow_model, write_tiny_model

BEAT = Clip(tuple(Note(36 + index % 9, index * 5_040, 2_520) for index in range(32)), 161_280)

ODD_NAME = "Live Set [1]! @ 50% Ünïcödé 🥁 & Söhne"

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


@pytest.fixture
def endless(tmp_path):
    folder = tmp_path / ODD_NAME
    return settings_in(folder, write_slow_model(folder / "models")), folder / "state"


def under_way(caller):
    caller.send_clip(1, BEAT)
    caller.send(Groove(id=2, clip=1))
    replies_until(caller, Accepted)
    replies_until(caller, Progress)


def require_end(processes):
    """All of them end soon; one that only waits to be asked how it ended has ended."""
    assert processes
    until = time.monotonic() + LIMIT_S
    while not all(has_ended(each) for each in processes):
        assert time.monotonic() < until
        psutil.wait_procs(processes, 0.05)


def has_ended(process):
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def children(process):
    return psutil.Process(process.pid).children(recursive=True)


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_daemon_that_is_asked_to_stop_ends_its_jobs_says_bye_and_leaves_nothing(endless, number):
    settings, folder = endless
    with running_daemon(settings, folder) as (process, port), calling(port) as caller:
        under_way(caller)
        workers = children(process)
        process.send_signal(number)
        heard = replies_until(caller, ByeReply)
        ends = [reply for reply in heard if isinstance(reply, Done | Fail)]
        assert [(end.id, end.code) for end in ends] == [(2, "cancelled")]
        assert process.wait(LIMIT_S) == 0
        require_end(workers)
        assert read_instance(folder) is None


@posix
def test_the_worker_of_a_daemon_that_was_killed_does_not_live_on(endless):
    settings, folder = endless
    with running_daemon(settings, folder) as (process, port), calling(port) as caller:
        under_way(caller)
        workers = children(process)
        process.kill()
        process.wait(LIMIT_S)
        require_end(workers)


def test_another_daemon_gives_the_same_takes_and_another_session(tmp_path):
    folder = tmp_path / ODD_NAME
    settings = settings_in(folder, write_tiny_model(folder / "models"))
    sessions, takes = set(), []
    for _ in range(2):
        with running_daemon(settings, folder / "state") as (_, port), calling(port) as caller:
            sessions.add(caller.hello("test").session)
            caller.send_clip(1, BEAT)
            takes.append(caller.takes(Groove(id=2, clip=1, takes=2, seed=5)))
    assert takes[0] == takes[1]
    assert takes[0][0].clip != BEAT
    assert len(sessions) == 2
