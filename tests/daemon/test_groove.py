"""What Groove owes every clip, with a model that knows nothing: mostly in process, some by wire."""

import contextlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bridge.codecs.hits import FINER, MAIN, TRIPLET, read_hits
from bridge.daemon.caller import RefusedError
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog
from bridge.errors import CancelledError, NoNotesError
from bridge.music.clip import MAX_TICK, Clip, Note, ticks_per_bar
from bridge.music.drumkit import GENERAL_MIDI, ROLAND, Piece
from bridge.music.grid import is_triplet_beat, nearest_step, offset_from_step
from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Groove
from bridge.tools.groove import play_groove
from bridge.tools.registry import Stage, play
from tests import strategies
from tests.daemon.running import Staff, calling, running_service, settings_in
from tests.tiny_models import write_tiny_model

STEP = TICKS_PER_SIXTEENTH
METRES = [(2, 4), (3, 4), (5, 4), (6, 8), (7, 8), (4, 4)]
LATEST_SEED = 2**31 - 1

moderately = settings(deadline=None, max_examples=60)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def model(folder):
    return Catalog([folder], provider="cpu")


def played(model, clip, feel=None, kit=GENERAL_MIDI, **choices):
    """The takes of a clip, as clips."""
    request = Groove(id=2, clip=1, feel=3 if feel else 0, **choices)
    clips = {1: clip} | ({3: feel} if feel else {})
    stage = Stage(model, {request.kit: kit})
    takes = play(request, clips, stage, cancel=Cancel(), report=lambda *_: None)
    assert [take.index for take in takes] == list(range(request.takes))
    assert [take.seed for take in takes] == [
        (request.seed + index) % 2**31 for index in range(request.takes)
    ]
    return [take.clip for take in takes]


def hits_of(clip, kit=GENERAL_MIDI):
    return read_hits(clip, kit.piece_or_timekeeper if clip.drums else lambda _: Piece.CLOSED_HAT)


def with_kind(clip, kind):
    """The places in the clip of its hits of a kind."""
    hits = hits_of(clip)
    return [int(place) for place in hits.note[hits.kind == kind]]


def timeless(note):
    """All of a note that Groove must leave alone."""
    return replace(note, start=0, velocity=1.0)


def beat(metre=(4, 4), bars=2, **frame):
    """A stiff beat: eighths on the hat, kick and snare in turn on the beats, in any metre."""
    bar = ticks_per_bar(*metre)
    length = bars * bar
    notes = [Note(42, tick, STEP) for tick in range(0, length, 2 * STEP)]
    notes += [
        Note(36 if (tick // TICKS_PER_BEAT) % 2 == 0 else 38, tick, STEP)
        for tick in range(0, length, TICKS_PER_BEAT)
    ]
    numerator, denominator = metre
    return Clip(tuple(notes), length, numerator=numerator, denominator=denominator, **frame)


sounding_clips = strategies.clips(min_notes=1, max_notes=20).filter(
    lambda clip: any(not note.mute for note in clip.notes)
)
amounts = st.sampled_from((0.0, 30.0, 100.0))
temperatures = st.sampled_from((0.0, 1.0, 2.0))
seeds = st.sampled_from((0, 7, LATEST_SEED))


@moderately
@given(sounding_clips, amounts, temperatures, seeds)
def test_every_note_comes_back_in_its_place_with_all_but_start_and_velocity(
    model, clip, amount, temperature, seed
):
    takes = played(model, clip, takes=2, amount=amount, temperature=temperature, seed=seed)
    for take in takes:
        assert replace(take, notes=()) == replace(clip, notes=())
        assert [timeless(note) for note in take.notes] == [timeless(note) for note in clip.notes]
        for before, after in zip(clip.notes, take.notes, strict=True):
            assert before == after or not before.mute
            assert 1 <= after.velocity <= 127


@moderately
@given(sounding_clips, amounts, temperatures, seeds)
def test_no_hit_leaves_its_step(model, clip, amount, temperature, seed):
    (take,) = played(model, clip, takes=1, amount=amount, temperature=temperature, seed=seed)
    for place in with_kind(clip, MAIN):
        before, after = clip.notes[place], take.notes[place]
        assert nearest_step(after.start) == nearest_step(before.start)


@moderately
@given(sounding_clips, temperatures, seeds)
def test_no_note_is_led_out_of_the_clip_or_into_it(model, clip, temperature, seed):
    (take,) = played(model, clip, takes=1, temperature=temperature, seed=seed)
    edges = {0, clip.length} | ({clip.loop_start, clip.end_of_loop} if clip.looping else set())
    for before, after in zip(clip.notes, take.notes, strict=True):
        for edge in edges:
            assert (after.start < edge) == (before.start < edge)


@moderately
@given(sounding_clips, temperatures, seeds)
def test_notes_of_one_piece_that_are_finer_than_the_grid_stay_in_order(
    model, clip, temperature, seed
):
    (take,) = played(model, clip, takes=1, temperature=temperature, seed=seed)
    hits = hits_of(clip)
    for piece in set(hits.piece[hits.kind == FINER]):
        places = hits.note[(hits.piece == piece) & (hits.kind != TRIPLET)]
        before = np.array([clip.notes[place].start for place in places])
        after = np.array([take.notes[place].start for place in places])
        assert (np.diff(after[np.argsort(before, kind="stable")]) >= 0).all()


@moderately
@given(sounding_clips)
def test_the_amount_0_changes_nothing(model, clip):
    assert played(model, clip, takes=3, amount=0) == [clip] * 3


@moderately
@given(sounding_clips, st.sampled_from((1.0, 50.0, 99.0)), seeds)
def test_an_amount_lies_between_the_clip_and_the_whole_way(model, clip, amount, seed):
    (part,) = played(model, clip, takes=1, amount=amount, seed=seed)
    (whole,) = played(model, clip, takes=1, amount=100, seed=seed)
    for before, between, after in zip(clip.notes, part.notes, whole.notes, strict=True):
        low, high = sorted((before.start, after.start))
        assert low - 1 <= between.start <= high + 1
        low, high = sorted((before.velocity, after.velocity))
        assert low - 1 <= between.velocity <= high + 1


def test_the_amount_50_is_half_way(model):
    clip = beat()
    (half,) = played(model, clip, takes=1, amount=50)
    (whole,) = played(model, clip, takes=1, amount=100)
    for before, between, after in zip(clip.notes, half.notes, whole.notes, strict=True):
        assert between.start == pytest.approx((before.start + after.start) / 2, abs=1)
        assert between.velocity == pytest.approx((before.velocity + after.velocity) / 2, abs=1)


@moderately
@given(sounding_clips, st.integers(1, 16), seeds, st.data())
def test_a_seed_typed_back_gives_its_take_again(model, clip, count, seed, data):
    takes = played(model, clip, takes=count, seed=seed)
    index = data.draw(st.integers(0, count - 1))
    assert played(model, clip, takes=1, seed=(seed + index) % 2**31) == [takes[index]]
    assert played(model, clip, takes=count, seed=seed) == takes


def test_takes_differ_from_each_other_and_from_the_clip(model):
    clip = beat()
    takes = played(model, clip, takes=16)
    assert len(set(takes)) == 16
    assert clip not in takes


def test_at_the_temperature_0_all_takes_are_one(model):
    takes = played(model, beat(), takes=3, temperature=0)
    assert takes[1:] == takes[:1] * 2
    assert takes[0] != beat()


@pytest.mark.parametrize("metre", METRES)
@pytest.mark.parametrize("bars", [1, 2, 3, 8, 32])
def test_any_metre_and_length_is_played_throughout(model, metre, bars):
    clip = beat(metre, bars)
    (take,) = played(model, clip, takes=1)
    assert len(take.notes) == len(clip.notes)
    moved = [
        after.start != before.start for before, after in zip(clip.notes, take.notes, strict=True)
    ]
    last_bar = [
        each
        for each, note in zip(moved, clip.notes, strict=True)
        if note.start >= clip.length - clip.ticks_per_bar
    ]
    assert np.mean(moved) > 0.8
    assert np.mean(last_bar) > 0.5
    assert [nearest_step(note.start) for note in take.notes] == [
        nearest_step(note.start) for note in clip.notes
    ]


def triplets(bars=2):
    """Hats in eighth triplets over a kick on each beat."""
    third = TICKS_PER_BEAT // 3
    length = bars * 4 * TICKS_PER_BEAT
    hats = [Note(42, tick, third) for tick in range(0, length, third)]
    kicks = [Note(36, tick, third) for tick in range(0, length, TICKS_PER_BEAT)]
    return Clip((*hats, *kicks), length)


def test_triplets_stay_triplets(model):
    clip = triplets()
    assert len(with_kind(clip, TRIPLET)) == 2 * 8
    (take,) = played(model, clip, takes=1, amount=40, temperature=0.5)
    hats = [note.start for note in take.notes if note.pitch == 42]
    assert hats == sorted(hats)
    beats = [hats[first : first + 3] for first in range(0, len(hats), 3)]
    straightened = [
        onsets for onsets in beats if not is_triplet_beat(tick - onsets[0] for tick in onsets)
    ]
    assert len(straightened) <= 2
    for place in with_kind(clip, TRIPLET):
        assert abs(take.notes[place].start - clip.notes[place].start) <= STEP // 2


@pytest.mark.parametrize("seed", range(5))
def test_a_flam_stays_a_flam(model, seed):
    """A grace note before each snare, 800 ticks (20 ms at 120) early and soft."""
    snares = [Note(38, beat * TICKS_PER_BEAT, STEP, velocity=110.0) for beat in range(1, 8, 2)]
    graces = [Note(38, note.start - 800, 400, velocity=40.0) for note in snares]
    clip = Clip((*graces, *snares), 8 * TICKS_PER_BEAT)
    assert len(with_kind(clip, FINER)) == 4
    (take,) = played(model, clip, takes=1, seed=seed)
    for grace, snare in zip(take.notes[:4], take.notes[4:], strict=True):
        assert 0 < snare.start - grace.start < STEP
        assert grace.velocity < snare.velocity or snare.velocity == 1


def test_a_roll_stays_in_order(model):
    roll = tuple(Note(38, index * STEP // 4, STEP // 4) for index in range(64))
    (take,) = played(model, Clip(roll, 16 * STEP), takes=1, temperature=2)
    starts = [note.start for note in take.notes]
    assert starts == sorted(starts)
    assert len(set(starts)) > 32


def test_notes_before_the_clip_and_beyond_its_end_are_kept_and_played(model):
    clip = beat()
    outside = (
        Note(38, -2 * STEP, STEP),
        Note(38, -40 * STEP, STEP),
        Note(36, clip.length, STEP),
        Note(36, clip.length + 100 * STEP, STEP),
    )
    clip = clip.with_notes((*outside, *clip.notes))
    (take,) = played(model, clip, takes=1)
    for before, after in zip(outside, take.notes, strict=False):
        assert timeless(after) == timeless(before)
        assert nearest_step(after.start) == nearest_step(before.start)
    assert take.notes[0].start < 0 <= take.notes[4].start


def test_muted_notes_are_left_alone(model):
    stiff = beat()
    clip = stiff.with_notes(
        replace(note, mute=bool(index % 2)) for index, note in enumerate(stiff.notes)
    )
    (take,) = played(model, clip, takes=1)
    assert take.notes[1::2] == clip.notes[1::2]
    assert take.notes[::2] != clip.notes[::2]


@pytest.mark.parametrize(
    "notes", [(), (Note(36, 0, STEP, mute=True), Note(38, STEP, 1, mute=True))]
)
@pytest.mark.parametrize("amount", [0, 100])
def test_a_clip_in_which_nothing_sounds_is_refused(model, notes, amount):
    with pytest.raises(NoNotesError, match="no note"):
        played(model, Clip(notes, 80_640), amount=amount)


def test_one_note_is_a_clip(model):
    (take,) = played(model, Clip((Note(36, 0, STEP),), 80_640), takes=1)
    assert nearest_step(take.notes[0].start) == 0


def test_another_feel_makes_another_take(model):
    clip = beat()
    pushed = beat().with_notes(replace(note, start=note.start + 900) for note in beat().notes)
    plain = played(model, clip, takes=2)
    felt = played(model, clip, pushed, takes=2)
    other = played(model, clip, triplets(), takes=2)
    assert plain != felt != other != plain
    assert [timeless(note) for note in felt[0].notes] == [timeless(note) for note in clip.notes]


def test_a_feel_in_which_nothing_sounds_is_refused(model):
    with pytest.raises(NoNotesError, match="feel"):
        played(model, beat(), Clip((), 80_640))


@pytest.mark.parametrize("metre", METRES)
def test_centring_takes_the_mean_out(model, metre):
    def mean_lateness(**choices):
        (take,) = played(model, beat(metre, 8), takes=1, temperature=0, **choices)
        return np.mean([offset_from_step(note.start) for note in take.notes])

    assert abs(mean_lateness(centre=True)) < 0.01
    assert abs(mean_lateness()) > 0.01


def test_kits_hear_a_pitch_differently(model):
    rims = Clip(
        tuple(Note(58, beat * TICKS_PER_BEAT, STEP) for beat in range(8)), 8 * TICKS_PER_BEAT
    )
    assert played(model, rims, takes=1) != played(model, rims, kit=ROLAND, takes=1)


def test_a_clip_that_is_no_drums_is_played_as_a_timekeeper(model):
    tune = Clip(
        tuple(Note(60 + index % 12, index * 2 * STEP, STEP) for index in range(16)),
        32 * STEP,
        drums=False,
    )
    hats = tune.with_notes(replace(note, pitch=42) for note in tune.notes)
    (take,) = played(model, tune, takes=1)
    (as_hats,) = played(model, replace(hats, drums=True), takes=1)
    assert [note.start for note in take.notes] == [note.start for note in as_hats.notes]


@settings(deadline=None, max_examples=40)
@given(strategies.extreme_clips(), temperatures)
def test_the_wildest_clip_is_played_or_refused_in_words(model, clip, temperature):
    assume(all(note.start < MAX_TICK for note in clip.notes))  # See tests/regressions.
    with contextlib.suppress(NoNotesError):
        (take,) = played(model, clip, takes=1, temperature=temperature)
        assert [timeless(note) for note in take.notes] == [timeless(note) for note in clip.notes]


@settings(deadline=None, max_examples=30)
@given(sounding_clips, sounding_clips)
def test_any_clip_may_lend_its_feel(model, clip, feel):
    assume(clip != feel)
    (take,) = played(model, clip, feel, takes=1)
    for place in with_kind(clip, MAIN):
        assert nearest_step(take.notes[place].start) == nearest_step(clip.notes[place].start)


def test_a_cancelled_request_is_not_played(model):
    cancel = Cancel()
    parts = []

    def report(part):
        parts.append(part)
        cancel.cancel()

    long = beat(bars=200)
    with pytest.raises(CancelledError):
        play_groove(
            Groove(id=2, clip=1),
            long,
            None,
            GENERAL_MIDI,
            model.load("groove"),
            cancel=cancel,
            report=report,
        )
    assert len(parts) == 1


@pytest.fixture(scope="module")
def caller(folder, tmp_path_factory):
    tiny = settings_in(tmp_path_factory.mktemp("house"), folder)
    with running_service(Staff(tiny), tiny) as (_, port), calling(port) as caller:
        yield caller


@pytest.mark.parametrize("metre", METRES)
def test_what_comes_by_wire_is_what_is_played_here(caller, model, metre):
    number = 100 * METRES.index(metre)
    clip, feel = beat(metre, 4), triplets()
    caller.send_clip(number + 1, clip)
    caller.send_clip(number + 2, feel)
    choices = {"takes": 3, "seed": 40, "amount": 62.5, "temperature": 0.75, "centre": True}
    request = Groove(id=number + 3, clip=number + 1, feel=number + 2, **choices)
    here = played(model, clip, feel, **choices)
    assert [take.clip for take in caller.takes(request)] == here


@pytest.mark.parametrize(
    ("number", "clip", "choices", "code"),
    [
        (901, Clip((), 80_640), {}, "no-notes"),
        (903, Clip((Note(36, 0, 1, mute=True),), 80_640), {}, "no-notes"),
        (905, beat(), {"kit": "user"}, "bad-request"),
    ],
    ids=["empty", "muted", "kit"],
)
def test_what_cannot_be_played_is_refused_by_wire(caller, number, clip, choices, code):
    caller.send_clip(number, clip)
    with pytest.raises(RefusedError) as refusal:
        caller.takes(Groove(id=number + 1, clip=number, **choices))
    assert refusal.value.code == code
