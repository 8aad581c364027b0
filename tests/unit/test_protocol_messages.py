"""The typed messages: round trips, sizes, ranges in words."""

import pytest
from hypothesis import given, settings

from bridge.errors import BadRequestError, ModelFailedError, TooLongError
from bridge.osc.message import MAX_ATOMS, MAX_BYTES, OscMessage, decode, encode
from bridge.protocol.messages import (
    ERROR_CODES,
    BridgeError,
    ClipBegin,
    Continue,
    Fail,
    Generate,
    Groove,
    Hello,
    Infill,
    Interpolate,
    Reply,
    Request,
    Resend,
    ToolRequest,
)
from bridge.protocol.parameters import Several, Text, Whole
from bridge.protocol.table import TABLE
from bridge.protocol.wire import fail, read, read_reply, write
from tests.wire.strategies import messages


@settings(deadline=None, max_examples=300)
@given(messages())
def test_every_message_survives_the_way_there_and_back(message):
    (arrived,) = decode(encode(write(message)))
    back = read(arrived) if isinstance(message, Request) else read_reply(arrived)
    assert back == message
    assert type(back) is type(message)


@settings(deadline=None, max_examples=100)
@given(messages())
def test_numbers_may_come_as_floats_and_floats_as_whole_numbers(message):
    written = write(message)
    swapped = tuple(
        float(each)
        if isinstance(each, int)
        else int(each)
        if isinstance(each, float) and each == int(each)
        else each
        for each in written.arguments
    )
    back = (read if isinstance(message, Request) else read_reply)(
        OscMessage(written.address, swapped)
    )
    assert back == message
    assert [type(each) for each in write(back).arguments] == [
        type(each) for each in written.arguments
    ]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.address)
def test_the_greatest_message_of_each_kind_fits_a_datagram(row):
    arguments = [_widest(slot.parameter) for slot in row.layout.slots]
    if isinstance(row.layout.tail, Several):
        arguments += [_widest(slot.parameter) for slot in row.layout.tail_slots] * (
            row.layout.tail.most
        )
    packet = encode(OscMessage(row.address, tuple(arguments)))
    (message,) = decode(packet)
    assert isinstance((read_reply if row.is_reply else read)(message), row.kind)
    assert len(packet) <= MAX_BYTES
    assert len(arguments) <= MAX_ATOMS


def _widest(parameter):
    if isinstance(parameter, Text):
        return max(parameter.choices, key=len, default="x" * parameter.limit)
    return parameter.high if isinstance(parameter, Whole) else float(parameter.high)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.address)
def test_a_message_cannot_be_changed_or_added_to(row):
    assert row.kind.__dataclass_params__.frozen
    assert not any("__dict__" in vars(each) for each in row.kind.__mro__)


def test_a_groove_of_a_clip_alone_has_the_promised_defaults():
    request = read(OscMessage("/bridge/groove", (7, 3)))
    assert request == Groove(
        id=7,
        clip=3,
        takes=4,
        seed=0,
        amount=100.0,
        temperature=1.0,
        feel=0,
        centre=False,
        kit="general-midi",
    )
    assert isinstance(request, ToolRequest)


def test_arguments_may_be_left_out_from_the_end_only():
    assert read(OscMessage("/bridge/groove", (7, 3, 2, 99))) == Groove(
        id=7, clip=3, takes=2, seed=99
    )


@pytest.mark.parametrize(
    ("address", "arguments", "request_"),
    [
        (
            "/bridge/continue",
            (7, 3, 4, 0, 4, 1.0, 511, 9, "general-midi", 0),
            Continue(id=7, clip=3),
        ),
        (
            "/bridge/infill",
            (7, 3, 4, 0, 0, 1, 1.0, 511, 9, "general-midi", 0),
            Infill(id=7, clip=3),
        ),
        (
            "/bridge/generate",
            (7, 4, 0, 4, "any", 120, 4, 4, 1, -1, 511, 9, "general-midi", 0, 0, 50),
            Generate(id=7),
        ),
        (
            "/bridge/interpolate",
            (7, 3, 4, 0, 0, 5, 0, 1, 511, 9, "general-midi", 0),
            Interpolate(id=7, a=3, b=4),
        ),
    ],
)
def test_who_knows_no_pitches_asks_for_drums_as_before(address, arguments, request_):
    assert read(OscMessage(address, arguments)) == request_


def test_a_resend_without_pieces_asks_for_the_whole_take():
    assert read(OscMessage("/bridge/take/resend", (7, 0))) == Resend(id=7, take=0, pieces=())


@pytest.mark.parametrize(
    ("address", "arguments", "sentence"),
    [
        ("/bridge/groove", (1, 2, 20), "The number of takes must be .* between 1 and 16, not 20."),
        ("/bridge/groove", (1, 2, "four"), "The number of takes must be .*, not “four”."),
        ("/bridge/groove", (0, 2), "The request's id must be .* 1 and 2,147,483,647, not 0."),
        ("/bridge/groove", (1, 2, 1, 0, 101.5), "The amount must be .* 0 and 100, not 101.5."),
        (
            "/bridge/groove",
            (1, 2, 1, 0, 1, 1, 0, 2),
            "The centring must be 1 .yes. or 0 .no., not 2.",
        ),
        ("/bridge/groove", (1, 2, 1, 0, 1, 1, 0, 0, "tr"), "one of general-midi, .*, not “tr”."),
        ("/bridge/groove", (1,), "takes 2 to 9 arguments .id clip takes .*, not 1."),
        ("/bridge/sync", (), "takes 1 arguments .id., not 0."),
        ("/bridge/status", (1,), "takes 0 arguments, not 1."),
        ("/bridge/hello", (80, "x", 1), "between 1,024 and 65,535, not 80"),
        ("/bridge/clip/notes", (1, 0), "must be 1 to 20, not 0."),
        ("/bridge/clip/notes", (1, 0, 60, 0), "take 9 arguments each; 2 arguments"),
    ],
)
def test_a_wrong_argument_is_refused_in_a_musicians_words(address, arguments, sentence):
    with pytest.raises(BadRequestError, match=sentence):
        read(OscMessage(address, arguments))


def test_a_clip_with_too_many_notes_is_too_long_from_its_begin():
    begin = (1, 100, 0, 100, 1, 4, 4, 120, 1, 20_001, 5)
    with pytest.raises(TooLongError, match="0 and 20,000, not 20,001"):
        read(OscMessage("/bridge/clip/begin", begin))


def test_values_are_put_right_at_birth():
    request = Groove(id=1.0, clip=True, amount=50, centre=1)
    assert request == Groove(id=1, clip=1, amount=50.0, centre=True)
    assert type(request.id) is int
    assert type(request.amount) is float
    assert request.centre is True


def test_a_fail_carries_the_code_and_the_sentence():
    assert fail(3, ModelFailedError("It went wrong.")) == Fail(
        id=3, code="model-failed", text="It went wrong."
    )


@pytest.mark.parametrize("text", ["é" * 300, "x" * 5_000, "a\0b", "\ud800 file", "😀" * 80, ""])
def test_any_error_makes_a_fail_that_can_be_sent(text):
    (message,) = decode(encode(write(fail(0, BridgeError(text)))))
    reply = read_reply(message)
    assert isinstance(reply, Fail)
    assert reply.code == "internal"
    assert len(reply.text) >= min(len(text), 70)


def test_an_error_of_a_kind_that_the_protocol_does_not_know_is_internal():
    class StrangeError(BridgeError):
        code = "strange"

    assert fail(1, StrangeError("Odd.")).code == "internal"


def test_every_error_has_its_own_code():
    assert len(set(ERROR_CODES)) == len(ERROR_CODES)


def test_requests_and_replies_are_told_apart_by_their_type():
    for row in TABLE:
        assert issubclass(row.kind, Reply if row.is_reply else Request)


def test_a_frame_comes_flat_within_its_message():
    begin = read(OscMessage("/bridge/clip/begin", (9, 80, 0, 70, 1, 7, 8, 120, 0, 5, 6)))
    assert isinstance(begin, ClipBegin)
    assert (begin.clip, begin.frame.length, begin.frame.loop_end) == (9, 80, 70)
    assert (begin.frame.numerator, begin.frame.count, begin.frame.checksum) == (7, 5, 6)


def test_names_may_have_letters_beyond_ascii_as_long_as_their_bytes_fit():
    assert Hello(reply_port=0, client="Ü" * 32, protocol=1).client == "Ü" * 32
    with pytest.raises(BadRequestError, match="up to 64 letters, not 66"):
        Hello(reply_port=0, client="Ü" * 33, protocol=1)
