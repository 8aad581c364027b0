"""The picture: a file of the right size with the right lanes, whatever is handed in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bridge.commands.canvas import printable
from bridge.commands.lanes import lanes_of
from bridge.commands.lateness import Grid, in_words
from bridge.commands.picture import WIDTH, draw_takes
from bridge.music.clip import Clip, Note, Take
from bridge.music.drumkit import GENERAL_MIDI
from bridge.music.spelling import key_name
from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH, ticks_from_seconds

STEP = TICKS_PER_SIXTEENTH
EMPTY = Clip(notes=(), length=8 * TICKS_PER_BEAT)


def hit(pitch, step, **fields):
    return Note(pitch=pitch, start=step * STEP, duration=STEP // 2, **fields)


BEAT = Clip(
    notes=(
        *(hit(42, step) for step in range(0, 32, 2)),
        *(hit(36, step) for step in (0, 7, 10, 16, 19, 26)),
        *(hit(38, step) for step in (4, 12, 20, 28)),
    ),
    length=32 * STEP,
    name="stiff beat",
)


def take(index, clip=BEAT):
    """A drummer's take: each hit shifted by some milliseconds, velocities all about."""
    draw = np.random.default_rng(index)
    notes = (
        note.played(
            start=note.start + ticks_from_seconds(float(draw.normal(0, 0.01)), clip.tempo),
            velocity=float(draw.integers(1, 128)),
        )
        for note in clip.notes
    )
    return Take(index=index, seed=index, clip=clip.with_notes(notes))


def pixels(path):
    with Image.open(path) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))


@pytest.fixture
def picture(tmp_path):
    """Draws and gives the pixels."""

    def draw(source, takes=(), kit=GENERAL_MIDI):
        path = tmp_path / "picture.png"
        draw_takes(path, source, takes, kit=kit)
        return pixels(path)

    return draw


def test_the_picture_is_1600_wide_and_grows_with_every_take(picture):
    heights = [picture(BEAT, [take(i) for i in range(count)]).shape[0] for count in range(4)]
    assert picture(BEAT).shape[1] == WIDTH == 1600
    steps = np.diff(heights)
    assert steps.min() > 100
    assert steps.max() - steps.min() <= 1


def test_sixteen_takes_fit(picture):
    drawn = picture(BEAT, [take(index) for index in range(16)])
    assert drawn.shape[1] == WIDTH
    assert 17 * 150 < drawn.shape[0] < 6000


def test_the_same_clips_give_the_same_picture_and_others_another(picture):
    first = picture(BEAT, [take(0)])
    assert np.array_equal(first, picture(BEAT, [take(0)]))
    assert not np.array_equal(first, picture(BEAT, [take(1)]))


@pytest.mark.parametrize(
    "changed",
    [
        hit(47, 8),
        hit(36, 8, velocity=60.0),
        hit(36, 8, mute=True),
        Note(pitch=36, start=8 * STEP + 400, duration=STEP // 2),
        Note(pitch=36, start=8 * STEP - 400, duration=STEP // 2),
        Note(pitch=36, start=8 * STEP, duration=STEP // 8),
    ],
)
def test_a_hit_elsewhere_softer_muted_later_earlier_or_shorter_is_seen(picture, changed):
    plain = picture(BEAT.with_notes((*BEAT.notes, hit(36, 8), hit(47, 30))))
    other = picture(BEAT.with_notes((*BEAT.notes, changed, hit(47, 30))))
    # Below the line of figures, so that not they alone tell.
    assert (plain != other)[130:].any()


def test_a_late_hit_has_its_stem_above_the_line_and_an_early_one_below(picture):
    stiff = picture(BEAT)

    def changed_rows(delay_ms):
        late = ticks_from_seconds(delay_ms / 1000, BEAT.tempo)
        moved = BEAT.notes[1].played(start=BEAT.notes[1].start + late, velocity=100)
        drawn = picture(BEAT.with_notes((BEAT.notes[0], moved, *BEAT.notes[2:])))
        strip = slice(220, stiff.shape[0] - 60)
        return np.flatnonzero((drawn != stiff)[strip].any(axis=(1, 2)))

    assert changed_rows(20).mean() + 10 < changed_rows(-20).mean()


def test_lanes_are_the_pieces_that_are_used_named_as_a_drummer_does_kick_lowest():
    clip = BEAT.with_notes((*BEAT.notes, hit(35, 1), hit(49, 0)))
    lanes = lanes_of([BEAT, clip], GENERAL_MIDI)
    assert [lane.name for lane in lanes] == ["Crash", "Closed hat", "Snare", "Kick"]
    assert lanes[-1].pitches == {35, 36}


def test_a_key_that_strikes_no_piece_has_a_lane_of_its_own():
    lanes = lanes_of([BEAT.with_notes((hit(36, 0), hit(20, 2)))], GENERAL_MIDI)
    assert [lane.name for lane in lanes] == [key_name(20), "Kick"]


def test_without_a_kit_drums_have_a_lane_for_each_key():
    assert [lane.name for lane in lanes_of([BEAT], None)] == ["F#1", "D1", "C1"]


def test_a_melody_has_lanes_for_an_octave_at_least_named_at_every_c():
    clip = Clip(notes=(hit(60, 0), hit(64, 4)), length=8 * STEP, drums=False)
    lanes = lanes_of([clip], None)
    assert len(lanes) == 12
    assert [lane.name for lane in lanes if lane.name] == ["C3"]
    assert lanes[0].pitches > frozenset() < lanes[-1].pitches
    assert min(lanes[0].pitches) > max(lanes[-1].pitches)


@given(pitches=st.sets(st.integers(0, 127), max_size=12), drums=st.booleans(), kit=st.booleans())
@settings(deadline=None, max_examples=60)
def test_every_note_has_exactly_one_lane(pitches, drums, kit):
    clip = Clip(notes=tuple(hit(pitch, 0) for pitch in pitches), length=STEP, drums=drums)
    lanes = lanes_of([clip], GENERAL_MIDI if kit else None)
    for pitch in pitches:
        assert sum(pitch in lane.pitches for lane in lanes) == 1


@pytest.mark.parametrize("kit", [GENERAL_MIDI, None])
@pytest.mark.parametrize(
    "clip",
    [
        EMPTY,
        Clip(notes=(hit(60, 0), hit(127, 3), hit(0, 5)), length=8 * STEP, drums=False),
        Clip(notes=(hit(36, 0, mute=True),), length=1),
        Clip(notes=(hit(36, -40), hit(36, 900)), length=16 * STEP, name="鼓 [loud]"),
        Clip(notes=(hit(36, 3),), length=7 * STEP, numerator=7, denominator=32, tempo=999),
        Clip(notes=(hit(38, 30_000),), length=2**31 - 1),
    ],
)
def test_odd_clips_are_drawn_too(picture, clip, kit):
    assert picture(clip, [take(0, clip)], kit).shape[1] == WIDTH


def test_an_empty_clip_beside_a_full_take_is_drawn(picture):
    assert picture(EMPTY, [take(0)]).shape == picture(BEAT, [take(0)]).shape


def test_the_picture_goes_to_a_new_folder_of_any_name(tmp_path):
    path = tmp_path / "Bil der" / "[鼓] №1.png"
    draw_takes(path, BEAT, (), kit=GENERAL_MIDI)
    assert pixels(path).shape[1] == WIDTH


def test_a_place_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        draw_takes(tmp_path / "file" / "picture.png", BEAT, (), kit=GENERAL_MIDI)


def test_the_words_over_a_panel_say_what_is_heard():
    grid = Grid.of(BEAT)
    assert in_words(BEAT, grid) == "26 hits · all on the grid · velocity 100"
    assert in_words(EMPTY, grid) == "no notes"
    late = ticks_from_seconds(0.008, BEAT.tempo)
    pushed = BEAT.with_notes(
        note.played(start=note.start - late, velocity=90) for note in BEAT.notes
    )
    assert in_words(pushed, grid) == "26 hits · 8 ms early on average, spread 0 ms · velocity 90"
    one = Clip(notes=(hit(60, 0, velocity=99.6),), length=STEP, drums=False)
    assert in_words(one, grid) == "1 note · all on the grid · velocity 100"


def test_triplets_are_measured_on_their_own_grid():
    third = TICKS_PER_BEAT // 3
    notes = tuple(Note(pitch=42, start=third * number, duration=100) for number in range(6))
    clip = Clip(notes=notes, length=2 * TICKS_PER_BEAT)
    grid = Grid.of(clip)
    assert [grid.place_of(note) for note in notes] == [note.start for note in notes]
    assert "all on the grid" in in_words(clip, grid)


@given(start=st.integers(-10_000, 10_000_000), tempo=st.floats(20, 999))
@settings(deadline=None, max_examples=60)
def test_no_hit_is_further_from_the_straight_grid_than_half_a_step(start, tempo):
    half_a_step_ms = 60_000 / tempo / 8
    late = Grid(frozenset()).lateness_ms(Note(pitch=36, start=start, duration=1), tempo)
    assert abs(late) <= half_a_step_ms * (1 + 1e-9)


def test_a_name_is_written_in_the_signs_that_the_font_has():
    assert printable("Mélodie  d’été") == "Melodie d’ete"
    assert printable("鼓\n") == ""
    assert len(printable("beat " * 40)) <= 60
