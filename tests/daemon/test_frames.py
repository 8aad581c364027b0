"""Messages through a pipe, and what happens when the other end dies in the middle of one."""

import io

import pytest
from hypothesis import given, settings

from bridge.daemon.frames import read_frames, write_frames
from bridge.errors import BadRequestError
from bridge.protocol.messages import Reply
from bridge.protocol.wire import read, read_reply, write
from tests.wire.examples import EXAMPLES
from tests.wire.strategies import messages

OSC = [write(example) for example in EXAMPLES]


def through(written):
    pipe = io.BytesIO()
    write_frames(pipe, written)
    return pipe.getvalue()


@settings(deadline=None, max_examples=50)
@given(messages())
def test_a_message_comes_out_as_it_went_in(message):
    (found,) = read_frames(io.BytesIO(through([write(message)])))
    assert (read_reply if isinstance(message, Reply) else read)(found) == message


def test_messages_come_out_in_their_order():
    assert list(read_frames(io.BytesIO(through(OSC)))) == OSC


def test_a_pipe_that_ends_anywhere_gives_what_came_whole_before():
    written = through(OSC[:3])
    ends = [len(through(OSC[:count])) for count in range(4)]
    for length in range(len(written) + 1):
        found = list(read_frames(io.BytesIO(written[:length])))
        assert found == OSC[: sum(end <= length for end in ends) - 1]


def test_what_somebody_else_prints_into_the_pipe_is_refused_and_not_waited_for():
    with pytest.raises(BadRequestError, match="claims"):
        list(read_frames(io.BytesIO(through(OSC[:1]) + b"[CUDA] driver not found\n")))
    with pytest.raises(BadRequestError):
        list(read_frames(io.BytesIO(b"\0\0\0\4oops")))
