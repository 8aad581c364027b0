"""Writing MIDI files: nothing lost on the way back, and an ordinary file for everybody else."""

import errno
import json
import os
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import mido
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bridge.errors import MidiFileError
from bridge.music import midimemo
from bridge.music.clip import MAX_NOTES, MAX_TICK, Clip, Note
from bridge.music.midievents import parse_midi
from bridge.music.midifile import decode_midi, encode_midi, read_midi, read_voices, write_midi
from bridge.music.midireading import whole_reading
from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH
from tests.strategies import clips, extreme_clips

BAR = 4 * TICKS_PER_BEAT

BOOM_CHACK = Clip(
    notes=(
        Note(pitch=36, start=0, duration=TICKS_PER_SIXTEENTH),
        Note(pitch=38, start=TICKS_PER_BEAT, duration=TICKS_PER_SIXTEENTH, velocity=90.0),
        Note(pitch=36, start=2 * TICKS_PER_BEAT, duration=TICKS_PER_SIXTEENTH),
        Note(pitch=38, start=3 * TICKS_PER_BEAT + 77, duration=TICKS_PER_SIXTEENTH, velocity=101.0),
    ),
    length=BAR,
    tempo=95.3,
    name="boom chack",
)


def there_and_back(clip: Clip) -> Clip:
    return decode_midi(encode_midi(clip), "x.mid")


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def by_mido(data: bytes) -> mido.MidiFile:
    return mido.MidiFile(file=BytesIO(data))


@settings(deadline=None, max_examples=150)
@given(clips())
def test_a_clip_comes_back_in_every_field(clip):
    assert there_and_back(clip) == clip.in_order()


@settings(deadline=None, max_examples=150)
@given(extreme_clips())
@example(Clip((Note(60, -MAX_TICK, MAX_TICK), Note(60, MAX_TICK, MAX_TICK)), 1, denominator=32))
@example(Clip((Note(60, 0, 20), Note(60, 5, 5), Note(60, 5, 30), Note(60, 5, 5)), MAX_TICK))
@example(Clip((), 1, loop_start=-MAX_TICK, loop_end=MAX_TICK, name="\ud800\0"))
def test_any_clip_at_all_comes_back_in_every_field(clip):
    assert there_and_back(clip) == clip.in_order()


@settings(deadline=None, max_examples=50)
@given(clips(), st.booleans())
def test_the_second_writing_is_the_first_byte_for_byte(clip, drums):
    data = encode_midi(clip)
    assert encode_midi(decode_midi(data, "another name.mid")) == data
    assert decode_midi(data, "x.mid", drums=drums) == replace(clip.in_order(), drums=drums)


def test_a_clip_survives_the_disk_and_a_new_name_of_the_file(tmp_path):
    clip = replace(BOOM_CHACK, name="")
    write_midi(clip, tmp_path / "a.mid")
    (tmp_path / "a.mid").rename(tmp_path / "b.mid")
    assert read_midi(tmp_path / "b.mid") == clip
    assert read_voices(tmp_path / "b.mid") == (clip,)


def test_an_empty_clip_has_no_voices(tmp_path):
    write_midi(replace(BOOM_CHACK, notes=()), tmp_path / "a.mid")
    assert read_voices(tmp_path / "a.mid") == ()


def test_the_largest_clip_with_all_its_fields_comes_back():
    clip = Clip(
        notes=tuple(
            Note(
                60 + number % 3, number * 99 - 5000, 500, 64.1, probability=0.3, note_id=number + 1
            )
            for number in range(MAX_NOTES)
        ),
        length=BAR,
    )
    data = encode_midi(clip)
    assert decode_midi(data, "x.mid") == clip.in_order()
    texts = [message.text for message in by_mido(data).tracks[0] if message.type == "text"]
    assert len(texts) > 10
    assert max(map(len, texts)) < 2**15


def test_numbers_of_numpy_are_written_as_the_numbers_they_are():
    note = Note(
        pitch=60,
        start=0,
        duration=5,
        velocity=np.float32(64.25),
        mute=np.bool_(True),
        note_id=np.int64(7),
    )
    assert there_and_back(Clip((note,), BAR)).notes == (
        Note(pitch=60, start=0, duration=5, velocity=64.25, mute=True, note_id=7),
    )


def test_every_other_program_finds_notes_tempo_metre_and_name_where_they_should_be():
    clip = replace(BOOM_CHACK, numerator=6, denominator=8, length=BAR * 3 // 4)
    file = by_mido(encode_midi(clip))
    assert (file.type, file.ticks_per_beat, len(file.tracks)) == (0, TICKS_PER_BEAT, 1)
    tick, strikes, frame = 0, [], {}
    for message in file.tracks[0]:
        tick += message.time
        if message.type == "note_on":
            strikes.append((tick, message.note, message.velocity, message.channel))
        elif message.is_meta and tick == 0:
            frame[message.type] = message
    assert strikes == [(note.start, note.pitch, note.velocity, 9) for note in clip.notes]
    assert tick == clip.notes[-1].end  # the last note sounds on behind the clip's end
    assert frame["set_tempo"].tempo == round(60_000_000 / 95.3)
    assert (frame["time_signature"].numerator, frame["time_signature"].denominator) == (6, 8)
    assert frame["track_name"].name == "boom chack"


def test_the_file_lasts_as_long_as_the_clip():
    file = by_mido(encode_midi(replace(BOOM_CHACK, length=3 * BAR)))
    assert sum(message.time for message in file.tracks[0]) == 3 * BAR


def test_the_file_says_its_division_in_words_that_can_be_read():
    text = next(m.text for m in by_mido(encode_midi(BOOM_CHACK)).tracks[0] if m.type == "text")
    mark, _, memo = text.split(" ", 2)
    assert mark == "clipbridge"
    assert json.loads(memo)["division"] == TICKS_PER_BEAT
    assert json.loads(memo)["notes"] == []  # MIDI holds all of these


def test_a_melody_stands_on_the_first_channel_and_velocities_are_rounded():
    note = Note(60, 0, 100, velocity=63.6, release_velocity=12.4)
    on, off = (
        message
        for message in by_mido(encode_midi(Clip((note,), BAR, drums=False))).tracks[0]
        if not message.is_meta
    )
    assert (on.channel, on.velocity, off.type, off.velocity) == (0, 64, "note_off", 12)


def test_a_repeated_note_is_let_go_before_it_is_struck_again():
    clip = Clip((Note(36, 0, 50), Note(36, 50, 50)), BAR)
    messages = [m for m in by_mido(encode_midi(clip)).tracks[0] if not m.is_meta]
    assert [message.type for message in messages] == ["note_on", "note_off"] * 2


def test_an_upbeat_moves_the_file_later_by_whole_bars_and_comes_back_before_the_start():
    upbeat = Note(38, -TICKS_PER_BEAT, TICKS_PER_SIXTEENTH)
    clip = BOOM_CHACK.with_notes((upbeat, *BOOM_CHACK.notes))
    data = encode_midi(clip)
    first = next(message for message in by_mido(data).tracks[0] if message.type == "text")
    assert '"shift":80640' in first.text
    times = []
    tick = 0
    for message in by_mido(data).tracks[0]:
        tick += message.time
        if message.type == "note_on":
            times.append(tick)
    assert times == [note.start + BAR for note in clip.notes]
    assert decode_midi(data, "x.mid") == clip


def edited(data: bytes, change) -> Clip:
    """The clip in a file after another program has opened, changed and saved it."""
    file = by_mido(data)
    change(file)
    buffer = BytesIO()
    file.save(file=buffer)
    return decode_midi(buffer.getvalue(), "x.mid")


RICH = BOOM_CHACK.with_notes(replace(note, probability=0.5, mute=True) for note in BOOM_CHACK.notes)


def test_a_file_saved_again_by_another_program_unchanged_keeps_everything():
    def add_a_controller(file):
        file.tracks[0].insert(4, mido.Message("control_change", control=7, value=99))

    assert edited(encode_midi(RICH), add_a_controller) == RICH


def test_a_file_split_into_conductor_and_voice_keeps_everything():
    def split(file):
        file.type = 1
        file.tracks.insert(0, mido.MidiTrack(file.tracks[0][1:3]))
        del file.tracks[1][1:3]

    assert edited(encode_midi(RICH), split) == RICH


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("note_on", "note", 40),
        ("note_on", "velocity", 33),
        ("note_off", "velocity", 33),
        ("note_off", "time", 99),
        ("set_tempo", "tempo", 500_000),
        ("time_signature", "numerator", 3),
        ("end_of_track", "time", 5 * BAR),
    ],
)
def test_a_file_edited_elsewhere_means_what_the_other_program_wrote(kind, field, value):
    def change(file):
        message = next(message for message in file.tracks[0] if message.type == kind)
        setattr(message, field, value)

    clip = edited(encode_midi(RICH), change)
    assert clip != RICH
    assert not any(note.mute for note in clip.notes)


def test_a_memo_that_was_tampered_with_is_void():
    data = encode_midi(RICH)
    assert b'"probability":0.5' in data
    clip = decode_midi(data.replace(b'"probability":0.5', b'"probability":0.7', 1), "x.mid")
    assert {note.probability for note in clip.notes} == {1.0}


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ('"format":1', '"format":2'),
        ('"notes":[', '"notes":[[99,{"mute":true}],'),
        ('"notes":[', '"notes":[[0,{"colour":3}],'),
        ('"notes":[', '"notes":[[0,{"velocity":1e999}],'),
        ('"notes":[', '"notes":[7,'),
        ('"length":80640', '"length":0'),
        ('"length":80640,', ""),
        ('"looping":true', '"looping":' + "[" * 99_999),
    ],
)
def test_a_memo_of_a_format_to_come_is_passed_over_and_the_notes_are_read(written, instead):
    data = encode_midi(BOOM_CHACK)

    def rewrite(file):
        message = next(message for message in file.tracks[0] if message.type == "text")
        memo = message.text.split(" ", 2)[2].replace(written, instead)
        checksum = midimemo._checksum(memo, whole_reading(parse_midi(data, "x.mid")))
        message.text = f"clipbridge {checksum} {memo}"

    clip = edited(data, rewrite)
    assert [note.pitch for note in clip.notes] == [36, 38, 36, 38]
    assert clip.tempo != BOOM_CHACK.tempo  # MIDI holds it to the microsecond a beat only


def test_the_drums_of_a_plain_reading_are_no_part_of_the_checksum():
    assert there_and_back(replace(RICH, drums=False, name="Drum solo")).drums is False


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "no right"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_a_failed_writing_says_why_leaves_the_old_file_and_no_rubbish(
    tmp_path, monkeypatch, code, words
):
    path = tmp_path / "take.mid"
    write_midi(BOOM_CHACK, path)

    def fail(self, target):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(MidiFileError, match=rf"take\.mid cannot be written: .*{words}"):
        write_midi(RICH, path)
    assert read_midi(path) == BOOM_CHACK
    assert names_in(tmp_path) == ["take.mid"]


def test_a_folder_that_is_not_there_or_stands_in_the_way_is_named(tmp_path):
    with pytest.raises(MidiFileError, match=r"take\.mid cannot be written: there is no such"):
        write_midi(BOOM_CHACK, tmp_path / "nowhere" / "take.mid")
    (tmp_path / "folder.mid").mkdir()
    with pytest.raises(MidiFileError, match="it is a folder"):
        write_midi(BOOM_CHACK, tmp_path / "folder.mid")
    assert names_in(tmp_path) == ["folder.mid"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="this user may write everywhere")
def test_a_read_only_folder_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(MidiFileError, match="read-only"):
        write_midi(BOOM_CHACK, tmp_path / "take.mid")


def test_the_new_file_replaces_the_old_one_whole(tmp_path):
    path = tmp_path / "take.mid"
    path.write_bytes(b"x" * 100_000)
    write_midi(BOOM_CHACK, path)
    assert read_midi(path) == BOOM_CHACK
    assert names_in(tmp_path) == ["take.mid"]
