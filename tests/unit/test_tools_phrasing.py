"""How notes are played: what may never break, and what a clip's manner is."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.codecs.moments import UNIT, places_of, read_moments, strength_of
from bridge.errors import BadRequestError, NoNotesError
from bridge.music.clip import Clip, Note
from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH
from bridge.tools.phrasing import Manner
from tests.strategies import clips

BAR = 4 * TICKS_PER_BEAT


@st.composite
def stiff_notes(draw, length):
    """Notes of the grid, in any order, no two of one key at once."""
    struck = draw(
        st.lists(
            st.tuples(st.integers(0, (length - 1) // UNIT), st.integers(40, 80)),
            min_size=1,
            max_size=16,
            unique=True,
        )
    )
    return [Note(pitch, place * UNIT, draw(st.integers(1, 24)) * UNIT) for place, pitch in struck]


def melody(velocities, *, late=0, step=TICKS_PER_SIXTEENTH, duration=None):
    """A line of even steps, up and down."""
    return tuple(
        Note(60 + (3 * index) % 7, index * step + late, duration or step, velocity)
        for index, velocity in enumerate(velocities)
    )


def line(count, step=TICKS_PER_SIXTEENTH):
    return [Note(62 + (2 * index) % 5, index * step, step) for index in range(count)]


def performed(clip, stiff, frame=None, seed=0):
    return Manner.of(clip).perform(stiff, frame or clip, np.random.default_rng(seed))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_the_clip_every_note_comes_back_once_in_its_place_and_frame(data):
    clip = data.draw(clips(min_notes=1, max_notes=12, drums=False))
    if all(note.mute for note in clip.notes):
        return
    stiff = data.draw(stiff_notes(clip.length))
    notes = performed(clip, stiff, seed=data.draw(st.integers(0, 9)))
    assert [note.pitch for note in notes] == [note.pitch for note in stiff]
    assert all(note.start >= 0 and note.end <= clip.length for note in notes)
    assert all(1 <= note.velocity <= 127 for note in notes)
    heard = [note.velocity for note in clip.notes if not note.mute]
    assert all(min(heard) <= note.velocity <= max(heard) for note in notes)
    for one, wish in zip(notes, stiff, strict=True):
        for other, other_wish in zip(notes, stiff, strict=True):
            if wish.start < other_wish.start:
                assert one.start < other.start
            if one is not other and one.pitch == other.pitch and one.start <= other.start:
                assert one.end <= other.start


@settings(deadline=None)
@given(st.data(), st.sampled_from(("melody", "bass", "chords")))
def test_players_in_general_stay_on_the_grid_and_within_the_frame(data, part):
    frame = Clip((), 2 * BAR, drums=False)
    stiff = data.draw(stiff_notes(frame.length))
    notes = Manner.played(part).perform(stiff, frame, np.random.default_rng(1))
    assert [note.start for note in notes] == [note.start for note in stiff]
    assert all(note.end <= frame.length for note in notes)


def test_the_same_seed_gives_the_same_notes_and_another_others():
    generator = np.random.default_rng(5)
    clip = Clip(melody(generator.integers(60, 110, 64).astype(float)), 4 * BAR, drums=False)
    one, same, other = (performed(clip, line(32), seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one != other


@settings(deadline=None)
@given(st.floats(1, 127, width=32), st.integers(1, 40))
def test_a_flat_clip_stays_flat_and_a_quantised_one_quantised(velocity, count):
    clip = Clip(melody([velocity] * count), 3 * BAR, drums=False)
    notes = performed(clip, line(32))
    assert {note.velocity for note in notes} == {velocity}
    assert [note.start for note in notes] == [note.start for note in line(32)]
    assert [note.end for note in notes] == [note.end for note in line(32)]


def test_accents_that_were_set_by_hand_come_back_on_their_places():
    clip = Clip(melody(([110.0] + [70.0] * 3) * 16), 4 * BAR, drums=False)
    notes = performed(clip, line(32))
    loud = [note.velocity for note in notes[::4]]
    soft = [note.velocity for index, note in enumerate(notes) if index % 4]
    assert set(loud) | set(soft) == {70.0, 110.0}
    assert np.mean(loud) > 100
    assert np.mean(soft) < 75


def test_a_swell_is_played_as_a_swell_and_not_shuffled():
    swell = 80 + 25 * np.sin(np.arange(128) / 10)
    clip = Clip(melody(np.rint(swell)), 8 * BAR, drums=False)
    steps = []
    for seed in range(5):
        velocity = np.array([note.velocity for note in performed(clip, line(64), seed=seed)])
        steps.append(np.corrcoef(velocity[1:], velocity[:-1])[0, 1])
    assert np.mean(steps) > 0.6


def test_swing_comes_back_where_it_was_and_bends_what_lies_beside_it():
    swing = 1800
    notes = tuple(
        Note(60 + index % 5, index * TICKS_PER_BEAT // 2 + swing * (index % 2), 5000)
        for index in range(32)
    )
    clip = Clip(notes, 4 * BAR, drums=False)
    stiff = line(32)
    late = [
        note.start - wish.start for note, wish in zip(performed(clip, stiff), stiff, strict=True)
    ]
    assert set(late[::4]) == {0}
    assert set(late[2::4]) == {swing}
    assert set(late[1::2]) == {swing // 2}


def test_a_laid_back_player_stays_laid_back():
    generator = np.random.default_rng(0)
    late = generator.integers(300, 700, 32)
    notes = tuple(
        Note(60, index * TICKS_PER_BEAT // 2 + int(late[index]), 5000) for index in range(32)
    )
    stiff = [Note(64, index * TICKS_PER_BEAT // 2, TICKS_PER_BEAT // 2) for index in range(16)]
    played = performed(Clip(notes, 4 * BAR, drums=False), stiff)
    assert {note.start - wish.start for note, wish in zip(played, stiff, strict=True)} <= set(
        late.tolist()
    )


def test_a_strummed_chord_keeps_its_strum():
    strum = (0, 150, 310, 420)
    notes = tuple(
        Note(48 + 4 * string, beat * TICKS_PER_BEAT + strum[string], 15_000, 80.0 + string)
        for beat in range(16)
        for string in range(4)
    )
    stiff = [
        Note(50 + 5 * string, beat * TICKS_PER_BEAT, TICKS_PER_BEAT)
        for beat in range(8)
        for string in range(4)
    ]
    played = performed(Clip(notes, 4 * BAR, drums=False), stiff)
    late = [note.start - wish.start for note, wish in zip(played, stiff, strict=True)]
    assert late == list(strum) * 8


@pytest.mark.parametrize("overlap", [-600, 0, 500])
def test_staccato_and_legato_go_on(overlap):
    step = TICKS_PER_BEAT // 2
    notes = tuple(Note(60 + index % 5, index * step, step + overlap) for index in range(32))
    played = performed(Clip(notes, 4 * BAR, drums=False), line(16, step))
    ends = [note.end - after.start for note, after in pairwise(played)]
    assert set(ends) == {overlap}


def test_what_else_live_knows_of_a_note_comes_from_a_real_one():
    notes = tuple(
        Note(60, index * TICKS_PER_BEAT, 5000, 90, False, 0.5, 12.0, 33.0) for index in range(8)
    )
    played = performed(Clip(notes, 2 * BAR, drums=False), line(8))
    assert {
        (note.probability, note.velocity_deviation, note.release_velocity) for note in played
    } == {(0.5, 12.0, 33.0)}


def test_players_in_general_accent_the_bar_and_hang_together():
    frame = Clip((), 16 * BAR, drums=False)
    stiff = line(256)
    first, other = [], []
    for seed in range(4):
        notes = Manner.played("chords").perform(stiff, frame, np.random.default_rng(seed))
        first += [note.velocity for note in notes[::16]]
        other += [note.velocity for note in notes[1::2]]
    assert np.mean(first) > np.mean(other) + 2
    assert np.std(other) > 5


def test_a_silent_clip_has_no_manner_and_a_part_must_be_one():
    with pytest.raises(NoNotesError, match="no note that sounds"):
        Manner.of(Clip((Note(60, 0, 10, mute=True),), BAR, drums=False))
    with pytest.raises(BadRequestError, match="melody, bass, chords"):
        Manner.played("drums")


def test_of_a_very_long_clip_the_end_is_heard():
    notes = melody([60.0] * 2000 + [90.0] * 3000)
    clip = Clip(notes, 5000 * TICKS_PER_SIXTEENTH, drums=False)
    assert {note.velocity for note in performed(clip, line(16))} == {90.0}


def test_no_notes_are_played_as_none():
    assert Manner.played("melody").perform([], Clip((), BAR), np.random.default_rng(0)) == ()


def test_triplets_and_thirty_seconds_stand_where_they_were_put():
    beat = TICKS_PER_BEAT
    placed = [0, beat // 3, 2 * beat // 3, beat, beat + beat // 8, beat + beat // 4]
    assert places_of(placed).tolist() == placed
    played = [index * beat // 3 + (-1) ** index * 400 for index in range(12)]
    assert places_of(played).tolist() == [index * beat // 3 for index in range(12)]


def test_the_weight_of_a_place_follows_the_metre():
    eighth = TICKS_PER_BEAT // 2
    places = np.arange(6) * eighth
    assert strength_of(places, 6, 8).tolist() == [5, 2, 2, 4, 2, 2]
    assert strength_of(places, 3, 4).tolist() == [5, 2, 3, 2, 3, 2]
    assert strength_of(np.arange(8) * eighth, 4, 4).tolist() == [5, 2, 3, 2, 4, 2, 3, 2]
    assert strength_of(np.array([UNIT, 3 * UNIT]), 4, 4).tolist() == [0, 1]


def test_moments_hold_what_is_struck_together():
    clip = Clip(
        (Note(64, 30, 5000), Note(60, 0, 5000), Note(62, 5040, 100), Note(50, 9, 9, mute=True)), BAR
    )
    moments = read_moments(clip)
    assert moments.note.tolist() == [1, 0, 2]
    assert moments.size.tolist() == [2, 1]
    assert moments.top.tolist() == [64, 62]
    assert moments.late.tolist() == [0, 30, 0]
