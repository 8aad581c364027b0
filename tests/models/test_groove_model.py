"""What the shipped groove model plays, as a musician would judge it."""

import numpy as np
import pytest

from bridge.codecs.drumgrid import CODEC_ID
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog, read_example, shipped_models
from bridge.music.clip import Clip, Note
from bridge.music.drumkit import GENERAL_MIDI
from bridge.music.grid import nearest_step
from bridge.music.units import TICKS_PER_SIXTEENTH, seconds_from_ticks, ticks_from_seconds
from bridge.protocol.messages import Groove
from bridge.tools.groove import LISTENER, MODEL, listen, play_groove

pytestmark = pytest.mark.models

PATTERN = {
    42: "x.x.x.x.x.x.x.x." * 2,
    38: "....X..o.o..X..o" * 2,
    36: "x.....x.x......." * 2,
}
TEMPO = 96.0


@pytest.fixture(scope="module")
def model():
    return Catalog((shipped_models(),), provider="cpu").load(MODEL)


def clip(bars=2, velocity=100.0, **frame):
    notes = [
        Note(pitch, step * TICKS_PER_SIXTEENTH, 900, velocity)
        for pitch, row in PATTERN.items()
        for step in range(16 * bars)
        if row[step % 32] != "."
    ]
    return Clip(tuple(notes), 16 * bars * TICKS_PER_SIXTEENTH, tempo=TEMPO, **frame)


def takes(model, source, feel=None, **wish):
    request = Groove(id=1, clip=1, **{"temperature": 0.0, "takes": 1, **wish})
    heard = None
    if feel is not None:
        listener = Catalog((shipped_models(),), provider="cpu").load(LISTENER)
        heard = listen(feel, GENERAL_MIDI, listener, Cancel())
    return play_groove(
        request, source, heard, GENERAL_MIDI, model, cancel=Cancel(), report=lambda _: None
    )


def late_ms(source, take):
    late = [
        1000 * seconds_from_ticks(after.start - before.start, TEMPO)
        for before, after in zip(source.notes, take.clip.notes, strict=True)
    ]
    return np.array(late)


def struck(take, pitch, mark):
    return [
        note.velocity
        for note in take.clip.notes
        if note.pitch == pitch and PATTERN[pitch][nearest_step(note.start) % 32] == mark
    ]


def test_the_model_is_the_one_its_manifest_describes(model):
    manifest = model.manifest
    assert manifest.codec == CODEC_ID
    assert "CC BY 4.0" in manifest.data[0]
    given, expected = read_example(shipped_models() / MODEL, manifest)
    found = model.run(given, Cancel())
    for name in expected:
        assert np.abs(found[name] - expected[name]).max() < 1e-3


def test_backbeats_are_loud_and_ghost_notes_are_ghosts(model):
    take = takes(model, clip())[0]
    assert min(struck(take, 38, "X")) > 2 * max(struck(take, 38, "o"))


def test_the_hat_leans_on_the_beat(model):
    take = takes(model, clip())[0]
    hats = [note for note in take.clip.notes if note.pitch == 42]
    on = np.mean([note.velocity for note in hats if nearest_step(note.start) % 4 == 0])
    off = np.mean([note.velocity for note in hats if nearest_step(note.start) % 4 == 2])
    assert on > off + 5


def test_drummers_play_a_little_early_and_centring_takes_it_out(model):
    source = clip()
    early = late_ms(source, takes(model, source)[0]).mean()
    centred = late_ms(source, takes(model, source, centre=True)[0]).mean()
    assert -25 < early < 5
    assert abs(centred) < 2.5


def test_timing_is_human_and_not_drunk(model):
    source = clip()
    for take in takes(model, source, takes=8, temperature=1.0):
        late = late_ms(source, take)
        assert 3 < late.std() < 45
        assert np.abs(late).max() <= 1000 * seconds_from_ticks(TICKS_PER_SIXTEENTH // 2, TEMPO)


def test_takes_differ_and_each_comes_again_by_its_seed(model):
    source = clip()
    many = takes(model, source, takes=4, seed=11, temperature=1.0)
    assert len({take.clip for take in many}) == 4
    for take in many:
        assert takes(model, source, seed=take.seed, temperature=1.0)[0].clip == take.clip


def test_half_the_amount_goes_half_the_way(model):
    source = clip()
    whole = late_ms(source, takes(model, source)[0])
    half = late_ms(source, takes(model, source, amount=50.0)[0])
    assert half == pytest.approx(whole / 2, abs=0.1)


def test_a_feel_pulls_the_take_towards_it(model):
    source = clip()
    late = ticks_from_seconds(0.025, TEMPO)
    dragging = source.with_notes(
        note.played(start=note.start + late, velocity=note.velocity) for note in source.notes
    )
    alone = late_ms(source, takes(model, source)[0]).mean()
    felt = late_ms(source, takes(model, source, feel=dragging)[0]).mean()
    assert felt > alone + 5


def test_a_long_clip_is_played_through_without_seams(model):
    source = clip(bars=16)
    take = takes(model, source)[0]
    late = late_ms(source, take)
    by_bar = [
        late[[nearest_step(note.start) // 16 == bar for note in source.notes]].mean()
        for bar in range(16)
    ]
    assert np.std(by_bar[1:-1]) < 4
    assert [note.pitch for note in take.clip.notes] == [note.pitch for note in source.notes]


@pytest.mark.parametrize(("numerator", "denominator"), [(3, 4), (6, 8), (7, 8), (5, 4), (2, 4)])
def test_other_metres_are_played_too(model, numerator, denominator):
    source = clip(numerator=numerator, denominator=denominator)
    take = takes(model, source, temperature=1.0)[0]
    assert late_ms(source, take).std() > 1
    assert all(
        nearest_step(before.start) == nearest_step(after.start)
        for before, after in zip(source.notes, take.clip.notes, strict=True)
    )
