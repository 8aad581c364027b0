"""Which drafts become takes: none that copy, those that taste likes, as many notes as wished."""

from dataclasses import replace

import numpy as np
import pytest

from bridge.codecs.notescore import TWELFTHS, Metre, Setting
from bridge.codecs.originality import Fingerprint, line_of_notes, telling_hashes
from bridge.engine.cancel import Cancel
from bridge.errors import ModelFailedError
from bridge.music.clip import Clip
from bridge.music.scale import INTERVALS, Scale
from bridge.protocol.messages import Continue, Generate, Infill
from bridge.tools.drafting import EXACT, Wish, choose_drafts, seeds_of
from bridge.tools.hearing import stiff
from bridge.tools.pages import NO_NOTES, Page, Rules
from bridge.tools.taste import DEFAULT_TASTE, Rule, Taste
from tests.daemon.pitched import BAR, KEEP, SOURCE, band_in, played, tune
from tests.tiny_notes import write_tiny_notes

RUN = 8
SONG = tune(*[60, 64, 62, 67, 65, 64, 62, 60] * 4)
REQUESTS = [
    Generate(id=9, part="melody", bars=8, takes=3),
    Generate(id=9, part="chords", bars=8, takes=3),
    Continue(id=9, clip=SOURCE, bars=8, takes=3),
    Infill(id=9, clip=SOURCE, first_bar=1, bars=6, takes=3),
    Generate(id=9, part="melody", near=SOURCE, distance=90, takes=3),
]
IDS = [f"{type(each).__name__} {number}" for number, each in enumerate(REQUESTS)]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return write_tiny_notes(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def band(models):
    return band_in(models)


def learnt_from(*clips):
    """The fingerprint of a model that learned from some clips."""
    hashes = [telling_hashes(line_of_notes(clip.notes), RUN) for clip in clips]
    return Fingerprint(RUN, np.unique(np.concatenate(hashes)))


@pytest.mark.parametrize("request_", REQUESTS, ids=IDS)
def test_what_was_learnt_is_never_played_and_takes_are_still_answered(models, band, request_):
    before = played(band, request_, {SOURCE: SONG})
    learnt = learnt_from(*(take.clip for take in before))
    assert len(learnt.hashes)
    original = band_in(models, learnt=learnt)
    made = played(original, request_, {SOURCE: SONG})
    assert len(made) == 3
    for old, take in zip(before, made, strict=True):
        copied = learnt.copied(take.clip.notes, SONG.notes)
        assert learnt.copied(old.clip.notes, SONG.notes)
        assert take.clip != old.clip
        assert take.clip.notes
        if not isinstance(request_, Infill):  # Its own bars are judged, not those around them.
            assert not copied
        (again,) = played(original, replace(request_, seed=take.seed, takes=1), {SOURCE: SONG})
        assert again.clip == take.clip
        assert EXACT <= take.seed < 2 * EXACT


# What of a variation is new is drawn, whatever the temperature.
@pytest.mark.parametrize("request_", REQUESTS[:-1], ids=IDS[:-1])
def test_where_nothing_else_comes_it_is_said_in_words(models, band, request_):
    """At temperature 0 a model has one thing to say, and here it has learned that."""
    cold = replace(request_, temperature=0.0, seed=EXACT, takes=1)
    found = [played(band, replace(cold, seed=seed), {SOURCE: SONG})[0] for seed in (0, EXACT)]
    learnt = learnt_from(*(take.clip for take in found))
    assert learnt.copied(found[0].clip.notes, SONG.notes)
    with pytest.raises(ModelFailedError, match="another seed, or a higher temperature"):
        played(band_in(models, learnt=learnt), cold, {SOURCE: SONG})


def page_of(bars=8, part=0):
    length = bars * 4 * TWELFTHS
    page = Page(Setting(part, Metre(4, 4), 0, 0, 60), NO_NOTES, 0, length)
    return page, Rules(allowed=np.ones(128, bool), most=1, grid=np.arange(length) % 3 == 0)


def chosen(band, wish, seeds, *, temperature=1.0):
    page, rules = page_of()
    rules = replace(rules, temperature=temperature, end_temperature=temperature)
    return choose_drafts(page, band, rules, wish, seeds, cancel=Cancel(), report=lambda _: None)


C_MAJOR = Scale(0, INTERVALS["Major"])


def test_what_a_musician_handed_in_may_come_again(models, band):
    seeds = [[EXACT + 1]]
    (draft,) = chosen(band, Wish(C_MAJOR), seeds)
    notes = stiff(draft.draft.notes)
    learnt = learnt_from(Clip(notes, 8 * BAR, drums=False))
    assert len(learnt.hashes)
    careful = band_in(models, learnt=learnt)
    (other,) = chosen(careful, Wish(C_MAJOR), seeds)
    assert other.seed != draft.seed
    (same,) = chosen(careful, Wish(C_MAJOR, given=notes), seeds)
    assert same.seed == draft.seed


def height(melody):
    keys = melody.codes[melody.codes >= 0]
    return float(keys.mean()) / 127 if len(keys) else 0.0


HIGH = Rule("high", "It lies high.", 50.0, height)
LOW = Rule("low", "It lies low.", 50.0, lambda melody: 1.0 - height(melody))


def middles(models, taste):
    band = band_in(models, taste=taste)
    made = played(band, Generate(id=9, part="melody", bars=4, takes=8))
    return [np.mean([note.pitch for note in take.clip.notes]) for take in made], made


def test_a_rule_of_the_musicians_own_decides_and_switched_off_decides_no_more(models):
    high, takes_high = middles(models, Taste((HIGH,)))
    low, takes_low = middles(models, Taste((LOW,)))
    assert np.mean(high) > np.mean(low)
    assert takes_high != takes_low
    indifferent = middles(models, Taste(()))[1]
    assert middles(models, Taste((HIGH,)).without("high"))[1] == indifferent
    assert (
        middles(models, DEFAULT_TASTE.adding(HIGH).without("high"))[1]
        == (middles(models, DEFAULT_TASTE)[1])
    )


def test_as_many_notes_as_wished_decide_between_drafts(band):
    seeds = seeds_of(0, 8, 3)
    counts = [
        sum(len(each.draft.notes) for each in chosen(band, Wish(C_MAJOR, (), wish), seeds))
        for wish in (1.0, 64.0)
    ]
    assert counts[0] < counts[1]


def test_variations_that_copy_whatever_is_drawn_are_refused_in_words(models):
    everything = band_in(models, learnt=Everything(RUN, np.zeros(0, np.uint64)))
    request = Generate(id=9, part="melody", near=SOURCE, distance=90, takes=1)
    with pytest.raises(ModelFailedError, match="another seed, or a higher temperature"):
        played(everything, request, {SOURCE: SONG})


class Everything(Fingerprint):
    """Of all melodies that there are."""

    def knows(self, hashes):
        return np.ones(len(hashes), np.bool_)


def test_kept_notes_are_the_musicians_own(models, band):
    """A melody that is kept is no copy, whatever was learnt."""
    keep = replace(tune(60, 64, 62, 67, 65, 64, 62, 60, 64, 67), looping=False)
    learnt = learnt_from(keep)
    assert len(learnt.hashes)
    careful = band_in(models, learnt=learnt)
    request = Generate(id=9, part="chords", bars=3, takes=2, keep=KEEP)
    for take in played(careful, request, {KEEP: keep}):
        assert set(keep.notes) <= set(take.clip.notes)
