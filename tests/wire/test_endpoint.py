"""The endpoint over real UDP on the loopback address."""

import queue
import socket
import struct
import threading
import time

import pytest

from bridge.errors import BadRequestError, PortTakenError
from bridge.osc import endpoint as endpoint_module
from bridge.osc.endpoint import (
    BURST,
    HOST,
    MAX_ARRIVALS,
    PAUSE_S,
    PORTS,
    Arrival,
    Endpoint,
    open_endpoint,
)
from bridge.osc.message import OscMessage, decode, encode

LIMIT_S = 20.0
BIG = OscMessage("/note", (0,) + (7,) * 180)


@pytest.fixture
def endpoint():
    with open_endpoint(0) as opened:
        yield opened


@pytest.fixture
def client():
    with plain_socket() as opened:
        yield opened


def plain_socket(port=0):
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        opened.bind((HOST, port))
    except OSError:
        opened.close()
        raise
    opened.settimeout(LIMIT_S)
    return opened


def next_message(client):
    (message,) = decode(client.recv(65_535))
    return message


def test_a_message_arrives_with_its_sender(endpoint, client):
    client.sendto(encode(OscMessage("/a", (1, 2.5, "x"))), endpoint.place)
    arrival = endpoint.arrivals.get(timeout=LIMIT_S)
    assert arrival == Arrival(OscMessage("/a", (1, 2.5, "x")), client.getsockname())


def test_messages_are_answered_in_order(endpoint, client):
    messages = [OscMessage("/a", (number,)) for number in range(50)]
    endpoint.send(messages[:20], client.getsockname())
    endpoint.send(messages[20:], client.getsockname())
    assert [next_message(client) for _ in messages] == messages


def test_a_packet_that_is_no_message_arrives_as_its_fault_and_the_next_is_read(endpoint, client):
    for packet in (b"", b"x", b"/a\0\0,i\0\0", b"\xff" * 60_000):
        client.sendto(packet, endpoint.place)
        arrival = endpoint.arrivals.get(timeout=LIMIT_S)
        assert isinstance(arrival.content, BadRequestError)
        assert arrival.source == client.getsockname()
    client.sendto(b"/ok\0", endpoint.place)
    assert endpoint.arrivals.get(timeout=LIMIT_S).content == OscMessage("/ok")


def test_the_messages_of_a_bundle_arrive_one_by_one(endpoint, client):
    client.sendto(bundle([OscMessage("/a"), OscMessage("/b", (1,))]), endpoint.place)
    contents = [endpoint.arrivals.get(timeout=LIMIT_S).content for _ in range(2)]
    assert contents == [OscMessage("/a"), OscMessage("/b", (1,))]


def test_a_thousand_datagrams_reach_another_endpoint(endpoint):
    with open_endpoint(0) as other:
        require_buffer(other)
        messages = [OscMessage("/n", (number, *BIG.arguments)) for number in range(1_000)]
        endpoint.send(messages, other.place)
        assert [other.arrivals.get(timeout=LIMIT_S).content for _ in messages] == messages
    assert endpoint.unsent == 0


def test_a_thousand_datagrams_sent_without_a_pause_all_arrive(endpoint, client):
    require_buffer(endpoint)
    messages = [OscMessage("/n", (number, *BIG.arguments)) for number in range(1_000)]
    for packet in [encode(message) for message in messages]:
        client.sendto(packet, endpoint.place)
    assert [endpoint.arrivals.get(timeout=LIMIT_S).content for _ in messages] == messages


def require_buffer(endpoint):
    granted = endpoint._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    if granted < 4 * 2**20:
        pytest.skip(f"the system grants {granted:,} bytes of the 4 MB asked for")


def test_no_more_than_sixteen_datagrams_leave_at_once():
    times = []

    class Watch(BrokenSocket):
        def sendto(self, packet, to):
            if packet:
                times.append(time.monotonic())

    with Endpoint(Watch([])) as opened:
        opened.send([OscMessage("/a")] * 10 * BURST, (HOST, 6_000))
        wait_until(lambda: len(times) == 10 * BURST)
    spans = [late - early for early, late in zip(times, times[BURST:], strict=False)]
    assert min(spans) > 0.9 * PAUSE_S


def test_a_long_reply_to_one_client_does_not_delay_another(endpoint, client):
    with plain_socket() as other:
        endpoint.send([BIG] * 1_000, client.getsockname())
        endpoint.send([OscMessage("/progress")], other.getsockname())
        assert next_message(other) == OscMessage("/progress")
        with endpoint._changed:
            assert len(endpoint._outbox) > 500


def test_the_endpoint_does_not_hear_itself(endpoint, client):
    endpoint.send([OscMessage("/loop")], endpoint.place)
    endpoint.send([OscMessage("/sent")], client.getsockname())
    assert next_message(client) == OscMessage("/sent")
    client.sendto(b"/end", endpoint.place)
    assert isinstance(endpoint.arrivals.get(timeout=LIMIT_S).content, BadRequestError)
    assert endpoint.arrivals.empty()


def test_nothing_is_sent_to_another_machine(endpoint):
    with pytest.raises(ValueError, match="this machine only"):
        endpoint.send([OscMessage("/a")], ("192.0.2.1", 9_000))


def test_of_messages_of_which_one_does_not_fit_none_is_sent(endpoint, client):
    with pytest.raises(ValueError, match="arguments"):
        endpoint.send([OscMessage("/a"), OscMessage("/b", (0,) * 251)], client.getsockname())
    endpoint.send([OscMessage("/c")], client.getsockname())
    assert next_message(client) == OscMessage("/c")


def test_a_client_that_is_gone_disturbs_no_other(endpoint, client):
    with plain_socket() as gone:
        place = gone.getsockname()
    endpoint.send([OscMessage("/a")] * 40, place)
    endpoint.send([OscMessage("/b")], client.getsockname())
    assert next_message(client) == OscMessage("/b")
    client.sendto(b"/ok\0", endpoint.place)
    assert endpoint.arrivals.get(timeout=LIMIT_S).content == OscMessage("/ok")


def test_what_comes_while_the_queue_is_full_is_dropped_and_counted(endpoint, client):
    packet = bundle([OscMessage("/a")] * 3_000)
    for _ in range(5):
        client.sendto(packet, endpoint.place)
    wait_until(lambda: endpoint.dropped == 5 * 3_000 - MAX_ARRIVALS)
    for _ in range(MAX_ARRIVALS):
        endpoint.arrivals.get_nowait()
    client.sendto(b"/ok\0", endpoint.place)
    assert endpoint.arrivals.get(timeout=LIMIT_S).content == OscMessage("/ok")


def test_closing_lets_the_last_answers_leave_and_frees_the_port(client):
    closing = open_endpoint(0)
    closing.send([OscMessage("/a", (number,)) for number in range(100)], client.getsockname())
    closing.close()
    closing.close()
    closing.send([OscMessage("/late")], client.getsockname())
    assert [next_message(client).arguments for _ in range(100)] == [(n,) for n in range(100)]
    with open_endpoint(closing.port) as again:
        assert again.port == closing.port
    assert not [each for each in threading.enumerate() if each in closing._threads]


def test_a_flood_that_waits_to_be_sent_does_not_keep_the_endpoint_open(client):
    closing = open_endpoint(0)
    closing.send([BIG] * 2_500, client.getsockname())
    closing.close()
    assert closing.unsent > 1_000


def test_a_taken_port_is_refused_in_words(endpoint):
    with pytest.raises(PortTakenError, match=f"Port {endpoint.port} cannot be opened"):
        open_endpoint(endpoint.port)


def test_a_port_that_cannot_be_is_refused_in_words():
    with pytest.raises(PortTakenError, match="Port 70000 cannot be opened"):
        open_endpoint(70_000)


def test_the_next_of_the_eight_ports_is_taken_when_the_first_is_not_free():
    held = hold(PORTS[:1])
    try:
        with open_endpoint() as opened:
            assert opened.port in PORTS[1:]
    finally:
        release(held)


def test_with_all_eight_ports_taken_the_error_names_them():
    held = hold(PORTS)
    try:
        with pytest.raises(PortTakenError, match="17177 to 17184 are all taken"):
            open_endpoint()
    finally:
        release(held)


class BrokenSocket:
    """A socket as Windows has it: a reply's closed port is told of at the next read."""

    def __init__(self, events):
        self.events = queue.Queue()
        for event in events:
            self.events.put(event)
        self.sent = []
        self.refused = threading.Event()

    def getsockname(self):
        return (HOST, 5_000)

    def recvfrom(self, _size):
        try:
            event = self.events.get(timeout=0.01)
        except queue.Empty as error:
            raise TimeoutError from error
        if isinstance(event, Exception):
            raise event
        return event

    def sendto(self, packet, to):
        if to[1] == 1:
            self.refused.set()
            raise OSError("no buffer space")
        self.sent.append((packet, to))

    def close(self):
        pass


def test_errors_of_the_socket_end_nothing():
    faults = [ConnectionResetError(), OSError("network is down"), TimeoutError()]
    strangers = [(b"/far", ("192.0.2.1", 9_000)), (b"/me\0", (HOST, 5_000))]
    broken = BrokenSocket([*faults, *strangers, (b"/ok\0", (HOST, 6_000))])
    with Endpoint(broken) as opened:
        arrival = opened.arrivals.get(timeout=LIMIT_S)
        assert arrival == Arrival(OscMessage("/ok"), (HOST, 6_000))
        opened.send([OscMessage("/a")], (HOST, 1))
        opened.send([OscMessage("/b")], (HOST, 6_000))
        assert broken.refused.wait(LIMIT_S)
    assert opened.unsent == 1
    assert (encode(OscMessage("/b")), (HOST, 6_000)) in broken.sent


def test_a_system_that_refuses_a_big_buffer_is_asked_for_less():
    class Stingy:
        size = 65_536

        def getsockopt(self, _level, _option):
            return self.size

        def setsockopt(self, _level, _option, size):
            if size > 2**20:
                raise OSError("no buffer space")
            self.size = size

    stingy = Stingy()
    endpoint_module._enlarge_buffer(stingy)
    assert stingy.size == 2**20


def bundle(messages):
    packets = [encode(message) for message in messages]
    return b"#bundle\0" + bytes(8) + b"".join(struct.pack(">i", len(p)) + p for p in packets)


def hold(ports):
    """Sockets on those of the ports that nobody else has."""
    held = []
    for port in ports:
        try:
            held.append(plain_socket(port))
        except OSError:
            continue
    return held


def release(held):
    for each in held:
        each.close()


def wait_until(statement):
    never = threading.Event()
    for _ in range(int(LIMIT_S / 0.01)):
        if statement():
            return
        never.wait(0.01)
    raise AssertionError("it did not come about in time")
