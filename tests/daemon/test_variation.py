"""Beats near a clip, with a model that knows nothing: how far they go, and what always holds."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.codecs.drumscore import hits_of
from bridge.commands.beat import stiff_beat
from bridge.commands.cli import run
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog
from bridge.errors import BadRequestError, NoNotesError
from bridge.music.clip import Clip, Note
from bridge.music.drumkit import GENERAL_MIDI
from bridge.music.grid import nearest_step
from bridge.music.midifile import write_midi
from bridge.protocol.messages import Generate
from bridge.tools.registry import Stage, clips_named, play
from bridge.tools.score_paths import LISTENER, PLAYER, Locks, hear
from bridge.tools.variation import vary
from tests.command_line import private_environment, use_environment
from tests.daemon.test_interpolate import beat
from tests.tiny_interpolate import write_tiny_interpolate


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    catalog = Catalog([write_tiny_interpolate(tmp_path_factory.mktemp("tiny"))], provider="cpu")
    return catalog.load(LISTENER), catalog.load(PLAYER)


def bars(seed, count=2, steps=16):
    generator = np.random.default_rng(seed)
    return generator.integers(0, 512, (count, steps)) * (generator.random((count, steps)) < 0.4)


def near(models, codes, part, seed=0, locks=None, temperature=1.0):
    listener, player = models
    return vary(
        hear(codes, listener, Cancel()),
        part,
        np.random.default_rng(seed),
        player,
        temperature=temperature,
        locks=locks or Locks.on(codes, 511, 9),
        cancel=Cancel(),
    )


def test_nothing_of_the_way_is_the_beat_itself(models):
    for seed in range(5):
        assert (near(models, bars(seed), 0.0, seed) == bars(seed)).all()


def test_the_farther_the_more_is_another(models):
    apart = [
        np.mean([hits_of(near(models, bars(s), part, s) ^ bars(s)).sum() for s in range(8)])
        for part in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    assert (np.diff(apart) > 0).all()
    assert np.array(apart) / apart[-1] == pytest.approx(np.linspace(0, 1, 5), abs=0.15)


def test_bars_that_are_the_same_stay_the_same(models):
    one, other = bars(1)
    for part in (0.3, 0.7, 1.0):
        first, _, again = near(models, np.stack([one, other, one]), part)
        assert (first == again).all()


def test_where_a_bar_goes_does_not_rest_on_those_after_it(models):
    one, other = bars(1)
    there = near(models, np.stack([one, other, one]), 1.0)
    assert (near(models, np.stack([one, other]), 1.0) == there[:2]).all()


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 511), st.integers(1, 9), st.floats(0, 1), st.floats(0, 2), st.integers(0, 99))
def test_locks_hold_however_far_it_goes_and_something_plays(
    models, pieces, most, part, temperature, seed
):
    locks = Locks.on(bars(seed), pieces, most)
    codes = near(models, bars(seed), part, seed, locks, temperature)
    assert not (codes & ~pieces).any()
    assert hits_of(codes).sum(axis=-1).max() <= most
    if 0 < part < 1:
        assert codes.any()


def test_a_seed_gives_its_beat_again(models):
    assert (near(models, bars(1), 0.5, 7) == near(models, bars(1), 0.5, 7)).all()
    assert (near(models, bars(1), 0.5, 7) != near(models, bars(1), 0.5, 8)).any()


@settings(deadline=None, max_examples=15)
@given(st.integers(1, 511), st.integers(1, 9), st.floats(0, 1), st.integers(0, 99))
def test_what_is_kept_is_struck_however_far_it_goes(models, pieces, most, part, seed):
    kept = bars(seed + 500)
    codes = near(models, bars(seed), part, seed, Locks(pieces, most, kept))
    assert (codes & kept == kept).all()
    assert not (codes & ~(kept | pieces)).any()
    struck = hits_of(codes).sum(axis=-1)
    assert (struck <= np.maximum(most, hits_of(kept).sum(axis=-1))).all()


def made(folder, clip, keep=None, **wish):
    """The takes of a request, near a clip."""
    stage = Stage(Catalog([folder], provider="cpu"), {"general-midi": GENERAL_MIDI})
    request = Generate(id=9, near=1, keep=2 if keep else 0, **wish)
    assert clips_named(request) == ((2, 1) if keep else (1,))
    clips = {1: clip} | ({2: keep} if keep else {})
    return play(request, clips, stage, cancel=Cancel(), report=lambda *_: None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tiny_interpolate(tmp_path_factory.mktemp("tiny"))


def struck(clip):
    return {(nearest_step(note.start), note.pitch) for note in clip.notes}


def test_at_no_distance_the_beat_comes_back_as_it_was_played(folder):
    for take in made(folder, beat(1), distance=0.0, takes=2):
        assert [(note.pitch, note.start) for note in take.clip.in_order().notes] == [
            (note.pitch, note.start) for note in beat(1).in_order().notes
        ]


def test_takes_have_the_frame_of_the_clip_and_seeds_of_their_own(folder):
    clip = beat(1, 3, (7, 8), tempo=91.0)
    takes = made(folder, clip, takes=3, seed=2**31 - 2, bars=1, tempo=200.0)
    assert [take.seed for take in takes] == [2**31 - 2, 2**31 - 1, 0]
    for take in takes:
        assert take.clip.notes
        assert (take.clip.length, take.clip.tempo) == (clip.length, 91.0)
        assert (take.clip.numerator, take.clip.denominator) == (7, 8)
        assert made(folder, clip, takes=1, seed=take.seed)[0].clip == take.clip
    assert len({take.clip for take in takes}) == 3


def test_kept_notes_stay_as_they_are(folder):
    keep = Clip((Note(49, 100, 77, 33.0, release_velocity=5.0),), 16 * 5_040)
    for take in made(folder, beat(1), keep, distance=80.0, pieces=3):
        for bar in range(2):
            expected = replace(keep.notes[0], start=100 + bar * 16 * 5_040)
            assert expected in take.clip.notes
        assert {pitch for _, pitch in struck(take.clip)} <= {36, 38, 49}


@pytest.mark.parametrize(
    ("clip", "error", "words"),
    [
        (Clip((), 80_640), NoNotesError, "no note"),
        (replace(beat(1), drums=False), BadRequestError, "Generate plays drums"),
        (replace(beat(1), numerator=7, denominator=32), BadRequestError, "7/32"),
    ],
)
def test_what_nothing_can_be_near_to_is_refused_in_words(folder, clip, error, words):
    with pytest.raises(error, match=words):
        made(folder, clip)


def test_the_command_writes_beats_near_a_file(folder, tmp_path, monkeypatch):
    use_environment(monkeypatch, private_environment(tmp_path, folder))
    monkeypatch.chdir(tmp_path)
    write_midi(stiff_beat(), tmp_path / "mine.mid")
    wish = ["--near", "mine.mid", "--distance", "30", "--takes", "2", "--seed", "7"]
    assert run(["generate", *wish]) == 0
    assert run(["generate", *wish, "--json"]) == 0
    names = sorted(path.name for path in (tmp_path / "takes").iterdir())
    assert names == [f"mine near 30 {take + 1} of 2 seed {7 + take}.mid" for take in (0, 1)]
