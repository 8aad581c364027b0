"""The protocol's manual, PROTOCOL.md, and the devices' constants, Protocol.js, from the table.

``python -m bridge.protocol.manual`` writes both into the repository; a test holds them in step.
"""

import inspect
import re
from pathlib import Path
from typing import Final

from bridge import errors
from bridge.errors import BridgeError
from bridge.music.clip import Clip, Note
from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH
from bridge.osc.endpoint import HOST, PORTS
from bridge.osc.message import OscMessage, tag_of
from bridge.protocol.frame import NoteRow
from bridge.protocol.javascript import javascript
from bridge.protocol.messages import PROTOCOL, AskStatus, Groove, Hello, Reply, Request
from bridge.protocol.parameters import Flag, Real, Slot, Text, Whole, layout_of
from bridge.protocol.prose import CHECKSUM, HEAD, LOSSES, NOTE_INTRODUCTION
from bridge.protocol.table import TABLE, TOOL_ANSWERS, Row, row_of
from bridge.protocol.wire import clip_messages, write

DEVICES: Final = Path(__file__).parents[2] / "max_devices"
"""Where the two files stand in the repository."""

LOCAL_ERRORS: Final = (
    errors.MidiFileError,
    errors.SettingError,
    errors.PortTakenError,
    errors.DataMissingError,
    errors.ExportError,
)
"""Faults of the command line, which never travel."""

_EXAMPLE_PORT: Final = 17_300


def main() -> None:
    """Write both files anew."""
    (DEVICES / "PROTOCOL.md").write_text(markdown(), encoding="utf-8", newline="\n")
    source = DEVICES / "src"
    source.mkdir(exist_ok=True)
    (source / "Protocol.js").write_text(javascript(), encoding="utf-8", newline="\n")


def markdown() -> str:
    """The text of PROTOCOL.md."""
    requests = [_section(row) for row in TABLE if not row.is_reply]
    replies = [_section(row) for row in TABLE if row.is_reply]
    parts = [
        HEAD.format(protocol=PROTOCOL, host=HOST, first=PORTS[0], last=PORTS[-1]),
        _example(),
        "## What a client says",
        *requests,
        "## What the bridge says",
        *replies,
        NOTE_INTRODUCTION,
        _parameters(layout_of(NoteRow).slots),
        CHECKSUM,
        LOSSES,
        _error_codes(),
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _section(row: Row) -> str:
    """All about one address."""
    layout = row.layout
    parts = [f"### `{row.address}`", row.meaning]
    slots = layout.slots
    if slots:
        parts.append(_parameters(slots))
    if layout.tail is not None:
        tail = layout.tail
        parts.append(f"Then {tail.least} to {tail.most} times: {_lowered(tail.meaning)}")
    if layout.required < len(slots):
        parts.append("Arguments with a default may be left out from the end.")
    if row.answers:
        names = ", ".join(f"`{row_of(kind).address}`" for kind in row.answers)
        parts.append(
            f"{'Answers, in this order' if row.answers == TOOL_ANSWERS else 'Answer'}: {names}"
        )
    return "\n\n".join(parts)


def _parameters(slots: tuple[Slot, ...]) -> str:
    """A table of arguments."""
    lines = ["| argument | type | range | default | meaning |", "|---|---|---|---|---|"]
    for slot in slots:
        default = "" if slot.default is None else f"{slot.default}"
        meaning = slot.parameter.meaning
        lines.append(
            f"| `{slot.name}` | {slot.parameter.tag} | {_range(slot)} | {default} | {meaning} |"
        )
    return "\n".join(lines)


def _range(slot: Slot) -> str:
    match slot.parameter:
        case Whole() as whole:
            return f"{whole.low:,} – {whole.high:,} {whole.unit}".strip()
        case Real() as real:
            return f"{real.low:g} – {real.high:g} {real.unit}".strip()
        case Flag():
            return "0 or 1"
        case Text(choices=()) as text:
            return f"up to {text.limit} bytes"
        case Text() as text:
            return ", ".join(f"`{choice}`" for choice in text.choices)


def _error_codes() -> str:
    lines = ["## Error codes", "", "| code | meaning |", "|---|---|"]
    for kind in vars(errors).values():
        if inspect.isclass(kind) and issubclass(kind, BridgeError) and kind not in LOCAL_ERRORS:
            meaning = inspect.cleandoc(kind.__doc__ or "").replace("\n", " ")
            if kind is BridgeError:
                meaning = "A fault of the bridge itself; its log says more."
            lines.append(f"| `{kind.code}` | {meaning} |")
    return "\n".join(lines)


def _example() -> str:
    """A conversation by liblo's two small programs."""
    beat = Clip(
        notes=tuple(
            Note(pitch, place * TICKS_PER_BEAT, TICKS_PER_SIXTEENTH)
            for place, pitch in enumerate((36, 38, 36, 38))
        ),
        length=4 * TICKS_PER_BEAT,
    )
    requests: list[Request | Reply] = [
        Hello(reply_port=_EXAMPLE_PORT, client="oscsend", protocol=PROTOCOL),
        AskStatus(),
        *clip_messages(1, beat),
        Groove(id=2, clip=1, takes=1, seed=7),
    ]
    commands = "\n".join(_command(write(request)) for request in requests)
    return f"""\
## A conversation to try

With liblo's `oscdump` and `oscsend` (Debian: `apt install liblo-tools`). In one terminal, listen to
what the bridge says:

```
oscdump -L {_EXAMPLE_PORT}
```

In another say hello, ask for the status, send one bar of kick and snare, and ask for a take of it:

```
{commands}
```

The first terminal shows `/bridge/hello.reply`, `/bridge/status.reply`, `/bridge/clip/ready`,
`/bridge/accepted`, `/bridge/progress`, the take in `/bridge/take/begin`, `/bridge/take/notes` and
`/bridge/take/end`, and `/bridge/done`."""


def _command(message: OscMessage) -> str:
    """The line of a shell that sends a message."""
    tags = "".join(tag_of(argument) for argument in message.arguments)
    values = (f"{each:g}" if isinstance(each, float) else f"{each}" for each in message.arguments)
    return " ".join(("oscsend", HOST, f"{PORTS[0]}", message.address, tags, *values)).rstrip()


def _lowered(sentence: str) -> str:
    return re.sub(r"^\w", lambda first: first.group().lower(), sentence)


if __name__ == "__main__":
    main()
