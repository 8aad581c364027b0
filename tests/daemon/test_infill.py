"""Infill from request to takes, with tiny models: what is outside stays, what is inside is new."""

import numpy as np
import pytest

from bridge.codecs.drumscore import codes_of
from bridge.commands.beat import stiff_beat
from bridge.commands.cli import run
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog
from bridge.errors import BadRequestError, NoNotesError
from bridge.music.clip import Clip, Note
from bridge.music.drumkit import GENERAL_MIDI, ROLAND
from bridge.music.grid import nearest_step
from bridge.music.midifile import read_midi, write_midi
from bridge.protocol.messages import Infill
from bridge.tools.infill import read_gap
from bridge.tools.registry import Stage, play
from bridge.tools.writing import HEARD_BARS
from tests.command_line import private_environment, use_environment
from tests.daemon.running import Staff, calling, running_service, settings_in
from tests.tiny_score import write_tiny_score

BAR = 80_640
KITS = {"general-midi": GENERAL_MIDI, "roland": ROLAND}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return write_tiny_score(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def stage(models):
    return Stage(Catalog((models,), provider="cpu"), KITS)


def song(bars=12):
    """Kicks and hats in every bar, some early, some muted, none on a gap's own grid."""
    notes = []
    for bar in range(bars):
        start = bar * BAR
        notes += [
            Note(36, max(0, start - 300), 500, velocity=77.0, note_id=bar + 1),
            Note(42, start + 20_160 + 131, 900, probability=0.5),
            Note(38, start + 40_320, 900, mute=True),
        ]
    return Clip(tuple(notes), bars * BAR, tempo=97.0)


def takes(stage, clip, **wish):
    request = Infill(id=1, clip=1, **wish)
    return play(request, {1: clip}, stage, cancel=Cancel(), report=lambda *_: None)


def inside(note, first, end):
    return first * 16 <= nearest_step(note.start) < end * 16


@pytest.mark.parametrize(("first", "bars"), [(0, 1), (3, 1), (11, 1), (2, 4), (0, 11), (1, 11)])
@pytest.mark.parametrize("temperature", [0.0, 2.0])
def test_outside_of_the_bars_no_note_is_touched(stage, first, bars, temperature):
    clip = song()
    for take in takes(stage, clip, first_bar=first, bars=bars, temperature=temperature, takes=2):
        stayed = [note for note in clip.notes if note.mute or not inside(note, first, first + bars)]
        assert list(take.clip.notes[: len(stayed)]) == stayed
        new = take.clip.notes[len(stayed) :]
        assert new
        assert all(inside(note, first, first + bars) for note in new)
        assert take.clip.with_notes(()) == clip.with_notes(())


def test_an_early_note_goes_with_the_bar_of_its_beat(stage):
    (take,) = takes(stage, song(), first_bar=5, takes=1, pieces=8)
    kicks = [note.note_id for note in take.clip.notes if note.pitch == 36]
    assert kicks == [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12]


def test_locks_hold_and_a_seed_gives_its_take_again_alone(stage):
    clip = song()
    many = takes(stage, clip, first_bar=4, bars=2, pieces=8, temperature=2.0, seed=3, takes=4)
    outside = [note for note in clip.notes if note.mute or not inside(note, 4, 6)]
    for take in many:
        assert {note.pitch for note in take.clip.notes[len(outside) :]} == {46}
        again = takes(
            stage, clip, first_bar=4, bars=2, pieces=8, temperature=2.0, seed=take.seed, takes=1
        )
        assert again[0].clip == take.clip
    assert len({take.clip for take in many}) == 4


def test_what_lies_ahead_is_heard(stage):
    one, other = (
        takes(stage, clip, first_bar=4, temperature=0.0, takes=1)[0].clip.notes
        for clip in (song(), song().with_notes([*song().notes, Note(49, 5 * BAR, 900)]))
    )
    inner = [[note for note in notes if inside(note, 4, 5)] for notes in (one, other)]
    assert inner[0] != inner[1]


@pytest.mark.parametrize(("first", "bars"), [(0, 1), (6, 2), (5, 7), (19, 1), (0, 16), (4, 15)])
def test_eight_bars_are_heard_and_one_at_least_beside_the_gap(first, bars):
    clip = song(20)
    gap = read_gap(Infill(id=1, clip=1, first_bar=first, bars=bars), clip, GENERAL_MIDI)
    assert gap.page.written.sum() == bars * 16
    begin = gap.page.first_step // 16
    heard = len(gap.page.codes) // 16 - bars
    assert heard == max(1, HEARD_BARS - bars)
    assert 0 <= begin <= first
    assert first + bars <= begin + heard + bars <= 20
    assert (gap.page.written == (np.arange(len(gap.page.codes)) // 16 + begin >= first) & (
        np.arange(len(gap.page.codes)) // 16 + begin < first + bars
    )).all()  # fmt: skip
    struck = np.zeros((20 * 16, 9))
    for note in clip.notes:
        if not note.mute and not inside(note, first, first + bars):
            struck[nearest_step(note.start), GENERAL_MIDI.piece_of(note.pitch)] = 1
    whole = codes_of(struck)[begin * 16 :][: len(gap.page.codes)]
    assert (gap.page.codes == whole).all()


def test_a_clip_that_ends_within_a_bar_is_filled_to_its_end_only(stage):
    clip = Clip((Note(36, 0, 100), Note(38, BAR, 100)), BAR + BAR // 2)
    for take in takes(stage, clip, first_bar=1, takes=8, temperature=2.0):
        assert all(note.start < clip.length for note in take.clip.notes)


@pytest.mark.parametrize(
    ("clip", "wish", "error", "words"),
    [
        (song(4), {"first_bar": 4}, BadRequestError, "has 4 bars"),
        (song(4), {"first_bar": 3, "bars": 2}, BadRequestError, "bars 4 to 5"),
        (song(1), {}, NoNotesError, "Outside"),
        (Clip((), BAR), {}, NoNotesError, "Outside"),
        (Clip((Note(36, 0, 9),), BAR, numerator=7, denominator=32), {}, BadRequestError, "7/32"),
    ],
)
def test_what_cannot_be_filled_is_refused_in_words(stage, clip, wish, error, words):
    with pytest.raises(error, match=words):
        takes(stage, clip, **wish)


def test_over_the_wire_a_clip_comes_back_whole(models, tmp_path):
    settings = settings_in(tmp_path, models)
    with running_service(Staff(settings), settings) as (_, port), calling(port) as client:
        client.send_clip(1, song(4))
        for take in client.takes(Infill(id=2, clip=1, first_bar=2, takes=2)):
            outside = {note for note in song(4).notes if not inside(note, 2, 3)}
            assert outside <= set(take.clip.notes)


def test_the_command_writes_whole_clips(models, tmp_path, monkeypatch):
    use_environment(monkeypatch, private_environment(tmp_path, models))
    monkeypatch.chdir(tmp_path)
    write_midi(stiff_beat(), tmp_path / "beat.mid")
    line = ["infill", "beat.mid", "--first-bar", "1", "--takes", "2", "--seed", "7"]
    assert run(line) == 0
    names = sorted(path.name for path in (tmp_path / "takes").iterdir())
    assert names == ["beat infill 1 of 2 seed 7.mid", "beat infill 2 of 2 seed 8.mid"]
    clip = read_midi(tmp_path / "takes" / names[0])
    first = [note for note in stiff_beat().notes if inside(note, 0, 1)]
    assert [note for note in clip.notes if inside(note, 0, 1)] == first
