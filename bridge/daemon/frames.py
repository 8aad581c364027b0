"""OSC packets through a pipe, each behind its length.

What is private between two processes of the bridge speaks the language of the wire, so nothing is
ever unpickled.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import IO, Final

from bridge.errors import BadRequestError
from bridge.osc.message import MAX_BYTES, OscMessage, decode, encode

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
    """Messages until the other end is gone, however it went; one cut off by its death is left out.

    Raises:
        BadRequestError: if what comes is no message: somebody else writes into the pipe.
    """
    while True:
        head = pipe.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            return
        (size,) = _LENGTH.unpack(head)
        if size > MAX_BYTES:
            raise BadRequestError(f"A message through the pipe claims {size:,} bytes.")
        packet = pipe.read(size)
        if len(packet) < size:
            return
        yield from decode(packet)
