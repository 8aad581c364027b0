"""What the shipped score model plays, as a musician would judge it."""

import numpy as np
import pytest

from bridge.codecs.drumscore import CODEC_ID
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog, read_example, shipped_models
from bridge.music.clip import Clip, Note
from bridge.music.drumkit import GENERAL_MIDI
from bridge.music.grid import nearest_step
from bridge.music.styles import STYLES
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Continue, Generate, Infill
from bridge.tools.registry import Stage, play
from bridge.tools.writing import MODEL

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


def generated(stage, **wish):
    return play(Generate(id=1, **wish), {}, stage, cancel=Cancel(), report=lambda *_: None)


@pytest.mark.parametrize("style", ["any", *STYLES])
def test_every_style_gives_beats_with_a_kick_and_a_pulse(stage, style):
    many = generated(stage, takes=8, bars=4, style=style)
    assert len({take.clip for take in many}) == 8
    hits = [len(take.clip.notes) / 4 for take in many]
    assert 6 <= np.median(hits) <= 32
    kicks = sum(note.pitch == 36 for take in many for note in take.clip.notes)
    assert kicks >= 8


def test_styles_sound_unlike_each_other(stage):
    """Jazz rides, punk hits hard on few pieces: their pieces are not shared out alike."""
    rates = {}
    for style in ("jazz", "punk"):
        notes = [
            note for take in generated(stage, takes=16, style=style) for note in take.clip.notes
        ]
        rates[style] = {
            pitch: sum(note.pitch == pitch for note in notes) / len(notes) for pitch in (36, 51)
        }
    assert rates["jazz"][51] > rates["punk"][51]
    assert rates["punk"][36] > rates["jazz"][36]


def test_a_bar_is_filled_as_those_around_it(stage):
    clip = beat(8)
    request = Infill(id=1, clip=1, first_bar=4, takes=1, temperature=0.0)
    (take,) = play(request, {1: clip}, stage, cancel=Cancel(), report=lambda *_: None)
    found, expected = struck(take.clip), struck(clip)
    assert len(found ^ expected) <= 4
    many = play(
        Infill(id=1, clip=1, first_bar=4, takes=8), {1: clip}, stage, cancel=Cancel(),
        report=lambda *_: None,
    )  # fmt: skip
    assert len({take.clip for take in many}) == 8


@pytest.mark.parametrize(("numerator", "denominator"), [(3, 4), (6, 8), (7, 8)])
def test_beats_of_other_metres_have_hits_in_every_bar_or_nearly(stage, numerator, denominator):
    for take in generated(stage, takes=4, bars=4, numerator=numerator, denominator=denominator):
        bars = {note.start // take.clip.ticks_per_bar for note in take.clip.notes}
        assert len(bars) >= 3
