"""What lies between pitched clips by the shipped model, as a musician would judge it."""

import itertools

import numpy as np
import pytest

from bridge.codecs.melodybar import CODEC_ID, bars_of, coded
from bridge.codecs.melodysteps import codes_of_notes
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog, read_example, shipped_models
from bridge.music.clip import Clip, Note
from bridge.music.drumkit import GENERAL_MIDI
from bridge.music.scale import Scale
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Interpolate
from bridge.tools.melody_paths import LISTENER, PLAYER, hear_bars, played_at
from bridge.tools.registry import Stage, play

pytestmark = pytest.mark.models

STEP = TICKS_PER_SIXTEENTH
JOY = "64 . 64 . 65 . 67 . 67 . 65 . 64 . 62 . 60 . 60 . 62 . 64 . 64 . . 62 62 . . ."
BROTHER = "60 . 62 . 64 . 60 . 60 . 62 . 64 . 60 . 64 . 65 . 67 . . . 64 . 65 . 67 . . ."
ACID = " ".join(["60 60 72 60 63 60 72 58 60 60 72 60 63 67 72 58"] * 2)
BASS = "36 . . . - - 36 . 43 . . . - - 34 . 36 . . . - - 36 . 43 . . . 41 . 39 ."
JIG = "67 . 64 . 60 . 62 . 64 . 65 . 67 . 72 . 71 . 72 . . . - ."
TUNES = {"joy": (JOY, 0.9), "brother": (BROTHER, 0.9), "bass": (BASS, 0.9), "acid": (ACID, 0.5)}
"""Each with the share of its steps that comes back at the least."""


@pytest.fixture(scope="module")
def stage():
    return Stage(Catalog((shipped_models(),), provider="cpu"), {"general-midi": GENERAL_MIDI})


def clip(text, **frame):
    """A clip of words, one a sixteenth: a key, a dot that holds, a dash that rests."""
    words = text.split()
    notes = []
    for step, word in enumerate(words):
        if word not in ".-":
            held = sum(1 for _ in itertools.takewhile(lambda w: w == ".", words[step + 1 :]))
            notes.append(Note(int(word), step * STEP, (held + 1) * STEP))
    return Clip(tuple(notes), len(words) * STEP, drums=False, **frame)


def ways(stage, *clips, **wish):
    request = Interpolate(id=9, a=1, b=2, **wish)
    named = dict(enumerate(clips, start=1))
    made = play(request, named, stage, cancel=Cancel(), report=lambda *_: None)
    return [take.clip for take in made]


@pytest.mark.parametrize("name", [LISTENER, PLAYER])
def test_the_model_is_the_one_its_manifest_describes(stage, name):
    model = stage.catalog.load(name)
    assert model.manifest.codec == CODEC_ID
    assert any("POP909" in line for line in model.manifest.data)
    given, expected = read_example(shipped_models() / name, model.manifest)
    found = model.run(given, Cancel())
    for output in expected:
        assert np.abs(found[output] - expected[output]).max() < 1e-3


@pytest.mark.parametrize(("tune", "least"), TUNES.values(), ids=TUNES)
def test_a_tune_comes_back_from_the_places_of_its_bars(stage, tune, least):
    one = clip(tune)
    keys = [note.pitch for note in one.notes]
    steps = codes_of_notes(one.notes, len(tune.split()))
    bars = bars_of(coded(steps, (min(keys) + max(keys)) // 2), 16)
    places = hear_bars(bars, stage.catalog.load(LISTENER), Cancel())
    logits = played_at(places, 16, stage.catalog.load(PLAYER), Cancel())
    assert (logits.argmax(axis=-1) == bars).mean() > least


def test_between_two_tunes_in_c_every_key_is_of_c(stage):
    scale = Scale.named("Major", 0)
    for seed in range(4):
        for made in ways(stage, clip(JOY), clip(BROTHER), steps=7, seed=seed):
            assert all(note.pitch in scale for note in made.notes)


def test_the_ends_are_the_clips_and_the_way_goes_evenly(stage):
    first, last = clip(JOY), clip(ACID)
    made = ways(stage, first, last, steps=9)
    assert (made[0], made[-1]) == (first, last)
    codes = [codes_of_notes(one.notes, 32) for one in made]
    gone = np.array([(one != codes[0]).sum() for one in codes]) / (codes[-1] != codes[0]).sum()
    assert np.abs(gone - np.linspace(0, 1, 9)).max() < 0.15


def test_a_jig_and_a_march_meet_in_the_metre_of_the_first(stage):
    jig = clip(JIG, numerator=6, denominator=8)
    made = ways(stage, jig, clip(JOY), steps=5)
    assert {(one.numerator, one.denominator) for one in made[:-1]} == {(6, 8)}
    assert all(one.notes for one in made)
