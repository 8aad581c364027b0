"""Notes of voices and of missing bars are priced once, and as the steps of melodies are."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")

from bridge.codecs.notescore import GAP, length_code
from bridge.engine.sampling import probabilities
from bridge.training.melody_passages import tune_passages
from bridge.training.melody_tunes import tunes_of
from bridge.training.note_reading import Reading
from bridge.training.note_windows import BASS, CHORDS, MELODY, Known, voices_of
from bridge.training.part_nats import measure_notes, missing_bars, note_costs, whole
from bridge.training.song import Role
from bridge.training.step_nats import LENGTH_CODES, step_costs
from tests.training.note_examples import small_writers
from tests.training.song_examples import TUNE, song, with_voice

pytestmark = pytest.mark.training


def _voice(part, one):
    return next(voice for voice in voices_of([one], 3) if voice.part == part)


def test_notes_cost_what_their_steps_cost():
    writers = small_writers()
    one = song()
    (tune,) = tunes_of([one])
    (stretch,) = whole(_voice(MELODY, one))
    (nats,) = note_costs([stretch], writers)
    steps = step_costs(tune_passages(tune), writers)[0].nats.sum()
    # Only that the last note ends is not among the steps.
    reading = Reading([stretch.window], [Known()], writers)
    chances = probabilities(reading.length[0, len(stretch.window) - 2][LENGTH_CODES])
    code = length_code(stretch.window.length[-1:])[0]
    last = -np.log(chances[LENGTH_CODES.tolist().index(code)])
    assert nats - last == pytest.approx(steps, abs=1e-3)


@pytest.mark.parametrize("part", [MELODY, BASS, CHORDS])
def test_every_note_of_a_voice_is_priced_once(part):
    role = {MELODY: Role.MELODY, BASS: Role.BASS, CHORDS: Role.RIGHT_HAND}[part]
    one = song(tuple(range(40, 80)) * 3, role=role)
    one = replace(one, notes=with_voice(one.notes, 84, role))
    voice = _voice(part, one)
    stretches = list(whole(voice, tokens=32, context=12))
    assert len(stretches) > 3
    assert sum(stretch.notes for stretch in stretches) == len(voice)
    nats = note_costs(stretches, small_writers())
    assert np.isfinite(nats).all()
    measure = measure_notes(stretches, nats, np.zeros(len(stretches), np.int64))
    assert measure.value == pytest.approx(nats.sum() / len(voice))


def test_a_missing_bar_is_asked_for_with_and_without_what_follows():
    voice = _voice(MELODY, song(TUNE * 4))
    ahead, behind = (list(missing_bars(voice, ahead=each)) for each in (True, False))
    assert len(ahead) == len(behind) == 2
    for known, unknown in zip(ahead, behind, strict=True):
        assert known.notes == unknown.notes == 4
        assert known.window.kind[known.first] == GAP
        assert known.window.time.max() > known.end
        assert unknown.window.time.max() < unknown.end
    costs = [note_costs(each, small_writers()) for each in (ahead, behind)]
    assert np.isfinite(costs).all()
    assert not np.allclose(*costs)
