"""What lies between clips by the shipped interpolate model, as a musician would judge it."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from bridge.codecs.drumbar import CODEC_ID
from bridge.codecs.drumscore import codes_of, hits_of
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog, read_example, shipped_models
from bridge.music.clip import Clip, Note
from bridge.music.drumkit import GENERAL_MIDI
from bridge.music.grid import nearest_step
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Interpolate
from bridge.tools.registry import Stage, play
from bridge.tools.score_paths import LISTENER, PLAYER, hear, played_at

pytestmark = pytest.mark.models

ROCK = {42: "x.x.x.x.x.x.x.x.", 38: "....x.......x...", 36: "x.......x.x....."}
HOUSE = {46: "..x...x...x...x.", 38: "....x.......x...", 36: "x...x...x...x..."}
SAMBA = {51: "x.xxx.xxx.xxx.xx", 38: "x.x..x.x.x.x..x.", 36: "x..xx..xx..xx..x"}
TRAP = {42: "x.x.xxxxx.x.x.xx", 38: "........x.......", 36: "x......x..x....."}
WALTZ = {51: "x.x.x.x.x.x.", 38: "....x...x..x", 36: "x.....x....."}
SEVEN = {42: "x.x.x.x.x.x.x.", 38: "....x.....x...", 36: "x.....x......."}
BEATS = {"rock": ROCK, "house": HOUSE, "samba": SAMBA, "trap": TRAP, "waltz": WALTZ, "7/8": SEVEN}


@pytest.fixture(scope="module")
def stage():
    return Stage(Catalog((shipped_models(),), provider="cpu"), {"general-midi": GENERAL_MIDI})


def beat(pattern, bars=2, **frame):
    steps = len(next(iter(pattern.values())))
    notes = tuple(
        Note(pitch, (steps * bar + step) * TICKS_PER_SIXTEENTH, 900)
        for bar in range(bars)
        for step in range(steps)
        for pitch, row in pattern.items()
        if row[step] != "."
    )
    return Clip(notes, steps * bars * TICKS_PER_SIXTEENTH, **frame)


def score(clip):
    hits = np.zeros((clip.length // TICKS_PER_SIXTEENTH, 9))
    for note in clip.notes:
        hits[nearest_step(note.start), GENERAL_MIDI.piece_of(note.pitch)] = 1
    return codes_of(hits)


def ways(stage, *clips, **wish):
    request = Interpolate(id=9, **dict(zip("abcd", range(1, 5), strict=False)), **wish)
    if len(clips) == 2:
        request = replace(request, c=0, d=0)
    named = dict(enumerate(clips, start=1))
    made = play(request, named, stage, cancel=Cancel(), report=lambda *_: None)
    return [take.clip for take in made]


@pytest.mark.parametrize("name", [LISTENER, PLAYER])
def test_the_model_is_the_one_its_manifest_describes(stage, name):
    model = stage.catalog.load(name)
    assert model.manifest.codec == CODEC_ID
    assert "CC BY 4.0" in model.manifest.data[0]
    given, expected = read_example(shipped_models() / name, model.manifest)
    found = model.run(given, Cancel())
    for output in expected:
        assert np.abs(found[output] - expected[output]).max() < 1e-3


@pytest.mark.parametrize("name", BEATS)
def test_a_beat_that_nobody_in_the_data_played_comes_back(stage, name):
    bar = score(beat(BEATS[name], 1))[None]
    place = hear(bar, stage.catalog.load(LISTENER), Cancel()).places
    logits = played_at(place, bar.shape[1], stage.catalog.load(PLAYER), Cancel())
    assert (logits.argmax(axis=-1) == bar).all()


@pytest.mark.parametrize("other", ["house", "samba", "trap"])
def test_the_way_is_even_and_keeps_what_both_ends_share(stage, other):
    made = [score(clip) for clip in ways(stage, beat(ROCK), beat(BEATS[other]), steps=11)]
    apart = hits_of(made[0] ^ made[-1]).sum()
    gone = np.array([hits_of(codes ^ made[0]).sum() / apart for codes in made])
    assert np.abs(gone - np.linspace(0, 1, 11)).max() < 0.2
    shared = hits_of(made[0] & made[-1])
    kept = [(hits_of(codes) * shared).sum() / shared.sum() for codes in made]
    assert min(kept) > 0.7
    assert np.mean(kept) > 0.9


def test_stiff_clips_stay_stiff_and_strong_ones_become_soft_little_by_little(stage):
    loud = beat(ROCK)
    soft = loud.with_notes(replace(note, velocity=30.0) for note in loud.notes)
    made = ways(stage, loud, soft, steps=8)
    strength = [np.mean([note.velocity for note in clip.notes]) for clip in made]
    assert strength == pytest.approx(np.linspace(100, 30, 8), abs=3)
    late = [note.start % TICKS_PER_SIXTEENTH for clip in made for note in clip.notes]
    assert set(late) == {0}


@pytest.mark.parametrize(
    ("first", "last", "metre"),
    [
        (WALTZ, {36: "x...x...x...", 38: "..x...x...x."}, (3, 4)),
        (SEVEN, {36: "x.xx.xx.x.x.x."}, (7, 8)),
    ],
)
def test_other_metres_have_ways_too(stage, first, last, metre):
    frame = dict(zip(("numerator", "denominator"), metre, strict=True))
    made = ways(stage, beat(first, **frame), beat(last, **frame), steps=6)
    assert all(clip.notes for clip in made)
    codes = [score(clip) for clip in made]
    assert all((one != next_one).any() for one, next_one in itertools.pairwise(codes))


def test_the_middle_of_four_beats_has_something_of_each(stage):
    corners = [beat(pattern) for pattern in (ROCK, HOUSE, SAMBA, TRAP)]
    middle = score(ways(stage, *corners, steps=9)[4])
    for corner in corners:
        shared = (hits_of(middle) * hits_of(score(corner))).sum()
        assert shared / hits_of(middle).sum() > 0.3
