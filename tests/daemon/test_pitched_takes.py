"""Continue, Generate and Infill of pitches, with models that know nothing: what always holds."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bridge.errors import BadRequestError
from bridge.music.clip import Clip, Note, ticks_per_bar
from bridge.music.pitchlock import PitchLock
from bridge.music.scale import Scale
from bridge.protocol.messages import Continue, Generate, Infill
from bridge.tools.hearing import hear
from tests.daemon.pitched import (
    BAR,
    BEAT,
    CHORDS,
    KEEP,
    SOURCE,
    band_in,
    check_new,
    heard,
    laid,
    lock_for,
    played,
    without,
)
from tests.tiny_notes import write_tiny_notes

SIXTEENTH = BEAT // 4
EARLY = BEAT // 8
"""So much before a bar line a note belongs to the next bar."""
SOME = settings(max_examples=40, deadline=None)
METRES = ((4, 4), (3, 4), (2, 4), (5, 4), (6, 8), (7, 8), (5, 8), (12, 8), (2, 2), (5, 16))


@pytest.fixture(scope="module")
def band(tmp_path_factory):
    return band_in(write_tiny_notes(tmp_path_factory.mktemp("models")))


@st.composite
def onsets(draw, length):
    """On sixteenths, triplets and 32nds, off every grid, and outside of the clip."""
    grid = draw(st.sampled_from((SIXTEENTH, BEAT, BEAT // 3, BEAT // 8, 1)))
    return draw(st.integers(-(BEAT // grid), (length + BEAT) // grid)) * grid


@st.composite
def notes(draw, length):
    return Note(
        pitch=draw(st.integers(0, 127) | st.integers(57, 66)),
        start=draw(onsets(length)),
        duration=draw(st.sampled_from((1, SIXTEENTH, BEAT)) | st.integers(1, 3 * BAR)),
        velocity=draw(st.integers(1, 127).map(float)),
        mute=draw(st.sampled_from((False, False, False, True))),
        probability=draw(st.sampled_from((1.0, 0.5))),
        note_id=draw(st.none() | st.integers(1, 9_999)),
    )


@st.composite
def wild_clips(draw, *, sounding=True, most_bars=4):
    """Any clip with pitches; in the first beat of what is heard of it a note sounds."""
    numerator, denominator = draw(st.sampled_from(METRES))
    bar = ticks_per_bar(numerator, denominator)
    length = draw(
        st.integers(1, most_bars).map(lambda bars: bars * bar) | st.integers(bar, most_bars * bar)
    )
    looping = draw(st.booleans())
    loop_start = draw(st.just(0) | st.integers(-BEAT, length // 2))
    found = draw(st.lists(notes(length), max_size=14))
    if sounding:
        start = (loop_start if looping else 0) + draw(st.integers(0, SIXTEENTH))
        found.insert(0, Note(draw(st.integers(0, 127)), start, draw(st.integers(1, BAR))))
    return Clip(
        tuple(found),
        length,
        loop_start=loop_start,
        loop_end=draw(st.just(max(length, loop_start + BEAT)) | st.just(loop_start + 2 * bar)),
        looping=looping,
        numerator=numerator,
        denominator=denominator,
        tempo=draw(st.sampled_from((60.0, 120.0, 201.5))),
        drums=False,
    )


@st.composite
def locks(draw):
    """A root, a scale and a range in which a key is left; or no lock."""
    if draw(st.booleans()):
        return {}
    lowest = draw(st.integers(0, 127))
    highest = draw(st.integers(lowest, 127))
    root = draw(st.integers(0, 11))
    scale = draw(st.just(0) | st.integers(1, 4_095))
    if scale:
        tones = tuple(tone for tone in range(12) if scale >> tone & 1)
        try:
            PitchLock(lowest, highest, Scale(root, tones))
        except BadRequestError:
            scale = 0
    return {"root": root, "scale": scale, "lowest": lowest, "highest": highest}


@st.composite
def followed(draw):
    """Chords to follow; one of them is held for a beat at least."""
    clip = draw(wild_clips())
    first = clip.loop_start if clip.looping else 0
    return clip.with_notes([*clip.notes, Note(draw(st.integers(0, 127)), first, BEAT)])


parts = st.sampled_from(("melody", "bass", "chords"))
heard_as = st.sampled_from(("auto", "melody", "bass", "chords"))


@st.composite
def wishes(draw):
    """Of every request: how wild, which seed, how many, and the locks."""
    return {
        "id": 9,
        "temperature": draw(st.sampled_from((0.0, 1.0, 2.0))),
        "seed": draw(st.integers(0, 2**31 - 1)),
        "takes": draw(st.integers(1, 3)),
        "most": draw(st.integers(1, 9)),
        **draw(locks()),
    }


@st.composite
def companions(draw, *, chords=True):
    """Clips to keep and to follow by their ids, each or none; and what a request says of them."""
    clips, named = {}, {}
    if draw(st.booleans()):
        clips[KEEP], named["keep"] = draw(wild_clips(sounding=False)), KEEP
    if chords and draw(st.booleans()):
        clips[CHORDS], named["chords"] = draw(followed()), CHORDS
    return clips, named


def together_of(clip, request):
    """How many notes may sound at once in takes of a clip."""
    if request.part == "chords" or (request.part == "auto" and hear(clip).part == "chords"):
        return request.most
    return 1


def frame_fields(clip):
    return (clip.numerator, clip.denominator, clip.tempo, clip.drums)


@SOME
@given(wild_clips(), companions(), wishes(), st.data())
def test_every_continuation_keeps_to_its_bars_its_locks_and_its_kept_notes(
    band, clip, beside, wish, data
):
    others, named = beside
    clips = {SOURCE: clip, **others}
    bars = data.draw(st.sampled_from((1, 2, 3)))
    request = Continue(clip=SOURCE, bars=bars, part=data.draw(heard_as), **named, **wish)
    lock, most = lock_for(request, clips), together_of(clip, request)
    takes = played(band, request, clips)
    assert [take.index for take in takes] == list(range(request.takes))
    for take in takes:
        assert take.clip.length == bars * clip.ticks_per_bar
        assert frame_fields(take.clip) == frame_fields(clip)
        stayed = laid(clips.get(KEEP), take.clip.length)
        new = without(take.clip.notes, stayed)
        check_new(new, stayed, lock, most, 0, take.clip.length)
        assert take.clip.notes


@SOME
@given(companions(), wishes(), parts, st.data())
def test_every_generated_take_keeps_to_its_bars_its_locks_and_its_kept_notes(
    band, beside, wish, part, data
):
    clips, named = beside
    numerator, denominator = data.draw(st.sampled_from(METRES))
    request = Generate(
        part=part,
        bars=data.draw(st.sampled_from((1, 2, 3))),
        numerator=numerator,
        denominator=denominator,
        tempo=87.0,
        end_temperature=data.draw(st.sampled_from((-1.0, 0.0, 2.0))),
        notes_per_bar=data.draw(st.sampled_from((0.0, 1.0, 12.0))),
        **named,
        **wish,
    )
    lock, most = lock_for(request, clips), request.most if part == "chords" else 1
    for take in played(band, request, clips):
        assert take.clip.length == request.bars * ticks_per_bar(numerator, denominator)
        assert frame_fields(take.clip) == (numerator, denominator, 87.0, False)
        stayed = laid(clips.get(KEEP), take.clip.length)
        new = without(take.clip.notes, stayed)
        check_new(new, stayed, lock, most, 0, take.clip.length)
        assert take.clip.notes


@SOME
@given(wild_clips(), companions(chords=False), wishes(), st.data())
def test_every_infill_leaves_all_other_notes_as_they_were(band, clip, beside, wish, data):
    others, named = beside
    clips = {SOURCE: clip, **others}
    first_bar = data.draw(st.integers(0, clip.bars - 1))
    bars = data.draw(st.integers(1, clip.bars - first_bar))
    part = data.draw(heard_as)
    request = Infill(clip=SOURCE, first_bar=first_bar, bars=bars, part=part, **named, **wish)
    first, end = (bar * clip.ticks_per_bar for bar in (first_bar, first_bar + bars))
    outside = [
        note for note in clip.notes if note.mute or not first - EARLY <= note.start < end - EARLY
    ]
    rest = replace(clip.with_notes(outside), looping=False, loop_start=0, loop_end=None)
    assume(heard(rest))
    kept = [note for note in laid(clips.get(KEEP), clip.length) if first <= note.start < end]
    lock, most = lock_for(request, clips), together_of(rest, request)
    for take in played(band, request, clips):
        assert take.clip.with_notes(()) == clip.with_notes(())
        stayed = [*outside, *kept]
        new = without(take.clip.notes, stayed)
        check_new(new, stayed, lock, most, max(0, first - EARLY), clip.length)
        assert all(note.start < end for note in new)


@SOME
@given(wild_clips(), companions(), wishes(), st.data())
def test_every_variation_keeps_to_its_clip_its_locks_and_its_kept_notes(
    band, clip, beside, wish, data
):
    others, named = beside
    clips = {SOURCE: clip, **others}
    part = data.draw(parts)
    distance = data.draw(st.sampled_from((1.0, 30.0, 70.0, 100.0)))
    request = Generate(near=SOURCE, part=part, distance=distance, **named, **wish)
    shift = clip.loop_start if clip.looping else 0
    own = {key_of(replace(note, start=note.start - shift)) for note in clip.notes}
    lock, most = lock_for(request, clips), request.most if part == "chords" else 1
    for take in played(band, request, clips):
        assert frame_fields(take.clip) == frame_fields(clip)
        stayed = laid(clips.get(KEEP), take.clip.length)
        rest = without(take.clip.notes, stayed)
        theirs = [note for note in rest if key_of(note) in own]
        new = without(rest, theirs)
        check_new(new, [*stayed, *theirs], lock, most, 0, take.clip.length)
        assert all(note.mute or note.pitch in lock for note in theirs)
        assert take.clip.notes


def key_of(note):
    """What a note is known by, also where it was cut before a kept one."""
    return (note.pitch, note.start, note.mute)
