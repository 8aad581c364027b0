"""Who talks to the bridge: where each client is answered, what it sent, what it was told."""

import itertools
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from bridge.errors import BadRequestError
from bridge.music.clip import Clip
from bridge.osc.chunks import ROWS_PER_PIECE
from bridge.osc.endpoint import HOST
from bridge.osc.outbox import Place
from bridge.protocol.assembly import Assembly, Missing
from bridge.protocol.frame import Frame
from bridge.protocol.messages import (
    ClipBegin,
    ClipEnd,
    ClipNotes,
    Done,
    Fail,
    Hello,
    Reply,
    TakeBegin,
    TakeEnd,
    TakeNotes,
    ToolRequest,
)

MOST_CLIENTS: Final = 64
MOST_CLIPS: Final = 64
MOST_ANSWERS: Final = 32
MOST_NOTES: Final = 200_000
"""Notes of one client's clips that are kept; those not used for longest go first."""
MOST_REPLIES: Final = 20_000
"""Messages of one client's answers that are kept: the takes of its largest request."""


@dataclass(slots=True)
class Answer:
    """A request and everything that was answered to it so far."""

    request: ToolRequest
    replies: list[Reply] = field(default_factory=list)

    @property
    def has_ended(self) -> bool:
        """Whether the request has got its done or its fail."""
        return bool(self.replies) and isinstance(self.replies[-1], Done | Fail)

    def take(self, index: int) -> tuple[TakeBegin | TakeNotes | TakeEnd, ...]:
        """The messages of one take; none if it has not been sent."""
        return tuple(
            reply
            for reply in self.replies
            if isinstance(reply, TakeBegin | TakeNotes | TakeEnd) and reply.take == index
        )


@dataclass(slots=True)
class Client:
    """One device, program or script."""

    number: int
    """No other client has it, not even one that comes to the same place later."""
    source: Place
    """Where its messages come from."""
    reply_to: Place
    """Where it is answered."""
    name: str = ""
    has_greeted: bool = False
    """It said hello."""
    roams: bool = False
    """It said hello for another port and nothing since: each message may have a port of its own."""
    clips: OrderedDict[int, Clip] = field(default_factory=OrderedDict)
    """Those that have come whole, the one sent or used last at the end."""
    answers: OrderedDict[int, Answer] = field(default_factory=OrderedDict)
    _uploads: OrderedDict[int, Assembly] = field(default_factory=OrderedDict)
    """Clips on their way in."""

    def receive(self, part: ClipBegin | ClipNotes | ClipEnd) -> Clip | Missing | None:
        """Take a part of a clip: the clip once it is whole, or what is missing at its end.

        As soon as another clip begins under the id of one that was whole, that one is forgotten:
        no tool may play a clip that the musician has changed since.

        Raises:
            ChecksumError: if the clip is whole, but not the one that was sent.
            BadRequestError: if this part, or the whole clip, makes no sense.
        """
        whole = self.clips.get(part.clip)
        if whole is not None and not _agrees(part, whole):
            del self.clips[part.clip]
        elif whole is not None and part.clip not in self._uploads:
            # Something that came twice, or an end whose answer was lost.
            if isinstance(part, ClipNotes):
                return None
            if isinstance(part, ClipEnd):
                return whole
        if part.clip not in self._uploads:
            self._uploads[part.clip] = Assembly()
            while len(self._uploads) > MOST_CLIPS:
                self._uploads.popitem(last=False)
        result = self._uploads[part.clip].accept(part)
        if isinstance(result, Clip):
            del self._uploads[part.clip]
            self._keep(part.clip, result)
        return result

    def clip(self, clip_id: int) -> Clip | None:
        """A clip that has come whole; one that is used is forgotten later."""
        if clip_id in self.clips:
            self.clips.move_to_end(clip_id)
        return self.clips.get(clip_id)

    def answer_to(self, request: ToolRequest) -> Answer | None:
        """What was answered to this very request; None if it is new.

        Raises:
            BadRequestError: if its id was used for another request.
        """
        answer = self.answers.get(request.id)
        if answer is not None and answer.request != request:
            raise BadRequestError(
                f"The id {request.id} belongs to another request; every request needs a new one."
            )
        return answer

    def open_answer(self, request: ToolRequest) -> Answer:
        """Begin to note what is answered to a new request; the oldest that ended are dropped."""
        ended = (key for key, answer in tuple(self.answers.items()) if answer.has_ended)
        while self._has_many_answers() and (oldest := next(ended, None)) is not None:
            del self.answers[oldest]
        answer = self.answers[request.id] = Answer(request)
        return answer

    def _has_many_answers(self) -> bool:
        replies = sum(len(answer.replies) for answer in self.answers.values())
        return len(self.answers) >= MOST_ANSWERS or replies > MOST_REPLIES

    def _keep(self, clip_id: int, clip: Clip) -> None:
        """Keep a clip; those not used for longest go where there are too many."""
        self.clips.pop(clip_id, None)
        self.clips[clip_id] = clip
        while len(self.clips) > 1 and (
            len(self.clips) > MOST_CLIPS
            or sum(len(kept.notes) for kept in self.clips.values()) > MOST_NOTES
        ):
            self.clips.popitem(last=False)


class Clients:
    """All clients; not safe for several threads, the service holds the lock."""

    def __init__(self) -> None:
        self._clients: OrderedDict[Place, Client] = OrderedDict()
        """By their source, the one heard last at the end."""
        self._numbers = itertools.count(1)

    def __iter__(self) -> Iterator[Client]:
        return iter(tuple(self._clients.values()))

    def at(self, source: Place) -> Client:
        """The client that sends from a place.

        A place that never said hello belongs to the last client that said hello for another port
        and was not heard from its own place since: programs such as oscsend take a new port for
        each message. Else it is a client of its own, answered where it sends from.
        """
        client = self._clients.get(source)
        if client is None or not client.has_greeted:
            roaming = (known for known in reversed(self._clients.values()) if known.roams)
            client = next(roaming, client) or self._add(source, source)
        else:
            client.roams = False
        self._clients.move_to_end(client.source)
        return client

    def hello(self, source: Place, hello: Hello) -> tuple[Client, tuple[Client, ...]]:
        """The client that says hello, and those that it takes the place of.

        A device that is loaded anew sends from another port, but listens where it did.
        """
        reply_to = (HOST, hello.reply_port) if hello.reply_port else source
        replaced = tuple(
            other
            for other in self._clients.values()
            if other.source != source and other.reply_to == reply_to
        )
        for other in replaced:
            self.forget(other)
        client = self._clients.get(source) or self._add(source, reply_to)
        # Who says hello twice from one place has a place of its own.
        client.roams = not client.has_greeted and reply_to != source
        client.reply_to, client.name, client.has_greeted = reply_to, hello.client, True
        self._clients.move_to_end(source)
        return client, replaced

    def forget(self, client: Client) -> None:
        """Drop a client and all it sent."""
        self._clients.pop(client.source, None)

    def find(self, number: int) -> Client | None:
        """The client of this number, unless it has gone."""
        return next((known for known in self._clients.values() if known.number == number), None)

    def _add(self, source: Place, reply_to: Place) -> Client:
        """A new client; where there are too many, one that never said hello goes, or the oldest."""
        if len(self._clients) >= MOST_CLIENTS:
            strangers = (known for known in self._clients.values() if not known.has_greeted)
            oldest = next(iter(self._clients.values()))
            self.forget(next(strangers, oldest))
        client = self._clients[source] = Client(next(self._numbers), source, reply_to)
        return client


def _agrees(part: ClipBegin | ClipNotes | ClipEnd, clip: Clip) -> bool:
    """Whether a part may belong to this very clip."""
    match part:
        case ClipBegin():
            return part.frame == Frame.of(clip)
        case ClipNotes():
            first = part.piece * ROWS_PER_PIECE
            return clip.notes[first : first + ROWS_PER_PIECE] == tuple(
                row.note for row in part.notes
            )
        case ClipEnd():
            return True
