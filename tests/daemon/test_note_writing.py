"""Drafts of notes, with tiny models: what locks forbid never comes, whatever is on the page."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.codecs.melodysteps import codes_of_times
from bridge.codecs.notelookout import (
    Frames,
    Homes,
    alike,
    clock,
    look,
    told,
)
from bridge.codecs.noterows import ChordLine, Row, Tokens
from bridge.codecs.notescore import GAP, LONGEST_SHIFT, START, Metre, Setting
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog
from bridge.errors import CancelledError, ModelMissingError
from bridge.tools.note_writing import (
    LENGTHENS,
    MODEL,
    PITCHES,
    Writers,
    write,
)
from bridge.tools.pages import NO_NOTES, GridNotes, Page, Rules
from bridge.tools.room import LEGATO
from bridge.tools.strictness import HELD, Strictness
from bridge.tools.taste import BAR_STEPS, DEFAULT_TASTE, leaps_of, repeated_too_often
from tests.tiny_notes import write_tiny_notes

MELODY, BASS, CHORDS = range(3)
BAR = 48
SOME = settings(max_examples=60, deadline=None)


def writers_in(folder, **wishes):
    catalog = Catalog((write_tiny_notes(folder, **wishes),), provider="cpu")
    return Writers(*(catalog.load(name) for name in (MODEL, PITCHES, LENGTHENS)))


@pytest.fixture(scope="module")
def writers(tmp_path_factory):
    return writers_in(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def shy_writers(tmp_path_factory):
    """Who would rather rest, and end."""
    return writers_in(tmp_path_factory.mktemp("shy"), shifts={LONGEST_SHIFT: 50.0})


@pytest.fixture(scope="module")
def crowding_writers(tmp_path_factory):
    """Who would rather strike one note more."""
    return writers_in(tmp_path_factory.mktemp("crowd"), shifts={0: 50.0, 1: 3.0})


def drafts(page, rules, writers, seeds=(0,)):
    generators = [np.random.default_rng(seed) for seed in seeds]
    return write(page, generators, writers, rules, cancel=Cancel())


def notes_of(draft_or_notes):
    notes = getattr(draft_or_notes, "notes", draft_or_notes)
    columns = (notes.time, notes.pitch, notes.length)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def plain_rules(page, most=1, **more):
    wide = {"allowed": np.ones(128, bool), "grid": np.ones(page.end - page.begin, bool)}
    return Rules(most=most, **{**wide, **more})


def grid_notes(times, most=12):
    note = st.tuples(times, st.integers(0, 127), st.integers(1, 120))
    unique = st.lists(note, max_size=most, unique_by=lambda each: each[:2])
    return unique.map(GridNotes.of)


@st.composite
def pages(draw):
    part = draw(st.sampled_from((MELODY, BASS, CHORDS)))
    begin = draw(st.sampled_from((0, BAR, 3 * BAR)) | st.integers(0, 4 * BAR))
    end = begin + draw(st.sampled_from((1, 12, BAR, 2 * BAR)) | st.integers(1, 3 * BAR))
    known = draw(grid_notes(st.integers(0, end + 2 * BAR)))
    known = known.only((known.time < begin) | (known.time >= end))
    setting = Setting(
        part,
        draw(st.sampled_from((Metre(4, 4), Metre(3, 4), Metre(5, 16), Metre(7, 8)))),
        draw(st.integers(-1, 11)),
        draw(st.integers(-1, 6)),
        draw(st.just(-1) | st.integers(0, 127)),
        draw(st.sampled_from((0.0, 2.0, 40.0))),
    )
    line = ChordLine(*(np.array(each) for each in ([begin], [end], [0b10010001], [0])))
    return Page(setting, known, begin, end, draw(st.sampled_from((None, line))))


@st.composite
def rules_for(draw, page):
    span = page.end - page.begin
    keys = draw(st.sets(st.integers(0, 127), min_size=1, max_size=9) | st.just(set(range(128))))
    allowed = np.zeros(128, bool)
    allowed[sorted(keys)] = True
    grid = np.zeros(span, bool)
    grid[:: draw(st.sampled_from((1, 3, 4, 12)))] = True
    strict = Strictness(
        draw(st.sampled_from((None, 1, 30))),
        draw(st.sampled_from((None, 0, 12))),
        draw(st.sampled_from((None, 1, 5))),
        draw(st.booleans()),
    )
    return Rules(
        allowed=allowed,
        most=1 if page.setting.mono else draw(st.integers(1, 6)),
        grid=grid,
        temperature=draw(st.sampled_from((0.0, 0.5, 1.0, 2.0))),
        end_temperature=draw(st.sampled_from((0.0, 1.0, 2.0))),
        soon=draw(st.sampled_from((None, 1, 12, BAR))),
        pace=draw(st.sampled_from((0.0, 0.05, 0.5))),
        strictness=strict if page.setting.mono else Strictness(),
        kept=draw(grid_notes(st.integers(page.begin - BAR, page.end - 1), most=4)),
    )


def busy_keys(notes, page):
    """Which keys sound on each twelfth of the stretch."""
    busy = [set() for _ in range(page.begin, page.end)]
    for time, pitch, length in notes:
        for place in range(max(time, page.begin), min(time + length, page.end)):
            busy[place - page.begin].add(pitch)
    return busy


def sounding_around(page, rules):
    """What sounds in the stretch before anything is written; not what leads legato into a line."""
    legato = page.begin + LEGATO
    heard = [
        note
        for note in (*notes_of(page.known), *notes_of(rules.kept))
        if not page.setting.mono or note[0] >= page.begin or note[0] + note[2] > legato
    ]
    return busy_keys(heard, page)


def may_sound_anywhere(page, rules):
    """On which twelfths of the stretch a first note could be struck."""
    allowed = set(np.flatnonzero(rules.allowed).tolist())
    return [
        place
        for place, keys in enumerate(sounding_around(page, rules))
        if rules.grid[place] and len(keys) < rules.most and allowed - keys
    ]


def check(page, rules, draft):
    allowed = set(np.flatnonzero(rules.allowed).tolist())
    written = notes_of(draft)
    around = sounding_around(page, rules)
    places = may_sound_anywhere(page, rules)
    if places:
        assert written
    if rules.soon is not None and places and places[0] < rules.soon:
        assert written[0][0] - page.begin < rules.soon
    sounding = [set(keys) for keys in around]
    for time, pitch, length in written:
        assert pitch in allowed
        assert page.begin <= time
        assert time + length <= page.end
        assert rules.grid[time - page.begin]
        longest = rules.strictness.longest
        assert longest is None or length <= longest
        for place in range(time - page.begin, time + length - page.begin):
            assert pitch not in sounding[place]
            sounding[place].add(pitch)
    for before, after in zip(around, sounding, strict=True):
        assert len(after) <= max(rules.most, len(before))
    assert np.isfinite(draft.nats)
    assert draft.nats >= 0
    assert len({note[:2] for note in written}) == len(written)


@SOME
@given(st.data())
def test_locks_hold_and_no_draft_is_empty_where_a_note_is_allowed(writers, data):
    page = data.draw(pages())
    rules = data.draw(rules_for(page))
    for draft in drafts(page, rules, writers, range(3)):
        check(page, rules, draft)


@SOME
@given(st.data())
def test_so_it_is_with_a_model_that_would_rather_be_silent(shy_writers, data):
    page = data.draw(pages())
    rules = data.draw(rules_for(page))
    for draft in drafts(page, rules, shy_writers, range(2)):
        check(page, rules, draft)


@SOME
@given(st.data())
def test_so_it_is_with_a_model_that_would_rather_play_everything(crowding_writers, data):
    page = data.draw(pages())
    rules = data.draw(rules_for(page))
    for draft in drafts(page, rules, crowding_writers, range(2)):
        check(page, rules, draft)


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_a_draft_is_the_same_whoever_is_written_beside_it(writers, data):
    page = data.draw(pages())
    rules = data.draw(rules_for(page))
    together = drafts(page, rules, writers, (5, 6, 7))
    for seed, draft in zip((5, 6, 7), together, strict=True):
        (alone,) = drafts(page, rules, writers, (seed,))
        assert notes_of(alone) == notes_of(draft)
        assert alone.nats == pytest.approx(draft.nats, abs=1e-3)


def test_one_seed_is_not_another(writers):
    page = Page(Setting(MELODY, Metre(4, 4)), NO_NOTES, 0, 4 * BAR)
    made = drafts(page, plain_rules(page), writers, range(8))
    assert len({tuple(notes_of(draft)) for draft in made}) == 8


def test_at_temperature_0_every_seed_gives_what_is_likeliest(writers):
    page = Page(Setting(MELODY, Metre(4, 4)), NO_NOTES, 0, 4 * BAR)
    cold = plain_rules(page, temperature=0.0, end_temperature=0.0)
    likeliest, *others = drafts(page, cold, writers, range(4))
    assert {tuple(notes_of(other)) for other in others} == {tuple(notes_of(likeliest))}
    warm = drafts(page, plain_rules(page), writers, range(4))
    assert likeliest.nats_per_note < min(draft.nats_per_note for draft in warm)


def test_the_temperature_goes_to_the_one_at_the_end(writers):
    page = Page(Setting(MELODY, Metre(4, 4)), NO_NOTES, 0, 8 * BAR)

    def made(first, last):
        rules = plain_rules(page, temperature=first, end_temperature=last)
        return [notes_of(draft) for draft in drafts(page, rules, writers, range(4))]

    warming, likeliest = made(0.0, 2.0), made(0.0, 0.0)[0]
    assert len({tuple(notes) for notes in warming}) == 4
    assert {notes[0] for notes in warming} == {likeliest[0]}
    cooling, hot = made(2.0, 0.0), made(2.0, 2.0)
    assert cooling != hot


def test_in_a_draft_of_chords_several_notes_are_struck_together(writers):
    page = Page(Setting(CHORDS, Metre(4, 4)), NO_NOTES, 0, 4 * BAR)
    times = [[note[0] for note in notes_of(draft)] for draft in drafts(
        page, plain_rules(page, most=5), writers, range(8)
    )]  # fmt: skip
    assert any(len(set(each)) < len(each) for each in times)


def test_what_is_known_is_heard_before_and_after(writers):
    """Another pitch far from the stretch changes what is thought of what is likeliest."""
    setting = Setting(MELODY, Metre(4, 4), 0, 0, 60)
    rules = {"temperature": 0.0, "end_temperature": 0.0}

    def filled(*known):
        page = Page(setting, GridNotes.of(known), 2 * BAR, 4 * BAR)
        return drafts(page, plain_rules(page, **rules), writers)[0].nats

    before = filled((0, 60, 12), (12, 62, 12))
    assert filled((0, 60, 12), (12, 90, 12)) != before
    assert filled((0, 60, 12), (12, 62, 12), (5 * BAR, 40, 12)) != before


@pytest.mark.parametrize("part", [MELODY, BASS, CHORDS])
def test_there_are_about_as_many_notes_as_the_pace_says(writers, part):
    """Whatever a model likes: once it was only told the wish, and did little about it."""
    page = Page(Setting(part, Metre(4, 4)), NO_NOTES, 0, 8 * BAR)
    counts = []
    for pace in (2.0, 4.0, 8.0, 12.0):
        rules = plain_rules(page, most=4 if part == CHORDS else 1, pace=pace / BAR)
        made = drafts(page, rules, writers, range(6))
        counts.append(np.mean([len(draft.notes) for draft in made]) / 8)
    assert counts == sorted(counts)
    assert counts == pytest.approx([2, 4, 8, 12], rel=0.5)


def test_a_rest_does_not_pass_over_the_only_place_for_a_note(shy_writers):
    page = Page(Setting(MELODY, Metre(4, 4)), NO_NOTES, 0, 8 * BAR)
    grid = np.zeros(8 * BAR, bool)
    grid[[0, 7]] = True
    kept = GridNotes.of([(0, 50, 7)])
    for draft in drafts(page, plain_rules(page, grid=grid, kept=kept), shy_writers, range(4)):
        assert [note[0] for note in notes_of(draft)] == [7]


def test_the_models_are_asked_as_the_training_asks(writers):
    """Step by step the trunk is told what it would be told of the whole row."""
    asked = []
    known = GridNotes.of([(0, 60, 12), (12, 64, 12), (24, 67, 20), (6 * BAR, 60, 12)])
    page = Page(Setting(MELODY, Metre(4, 4), 0, 0, 62), known, BAR, 3 * BAR)

    class Listening:
        manifest = writers.trunk.manifest

        def run(self, inputs, cancel):
            asked.append(inputs)
            return writers.trunk.run(inputs, cancel)

    listening = Writers(Listening(), writers.pitch, writers.length)
    (draft,) = write(
        page, [np.random.default_rng(3)], listening, plain_rules(page), cancel=Cancel()
    )
    written = notes_of(draft)
    assert len(written) > 2
    steps = np.concatenate([each["codes"] for each in asked], axis=1)
    hands = np.concatenate([each["clock"] for each in asked], axis=1)
    numbers = np.concatenate([each["told"] for each in asked], axis=1)
    row = _whole_row(page, written)
    bars = np.array([BAR])
    seen = look(row, bars, np.array([True]))
    homes = Homes.of(row, np.array([0]), np.array([62]))
    frames = Frames(page.setting.features[None], bars)
    codes, all_numbers = told(row, homes, frames, seen, alike(seen.away))
    assert (steps == codes).all()
    assert (numbers == all_numbers).all()
    assert (hands == clock(row.time, bars)).all()


def _whole_row(page, written):
    """The row as it is in the end: before, after, and what was written."""

    def columns(notes):
        return np.array(notes, np.int64).reshape(-1, 3).T

    known = notes_of(page.known)
    tokens = Tokens.of((START, 0), *columns([note for note in known if note[0] < page.begin])).then(
        Tokens.of(None, *columns([note for note in known if note[0] >= page.end])),
        Tokens.of((GAP, page.begin), *columns(written)),
    )
    parts = [getattr(tokens, name)[None] for name in ("kind", "time", "pitch", "length")]
    bar = page.setting.metre.bar
    unknown = Row.no_chords((1, len(tokens)))
    return Row(*parts, parts[1] % bar, parts[1] // bar, *unknown)


@SOME
@given(
    st.integers(0, 2**31),
    st.sampled_from((1.0, 2.0)),
    st.sampled_from(((4, 4), (3, 4), (12, 8), (5, 4))),
    st.sampled_from((MELODY, BASS)),
)
def test_rules_of_the_greatest_weight_are_never_broken(
    shy_writers, seed, temperature, numbers, part
):
    """By RL Tuner's own count, on its grid of eight steps a bar."""
    metre = Metre(*numbers)
    step = metre.bar // BAR_STEPS
    taste = DEFAULT_TASTE.weighing("few repeats", HELD).weighing("leaps resolved", HELD)
    page = Page(Setting(part, metre, 0, 0, 60), NO_NOTES, 0, 4 * metre.bar)
    rules = plain_rules(
        page,
        grid=np.arange(page.end) % step == 0,
        temperature=temperature,
        strictness=Strictness.of(taste, metre.bar),
    )
    (draft,) = drafts(page, rules, shy_writers, (seed,))
    codes = codes_of_times(
        draft.notes.time.tolist(),
        draft.notes.length.tolist(),
        draft.notes.pitch.tolist(),
        page.end // step,
        step=step,
    )
    assert not repeated_too_often(codes).any(), codes
    assert leaps_of(codes).doubled == 0, codes


def test_rules_of_less_weight_are_not_held():
    taste = DEFAULT_TASTE.weighing("few repeats", 99.0).weighing("leaps resolved", 99.0)
    assert Strictness.of(taste, BAR) == Strictness()


def test_progress_is_told_and_grows(writers):
    parts = []
    page = Page(Setting(MELODY, Metre(4, 4)), NO_NOTES, 0, 8 * BAR)
    generators = [np.random.default_rng(0)]
    write(page, generators, writers, plain_rules(page), cancel=Cancel(), report=parts.append)
    assert len(parts) > 4
    assert parts == sorted(parts)
    assert 0 < parts[0] < parts[-1] <= 1


def test_what_is_called_off_ends(writers):
    cancel = Cancel()
    page = Page(Setting(MELODY, Metre(4, 4)), NO_NOTES, 0, 8 * BAR)
    runs = []

    def report(part):
        runs.append(part)
        cancel.cancel()

    with pytest.raises(CancelledError):
        write(
            page, [np.random.default_rng(0)], writers, plain_rules(page), cancel=cancel,
            report=report,
        )  # fmt: skip
    assert len(runs) == 1


def test_models_of_another_version_are_refused(tmp_path):
    with pytest.raises(ModelMissingError, match="another version"):
        writers_in(tmp_path, codec="notes-12-v0")


def test_a_long_row_is_written_to_its_end(writers):
    """What is remembered has a bound, and what is written has none but the stretch."""
    known = GridNotes.of([(12 * beat, 60 + beat % 5, 12) for beat in range(127)])
    begin = 32 * BAR
    page = Page(Setting(MELODY, Metre(4, 4)), known, begin, begin + 32 * BAR)
    (draft,) = drafts(page, plain_rules(page), writers)
    check(page, plain_rules(page), draft)
    assert max(note[0] for note in notes_of(draft)) > page.end - 2 * LONGEST_SHIFT
    assert len(draft.notes) > 60


def test_a_line_waits_for_what_sounds_into_its_gap(writers):
    """Bars are filled beside a long note that stays; once they were filled over it."""
    held = GridNotes.of([(0, 60, 2 * BAR), (4 * BAR, 62, 12)])
    page = Page(Setting(MELODY, Metre(4, 4)), held, BAR, 3 * BAR)
    for draft in drafts(page, plain_rules(page), writers, range(8)):
        assert all(note[0] >= 2 * BAR for note in notes_of(draft))
    legato = GridNotes.of([(0, 60, BAR + 2), (4 * BAR, 62, 12)])
    page = Page(Setting(MELODY, Metre(4, 4)), legato, BAR, 3 * BAR)
    first = [notes_of(draft)[0][0] for draft in drafts(
        page, plain_rules(page, soon=1), writers, range(8)
    )]  # fmt: skip
    assert set(first) == {BAR}
