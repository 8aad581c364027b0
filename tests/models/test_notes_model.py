"""What the shipped note model plays, as a musician would judge it."""

from itertools import pairwise

import numpy as np
import pytest

from bridge.codecs.notescore import CODEC_ID
from bridge.codecs.originality import FINGERPRINT
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import MANIFEST, Catalog, read_example, shipped_models
from bridge.music.chords import read_progression
from bridge.music.clip import Clip, Note
from bridge.music.scale import INTERVALS
from bridge.protocol.messages import Continue, Generate, Infill
from bridge.tools.note_writing import LENGTHENS, MODEL, PITCHES
from bridge.tools.registry import Stage, play

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(
        not (shipped_models() / MODEL / MANIFEST).is_file(),
        reason=f"the note model is not there: {shipped_models() / MODEL}",
    ),
]

BEAT = 20_160
BAR = 4 * BEAT
C_MAJOR = set(INTERVALS["Major"])
# A tune of our own: a bar, its answer, the bar again and a close.
TUNE = (
    (60, 2, 64, 2, 67, 2, 64, 2),
    (65, 2, 69, 2, 67, 4),
    (60, 2, 64, 2, 67, 2, 64, 2),
    (62, 2, 65, 2, 64, 4),
) * 2


@pytest.fixture(scope="module")
def stage():
    return Stage(Catalog((shipped_models(),), provider="cpu"), {})


def tune(down=0, **frame):
    """Eight bars, louder on the beat, with lengths in eighths."""
    notes, place = [], 0
    for bar in TUNE:
        for pitch, eighths in zip(bar[::2], bar[1::2], strict=True):
            strong = place % BAR == 0
            velocity = 84.0 + 14 * strong + 5 * (place // BEAT % 3)
            start = place + (60 * (place // BEAT % 5) - 100 if place else 0)
            notes.append(Note(pitch - down, start, eighths * BEAT // 2 - 900, velocity))
            place += eighths * BEAT // 2
    return Clip(tuple(notes), len(TUNE) * BAR, drums=False, **frame)


def pads():
    notes = [
        Note(pitch, bar * BAR, BAR, velocity=70.0 + pitch % 7)
        for bar, pitches in enumerate(((48, 60, 64, 67), (45, 60, 64, 69), (41, 60, 65, 69)) * 2)
        for pitch in pitches
    ]
    return Clip(tuple(notes), 6 * BAR, drums=False)


def takes(stage, request, clips=None):
    return play(request, clips or {}, stage, cancel=Cancel(), report=lambda *_: None)


def continued(stage, clip, **wish):
    return takes(stage, Continue(id=1, clip=1, **wish), {1: clip})


def generated(stage, clips=None, **wish):
    return takes(stage, Generate(id=1, **wish), clips)


def all_notes(made):
    return [note for take in made for note in take.clip.notes]


def onsets(clip):
    """Which key is struck on which sixteenth."""
    return {(round(note.start * 4 / BEAT), note.pitch) for note in clip.notes}


@pytest.mark.parametrize("name", [MODEL, PITCHES, LENGTHENS])
def test_the_model_is_the_one_its_manifest_describes(stage, name):
    model = stage.catalog.load(name)
    assert model.manifest.codec == CODEC_ID
    assert model.manifest.data
    given, expected = read_example(shipped_models() / name, model.manifest)
    found = model.run(given, Cancel())
    for output in expected:
        assert np.abs(found[output] - expected[output]).max() < 1e-3


def test_it_brings_the_fingerprint_of_what_it_learned_from(stage):
    assert len(stage.catalog.load(MODEL).extra(FINGERPRINT)) > 100_000


def test_a_tune_in_c_goes_on_in_c(stage):
    notes = all_notes(continued(stage, tune(), takes=8, bars=8))
    assert np.mean([note.pitch % 12 in C_MAJOR for note in notes]) > 0.93


@pytest.mark.parametrize("semitones", [-3, 2])
def test_so_it_does_in_any_other_key(stage, semitones):
    notes = all_notes(continued(stage, tune(-semitones), takes=8, bars=8))
    scale = {(tone + semitones) % 12 for tone in C_MAJOR}
    assert np.mean([note.pitch % 12 in scale for note in notes]) > 0.93


def test_it_repeats_and_develops(stage):
    """Neither a copy of the tune nor something else: the share of its bars that come again."""
    clip = tune()
    made = continued(stage, clip, takes=8, bars=8)
    own = {
        frozenset((step % 16, pitch) for step, pitch in onsets(clip) if step // 16 == bar)
        for bar in range(8)
    }
    shares = []
    for take in made:
        bars = [
            {(step % 16, pitch) for step, pitch in onsets(take.clip) if step // 16 == bar}
            for bar in range(8)
        ]
        best = [
            max(2 * len(bar & other) / (len(bar) + len(other)) for other in own) for bar in bars
        ]
        shares.append(np.mean(best))
    assert sum(onsets(take.clip) == onsets(clip) for take in made) <= 2
    assert 0.25 < np.mean(shares) < 0.95
    assert len({take.clip for take in made}) == 8


def test_it_keeps_to_the_rhythm_and_the_range_of_the_tune(stage):
    notes = all_notes(continued(stage, tune(), takes=8, bars=8))
    assert 2.5 < len(notes) / 64 < 6  # the tune has 3.5 a bar
    on_eighths = np.mean([round(note.start * 4 / BEAT) % 2 == 0 for note in notes])
    assert on_eighths > 0.85
    assert 57 <= np.median([note.pitch for note in notes]) <= 72


def test_after_a_played_tune_nothing_is_flat(stage):
    for take in continued(stage, tune(), takes=4, bars=8):
        velocities = [note.velocity for note in take.clip.notes]
        assert np.std(velocities) > 3
        assert min(velocities) >= 84 - 8
        assert max(velocities) <= 108 + 8
        assert np.std([(note.start + 2_520) % 5_040 for note in take.clip.notes]) > 20


def test_a_bass_goes_on_as_a_bass(stage):
    made = continued(stage, tune(24), takes=8, bars=4)
    notes = all_notes(made)
    assert np.mean([note.pitch for note in notes]) < 48
    for take in made:
        line = sorted(take.clip.notes, key=lambda note: note.start)
        assert all(note.end <= after.start for note, after in pairwise(line))


def test_chords_go_on_as_chords(stage):
    for take in continued(stage, pads(), takes=4, bars=4):
        at_once = [
            sum(other.start <= note.start + 10 < other.end for other in take.clip.notes)
            for note in take.clip.notes
        ]
        assert np.mean(at_once) >= 2
        assert max(at_once) <= 9


@pytest.mark.parametrize("part", ["melody", "bass", "chords"])
def test_parts_from_nothing_are_what_they_are_called(stage, part):
    made = generated(stage, part=part, takes=8, bars=4, root=0)
    assert len({take.clip for take in made}) == 8
    notes = all_notes(made)
    low, high = {"melody": (55, 88), "bass": (28, 55), "chords": (36, 84)}[part]
    assert all(low <= note.pitch <= high for note in notes)
    assert np.mean([note.pitch % 12 in C_MAJOR for note in notes]) > 0.85
    assert np.std([note.velocity for note in notes]) > 3
    counts = [len(take.clip.notes) / 4 for take in made]
    assert 1 <= np.median(counts) <= 32
    together = [
        sum(other.start <= note.start + 10 < other.end for other in take.clip.notes)
        for take in made
        for note in take.clip.notes
    ]
    assert (np.mean(together) > 1.5) == (part == "chords")


@pytest.mark.parametrize(("part", "least"), [("melody", 0.6), ("bass", 0.65), ("chords", 0.65)])
def test_a_row_of_chords_is_followed(stage, part, least):
    """Of the notes on beats 1 and 3 more are of the chord than of another row's chord there."""
    text = "C Am F G"
    row = read_progression(text, None, 4)
    other = read_progression("E B7 A F#", None, 4)
    shares = []
    for clip in (row, other):
        made = generated(stage, {3: clip}, part=part, chords=3, takes=8, bars=4, root=0, lock=False)
        strong = [
            note
            for note in all_notes(made)
            if min(note.start % (2 * BEAT), -note.start % (2 * BEAT)) < BEAT // 8
        ]
        tones = [
            {other.pitch % 12 for other in row.notes if other.start <= note.start < other.end}
            for note in strong
        ]
        inside = [note.pitch % 12 in each for note, each in zip(strong, tones, strict=True)]
        shares.append(np.mean(inside))
    assert shares[0] > least
    assert shares[0] > shares[1] + 0.15


@pytest.mark.parametrize("part", ["melody", "bass", "chords"])
def test_there_are_about_as_many_notes_as_are_wished_for(stage, part):
    wishes = (2.0, 4.0, 8.0, 12.0)
    counts = [
        len(all_notes(generated(stage, part=part, takes=8, bars=4, notes_per_bar=wish))) / 32
        for wish in wishes
    ]
    assert counts == sorted(counts)
    assert counts == pytest.approx(wishes, rel=0.4)


def test_a_missing_bar_is_filled_as_those_around_it(stage):
    clip = tune()
    request = Infill(id=1, clip=1, first_bar=6, takes=8)
    filled = [
        [note for note in take.clip.notes if 6 * BAR - 2_520 <= note.start < 7 * BAR - 2_520]
        for take in takes(stage, request, {1: clip})
    ]
    assert all(filled)
    pitches = [note.pitch for notes in filled for note in notes]
    assert np.mean([pitch % 12 in C_MAJOR for pitch in pitches]) > 0.9
    assert 60 - 4 <= np.median(pitches) <= 69 + 4
    (likeliest,) = takes(
        stage, Infill(id=1, clip=1, first_bar=6, takes=1, temperature=0.0), {1: clip}
    )
    found = {each for each in onsets(likeliest.clip) if each[0] // 16 == 6}
    expected = {each for each in onsets(clip) if each[0] // 16 == 6}
    assert len(found & expected) >= 2


@pytest.mark.parametrize(("numerator", "denominator"), [(3, 4), (6, 8), (5, 4), (7, 8)])
def test_other_metres_have_notes_in_nearly_every_bar(stage, numerator, denominator):
    for take in generated(
        stage, part="melody", takes=4, bars=4, numerator=numerator, denominator=denominator
    ):
        bars = {note.start // take.clip.ticks_per_bar for note in take.clip.notes}
        assert len(bars) >= 3


def test_a_lower_temperature_is_likelier_to_stay_in_key(stage):
    shares = []
    for temperature in (0.5, 2.0):
        notes = all_notes(
            generated(stage, part="melody", takes=8, bars=4, root=0, temperature=temperature)
        )
        shares.append(np.mean([note.pitch % 12 in C_MAJOR for note in notes]))
    assert shares[0] > shares[1]
    assert shares[0] > 0.97
