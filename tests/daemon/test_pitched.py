"""Requests for melodies, basses and chords: what they name, and what is refused before loading."""

import pytest

from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog
from bridge.errors import BadRequestError, ModelMissingError, UnknownClipError
from bridge.music.clip import Clip, Note
from bridge.music.drumkit import GENERAL_MIDI
from bridge.music.units import TICKS_PER_BEAT
from bridge.protocol.messages import Continue, Generate, Infill
from bridge.tools.registry import Stage, clips_named, play

TUNE = Clip(
    tuple(Note(60 + step, step * TICKS_PER_BEAT, TICKS_PER_BEAT) for step in (0, 2, 4, 5)),
    8 * TICKS_PER_BEAT,
    drums=False,
)
BEAT = Clip((Note(36, 0, 900),), 4 * TICKS_PER_BEAT)
REQUESTS = [
    Continue(id=9, clip=1, keep=0),
    Infill(id=9, clip=1, bars=1),
    Generate(id=9, part="melody"),
    Generate(id=9, part="chords", near=1),
]


@pytest.fixture
def stage():
    """A stage on which no model stands."""
    return Stage(Catalog((), provider="cpu"), {"general-midi": GENERAL_MIDI})


def played(request, stage):
    """What comes of a request; the second clip is a beat, the others are a tune."""
    clips = {1: TUNE, 2: BEAT, 3: TUNE}
    return play(request, clips, stage, cancel=Cancel(), report=lambda *_: None)


def test_the_chords_are_a_clip_that_a_askedneeds():
    assert clips_named(Continue(id=1, clip=2, chords=3)) == (2, 3)
    assert clips_named(Generate(id=1, part="bass", near=4, chords=3)) == (4, 3)


@pytest.mark.parametrize("asked", REQUESTS, ids=lambda each: type(each).__name__)
def test_what_is_no_drums_asks_for_the_note_model(asked, stage):
    with pytest.raises(ModelMissingError, match="notes"):
        played(asked, stage)


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"lowest": 60, "highest": 48}, "The lowest key, C3, is above the highest, C2"),
        ({"root": 0, "scale": 2_741, "lowest": 61, "highest": 61}, "no note of the scale"),
        ({"chords": 2}, "The clip of chords is a drum clip"),
    ],
)
@pytest.mark.parametrize("kind", [Continue, Generate])
def test_what_cannot_be_locked_or_followed_is_refused_before_a_model_is_loaded(
    kind, wishes, words, stage
):
    own = {"part": "melody"} if kind is Generate else {"clip": 1}
    with pytest.raises(BadRequestError, match=words):
        played(kind(id=9, **own, **wishes), stage)


def test_chords_that_were_not_sent_are_asked_for(stage):
    with pytest.raises(UnknownClipError, match="7"):
        played(Continue(id=9, clip=1, chords=7), stage)
