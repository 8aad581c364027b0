"""Notes as rows of tokens, and what a model is told at each token's turn."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.codecs.notelookout import (
    CYCLES,
    Frames,
    Homes,
    Next,
    alike,
    clock,
    length_told,
    look,
    pitch_told,
    point,
    told,
)
from bridge.codecs.noterows import ChordLine, Row, Tokens, chord_features, place_features
from bridge.codecs.notescore import (
    ALIKE_NOTES,
    BARS_APART,
    CHORD_FEATURES,
    CODES_TOLD,
    GAP,
    KEYS,
    LAGS,
    LENGTH_CODES,
    LENGTHS,
    LENGTHS_IN_TWELFTHS,
    LONGEST_SHIFT,
    MIDDLE,
    MODES,
    NOTE,
    PARTS,
    PITCH_CODES,
    PITCH_TOLD,
    PLACE_FEATURES,
    REST,
    SETTING_FEATURES,
    SHIFTS,
    START,
    TOLD_FEATURES,
    Metre,
    Setting,
    length_code,
    length_of,
)

FAR = 400
"""Twelfths: more than eight bars of 4/4, so that every lag finds something."""
NOTES = st.lists(
    st.tuples(
        st.integers(0, 40).map(lambda step: 3 * step) | st.integers(0, FAR),
        st.integers(44, 80),
        st.integers(1, 300),
    ),
    min_size=1,
    max_size=24,
    unique_by=lambda note: note[:2],
)
LATELY = slice(-1, None)
SOME = settings(max_examples=60, deadline=None)


@dataclass(frozen=True)
class Case:
    """A row as it is read, and what is said of it."""

    tokens: Tokens
    bar: int
    mono: bool
    root: int
    middle: int
    chords: ChordLine | None


def tokens_of(notes, gap=None):
    """Notes in turns: all outside of a gap first, then those in it."""
    rows = np.array(sorted(notes), np.int64).reshape(-1, 3)
    inside = np.zeros(len(rows), bool)
    if gap is not None:
        inside = (rows[:, 0] >= gap[0]) & (rows[:, 0] < gap[1])
    before = ~inside if gap is None else rows[:, 0] < gap[0]
    first = Tokens.of((START, 0), *rows[before].T)
    if gap is None:
        return first
    after = Tokens.of(None, *rows[~before & ~inside].T)
    return first.then(after, Tokens.of((GAP, gap[0]), *rows[inside].T))


@st.composite
def cases(draw, *, said=None):
    notes = draw(NOTES)
    mono = draw(st.booleans())
    if mono:
        notes = list({note[0]: note for note in notes}.values())
    gap = None
    if draw(st.booleans()):
        first = draw(st.integers(0, FAR))
        gap = (first, first + draw(st.integers(1, FAR)))
    line = None
    if draw(st.booleans()):
        starts = sorted(draw(st.sets(st.integers(0, FAR), min_size=1, max_size=6)))
        ends = [*starts[1:], FAR]
        pitches = [draw(st.integers(0, 4_095)) for _ in starts]
        line = ChordLine(
            *(np.array(each) for each in (starts, ends, pitches)), np.arange(len(ends))
        )
    known = draw(st.booleans()) if said is None else said
    return Case(
        tokens_of(notes, gap),
        draw(st.sampled_from((15, 24, 36, 42, 48))),
        mono,
        draw(st.integers(0, 11)) if known else -1,
        draw(st.integers(50, 70)) if known else -1,
        line,
    )


def row_of(case, tokens=None, root=None):
    tokens = case.tokens if tokens is None else tokens
    root = max(0, case.root) if root is None else root
    shape = (1, len(tokens))
    chord, change = Row.no_chords(shape)
    if case.chords is not None:
        chord, change = case.chords.at(tokens.time[None], np.full(shape, root))
    time = tokens.time[None]
    parts = (tokens.kind[None], time, tokens.pitch[None], tokens.length[None])
    return Row(*parts, time % case.bar, time // case.bar, chord, change)


def follows_of(tokens, bar):
    """Where each token's successor stands: the next token, or a beat on."""
    shift = np.clip(np.append(np.diff(tokens.time), 12), 0, LONGEST_SHIFT)[None]
    time = tokens.time[None] + shift
    none = np.zeros((*time.shape, CHORD_FEATURES), np.float32)
    return Next(shift, time, time % bar, time // bar, none)


def all_told(case, row, following, pitch, asked=slice(None)):
    """Everything that the three graphs are told of some tokens, by its name."""
    bars, mono = np.array([case.bar]), np.array([case.mono])
    homes = Homes.of(row, np.array([case.root]), np.array([case.middle]), asked)
    away = look(row, bars, mono).away
    seen = look(row, bars, mono, asked)
    likeness = alike(away)[:, asked]
    setting = Setting(0 if case.mono else 2, Metre(4, 4), case.root).features[None]
    codes, numbers = told(row, homes, Frames(setting, bars), seen, likeness, asked)
    pointed = point(row, homes, following, bars, asked)
    pitch_codes, pitch_numbers = pitch_told(homes, following, pointed, bars)
    return {
        "codes": codes,
        "told": numbers,
        "pitch codes": pitch_codes,
        "pitch told": pitch_numbers,
        "length codes": length_told(homes, pitch, pointed),
        "clock": clock(row.time[:, asked], bars),
    }


def successors(tokens):
    return np.append(tokens.pitch[1:], -1)[None]


@SOME
@given(NOTES)
def test_notes_and_tokens_are_the_same_music(notes):
    tokens = tokens_of(notes)
    sung = tokens.kind == NOTE
    stand = zip(tokens.time[sung], tokens.pitch[sung], tokens.length[sung], strict=True)
    assert list(stand) == sorted(notes)
    assert (tokens.kind[0], tokens.time[0], tokens.pitch[0]) == (START, 0, -1)
    steps = np.diff(tokens.time)
    assert (steps >= 0).all()
    assert (steps <= LONGEST_SHIFT).all()
    # A rest stands where nothing begins for long, and nowhere else.
    assert (steps[tokens.kind[1:] == REST] == LONGEST_SHIFT).all()
    assert (steps[tokens.kind[1:] == NOTE] < LONGEST_SHIFT).all()
    assert not (tokens.pitch[~sung] >= 0).any()


def test_every_length_has_a_code_and_others_the_nearest():
    lengths = np.array(LENGTHS_IN_TWELFTHS)
    assert len(lengths) == LENGTHS == 100
    assert (length_of(length_code(lengths)) == lengths).all()
    every = np.arange(1, 400)
    found = length_of(length_code(every))
    assert (np.abs(found - every) == np.abs(lengths - every[:, None]).min(axis=1)).all()


@pytest.mark.parametrize(
    ("numerator", "denominator", "bar", "compound"),
    [
        (4, 4, 48, False),
        (3, 4, 36, False),
        (6, 8, 36, True),
        (12, 8, 72, True),
        (3, 8, 18, False),
        (5, 16, 15, False),
        (1, 32, 1, False),
        (99, 32, 148, True),
    ],
)
def test_a_metre_has_bars_of_whole_twelfths(numerator, denominator, bar, compound):
    metre = Metre(numerator, denominator)
    assert metre.bar == bar
    length, is_compound, *usual, other = metre.features
    assert length == pytest.approx(bar / 48)
    assert is_compound == compound
    assert sum(usual) + other == 1
    assert bool(other) == (bar not in {24, 36, 48})


def test_a_setting_says_what_is_known_and_that_the_rest_is_not():
    metre = Metre(4, 4)
    blank = Setting(1, metre).features
    assert blank.shape == (SETTING_FEATURES,)
    assert blank[: len(PARTS)].tolist() == [0, 1, 0]
    assert blank[len(PARTS)] == 1
    assert not blank[len(PARTS) + 1 : -6].any()
    known = Setting(0, metre, 7, MODES.index("Dorian"), 60, 8.0).features
    told_of = known[len(PARTS) : -6]
    assert told_of[:8].argmax() == 1 + MODES.index("Dorian")
    assert told_of[8:].tolist() == [1, 1, 1]  # twice four notes a bar
    assert [Setting(part, metre).mono for part in range(3)] == [True, True, False]


@SOME
@given(cases())
def test_all_that_is_told_has_its_shape_and_its_codes_their_ranges(case):
    row = row_of(case)
    tokens = len(case.tokens)
    found = all_told(case, row, follows_of(case.tokens, case.bar), successors(case.tokens))
    widths = {
        "codes": CODES_TOLD,
        "told": TOLD_FEATURES,
        "pitch codes": PITCH_CODES,
        "pitch told": PITCH_TOLD,
        "length codes": LENGTH_CODES,
        "clock": 2 * len(CYCLES),
    }
    for name, width in widths.items():
        assert found[name].shape == (1, tokens, width), name
        assert found[name].dtype == np.float32
        assert np.isfinite(found[name]).all()
    tops = [3, SHIFTS, LENGTHS, 49, 12, 61, *[SHIFTS] * LAGS, *[49] * LAGS]
    assert (found["codes"] >= 0).all()
    assert (found["codes"] <= np.array(tops)).all()
    tops = [LONGEST_SHIFT, 127, 11, 1, 127, *[49] * LAGS, *[127] * (2 * LAGS)]
    assert (found["pitch codes"] >= np.array([0] * (5 + LAGS) + [-1] * (2 * LAGS))).all()
    assert (found["pitch codes"] <= np.array(tops)).all()
    assert (found["length codes"] >= 0).all()
    assert (found["length codes"] <= np.array([49, 12, 61, *[LENGTHS] * LAGS])).all()


@SOME
@given(cases(), st.data())
def test_what_is_told_never_depends_on_what_comes_later(case, data):
    tokens = case.tokens
    following = follows_of(tokens, case.bar)
    before = all_told(case, row_of(case), following, successors(tokens))
    turn = data.draw(st.integers(0, len(tokens) - 1))
    later = np.arange(len(tokens)) > turn
    kind, time, pitch, length = (
        getattr(tokens, name).copy() for name in ("kind", "time", "pitch", "length")
    )
    count = int(later.sum())
    times = st.integers(0, 2 * FAR) | st.sampled_from(sorted({*tokens.time.tolist()}))
    time[later] = data.draw(st.lists(times, min_size=count, max_size=count))
    pitch[later] = data.draw(st.lists(st.integers(-1, 127), min_size=count, max_size=count))
    length[later] = np.where(pitch[later] >= 0, 7, 0)
    kind[later] = np.where(pitch[later] >= 0, NOTE, REST)
    other = Tokens(kind, time, pitch, length)
    # What comes next of each token is told beside it, and stays what it was.
    after = all_told(case, row_of(case, other), following, successors(tokens))
    for name, values in before.items():
        assert (values[:, : turn + 1] == after[name][:, : turn + 1]).all(), name


@SOME
@given(cases())
def test_told_one_by_one_is_told_at_once(case):
    tokens = case.tokens
    following = follows_of(tokens, case.bar)
    whole = all_told(case, row_of(case), following, successors(tokens))
    for turn in range(len(tokens)):
        upto = tokens.first(turn + 1)
        row = row_of(case, upto)
        one = slice(turn, turn + 1)
        nearest = Next(
            *(getattr(following, name)[:, one] for name in ("shift", "time", "position", "bar")),
            following.chord[:, one],
        )
        step = all_told(case, row, nearest, successors(tokens)[:, one], LATELY)
        for name, values in step.items():
            assert (values == whole[name][:, one]).all(), name


@SOME
@given(cases(), st.integers(-8, 8))
def test_music_that_is_moved_with_its_key_is_told_the_same_but_for_the_keys(case, semitones):
    case = Case(case.tokens, case.bar, case.mono, max(0, case.root), max(50, case.middle), None)
    tokens = case.tokens
    moved_tokens = Tokens(
        tokens.kind,
        tokens.time,
        np.where(tokens.pitch >= 0, tokens.pitch + semitones, -1),
        tokens.length,
    )
    moved_case = Case(
        moved_tokens,
        case.bar,
        case.mono,
        (case.root + semitones) % 12,
        case.middle + semitones,
        None,
    )
    following = follows_of(tokens, case.bar)
    setting = {"case": case, "row": row_of(case), "pitch": successors(tokens)}
    one = all_told(following=following, **setting)
    setting = {"case": moved_case, "row": row_of(moved_case), "pitch": successors(moved_tokens)}
    other = all_told(following=following, **setting)
    for name in ("codes", "told", "pitch told", "length codes", "clock"):
        assert (one[name] == other[name]).all(), name
    keys, moved_keys = one["pitch codes"], other["pitch codes"]
    assert (
        keys[..., [0, 3, *range(5, 5 + LAGS)]] == moved_keys[..., [0, 3, *range(5, 5 + LAGS)]]
    ).all()
    absolute = [1, 4, *range(5 + LAGS, PITCH_CODES)]
    found, expected = moved_keys[..., absolute], keys[..., absolute]
    assert (found == np.where(expected >= 0, expected + semitones, -1)).all()
    assert (moved_keys[..., 2] == (keys[..., 2] + semitones) % 12).all()


@SOME
@given(cases(said=False), st.integers(-8, 8))
def test_without_a_key_the_first_note_is_home(case, semitones):
    """From the second note on nothing but the keys says where a melody lies."""
    case = Case(case.tokens, case.bar, case.mono, -1, -1, None)
    tokens = case.tokens
    first = int((tokens.pitch >= 0).argmax())
    raised = np.where(tokens.pitch >= 0, tokens.pitch + semitones, -1)
    moved = Tokens(tokens.kind, tokens.time, raised, tokens.length)
    following = follows_of(tokens, case.bar)
    one = all_told(case, row_of(case), following, successors(tokens))
    other = all_told(case, row_of(case, moved), following, successors(moved))
    notes = np.arange(len(tokens))
    # In a gap a note may stand before all that are known: that one is told from the middle.
    keys = np.where(tokens.pitch >= 0, tokens.time * KEYS + tokens.pitch, 2**40)
    lowest = np.minimum.accumulate(keys)
    has_one_before = np.zeros(len(tokens), bool)
    has_one_before[first + 1 :] = keys[first + 1 :] > lowest[first:-1]
    rest = (notes > first) & (has_one_before | (tokens.pitch < 0))
    assert (one["codes"][:, rest] == other["codes"][:, rest]).all()
    homes = Homes.of(row_of(case), np.array([-1]), np.array([-1]))
    assert (homes.root[0, first:] == tokens.pitch[first] % 12).all()
    assert (homes.middle[0, first:] == tokens.pitch[first]).all()
    assert (homes.middle[0, :first] == MIDDLE).all()
    assert not homes.rooted[0, :first].any()


def known_notes(tokens, turn):
    """Time, pitch and length of the notes known at a turn, in order."""
    upto = tokens.first(turn + 1)
    sung = upto.pitch >= 0
    return sorted(zip(upto.time[sung], upto.pitch[sung], upto.length[sung], strict=True))


@SOME
@given(cases())
def test_what_stands_so_many_bars_away_is_found_as_one_would_look_for_it(case):
    tokens = case.tokens
    row = row_of(case)
    bars, mono = np.array([case.bar]), np.array([case.mono])
    seen = look(row, bars, mono)
    homes = Homes.of(row, np.array([case.root]), np.array([case.middle]))
    following = follows_of(tokens, case.bar)
    pointed = point(row, homes, following, bars)
    for turn in range(len(tokens)):
        notes = known_notes(tokens, turn)
        pitch = int(tokens.pitch[turn])
        for number, lag in enumerate(BARS_APART):
            there = int(tokens.time[turn]) - lag * case.bar
            mine = (there, 127 if case.mono else pitch)
            later = [note for note in notes if note[:2] > mine]
            expected = min(later[0][0] - there, LONGEST_SHIFT) if later else -1
            assert seen.follows[0, turn, number] == expected
            there_stand = [note[1] for note in notes if note[0] == there]
            if pitch < 0 or not there_stand:
                assert seen.away[0, turn, number] == -99
            else:
                under = [key for key in there_stand if key <= mine[1]]
                other = max(under) if under else min(there_stand)
                assert seen.away[0, turn, number] == pitch - other
            there = int(following.time[0, turn]) - lag * case.bar
            above = pitch if following.shift[0, turn] == 0 else -1
            beyond = [note for note in notes if note[0] == there and note[1] > above]
            if not beyond:
                assert pointed.pitch[0, turn, number] == -1
                assert pointed.moved[0, turn, number] == -1
                assert pointed.length[0, turn, number] == -1
                continue
            assert pointed.pitch[0, turn, number] == beyond[0][1]
            assert pointed.length[0, turn, number] == beyond[0][2]
            earlier = [note for note in notes if note[:2] < beyond[0][:2]]
            if earlier:
                last = int(homes.last[0, turn])
                assert pointed.moved[0, turn, number] == last + beyond[0][1] - earlier[-1][1]
            else:
                assert pointed.moved[0, turn, number] == -1


def tune(*bars):
    """A row of bars of quarter notes."""
    notes = [
        (48 * bar + 12 * beat, pitch, 12)
        for bar, pitches in enumerate(bars)
        for beat, pitch in enumerate(pitches)
    ]
    return Case(tokens_of(notes), 48, True, 0, 60, None)


def test_a_bar_that_comes_again_is_alike_and_one_that_is_moved_is_moved_alike():
    case = tune((60, 64, 62, 67), (60, 64, 62, 67), (62, 66, 64, 69))
    likeness = alike(look(row_of(case), np.array([48]), np.array([True])).away)
    stands, same, moved = (likeness[0, :, part * LAGS] for part in range(3))
    assert stands[:5].tolist() == [0] * 5
    assert same[8] == 4 / ALIKE_NOTES
    assert stands[12] == 1
    assert same[12] == 4 / ALIKE_NOTES
    assert moved[12] == 6 / ALIKE_NOTES  # all but the first of each bar, whose distance is new


def test_a_model_can_point_to_what_stood_there_and_to_what_would_go_on_alike():
    case = tune((60, 64, 62, 67), (62, 66))
    row = row_of(case)
    homes = Homes.of(row, np.array([0]), np.array([60]), LATELY)
    following = Next(
        np.array([[12]]),
        np.array([[72]]),
        np.array([[24]]),
        np.array([[1]]),
        np.zeros((1, 1, CHORD_FEATURES), np.float32),
    )
    pointed = point(row, homes, following, np.array([48]), LATELY)
    assert pointed.pitch[0, 0].tolist() == [62] + [-1] * (LAGS - 1)
    assert pointed.moved[0, 0].tolist() == [64] + [-1] * (LAGS - 1)
    assert pointed.length[0, 0].tolist() == [12] + [-1] * (LAGS - 1)


@SOME
@given(st.integers(0, 4_095), st.integers(-1, 11), st.integers(0, 11), st.integers(0, 11))
def test_a_chord_is_told_above_the_key(pitches, root, home, semitones):
    turned = sum(1 << (tone + semitones) % 12 for tone in range(12) if pitches >> tone & 1)
    moved_root = -1 if root < 0 else (root + semitones) % 12
    one = chord_features(np.array(pitches), np.array(root), np.array(home))
    other = chord_features(
        np.array(turned), np.array(moved_root), np.array((home + semitones) % 12)
    )
    assert one.shape == (CHORD_FEATURES,)
    assert (one == other).all()
    sounds = {(tone - home) % 12 for tone in range(12) if pitches >> tone & 1}
    assert set(np.flatnonzero(one[:12]).tolist()) == sounds
    assert one[12:24].tolist() == [float(root >= 0 and (root - home) % 12 == n) for n in range(12)]
    assert one[24:].tolist() == [float(bool(pitches)), 1.0]


def test_chords_are_told_where_they_sound_and_how_soon_the_next_comes():
    major, minor = 0b000010010001, 0b000010001001
    line = ChordLine(*(np.array(each) for each in ([0, 48], [36, 96], [major, minor], [0, 0])))
    time = np.array([0, 24, 36, 47, 48, 96, 500])
    chord, change = line.at(time, np.zeros(7, np.int64))
    thirds = chord[:, [3, 4]].tolist()
    assert thirds == [[0, 1], [0, 1], [0, 0], [0, 0], [1, 0], [0, 0], [0, 0]]
    assert chord[:, 25].tolist() == [1] * 7
    assert chord[:, 24].tolist() == [1, 1, 0, 0, 1, 0, 0]
    assert change.tolist() == pytest.approx([0, 0.5, 0.75, 47 / 48, 0, 0, 0])
    empty = ChordLine(*(np.zeros(0, np.int64) for _ in range(4)))
    chord, change = empty.at(time, np.zeros(7, np.int64))
    assert chord[:, 25].all()
    assert not chord[:, :25].any()
    assert not change.any()


@SOME
@given(st.integers(0, 5_000), st.sampled_from((15, 24, 36, 42, 48, 72)))
def test_a_place_is_told_by_its_twelfth_its_quarter_and_its_bar(time, bar):
    position, number = np.array([time % bar]), np.array([time // bar])
    (found,) = place_features(position, number, np.array([bar]))
    assert found.shape == (PLACE_FEATURES,)
    assert found[:12].argmax() == time % bar % 12
    assert found[12:18].argmax() == min(time % bar // 12, 5)
    assert found[21] ** 2 + found[22] ** 2 == pytest.approx(1)
    assert found[23:].argmax() == time // bar % 8
    hands = clock(np.array([[time]]), np.array([bar]))[0, 0]
    # Eight bars on, the slow hands have turned by a part of a round, the others by whole ones.
    later = clock(np.array([[time + 8 * bar]]), np.array([bar]))[0, 0]
    whole = np.array([cycle * 8 % 1 == 0 for cycle in CYCLES] * 2)
    assert hands[whole] == pytest.approx(later[whole], abs=1e-4)
    assert (np.abs(hands - later)[~whole] > 1e-3).any()
