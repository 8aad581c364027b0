"""``clipbridge demo``: the newcomer's first minute, over the same wire as any device."""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

import click
from rich.text import Text

from bridge.commands.arguments import request_options
from bridge.commands.beat import stiff_beat
from bridge.commands.files import keep_clip, keep_file
from bridge.commands.movement import Movement
from bridge.commands.options import setting_options, settings_from
from bridge.commands.picture import draw_takes
from bridge.commands.private_bridge import private_bridge
from bridge.commands.screen import answers, json_option, progress_bar, say_json
from bridge.daemon.caller import Caller
from bridge.daemon.settings import Settings
from bridge.music.clip import Clip, Take
from bridge.music.drumkit import GENERAL_MIDI
from bridge.protocol.messages import Accepted, AskStatus, Groove, Progress, StatusReply

TAKES: Final = 3
PATIENCE_S: Final = 60.0
"""A first start may load libraries from a slow disk and try out a graphics card."""


@dataclass(frozen=True, slots=True)
class Session:
    """What came of playing the device."""

    port: int
    takes: tuple[Take, ...]
    provider: str
    hello_s: float
    """From starting the bridge to its first word."""
    takes_s: float
    """From the request to the last take, the loading of the model included."""


@click.command()
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="OUT",
    type=click.Path(path_type=Path),
    default="clipbridge-demo",
    show_default=True,
    help="The folder for beat, takes and picture. No file in it is overwritten.",
)
@request_options(Groove, only=("takes", "seed"), defaults={"takes": TAKES})
@json_option
@setting_options("provider", "models", "cache_folder")
def demo(folder: Path, takes: int, seed: int, as_json: bool, **flags: str | None) -> None:
    """Hear in a minute what Clipbridge does.

    A bridge is started on a free port, beside one that may run already; a stiff beat is sent to it
    as a device would, and what comes back is written as MIDI files and drawn as a picture.
    """
    beat = stiff_beat()
    request = Groove(id=2, clip=1, takes=takes, seed=seed)
    session = _play_device(settings_from(flags), beat, request)
    movements = [Movement.of(beat, take.clip) for take in session.takes]
    files = Files.of(folder, beat, session.takes)
    if as_json:
        say_json(_fields(session, movements, files))
    else:
        _tell(beat, session, movements, files)


@dataclass(frozen=True, slots=True)
class Files:
    """What was written."""

    beat: Path
    takes: tuple[Path, ...]
    picture: Path

    @classmethod
    def of(cls, folder: Path, beat: Clip, takes: Sequence[Take]) -> Self:
        """Write everything; raises :class:`~bridge.errors.MidiFileError` where that fails."""
        return cls(
            beat=keep_clip(folder, "beat", beat),
            takes=tuple(_keep(folder, take) for take in takes),
            picture=keep_file(folder, "takes", ".png", _picture(beat, takes)),
        )


def _keep(folder: Path, take: Take) -> Path:
    name = f"take {take.index + 1} seed {take.seed}"
    return keep_clip(folder, name, replace(take.clip, name=name))


def _picture(beat: Clip, takes: Sequence[Take]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="clipbridge-") as name:
        path = Path(name) / "takes.png"
        draw_takes(path, beat, takes, kit=GENERAL_MIDI)
        return path.read_bytes()


def _play_device(settings: Settings, beat: Clip, request: Groove) -> Session:
    """Start a bridge, and say to it what a device in Live would say."""
    began = time.perf_counter()
    with (
        progress_bar("Starting a bridge and playing a device") as report,
        private_bridge(settings) as port,
        Caller(port, patience_s=PATIENCE_S) as device,
    ):
        device.hello("demo")
        greeted = time.perf_counter()
        device.send_clip(request.clip, beat)
        takes = device.takes(request, _parts(report))
        played = time.perf_counter()
        status = device.ask(AskStatus(), StatusReply)
    return Session(port, takes, status.provider, greeted - began, played - greeted)


def _parts(report: Callable[[float], None]) -> Callable[[Progress | Accepted], None]:
    def told(reply: Progress | Accepted) -> None:
        if isinstance(reply, Progress):
            report(reply.fraction)

    return told


def _fields(session: Session, movements: Sequence[Movement], files: Files) -> dict[str, object]:
    return {
        "beat": str(files.beat),
        "picture": str(files.picture),
        "port": session.port,
        "provider": session.provider,
        "hello_seconds": round(session.hello_s, 3),
        "takes_seconds": round(session.takes_s, 3),
        "takes": [
            {"file": str(path), "seed": take.seed, **movement.as_fields()}
            for take, movement, path in zip(session.takes, movements, files.takes, strict=True)
        ],
    }


def _tell(beat: Clip, session: Session, movements: Sequence[Movement], files: Files) -> None:
    """What happened and what to do next, in a musician's words."""
    console = answers()

    def say(*parts: str | tuple[str, str]) -> None:
        console.print(Text.assemble(*parts), soft_wrap=True)

    say(
        ("A bridge", "bold"),
        f" was started on port {session.port} and answered after {session.hello_s:.1f} s.",
    )
    say(
        ("In:", "bold"),
        f"  a stiff beat, {beat.bars} bars at {beat.tempo:g} bpm, {len(beat.notes)} hits,"
        f" all on the grid, velocity {beat.notes[0].velocity:g}.",
    )
    say(
        ("Out:", "bold"),
        f" {len(session.takes)} takes after {session.takes_s:.1f} s on {session.provider},"
        " every hit still on its step:",
    )
    for take, movement in zip(session.takes, movements, strict=True):
        say(
            (f"     take {take.index + 1}", "green"),
            f"  {movement.push} on average, single hits {movement.span},"
            f" velocity {movement.velocities}  (seed {take.seed})",
        )
    say()
    say((f"Written to {files.beat.parent.resolve()}:", "bold"))
    for path in (files.beat, *files.takes):
        say(f"     {path.name}")
    say(f"     {files.picture.name}: a picture of the beat and its takes, early and late to scale")
    say()
    say(("What next", "bold"))
    for line in _next_steps(files.beat.parent):
        say(f"  * {line}")


def _next_steps(folder: Path) -> tuple[str, ...]:
    return (
        f"Open {folder} and drag the .mid files into your DAW, beat.mid first,"
        " each on a track with drums.",
        "Your own beat: clipbridge groove your-beat.mid",
        "Any program that speaks OSC: clipbridge serve; how to talk to it: clipbridge protocol",
        "Something is off: clipbridge doctor",
    )
