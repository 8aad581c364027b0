"""OSC messages to and from bytes."""

import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from bridge.errors import BadRequestError
from bridge.osc.message import MAX_ATOMS, MAX_BYTES, OscMessage, decode, encode

LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
MESSAGES = st.builds(
    OscMessage,
    st.text(LETTERS, max_size=20).map(lambda text: "/" + text),
    st.lists(
        st.integers(-(2**31), 2**31 - 1)
        | st.floats(width=32, allow_nan=False)
        | st.text(LETTERS, max_size=12),
        max_size=12,
    ).map(tuple),
)


def built(address, *arguments):
    builder = OscMessageBuilder(address)
    for value, tag in arguments:
        builder.add_arg(value, tag)
    return builder.build()


@settings(deadline=None)
@given(MESSAGES)
def test_what_is_encoded_is_decoded_with_its_types(message):
    (back,) = decode(encode(message))
    assert back == message
    assert [type(each) for each in back.arguments] == [type(each) for each in message.arguments]


@settings(deadline=None)
@given(MESSAGES)
def test_only_the_types_that_max_knows_are_sent(message):
    tags = encode(message).split(b",", 1)[1] if "," not in message.address else b"ifs"
    assert set(tags[: len(message.arguments)]) <= set(b"ifs")


def test_a_bundle_is_opened_in_order_and_its_time_ignored():
    inner = OscBundleBuilder(2_000_000_000.0)
    inner.add_content(built("/b", (2, "i")))
    outer = OscBundleBuilder(0)
    outer.add_content(built("/a", (1, "i")))
    outer.add_content(inner.build())
    outer.add_content(built("/c"))
    assert decode(outer.build().dgram) == (
        OscMessage("/a", (1,)),
        OscMessage("/b", (2,)),
        OscMessage("/c"),
    )


def test_an_empty_bundle_holds_no_message():
    assert decode(OscBundleBuilder(0).build().dgram) == ()


def test_true_and_false_come_as_one_and_nought():
    (message,) = decode(built("/a", (True, "T"), (False, "F")).dgram)
    assert message.arguments == (1, 0)
    assert [type(each) for each in message.arguments] == [int, int]


def test_numbers_of_64_bits_are_narrowed_where_they_fit():
    (message,) = decode(built("/a", (7, "h"), (0.1, "d")).dgram)
    assert message.arguments == (7, struct.unpack(">f", struct.pack(">f", 0.1))[0])


@pytest.mark.parametrize(("value", "tag"), [(2**31, "h"), (-(2**31) - 1, "h"), (1e300, "d")])
def test_numbers_of_64_bits_that_do_not_fit_are_refused(value, tag):
    with pytest.raises(BadRequestError, match="too big"):
        decode(built("/a", (value, tag)).dgram)


def test_nan_and_infinity_are_read_and_left_to_the_ranges():
    (message,) = decode(built("/a", (math.nan, "f"), (math.inf, "d")).dgram)
    assert math.isnan(message.arguments[0])
    assert message.arguments[1] == math.inf


@pytest.mark.parametrize(
    ("value", "tag"),
    [(b"x", "b"), (None, "N"), (0xFFFFFF, "r"), ((1, 2, 3, 4), "m"), ([1, 2], ["i", "i"])],
)
def test_types_that_max_does_not_know_are_refused_by_name(value, tag):
    with pytest.raises(BadRequestError, match="only whole numbers"):
        decode(built("/a", (value, tag)).dgram)


def test_a_message_without_type_tags_has_no_arguments():
    assert decode(b"/bridge/status\0\0") == (OscMessage("/bridge/status"),)


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (OscMessage("bridge"), "slash"),
        (OscMessage("/a", (0,) * (MAX_ATOMS + 1)), "251 arguments"),
        (OscMessage("/a", ("x" * MAX_BYTES,)), "bytes"),
        (OscMessage("/a", (2**31,)), "cannot be sent"),
        (OscMessage("/a", (1e300,)), "cannot be sent"),
        (OscMessage("/a", ("a\0b",)), "NUL"),
        (OscMessage("/a", ("\ud800",)), "cannot be sent"),
        (OscMessage("/a\0b"), "NUL"),
    ],
)
def test_a_message_that_does_not_fit_is_never_sent(message, fault):
    with pytest.raises(ValueError, match=fault):
        encode(message)


def test_the_greatest_message_fits():
    assert len(decode(encode(OscMessage("/a", (1,) * 190)))[0].arguments) == 190
    assert len(encode(OscMessage("/a", ("x" * (MAX_BYTES - 9),)))) == MAX_BYTES
