"""The running bridge: reads what clients say, queues their jobs, and sends what comes of them."""

import logging
import queue
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final

import psutil

from bridge import VERSION
from bridge.daemon.clients import Client, Clients
from bridge.daemon.instance import Claim
from bridge.daemon.jobs import Job, Jobs
from bridge.daemon.settings import Settings
from bridge.daemon.worker import MEGABYTE, Worker
from bridge.engine.catalog import Catalog
from bridge.errors import BadRequestError, BridgeError, UnknownClipError, VersionError
from bridge.music.clip import Clip
from bridge.osc.endpoint import Arrival, Endpoint
from bridge.osc.message import OscMessage
from bridge.osc.outbox import Place
from bridge.protocol import wire
from bridge.protocol.assembly import Missing
from bridge.protocol.messages import (
    PROTOCOL,
    Accepted,
    AskModels,
    AskStatus,
    Bye,
    ByeReply,
    Cancel,
    ClipBegin,
    ClipEnd,
    ClipMissing,
    ClipNotes,
    ClipReady,
    Done,
    Fail,
    Hello,
    HelloReply,
    ModelsReply,
    Progress,
    Reply,
    Request,
    Resend,
    StatusReply,
    Sync,
    Synced,
    ToolRequest,
)
from bridge.protocol.table import is_reply_address
from bridge.tools.registry import clips_named

_log = logging.getLogger(__name__)

LISTEN_S: Final = 0.2
"""How often the loop looks whether it should stop while nobody says anything."""

SESSIONS: Final = 2**31


class Service:
    """One bridge on one endpoint, from its making to :meth:`close`."""

    def __init__(
        self,
        endpoint: Endpoint,
        catalog: Catalog,
        hire: Callable[[], Worker],
        settings: Settings,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start the queue; nothing is answered before :meth:`run`.

        Args:
            endpoint: Open; it is closed with the service.
            catalog: The models to tell of; they are loaded in the worker only.
            hire: Gives a worker.
            settings: Of the queue.
            clock: Seconds, never backwards.
        """
        self._endpoint = endpoint
        self._catalog = catalog
        self._clock = clock
        self._began = clock()
        self._session = secrets.randbelow(SESSIONS)
        self._clients = Clients()
        self._lock = threading.RLock()
        """Of the clients: the loop and the queue's thread both use them."""
        self._jobs = Jobs(
            hire,
            self._deliver,
            deadline_s=settings.deadline_s,
            size=settings.queue_size,
            clock=clock,
        )

    def run(self, stop: threading.Event) -> None:
        """Answer until ``stop`` is set."""
        while not stop.is_set():
            try:
                arrival = self._endpoint.arrivals.get(timeout=LISTEN_S)
            except queue.Empty:
                continue
            self.handle(arrival)

    def close(self) -> None:
        """End every job with its fail, say goodbye to every client and free the port."""
        self._jobs.close()
        with self._lock:
            for client in self._clients:
                self._send(client, [ByeReply()])
        self._endpoint.close()

    def handle(self, arrival: Arrival) -> None:
        """Answer one message; whatever is wrong with it is an answer too."""
        content = arrival.content
        if isinstance(content, OscMessage) and is_reply_address(content.address):
            return  # Two bridges must not talk in circles.
        request_id = wire.request_id(content) if isinstance(content, OscMessage) else 0
        with self._lock:
            try:
                if isinstance(content, BridgeError):
                    raise content
                self._answer(arrival.source, wire.read(content))
            except BridgeError as error:
                _log.info(
                    "refused",
                    extra={"request": request_id, "code": error.code, "reason": str(error)},
                )
                self._send(self._clients.at(arrival.source), [wire.fail(request_id, error)])
            except Exception:
                _log.exception("broke", extra={"request": request_id})
                broken = BridgeError("Something broke inside the bridge; its log says what.")
                self._send(self._clients.at(arrival.source), [wire.fail(request_id, broken)])

    def _answer(self, source: Place, request: Request) -> None:
        if isinstance(request, Hello):
            self._greet(source, request)
            return
        client = self._clients.at(source)
        match request:
            case Bye():
                self._jobs.cancel(client.number)
                self._send(client, [ByeReply()])
                self._clients.forget(client)
            case AskStatus():
                self._send(client, [self._status(client)])
            case AskModels():
                self._send(client, self._models())
            case Sync():
                self._send(client, [Synced(id=request.id)])
            case ClipBegin() | ClipNotes() | ClipEnd():
                self._receive_piece(client, request)
            case ToolRequest():
                self._accept(client, request)
            case Cancel():
                self._cancel(client, request)
            case Resend():
                self._send(client, self._resent(client, request))

    def _greet(self, source: Place, hello: Hello) -> None:
        if hello.reply_port == self._endpoint.port:
            raise BadRequestError(
                f"The reply port {hello.reply_port} is the bridge's own; answers would go to"
                " nobody. Listen on another port."
            )
        client, replaced = self._clients.hello(source, hello)
        for other in replaced:
            self._jobs.cancel(other.number)
        _log.info("hello", extra={"client": hello.client, "protocol": hello.protocol})
        if hello.protocol != PROTOCOL:
            raise VersionError(
                f"This device speaks protocol {hello.protocol}, the bridge (Clipbridge {VERSION})"
                f" speaks {PROTOCOL}. Update whichever is older."
            )
        self._send(client, [HelloReply(version=VERSION, protocol=PROTOCOL, session=self._session)])

    def _receive_piece(self, client: Client, part: ClipBegin | ClipNotes | ClipEnd) -> None:
        match client.receive(part):
            case Clip():
                self._send(client, [ClipReady(clip=part.clip)])
            case Missing() as missing:
                self._send(client, [ClipMissing(clip=part.clip, pieces=missing.pieces)])

    def _accept(self, client: Client, request: ToolRequest) -> None:
        known = client.answer_to(request)
        if known is not None:
            # A job under way is accepted again; one that has ended is answered again.
            position = self._jobs.position(client.number, request.id) or 0
            again = [Accepted(id=request.id, position=position)]
            self._send(client, known.replies if known.has_ended else again)
            return
        clips = {}
        for clip_id in clips_named(request):
            clip = client.clip(clip_id)
            if clip is None:
                raise UnknownClipError(
                    f"The clip {clip_id} was not sent, or not all of it. Send it and ask again."
                )
            clips[clip_id] = clip
        position = self._jobs.submit(Job(client.number, request, clips))
        _log.info(
            "accepted",
            extra={"client": client.name, "request": request.id, "tool": type(request).__name__},
        )
        accepted = Accepted(id=request.id, position=position)
        # The queue's thread waits for the lock, so no reply can overtake this one.
        client.open_answer(request).replies.append(accepted)
        self._send(client, [accepted])

    def _cancel(self, client: Client, request: Cancel) -> None:
        answer = client.answers.get(request.id)
        if answer is None:
            raise BadRequestError(f"There is no request {request.id} to cancel.")
        if answer.has_ended:
            self._send(client, answer.replies[-1:])
        else:
            self._jobs.cancel(client.number, request.id)

    def _resent(self, client: Client, request: Resend) -> Iterable[Reply]:
        answer = client.answers.get(request.id)
        take = () if answer is None else answer.take(request.take)
        if not take:
            raise BadRequestError(
                f"The request {request.id} has no take {request.take} to send again."
            )
        return wire.resend_messages(take, request.pieces)

    def _status(self, client: Client) -> StatusReply:
        running = self._jobs.running
        worker = self._jobs.worker_status
        own = running is not None and running.client == client.number
        memory = psutil.Process().memory_info().rss // MEGABYTE
        return StatusReply(
            state="ready" if running is None else "working",
            queued=self._jobs.waiting,
            running=running.request.id if running is not None and own else 0,
            model=worker.model if worker else "",
            provider=worker.provider if worker else "",
            memory_mb=memory + (worker.memory_mb if worker else 0),
            uptime_s=int(self._clock() - self._began),
        )

    def _models(self) -> list[Reply]:
        entries = self._catalog.entries()
        worker = self._jobs.worker_status
        loaded = worker.model if worker else ""
        if not entries:
            return [ModelsReply(index=0, count=0, name="", tool="", state="missing", parameters=0)]
        return [
            ModelsReply(
                index=index,
                count=len(entries),
                name=entry.name,
                tool=entry.manifest.tool if entry.manifest else "",
                state="loaded" if entry.name == loaded else entry.state,
                parameters=entry.manifest.parameters if entry.manifest else 0,
            )
            for index, entry in enumerate(entries)
        ]

    def _deliver(self, job: Job, reply: Reply) -> None:
        with self._lock:
            client = self._clients.find(job.client)
            if client is None:  # It said bye, or its place was taken: nobody waits for this job.
                self._jobs.cancel(job.client)
                return
            answer = client.answers.get(job.request.id)
            if answer is None or answer.has_ended:
                return
            if not isinstance(reply, Progress):
                answer.replies.append(reply)
            if isinstance(reply, Done | Fail):
                code = reply.code if isinstance(reply, Fail) else "done"
                _log.info("ended", extra={"request": job.request.id, "code": code})
            self._send(client, [reply])

    def _send(self, client: Client, replies: Iterable[Reply]) -> None:
        self._endpoint.send([wire.write(reply) for reply in replies], client.reply_to)


def open_service(
    endpoint: Endpoint,
    catalog: Catalog,
    hire: Callable[[], Worker],
    settings: Settings,
    claim: Claim,
) -> Service:
    """A service whose port other programs of this user can find."""
    service = Service(endpoint, catalog, hire, settings)
    claim.publish(endpoint.port, datetime.now(UTC))
    return service
