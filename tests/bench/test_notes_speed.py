"""How fast the pitched tools answer: eight takes of four bars, after a load that is not counted.

Run with ``python -m pytest -m bench``; the figures go to ``build/bench-notes.json``.
"""

import json
import statistics
import time
from pathlib import Path

import pytest

from bridge.engine.cancel import Cancel
from bridge.engine.catalog import MANIFEST, Catalog, shipped_models
from bridge.music.clip import Clip, Note
from bridge.protocol.messages import Continue, Generate, Infill
from bridge.tools.note_writing import MODEL
from bridge.tools.registry import Stage, play
from tests.bench.test_groove_speed import reference_s

pytestmark = [
    pytest.mark.bench,
    pytest.mark.models,
    pytest.mark.skipif(
        not (shipped_models() / MODEL / MANIFEST).is_file(),
        reason=f"the note model is not there: {shipped_models() / MODEL}",
    ),
]

REPEATS = 7
REPORT = Path(__file__).resolve().parents[2] / "build" / "bench-notes.json"
BEAT = 20_160
BAR_AT_120_S = 2.0
"""In which a musician waits no longer than to the next bar line."""

REQUESTS = {
    "8 melodies of 4 bars": Generate(id=9, part="melody", takes=8, bars=4),
    "8 basses of 4 bars": Generate(id=9, part="bass", takes=8, bars=4),
    "8 rows of chords of 4 bars": Generate(id=9, part="chords", takes=8, bars=4, most=4),
    "8 takes of 4 bars after 8 bars": Continue(id=9, clip=1, takes=8, bars=4),
    "8 takes of a missing bar": Infill(id=9, clip=1, first_bar=3, takes=8),
    "8 variations of 8 bars": Generate(id=9, part="melody", near=1, takes=8),
}


def tune():
    pitches = (60, 64, 67, 64, 65, 69, 67, 62) * 4
    notes = tuple(Note(pitch, place * BEAT, BEAT) for place, pitch in enumerate(pitches))
    return Clip(notes, len(pitches) * BEAT, drums=False)


@pytest.mark.timeout(300)
def test_pitched_takes_are_there_before_the_next_bar():
    stage = Stage(Catalog((shipped_models(),), provider="cpu"), {})
    figures = {}
    for name, request in REQUESTS.items():
        seconds = []
        for _ in range(REPEATS + 1):
            start = time.perf_counter()
            play(request, {1: tune()}, stage, cancel=Cancel(), report=lambda *_: None)
            seconds.append(time.perf_counter() - start)
        seconds = sorted(seconds[1:])
        figures[name] = {
            "median_ms": round(1000 * statistics.median(seconds), 1),
            "least_ms": round(1000 * seconds[0], 1),
            "times_the_reference": round(seconds[0] / reference_s(), 1),
        }
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(figures, indent=2))
    assert max(figure["least_ms"] for figure in figures.values()) < 1000 * BAR_AT_120_S
