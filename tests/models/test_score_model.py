"""What the shipped continuation model plays, as a musician would judge it."""

import numpy as np
import pytest

from bridge.codecs.drumscore import CODEC_ID
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog, read_example, shipped_models
from bridge.music.clip import Clip, Note
from bridge.music.drumkit import GENERAL_MIDI
from bridge.music.grid import nearest_step
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Continue
from bridge.tools.continuation import MODEL
from bridge.tools.registry import Stage, play

pytestmark = pytest.mark.models

PATTERN = {42: "x.x.x.x.x.x.x.x.", 38: "....x.......x...", 36: "x.......x.x....."}


@pytest.fixture(scope="module")
def stage():
    return Stage(Catalog((shipped_models(),), provider="cpu"), {"general-midi": GENERAL_MIDI})


def beat(bars=4):
    notes = [
        Note(pitch, (16 * bar + step) * TICKS_PER_SIXTEENTH, 900)
        for bar in range(bars)
        for pitch, row in PATTERN.items()
        for step in range(16)
        if row[step] != "."
    ]
    return Clip(tuple(notes), 16 * bars * TICKS_PER_SIXTEENTH, tempo=104.0)


def takes(stage, clip, **wish):
    request = Continue(id=1, clip=1, **wish)
    return play(request, {1: clip}, stage, cancel=Cancel(), report=lambda *_: None)


def struck(clip):
    return {(note.pitch, nearest_step(note.start)) for note in clip.notes}


def test_the_model_is_the_one_its_manifest_describes(stage):
    model = stage.catalog.load(MODEL)
    assert model.manifest.codec == CODEC_ID
    assert "CC BY 4.0" in model.manifest.data[0]
    given, expected = read_example(shipped_models() / MODEL, model.manifest)
    found = model.run(given, Cancel())
    for name in expected:
        assert np.abs(found[name] - expected[name]).max() < 1e-3


def test_the_likeliest_way_on_is_the_beat_again(stage):
    (take,) = takes(stage, beat(), takes=1, bars=2, temperature=0.0)
    expected = struck(beat(2))
    assert len(struck(take.clip) & expected) >= 0.8 * len(struck(take.clip) | expected)


def test_takes_keep_to_the_beat_and_develop_it(stage):
    many = takes(stage, beat(), takes=8, bars=4)
    assert len({take.clip for take in many}) == 8
    expected = struck(beat())
    agreed = [
        2 * len(struck(take.clip) & expected) / (len(take.clip.notes) + len(expected))
        for take in many
    ]
    assert np.mean(agreed) > 0.5
    assert min(agreed) < 1


def test_it_is_played_and_not_typed(stage):
    (take,) = takes(stage, beat(), takes=1, bars=4)
    offsets = [note.start - nearest_step(note.start) * 5_040 for note in take.clip.notes]
    assert np.std(offsets) > 50
    assert np.std([note.velocity for note in take.clip.notes]) > 3


@pytest.mark.parametrize(("numerator", "denominator"), [(3, 4), (6, 8), (7, 8)])
def test_other_metres_are_gone_on_with_too(stage, numerator, denominator):
    source = beat(3)
    clip = Clip(source.notes, source.length, numerator=numerator, denominator=denominator)
    for take in takes(stage, clip, takes=2, bars=3):
        assert take.clip.length == 3 * clip.ticks_per_bar
        assert len(take.clip.notes) > 6
