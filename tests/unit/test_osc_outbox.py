"""The fair queue of what waits to be sent."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.osc.outbox import Outbox

ONE, TWO, THREE = (("127.0.0.1", port) for port in (5_001, 5_002, 5_003))


def drained(outbox):
    return [outbox.take() for _ in range(len(outbox))]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([ONE, TWO, THREE]), st.integers(0, 9)), max_size=12))
def test_every_receiver_gets_all_of_its_own_in_order(calls):
    outbox = Outbox()
    sent = {ONE: [], TWO: [], THREE: []}
    for to, count in calls:
        packets = [f"{len(sent[to]) + place}".encode() for place in range(count)]
        sent[to] += packets
        assert outbox.put(packets, to) == 0
    out = drained(outbox)
    for to, packets in sent.items():
        assert [packet for packet, place in out if place == to] == packets


def test_a_long_reply_does_not_delay_another_receivers_message():
    outbox = Outbox()
    outbox.put([b"note"] * 16_000, ONE)
    for _ in range(100):
        outbox.take()
    outbox.put([b"progress"], TWO)
    assert (b"progress", TWO) in [outbox.take(), outbox.take()]


def test_receivers_take_turns():
    outbox = Outbox()
    outbox.put([b"a1", b"a2", b"a3"], ONE)
    outbox.put([b"b1", b"b2"], TWO)
    outbox.put([b"c1"], THREE)
    assert [packet for packet, _ in drained(outbox)] == [b"a1", b"b1", b"c1", b"a2", b"b2", b"a3"]


def test_what_finds_no_room_is_counted_and_the_rest_kept():
    outbox = Outbox(most=5, most_each=3)
    assert outbox.put([b"1", b"2", b"3", b"4"], ONE) == 1
    assert outbox.put([b"1", b"2", b"3"], TWO) == 1
    assert outbox.put([b"1"], THREE) == 1
    assert len(outbox) == 5
    assert [packet for packet, to in drained(outbox) if to == ONE] == [b"1", b"2", b"3"]
    assert outbox.put([b"1"], THREE) == 0


def test_nothing_can_be_taken_where_nothing_waits():
    with pytest.raises(IndexError):
        Outbox().take()
