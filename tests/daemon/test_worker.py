"""What every worker owes, held against the real one and the fake; and what is the real one's."""

import contextlib
import os
import signal
import sys
import threading
import time

import pytest

from bridge.commands.options import worker_command
from bridge.daemon.frames import read_frames, write_frames
from bridge.daemon.worker import ProcessWorker, WorkerDiedError, run_worker
from bridge.engine.catalog import Catalog
from bridge.music.clip import Clip, Note, Take
from bridge.music.drumkit import GENERAL_MIDI
from bridge.osc.message import OscMessage
from bridge.protocol.messages import Cancel, Done, Fail, Groove, Progress, StatusReply
from bridge.protocol.wire import clip_messages, read_reply, take_messages, write
from bridge.tools.registry import Stage
from tests.daemon.running import LIMIT_S, settings_in
from tests.fakes import FakeWorker
from tests.tiny_models import write_slow_model, write_tiny_model

BEAT = Clip(
    tuple(Note(36 + index % 3, index * 5_040, 2_520, note_id=index + 1) for index in range(50)),
    50 * 5_040,
)
UNCHANGED = Groove(id=7, clip=3, takes=2, seed=5, amount=0)
ENDLESS = Groove(id=8, clip=3)


@pytest.fixture(scope="module")
def slow_settings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slow")
    return settings_in(folder, write_slow_model(folder / "models"))


@pytest.fixture(params=["real", "fake"])
def worker(request):
    if request.param == "fake":
        made = FakeWorker()
    else:
        made = ProcessWorker(worker_command(request.getfixturevalue("slow_settings")))
    with contextlib.closing(made):
        yield made


def replies(worker, until=StatusReply):
    """All that the worker says up to and with a reply of a kind."""
    heard = []
    before = time.monotonic()
    while not (heard and isinstance(heard[-1], until)):
        reply = worker.next_reply(0.5)
        if reply is not None:
            heard.append(reply)
        assert time.monotonic() - before < LIMIT_S, f"nothing after {heard}"
    return heard


def without_progress(heard):
    return [reply for reply in heard if not isinstance(reply, Progress)]


def test_a_worker_plays_one_request_after_another_and_says_when_it_is_free(worker):
    for seed in (5, 9):
        request = Groove(id=seed, clip=3, takes=2, seed=seed, amount=0)
        worker.begin(request, {3: BEAT})
        *takes, done, status = without_progress(replies(worker))
        assert takes == [
            message
            for index in range(2)
            for message in take_messages(seed, Take(index, seed + index, BEAT), 2)
        ]
        assert done == Done(id=seed, takes=2)
        assert status.state == "ready"
    assert worker.is_alive


def test_a_worker_says_nothing_when_it_has_nothing_to_say(worker):
    assert worker.next_reply(0.0) is None
    worker.begin(UNCHANGED, {3: BEAT})
    replies(worker)
    assert worker.next_reply(0.05) is None


def test_a_cancelled_request_ends_in_a_fail_and_the_next_is_played(worker):
    worker.begin(ENDLESS, {3: BEAT})
    worker.cancel(99)  # Nobody's.
    assert (
        without_progress([worker.next_reply(0.05) or Progress(id=8, fraction=0, state="loading")])
        == []
    )
    worker.cancel(ENDLESS.id)
    (failed, _) = without_progress(replies(worker))
    assert (failed.id, failed.code) == (ENDLESS.id, "cancelled")
    worker.begin(UNCHANGED, {3: BEAT})
    assert Done(id=7, takes=2) in replies(worker)


def test_a_killed_worker_says_so_each_time_it_is_asked_and_breaks_nothing(worker):
    worker.begin(ENDLESS, {3: BEAT})
    worker.kill()
    for _ in range(2):
        with pytest.raises(WorkerDiedError):
            replies(worker)
    assert not worker.is_alive
    worker.begin(UNCHANGED, {3: BEAT})
    worker.cancel(8)
    worker.kill()
    with pytest.raises(WorkerDiedError):
        replies(worker)


def test_a_worker_can_be_closed_whatever_it_does(worker):
    worker.begin(ENDLESS, {3: BEAT})
    began = time.monotonic()
    worker.close()
    assert time.monotonic() - began < LIMIT_S
    assert not worker.is_alive


def test_the_model_is_stopped_within_a_hundredth_of_a_second_in_the_same_process(slow_settings):
    with contextlib.closing(ProcessWorker(worker_command(slow_settings))) as worker:
        worker.begin(ENDLESS, {3: BEAT})
        replies(worker, Progress)  # loading
        worker.next_reply(0.3)  # The model is in its loop by now, or soon.
        process = worker._process.pid
        began = time.monotonic()
        worker.cancel(ENDLESS.id)
        replies(worker, Fail)
        assert time.monotonic() - began < 1.0
        assert worker._process.pid == process
        assert worker.is_alive


def test_twenty_thousand_notes_are_handed_over_at_once_to_a_worker_that_does_not_listen():
    deaf = [sys.executable, "-c", "import threading; threading.Event().wait()"]
    notes = tuple(Note(36, 10 * index, 5) for index in range(20_000))
    with contextlib.closing(ProcessWorker(deaf)) as worker:
        began = time.monotonic()
        worker.begin(ENDLESS, {3: Clip(notes, 200_000)})
        worker.cancel(ENDLESS.id)
        assert time.monotonic() - began < 0.1
        worker.kill()


@pytest.mark.parametrize(
    "words", ["'hello there, no frame'", "'[CUDA] a driver says something long' * 99"]
)
def test_a_worker_that_talks_nonsense_is_as_good_as_dead(words):
    command = [sys.executable, "-c", f"print({words}); import sys; sys.stdin.read()"]
    with contextlib.closing(ProcessWorker(command)) as worker, pytest.raises(WorkerDiedError):
        replies(worker)


def test_a_worker_that_dies_in_the_middle_of_a_word_is_noticed():
    half = (
        "import sys; sys.stdout.buffer.write(bytes([0, 0, 0, 99]) + b'/bridge/take'); sys.exit(3)"
    )
    status = pytest.raises(WorkerDiedError, match="exit status 3")
    with contextlib.closing(ProcessWorker([sys.executable, "-c", half])) as worker, status:
        replies(worker)


def test_a_program_that_cannot_be_started_is_an_error_of_the_system():
    with pytest.raises(FileNotFoundError):
        ProcessWorker(["no-such-program-anywhere"])


def test_a_worker_ends_when_the_bridge_that_started_it_is_gone(slow_settings):
    worker = ProcessWorker(worker_command(slow_settings))
    worker.begin(ENDLESS, {3: BEAT})
    replies(worker, Progress)
    worker._requests.put(None)  # What the system does with the pipe of a dead process: it ends.
    assert worker._process.wait(LIMIT_S) is not None
    worker.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to a child")
def test_ctrl_c_in_the_terminal_does_not_end_the_worker_before_the_bridge_does(slow_settings):
    with contextlib.closing(ProcessWorker(worker_command(slow_settings))) as worker:
        worker.begin(UNCHANGED, {3: BEAT})
        replies(worker)
        worker._process.send_signal(signal.SIGINT)
        worker.begin(UNCHANGED, {3: BEAT})
        assert Done(id=7, takes=2) in replies(worker)


@pytest.fixture
def stage(tmp_path):
    return Stage(
        Catalog([write_tiny_model(tmp_path)], provider="cpu"), {"general-midi": GENERAL_MIDI}
    )


@contextlib.contextmanager
def conversation(stage):
    """A worker in a thread of this process: where to speak, and what it says."""
    (their_end, our_end), (our_ear, their_mouth) = os.pipe(), os.pipe()
    with (
        os.fdopen(their_end, "rb") as requests,
        os.fdopen(our_end, "wb") as speak,
        os.fdopen(our_ear, "rb") as ear,
        os.fdopen(their_mouth, "wb") as replies,
    ):
        thread = threading.Thread(target=run_worker, args=(stage, requests, replies))
        thread.start()
        yield speak, (read_reply(message) for message in read_frames(ear))
        speak.close()
        thread.join(LIMIT_S)
        assert not thread.is_alive()


def ends(heard, requests):
    """The ends of so many requests."""
    found, statuses = [], 0
    while statuses < requests:
        reply = next(heard)
        statuses += isinstance(reply, StatusReply)
        found += [reply] if isinstance(reply, Done | Fail) else []
    return found


def say(speak, *requests):
    write_frames(speak, [write(request) for request in requests])


def test_a_clip_is_for_one_request_only(stage):
    with conversation(stage) as (speak, heard):
        say(speak, *clip_messages(3, BEAT), UNCHANGED, Groove(id=9, clip=3, amount=0))
        done, failed = ends(heard, 2)
    assert done == Done(id=7, takes=2)
    assert failed.code == "unknown-clip"


def test_a_cancel_of_another_request_changes_nothing(stage):
    with conversation(stage) as (speak, heard):
        say(speak, *clip_messages(3, BEAT), Cancel(id=7), UNCHANGED, Cancel(id=6))
        assert ends(heard, 1) == [Done(id=7, takes=2)]


def test_nonsense_from_the_bridge_ends_the_worker(stage):
    with conversation(stage) as (speak, _heard):
        write_frames(speak, [OscMessage("/bridge/nonsense")])
        say(speak, *clip_messages(3, BEAT), UNCHANGED)
