"""One message of each kind as it stands in golden.txt, which the devices' tests read too.

``python -m tests.wire.examples`` writes the file anew; do that only when the protocol changes.
"""

import json
from pathlib import Path

from bridge.music.clip import Clip, Note, Take
from bridge.osc.message import encode, tag_of
from bridge.protocol import messages as m
from bridge.protocol.wire import clip_messages, take_messages, write

GOLDEN = Path(__file__).parent / "golden.txt"

HEAD = """\
# One datagram a line: address, OSC types, arguments as JSON, bytes in hexadecimal; tabs between.
# Written by: python -m tests.wire.examples
"""

BEAT = Clip(
    notes=(
        Note(36, 0, 5_040, velocity=100.0, note_id=11),
        Note(42, -10, 2_520, velocity=63.5, mute=True, probability=0.25, velocity_deviation=-8.0),
        Note(38, 20_160, 1, velocity=127.0, release_velocity=0.0, note_id=2_147_483_647),
    ),
    length=70_560,
    loop_start=-5_040,
    loop_end=70_560,
    looping=False,
    numerator=7,
    denominator=8,
    tempo=174.5,
)

EXAMPLES = (
    m.Hello(reply_port=17_300, client="Groove device", protocol=1),
    m.Hello(reply_port=0, client="Übung", protocol=1),
    m.Bye(),
    m.AskStatus(),
    m.AskModels(),
    m.Sync(id=2_147_483_647),
    m.Cancel(id=12),
    *clip_messages(3, BEAT),
    m.Groove(id=4, clip=3),
    m.Groove(id=5, clip=3, takes=16, seed=99, amount=62.5, temperature=0.0, feel=2, centre=True),
    m.Groove(id=6, clip=3, kit="roland"),
    m.Drumify(id=7, clip=3),
    m.Drumify(
        id=8,
        clip=3,
        takes=2,
        seed=99,
        temperature=0.5,
        hits_per_bar=12.5,
        pieces=7,
        most=3,
        fill=False,
        swing=False,
        kit="roland",
        keep=2,
    ),
    m.Continue(id=7, clip=3),
    m.Continue(
        id=8, clip=3, takes=16, seed=99, bars=32, temperature=0.5, pieces=7, most=2, kit="roland"
    ),
    m.Generate(id=9),
    m.Generate(
        id=10,
        takes=16,
        seed=99,
        bars=16,
        style="rock",
        tempo=87.5,
        numerator=7,
        denominator=8,
        temperature=0.5,
        end_temperature=1.5,
        pieces=7,
        most=2,
        kit="roland",
        keep=3,
    ),
    m.Generate(id=16, near=3, distance=12.5),
    m.Infill(id=11, clip=3),
    m.Infill(
        id=12,
        clip=3,
        takes=2,
        seed=99,
        first_bar=5,
        bars=16,
        temperature=0.5,
        pieces=7,
        most=2,
        kit="roland",
        keep=4,
    ),
    m.Continue(id=13, clip=3, keep=4),
    m.Continue(id=14, clip=3, part="bass", root=11, scale=2_741, lowest=24, highest=48, chords=5),
    m.Generate(
        id=15,
        part="chords",
        root=0,
        scale=1_453,
        lowest=36,
        highest=96,
        chords=5,
        notes_per_bar=7.5,
        lock=False,
    ),
    m.Infill(id=17, clip=3, part="melody", root=-1, scale=4_095, lowest=60, highest=127),
    m.Interpolate(id=18, a=3, b=4, root=2, scale=1_709, lowest=0, highest=72),
    m.Interpolate(id=7, a=3, b=4),
    m.Interpolate(
        id=8,
        a=3,
        b=4,
        c=5,
        d=6,
        steps=16,
        seed=99,
        temperature=0.5,
        pieces=7,
        most=2,
        kit="roland",
        keep=2,
    ),
    m.Resend(id=4, take=0),
    m.Resend(id=4, take=15, pieces=(0, 7, 999)),
    m.HelloReply(version="0.1.0", protocol=1, session=77),
    m.ByeReply(),
    m.StatusReply(
        state="working",
        queued=2,
        running=4,
        model="groove-1",
        provider="CPU",
        memory_mb=180,
        uptime_s=3_600,
    ),
    m.ModelsReply(
        index=0, count=1, name="groove-1", tool="groove", state="found", parameters=1_234_567
    ),
    m.Synced(id=2_147_483_647),
    m.ClipReady(clip=3),
    m.ClipMissing(clip=3),
    m.ClipMissing(clip=3, pieces=(1, 2)),
    m.Accepted(id=4, position=0),
    m.Progress(id=4, fraction=0.5, state="working"),
    *take_messages(4, Take(index=1, seed=7, clip=BEAT), 4),
    m.Done(id=4, takes=4),
    m.Fail(id=4, code="no-notes", text="The clip has no notes."),
)


def golden_text():
    """The text of golden.txt."""
    return HEAD + "".join(golden_line(example) for example in EXAMPLES)


def golden_line(example):
    message = write(example)
    tags = "".join(tag_of(argument) for argument in message.arguments)
    arguments = json.dumps(message.arguments, ensure_ascii=False)
    return f"{message.address}\t{tags}\t{arguments}\t{encode(message).hex()}\n"


if __name__ == "__main__":
    GOLDEN.write_text(golden_text(), encoding="utf-8", newline="\n")
