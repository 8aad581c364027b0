"""The client's side alone, the bridge played by the test."""

import threading
import time

import pytest

from bridge.daemon.caller import Caller, RefusedError
from bridge.errors import DeadlineError
from bridge.music.clip import Clip, Note, Take
from bridge.osc.endpoint import open_endpoint
from bridge.protocol.messages import (
    Accepted,
    AskStatus,
    ByeReply,
    ClipBegin,
    ClipEnd,
    ClipNotes,
    ClipReady,
    Done,
    Fail,
    Groove,
    Progress,
    StatusReply,
    Sync,
    Synced,
)
from bridge.protocol.wire import read, take_messages, write
from tests.daemon.running import LIMIT_S

BEAT = Clip((Note(36, 0, 5_040), Note(38, 20_160, 5_040)), 80_640)
STATUS = StatusReply(
    state="ready", queued=0, running=0, model="", provider="", memory_mb=1, uptime_s=0
)


class PlayedBridge:
    """An endpoint that answers each kind of request as a test says."""

    def __init__(self, answers):
        self._answers = answers
        self._endpoint = open_endpoint(0)
        self.heard = []
        self._thread = threading.Thread(target=self._run)
        self._stop = threading.Event()

    @property
    def port(self):
        return self._endpoint.port

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *fault):
        self._stop.set()
        with Caller(self.port) as caller:
            caller.send(Sync(id=1))
        self._thread.join(LIMIT_S)
        self._endpoint.close()

    def _run(self):
        while not self._stop.is_set():
            arrival = self._endpoint.arrivals.get(timeout=LIMIT_S)
            request = read(arrival.content)
            self.heard.append(request)
            replies = self._answers.get(type(request), [])
            self._endpoint.send([write(reply) for reply in replies], arrival.source)


def test_a_bridge_that_is_not_there_is_given_up_in_words():
    with open_endpoint(0) as nobody:
        port = nobody.port
    before = time.monotonic()
    with Caller(port, patience_s=0.2) as caller, pytest.raises(DeadlineError) as error:
        caller.hello("test")
    assert time.monotonic() - before < LIMIT_S
    assert "clipbridge serve" in str(error.value)
    assert str(port) in str(error.value)


def test_a_bridge_that_falls_silent_is_given_up():
    with PlayedBridge({}) as bridge, Caller(bridge.port, patience_s=0.2) as caller:
        with pytest.raises(DeadlineError):
            caller.send_clip(1, BEAT)
        with pytest.raises(DeadlineError):
            caller.takes(Groove(id=2, clip=1))


def test_a_bridge_that_stops_is_given_up_at_once():
    before = time.monotonic()
    stopping = PlayedBridge({Groove: [Accepted(id=2, position=0), ByeReply()]})
    given_up = pytest.raises(DeadlineError)
    with stopping as bridge, Caller(bridge.port, patience_s=60.0) as caller, given_up:
        caller.takes(Groove(id=2, clip=1))
    assert time.monotonic() - before < LIMIT_S


def test_a_fail_is_raised_with_its_code_and_text():
    fail = Fail(id=2, code="busy", text="Others are first.")
    refusing = PlayedBridge({Groove: [fail]})
    refused = pytest.raises(RefusedError, match="Others are first")
    with refusing as bridge, Caller(bridge.port) as caller, refused as error:
        caller.takes(Groove(id=2, clip=1))
    assert error.value.code == "busy"


def test_a_fail_of_an_earlier_request_does_not_end_a_later_one():
    late = Fail(id=1, code="cancelled", text="A newer request took its place.")
    take = Take(0, 7, BEAT)
    answers = {
        Groove: [Accepted(id=2, position=0), late, *take_messages(2, take, 1), Done(id=2, takes=1)],
        ClipEnd: [late, ClipReady(clip=3)],
        AskStatus: [late, STATUS],
    }
    with PlayedBridge(answers) as bridge, Caller(bridge.port) as caller:
        assert caller.takes(Groove(id=2, clip=3)) == (take,)
        caller.send_clip(3, BEAT)
        assert caller.ask(AskStatus(), StatusReply) == STATUS


def test_the_progress_is_told():
    take = Take(0, 7, BEAT)
    progress = Progress(id=2, fraction=0.5, state="working")
    others = Progress(id=1, fraction=0.25, state="working")
    answers = {
        Groove: [
            Accepted(id=2, position=3),
            others,
            progress,
            *take_messages(2, take, 1),
            Done(id=2, takes=1),
        ]
    }
    told = []
    with PlayedBridge(answers) as bridge, Caller(bridge.port) as caller:
        caller.takes(Groove(id=2, clip=3), told.append)
    assert told == [Accepted(id=2, position=3), progress]


def test_takes_that_come_in_any_order_are_given_in_theirs():
    takes = [Take(index, 7 + index, BEAT) for index in range(3)]
    messages = [take_messages(2, take, 3) for take in takes]
    answers = {Groove: [Done(id=2, takes=3), *messages[2], *reversed(messages[0]), *messages[1]]}
    with PlayedBridge(answers) as bridge, Caller(bridge.port) as caller:
        assert caller.takes(Groove(id=2, clip=3)) == tuple(takes)


def test_a_clip_whose_answer_is_lost_is_not_sent_a_second_time(monkeypatch):
    monkeypatch.setattr("bridge.daemon.caller.ASK_AGAIN_S", 0.02)
    deaf = PlayedBridge({Sync: [Synced(id=1)]})
    given_up = pytest.raises(DeadlineError)
    with deaf as bridge, Caller(bridge.port, patience_s=0.2) as caller, given_up:
        caller.send_clip(1, BEAT)
    kinds = [type(request) for request in bridge.heard]
    assert kinds.count(ClipEnd) > 2
    # Whether its goodbye has been heard yet is the machine's affair.
    assert kinds.count(ClipBegin) == kinds.count(ClipNotes) == 1
