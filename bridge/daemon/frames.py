"""OSC packets through a pipe, each behind its length.

What is private between two processes of the bridge speaks the language of the wire, so nothing is
ever unpickled.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import IO, Final

from bridge.osc.message import OscMessage, decode, encode

_LENGTH: Final = struct.Struct(">I")


def write_frames(pipe: IO[bytes], messages: Iterable[OscMessage]) -> None:
    """Write messages and flush.

    Raises:
        OSError: if the other end is gone.
    """
    for message in messages:
        packet = encode(message)
        pipe.write(_LENGTH.pack(len(packet)) + packet)
    pipe.flush()


def read_frames(pipe: IO[bytes]) -> Iterator[OscMessage]:
    """Messages until the other end is gone, however it went."""
    while True:
        head = pipe.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            return
        packet = pipe.read(_LENGTH.unpack(head)[0])
        yield from decode(packet)
