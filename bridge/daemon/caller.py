"""The other side of the wire: a client that sends clips and collects takes, over real UDP.

The command line, the demo, the self-test and the tests are clients like any device.
"""

import contextlib
import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self, TypeVar

from bridge.errors import BadRequestError, BridgeError, DeadlineError
from bridge.music.clip import Clip, Take
from bridge.osc.endpoint import HOST, open_endpoint
from bridge.osc.message import OscMessage
from bridge.osc.outbox import Place
from bridge.protocol import wire
from bridge.protocol.assembly import Assembly, Missing
from bridge.protocol.messages import (
    PROTOCOL,
    Accepted,
    Bye,
    ByeReply,
    ClipEnd,
    ClipMissing,
    ClipNotes,
    ClipReady,
    Done,
    Fail,
    Hello,
    HelloReply,
    Progress,
    Reply,
    Request,
    Resend,
    TakeBegin,
    TakeEnd,
    TakeNotes,
    ToolRequest,
)

Awaited = TypeVar("Awaited", bound=Reply)
Heard = TypeVar("Heard")

PATIENCE_S: Final = 8.0
"""Live may stall for six seconds; nothing is given up before eight."""

ASK_AGAIN_S: Final = 1.0
"""Without any word for so long a message is sent again: one of the two was lost."""


class RefusedError(BridgeError):
    """The bridge answered with a fail; ``code`` and text are the bridge's own."""

    def __init__(self, reply: Fail) -> None:
        super().__init__(reply.text)
        self.code = reply.code


@dataclass(slots=True)
class _Coming:
    """A take on its way in."""

    assembly: Assembly
    begin: TakeBegin | None = None
    clip: Clip | None = None


class Caller:
    """A client of one bridge; a context manager that says bye at the end."""

    def __init__(self, port: int, *, patience_s: float = PATIENCE_S) -> None:
        """Open a socket of its own; nothing is said yet.

        Args:
            port: The bridge's.
            patience_s: How long the bridge may be silent before it is given up.
        """
        self._endpoint = open_endpoint(0)
        self._bridge: Place = (HOST, port)
        self._patience_s = patience_s

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def port(self) -> int:
        """The port from which it sends, and on which it is answered."""
        return self._endpoint.port

    def close(self) -> None:
        """Say bye and close the socket; the bridge's answer is not waited for."""
        self.send(Bye())
        self._endpoint.close()

    def send(self, *requests: Request) -> None:
        """Say something."""
        self.send_raw(*(wire.write(request) for request in requests))

    def send_raw(self, *messages: OscMessage) -> None:
        """Say anything, sense or nonsense."""
        self._endpoint.send(messages, self._bridge)

    def next_reply(self, timeout_s: float) -> Reply | None:
        """The next thing the bridge says; None if it says nothing in time.

        What others say, and what makes no sense, is passed over.
        """
        until = time.monotonic() + timeout_s
        while True:
            try:
                arrival = self._endpoint.arrivals.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return None
            if arrival.source == self._bridge and isinstance(arrival.content, OscMessage):
                with contextlib.suppress(BadRequestError):
                    return wire.read_reply(arrival.content)

    def ask(self, request: Request, awaited: type[Awaited]) -> Awaited:
        """Say something until an answer of this kind comes.

        Raises:
            RefusedError: if a fail comes instead.
            DeadlineError: if nothing comes for long.
        """
        return self._converse(
            lambda: self.send(request),
            lambda reply: reply if isinstance(reply, awaited) else None,
            request_id=wire.request_id(wire.write(request)),
        )

    def hello(self, name: str) -> HelloReply:
        """Who the bridge is; raises as :meth:`ask`."""
        return self.ask(Hello(reply_port=0, client=name, protocol=PROTOCOL), HelloReply)

    def send_clip(self, clip_id: int, clip: Clip) -> None:
        """Send a clip until the bridge has all of it; raises as :meth:`ask`."""
        messages = wire.clip_messages(clip_id, clip)
        pieces = [message for message in messages if isinstance(message, ClipNotes)]
        end = ClipEnd(clip=clip_id)
        self.send(*messages[:-1])

        def heard(reply: Reply) -> bool | None:
            match reply:
                case ClipReady(clip=ready) if ready == clip_id:
                    return True
                case ClipMissing(clip=lacking) if lacking == clip_id:
                    again = [part for part in pieces if part.piece in reply.pieces]
                    self.send(*(again or messages[:-1]), end)
            return None

        self._converse(lambda: self.send(end), heard, request_id=clip_id)

    def takes(
        self, request: ToolRequest, progress: Callable[[Progress | Accepted], None] | None = None
    ) -> tuple[Take, ...]:
        """The takes that a request brings; lost pieces are asked for again.

        Args:
            request: Its clips must have been sent.
            progress: Told how far the job is.

        Raises:
            RefusedError: if the job ends in a fail.
            DeadlineError: if the bridge falls silent.
        """
        coming: dict[int, _Coming] = {}
        expected: int | None = None

        def heard(reply: Reply) -> bool | None:
            nonlocal expected
            match reply:
                case Progress() | Accepted() if progress is not None and reply.id == request.id:
                    progress(reply)
                case TakeBegin() | TakeNotes() | TakeEnd() if reply.id == request.id:
                    self._collect(coming.setdefault(reply.take, _Coming(Assembly())), reply)
                case Done() if reply.id == request.id:
                    expected = reply.takes
                    for index in range(expected):
                        self._ask_for_the_rest(request.id, index, coming.get(index))
            complete = [take for take in coming.values() if take.clip is not None]
            return True if len(complete) == expected else None

        self._converse(lambda: self.send(request), heard, request_id=request.id)
        return tuple(
            Take(index, take.begin.seed, take.clip)
            for index, take in sorted(coming.items())
            if take.begin is not None and take.clip is not None
        )

    def _collect(self, take: _Coming, reply: TakeBegin | TakeNotes | TakeEnd) -> None:
        if isinstance(reply, TakeBegin):
            take.begin = reply
        match take.assembly.accept(reply):
            case Clip() as clip:
                take.clip = clip
            case Missing() as missing:
                self.send(Resend(id=reply.id, take=reply.take, pieces=missing.pieces))

    def _ask_for_the_rest(self, request_id: int, index: int, take: _Coming | None) -> None:
        """What has not come of a take by the time all has been sent is lost."""
        if take is None or take.begin is None:
            self.send(Resend(id=request_id, take=index))
        elif take.clip is None:
            self._collect(take, TakeEnd(id=request_id, take=index))

    def _converse(
        self, speak: Callable[[], None], hear: Callable[[Reply], Heard | None], *, request_id: int
    ) -> Heard:
        """Speak, and again after each silence, until ``hear`` gives something.

        Only a fail of this request ends it: one of an earlier request may still be on its way.
        """
        speak()
        silent_since = time.monotonic()
        while (silence := time.monotonic() - silent_since) < self._patience_s:
            reply = self.next_reply(min(ASK_AGAIN_S, self._patience_s - silence))
            if reply is None:
                speak()
                continue
            silent_since = time.monotonic()
            if isinstance(reply, Fail) and reply.id == request_id:
                raise RefusedError(reply)
            if isinstance(reply, ByeReply):
                break
            heard = hear(reply)
            if heard is not None:
                return heard
        raise DeadlineError(
            f"The bridge on port {self._bridge[1]} does not answer. Is it running?"
            " Start it with: clipbridge serve"
        )
