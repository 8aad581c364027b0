"""What the command line says of pitches, and how takes of pitches are told of."""

import io
import json
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bridge.commands import telling
from bridge.commands.cli import run
from bridge.commands.making import Made, read_source
from bridge.commands.pitches import Pitches, read_chords
from bridge.commands.roll import LETTERS, LINES, WIDTH, bars_shown, from_bar, roll_of
from bridge.commands.telling import tell
from bridge.errors import MidiFileError
from bridge.music.clip import Clip, Note, Take
from bridge.music.drumkit import GENERAL_MIDI
from bridge.music.key import MAJOR, MINOR, Key
from bridge.music.midifile import read_midi, write_midi
from bridge.music.spelling import key_name
from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH
from tests.command_line import private_environment, use_environment

ALL = (0, 127)
HEARD = Key(2, MINOR, 1.0)
TUNE = Clip(
    tuple(Note(pitch, place * TICKS_PER_BEAT, 20_000) for place, pitch in enumerate((60, 63, 67))),
    4 * TICKS_PER_BEAT,
    drums=False,
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder in which commands are run, with a melody in it."""
    use_environment(monkeypatch, private_environment(tmp_path))
    monkeypatch.chdir(tmp_path)
    write_midi(TUNE, tmp_path / "tune.mid")
    return tmp_path


def said(key=None, scale=None, *, span=ALL, lock=False):
    return Pitches.said(key, scale, span=span, lock=lock)


def test_a_key_that_is_locked_travels_as_root_and_sum():
    pitches = said((0, "Minor"), span=(48, 72), lock=True)
    assert pitches.locking("Continue", HEARD) == {
        "root": 0,
        "scale": 1_453,
        "lowest": 48,
        "highest": 72,
    }


def test_a_lock_without_a_key_takes_that_which_is_heard():
    asked = said(lock=True).locking("Continue", HEARD)
    assert (asked["root"], asked["scale"]) == (2, 1_453)


def test_a_scale_without_a_root_leaves_the_root_to_what_is_heard():
    asked = said(scale="Major", lock=True).locking("Continue", HEARD)
    assert (asked["root"], asked["scale"]) == (-1, 2_741)


def test_a_root_and_a_scale_may_be_said_apart_but_no_two_scales():
    asked = said((9, ""), "Minor", lock=True).locking("Infill", None)
    assert (asked["root"], asked["scale"]) == (9, 1_453)
    with pytest.raises(click.UsageError, match="Minor or Dorian, not both"):
        said((9, "Minor"), "Dorian")


@pytest.mark.parametrize("pitches", [said((0, "")), said(scale="Dorian")])
def test_where_a_key_can_only_be_a_lock_it_must_be_called_one(pitches):
    with pytest.raises(
        click.UsageError, match=r"Infill hears the key by itself\. With --lock-scale"
    ):
        pitches.locking("Infill", HEARD)


def test_a_wish_says_that_it_is_none_and_a_root_alone_stays_one():
    assert said((7, "")).wishing(None) == {
        "root": 7,
        "scale": 0,
        "lowest": 0,
        "highest": 127,
        "lock": 0,
    }
    asked = said((7, "Minor"), lock=True).wishing(None)
    assert (asked["root"], asked["scale"], asked["lock"]) == (7, 1_453, 1)


def test_chords_are_read_in_the_key_that_is_said_or_heard():
    assert said((9, "Minor")).key(HEARD) == Key(9, MINOR, 0.0)
    assert said((9, "Dorian")).key(None) == Key(9, MINOR, 0.0)
    assert said((9, "")).key(HEARD) == Key(9, MAJOR, 0.0)
    assert said().key(HEARD) == HEARD
    assert said().key(None) == Key(0, MAJOR, 0.0)


def test_chords_are_a_file_or_are_written_down(folder):
    key = Key(9, MINOR, 0.0)
    assert read_chords("tune.mid", key, 4, 4, 4).notes == TUNE.notes
    with pytest.raises(MidiFileError, match="no such file"):
        read_chords("none.mid", key, 4, 4, 4)
    written = read_chords("Am F", key, 2, 4, 4)
    assert not written.drums
    tones = {note.pitch % 12 for note in written.notes}
    assert tones >= {9, 0, 4, 5}
    assert {note.pitch % 12 for note in read_chords("i VI", key, 2, 4, 4).notes} == tones


def test_nothing_can_be_locked_where_no_key_is_said_or_heard():
    with pytest.raises(click.UsageError, match="Say with --key"):
        said(lock=True).wishing(None)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["--key", "H minor"], "say C minor, Am"),
        (["--key", "C minro"], "Did you mean “Minor”"),
        (["--scale", "dorien"], "Did you mean “Dorian”"),
        (["--range", "C3"], "say C2-C5"),
        (["--range", "C3-C9"], "G8, 127"),
        (["--key", "C"], "--lock-scale"),
        (["--part", "flute"], "melody"),
    ],
)
def test_what_is_mistyped_is_answered_with_what_to_say(line, words, capsys):
    assert run(["continue", "tune.mid", *line]) == 2
    assert words in " ".join(capsys.readouterr().err.replace("│", " ").split())


@pytest.mark.parametrize(
    ("part", "drums"), [("auto", False), ("drums", True), ("melody", False), ("chords", False)]
)
def test_a_file_is_what_it_is_said_to_be(folder, part, drums):
    assert read_source(folder / "tune.mid", part).drums is drums


def test_a_file_on_the_drums_channel_is_drums_unless_it_is_said_to_be_a_melody(folder):
    path = folder / "beat.mid"
    write_midi(Clip(TUNE.notes, TUNE.length), path)
    assert read_source(path).drums
    assert not read_source(path, "melody").drums


notes = st.builds(
    Note,
    st.integers(30, 90),
    st.integers(-9_000, 400_000),
    st.integers(1, 200_000),
    st.floats(1, 127),
    st.booleans(),
)
clips = st.builds(
    Clip,
    st.lists(notes, max_size=30).map(tuple),
    st.integers(1, 2_000_000),
    numerator=st.integers(1, 40),
    denominator=st.sampled_from((1, 2, 4, 8, 16, 32)),
    drums=st.just(False),
)


@given(clips, st.sampled_from((LINES, LETTERS)), st.integers(20, 120))
def test_a_roll_has_a_row_for_each_key_from_the_highest_and_fits_the_width(clip, signs, width):
    rows = [line.plain for line in roll_of(clip, signs, width)]
    names = [row.split()[0].rstrip("│|") for row in rows]
    pitches = {note.pitch for note in clip.notes if not note.mute}
    assert names == [key_name(p) for p in sorted(pitches, reverse=True) if key_name(p) in names]
    assert all(len(row) <= width for row in rows)
    assert len({len(row) for row in rows}) <= 1
    assert 1 <= bars_shown(clip, width) <= clip.bars


def test_a_roll_shows_where_notes_begin_and_how_long_they_are_held():
    held = Note(64, 0, 4 * TICKS_PER_SIXTEENTH)
    short = Note(60, 6 * TICKS_PER_SIXTEENTH - 300, 900)
    muted = Note(61, 0, 900, mute=True)
    clip = Clip((held, short, muted), 2 * TICKS_PER_BEAT, numerator=2, drums=False)
    assert [line.plain for line in roll_of(clip)] == ["  E3 │█━━━·   │", "  C3 │·   · █ │"]
    assert [line.plain for line in roll_of(clip, LETTERS)] == ["  E3 |O===.   |", "  C3 |.   . O |"]


def test_what_began_before_the_first_bar_that_is_drawn_is_held_in_it():
    bar = 2 * TICKS_PER_BEAT
    tied = Note(60, bar - 2 * TICKS_PER_SIXTEENTH, 4 * TICKS_PER_SIXTEENTH)
    gone = Note(72, 0, 900)
    clip = Clip((gone, tied), 2 * bar, numerator=2, drums=False)
    assert [line.plain for line in roll_of(from_bar(clip, 1))] == ["  C3 │━━  ·   │"]


def test_as_many_whole_bars_are_drawn_as_a_terminal_holds():
    long = Clip((Note(60, 0, 900),), 8 * 4 * TICKS_PER_BEAT, drums=False)
    assert bars_shown(long) == 4
    assert max(len(line.plain) for line in roll_of(long)) == WIDTH - 6


def made(*clips):
    return Made(
        tuple(Take(n, 7 + n, clip) for n, clip in enumerate(clips)), 0.5, "CPU", GENERAL_MIDI
    )


def told(*clips, as_json=False, monkeypatch, encoding="utf-8", first_bar=0):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    console = Console(file=stream, width=WIDTH, markup=False, emoji=False, highlight=False)
    monkeypatch.setattr(telling, "answers", lambda: console)
    tell(
        made(*clips),
        Path("takes"),
        "tune continue",
        source={"input": "tune.mid"},
        next_step="Put them behind it.",
        as_json=as_json,
        first_bar=first_bar,
    )
    stream.flush()
    return stream.buffer.getvalue().decode(encoding)


def test_takes_of_pitches_are_drawn_with_their_keys(monkeypatch, capsys, folder):
    shown = told(TUNE, TUNE, monkeypatch=monkeypatch)
    assert "Take 2\n  G3 │·   ·   █━━━·   │\n D#3 │·   █━━━·   ·   │\n  C3 │█━━━" in shown
    assert {path.name for path in (folder / "takes").iterdir()} == {
        "tune continue 1 of 2 seed 7.mid",
        "tune continue 2 of 2 seed 8.mid",
    }
    assert "Put them behind it." in capsys.readouterr().out


def test_a_long_take_is_drawn_from_the_bar_that_is_asked_for(monkeypatch):
    late = Note(72, 9 * 4 * TICKS_PER_BEAT, 900)
    long = Clip((*TUNE.notes, late), 12 * 4 * TICKS_PER_BEAT, drums=False)
    assert "Take 1, bars 1 to 4 of 12\n" in told(long, monkeypatch=monkeypatch)
    shown = told(long, monkeypatch=monkeypatch, first_bar=8)
    assert "Take 1, bars 9 to 12 of 12\n  C4 │" in shown


def test_where_there_is_ascii_only_a_roll_is_drawn_in_letters(monkeypatch):
    assert "  C3 |O===.   .   .   |" in told(TUNE, monkeypatch=monkeypatch, encoding="ascii")


def test_a_script_is_told_the_keys_too(monkeypatch, capsys):
    told(TUNE, monkeypatch=monkeypatch, as_json=True)
    answer = json.loads(capsys.readouterr().out)
    (take,) = answer["takes"]
    assert answer["input"] == "tune.mid"
    assert (take["notes"], take["lowest"], take["highest"]) == (3, "C3", "G3")
    assert (take["take"], take["seed"], take["key"]) == (1, 7, "C Minor")
    assert read_midi(Path(take["file"])).notes == TUNE.notes


def test_a_take_in_which_nothing_sounds_is_told_of_as_well(monkeypatch, capsys):
    told(Clip((), 4 * TICKS_PER_BEAT, drums=False), monkeypatch=monkeypatch, as_json=True)
    (take,) = json.loads(capsys.readouterr().out)["takes"]
    assert (take["notes"], take["lowest"], take["key"]) == (0, "", "")
