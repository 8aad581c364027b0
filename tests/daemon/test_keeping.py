"""Kept notes: whatever is written around them, they come back exactly, and locks count them."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog
from bridge.errors import TooLongError
from bridge.music.clip import Clip, Note
from bridge.music.drumkit import GENERAL_MIDI
from bridge.music.grid import nearest_step
from bridge.protocol.messages import Continue, Generate, Infill
from bridge.tools.keeping import Kept
from bridge.tools.registry import Stage, play
from tests.daemon.running import Staff, calling, running_service, settings_in
from tests.tiny_score import write_tiny_score

SIXTEENTH = 5_040
BAR = 16 * SIXTEENTH
SOURCE = Clip(tuple(Note(36, bar * BAR, 900) for bar in range(4)), 4 * BAR)

NOTES = st.builds(
    Note,
    pitch=st.sampled_from((35, 36, 38, 42, 46, 49, 51, 60)),
    start=st.integers(-BAR, 3 * BAR),
    duration=st.integers(1, 2 * BAR),
    velocity=st.integers(1, 127).map(float),
    mute=st.booleans(),
    probability=st.sampled_from((0.25, 1.0)),
    note_id=st.none() | st.integers(1, 99),
)
KEEPS = st.builds(
    Clip,
    notes=st.lists(NOTES, max_size=12).map(tuple),
    length=st.integers(SIXTEENTH, 3 * BAR),
    loop_start=st.just(0) | st.integers(-SIXTEENTH, SIXTEENTH // 2),
    looping=st.booleans(),
)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return write_tiny_score(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def stage(models):
    return Stage(Catalog((models,), provider="cpu"), {"general-midi": GENERAL_MIDI})


def laid(keep, length):
    """All that must stand in a take, written down anew."""
    first, end = (keep.loop_start, keep.end_of_loop) if keep.looping else (0, keep.length)
    heard = [note for note in keep.notes if first <= note.start < end]
    shifts = range(0, length, end - first) if keep.looping else (0,)
    return [
        replace(note, start=start, note_id=None if shift else note.note_id)
        for shift in shifts
        for note in heard
        if (start := note.start - first + shift) < length
    ]


def requests(**wish):
    return st.sampled_from(
        (
            Generate(id=3, keep=2, takes=2, bars=2, **wish),
            Continue(id=3, clip=1, keep=2, takes=2, bars=2, **wish),
            Infill(id=3, clip=1, keep=2, takes=2, first_bar=1, bars=2, **wish),
        )
    )


@settings(max_examples=60, deadline=None)
@given(
    keep=KEEPS,
    temperature=st.sampled_from((0.0, 1.0, 2.0)),
    pieces=st.integers(1, 511),
    most=st.integers(1, 9),
    data=st.data(),
)
def test_kept_notes_come_back_exactly_and_the_locks_hold(
    stage, keep, temperature, pieces, most, data
):
    request = data.draw(requests(temperature=temperature, pieces=pieces, most=most))
    made = play(request, {1: SOURCE, 2: keep}, stage, cancel=Cancel(), report=lambda *_: None)
    first, end = (16, 48) if isinstance(request, Infill) else (0, 32)
    expected = [
        note
        for note in laid(keep, made[0].clip.length)
        if first <= nearest_step(note.start) < end or not isinstance(request, Infill)
    ]
    for take in made:
        others = list(take.clip.notes)
        for note in expected:
            others.remove(note)  # as often as it was laid
        kept_on, struck_on = {}, {}
        for note in expected:
            if not note.mute:
                piece = GENERAL_MIDI.piece_or_timekeeper(note.pitch)
                kept_on.setdefault(nearest_step(note.start), set()).add(piece)
        for note in others:
            step = nearest_step(note.start)
            if first <= step < end:
                piece = GENERAL_MIDI.piece_of(note.pitch)
                assert pieces >> piece & 1
                assert piece not in kept_on.get(step, ())
                struck_on.setdefault(step, set()).add(piece)
        for step, struck in struck_on.items():
            assert len(struck) + len(kept_on.get(step, ())) <= most


def test_no_note_covers_one_that_is_kept_on_its_pitch():
    keep = Clip((Note(36, 900, 500),), BAR, looping=False)
    kept = Kept.lay(keep, GENERAL_MIDI, BAR, 16)
    played = [Note(36, -10, 5_040), Note(36, 5_000, 5_040), Note(38, 0, 5_040)]
    assert [(note.pitch, note.start, note.duration) for note in kept.among(played)] == [
        (36, -10, 910),
        (38, 0, 5_040),
        (36, 900, 500),
        (36, 5_000, 5_040),
    ]


def test_more_kept_notes_than_a_clip_takes_are_refused_before_they_are_laid(stage):
    keep = Clip((Note(36, 0, 1),), 1)
    with pytest.raises(TooLongError, match="Keep fewer"):
        play(Generate(id=3, keep=2), {2: keep}, stage, cancel=Cancel(), report=lambda *_: None)


def test_over_the_wire_kept_notes_stay(models, tmp_path):
    settings = settings_in(tmp_path, models)
    keep = Clip((Note(49, 0, 999, velocity=111.0, note_id=5), Note(36, 700, 400)), 2 * BAR)
    with running_service(Staff(settings), settings) as (_, port), calling(port) as client:
        client.send_clip(1, SOURCE)
        client.send_clip(2, keep)
        for request in (
            Generate(id=3, keep=2, bars=2, pieces=4, takes=2),
            Continue(id=4, clip=1, keep=2, bars=2, pieces=4, takes=2),
        ):
            for take in client.takes(request):
                assert set(keep.notes) <= set(take.clip.notes)
                assert {note.pitch for note in take.clip.notes} <= {36, 42, 49}
