"""The service over real UDP, its workers fakes that do what a test says."""

import contextlib
from dataclasses import replace

import pytest

from bridge import VERSION
from bridge.daemon.clients import MOST_CLIENTS
from bridge.daemon.service import Service
from bridge.music.clip import Clip, Note, Take
from bridge.osc.endpoint import HOST, open_endpoint
from bridge.osc.message import OscMessage
from bridge.protocol.messages import (
    Accepted,
    AskModels,
    AskStatus,
    Bye,
    ByeReply,
    Cancel,
    ClipEnd,
    ClipMissing,
    ClipReady,
    Done,
    Fail,
    Groove,
    Hello,
    HelloReply,
    ModelsReply,
    Progress,
    Resend,
    StatusReply,
    Sync,
    Synced,
)
from bridge.protocol.wire import clip_messages, take_messages, write
from tests.daemon.running import (
    LIMIT_S,
    MaxDevice,
    calling,
    replies_until,
    running_service,
    settings_in,
)
from tests.fakes import Agency
from tests.tiny_models import write_damaged_model, write_tiny_model

BEAT = Clip(tuple(Note(36, index * 5_040, 2_520) for index in range(45)), 45 * 5_040)
OTHER = Clip((Note(38, 0, 5_040),), 80_640)


class House:
    """A running service and its fake workers."""

    def __init__(self, agency, port):
        self.agency = agency
        self.port = port
        self.worker = agency.hired.get(timeout=LIMIT_S)

    def begun(self):
        """The request that a worker was given last."""
        return self.worker.begun.get(timeout=LIMIT_S)[0]


@pytest.fixture
def house(tmp_path):
    agency = Agency()
    with running_service(agency, settings_in(tmp_path, queue_size=2)) as (_, port):
        yield House(agency, port)


@pytest.fixture
def client(house):
    with calling(house.port) as caller:
        yield caller


def silence(caller):
    """All that the bridge has said by the time it has read what was sent."""
    caller.send(Sync(id=999_999))
    *before, synced = replies_until(caller, Synced)
    assert synced.id == 999_999
    return before


def without_progress(replies):
    return [reply for reply in replies if not isinstance(reply, Progress)]


def takes_of(request, clip):
    return [
        message
        for index in range(request.takes)
        for message in take_messages(
            request.id, Take(index, request.seed + index, clip), request.takes
        )
    ]


def test_hello_says_who_the_bridge_is(client):
    reply = client.hello("again")
    assert (reply.version, reply.protocol) == (VERSION, 1)
    assert client.hello("and again") == reply


def test_the_session_is_another_after_each_start(tmp_path):
    sessions = set()
    for _ in range(2):
        agency = Agency()
        with running_service(agency, settings_in(tmp_path)) as (_, port), calling(port) as caller:
            sessions.add(caller.hello("test").session)
    assert len(sessions) == 2


def test_another_protocol_is_refused_in_words_that_name_both(client):
    client.send(Hello(reply_port=0, client="from the future", protocol=2))
    (fail,) = replies_until(client, Fail)
    assert fail.code == "version"
    assert "protocol 2" in fail.text
    assert "speaks 1" in fail.text
    assert VERSION in fail.text


def test_the_refusal_of_a_protocol_goes_to_the_port_that_was_named(house):
    with MaxDevice(house.port) as device:
        device.hello(protocol=2)
        assert device.next_reply().code == "version"


def test_ports_that_nobody_can_be_answered_on_are_refused(house, client):
    client.send(Hello(reply_port=house.port, client="loop", protocol=1))
    assert "own" in replies_until(client, Fail)[-1].text
    client.send_raw(OscMessage("/bridge/hello", (80, "system", 1)))
    assert "1,024" in replies_until(client, Fail)[-1].text
    assert client.hello("sorry")


def test_the_status_says_what_the_bridge_does(house, client):
    status = client.ask(AskStatus(), StatusReply)
    assert (status.state, status.queued, status.running) == ("ready", 0, 0)
    assert (status.model, status.memory_mb > 0) == ("", True)
    client.send_clip(1, BEAT)
    client.send(Groove(id=5, clip=1))
    house.begun()
    status = client.ask(AskStatus(), StatusReply)
    assert (status.state, status.queued, status.running) == ("working", 0, 5)
    client.send(Groove(id=6, clip=1))
    assert client.ask(AskStatus(), StatusReply).queued == 1
    with calling(house.port) as other:
        status = other.ask(AskStatus(), StatusReply)
    assert (status.state, status.queued, status.running) == ("working", 1, 0)


def test_the_status_tells_of_the_model_once_one_was_used(client):
    client.send_clip(1, BEAT)
    client.takes(Groove(id=5, clip=1, amount=0))
    while not (status := client.ask(AskStatus(), StatusReply)).model:
        assert status.uptime_s < LIMIT_S
    assert (status.model, status.provider) == ("groove", "cpu")


def test_a_bridge_without_models_says_so(client):
    assert client.ask(AskModels(), ModelsReply) == ModelsReply(
        index=0, count=0, name="", tool="", state="missing", parameters=0
    )


@pytest.mark.parametrize(
    ("write_model", "state"), [(write_tiny_model, "found"), (write_damaged_model, "damaged")]
)
def test_every_model_is_told(tmp_path, write_model, state):
    settings = settings_in(tmp_path, write_model(tmp_path / "models"))
    with running_service(Agency(), settings) as (_, port), calling(port) as caller:
        reply = caller.ask(AskModels(), ModelsReply)
        assert (reply.index, reply.count, reply.name) == (0, 2, "groove")
        assert (reply.state, reply.tool) == (state, "groove" if state == "found" else "")


def test_sync_is_answered_after_all_that_came_before(client):
    client.send(AskStatus(), *clip_messages(1, BEAT), Sync(id=3))
    kinds = [type(reply) for reply in replies_until(client, Synced)]
    assert kinds == [StatusReply, ClipReady, Synced]


def test_an_unknown_address_is_answered_with_the_nearest_known_one(client):
    client.send_raw(OscMessage("/bridge/grove", (17, 2)))
    (fail,) = replies_until(client, Fail)
    assert (fail.id, fail.code) == (17, "unknown-address")
    assert "/bridge/groove" in fail.text


@pytest.mark.parametrize(
    "message",
    [
        OscMessage("/bridge/groove", (4,)),
        OscMessage("/bridge/groove", (4, 1, 99)),
        OscMessage("/bridge/groove", (4, "one")),
        OscMessage("/bridge/groove", (4, 1, 1, 0, float("nan"))),
        OscMessage("/bridge/sync", (0,)),
        OscMessage("/bridge/status", (1, 2, 3)),
        OscMessage("/nothing/of/ours"),
        OscMessage("/" + "long" * 200),
    ],
)
def test_nonsense_is_refused_in_words_and_the_next_message_is_answered(client, message):
    client.send_raw(message)
    (fail,) = silence(client)
    assert fail.code in ("bad-request", "unknown-address")
    assert fail.text.endswith((".", "?"))


def test_what_only_a_bridge_says_is_never_answered(client):
    client.send_raw(write(Fail(id=1, code="internal", text="a bridge")), write(ByeReply()))
    client.send_raw(write(Accepted(id=1, position=0)), OscMessage("/bridge/fail", ("broken",)))
    assert silence(client) == []


def test_a_clip_is_ready_once_it_is_whole(client):
    client.send(*clip_messages(1, BEAT))
    assert silence(client) == [ClipReady(clip=1)]


def test_missing_pieces_are_named(client):
    begin, first, _, third, end = clip_messages(1, BEAT)
    client.send(first, begin, third, end)
    assert silence(client) == [ClipMissing(clip=1, pieces=(1,))]
    client.send(ClipEnd(clip=77))
    assert silence(client) == [ClipMissing(clip=77)]


def test_a_clip_that_is_not_what_was_sent_is_refused(client):
    begin, *rest = clip_messages(1, BEAT)
    false = replace(begin, frame=replace(begin.frame, checksum=begin.frame.checksum ^ 1))
    client.send(false, *rest)
    (fail,) = silence(client)
    assert (fail.id, fail.code) == (1, "checksum")
    client.send_clip(1, BEAT)


def test_a_clip_of_too_many_notes_is_refused_in_words(client):
    begin = write(clip_messages(1, BEAT)[0])
    client.send_raw(OscMessage(begin.address, (*begin.arguments[:-2], 20_001, 1)))
    (fail,) = silence(client)
    assert (fail.id, fail.code) == (1, "too-long")
    assert "20,000" in fail.text


@pytest.mark.parametrize("request_", [Groove(id=5, clip=3), Groove(id=5, clip=1, feel=3)])
def test_a_clip_that_was_never_sent_cannot_be_played(client, request_):
    client.send_clip(1, BEAT)
    client.send(*clip_messages(3, BEAT)[:-1], request_)
    (fail,) = silence(client)
    assert (fail.id, fail.code) == (5, "unknown-clip")
    assert "clip 3" in fail.text


def test_a_request_brings_accepted_then_takes_then_done(client):
    client.send_clip(1, BEAT)
    request = Groove(id=5, clip=1, takes=3, seed=9, amount=0)
    client.send(request)
    heard = without_progress(replies_until(client, Done))
    assert heard == [
        Accepted(id=5, position=0),
        *takes_of(request, BEAT),
        Done(id=5, takes=3),
    ]


def test_a_worker_is_given_the_clips_that_the_request_names(house, client):
    for clip_id, clip in ((1, BEAT), (2, OTHER), (3, OTHER)):
        client.send_clip(clip_id, clip)
    client.send(Groove(id=5, clip=1, feel=2))
    _, clips = house.worker.begun.get(timeout=LIMIT_S)
    assert clips == {1: BEAT, 2: OTHER}


def test_the_same_request_again_is_no_second_job(house, client):
    client.send_clip(1, BEAT)
    request = Groove(id=5, clip=1, takes=2)
    client.send(request)
    assert house.begun() == request
    client.send(request, request)
    accepted = [reply for reply in silence(client) if isinstance(reply, Accepted)]
    assert accepted == [Accepted(id=5, position=0)] * 3
    house.worker.finish(request, BEAT)
    replies_until(client, Done)
    again = [Accepted(id=5, position=0), *takes_of(request, BEAT), Done(id=5, takes=2)]
    for _ in range(2):
        client.send(request)
        assert replies_until(client, Done) == again
    assert house.worker.begun.empty()


def test_a_request_that_failed_fails_again_in_the_same_words(house, client):
    client.send_clip(1, BEAT)
    client.send(Groove(id=5, clip=1))
    house.begun()
    house.worker.kill()
    (_, failed) = without_progress(replies_until(client, Fail))
    client.send(Groove(id=5, clip=1))
    assert replies_until(client, Fail) == [Accepted(id=5, position=0), failed]


def test_an_id_belongs_to_one_request(client):
    client.send_clip(1, BEAT)
    client.takes(Groove(id=5, clip=1, amount=0))
    client.send(Groove(id=5, clip=1, amount=0, seed=1))
    (fail,) = silence(client)
    assert (fail.id, fail.code) == (5, "bad-request")


def test_a_running_request_can_be_cancelled(house, client):
    client.send_clip(1, BEAT)
    client.send(Groove(id=5, clip=1))
    house.begun()
    client.send(Cancel(id=5))
    (_, fail) = without_progress(replies_until(client, Fail))
    assert (fail.id, fail.code) == (5, "cancelled")
    client.send(Cancel(id=5))
    assert silence(client) == [fail]
    assert client.takes(Groove(id=6, clip=1, takes=1, amount=0))


def test_a_waiting_request_can_be_cancelled(house, client):
    with calling(house.port) as other:
        other.send_clip(1, BEAT)
        other.send(Groove(id=5, clip=1))
        running = house.begun()
        client.send_clip(1, BEAT)
        client.send(Groove(id=5, clip=1), Cancel(id=5))
        assert without_progress(replies_until(client, Fail)) == [
            Accepted(id=5, position=1),
            Fail(id=5, code="cancelled", text="The job was cancelled. Nothing was written."),
        ]
        house.worker.finish(running, BEAT)
        ends = replies_until(other, Done, Fail)
        assert ends[-1] == Done(id=5, takes=4)


def test_a_request_that_was_never_made_cannot_be_cancelled(client):
    client.send(Cancel(id=5))
    (fail,) = silence(client)
    assert (fail.id, fail.code) == (5, "bad-request")


def test_a_cancel_after_the_end_says_the_end_again(client):
    client.send_clip(1, BEAT)
    client.takes(Groove(id=5, clip=1, takes=2, amount=0))
    client.send(Cancel(id=5))
    assert silence(client) == [Done(id=5, takes=2)]


def test_lost_pieces_of_a_take_are_sent_again(client):
    client.send_clip(1, BEAT)
    request = Groove(id=5, clip=1, takes=2, amount=0)
    client.takes(request)
    takes = takes_of(request, BEAT)
    client.send(Resend(id=5, take=1, pieces=(0, 2)))
    assert silence(client) == [takes[6], takes[8], takes[9]]
    client.send(Resend(id=5, take=0))
    assert silence(client) == takes[:5]
    client.send(Resend(id=5, take=0, pieces=(999,)))
    assert silence(client) == [takes[4]]


@pytest.mark.parametrize("request_", [Resend(id=5, take=2), Resend(id=6, take=0)])
def test_a_take_that_never_was_cannot_be_sent_again(client, request_):
    client.send_clip(1, BEAT)
    client.takes(Groove(id=5, clip=1, takes=2, amount=0))
    client.send(request_)
    (fail,) = silence(client)
    assert (fail.id, fail.code) == (request_.id, "bad-request")


def test_a_newer_request_takes_the_place_of_one_that_waits(house, client):
    client.send_clip(1, BEAT)
    client.send(Groove(id=5, clip=1))
    house.begun()
    client.send(Groove(id=6, clip=1), Groove(id=7, clip=1))
    replies = without_progress(silence(client))
    assert [(type(reply), reply.id) for reply in replies] == [
        (Accepted, 5),
        (Accepted, 6),
        (Fail, 6),
        (Accepted, 7),
    ]
    assert replies[2].code == "cancelled"


def test_a_queue_that_is_full_says_busy_and_the_same_request_may_come_again(house, client):
    with calling(house.port) as first, calling(house.port) as second, calling(house.port) as third:
        for place, caller in enumerate((first, second, third, client)):
            caller.send_clip(1, BEAT)
            caller.send(Groove(id=5, clip=1))
            if place == 0:
                running = house.begun()
            else:
                silence(caller)
        client.send(Groove(id=5, clip=1))
        (fail,) = silence(client)
        assert (fail.id, fail.code) == (5, "busy")
        house.worker.finish(running, BEAT)
        replies_until(first, Done)
        house.begun()
        client.send(Groove(id=5, clip=1))
        (accepted,) = without_progress(replies_until(client, Accepted))
        assert accepted.position == 2


def test_two_clients_with_the_same_ids_get_each_their_own(house):
    with calling(house.port) as one, calling(house.port) as two:
        one.send_clip(1, BEAT)
        two.send_clip(1, OTHER)
        request = Groove(id=5, clip=1, takes=1, amount=0)
        one.send(request)
        two.send(request)
        for caller, clip in ((one, BEAT), (two, OTHER)):
            heard = without_progress(replies_until(caller, Done))
            assert heard[1:] == [*takes_of(request, clip), Done(id=5, takes=1)]
            assert silence(caller) == []


def test_a_cancel_reaches_only_the_clients_own_job(house, client):
    with calling(house.port) as other:
        for caller in (client, other):
            caller.send_clip(1, BEAT)
            caller.send(Groove(id=5, clip=1))
            silence(caller)
        other.send(Cancel(id=5))
        assert replies_until(other, Fail)[-1].code == "cancelled"
        house.worker.finish(house.begun(), BEAT)
        assert isinstance(replies_until(client, Done, Fail)[-1], Done)


def test_a_device_with_a_port_to_listen_on_is_answered_there_and_only_there(house):
    with MaxDevice(house.port) as device:
        device.hello()
        assert isinstance(device.next_reply(), HelloReply)
        device.send(*clip_messages(1, BEAT), Groove(id=5, clip=1, takes=1, amount=0))
        assert device.next_reply() == ClipReady(clip=1)
        while not isinstance(device.next_reply(), Done):
            pass
        assert not device.is_answered_at_its_mouth()


def test_a_program_that_takes_a_new_port_for_each_message_is_one_client(house):
    with MaxDevice(house.port) as device:
        device.send_from_elsewhere(
            Hello(reply_port=device.reply_port, client="oscsend", protocol=1), AskStatus()
        )
        device.send_from_elsewhere(*clip_messages(1, OTHER))
        device.send_from_elsewhere(Groove(id=5, clip=1, takes=1, amount=0))
        kinds = [type(device.next_reply()) for _ in range(3)]
        assert kinds == [HelloReply, StatusReply, ClipReady]
        while not isinstance(device.next_reply(), Done):
            pass


def test_a_device_that_is_loaded_anew_hears_nothing_of_its_former_life(house):
    with MaxDevice(house.port) as device:
        device.hello()
        device.send(*clip_messages(1, BEAT), Groove(id=5, clip=1))
        house.begun()
        device.reload()
        device.hello()
        house.worker.cancels.get(timeout=LIMIT_S)
        device.send(Groove(id=5, clip=1), Sync(id=9))
        replies = []
        while not isinstance(reply := device.next_reply(), Synced):
            replies.append(reply)
        former = [each for each in replies if isinstance(each, HelloReply | ClipReady | Accepted)]
        news = without_progress(each for each in replies if each not in former)
        assert [(fail.id, fail.code) for fail in news] == [(5, "unknown-clip")]


def test_bye_is_answered_and_cancels_and_forgets(house, client):
    client.send_clip(1, BEAT)
    client.send(Groove(id=5, clip=1))
    house.begun()
    client.send(Bye())
    replies_until(client, ByeReply)
    assert house.worker.cancels.get(timeout=LIMIT_S) == 5
    # The same port, the same id, another life: nothing of the first may be heard in it.
    client.hello("again")
    client.send(Groove(id=5, clip=1))
    (fail,) = silence(client)
    assert fail.code == "unknown-clip"
    client.send_clip(1, OTHER)
    request = Groove(id=5, clip=1, takes=1, amount=0)
    client.send(request)
    heard = without_progress(replies_until(client, Done, Fail))
    assert heard[1:] == [*takes_of(request, OTHER), Done(id=5, takes=1)]


def test_a_job_that_nobody_waits_for_any_more_is_called_off(house):
    with calling(house.port) as lost:
        lost.send_clip(1, BEAT)
        lost.send(Groove(id=5, clip=1))
        house.begun()
        callers = []
        for _ in range(MOST_CLIENTS):  # Who was silent longest must go.
            caller = open_endpoint(0)
            callers.append(caller)
            greeting = write(Hello(reply_port=0, client="crowd", protocol=1))
            caller.send([greeting], (HOST, house.port))
            caller.arrivals.get(timeout=LIMIT_S)
        assert house.worker.cancels.get(timeout=LIMIT_S) == 5
        for caller in callers:
            caller.close()


def test_everybody_is_told_when_the_bridge_stops(tmp_path):
    agency = Agency()
    with contextlib.ExitStack() as stack:
        with running_service(agency, settings_in(tmp_path)) as (_, port):
            device = stack.enter_context(MaxDevice(port))
            client = stack.enter_context(calling(port))
            device.hello()
            assert isinstance(device.next_reply(), HelloReply)
            client.send_clip(1, BEAT)
            client.send(Groove(id=5, clip=1))
            worker = agency.hired.get(timeout=LIMIT_S)
            worker.begun.get(timeout=LIMIT_S)
            client.send(Groove(id=6, clip=1))
            silence(client)
        *_, first, second, bye = without_progress(replies_until(client, ByeReply))
        assert {first.id, second.id} == {5, 6}
        assert {first.text, second.text} == {"The bridge was stopped."}
        assert bye == ByeReply()
        assert device.next_reply() == ByeReply()
        assert worker.is_closed


class BrokenCatalog:
    """What no one has thought of."""

    def entries(self):
        raise RuntimeError("a fault in the bridge itself")


def test_a_fault_in_the_bridge_is_answered_and_the_bridge_goes_on(tmp_path, caplog):
    broken = running_service(Agency(), settings_in(tmp_path), catalog=BrokenCatalog())
    with broken as (_, port), calling(port) as caller:
        caller.send(AskModels())
        (fail,) = silence(caller)
        assert (fail.id, fail.code) == (0, "internal")
        assert "log" in fail.text
    assert "a fault in the bridge itself" in caplog.text


def test_the_port_is_free_once_the_bridge_has_stopped(tmp_path):
    with running_service(Agency(), settings_in(tmp_path)) as (service, port):
        assert isinstance(service, Service)
    with open_endpoint(port) as endpoint:
        assert endpoint.port == port
