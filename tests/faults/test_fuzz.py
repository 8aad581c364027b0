"""One argument or one byte of a good conversation is spoiled: the bridge answers, and lives on."""

import itertools
import struct
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bridge.osc.message import OscMessage, encode, tag_of
from bridge.protocol.messages import (
    Accepted,
    AskModels,
    AskStatus,
    Cancel,
    ClipMissing,
    Done,
    Fail,
    Groove,
    Hello,
    Resend,
    Sync,
    Synced,
    TakeEnd,
)
from bridge.protocol.table import row_at
from bridge.protocol.wire import clip_messages, write
from tests.daemon.random_clips import random_clip
from tests.daemon.running import (
    LIMIT_S,
    Staff,
    calling,
    replies_until,
    running_service,
    settings_in,
)
from tests.tiny_models import write_tiny_model
from tests.wire.strategies import spoiled_values

CASES = 150
"""Of each of the two ways to spoil."""

GOOD_CLIP = 1
GOOD = random_clip(1, most_notes=8)

fuzzing = settings(
    max_examples=CASES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    tiny = settings_in(folder, write_tiny_model(folder / "models"))
    staff = Staff(tiny)
    with running_service(staff, tiny) as (_, port):
        yield port, staff


class Fuzz:
    """A client that says good things and, in between, one that is spoiled."""

    def __init__(self, caller):
        self._caller = caller
        self._ids = itertools.count(1_000)
        self.cases = 0
        self.clips = 0
        self.codes = Counter()
        self._good = 0
        """The last good request: it is asked about, and its takes do not count."""
        caller.send_clip(GOOD_CLIP, GOOD)
        self._require_good_request()

    def conversation(self, seed):
        """A good one: a clip, a request for it, and questions; with ids that were never used."""
        clip_id, request_id = next(self._ids), next(self._ids)
        request = Groove(id=request_id, clip=clip_id, takes=1, seed=seed, amount=seed % 101)
        questions = (
            Hello(reply_port=0, client="fuzz", protocol=1),
            AskStatus(),
            AskModels(),
            Resend(id=self._good, take=0, pieces=(0,)),
            Cancel(id=self._good),
        )
        return (*clip_messages(clip_id, random_clip(seed, most_notes=40)), request, *questions)

    def say(self, messages, at, packet):
        """Say all of it, one message in spoiled bytes; count what comes of it."""
        socket, bridge = self._caller._endpoint._socket, self._caller._bridge
        for place, message in enumerate(messages):
            socket.sendto(packet if place == at else encode(write(message)), bridge)
        heard = self._until_all_is_over(messages)
        self.cases += 1
        self.clips += any(isinstance(reply, TakeEnd) and reply.id != self._good for reply in heard)
        self.codes.update(reply.code for reply in heard if isinstance(reply, Fail))
        assert self.codes["internal"] == 0, messages[at]
        self._require_good_request()

    def _until_all_is_over(self, messages):
        """What the bridge says: to all that was said, and then to the jobs that it accepted."""
        self._caller.send(Sync(id=next(self._ids)))
        heard = replies_until(self._caller, Synced)
        if any(isinstance(reply, ClipMissing) for reply in heard):  # As every good client does.
            self._caller.send(*messages[: _clip_length(messages)], _request_in(messages))
            self._caller.send(Sync(id=next(self._ids)))
            heard += replies_until(self._caller, Synced)
        ended = {reply.id for reply in heard if isinstance(reply, Done | Fail)}
        for reply in [each for each in heard if isinstance(each, Accepted)]:
            while reply.id not in ended:
                heard += replies_until(self._caller, Done, Fail)
                ended.add(heard[-1].id)
        return heard

    def _require_good_request(self):
        self._caller.hello("fuzz")  # A spoiled hello may have named another port.
        self._good = next(self._ids)
        request = Groove(id=self._good, clip=GOOD_CLIP, takes=1, amount=0)
        (take,) = self._caller.takes(request)
        assert take.clip == GOOD


def _clip_length(messages):
    return messages.index(_request_in(messages))


def _request_in(messages):
    return next(message for message in messages if isinstance(message, Groove))


@pytest.fixture(scope="module")
def fuzz(house):
    with calling(house[0]) as caller:
        yield Fuzz(caller)


def which(draw, messages):
    """The message that is spoiled, each as often as any other."""
    return draw(st.sampled_from(range(len(messages))), label="which")


def test_one_spoiled_argument_never_breaks_the_bridge(house, fuzz):
    before = fuzz.cases, fuzz.clips, fuzz.codes.total()

    @fuzzing
    @given(st.data(), st.integers(0, 10_000))
    def one_case(data, seed):
        messages = fuzz.conversation(seed)
        at = which(data.draw, messages)
        written = write(messages[at])
        fuzz.say(messages, at, spoiled_packet(data.draw, written))

    one_case()
    require_survival(house, fuzz, before)


def test_one_spoiled_byte_never_breaks_the_bridge(house, fuzz):
    before = fuzz.cases, fuzz.clips, fuzz.codes.total()

    @fuzzing
    @given(st.data(), st.integers(0, 10_000))
    def one_case(data, seed):
        messages = fuzz.conversation(seed)
        at = which(data.draw, messages)
        packet = bytearray(encode(write(messages[at])))
        place = data.draw(st.integers(0, len(packet) - 1), label="byte")
        packet[place] ^= data.draw(st.integers(1, 255), label="spoil")
        fuzz.say(messages, at, bytes(packet))

    one_case()
    require_survival(house, fuzz, before)


def require_survival(house, fuzz, before):
    _, staff = house
    cases, clips, refusals = fuzz.cases - before[0], fuzz.clips - before[1], before[2]
    assert cases >= CASES
    assert clips >= cases / 4
    assert fuzz.codes.total() - refusals > cases / 4  # Else it is not much of a test.
    assert len(staff.hired) == 1
    assert staff.hired[0].is_alive


def spoiled_packet(draw, message):
    """The bytes of a message with one argument out of range, of a wrong type, or one too many."""
    slots = slots_of(message)
    at = draw(st.integers(0, len(slots)), label="argument")
    if at == len(slots):
        return lenient_packet(OscMessage(message.address, (*message.arguments, 1)))
    wrong = draw(spoiled_values(slots[at].parameter), label="value")
    return lenient_packet(
        OscMessage(message.address, (*message.arguments[:at], wrong, *message.arguments[at + 1 :]))
    )


def slots_of(message):
    layout = row_at(message.address).layout
    tail = layout.tail_slots
    count = (len(message.arguments) - len(layout.slots)) // len(tail) if tail else 0
    return layout.slots + tail * count


def lenient_packet(message):
    """OSC as a careless sender writes it: 64 bits where needed, any bytes in its strings."""
    tags, body = ",", b""
    for argument in message.arguments:
        tag = tag_of(argument)
        if tag == "i" and not -(2**31) <= argument < 2**31:
            tag = "h"
        tags += tag
        if tag == "s":
            body += padded(argument)
        else:
            body += struct.pack({"i": ">i", "h": ">q", "f": ">f"}[tag], argument)
    return padded(message.address) + padded(tags) + body


def padded(text):
    written = text.encode("utf-8", "surrogatepass") + b"\0"
    return written + bytes(-len(written) % 4)


def test_the_careless_sender_writes_what_the_careful_one_does():
    for message in (Groove(id=3, clip=4, seed=9), Hello(reply_port=0, client="ä", protocol=1)):
        assert lenient_packet(write(message)) == encode(write(message))


def test_a_flood_of_nonsense_does_not_keep_others_from_their_takes(house):
    port, _ = house
    with calling(port) as flood, calling(port) as caller:
        caller.send_clip(1, GOOD)
        for number in range(10_000):
            flood._endpoint._socket.sendto(
                b"/flood\0\0,i\0\0" + struct.pack(">i", number), flood._bridge
            )
        (take,) = caller.takes(Groove(id=2, clip=1, takes=1, amount=0))
        assert take.clip == GOOD
        assert flood.next_reply(LIMIT_S).code == "unknown-address"
