"""One reply of Drumify, kept: a seed that was typed once gives its take again after an update.

After a change that is meant, ``python -m tests.golden.test_golden_drumify`` writes the files anew.
"""

import json
import tempfile
from pathlib import Path

import pytest

from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog, shipped_models
from bridge.music.clip import Clip, Note
from bridge.music.drumkit import GENERAL_MIDI
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Drumify
from bridge.tools.registry import Stage, play
from tests.tiny_drumify import write_tiny_drumify

HERE = Path(__file__).parent
REQUESTS = {
    "filled": Drumify(id=1, clip=1, takes=2, seed=7),
    "onsets": Drumify(id=1, clip=1, takes=1, seed=7, fill=False, temperature=0.6),
    "likeliest": Drumify(id=1, clip=1, takes=1, temperature=0.0, hits_per_bar=14.0),
}
SAME = 0.95
"""Part of the hits: one at the very edge of being struck may fall to the other side of it."""


def bass_line():
    """Two bars with accents, off the beat as much as on it."""
    steps = (0, 3, 6, 8, 11, 14, 16, 19, 22, 24, 28, 30)
    notes = tuple(
        Note(
            36 + step % 7,
            step * TICKS_PER_SIXTEENTH,
            2 * TICKS_PER_SIXTEENTH,
            110.0 if step % 16 == 0 else 70.0,
        )
        for step in steps
    )
    return Clip(notes, 32 * TICKS_PER_SIXTEENTH, tempo=104.0, drums=False)


def replies(models):
    stage = Stage(Catalog((models,), provider="cpu"), {"general-midi": GENERAL_MIDI})
    return {
        name: [
            [[note.pitch, note.start, note.velocity] for note in take.clip.notes]
            for take in play(
                request, {1: bass_line()}, stage, cancel=Cancel(), report=lambda *_: None
            )
        ]
        for name, request in REQUESTS.items()
    }


def kept(name):
    return json.loads((HERE / f"{name}_drumify.json").read_text())


def struck(take):
    return {(pitch, round(start / TICKS_PER_SIXTEENTH)) for pitch, start, _ in take}


def test_the_tiny_model_strikes_to_the_tick_what_it_struck(tmp_path):
    assert replies(write_tiny_drumify(tmp_path)) == kept("tiny")


@pytest.mark.models
@pytest.mark.parametrize("name", REQUESTS)
def test_the_shipped_model_strikes_what_it_struck(name):
    before, now = kept("shipped")[name], replies(shipped_models())[name]
    for old_take, new_take in zip(before, now, strict=True):
        old, new = struck(old_take), struck(new_take)
        assert len(old & new) >= SAME * len(old | new)


def write_anew():
    with tempfile.TemporaryDirectory() as folder:
        models = {"tiny": write_tiny_drumify(Path(folder)), "shipped": shipped_models()}
        for name, place in models.items():
            (HERE / f"{name}_drumify.json").write_text(json.dumps(replies(place)) + "\n")


if __name__ == "__main__":
    write_anew()
