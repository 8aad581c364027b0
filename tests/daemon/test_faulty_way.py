"""Clips and takes over a network that loses, doubles and mixes up, both ways."""

import pytest

from bridge.daemon import caller as caller_module
from bridge.daemon.caller import Caller
from bridge.protocol.messages import Groove, HelloReply
from tests.daemon.faulty_way import faulty_way
from tests.daemon.random_clips import random_clip
from tests.daemon.running import LIMIT_S, calling, running_service, settings_in
from tests.fakes import Agency

BAD = {"loses": 0.15, "doubles": 0.1, "overtakes": 0.2}


@pytest.fixture
def house(tmp_path, monkeypatch):
    monkeypatch.setattr(caller_module, "ASK_AGAIN_S", 0.15)  # Else the silences are all that lasts.
    agency = Agency()
    with running_service(agency, settings_in(tmp_path)) as (_, port):
        yield port, agency.hired.get(timeout=LIMIT_S)


def jobs_of(worker):
    return [worker.begun.get()[0].id for _ in range(worker.begun.qsize())]


@pytest.mark.parametrize("seed", range(3))
def test_all_comes_through_whole_and_is_played_once(house, seed):
    port, worker = house
    clips = [random_clip(10 * seed + index, most_notes=400) for index in (1, 2, 3)]
    with faulty_way(port, seed, **BAD) as (way, happened), calling(way) as caller:
        for clip_id, clip in enumerate(clips, start=1):
            caller.send_clip(clip_id, clip)
            request = Groove(id=10 + clip_id, clip=clip_id, takes=3, amount=0, seed=9)
            takes = caller.takes(request)
            assert [take.clip for take in takes] == [clip] * 3
            assert [take.seed for take in takes] == [9, 10, 11]
            assert caller.takes(request) == takes
    assert jobs_of(worker) == [11, 12, 13]
    assert happened["lost"] > 10
    assert happened["doubled"] > 5
    assert happened["overtaken"] > 5


@pytest.mark.parametrize(
    "fault",
    [{"loses": 0.5}, {"doubles": 1.0}, {"overtakes": 1.0}],
    ids=["loses", "doubles", "mixes"],
)
def test_a_way_that_is_bad_in_one_thing_alone_is_survived(house, fault):
    port, worker = house
    clip = random_clip(7, most_notes=100)
    with faulty_way(port, 1, **fault) as (way, _), calling(way) as caller:
        caller.send_clip(1, clip)
        (take,) = caller.takes(Groove(id=2, clip=1, takes=1, amount=0))
    assert take.clip == clip
    assert jobs_of(worker) == [2]


def test_two_clients_on_bad_ways_with_the_same_ids_get_each_their_own(house):
    port, _ = house
    clips = [random_clip(seed, most_notes=100) for seed in (1, 2)]
    with (
        faulty_way(port, 3, **BAD) as (one_way, _),
        faulty_way(port, 4, **BAD) as (other_way, _),
        calling(one_way) as one,
        calling(other_way) as other,
    ):
        for caller, clip in zip((one, other), clips, strict=True):
            caller.send_clip(1, clip)
        request = Groove(id=2, clip=1, takes=2, amount=0)
        other.send(request)
        for caller, clip in zip((one, other), clips, strict=True):
            assert [take.clip for take in caller.takes(request)] == [clip] * 2


def test_what_strangers_send_to_a_client_is_passed_over(house):
    port, _ = house
    with Caller(port) as caller, calling(port) as stranger:
        nonsense = [b"", b"nonsense", b"/bridge/fail\0\0\0\0,i\0\0\0\0\0\0"]
        for packet in nonsense:
            stranger._endpoint._socket.sendto(packet, ("127.0.0.1", caller.port))
        assert isinstance(caller.hello("test"), HelloReply)
