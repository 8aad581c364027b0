"""Pitched takes from request to answer: seeds, lengths, manners, refusals, wires and commands."""

import time
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.daemon.caller import RefusedError
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog
from bridge.errors import BadRequestError, CancelledError, ModelMissingError, NoNotesError
from bridge.music.clip import Clip, Note, ticks_per_bar
from bridge.music.drumkit import GENERAL_MIDI
from bridge.music.scale import INTERVALS
from bridge.protocol.messages import Cancel as CallOff
from bridge.protocol.messages import Continue, Done, Fail, Generate, Infill, Progress
from bridge.tools.drafting import EXACT
from bridge.tools.registry import Stage, play
from tests.daemon.pitched import BAR, BEAT, TWELFTH, tune
from tests.daemon.running import Staff, calling, replies_until, running_service, settings_in
from tests.tiny_notes import write_tiny_notes

MELODY = tune(60, 64, 62, 67, 65, 64, 62, 60)
BASS = tune(36, 43, 36, 41, 43, 36)
CHORDS = Clip(
    tuple(Note(pitch, bar * BAR, BAR) for bar in (0, 1) for pitch in (55 + bar, 60, 64 + bar)),
    2 * BAR,
    drums=False,
)
CLIPS = {1: MELODY, 2: BASS, 3: CHORDS}
PARTS = {1: "melody", 2: "bass", 3: "chords"}
REQUESTS = [
    Continue(id=9, clip=1, bars=2, takes=3),
    Continue(id=9, clip=3, bars=2, takes=3),
    Continue(id=9, clip=2, bars=2, takes=3, chords=3),
    Generate(id=9, part="melody", bars=2, takes=3),
    Generate(id=9, part="bass", bars=2, takes=3, chords=3),
    Generate(id=9, part="chords", bars=2, takes=3),
    Generate(id=9, part="melody", near=1, takes=3, distance=70),
    Infill(id=9, clip=1, first_bar=1, bars=1, takes=3),
    Infill(id=9, clip=3, first_bar=0, bars=1, takes=3),
]
IDS = [f"{type(each).__name__} {number}" for number, each in enumerate(REQUESTS)]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return write_tiny_notes(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def stage(models):
    return Stage(Catalog((models,), provider="cpu"), {"general-midi": GENERAL_MIDI})


def takes(stage, request, clips=None, *, cancel=None, report=lambda *_: None):
    return play(request, clips or CLIPS, stage, cancel=cancel or Cancel(), report=report)


@pytest.mark.parametrize("request_", REQUESTS, ids=IDS)
def test_the_same_request_gives_the_same_and_a_seed_gives_its_take_again_alone(
    models, stage, request_
):
    made = takes(stage, request_)
    again = Stage(Catalog((models,), provider="cpu"), {"general-midi": GENERAL_MIDI})
    assert takes(again, request_) == made
    assert len({take.clip for take in made}) == 3
    assert len({take.seed for take in made}) == 3
    for take in made:
        (alone,) = takes(stage, replace(request_, seed=take.seed, takes=1))
        assert alone.clip == take.clip
        assert alone.seed == take.seed
        assert EXACT <= take.seed <= 999_999


def test_another_seed_gives_other_takes(stage):
    for request in REQUESTS:
        first, other = (
            {take.clip for take in takes(stage, replace(request, seed=seed))} for seed in (1, 101)
        )
        assert not first & other


@pytest.mark.parametrize(
    ("numerator", "denominator"),
    [(4, 4), (3, 4), (2, 4), (5, 4), (6, 8), (7, 8), (12, 8), (5, 16), (2, 2)],
)
@pytest.mark.parametrize("bars", [1, 9])
def test_takes_are_so_many_bars_of_their_metre(stage, numerator, denominator, bars):
    frame = {"numerator": numerator, "denominator": denominator, "tempo": 87.0}
    clip = replace(MELODY, **frame)
    for part in ("melody", "chords"):
        made = [
            *takes(stage, Generate(id=9, part=part, bars=bars, takes=1, **frame)),
            *takes(stage, Continue(id=9, clip=1, part=part, bars=bars, takes=1), {1: clip}),
        ]
        for take in made:
            assert take.clip.length == bars * ticks_per_bar(numerator, denominator)
            assert {name: getattr(take.clip, name) for name in frame} == frame
            assert take.clip.notes
            assert not take.clip.drums
            assert all(0 <= note.start < note.end <= take.clip.length for note in take.clip.notes)


@pytest.mark.parametrize("clip", [1, 2, 3])
def test_what_a_clip_is_it_goes_on_as(stage, clip):
    auto = takes(stage, Continue(id=9, clip=clip, bars=4, takes=4))
    said = takes(stage, Continue(id=9, clip=clip, bars=4, takes=4, part=PARTS[clip]))
    assert auto == said
    others = takes(stage, Continue(id=9, clip=clip, bars=4, takes=4, part=PARTS[1 + clip % 3]))
    assert {take.clip for take in others}.isdisjoint({take.clip for take in auto})
    notes = [note for take in auto for note in take.clip.notes]
    at_once = [
        sum(other.start <= note.start < other.end for other in take.clip.notes)
        for take in auto
        for note in take.clip.notes
    ]
    assert (max(at_once) > 1) == (clip == 3)
    low, high = (
        min(note.pitch for note in CLIPS[clip].notes),
        max(note.pitch for note in CLIPS[clip].notes),
    )
    assert all(low - 7 <= note.pitch <= high + 7 for note in notes)


def test_a_melody_follows_the_top_of_chords_and_comes_one_at_a_time(stage):
    for part in ("melody", "bass"):
        for take in takes(stage, Continue(id=9, clip=3, bars=4, takes=3, part=part, most=9)):
            ends = 0
            for note in sorted(take.clip.notes, key=lambda note: note.start):
                assert note.start >= ends
                ends = note.end


def test_of_a_looping_clip_the_loop_is_what_is_heard(stage):
    whole = tune(60, 64, 62, 67, 24, 31, 24, 29)
    loop = replace(whole, loop_start=0, loop_end=BAR)
    alone = replace(whole, notes=whole.notes[:4], length=BAR, loop_end=BAR)
    request = Continue(id=9, clip=1, bars=2)
    assert takes(stage, request, {1: loop}) == takes(stage, request, {1: alone})
    assert takes(stage, request, {1: whole}) != takes(stage, request, {1: alone})
    later = replace(whole, loop_start=BAR, loop_end=2 * BAR)
    assert all(
        note.pitch <= 31 + 7
        for take in takes(stage, request, {1: later})
        for note in take.clip.notes
    )


def test_muted_notes_and_notes_before_the_first_bar_are_not_heard(stage):
    clip = replace(MELODY, looping=False)
    more = [Note(100, 0, BEAT, mute=True), Note(20, -2 * BEAT, BEAT)]
    more = clip.with_notes([*more, *clip.notes])
    request = Continue(id=9, clip=1, bars=2)
    assert takes(stage, request, {1: more}) == takes(stage, request, {1: clip})


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_a_flat_quantised_clip_goes_on_flat_and_quantised(stage, temperature):
    flat = MELODY.with_notes([replace(note, velocity=90.0) for note in MELODY.notes])
    for take in takes(stage, Continue(id=9, clip=1, bars=4, temperature=temperature), {1: flat}):
        assert {note.velocity for note in take.clip.notes} == {90.0}
        assert all(note.start % (BEAT // 4) == 0 for note in take.clip.notes)


def test_a_played_clip_goes_on_as_played(stage):
    played = [
        replace(note, start=max(0, note.start + 60 * (place % 7) - 200), velocity=60.0 + 4 * place)
        for place, note in enumerate(tune(*[60, 64, 62, 67, 65, 64, 62, 60] * 2).notes)
    ]
    clip = Clip(tuple(played), 4 * BAR, drums=False)
    made = takes(stage, Continue(id=9, clip=1, bars=8), {1: clip})
    for take in made:
        assert any(note.start % TWELFTH for note in take.clip.notes)
        velocities = [note.velocity for note in take.clip.notes]
        assert len(set(velocities)) > 1
        assert all(60 <= velocity <= 120 for velocity in velocities)


def test_triplets_stay_possible_where_the_clip_has_them_and_nowhere_else(stage):
    triplets = tune(*[60, 62, 64] * 8, step=BEAT // 3)
    places = [
        {note.start // TWELFTH % 12 for take in takes(
            stage, Continue(id=9, clip=1, bars=16, takes=4, temperature=2.0), {1: clip}
        ) for note in take.clip.notes}
        for clip in (triplets, MELODY)
    ]  # fmt: skip
    assert places[0] & {4, 8}
    assert places[1] <= {0, 3, 6, 9}


@pytest.mark.parametrize("part", ["melody", "bass", "chords"])
def test_a_scale_and_a_range_hold_at_any_temperature(stage, part):
    scale = sum(1 << tone for tone in INTERVALS["Dorian"])
    lock = {"root": 2, "scale": scale, "lowest": 50, "highest": 64}
    allowed = {pitch for pitch in range(50, 65) if scale >> (pitch - 2) % 12 & 1}
    for temperature in (0.0, 2.0):
        made = takes(
            stage, Generate(id=9, part=part, takes=8, bars=4, temperature=temperature, **lock)
        )
        found = {note.pitch for take in made for note in take.clip.notes}
        assert found <= allowed
        assert temperature == 0.0 or len(found) > 4


def test_a_scale_that_is_a_wish_binds_nobody(stage):
    scale = sum(1 << tone for tone in INTERVALS["Major"])
    wish = {"id": 9, "part": "melody", "root": 0, "scale": scale, "takes": 8, "temperature": 2.0}
    free = takes(stage, Generate(lock=False, **wish))
    bound = takes(stage, Generate(lock=True, **wish))
    tones = [
        {note.pitch % 12 for take in made for note in take.clip.notes} for made in (free, bound)
    ]
    assert tones[1] <= set(INTERVALS["Major"])
    assert not tones[0] <= set(INTERVALS["Major"])


def test_the_most_notes_of_chords_are_never_passed(stage):
    found = []
    for most in (1, 2, 6):
        made = takes(stage, Generate(id=9, part="chords", most=most, takes=6, temperature=2.0))
        at_once = [
            sum(other.start <= note.start < other.end for other in take.clip.notes)
            for take in made
            for note in take.clip.notes
        ]
        assert max(at_once) <= most
        found.append(max(at_once))
    assert found[0] == 1 < found[1] < found[2]


def test_nothing_is_far_where_the_distance_is_nothing(stage):
    for number, clip in CLIPS.items():
        near = Generate(id=9, part=PARTS[number], near=number, distance=0.0, takes=2)
        for take in takes(stage, near):
            assert take.clip.in_order().notes == clip.in_order().notes
            assert take.clip.length == clip.length


OFTEN = settings(max_examples=25, deadline=None)
OFF_GRID = st.builds(
    Note,
    pitch=st.integers(40, 80),
    start=st.integers(0, 2 * BAR - 1),
    duration=st.integers(1, BAR),
    velocity=st.integers(1, 127).map(float),
    mute=st.sampled_from((False, False, True)),
    note_id=st.none() | st.integers(1, 99),
)


@OFTEN
@given(st.lists(OFF_GRID, min_size=1, max_size=12), st.booleans())
def test_chords_at_no_distance_come_back_whole_however_they_were_played(stage, notes, looping):
    clip = Clip((Note(60, 0, BEAT), *notes), 2 * BAR, looping=looping, drums=False)
    (take,) = takes(stage, Generate(id=9, part="chords", near=1, distance=0.0, takes=1), {1: clip})
    assert take.clip.in_order().notes == clip.in_order().notes


def test_a_last_moment_far_from_the_other_keys_stays_unless_a_lock_forbids_it(stage):
    last = Note(40, 2 * BAR - BEAT // 8, 1)
    clip = Clip((Note(60, 0, BEAT), last), 2 * BAR, drums=False)
    near = Generate(id=9, part="chords", near=1, distance=0.0, takes=1)
    (take,) = takes(stage, near, {1: clip})
    assert last in take.clip.notes
    (take,) = takes(stage, replace(near, lowest=50), {1: clip})
    assert last not in take.clip.notes


def test_the_farther_the_fewer_of_the_clips_notes_are_left(stage):
    clip = tune(*[60, 64, 62, 67, 65, 64, 62, 60] * 4)
    left = [
        sum(
            len(set(take.clip.notes) & set(clip.notes))
            for take in takes(
                stage, Generate(id=9, part="melody", near=1, distance=distance, takes=4), {1: clip}
            )
        )
        / (4 * len(clip.notes))
        for distance in (0.0, 25.0, 50.0, 75.0, 100.0)
    ]
    assert left[0] == 1
    assert left == sorted(left, reverse=True)
    assert left[2] == pytest.approx(0.5, abs=0.2)
    assert left[-1] < 0.2


@pytest.mark.parametrize("part", ["melody", "chords"])
def test_clips_of_64_bars_and_2000_notes_are_gone_on_from_and_filled(stage, part):
    clip = tune(*[60, 64, 62, 67, 65] * 400, step=4 * 64 * BEAT // 2_048)
    assert len(clip.notes) == 2_000
    assert clip.bars == 63
    (take,) = takes(stage, Continue(id=9, clip=1, part=part, bars=32, takes=1), {1: clip})
    assert take.clip.bars == 32
    assert max(note.start for note in take.clip.notes) > 28 * BAR
    (take,) = takes(
        stage, Infill(id=9, clip=1, part=part, first_bar=40, bars=2, takes=1), {1: clip}
    )
    early = BEAT // 8
    inside = range(40 * BAR - early, 42 * BAR - early)
    outside = {note for note in clip.notes if note.start not in inside}
    assert outside <= set(take.clip.notes)
    assert set(take.clip.notes) - outside


@pytest.mark.parametrize("tool", ["continue", "infill"])
def test_a_clip_as_long_as_any_is_no_burden(stage, tool):
    """A note at the beginning of a day, and one at its end."""
    length = 26_000 * BAR
    clip = Clip((Note(60, 0, BEAT), Note(64, length // 2, BEAT)), length, drums=False)
    request = (
        Continue(id=9, clip=1, bars=1, takes=1)
        if tool == "continue"
        else Infill(id=9, clip=1, first_bar=25_990, takes=1)
    )
    (take,) = takes(stage, request, {1: clip})
    assert take.clip.notes


@pytest.mark.parametrize(
    ("request_", "clip", "error", "words"),
    [
        (Continue(id=9, clip=1), Clip((), BAR, drums=False), NoNotesError, "no note that sounds"),
        (
            Continue(id=9, clip=1, bars=32),
            replace(MELODY, numerator=33),
            BadRequestError,
            "Ask for fewer bars",
        ),
        (
            Continue(id=9, clip=1),
            replace(MELODY, numerator=7, denominator=32),
            BadRequestError,
            "7/32",
        ),
        (Infill(id=9, clip=1, first_bar=2), MELODY, BadRequestError, "has 2 bars"),
        (Infill(id=9, clip=1, bars=2), MELODY, NoNotesError, "Outside of those bars"),
        (
            Generate(id=9, part="melody", numerator=7, denominator=32),
            MELODY,
            BadRequestError,
            "7/32",
        ),
        (
            Generate(id=9, part="melody", near=1),
            Clip((Note(60, 0, 9, mute=True),), BAR, drums=False),
            NoNotesError,
            "no note that sounds",
        ),
        (
            Generate(id=9, part="melody", near=1),
            replace(MELODY, drums=True),
            BadRequestError,
            "plays drums",
        ),
        (
            Generate(id=9, part="melody", near=1),
            replace(MELODY, length=129 * BAR, loop_end=129 * BAR),
            BadRequestError,
            "Ask for fewer bars",
        ),
        (
            Infill(id=9, clip=1, first_bar=0),
            Clip((Note(60, 0, 9), Note(60, 2 * BAR, 9)), 2 * BAR, drums=False),
            NoNotesError,
            "Outside of those bars",
        ),
        (Continue(id=9, clip=1, lowest=60, highest=50), MELODY, BadRequestError, "Swap them"),
    ],
)
def test_what_cannot_be_is_refused_in_words(stage, request_, clip, error, words):
    with pytest.raises(error, match=words):
        takes(stage, request_, {1: clip})


def test_a_model_of_another_version_is_refused(tmp_path):
    other = Stage(Catalog((write_tiny_notes(tmp_path, "notes-12-v0"),)), {})
    with pytest.raises(ModelMissingError, match="another version"):
        takes(other, Generate(id=9, part="melody"))


@pytest.mark.parametrize("request_", REQUESTS, ids=IDS)
def test_progress_grows_to_the_end(stage, request_):
    told = []
    takes(stage, request_, report=lambda state, part: told.append((state, part)))
    parts = [part for state, part in told if state == "working"]
    assert told[0] == ("loading", 0.0)
    assert parts == sorted(parts)
    assert parts[-1] == 1.0
    assert len(parts) > 2


@pytest.mark.parametrize("request_", REQUESTS, ids=IDS)
def test_what_is_called_off_in_the_middle_ends(stage, request_):
    cancel = Cancel()
    told = []

    def report(state, part):
        told.append(part)
        if state == "working":
            cancel.cancel()

    with pytest.raises(CancelledError):
        takes(stage, request_, cancel=cancel, report=report)
    assert told[-1] < 1


def test_long_work_says_how_far_it_is_every_quarter_of_a_second(stage):
    """So that a device never seems to be dead; the first call is not counted, it loads."""
    heard_at = []
    request = Generate(id=9, part="chords", bars=16, takes=16, most=6)
    takes(stage, replace(request, bars=1))
    start = time.process_time()
    takes(stage, request, report=lambda *_: heard_at.append(time.process_time()))
    heard_at = [start, *heard_at]
    gaps = [after - before for before, after in pairwise(heard_at)]
    assert len(gaps) > 20
    assert max(gaps) < 0.25


def test_over_the_wire_pitches_come_back_as_in_this_process(models, tmp_path, stage):
    settings_ = settings_in(tmp_path, models)
    with running_service(Staff(settings_), settings_) as (_, port), calling(port) as client:
        for number, clip in CLIPS.items():
            client.send_clip(number, clip)
        ids = iter(range(100, 200))
        for request in REQUESTS:
            sent = replace(request, id=next(ids))
            made = client.takes(sent)
            assert [(take.seed, take.clip.notes) for take in made] == [
                (take.seed, take.clip.notes) for take in takes(stage, request)
            ]
            assert not any(take.clip.drums for take in made)
        with pytest.raises(RefusedError, match="77"):
            client.takes(Continue(id=next(ids), clip=77))
        with pytest.raises(RefusedError, match="78"):
            client.takes(Generate(id=next(ids), part="bass", chords=78))
        # The bridge has outlived it.
        assert client.takes(replace(REQUESTS[0], id=next(ids)))


def test_over_the_wire_a_job_is_called_off_in_the_middle(models, tmp_path):
    settings_ = settings_in(tmp_path, models)
    with running_service(Staff(settings_), settings_) as (_, port), calling(port) as client:
        client.send(Generate(id=50, part="chords", bars=16, takes=16))
        heard = replies_until(client, Progress)
        while heard[-1].state != "working":
            heard = replies_until(client, Progress)
        client.send(CallOff(id=50))
        (*_, end) = replies_until(client, Fail, Done)
        assert (type(end), end.code) == (Fail, "cancelled")
