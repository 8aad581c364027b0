"""What Interpolate owes the clips at its ends and all takes between, with a model that knows
nothing."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.codecs.drumscore import codes_of, hits_of
from bridge.commands.beat import stiff_beat
from bridge.commands.cli import run
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog
from bridge.errors import (
    BadRequestError,
    CancelledError,
    ModelMissingError,
    NoNotesError,
    TooLongError,
)
from bridge.music.clip import Clip, Note, ticks_per_bar
from bridge.music.drumkit import GENERAL_MIDI, Kit, Piece
from bridge.music.grid import nearest_step
from bridge.music.midifile import read_midi, write_midi
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Interpolate
from bridge.tools.registry import Stage, clips_named, play
from tests import strategies
from tests.command_line import private_environment, use_environment
from tests.daemon.running import Staff, calling, running_service, settings_in
from tests.tiny_interpolate import write_tiny_interpolate
from tests.tiny_melody_paths import write_tiny_melody_paths

STEP = TICKS_PER_SIXTEENTH
METRES = [(4, 4), (3, 4), (6, 8), (7, 8), (5, 4), (2, 4), (1, 8), (8, 4)]

moderately = settings(deadline=None, max_examples=15)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tiny_melody_paths(write_tiny_interpolate(tmp_path_factory.mktemp("tiny")))


@pytest.fixture(scope="module")
def catalog(folder):
    return Catalog([folder], provider="cpu")


def ways(catalog, *clips, kit=GENERAL_MIDI, cancel=None, **choices):
    """The takes between clips."""
    ids = dict(zip("abcd", range(1, 5), strict=False))
    named = {name: number if number <= len(clips) else 0 for name, number in ids.items()}
    request = Interpolate(id=9, **named, **choices)
    assert clips_named(request) == tuple(range(1, len(clips) + 1))
    stage = Stage(catalog, {request.kit: kit})
    given_clips = dict(enumerate(clips, start=1))
    takes = play(request, given_clips, stage, cancel=cancel or Cancel(), report=lambda *_: None)
    assert {take.seed for take in takes} == {request.seed}
    assert [take.index for take in takes] == list(range(len(takes)))
    return [take.clip for take in takes]


def beat(seed, bars=2, metre=(4, 4), **frame):
    """A bar of random hits again and again, with timing and accents."""
    generator = np.random.default_rng(seed)
    steps = ticks_per_bar(*metre) // STEP
    struck = np.argwhere(generator.random((steps, 9)) < 0.2).tolist() or [[0, 0]]
    notes = tuple(
        Note(
            GENERAL_MIDI.pitch_of(Piece(piece)),
            (bar * steps + step) * STEP + int(generator.integers(-900, 900)) * (step > 0),
            700,
            float(generator.integers(1, 128)),
            release_velocity=3.0,
        )
        for bar in range(bars)
        for step, piece in struck
    )
    numerator, denominator = metre
    length = bars * steps * STEP
    return Clip(notes, length, numerator=numerator, denominator=denominator, **frame)


def score(clip, steps=None):
    """The codes of a clip."""
    hits = np.zeros((steps or clip.length // STEP, 9))
    for note in clip.notes:
        hits[nearest_step(note.start), GENERAL_MIDI.piece_of(note.pitch)] = 1
    return codes_of(hits)


@pytest.mark.parametrize("metre", METRES)
@pytest.mark.parametrize("steps", [3, 11])
def test_the_ends_are_the_clips_and_all_between_plays_in_their_metre(catalog, metre, steps):
    first = beat(1, 1, metre, tempo=87.5)
    last = beat(2, 3, metre, tempo=160.0, looping=False)
    made = ways(catalog, first, last, steps=steps)
    assert len(made) == steps
    assert made[0] is first
    assert made[-1] is last
    for clip in made[1:-1]:
        assert clip.notes
        assert clip.length == last.length
        assert (clip.numerator, clip.denominator) == metre
        assert clip.tempo == first.tempo
        assert all(0 <= note.start < clip.length for note in clip.notes)


def test_each_step_changes_about_as_much_as_the_next(catalog):
    for seed in range(5):
        first, last = beat(seed), beat(seed + 100)
        made = [score(clip) for clip in ways(catalog, first, last, steps=9, seed=seed)]
        whole = hits_of(made[0] ^ made[-1]).sum()
        gone = np.array([hits_of(codes ^ made[0]).sum() for codes in made]) / whole
        assert np.abs(gone - np.linspace(0, 1, 9)).max() < 0.25


def test_bars_that_are_the_same_stay_the_same(catalog):
    for clip in ways(catalog, beat(1, 4), beat(2, 4), steps=7):
        bars = score(clip).reshape(4, 16)
        assert (bars == bars[0]).all()


def test_the_way_between_a_clip_and_itself_is_its_score(catalog):
    clip = beat(3)
    for made in ways(catalog, clip, clip, steps=5):
        assert score(made).tolist() == score(clip).tolist()


def test_hits_of_both_clips_are_played_between_how_both_play_them(catalog):
    first = Clip((Note(36, 0, 100, 20.0), Note(38, 4 * STEP, 100, 20.0)), 16 * STEP)
    last = Clip((Note(36, 600, 100, 120.0), Note(38, 4 * STEP, 100, 120.0)), 16 * STEP)
    made = ways(catalog, first, last, steps=5)
    for number, clip in enumerate(made):
        assert [note.velocity for note in clip.notes] == [20.0 + 25 * number] * 2
        assert clip.notes[0].start == 150 * number


def test_a_shorter_clip_goes_round(catalog):
    short, whole = beat(1, 1), beat(1, 4)
    scores, again = (
        [score(clip).tolist() for clip in ways(catalog, first, beat(2, 4), steps=6)[1:-1]]
        for first in (short, whole)
    )
    assert scores == again
    soft = Clip((Note(36, 0, 100, 20.0),), 16 * STEP)
    strong = Clip(tuple(Note(36, bar * 16 * STEP, 100, 120.0) for bar in range(3)), 48 * STEP)
    half_way = ways(catalog, soft, strong, steps=3)[1]
    assert [note.velocity for note in half_way.notes] == [70.0] * 3


@moderately
@given(
    st.integers(1, 511), st.integers(1, 9), st.floats(0, 2), st.integers(0, 2**31 - 1), st.data()
)
def test_locks_hold_between_the_clips_and_every_take_plays(
    catalog, pieces, most, temperature, seed, data
):
    first, last = beat(data.draw(st.integers(0, 99))), beat(data.draw(st.integers(0, 99)))
    wish = {"pieces": pieces, "most": most, "temperature": temperature, "seed": seed}
    for clip in ways(catalog, first, last, steps=4, **wish)[1:-1]:
        assert clip.notes
        codes = score(clip)
        assert not (codes & ~pieces).any()
        assert hits_of(codes).sum(axis=-1).max() <= most


@moderately
@given(st.integers(1, 511), st.integers(1, 9), st.floats(0, 2), strategies.clips(max_notes=6))
def test_kept_notes_stay_in_all_that_lies_between_the_clips(
    catalog, pieces, most, temperature, keep
):
    keep = replace(keep, looping=False)
    ends = beat(3), beat(4)
    request = Interpolate(
        id=9, a=1, b=2, keep=7, steps=4, pieces=pieces, most=most, temperature=temperature
    )
    assert clips_named(request) == (1, 2, 7)
    stage = Stage(catalog, {request.kit: GENERAL_MIDI})
    clips = {1: ends[0], 2: ends[1], 7: keep}
    takes = play(request, clips, stage, cancel=Cancel(), report=lambda *_: None)
    assert (takes[0].clip, takes[-1].clip) == ends
    stays = [note for note in keep.notes if 0 <= note.start < min(keep.length, ends[0].length)]
    for take in takes[1:-1]:
        others = list(take.clip.notes)
        for note in stays:
            others.remove(note)
        assert all(pieces >> GENERAL_MIDI.piece_of(note.pitch) & 1 for note in others)


@moderately
@given(strategies.clips(), strategies.clips())
def test_any_two_clips_are_answered_or_refused_in_words(catalog, first, last):
    try:
        made = ways(catalog, first, last, steps=3)
    except (BadRequestError, TooLongError):
        return
    assert made[0] is first
    assert made[-1] is last


def test_the_same_seed_gives_the_same_and_another_seed_another_way(catalog):
    first, last = beat(1), beat(2)
    assert ways(catalog, first, last, seed=5) == ways(catalog, first, last, seed=5)
    assert ways(catalog, first, last, seed=5) != ways(catalog, first, last, seed=6)


@pytest.mark.parametrize(("steps", "side"), [(9, 3), (16, 4)])
def test_four_clips_are_the_corners_of_a_square(catalog, steps, side):
    clips = [beat(seed, 1 + seed % 2) for seed in range(4)]
    made = ways(catalog, *clips, steps=steps)
    assert [made[0], made[side - 1], made[-side], made[-1]] == clips
    assert len(made) == steps
    assert all(clip.notes for clip in made)
    upper = ways(catalog, clips[0], clips[1], steps=side)
    assert [score(clip, 32).tolist() for clip in made[1 : side - 1]] == [
        np.resize(score(clip), 32).tolist() for clip in upper[1:-1]
    ]


@pytest.mark.parametrize(
    ("clips", "steps", "error", "words"),
    [
        ([beat(1), beat(2), beat(3)], 9, BadRequestError, "two clips or four, not 3"),
        ([beat(1)] * 4, 5, BadRequestError, "9 or 16"),
        ([beat(1), beat(2, metre=(3, 4))], 5, BadRequestError, "4/4 and 3/4"),
        ([beat(1), replace(beat(2), drums=False)], 5, BadRequestError, "one kind"),
        ([replace(beat(1), numerator=7, denominator=32)] * 2, 5, BadRequestError, "7/32"),
        ([replace(beat(1), numerator=9)] * 2, 5, BadRequestError, "9/4"),
        ([beat(1), Clip((), 80_640)], 5, NoNotesError, "no note"),
        ([beat(1), Clip((Note(36, -90_000, 9),), 80_640)], 5, NoNotesError, "within its loop"),
        ([beat(1), replace(beat(2), loop_end=129 * 80_640)], 5, TooLongError, "129 bars"),
    ],
)
def test_what_does_not_go_together_is_refused_in_words(catalog, clips, steps, error, words):
    with pytest.raises(error, match=words):
        ways(catalog, *clips, steps=steps)


def test_a_model_of_another_version_is_refused(tmp_path):
    other = Catalog([write_tiny_interpolate(tmp_path, codec="drum-bar-0")], provider="cpu")
    with pytest.raises(ModelMissingError, match="another version"):
        ways(other, beat(1), beat(2))


def test_it_can_be_called_off_at_every_step(catalog):
    class After(Cancel):
        """Cancelled when it was asked so often."""

        def __init__(self, asked):
            super().__init__()
            self._left = asked

        def check(self):
            self._left -= 1
            if self._left < 0:
                self.cancel()
            super().check()

    for asked in itertools.count():
        try:
            ways(catalog, beat(1), beat(2), steps=3, cancel=After(asked))
        except CancelledError:
            continue
        break
    assert asked > 8


def test_progress_goes_from_nothing_to_all(catalog):
    said = []
    request = Interpolate(id=9, a=1, b=2, c=3, d=4, steps=9)
    clips = {number: beat(number) for number in range(1, 5)}
    stage = Stage(catalog, {"general-midi": GENERAL_MIDI})
    play(request, clips, stage, cancel=Cancel(), report=lambda *state: said.append(state))
    assert said[0] == ("loading", 0.0)
    parts = [part for state, part in said if state == "working"]
    assert parts == sorted(parts)
    assert parts[-1] == pytest.approx(1.0)


def test_pieces_sound_at_the_pitches_of_the_nearer_clip(catalog):
    first = Clip(tuple(Note(36, step * 4 * STEP, 9) for step in range(4)), 16 * STEP)
    last = Clip(tuple(Note(35, step * 4 * STEP, 9) for step in range(4)), 16 * STEP)
    made = ways(catalog, first, last, steps=4, pieces=1)
    assert [{note.pitch for note in clip.notes} for clip in made] == [{36}, {36}, {35}, {35}]


def test_a_kit_without_a_piece_still_plays(catalog):
    kit = Kit.of("small", {Piece.KICK: (36,), Piece.SNARE: (38,), Piece.RIDE: (51,)})
    for clip in ways(catalog, beat(1), beat(2), kit=kit, temperature=2.0)[1:-1]:
        assert clip.notes


def test_the_wire_brings_the_clips_back_to_the_byte(tmp_path):
    tiny = settings_in(tmp_path, write_tiny_interpolate(tmp_path / "models"))
    first, last = beat(1), beat(2, 3)
    with running_service(Staff(tiny), tiny) as (_, port), calling(port) as caller:
        caller.hello("test")
        caller.send_clip(1, first)
        caller.send_clip(2, last)
        takes = caller.takes(Interpolate(id=3, a=1, b=2, steps=4))
    assert [take.clip for take in (takes[0], takes[-1])] == [first, last]
    assert len(takes) == 4


def test_the_command_writes_the_way_and_a_square(tmp_path, monkeypatch, capsys):
    models = write_tiny_interpolate(tmp_path / "models")
    use_environment(monkeypatch, private_environment(tmp_path, models))
    monkeypatch.chdir(tmp_path)
    for name, clip in zip("abcd", [stiff_beat(), *map(beat, range(3))], strict=True):
        write_midi(clip, tmp_path / f"{name}.mid")
    assert run(["interpolate", "a.mid", "b.mid", "--steps", "3", "--seed", "7"]) == 0
    names = sorted(path.name for path in (tmp_path / "takes").iterdir())
    assert names == [f"a b interpolate {number} of 3 seed 7.mid" for number in (1, 2, 3)]
    assert read_midi(tmp_path / "takes" / names[0]).notes == read_midi(tmp_path / "a.mid").notes
    assert read_midi(tmp_path / "takes" / names[1]).notes
    assert run(["interpolate", "a.mid", "b.mid", "c.mid", "d.mid", "-o", "square", "--json"]) == 0
    assert len(list((tmp_path / "square").iterdir())) == 9
    assert run(["interpolate", "a.mid"]) == 2
    assert "two MIDI files or four" in capsys.readouterr().err
