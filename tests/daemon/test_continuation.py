"""Continue from request to takes, with tiny models: locks, seeds, metres and refusals."""

import numpy as np
import pytest

from bridge.codecs.drumgrid import tempo_feature
from bridge.codecs.drumscore import Outlook, codes_of, places, turns_of
from bridge.commands.beat import stiff_beat
from bridge.commands.cli import run
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog
from bridge.errors import BadRequestError, NoNotesError
from bridge.music.clip import Clip, Note
from bridge.music.drumkit import GENERAL_MIDI, ROLAND
from bridge.music.grid import nearest_step
from bridge.music.midifile import read_midi, write_midi
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Continue
from bridge.tools.continuation import read_context
from bridge.tools.registry import Stage, play
from bridge.tools.writing import MAX_STEPS, MODEL, Rules, write
from tests.command_line import private_environment, use_environment
from tests.tiny_score import write_tiny_score

KITS = {"general-midi": GENERAL_MIDI, "roland": ROLAND}


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    models = write_tiny_score(tmp_path_factory.mktemp("models"))
    return Stage(Catalog((models,), provider="cpu"), KITS)


def takes(stage, clip, **wish):
    request = Continue(id=1, clip=1, **wish)
    return play(request, {1: clip}, stage, cancel=Cancel(), report=lambda *_: None)


def struck(clip, kit=GENERAL_MIDI):
    hits = np.zeros((clip.bars * clip.ticks_per_bar // TICKS_PER_SIXTEENTH, 9))
    for note in clip.notes:
        hits[nearest_step(note.start), kit.piece_of(note.pitch)] = 1
    return codes_of(hits)


@pytest.mark.parametrize(("numerator", "denominator"), [(4, 4), (3, 4), (6, 8), (7, 8), (5, 16)])
@pytest.mark.parametrize("bars", [1, 9])
def test_a_take_is_so_many_bars_of_the_clips_metre_and_tempo(stage, numerator, denominator, bars):
    frame = {"numerator": numerator, "denominator": denominator, "tempo": 87.0}
    clip = Clip((Note(36, 0, 100), Note(38, 9_999, 100)), 60_000, **frame)
    for take in takes(stage, clip, takes=2, bars=bars):
        assert take.clip.length == bars * clip.ticks_per_bar
        assert {name: getattr(take.clip, name) for name in frame} == frame
        assert take.clip.notes
        assert all(0 <= note.start < take.clip.length for note in take.clip.notes)


def test_locks_hold_at_any_temperature(stage):
    for take in takes(stage, stiff_beat(), takes=3, pieces=0b101, most=1, temperature=2.0, bars=8):
        assert set(struck(take.clip).tolist()) <= {0, 1, 4}


def test_a_seed_gives_its_take_again_alone(stage):
    many = takes(stage, stiff_beat(), takes=4, seed=2**31 - 2)
    assert [take.seed for take in many] == [2**31 - 2, 2**31 - 1, 0, 1]
    assert len({take.clip for take in many}) == 4
    for take in many:
        assert takes(stage, stiff_beat(), takes=1, seed=take.seed)[0].clip == take.clip


def test_at_temperature_0_every_seed_gives_what_is_likeliest(stage):
    first, second = takes(stage, stiff_beat(), takes=2, temperature=0.0)
    assert struck(first.clip).tolist() == struck(second.clip).tolist()


def test_more_bars_begin_with_the_same_ones(stage):
    short, long = (
        struck(takes(stage, stiff_beat(), takes=1, bars=bars, temperature=0.0)[0].clip)
        for bars in (2, 12)
    )
    assert long[: len(short)].tolist() == short.tolist()


def test_pieces_sound_at_the_pitches_of_the_clip(stage):
    clip = Clip(tuple(Note(35, step * 20_160, 100) for step in range(4)), 80_640)
    (take,) = takes(stage, clip, takes=1, pieces=1, bars=8, temperature=2.0)
    assert {note.pitch for note in take.clip.notes} == {35}


def test_the_context_is_the_last_eight_bars_of_the_loop():
    notes = tuple(Note(36, bar * 80_640, 100) for bar in range(0, 12, 2))
    context = read_context(Clip(notes, 12 * 80_640), GENERAL_MIDI, 4)
    assert context.first_step == 4 * 16
    assert np.flatnonzero(context.codes).tolist() == [0, 32, 64, 96]
    looped = Clip(notes, 12 * 80_640, loop_start=2 * 80_640, loop_end=4 * 80_640)
    assert np.flatnonzero(read_context(looped, GENERAL_MIDI, 4).codes).tolist() == [0]
    assert len(read_context(looped, GENERAL_MIDI, 4).codes) == 32


def test_a_clip_that_is_not_32_bars_of_33_quarters_is_gone_on_from(stage):
    clip = Clip((Note(36, 0, 100),), 80_640, numerator=33)
    (take,) = takes(stage, clip, takes=1, bars=2)
    assert take.clip.length == 2 * clip.ticks_per_bar


@pytest.mark.parametrize(
    ("clip", "error", "words"),
    [
        (Clip((), 80_640), NoNotesError, "no note"),
        (Clip((Note(36, 0, 100),), 80_640, numerator=7, denominator=32), BadRequestError, "7/32"),
        (Clip((Note(36, 0, 100),), 80_640, numerator=33), BadRequestError, f"{MAX_STEPS:,}"),
    ],
)
def test_what_cannot_be_gone_on_from_is_refused_in_words(stage, clip, error, words):
    with pytest.raises(error, match=words):
        takes(stage, clip, bars=32)


def test_the_command_writes_takes_that_name_their_seed(tmp_path, monkeypatch):
    models = write_tiny_score(tmp_path / "models")
    use_environment(monkeypatch, private_environment(tmp_path, models))
    monkeypatch.chdir(tmp_path)
    write_midi(stiff_beat(), tmp_path / "beat.mid")
    assert run(["continue", "beat.mid", "--takes", "2", "--seed", "7", "--bars", "3"]) == 0
    names = sorted(path.name for path in (tmp_path / "takes").iterdir())
    assert names == ["beat continue 1 of 2 seed 7.mid", "beat continue 2 of 2 seed 8.mid"]
    clip = read_midi(tmp_path / "takes" / names[0])
    assert clip.bars == 3
    assert clip.notes


def test_the_tool_asks_the_model_as_the_training_does(stage):
    """Step by step the tool gives what an outlook and places give for a whole score."""
    asked = []
    clip = stiff_beat()
    context = read_context(clip, GENERAL_MIDI, 5)
    model = stage.catalog.load(MODEL)

    class Listening:
        manifest = model.manifest

        def run(self, inputs, cancel):
            asked.append(inputs)
            return model.run(inputs, cancel)

    generators = [np.random.default_rng(0)]
    rules = Rules(np.ones(70), np.zeros((70, 512), np.float32))
    written = write(context.page(70), generators, Listening(), rules, cancel=Cancel())
    whole = np.concatenate([context.codes, written[0]])[None]
    score, known, alike = Outlook.of(turns_of(np.zeros(whole.shape[1], bool)), 16).tell(whole)
    place = places(np.array([context.first_step]), whole.shape[1], 16)
    assert len(asked) == whole.shape[1]
    for step, inputs in enumerate(asked):
        assert (inputs["score"] == score[:, step]).all()
        assert (inputs["known"] == known[:, step]).all()
        assert (inputs["alike"] == alike[:, step]).all()
        assert (inputs["place"] == place[:, step]).all()
        assert inputs["tempo"] == tempo_feature(clip.tempo)
        assert not inputs["style"].any()
