"""What Drumify owes every clip, with a model that knows nothing."""

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog
from bridge.errors import BadRequestError, CancelledError, ModelMissingError, NoNotesError
from bridge.music.clip import Clip, Note, ticks_per_bar
from bridge.music.drumkit import GENERAL_MIDI, Kit, Piece
from bridge.music.grid import nearest_step
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Drumify
from bridge.tools.registry import Stage, clips_named, play
from tests import strategies
from tests.daemon.running import Staff, calling, running_service, settings_in
from tests.tiny_drumify import write_tiny_drumify

STEP = TICKS_PER_SIXTEENTH
METRES = [(2, 4), (3, 4), (5, 4), (6, 8), (7, 8), (7, 32), (4, 4)]

moderately = settings(deadline=None, max_examples=50)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tiny_drumify(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def catalog(folder):
    return Catalog([folder], provider="cpu")


def played(catalog, clip, kit=GENERAL_MIDI, cancel=None, **choices):
    """The takes for a clip, as clips."""
    request = Drumify(id=2, clip=1, **{"takes": 1, **choices})
    assert clips_named(request) == (1,)
    stage = Stage(catalog, {request.kit: kit})
    takes = play(request, {1: clip}, stage, cancel=cancel or Cancel(), report=lambda *_: None)
    assert [take.seed for take in takes] == [
        (request.seed + index) % 2**31 for index in range(request.takes)
    ]
    return [take.clip for take in takes]


def melody(metre=(4, 4), bars=2, every=3, **frame):
    """Notes of many pitches, one every few steps, louder on the bars."""
    numerator, denominator = metre
    length = bars * ticks_per_bar(*metre)
    notes = tuple(
        Note(60 + step % 12, step * STEP, STEP, 110.0 if step % 16 == 0 else 70.0)
        for step in range(0, max(1, length // STEP), every)
    )
    frame = {"numerator": numerator, "denominator": denominator, "drums": False, **frame}
    return Clip(notes, length, **frame)


def steps_of(clip):
    return {nearest_step(note.start) for note in clip.notes if not note.mute}


def pieces_of(clip, kit=GENERAL_MIDI):
    return {kit.piece_of(note.pitch) for note in clip.notes}


sounding_clips = strategies.clips(min_notes=1, max_notes=12).filter(
    lambda clip: any(not note.mute for note in clip.notes)
)
temperatures = st.sampled_from((0.0, 0.7, 2.0))
some_pieces = st.integers(1, 511)


@moderately
@given(sounding_clips, temperatures, some_pieces, st.integers(1, 9), st.data())
def test_locks_hold_at_any_temperature_and_every_onset_is_answered(
    catalog, clip, temperature, pieces, most, data
):
    fill, swing = data.draw(st.booleans()), data.draw(st.booleans())
    limits = {"pieces": pieces, "most": most, "fill": fill, "swing": swing}
    for take in played(catalog, clip, takes=2, temperature=temperature, **limits):
        assert replace(take, notes=()) == replace(clip, notes=(), drums=True)
        assert all(pieces >> piece & 1 for piece in pieces_of(take))
        struck = [nearest_step(note.start) for note in take.notes]
        assert max(np.bincount(np.array(struck) - min(struck))) <= most
        # A hit may be led back over the edge of a loop that its step lies beyond, and no farther.
        if swing:
            assert steps_of(clip) <= set(struck)
        else:
            assert all({step - 1, step} & set(struck) for step in steps_of(clip))
        if not fill and swing:
            assert set(struck) == steps_of(clip)


@moderately
@given(
    sounding_clips,
    strategies.clips(max_notes=6),
    st.builds(
        Drumify,
        id=st.just(3),
        clip=st.just(1),
        keep=st.just(2),
        takes=st.just(2),
        temperature=temperatures,
        pieces=some_pieces,
        most=st.integers(1, 9),
        hits_per_bar=st.sampled_from((0.0, 4.0, 30.0)),
    ),
)
def test_kept_notes_come_back_exactly_beside_allowed_pieces(catalog, clip, keep, asked):
    keep = replace(keep, looping=False)
    assert clips_named(asked) == (1, 2)
    stage = Stage(catalog, {asked.kit: GENERAL_MIDI})
    made = play(asked, {1: clip, 2: keep}, stage, cancel=Cancel(), report=lambda *_: None)
    expected = [note for note in keep.notes if 0 <= note.start < min(clip.length, keep.length)]
    for take in made:
        others = list(take.clip.notes)
        for note in expected:
            others.remove(note)
        assert all(asked.pieces >> GENERAL_MIDI.piece_of(note.pitch) & 1 for note in others)


def test_a_kept_note_answers_its_onset(catalog):
    keep = Clip((Note(49, 0, STEP), Note(36, 6 * STEP, STEP)), 32 * STEP, looping=False)
    request = Drumify(id=3, clip=1, keep=2, takes=2, fill=False, most=1, pieces=2)
    stage = Stage(catalog, {request.kit: GENERAL_MIDI})
    clip = melody()
    for take in play(request, {1: clip, 2: keep}, stage, cancel=Cancel(), report=lambda *_: None):
        assert set(keep.notes) <= set(take.clip.notes)
        steps = Counter(nearest_step(note.start) for note in take.clip.notes)
        assert steps == Counter(steps_of(clip))


def test_a_take_may_be_what_is_kept_alone(catalog):
    clip = melody()
    keep = clip.with_notes(tuple(replace(note, pitch=38) for note in clip.notes))
    request = Drumify(id=3, clip=1, keep=2, takes=1, fill=False, most=1)
    stage = Stage(catalog, {request.kit: GENERAL_MIDI})
    (take,) = play(request, {1: clip, 2: keep}, stage, cancel=Cancel(), report=lambda *_: None)
    assert take.clip.notes == keep.notes


@moderately
@given(sounding_clips, temperatures)
def test_notes_of_a_key_do_not_overlap(catalog, clip, temperature):
    (take,) = played(catalog, clip, temperature=temperature)
    for pitch in {note.pitch for note in take.notes}:
        own = sorted((note.start, note.end) for note in take.notes if note.pitch == pitch)
        assert all(end <= start for (_, end), (start, _) in itertools.pairwise(own))


@moderately
@given(
    st.sampled_from(METRES),
    st.sampled_from((1, 2, 3, 5, 8)),
    st.sampled_from((0.0, 1.0)),
    st.sampled_from((4.0, 10.5, 24.0)),
)
def test_the_hits_per_bar_are_met(catalog, metre, bars, temperature, wanted):
    clip = melody(metre, bars, every=4)
    (take,) = played(catalog, clip, temperature=temperature, hits_per_bar=wanted)
    steps = -(-clip.length // STEP)
    reachable = min(4 * steps, max(len(steps_of(clip)), wanted * bars))
    assert len(take.notes) == pytest.approx(reachable, abs=bars + 4)
    if len(steps_of(clip)) <= wanted * bars <= 2 * steps:
        assert len(take.notes) == pytest.approx(wanted * bars, abs=1)


@pytest.mark.parametrize("metre", METRES)
@pytest.mark.parametrize("bars", [1, 4, 32])
def test_every_metre_and_length_is_drummed_to_its_end(catalog, metre, bars):
    clip = melody(metre, bars)
    (take,) = played(catalog, clip, seed=3)
    assert steps_of(clip) <= steps_of(take)
    assert all(-STEP < note.start < clip.length for note in take.notes)


@moderately
@given(sounding_clips, st.integers(0, 2**31 - 1))
def test_a_seed_gives_its_take_again_whatever_the_number_of_takes(catalog, clip, seed):
    several = played(catalog, clip, takes=3, seed=seed)
    assert several == played(catalog, clip, takes=3, seed=seed)
    assert played(catalog, clip, seed=(seed + 2) % 2**31) == several[2:]


def test_takes_differ_but_at_temperature_0(catalog):
    assert len({take.notes for take in played(catalog, melody(), takes=8)}) == 8
    assert len({take.notes for take in played(catalog, melody(), takes=4, temperature=0)}) == 1


def test_swing_keeps_each_onset_to_the_tick(catalog):
    clip = melody(every=2)
    late = clip.with_notes(
        note.played(start=note.start + 1_300, velocity=note.velocity) for note in clip.notes
    )
    (take,) = played(catalog, late, fill=False)
    assert {note.start for note in take.notes} == {note.start for note in late.notes}
    (stiff,) = played(catalog, late, fill=False, swing=False)
    assert {note.start for note in stiff.notes} != {note.start for note in late.notes}
    assert steps_of(stiff) == steps_of(late)


def test_triplets_survive(catalog):
    third = 20_160 // 3
    clip = Clip(tuple(Note(60, n * third, 1_000) for n in range(12)), 4 * 20_160, drums=False)
    (take,) = played(catalog, clip, fill=False)
    assert {note.start for note in take.notes} == {note.start for note in clip.notes}


def test_accents_are_followed(catalog):
    loud, soft = melody(every=4), melody(every=4)
    loud = loud.with_notes(
        note.played(start=note.start, velocity=120.0 if index % 2 else 30.0)
        for index, note in enumerate(loud.notes)
    )
    wishes = {"fill": False, "temperature": 0.0, "pieces": 1, "most": 1}
    (plain,), (accented,) = (played(catalog, clip, **wishes) for clip in (soft, loud))
    louder = [after.velocity for after in accented.notes]
    usual = [before.velocity for before in plain.notes]
    assert sum(louder[1::2]) / sum(louder[::2]) > sum(usual[1::2]) / sum(usual[::2])


def test_pitches_do_not_count(catalog):
    clip = melody()
    flat = clip.with_notes(replace(note, pitch=36) for note in clip.notes)
    assert played(catalog, clip, takes=2) == played(catalog, flat, takes=2)


def test_a_piece_that_the_kit_lacks_is_not_played_by_another(catalog):
    kit = Kit.of("two", {Piece.KICK: (36,), Piece.SNARE: (38,)})
    (take,) = played(catalog, melody(), kit=kit, temperature=2.0)
    assert {note.pitch for note in take.notes} <= {36, 38}
    with pytest.raises(BadRequestError, match="none of the pieces asked for: crash, ride"):
        played(catalog, melody(), kit=kit, pieces=128 + 256)


def test_silence_is_refused_and_a_cancelled_job_stops(catalog):
    with pytest.raises(NoNotesError, match="no note that sounds"):
        played(catalog, Clip((Note(60, 0, 9, mute=True),), 4 * 20_160))
    cancel = Cancel()
    cancel.cancel()
    with pytest.raises(CancelledError):
        played(catalog, melody(), cancel=cancel)


def test_a_model_of_another_codec_is_refused(tmp_path):
    catalog = Catalog([write_tiny_drumify(tmp_path, codec="drum-taps-16-v0")], provider="cpu")
    with pytest.raises(ModelMissingError, match="another version"):
        played(catalog, melody())


def test_drums_come_by_the_wire_as_they_do_in_process(folder, catalog, tmp_path):
    tiny = settings_in(tmp_path, folder)
    with running_service(Staff(tiny), tiny) as (_, port), calling(port) as caller:
        caller.send_clip(1, melody())
        takes = caller.takes(Drumify(id=2, clip=1, takes=2, seed=5, hits_per_bar=12))
    assert [take.clip for take in takes] == played(
        catalog, melody(), takes=2, seed=5, hits_per_bar=12
    )
