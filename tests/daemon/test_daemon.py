"""Real clips over real UDP to a real worker process with a real, if tiny, model."""

import itertools
import os
import signal
import socket
import sys
import time
from collections import defaultdict

import pytest

from bridge.daemon.worker import WorkerDiedError
from bridge.music.clip import Clip, Note
from bridge.osc.endpoint import HOST
from bridge.osc.message import decode, encode
from bridge.protocol.assembly import Assembly
from bridge.protocol.frame import Frame
from bridge.protocol.messages import (
    Accepted,
    AskStatus,
    Cancel,
    ClipReady,
    Done,
    Fail,
    Groove,
    Hello,
    Progress,
    StatusReply,
    TakeBegin,
    TakeEnd,
    TakeNotes,
)
from bridge.protocol.wire import clip_messages, read_reply, write
from tests.daemon.random_clips import random_clip
from tests.daemon.running import (
    LIMIT_S,
    Staff,
    calling,
    replies_until,
    running_service,
    settings_in,
)
from tests.tiny_models import write_slow_model, write_tiny_model

BEAT = Clip(
    tuple(Note(36 + index % 9, index * 5_040, 2_520, note_id=index + 1) for index in range(45)),
    45 * 5_040,
    numerator=7,
    denominator=8,
)
CLIPS = 1_000


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    return settings_in(folder, write_tiny_model(folder / "models"))


@pytest.fixture(scope="module")
def port(tiny):
    with running_service(Staff(tiny), tiny) as (_, port):
        yield port


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    """The port of a bridge whose model never ends, and its workers."""
    folder = tmp_path_factory.mktemp("slow")
    settings = settings_in(folder, write_slow_model(folder / "models"))
    staff = Staff(settings)
    with running_service(staff, settings) as (_, port):
        yield port, staff


def test_a_thousand_clips_come_back_identical_in_every_field(port):
    came = 0
    with calling(port) as caller:
        for seed in range(CLIPS):
            clip = random_clip(seed, most_notes=90 if seed % 9 == 0 else 30)
            takes = 2 if seed % 5 == 0 else 1
            caller.send_clip(2 * seed + 1, clip)
            caller.send(
                Groove(id=2 * seed + 2, clip=2 * seed + 1, takes=takes, amount=0, seed=seed)
            )
            heard = replies_until(caller, Done, Fail)
            assert isinstance(heard[-1], Done)
            begins = [reply for reply in heard if isinstance(reply, TakeBegin)]
            assert [begin.frame for begin in begins] == [Frame.of(clip)] * takes
            assert [begin.seed for begin in begins] == [seed + index for index in range(takes)]
            assert takes_in(heard) == [clip] * takes
            came += takes
    assert came == CLIPS * 6 // 5


def takes_in(heard):
    """The takes that came whole, in their order."""
    assemblies = defaultdict(Assembly)
    parts = [reply for reply in heard if isinstance(reply, TakeBegin | TakeNotes | TakeEnd)]
    results = [assemblies[part.take].accept(part) for part in parts]
    return [result for result in results if isinstance(result, Clip)]


def datagrams_of_takes(port, clip, request):
    """The very bytes that a client gets as the takes of a request."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind((HOST, 0))
        client.settimeout(LIMIT_S)
        client.connect((HOST, port))
        client.send(encode(write(Hello(reply_port=0, client="bytes", protocol=1))))
        packets = []
        for messages, end in ((clip_messages(request.clip, clip), ClipReady), ([request], Done)):
            for message in messages:
                client.send(encode(write(message)))
            reply = None
            while not isinstance(reply, end):
                packets.append(client.recv(2_048))
                (message,) = decode(packets[-1])
                reply = read_reply(message)
                assert not isinstance(reply, Fail)
        return [packet for packet in packets if packet.startswith(b"/bridge/take/")]


def test_the_same_request_gives_the_same_bytes_twice_and_after_a_restart(tiny, port):
    request = Groove(id=2, clip=1, takes=3, seed=11, temperature=1.5)
    first = datagrams_of_takes(port, BEAT, request)
    assert len(first) == 3 * (1 + 3 + 1)
    assert datagrams_of_takes(port, BEAT, request) == first
    with running_service(Staff(tiny), tiny) as (_, other_port):
        assert datagrams_of_takes(other_port, BEAT, request) == first
    other_seed = Groove(id=2, clip=1, takes=3, seed=12, temperature=1.5)
    assert datagrams_of_takes(port, BEAT, other_seed) != first


def test_twenty_thousand_notes_go_in_and_come_back(port):
    notes = tuple(
        Note(36 + index % 9, 500 * index, 250, velocity=1 + index % 127) for index in range(20_000)
    )
    clip = Clip(notes, 20_000 * 500)
    told = []
    with calling(port) as caller:
        caller.send_clip(1, clip)
        (take,) = caller.takes(
            Groove(id=2, clip=1, takes=1), lambda reply: told.append((time.monotonic(), reply))
        )
    assert [note.pitch for note in take.clip.notes] == [note.pitch for note in notes]
    assert [note.duration for note in take.clip.notes] == [note.duration for note in notes]
    assert take.clip != clip
    assert len(told) > 3


def begun(caller, request_id):
    """Have an endless request run in its worker."""
    caller.send_clip(1, BEAT)
    caller.send(Groove(id=request_id, clip=1))
    replies_until(caller, Accepted)
    # Past the start of the process the model is loaded in no time and goes round in its loop.
    while not replies_until(caller, Progress):
        pass


def end_of(caller, request_id):
    reply = None
    while not (isinstance(reply, Done | Fail) and reply.id == request_id):
        (*_, reply) = replies_until(caller, Done, Fail)
    return reply


def test_a_cancel_is_answered_at_once_and_the_same_worker_plays_on(slow):
    port, staff = slow
    with calling(port) as caller:
        caller.send_clip(1, BEAT)
        caller.takes(Groove(id=1, clip=1, takes=1, amount=0))  # It runs and is warm.
        process = staff.hired[-1]._process
        waits = []
        for request_id in range(2, 7):
            begun(caller, request_id)
            before = time.monotonic()
            caller.send(Cancel(id=request_id))
            assert end_of(caller, request_id).code == "cancelled"
            waits.append(time.monotonic() - before)
            caller.takes(Groove(id=100 + request_id, clip=1, takes=1, amount=0))
        assert sorted(waits)[2] < 0.1
        assert staff.hired[-1]._process is process
        assert process.poll() is None


def test_progress_comes_all_the_time_while_the_model_says_nothing(slow):
    port, _ = slow
    with calling(port) as caller:
        begun(caller, 1)
        times = []
        while len(times) < 6:
            replies_until(caller, Progress)
            times.append(time.monotonic())
        gaps = sorted(late - early for early, late in itertools.pairwise(times))
        assert gaps[2] < 0.25  # The median: one may be late on a busy machine.


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_worker_that_is_killed_costs_one_job(slow):
    port, staff = slow
    with calling(port) as caller:
        begun(caller, 1)
        process = staff.hired[-1]._process
        os.kill(process.pid, signal.SIGKILL)
        end = end_of(caller, 1)
        assert end.code == "model-failed"
        assert caller.takes(Groove(id=2, clip=1, takes=1, amount=0))[0].clip == BEAT
        assert staff.hired[-1]._process is not process
    with pytest.raises(WorkerDiedError):
        staff.hired[-2].next_reply(LIMIT_S)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGSTOP")
def test_a_worker_that_hangs_is_ended_and_the_next_job_is_played(slow):
    port, staff = slow
    with calling(port) as caller:
        begun(caller, 1)
        os.kill(staff.hired[-1]._process.pid, signal.SIGSTOP)
        before = time.monotonic()
        caller.send(Cancel(id=1))
        assert end_of(caller, 1).code == "cancelled"
        assert time.monotonic() - before < 1.0
        assert caller.takes(Groove(id=2, clip=1, takes=1, amount=0))[0].clip == BEAT


def test_a_job_beyond_its_deadline_is_given_up_and_the_next_is_played(tmp_path):
    settings = settings_in(tmp_path, write_slow_model(tmp_path / "models"), deadline_s=1.0)
    with running_service(Staff(settings), settings) as (_, port), calling(port) as caller:
        caller.send_clip(1, BEAT)
        caller.send(Groove(id=1, clip=1))
        assert end_of(caller, 1).code == "timeout"
        assert caller.takes(Groove(id=2, clip=1, takes=1, amount=0))[0].clip == BEAT


def test_the_bridge_answers_within_a_second_while_its_worker_is_starting(tiny):
    before = time.monotonic()
    with running_service(Staff(tiny), tiny) as (_, port), calling(port) as caller:
        assert caller.ask(AskStatus(), StatusReply).state == "ready"
        assert time.monotonic() - before < 1.0
