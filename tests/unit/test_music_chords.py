"""Chords that are typed and chords that are played mean the same."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import BadRequestError
from bridge.music.chords import SHORTEST, Chord, chords_of_clip, read_progression, root_of
from bridge.music.chordsymbols import QUALITIES, chord_named
from bridge.music.clip import Clip, Note, ticks_per_bar
from bridge.music.key import Key
from bridge.music.units import TICKS_PER_BEAT
from tests.strategies import metres

BAR = 4 * TICKS_PER_BEAT
A_MINOR, E_FLAT = Key(9, "Minor", 1.0), Key(3, "Major", 1.0)

notes = st.sampled_from(("C", "Db", "D", "F#", "G", "Ab", "Bb", "B", "E♭", "C♯"))
suffixes = st.sampled_from(
    (
        "",
        "m",
        "dim",
        "aug",
        "7",
        "maj7",
        "m7",
        "mM7",
        "m7b5",
        "sus4",
        "sus2",
        "9",
        "m9",
        "7b9",
        "13",
    )
)
numerals = st.sampled_from(
    ("I", "ii", "iii7", "IV", "V7", "vi", "vii°", "bVII", "Imaj7", "iv", "V7/V", "vii°7", "I6")
)
symbols = st.builds(lambda note, suffix: note + suffix, notes, suffixes)
slashed = st.builds(lambda chord, bass: f"{chord}/{bass}", symbols, notes)
words = st.one_of(symbols, slashed, numerals, st.just("N.C."))


def bits(*pitches):
    return sum(1 << pitch for pitch in pitches)


@settings(deadline=None)
@given(
    st.lists(st.lists(words, min_size=1, max_size=4), min_size=1, max_size=6),
    st.integers(1, 12),
    metres,
    st.one_of(
        st.none(),
        st.builds(Key, st.integers(0, 11), st.sampled_from(("Major", "Minor")), st.just(1.0)),
    ),
)
def test_what_is_written_is_read_back(bars, count, metre, key):
    length = ticks_per_bar(*metre)
    if length // 4 < SHORTEST:
        bars = [bar[:1] for bar in bars]
    text = " | ".join(" ".join(bar) for bar in bars) + " |"
    clip = read_progression(text, key, count, *metre)
    assert (clip.length, clip.numerator, clip.denominator) == (count * length, *metre)
    expected = []
    for number in range(count):
        bar = bars[number % len(bars)]
        for place, word in enumerate(bar):
            chord = chord_named(word, key)
            begin = number * length + length * place // len(bar)
            end = number * length + length * (place + 1) // len(bar)
            if chord is None:
                continue
            said = (chord.pitches, chord.bass)
            if expected and expected[-1][1] == begin and expected[-1][2] == said:
                begin = expected.pop()[0]
            expected.append((begin, end, said))
    found = chords_of_clip(clip)
    assert [(each.start, each.end, (each.pitches, each.bass)) for each in found] == expected


@settings(deadline=None)
@given(notes, suffixes)
def test_the_root_of_a_chord_in_root_position_is_read_back(note, suffix):
    chord = chord_named(note + suffix)
    (found,) = chords_of_clip(read_progression(note + suffix, None, 1))
    assert found.root == found.bass == chord.root


@pytest.mark.parametrize(
    ("text", "key", "pitches"),
    [
        ("I V vi IV", None, [(0, 4, 7), (7, 11, 2), (9, 0, 4), (5, 9, 0)]),
        ("i VI III VII", A_MINOR, [(9, 0, 4), (5, 9, 0), (0, 4, 7), (7, 11, 2)]),
        ("i bVI bVII V7", A_MINOR, [(9, 0, 4), (5, 9, 0), (7, 11, 2), (4, 8, 11, 2)]),
        ("ii7 V7 Imaj7 #iv°", E_FLAT, [(5, 8, 0, 3), (10, 2, 5, 8), (3, 7, 10, 2), (9, 0, 3)]),
        ("V7/V V/vi IVm bVII", None, [(2, 6, 9, 0), (4, 8, 11), (5, 8, 0), (10, 2, 5)]),
        ("F#m7b5 Bbsus4 E5 C♯°7", None, [(6, 9, 0, 4), (10, 3, 5), (4, 11), (1, 4, 7, 10)]),
    ],
)
def test_numerals_and_symbols_are_those_of_the_key(text, key, pitches):
    found = chords_of_clip(read_progression(text, key, len(pitches)))
    assert [chord.pitches for chord in found] == [bits(*each) for each in pitches]
    assert [chord.root for chord in found] == [each[0] for each in pitches]


def test_a_bar_is_shared_evenly_and_the_row_goes_round():
    found = chords_of_clip(read_progression("Am F | C/E | N.C. G |", None, 5))
    half = BAR // 2
    assert [(each.start, each.end, each.root, each.bass) for each in found] == [
        (0, half, 9, 9),
        (half, BAR, 5, 5),
        (BAR, 2 * BAR, 0, 4),
        (2 * BAR + half, 3 * BAR, 7, 7),
        (3 * BAR, 3 * BAR + half, 9, 9),
        (3 * BAR + half, 4 * BAR, 5, 5),
        (4 * BAR, 5 * BAR, 0, 4),
    ]


def test_the_chord_before_is_held_on():
    assert chords_of_clip(read_progression("C % G %", None, 4)) == (
        Chord(0, 2 * BAR, bits(0, 4, 7), 0, 0),
        Chord(2 * BAR, 4 * BAR, bits(7, 11, 2), 7, 7),
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("C G Hm F", "“Hm” is no chord"),
        ("Cmaj8", "“Cmaj8” is no chord. Did you mean “Cmaj"),
        ("am F", "“am” is no chord. Did you mean “Am”"),
        ("I VIII", "“VIII” is no chord"),
        ("V7/V/V", "“V7/V/V” is no chord"),
        ("C/H", "“C/H” is no chord"),
        ("  ", "no chord in this row"),
        ("| |", "no chord in this row"),
        ("C " * 40 + "|", "room for 32"),
    ],
)
def test_what_is_no_chord_is_refused_with_a_near_one(text, says):
    with pytest.raises(BadRequestError, match=re.escape(says)):
        read_progression(text, None, 4)


@settings(deadline=None)
@given(st.text(max_size=12))
def test_any_text_is_a_clip_or_refused(text):
    try:
        clip = read_progression(text, None, 2)
    except BadRequestError:
        return
    assert clip.length == 2 * BAR


def test_a_strummed_chord_and_a_broken_one_are_whole():
    strummed = [
        Note(pitch, 200 * index, BAR - 200 * index) for index, pitch in enumerate((48, 55, 64))
    ]
    (chord,) = chords_of_clip(Clip(tuple(strummed), BAR))
    assert (chord.root, chord.pitches, chord.start, chord.end) == (0, bits(0, 4, 7), 0, BAR)
    eighth = TICKS_PER_BEAT // 2
    broken = [
        Note(pitch, index * eighth, eighth)
        for index, pitch in enumerate((45, 52, 57, 60, 41, 48, 53, 57))
    ]
    assert [chord.root for chord in chords_of_clip(Clip(tuple(broken), BAR))] == [9, 5]


def test_muted_notes_and_silence_are_no_chords():
    assert chords_of_clip(Clip((Note(60, 0, 10, mute=True),), BAR)) == ()


@pytest.mark.parametrize(
    ("pitches", "bass", "root"),
    [
        ((0, 4, 7), 4, 0),
        ((9, 0, 4, 7), 9, 9),
        ((9, 0, 4, 7), 0, 0),
        ((11, 2, 5), 11, 11),
        ((7, 11, 2, 5), 5, 7),
        ((0, 5, 7), 0, 0),
        ((4,), 4, 4),
    ],
)
def test_the_root_explains_the_chord(pitches, bass, root):
    assert root_of(bits(*pitches), bass) == root


def test_every_quality_has_a_spelling():
    assert all(steps[0] == 0 and list(steps) == sorted(steps) for steps in QUALITIES.values())
