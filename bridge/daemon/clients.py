"""Who talks to the bridge: where each client is answered, what it sent, what it was told."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeVar

from bridge.errors import BadRequestError
from bridge.music.clip import Clip
from bridge.osc.endpoint import HOST
from bridge.osc.outbox import Place
from bridge.protocol.assembly import Assembly
from bridge.protocol.messages import Hello, Reply, TakeBegin, TakeEnd, TakeNotes, ToolRequest

MOST_CLIENTS: Final = 64
MOST_CLIPS: Final = 64
MOST_ANSWERS: Final = 32
MOST_NOTES: Final = 200_000
"""Notes of one client's clips that are kept; the oldest clips go first."""
MOST_REPLIES: Final = 20_000
"""Messages of one client's answers that are kept: the takes of its largest request."""

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(slots=True)
class Answer:
    """A request and everything that was answered to it so far."""

    request: ToolRequest
    replies: list[Reply] = field(default_factory=list)

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

    source: Place
    """Where its messages come from."""
    reply_to: Place
    """Where it is answered."""
    name: str = ""
    roams: bool = False
    """It said hello for another port and nothing since: each message may have a port of its own."""
    uploads: OrderedDict[int, Assembly] = field(default_factory=OrderedDict)
    clips: OrderedDict[int, Clip] = field(default_factory=OrderedDict)
    answers: OrderedDict[int, Answer] = field(default_factory=OrderedDict)

    def upload(self, clip_id: int) -> Assembly:
        """The clip of this id on its way in."""
        return _kept(self.uploads, clip_id, Assembly, MOST_CLIPS)

    def keep_clip(self, clip_id: int, clip: Clip) -> None:
        """Keep a clip that has come whole, in place of an earlier one of this id."""
        self.clips.pop(clip_id, None)
        self.clips[clip_id] = clip
        while len(self.clips) > 1 and (
            len(self.clips) > MOST_CLIPS
            or sum(len(kept.notes) for kept in self.clips.values()) > MOST_NOTES
        ):
            oldest, _ = self.clips.popitem(last=False)
            self.uploads.pop(oldest, None)

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
        """Begin to note what is answered to a new request; the oldest answers are dropped."""
        while self.answers and sum(len(kept.replies) for kept in self.answers.values()) > (
            MOST_REPLIES
        ):
            self.answers.popitem(last=False)
        return _kept(self.answers, request.id, lambda: Answer(request), MOST_ANSWERS)


class Clients:
    """All clients; not safe for several threads, the service holds the lock."""

    def __init__(self) -> None:
        self._clients: OrderedDict[Place, Client] = OrderedDict()

    def __iter__(self) -> Iterator[Client]:
        return iter(tuple(self._clients.values()))

    def at(self, source: Place) -> Client:
        """The client that sends from a place.

        A place that never said hello belongs to the last client that said hello for another port
        and was not heard from its own place since: programs such as oscsend take a new port for
        each message. Else it is a new client, answered where it sends from.
        """
        if source in self._clients:
            client = self._clients[source]
            client.roams = False
            self._clients.move_to_end(source)
            return client
        roaming = next((known for known in reversed(self._clients.values()) if known.roams), None)
        return roaming or self._add(Client(source, source))

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
            del self._clients[other.source]
        if source in self._clients:
            client = self._clients[source]
            client.reply_to, client.roams = reply_to, False
        else:
            client = self._add(Client(source, reply_to, roams=reply_to != source))
        client.name = hello.client
        return client, replaced

    def forget(self, client: Client) -> None:
        """Drop a client and all it sent."""
        self._clients.pop(client.source, None)

    def find(self, source: Place) -> Client | None:
        """The client that sends from a place, if it is known."""
        return self._clients.get(source)

    def _add(self, client: Client) -> Client:
        self._clients[client.source] = client
        while len(self._clients) > MOST_CLIENTS:
            self._clients.popitem(last=False)
        return client


def _kept(kept: OrderedDict[Key, Value], key: Key, make: Callable[[], Value], most: int) -> Value:
    """The value of a key, made if there is none; beyond ``most`` the oldest are dropped."""
    if key not in kept:
        kept[key] = make()
        while len(kept) > most:
            kept.popitem(last=False)
    return kept[key]
