"""How fast Groove answers, as ratios to a reference timed in the same run.

Run with ``python -m pytest -m bench``; the figures go to ``build/bench.json``.
"""

import hashlib
import json
import statistics
import time
from pathlib import Path

import pytest

from bridge.commands.private_bridge import private_bridge
from bridge.daemon.caller import Caller
from bridge.daemon.settings import Settings
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog, shipped_models
from bridge.music.clip import Clip, Note
from bridge.music.drumkit import GENERAL_MIDI
from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Groove
from bridge.tools.groove import MODEL, play_groove

pytestmark = [pytest.mark.bench, pytest.mark.models]

REPEATS = 15
REPORT = Path(__file__).resolve().parents[2] / "build" / "bench.json"
SIXTEENTH_AT_120_S = 0.125


def beat(bars):
    notes = [
        Note(pitch, step * TICKS_PER_SIXTEENTH, 1000)
        for step in range(16 * bars)
        for pitch, every, first in ((42, 2, 0), (36, 8, 0), (38, 8, 4))
        if step % every == first
    ]
    return Clip(tuple(notes), 4 * bars * TICKS_PER_BEAT)


def timed(work):
    """The seconds of each of several rounds, after one that does not count."""
    work()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return sorted(times)


def reference_s():
    """A fixed piece of work for one core: a hash of four megabytes."""
    block = bytes(4 * 2**20)
    return min(timed(lambda: hashlib.sha256(block).digest()))


@pytest.mark.timeout(300)
def test_groove_answers_two_bars_within_a_sixteenth():
    model = Catalog((shipped_models(),), provider="cpu").load(MODEL)
    figures = {}

    def note(name, work):
        times = timed(work)
        median, late = statistics.median(times), times[int(0.95 * REPEATS)]
        figures[name] = {
            "median_ms": round(1000 * median, 2),
            "p95_ms": round(1000 * late, 2),
            "times_the_reference": round(min(times) / reference_s(), 2),
        }
        return median

    def in_process(takes, bars):
        request, clip = Groove(id=1, clip=1, takes=takes), beat(bars)
        return lambda: play_groove(
            request, clip, None, GENERAL_MIDI, model, cancel=Cancel(), report=lambda _: None
        )

    for takes, bars in ((1, 2), (8, 4), (16, 32)):
        note(f"{takes} takes of {bars} bars, in process", in_process(takes, bars))
    with private_bridge(Settings(provider="cpu")) as port, Caller(port) as caller:
        caller.send_clip(1, beat(2))
        ids = iter(range(2, 1000))
        median = note(
            "4 takes of 2 bars, over UDP",
            lambda: caller.takes(Groove(id=next(ids), clip=1, takes=4)),
        )
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(figures, indent=2))
    assert median < SIXTEENTH_AT_120_S
