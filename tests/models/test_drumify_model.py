"""What the shipped drumify model strikes, as a musician would judge it."""

import numpy as np
import pytest

from bridge.codecs.taps import CODEC_ID
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog, read_example, shipped_models
from bridge.music.clip import Clip, Note
from bridge.music.drumkit import GENERAL_MIDI, Piece
from bridge.music.grid import nearest_step
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Drumify
from bridge.tools.drumify import MODEL, play_drumify
from bridge.tools.groove import MODEL as PLAYER

pytestmark = pytest.mark.models

EIGHTHS = tuple(range(0, 64, 2))
BASS = tuple(bar * 16 + step for bar in range(4) for step in (0, 6, 8, 14))


@pytest.fixture(scope="module")
def models():
    catalog = Catalog((shipped_models(),), provider="cpu")
    return catalog.load(MODEL), catalog.load(PLAYER)


def rhythm(steps, bars=4, **frame):
    notes = tuple(Note(48, step * TICKS_PER_SIXTEENTH, 2_000) for step in steps)
    return Clip(notes, bars * 16 * TICKS_PER_SIXTEENTH, drums=False, **frame)


def takes(models, clip, **wish):
    request = Drumify(id=2, clip=1, **{"takes": 8, **wish})
    made = play_drumify(
        request, clip, GENERAL_MIDI, *models, cancel=Cancel(), report=lambda _: None
    )
    return [take.clip for take in made]


def steps_of(clip, piece):
    return [
        nearest_step(note.start)
        for note in clip.notes
        if GENERAL_MIDI.piece_of(note.pitch) == piece
    ]


def test_the_model_is_the_one_its_manifest_describes(models):
    model, _ = models
    assert model.manifest.codec == CODEC_ID
    assert "CC BY 4.0" in model.manifest.data[0]
    given, expected = read_example(shipped_models() / MODEL, model.manifest)
    found = model.run(given, Cancel())
    assert np.abs(found["hits"] - expected["hits"]).max() < 1e-3


def test_eighths_become_a_beat_with_a_backbeat(models):
    kicks = np.zeros(16)
    snares = np.zeros(16)
    for take in takes(models, rhythm(EIGHTHS), takes=16):
        for step in steps_of(take, Piece.KICK):
            kicks[step % 16] += 1
        for step in steps_of(take, Piece.SNARE):
            snares[step % 16] += 1
    assert snares[[4, 12]].mean() > 1.5 * snares[[0, 8]].mean()
    assert kicks[0] > kicks[[4, 12]].mean()


def test_rare_pieces_are_really_played(models):
    many = [
        take
        for seed in (0, 16, 32, 48)
        for take in takes(models, rhythm(EIGHTHS), takes=16, seed=seed)
    ]
    found = {piece for take in many for piece in Piece if steps_of(take, piece)}
    assert found == set(Piece)


def test_a_take_has_one_idea_from_end_to_end(models):
    """Hat or ride: a bar of a take is liker to another bar of it than to one of another take."""
    ridden = np.array(
        [
            [
                sum(step // 16 in {2 * half, 2 * half + 1} for step in steps_of(take, Piece.RIDE))
                for half in range(2)
            ]
            for take in takes(models, rhythm(EIGHTHS), takes=16)
        ],
        float,
    )
    assert np.corrcoef(ridden.T)[0, 1] > 0.5


def test_a_bass_line_gets_a_beat_around_it(models):
    filled = takes(models, rhythm(BASS))
    only = takes(models, rhythm(BASS), fill=False)
    assert np.mean([len(take.notes) for take in filled]) > 1.2 * np.mean(
        [len(take.notes) for take in only]
    )
    for take in filled:
        assert set(BASS) <= {nearest_step(note.start) for note in take.notes}


@pytest.mark.parametrize("wanted", [6.0, 12.0, 20.0])
def test_the_wished_for_density_is_met(models, wanted):
    for take in takes(models, rhythm(BASS), hits_per_bar=wanted, takes=4):
        assert len(take.notes) == pytest.approx(4 * wanted, abs=1)
