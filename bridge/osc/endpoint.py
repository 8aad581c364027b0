"""The bridge's one socket: UDP on the loopback address, read and written by two threads.

The receive thread only parses and queues; the send thread keeps a pace that neither a socket's
buffer (about 90 datagrams of 1 kB where nobody enlarged it) nor Max's queue (512) is overrun by.
What a datagram means is not known here.
"""

import contextlib
import queue
import socket
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from bridge.errors import BadRequestError, PortTakenError
from bridge.osc.message import OscMessage, decode, encode
from bridge.osc.outbox import Outbox, Place

HOST: Final = "127.0.0.1"
FIRST_PORT: Final = 17_177
PORTS: Final = tuple(range(FIRST_PORT, FIRST_PORT + 8))
"""The ports that a bridge tries in turn, and on which clients look for it."""

MAX_ARRIVALS: Final = 10_000
"""Messages that wait to be answered; more are dropped and counted."""

BURST: Final = 16
"""Datagrams sent at once at most."""

PAUSE_S: Final = 0.008
"""After each burst: 2,000 datagrams a second, 40,000 notes."""

FLUSH_S: Final = 0.5
"""How long closing waits for the last answers to leave."""

_RECEIVE_BUFFER: Final = 4 * 2**20
_LARGEST_DATAGRAM: Final = 65_535
_WAKE_S: Final = 0.5
"""How often the receive thread looks whether it should end, where no packet wakes it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one message brought, and from where."""

    content: OscMessage | BadRequestError
    """The message, or what is wrong with a datagram that holds none."""
    source: Place
    """The sender's address and port, always on this machine."""


class Endpoint:
    """An open socket; made by :func:`open_endpoint`, ended by :meth:`close`."""

    def __init__(self, bound: socket.socket) -> None:
        """Take over a bound socket and start both threads."""
        self._socket = bound
        self.place: Final[Place] = (HOST, bound.getsockname()[1])
        self.arrivals: Final[queue.Queue[Arrival]] = queue.Queue(MAX_ARRIVALS)
        """Messages in the order of their arrival, for one reader or several."""
        self.dropped = 0
        """Messages that came while the queue was full."""
        self.unsent = 0
        """Datagrams that found no room in the outbox or that the system refused to send."""
        self._outbox = Outbox()
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._flush_until = 0.0
        self._threads = (
            threading.Thread(target=self._receive, name="osc-receive", daemon=True),
            threading.Thread(target=self._send, name="osc-send", daemon=True),
        )
        for thread in self._threads:
            thread.start()

    @property
    def port(self) -> int:
        """The UDP port that clients send to."""
        return self.place[1]

    def send(self, messages: Iterable[OscMessage], to: Place) -> None:
        """Queue messages for a receiver on this machine, and return at once.

        They leave in this order, but other receivers' messages may come between. After closing
        nothing is sent.

        Raises:
            ValueError: if a message does not fit a datagram or the receiver is not on this machine;
                then none is sent.
        """
        if not _is_loopback(to[0]):
            raise ValueError(f"The bridge speaks to this machine only, not to {to[0]}.")
        packets = [encode(message) for message in messages]
        with self._changed:
            if not self._closing.is_set():
                self.unsent += self._outbox.put(packets, to)
                self._changed.notify()

    def close(self) -> None:
        """Stop listening, let the last answers leave (half a second at most), free the port."""
        with self._changed:
            if not self._closing.is_set():
                self._flush_until = time.monotonic() + FLUSH_S
                self._closing.set()
            self._changed.notify_all()
        with contextlib.suppress(OSError):  # It wakes the receive thread, which else waits.
            self._socket.sendto(b"", self.place)
        for thread in self._threads:
            thread.join()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _receive(self) -> None:
        while not self._closing.is_set():
            try:
                packet, source = self._socket.recvfrom(_LARGEST_DATAGRAM)
            except TimeoutError:
                continue
            except ConnectionError:  # Windows: an earlier answer found its port closed.
                continue
            except OSError:  # The network stack is down, as after a sleep; no reason to end.
                self._closing.wait(PAUSE_S)
                continue
            if _is_loopback(source[0]) and source != self.place:
                self._keep(packet, source)

    def _keep(self, packet: bytes, source: Place) -> None:
        """Parse a datagram and queue what it holds."""
        contents: tuple[OscMessage, ...] | tuple[BadRequestError]
        try:
            contents = decode(packet)
        except BadRequestError as error:
            contents = (error,)
        for content in contents:
            try:
                self.arrivals.put_nowait(Arrival(content, source))
            except queue.Full:
                self.dropped += 1

    def _send(self) -> None:
        never = threading.Event()  # It is only waited for, to keep the pace.
        while burst := self._next_burst():
            for packet, to in burst:
                try:
                    self._socket.sendto(packet, to)
                except OSError:  # A full buffer, a port nobody has: the receiver can ask again.
                    with self._changed:
                        self.unsent += 1
            never.wait(PAUSE_S * len(burst) / BURST)

    def _next_burst(self) -> tuple[tuple[bytes, Place], ...]:
        """Up to 16 datagrams, once there are some; none when it is time to end."""
        with self._changed:
            while not self._outbox and not self._closing.is_set():
                self._changed.wait()
            if self._closing.is_set() and time.monotonic() > self._flush_until:
                self.unsent += len(self._outbox)
                return ()
            return tuple(self._outbox.take() for _ in range(min(BURST, len(self._outbox))))


def open_endpoint(port: int | None = None) -> Endpoint:
    """An endpoint on this port (0: any free one), or on the first free one of the bridge's eight.

    Raises:
        PortTakenError: if that port, or all eight, cannot be had.
    """
    for candidate in PORTS if port is None else (port,):
        try:
            return Endpoint(_bound_socket(candidate))
        except (OSError, OverflowError) as error:
            fault = error
    if port is None:
        raise PortTakenError(
            f"The ports {PORTS[0]} to {PORTS[-1]} are all taken: other bridges are running. Close"
            " one of them, or choose another port."
        ) from fault
    raise PortTakenError(
        f"Port {port} cannot be opened ({fault}). Another bridge, or another program, may have it."
    ) from fault


def _bound_socket(port: int) -> socket.socket:
    """A UDP socket that has the port for itself, with a big buffer for what arrives."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        if sys.platform == "win32":  # Else another program could bind the same port later.
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        opened.bind((HOST, port))
        opened.settimeout(_WAKE_S)
        _enlarge_buffer(opened)
    except (OSError, OverflowError):
        opened.close()
        raise
    return opened


def _enlarge_buffer(opened: socket.socket) -> None:
    """Ask for 4 MB, then for less: Linux gives what it may, macOS refuses what is too much."""
    size = _RECEIVE_BUFFER
    while size > opened.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF):
        try:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
        except OSError:
            size //= 2
        else:
            return


def _is_loopback(host: str) -> bool:
    return host.startswith("127.")
