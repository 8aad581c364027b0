"""The table: every address once, and what is done with those it does not have."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import UnknownAddressError
from bridge.osc.message import OscMessage
from bridge.protocol import messages
from bridge.protocol.messages import Reply, Request, ToolRequest
from bridge.protocol.parameters import layout_of
from bridge.protocol.table import (
    TABLE,
    TOOL_ANSWERS,
    is_reply_address,
    nearest_address,
    row_at,
    row_of,
)
from bridge.protocol.wire import read, read_reply, request_id


def test_every_message_has_one_row_and_every_address_one_message():
    kinds = {
        kind
        for kind in vars(messages).values()
        if isinstance(kind, type) and issubclass(kind, Request | Reply)
    } - {Request, Reply, ToolRequest}
    assert {row.kind for row in TABLE} == kinds
    assert len(TABLE) == len(kinds) == len({row.address for row in TABLE})


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.address)
def test_a_row_is_found_both_ways_and_says_what_it_is_for(row):
    assert row_at(row.address) is row
    assert row_of(row.kind) is row
    assert row.meaning.endswith(".")
    assert all(slot.parameter.meaning for slot in row.layout.slots)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.address)
def test_arguments_that_may_be_left_out_come_last(row):
    defaults = [slot.default is not None for slot in row.layout.slots]
    assert defaults == sorted(defaults)


def test_every_tool_answers_alike():
    for row in TABLE:
        if issubclass(row.kind, ToolRequest):
            assert row.answers == TOOL_ANSWERS
            assert layout_of(row.kind).slots[0].name == "id"


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [
        ("/bridge/grove", "/bridge/groove"),
        ("/bridge/clips/begin", "/bridge/clip/begin"),
        ("/bridge/helo", "/bridge/hello"),
        ("/statsu", "/bridge/status"),
    ],
)
def test_an_unknown_address_is_refused_naming_the_nearest(wrong, nearest):
    with pytest.raises(UnknownAddressError, match=f"no {wrong} here. Did you mean {nearest}?"):
        read(OscMessage(wrong))


@settings(deadline=None)
@given(st.text(max_size=60) | st.just("/" + "a" * 10_000))
def test_any_unknown_address_is_refused_in_a_sentence_of_bearable_length(address):
    if row_at(address) is not None:
        return
    with pytest.raises(UnknownAddressError) as caught:
        read(OscMessage(address))
    assert len(str(caught.value)) < 200
    assert not is_reply_address(address)


def test_what_the_bridge_says_is_no_request_and_what_clients_say_no_reply():
    for row in TABLE:
        assert is_reply_address(row.address) == row.is_reply
        with pytest.raises(UnknownAddressError):
            (read if row.is_reply else read_reply)(OscMessage(row.address))
    assert is_reply_address(nearest_address("/bridge/accept", replies=True))


@pytest.mark.parametrize(
    ("message", "number"),
    [
        (OscMessage("/bridge/groove", (7, "x")), 7),
        (OscMessage("/bridge/groove", (7.0,)), 7),
        (OscMessage("/bridge/clip/begin", (5,)), 5),
        (OscMessage("/bridge/unheard", (5,)), 5),
        (OscMessage("/bridge/hello", (17_300, "x", 99)), 0),
        (OscMessage("/bridge/status", (4,)), 0),
        (OscMessage("/bridge/groove"), 0),
        (OscMessage("/bridge/groove", ("7",)), 0),
        (OscMessage("/bridge/groove", (-7,)), 0),
        (OscMessage("/bridge/groove", (7.5,)), 0),
        (OscMessage("/bridge/groove", (float("nan"),)), 0),
        (OscMessage("/bridge/groove", (float("inf"),)), 0),
    ],
)
def test_the_id_to_answer_with_is_read_from_messages_that_are_wrong_otherwise(message, number):
    assert request_id(message) == number
