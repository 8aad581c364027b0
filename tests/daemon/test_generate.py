"""Generate from request to takes, with tiny models: no clip, locks, seeds, ramps and refusals."""

import numpy as np
import pytest

from bridge.codecs.drumscore import codes_of
from bridge.commands.cli import run
from bridge.daemon.caller import RefusedError
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog
from bridge.errors import BadRequestError, ModelMissingError, UnknownClipError
from bridge.music.clip import Clip, Note
from bridge.music.drumkit import GENERAL_MIDI, ROLAND, Kit, Piece
from bridge.music.grid import nearest_step
from bridge.music.midifile import read_midi, write_midi
from bridge.music.styles import STYLES
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Generate
from bridge.tools.registry import Stage, clips_named, play
from tests.command_line import private_environment, use_environment
from tests.daemon.running import Staff, calling, running_service, settings_in
from tests.tiny_score import write_tiny_score

ONLY_KICK = Kit.of("one drum", {Piece.KICK: [36]})
KITS = {"general-midi": GENERAL_MIDI, "roland": ROLAND, "user": ONLY_KICK}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return write_tiny_score(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def stage(models):
    return Stage(Catalog((models,), provider="cpu"), KITS)


@pytest.fixture(scope="module")
def silent_stage(tmp_path_factory):
    """With a model that would rather be silent."""
    models = write_tiny_score(tmp_path_factory.mktemp("silent"), silence=1e4)
    return Stage(Catalog((models,), provider="cpu"), KITS)


def takes(stage, **wish):
    request = Generate(id=1, **wish)
    return play(request, {}, stage, cancel=Cancel(), report=lambda *_: None)


def struck(clip, kit=GENERAL_MIDI):
    hits = np.zeros((clip.length // TICKS_PER_SIXTEENTH, 9))
    for note in clip.notes:
        hits[nearest_step(note.start), kit.piece_of(note.pitch)] = 1
    return codes_of(hits)


@pytest.mark.parametrize(
    ("numerator", "denominator"), [(4, 4), (3, 4), (6, 8), (7, 8), (5, 16), (1, 16)]
)
@pytest.mark.parametrize("bars", [1, 9, 16])
def test_a_take_is_so_many_bars_of_metre_and_tempo(stage, numerator, denominator, bars):
    frame = {"numerator": numerator, "denominator": denominator, "tempo": 87.0}
    for take in takes(stage, takes=2, bars=bars, **frame):
        assert take.clip.bars == bars
        assert take.clip.length == bars * take.clip.ticks_per_bar
        assert {name: getattr(take.clip, name) for name in frame} == frame
        assert take.clip.drums
        assert take.clip.notes
        assert all(0 <= note.start < take.clip.length for note in take.clip.notes)


@pytest.mark.parametrize("temperature", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("pieces", [511, 128])
def test_no_take_is_empty(silent_stage, temperature, pieces):
    for take in takes(silent_stage, takes=16, bars=1, temperature=temperature, pieces=pieces):
        assert take.clip.notes
        assert not any(code & ~pieces for code in struck(take.clip).tolist())


def test_locks_hold_at_any_temperature(stage):
    for take in takes(stage, takes=3, pieces=0b101, most=1, temperature=2.0, bars=8):
        assert set(struck(take.clip).tolist()) <= {0, 1, 4}


def test_a_seed_gives_its_take_again_alone(stage, silent_stage):
    for house in (stage, silent_stage):
        many = takes(house, takes=4, seed=2**31 - 2)
        assert [take.seed for take in many] == [2**31 - 2, 2**31 - 1, 0, 1]
        assert len({take.clip for take in many}) == 4
        for take in many:
            assert takes(house, takes=1, seed=take.seed)[0].clip == take.clip


def test_styles_and_tempos_are_heard(stage):
    played = [
        struck(takes(stage, takes=1, **wish)[0].clip).tobytes()
        for wish in ({}, {"tempo": 240.0}, *({"style": style} for style in STYLES))
    ]
    assert len(set(played)) == len(played)


def test_the_temperature_goes_to_the_one_at_the_end(stage):
    likeliest = struck(takes(stage, takes=1, temperature=0.0, bars=2)[0].clip)
    constant = [takes(stage, takes=1, end_temperature=each)[0].clip for each in (-1.0, 1.0)]
    assert constant[0] == constant[1]
    cooling = struck(takes(stage, takes=1, end_temperature=0.0)[0].clip)
    assert cooling.tolist() != struck(constant[0]).tolist()
    # From hardly any chance upwards: it begins as the likeliest does.
    warming = struck(takes(stage, takes=1, temperature=0.0, end_temperature=0.05, bars=2)[0].clip)
    assert warming[:8].tolist() == likeliest[:8].tolist()


def test_pieces_that_share_a_pitch_are_one_note(stage):
    for take in takes(stage, takes=4, kit="user", temperature=2.0):
        places = [nearest_step(note.start) for note in take.clip.notes]
        assert {note.pitch for note in take.clip.notes} == {36}
        assert len(set(places)) == len(places)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"numerator": 7, "denominator": 32}, "7/32"),
        ({"denominator": 3}, "1, 2, 4, 8, 16 or 32"),
        ({"numerator": 99, "denominator": 1, "bars": 2}, "Ask for fewer bars"),
    ],
)
def test_what_cannot_be_written_is_refused_in_words(stage, wish, words):
    with pytest.raises(BadRequestError, match=words):
        takes(stage, **wish)


def test_a_model_of_another_version_is_refused(tmp_path):
    stage = Stage(Catalog((write_tiny_score(tmp_path, "drum-score-16-v1"),)), KITS)
    with pytest.raises(ModelMissingError, match="another version"):
        takes(stage)


def test_a_request_names_the_clips_that_it_needs_and_no_others():
    assert clips_named(Generate(id=1)) == ()
    assert clips_named(Generate(id=1, keep=7)) == (7,)
    with pytest.raises(UnknownClipError):
        play(Generate(id=1, keep=7), {}, Stage(Catalog(()), KITS), cancel=Cancel(), report=print)


def test_over_the_wire_no_clip_is_sent_and_the_same_request_is_answered_again(models, tmp_path):
    settings = settings_in(tmp_path, models)
    with running_service(Staff(settings), settings) as (_, port), calling(port) as client:
        request = Generate(id=5, takes=2, bars=2, style="funk")
        made = client.takes(request)
        assert [take.seed for take in made] == [0, 1]
        assert all(take.clip.notes for take in made)
        assert client.takes(request) == made
        with pytest.raises(RefusedError, match="99"):
            client.takes(Generate(id=6, keep=99))


def test_the_command_writes_takes_that_name_style_tempo_and_seed(
    models, tmp_path, monkeypatch, capsys
):
    use_environment(monkeypatch, private_environment(tmp_path, models))
    monkeypatch.chdir(tmp_path)
    line = ["generate", "--takes", "2", "--seed", "7", "--bars", "3", "--style", "jazz"]
    assert run([*line, "--tempo", "95.5", "-o", "out"]) == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [f"beat jazz 95.5 bpm {n} of 2 seed {n + 6}.mid" for n in (1, 2)]
    clip = read_midi(tmp_path / "out" / names[0])
    assert (clip.bars, clip.tempo) == (3, 95.5)
    assert clip.notes
    capsys.readouterr()
    assert run(["generate", "--style", "polka"]) == 2
    assert "rock" in capsys.readouterr().err


def test_the_command_keeps_the_notes_of_a_file(models, tmp_path, monkeypatch):
    use_environment(monkeypatch, private_environment(tmp_path, models))
    monkeypatch.chdir(tmp_path)
    kicks = Clip((Note(35, 0, 700, velocity=99.0),), 4 * TICKS_PER_SIXTEENTH)
    write_midi(kicks, tmp_path / "kicks.mid")
    assert run(["generate", "--takes", "1", "--bars", "2", "--keep", "kicks.mid"]) == 0
    (path,) = (tmp_path / "takes").iterdir()
    kept = [note for note in read_midi(path).notes if note.pitch == 35]
    assert [note.start for note in kept] == [k * 4 * TICKS_PER_SIXTEENTH for k in range(8)]
    assert {(note.duration, note.velocity) for note in kept} == {(700, 99.0)}
