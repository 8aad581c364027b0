"""What Interpolate owes pitched clips at its ends and all takes between, with a model that knows
nothing."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.codecs.melodysteps import codes_of_notes
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
from bridge.music.drumkit import GENERAL_MIDI
from bridge.music.pitchlock import PitchLock
from bridge.music.scale import INTERVALS, Scale
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Interpolate
from bridge.tools.melody_interpolation import (
    play_pitched_interpolation,
    read_line_corners,
)
from bridge.tools.melody_paths import LISTENER, PLAYER, LineModels
from bridge.tools.registry import Stage, play
from tests import strategies
from tests.tiny_melody_paths import write_tiny_melody_paths

STEP = TICKS_PER_SIXTEENTH
METRES = [(4, 4), (3, 4), (6, 8), (7, 8), (5, 4), (2, 4), (1, 8), (8, 4)]
DORIAN = (0, 2, 3, 5, 7, 9, 10)

moderately = settings(deadline=None, max_examples=15)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    return Catalog([write_tiny_melody_paths(tmp_path_factory.mktemp("tiny"))], provider="cpu")


def ways(catalog, *clips, lock=None, keep=None, cancel=None, **choices):
    """The takes between clips."""
    request = Interpolate(id=9, a=1, b=2, **choices)
    takes = play_pitched_interpolation(
        request,
        read_line_corners(clips, request.steps),
        lock or PitchLock(),
        keep,
        LineModels(catalog.load(LISTENER), catalog.load(PLAYER)),
        cancel=cancel or Cancel(),
        report=lambda _: None,
    )
    assert {take.seed for take in takes} == {request.seed}
    assert [take.index for take in takes] == list(range(len(takes)))
    return [take.clip for take in takes]


def tune(seed, bars=2, metre=(4, 4), register=67, **frame):
    """A random line of Dorian, played late and early, strong and soft."""
    generator = np.random.default_rng(seed)
    steps = bars * ticks_per_bar(*metre) // STEP
    onsets = [0, *np.flatnonzero(generator.random(steps - 1) < 0.4) + 1, steps]
    notes = tuple(
        Note(
            register + 12 * int(generator.integers(-1, 2)) + int(generator.choice(DORIAN)),
            int(first) * STEP + int(generator.integers(-900, 900)) * (first > 0),
            max(400, int(last - first) * STEP - 700),
            float(generator.integers(1, 128)),
            release_velocity=3.0,
        )
        for first, last in itertools.pairwise(onsets)
    )
    numerator, denominator = metre
    return Clip(
        notes, steps * STEP, numerator=numerator, denominator=denominator, drums=False, **frame
    )


def two_hands(seed, bars=2):
    """A line over chords of three notes, each half a bar."""
    generator = np.random.default_rng(seed)
    chords = [
        Note(48 + int(root) + third, half * 8 * STEP + 300, 8 * STEP - 500, 50.0)
        for half in range(2 * bars)
        for root in [generator.choice(DORIAN)]
        for third in (0, 4, 7)
    ]
    line = tune(seed, bars, register=76)
    return line.with_notes(sorted((*line.notes, *chords), key=lambda n: (n.start, n.pitch)))


def codes(clip, steps=None):
    return codes_of_notes(clip.notes, steps or clip.length // STEP)


def most_at_once(notes):
    edges = sorted([(note.start, 1) for note in notes] + [(note.end, -1) for note in notes])
    return max(itertools.accumulate(change for _, change in edges), default=0)


@pytest.mark.parametrize("metre", METRES)
@pytest.mark.parametrize("steps", [3, 11])
def test_the_ends_are_the_clips_and_all_between_plays_in_their_metre(catalog, metre, steps):
    first = tune(1, 1, metre, tempo=87.5)
    last = tune(2, 3, metre, tempo=160.0, looping=False)
    made = ways(catalog, first, last, steps=steps)
    assert len(made) == steps
    assert made[0] is first
    assert made[-1] is last
    for clip in made[1:-1]:
        assert clip.notes
        assert clip.length == last.length
        assert (clip.numerator, clip.denominator) == metre
        assert clip.tempo == first.tempo
        assert all(0 <= note.start < note.end <= clip.length for note in clip.notes)


def test_a_clip_in_another_metre_is_stretched_bar_by_bar(catalog):
    waltz = Clip(
        tuple(Note(60 + beat, beat * 4 * STEP, 4 * STEP) for beat in range(6)),
        24 * STEP,
        numerator=3,
        drums=False,
    )
    corners = read_line_corners((tune(1), waltz), 3)
    assert [corner.bars for corner in corners] == [2, 2]
    assert sorted(corners[1].line) == [0, 5, 11, 16, 21, 27]
    made = ways(catalog, tune(1), waltz, steps=5)
    assert made[-1] is waltz
    assert {(clip.numerator, clip.length) for clip in made[:-1]} == {(4, 32 * STEP)}


def test_each_step_changes_about_as_much_as_the_next(catalog):
    for seed in range(5):
        first, last = tune(seed), tune(seed + 100)
        made = [codes(clip) for clip in ways(catalog, first, last, steps=9, seed=seed)]
        gone = np.array([(one != made[0]).sum() for one in made]) / (made[0] != made[-1]).sum()
        assert np.abs(gone - np.linspace(0, 1, 9)).max() < 0.25


def test_bars_that_are_the_same_stay_the_same(catalog):
    first, last = (
        Clip(
            tuple(
                replace(note, start=note.start + bar * 16 * STEP)
                for bar in range(4)
                for note in tune(seed, 1).notes
            ),
            64 * STEP,
            drums=False,
        )
        for seed in (1, 2)
    )
    for clip in ways(catalog, first, last, steps=7):
        bars = codes(clip).reshape(4, 16)
        assert (bars == bars[0]).all()


def test_the_way_between_a_clip_and_itself_is_its_line_and_its_feel(catalog):
    clip = tune(3)
    for made in ways(catalog, clip, clip, steps=5)[1:-1]:
        assert codes(made).tolist() == codes(clip).tolist()
        pairs = zip(made.notes, clip.notes, strict=True)
        assert all(abs(one.start - other.start) <= 1 for one, other in pairs)
        assert [n.velocity for n in made.notes] == pytest.approx([n.velocity for n in clip.notes])


def test_two_hands_are_two_hands_all_the_way(catalog):
    first, last = two_hands(1), two_hands(2)
    made = ways(catalog, first, last, steps=7)
    for clip in made[1:-1]:
        assert sum(note.pitch < 64 for note in clip.notes) >= 6
        assert most_at_once(clip.notes) >= 3
    own = {(note.pitch, note.start) for note in first.notes if note.pitch < 64}
    left = [
        len(own & {(note.pitch, note.start) for note in clip.notes if note.pitch < 64})
        for clip in made
    ]
    assert left[0] > left[-1]
    assert left[1] >= left[-2]


def test_a_line_alone_gets_the_other_clips_voices_by_and_by(catalog):
    made = ways(catalog, tune(1, register=76), two_hands(2), steps=9)
    voices = [sum(note.pitch < 60 for note in clip.notes) for clip in made]
    assert voices[0] == 0
    assert voices[1] < voices[-2]
    assert len({count > 0 for count in voices[1:-1]}) == 2


def test_a_low_clip_is_led_by_its_lowest_notes_and_another_by_its_highest():
    low = Clip(
        (Note(36, 0, 8 * STEP), Note(43, 0, 8 * STEP), Note(38, 8 * STEP, 8 * STEP)),
        16 * STEP,
        drums=False,
    )
    high = low.with_notes(replace(note, pitch=note.pitch + 36) for note in low.notes)
    bass, melody = read_line_corners((low, high), 3)
    assert [placed.note.pitch for placed in bass.line.values()] == [36, 38]
    assert [placed.note.pitch for placed in melody.line.values()] == [79, 74]
    assert [placed.note.pitch for placed in bass.around] == [43]


def test_a_melody_is_not_cut_by_what_is_struck_below_it():
    chords = [Note(60, step * STEP, STEP) for step in range(0, 16, 2)]
    clip = Clip((Note(76, 0, 12 * STEP), *chords), 16 * STEP, drums=False)
    heard, _ = read_line_corners((clip, clip), 3)
    assert list(heard.line) == [0]
    assert len(heard.around) == 8


pitch_locks = st.builds(
    lambda lowest, keys, root, scale: PitchLock(lowest, lowest + keys, Scale.named(scale, root)),
    st.integers(0, 87),
    st.integers(12, 40),
    st.integers(0, 11),
    st.sampled_from(sorted(INTERVALS)),
)
wishes = st.fixed_dictionaries(
    {"most": st.integers(1, 9), "temperature": st.floats(0, 2), "seed": st.integers(0, 2**31 - 1)}
)


@moderately
@given(
    pitch_locks, wishes, st.sampled_from([tune, two_hands]), st.tuples(*[st.integers(0, 99)] * 2)
)
def test_locks_hold_between_the_clips_and_every_take_plays(catalog, lock, wish, make, seeds):
    first, last = map(make, seeds)
    for clip in ways(catalog, first, last, lock=lock, steps=4, **wish)[1:-1]:
        assert clip.notes
        assert all(note.pitch in lock for note in clip.notes)
        assert most_at_once(clip.notes) <= wish["most"]


@moderately
@given(
    st.integers(1, 4),
    st.floats(0, 2),
    st.integers(30, 80),
    strategies.clips(max_notes=6, drums=False),
)
def test_kept_notes_stay_in_all_that_lies_between_the_clips(
    catalog, most, temperature, lowest, keep
):
    keep = replace(keep, looping=False)
    lock = PitchLock(lowest, lowest + 12)
    ends = two_hands(3), tune(4)
    wish = {"most": most, "temperature": temperature}
    takes = ways(catalog, *ends, lock=lock, keep=keep, steps=4, **wish)
    assert (takes[0], takes[-1]) == ends
    stays = [note for note in keep.notes if 0 <= note.start < min(keep.length, ends[0].length)]
    kept_most = most_at_once([note for note in stays if not note.mute])
    for clip in takes[1:-1]:
        others = list(clip.notes)
        for note in stays:
            others.remove(note)
        assert all(note.pitch in lock for note in others)
        assert most_at_once([n for n in clip.notes if not n.mute]) <= max(most, kept_most)
        for note in others:
            alike = [one for one in clip.notes if one.pitch == note.pitch and one is not note]
            assert not any(one.start < note.end and note.start < one.end for one in alike)


@moderately
@given(strategies.clips(drums=False), strategies.clips(drums=False))
def test_any_two_clips_are_answered_or_refused_in_words(catalog, first, last):
    try:
        made = ways(catalog, first, last, steps=3)
    except (BadRequestError, NoNotesError, TooLongError):
        return
    assert made[0] is first
    assert made[-1] is last


def test_the_same_seed_gives_the_same_and_another_seed_another_way(catalog):
    first, last = two_hands(1), two_hands(2)
    assert ways(catalog, first, last, seed=5) == ways(catalog, first, last, seed=5)
    assert ways(catalog, first, last, seed=5) != ways(catalog, first, last, seed=6)


@pytest.mark.parametrize(("steps", "side"), [(9, 3), (16, 4)])
def test_four_clips_are_the_corners_of_a_square(catalog, steps, side):
    clips = [tune(seed, 1 + seed % 2) for seed in range(4)]
    made = ways(catalog, *clips, steps=steps)
    assert [made[0], made[side - 1], made[-side], made[-1]] == clips
    assert len(made) == steps
    assert all(clip.notes for clip in made)


@pytest.mark.parametrize(
    ("clips", "steps", "error", "words"),
    [
        ([tune(1), tune(2), tune(3)], 9, BadRequestError, "two clips or four, not 3"),
        ([tune(1)] * 4, 5, BadRequestError, "9 or 16"),
        ([tune(1), replace(tune(2), drums=True)], 5, BadRequestError, "one kind"),
        ([replace(tune(1), numerator=7, denominator=32)] * 2, 5, BadRequestError, "7/32"),
        ([replace(tune(1), numerator=9)] * 2, 5, BadRequestError, "9/4"),
        ([tune(1), Clip((), 80_640, drums=False)], 5, NoNotesError, "no note"),
        ([tune(1), replace(tune(2), loop_end=129 * 80_640)], 5, TooLongError, "129 bars"),
        (
            [
                tune(1, 128),
                Clip(tuple(Note(60, n, 9) for n in range(9000)), 80_640, drums=False),
            ],
            5,
            TooLongError,
            "goes round",
        ),
    ],
)
def test_what_does_not_go_together_is_refused_in_words(catalog, clips, steps, error, words):
    with pytest.raises(error, match=words):
        ways(catalog, *clips, steps=steps)


def test_a_model_of_another_version_is_refused(tmp_path):
    other = Catalog([write_tiny_melody_paths(tmp_path, codec="melody-bar-0")], provider="cpu")
    with pytest.raises(ModelMissingError, match="another version"):
        ways(other, tune(1), tune(2))


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
            ways(catalog, tune(1), tune(2), steps=3, cancel=After(asked))
        except CancelledError:
            continue
        break
    assert asked > 6


def test_the_registry_sends_pitched_clips_the_pitched_way_and_tells_how_far_it_is(catalog):
    said = []
    wish = {"root": 2, "scale": 0b101010110101, "lowest": 60, "highest": 80}
    request = Interpolate(id=9, a=1, b=2, c=3, d=4, steps=9, **wish)
    clips = {number: tune(number) for number in range(1, 5)}
    stage = Stage(catalog, {"general-midi": GENERAL_MIDI})
    takes = play(request, clips, stage, cancel=Cancel(), report=lambda *state: said.append(state))
    assert takes[0].clip is clips[1]
    lock = PitchLock(60, 80, Scale.named("Major", 2))
    assert all(note.pitch in lock for note in takes[4].clip.notes)
    assert said[0] == ("loading", 0.0)
    parts = [part for state, part in said if state == "working"]
    assert parts == sorted(parts)
    assert parts[-1] == pytest.approx(1.0)
