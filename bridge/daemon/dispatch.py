"""The whole pipeline as one synchronous function: a request in, replies out, faults as replies."""

import logging
from collections.abc import Callable, Mapping

from bridge.engine.cancel import Cancel
from bridge.errors import BridgeError
from bridge.music.clip import Clip
from bridge.protocol.messages import Done, Progress, Reply, ToolRequest
from bridge.protocol.wire import fail, take_messages
from bridge.tools.registry import Stage, play

_log = logging.getLogger(__name__)


def answer(
    request: ToolRequest,
    clips: Mapping[int, Clip],
    stage: Stage,
    *,
    cancel: Cancel,
    report: Callable[[Progress], None],
) -> tuple[Reply, ...]:
    """All takes and a done, or one fail; never an exception.

    Args:
        request: What is asked.
        clips: The clips that it names, by id.
        stage: Models and kits.
        cancel: Cancelling it ends the job with a fail.
        report: Told how far the job is.
    """

    def told(state: str, part: float) -> None:
        report(Progress(id=request.id, fraction=min(1.0, max(0.0, part)), state=state))

    try:
        takes = play(request, clips, stage, cancel=cancel, report=told)
        told("sending", 1.0)
        messages: list[Reply] = []
        for take in takes:
            cancel.check()
            messages.extend(take_messages(request.id, take, len(takes)))
        return (*messages, Done(id=request.id, takes=len(takes)))
    except BridgeError as error:
        _log.info("job failed", extra={"request": request.id, "code": error.code})
        return (fail(request.id, error),)
    except Exception:
        _log.exception("job broke", extra={"request": request.id})
        return (
            fail(
                request.id,
                BridgeError("Something broke inside the bridge; its log says what. Try again."),
            ),
        )
