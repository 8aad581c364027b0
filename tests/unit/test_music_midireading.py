"""Reading MIDI files: what real files contain, byte by byte, and what broken ones do."""

import csv
import os
import struct
from io import BytesIO
from pathlib import Path

import mido
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import MidiFileError
from bridge.music.clip import Clip
from bridge.music.midievents import parse_midi
from bridge.music.midifile import decode_midi, encode_midi, read_midi, read_voices
from bridge.music.units import TICKS_PER_BEAT
from tests.strategies import clips

END = bytes.fromhex("00 ff2f00")


def chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack(">L", len(content)) + content


def midi(*tracks: str, kind: int = 1, division: int = 96) -> bytes:
    """A MIDI file of tracks in hexadecimal, which end as they should if they do not yet."""
    header = chunk(b"MThd", struct.pack(">HHH", kind, len(tracks), division))
    contents = (bytes.fromhex(track) for track in tracks)
    return header + b"".join(
        chunk(b"MTrk", content if content.endswith(END[1:]) else content + END)
        for content in contents
    )


def heard(data: bytes) -> list[tuple[int, float, float, float]]:
    """Pitch, start, duration and velocity of each note, times in quarter notes."""
    return [
        (note.pitch, note.start / TICKS_PER_BEAT, note.duration / TICKS_PER_BEAT, note.velocity)
        for note in decode_midi(data, "x.mid").notes
    ]


def meta(kind: int, content: bytes) -> str:
    return (bytes((0, 0xFF, kind, len(content))) + content).hex()


def assert_clip_or_refusal(data: bytes) -> None:
    """Any other error than a refusal comes through and fails the test."""
    answer: Clip | str
    try:
        answer = decode_midi(data, "beat.mid")
    except MidiFileError as refusal:
        answer = str(refusal)
    assert isinstance(answer, Clip) or answer.startswith("beat.mid ")


ONE_NOTE = "00 90 3c 64  60 80 3c 40"


def test_running_status_leaves_out_what_repeats():
    assert heard(midi("00 903c64  30 3c00  30 4050  30 4000  00 ff2f00")) == [
        (60, 0.0, 0.5, 100.0),
        (64, 1.0, 0.5, 80.0),
    ]


def test_running_status_outlives_meta_and_system_events_as_some_files_have_it():
    assert heard(midi("00 903c64  00 ff0100  30 3c00  00 f0017f  00 4050  30 4000")) == [
        (60, 0.0, 0.5, 100.0),
        (64, 0.5, 0.5, 80.0),
    ]


def test_a_meta_event_that_nobody_knows_keeps_its_time():
    assert heard(midi("30 ff4b0101  30 903c64  60 803c40")) == [(60, 1.0, 1.0, 100.0)]


def test_an_impossible_key_signature_spoils_nothing():
    assert heard(midi("00 ff590263 09" + ONE_NOTE)) == [(60, 0.0, 1.0, 100.0)]


def test_controllers_programs_bends_and_pressure_are_passed_over():
    others = "00 b040 7f  00 c005  00 e00040  00 d040  00 a03c40  00 f3 05  00 f8  00 f7020102"
    assert heard(midi(others + ONE_NOTE)) == [(60, 0.0, 1.0, 100.0)]


def test_a_note_on_of_velocity_zero_ends_a_note_and_states_no_release_velocity():
    clip = decode_midi(midi("00 903c64  60 903c00  00 904064  60 80407f"), "x.mid")
    assert [note.release_velocity for note in clip.notes] == [64.0, 127.0]


def test_a_hanging_note_ends_with_its_track():
    assert heard(midi("00 903c64  00 904064  60 803c40  60 ff2f00")) == [
        (60, 0.0, 1.0, 100.0),
        (64, 0.0, 2.0, 100.0),
    ]


def test_a_note_without_length_lasts_one_tick():
    (note,) = decode_midi(midi("00 903c64  00 803c40"), "x.mid").notes
    assert note.duration == 1


def test_a_note_off_that_ends_nothing_is_passed_over():
    assert heard(midi("00 803c40" + ONE_NOTE + "00 803c40")) == [(60, 0.0, 1.0, 100.0)]


def test_a_note_struck_again_before_its_note_off_ends_in_the_order_of_the_strikes():
    assert heard(midi("00 903c64  30 903c50  30 803c40  30 803c40")) == [
        (60, 0.0, 1.0, 100.0),
        (60, 0.5, 1.0, 80.0),
    ]


def test_a_lost_note_off_lets_the_next_strike_end_the_note_and_spoils_no_later_one():
    assert heard(midi("00 903c64  60 903c50  30 803c40  30 903c46  60 803c40")) == [
        (60, 0.0, 1.0, 100.0),
        (60, 1.0, 0.5, 80.0),
        (60, 2.0, 1.0, 70.0),
    ]


def test_the_same_key_on_two_channels_is_two_keys():
    assert heard(midi("00 903c64  00 913c50  30 803c40  30 813c40")) == [
        (60, 0.0, 0.5, 100.0),
        (60, 0.0, 1.0, 80.0),
    ]


@pytest.mark.parametrize("division", [1, 24, 96, 120, 192, 240, 384, 480, 960, 20160])
@given(tick=st.integers(0, 99_999))
def test_times_are_exact_where_the_division_allows_it_and_nearest_where_not(division, tick):
    delta = bytes((tick >> 14 & 0x7F | 0x80, tick >> 7 & 0x7F | 0x80, tick & 0x7F)).hex()
    data = midi(f"{delta} 903c64 01 803c40", division=division)
    (note,) = decode_midi(data, "x.mid").notes
    expected = tick * TICKS_PER_BEAT / division
    assert abs(note.start - expected) <= 0.5
    if TICKS_PER_BEAT % division == 0:
        assert note.start == expected


def test_a_division_that_does_not_divide_ours_is_rounded():
    (note,) = decode_midi(midi("01 903c64 01 803c40", division=1000), "x.mid").notes
    assert (note.start, note.duration) == (20, 20)  # 20.16 each


def test_tempo_and_metre_are_the_first_and_changes_leave_the_notes_in_place():
    clip = decode_midi(
        midi(
            "00 ff5103 0927c0  00 ff580403 02 1808  60 ff5103 07a120  00 ff5804 04021808" + ONE_NOTE
        ),
        "x.mid",
    )
    assert (clip.tempo, clip.numerator, clip.denominator) == (100.0, 3, 4)
    assert clip.notes[0].start == TICKS_PER_BEAT


def test_tempo_and_metre_may_come_late_or_twice_and_then_the_last_of_the_first_place_holds():
    clip = decode_midi(
        midi(ONE_NOTE + "00 ff5103 07a120  00 ff5103 0927c0  60 ff5103 061a80  00 ff5804 07031808"),
        "x.mid",
    )
    assert (clip.tempo, clip.numerator, clip.denominator) == (100.0, 7, 8)


def test_a_file_that_says_nothing_is_in_four_four_at_120():
    clip = decode_midi(midi(ONE_NOTE), "x.mid")
    assert (clip.tempo, clip.numerator, clip.denominator) == (120.0, 4, 4)


@pytest.mark.parametrize(
    ("microseconds", "tempo"), [("000000", 999.0), ("000001", 999.0), ("ffffff", 20.0)]
)
def test_a_tempo_that_live_does_not_have_is_moved_into_its_range(microseconds, tempo):
    assert decode_midi(midi(f"00 ff5103 {microseconds}" + ONE_NOTE), "x.mid").tempo == tempo


@pytest.mark.parametrize("metre", ["0002 1808", "0406 1808", "ff02 1808", "04ff 1808"])
def test_a_metre_that_no_clip_can_have_is_passed_over(metre):
    clip = decode_midi(midi(f"00 ff5804 {metre} 00 ff580403031808" + ONE_NOTE), "x.mid")
    assert (clip.numerator, clip.denominator) == (3, 8)


@pytest.mark.parametrize("short", ["00 ff5101 07", "00 ff5800", "00 ff5801 04", "00 ff5100"])
def test_tempo_and_metre_events_that_are_too_short_are_passed_over(short):
    clip = decode_midi(midi(short + ONE_NOTE), "x.mid")
    assert (clip.tempo, clip.numerator, clip.denominator) == (120.0, 4, 4)


@pytest.mark.parametrize(
    ("end", "bars"), [("00", 1), ("8200", 1), ("8220", 1), ("8221", 2), ("8520", 2), ("8521", 3)]
)
def test_the_length_is_the_end_of_the_last_bar_that_anything_reaches(end, bars):
    clip = decode_midi(midi(ONE_NOTE + end + "ff2f00"), "x.mid")
    assert clip.length == bars * 4 * TICKS_PER_BEAT


def test_a_file_without_notes_is_an_empty_bar():
    clip = decode_midi(midi(""), "x.mid")
    assert (clip.notes, clip.length) == ((), 4 * TICKS_PER_BEAT)


def test_a_track_without_its_end_ends_with_its_last_event():
    data = chunk(b"MThd", bytes.fromhex("0000 0001 0060")) + chunk(b"MTrk", bytes.fromhex(ONE_NOTE))
    assert heard(data) == [(60, 0.0, 1.0, 100.0)]


def test_chunks_of_other_programs_a_longer_header_and_bytes_behind_the_end_are_passed_over():
    header = chunk(b"MThd", bytes.fromhex("0000 0001 0060 abcd"))
    track = chunk(b"MTrk", bytes.fromhex(ONE_NOTE) + END)
    assert heard(header + chunk(b"XFIH", b"what?") + track + b"\0\0\0") == [(60, 0.0, 1.0, 100.0)]


def test_a_track_whose_length_is_too_great_is_read_to_its_end_event():
    data = bytearray(midi(ONE_NOTE))
    data[18:22] = struct.pack(">L", 9999)
    assert heard(bytes(data)) == [(60, 0.0, 1.0, 100.0)]


def test_a_file_wrapped_by_windows_is_read():
    data = midi(ONE_NOTE)
    wrapped = b"RIFF" + struct.pack("<L", len(data) + 12) + b"RMIDdata"
    assert heard(wrapped + struct.pack("<L", len(data)) + data) == [(60, 0.0, 1.0, 100.0)]


def two_voices(kind: int) -> bytes:
    return midi(
        meta(3, b"Song") + "00 ff5103 0927c0",
        meta(3, b"Bass") + "00 902464  8300 802440",
        meta(3, b"Drums") + "00 992464  30 892440 30 992664 30 892640",
        kind=kind,
    )


def test_the_tracks_of_one_piece_are_one_clip_with_the_name_of_the_piece():
    clip = decode_midi(two_voices(1), "x.mid")
    assert [note.pitch for note in clip.notes] == [36, 36, 38]
    assert (clip.name, clip.tempo) == ("Song", 100.0)
    assert clip.drums  # two notes of three


def test_each_voice_of_a_piece_is_a_clip_of_the_length_and_tempo_of_the_whole(tmp_path):
    path = tmp_path / "song.mid"
    path.write_bytes(two_voices(1))
    bass, drums = read_voices(path)
    assert [(clip.name, clip.drums, len(clip.notes)) for clip in (bass, drums)] == [
        ("Bass", False, 1),
        ("Drums", True, 2),
    ]
    assert {(clip.length, clip.tempo) for clip in (bass, drums)} == {(4 * TICKS_PER_BEAT, 100.0)}


def test_channels_of_a_single_track_are_voices_too(tmp_path):
    path = tmp_path / "song.mid"
    path.write_bytes(midi("00 903c64  00 992464  60 803c40  00 892440", kind=0))
    assert [(clip.name, clip.drums) for clip in read_voices(path)] == [
        ("song", False),
        ("song", True),
    ]


def test_a_file_without_notes_has_no_voice(tmp_path):
    path = tmp_path / "empty.mid"
    path.write_bytes(midi("", ""))
    assert read_voices(path) == ()


def test_of_independent_tracks_the_first_with_notes_is_the_clip_and_each_is_a_voice(tmp_path):
    path = tmp_path / "patterns.mid"
    path.write_bytes(two_voices(2))
    clip = read_midi(path)
    assert (clip.name, clip.tempo, len(clip.notes)) == ("Bass", 120.0, 1)
    assert [voice.name for voice in read_voices(path)] == ["Bass", "Drums"]
    assert decode_midi(midi("", "", kind=2), "x.mid").notes == ()


BEAT = "00 {0}2464 00 {0}2a50 18 {0}2400 00 {0}2a00 00 {0}2664 00 {0}2a50 18 {0}2600 00 {0}2a00"
SCALE = "00 903c64 18 3c00 00 3e64 18 3e00 00 4064 18 4000"


@pytest.mark.parametrize(
    ("track", "drums"),
    [
        (BEAT.format("99"), True),
        (BEAT.format("90"), True),
        (SCALE, False),
        (SCALE.replace("90", "99"), True),
        (meta(3, b"Drum Rack") + SCALE, True),
        (meta(3, b"PERCUSSION 2") + SCALE, True),
        (meta(3, b"My Kit") + SCALE, True),
        (meta(3, b"Kitty") + SCALE, False),
        (meta(3, "ドラム".encode("cp932")) + SCALE, True),
        ("00 902464 18 2400 00 2964 18 2900 00 2b64 18 2b00", False),  # a bass on kick and toms
        (meta(3, b"Drums"), True),
        ("", False),
    ],
)
def test_drums_are_known_by_channel_name_or_pitches_and_the_caller_knows_better(track, drums):
    data = midi(track)
    assert decode_midi(data, "x.mid").drums is drums
    assert decode_midi(data, "x.mid", drums=not drums).drums is not drums


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"Beat", "Beat"),
        ("Schlagzeug für Mädchen".encode(), "Schlagzeug für Mädchen"),
        ("Schlagzeug für Mädchen".encode("latin1"), "Schlagzeug für Mädchen"),
        ("Ständchen".encode("latin1"), "Ständchen"),
        ("été".encode("latin1"), "été"),
        ("ピアノ".encode("cp932"), "ピアノ"),
        ("太鼓".encode("cp932"), "太鼓"),
        (b"\x81\x8d\xff", None),
        (b"", "x"),
    ],
)
def test_a_name_is_read_in_utf8_shift_jis_or_latin_and_else_the_file_gives_it(raw, name):
    clip = decode_midi(midi(meta(3, raw) + ONE_NOTE), "x.mid")
    assert clip.name == name if name is not None else clip.name


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "is empty: it has 0 bytes"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "is not a MIDI file"),
        (b"MThx" + bytes(20), "is not a MIDI file"),
        (b"RIFF", "is not a MIDI file"),
        (b"MThd", "is cut off"),
        (midi(ONE_NOTE, division=0xE728), "film frames.*SMPTE"),
        (midi(ONE_NOTE, division=0), "no ticks"),
        (midi(ONE_NOTE, kind=3), "of type 3"),
        (midi(), "no track"),
        (midi("00 3c64"), "begins with a message that has no kind"),
        (midi("00 903cff"), "data that no MIDI message can have"),
        (midi("ffffffffff00 903c64"), "more than four bytes"),
        (midi(ONE_NOTE)[:-1], "cut off"),
        (midi(ONE_NOTE, ONE_NOTE)[:-20], "cut off"),
        (midi("ffffff7f 903c64" * 9, division=1), "cannot become a clip"),
        (midi("00 903c64 00 3c00" * 20_001), "20,001 notes"),
    ],
)
def test_a_broken_file_is_refused_in_words_that_name_it(tmp_path, data, fault):
    path = tmp_path / "broken take.mid"
    path.write_bytes(data)
    with pytest.raises(MidiFileError, match=f"broken take.mid.*{fault}"):
        read_midi(path)


def test_a_file_that_is_not_there_a_folder_and_a_giant_are_refused_by_name(tmp_path):
    with pytest.raises(MidiFileError, match=r"nowhere\.mid cannot be opened: there is no such"):
        read_midi(tmp_path / "nowhere.mid")
    with pytest.raises(MidiFileError, match="cannot be opened: it is a folder"):
        read_voices(tmp_path)
    with (tmp_path / "film.mid").open("wb") as file:
        file.truncate(2**26 + 1)  # sparse: it takes no room on the disk
    with pytest.raises(MidiFileError, match=r"film\.mid is too large"):
        read_midi(tmp_path / "film.mid")


@settings(deadline=None, max_examples=10)
@given(clips(min_notes=1, max_notes=6))
def test_a_file_cut_off_anywhere_is_refused_in_words(clip):
    data = encode_midi(clip)
    for length in range(len(data)):
        with pytest.raises(MidiFileError, match=r"beat\.mid"):
            decode_midi(data[:length], "beat.mid")


@settings(deadline=None, max_examples=100)
@given(
    st.one_of(clips().map(encode_midi), st.sampled_from([two_voices(0), two_voices(2)])),
    st.integers(0, 2**32),
)
def test_flipped_bytes_give_a_clip_or_a_refusal_and_nothing_else(data, seed):
    generator = np.random.default_rng(seed)
    for _ in range(5):
        spoiled = bytearray(data)
        for place in generator.integers(0, len(data), generator.integers(1, 6)):
            spoiled[place] = generator.integers(0, 256)
        assert_clip_or_refusal(bytes(spoiled))


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=80))
def test_any_bytes_in_a_track_give_a_clip_or_a_refusal(content):
    data = chunk(b"MThd", bytes.fromhex("0000 0001 0060")) + chunk(b"MTrk", content)
    assert_clip_or_refusal(data)


@settings(deadline=None, max_examples=50)
@given(clips())
def test_where_mido_reads_a_file_both_find_the_same_events(clip):
    data = encode_midi(clip)
    (ours,) = parse_midi(data, "x.mid").tracks
    tick = 0
    theirs = []
    for message in mido.MidiFile(file=BytesIO(data)).tracks[0]:
        tick += message.time
        if not message.is_meta:
            theirs.append((tick, bytes(message.bytes())))
    assert [
        (event.tick, bytes((event.status,)) + event.data)
        for event in ours.events
        if event.status != 0xFF
    ] == theirs
    assert ours.end == tick


GROOVE = Path(os.environ.get("CLIPBRIDGE_DATA", "")) / "groove"


@pytest.mark.data
@pytest.mark.skipif(
    not (GROOVE / "info.csv").is_file(),
    reason="needs the Groove MIDI Dataset (magenta.tensorflow.org/datasets/groove, MIDI only):"
    " set CLIPBRIDGE_DATA to the folder that holds groove/info.csv",
)
def test_the_groove_dataset_is_read_to_the_last_note():
    with (GROOVE / "info.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1150
    counts = {"train": 0, "validation": 0, "test": 0}
    for row in rows:
        clip = read_midi(GROOVE / row["midi_filename"])
        assert clip.drums
        assert f"{clip.numerator}-{clip.denominator}" == row["time_signature"]
        assert clip.tempo == pytest.approx(float(row["bpm"]), rel=0.01)
        assert clip.notes[-1].start < clip.length
        counts[row["split"]] += len(clip.notes)
    # The published count is 446,311. The one more is the note-on without a note-off at the end
    # of drummer1/session1/78_jazz-fast_290_beat_4-4.mid: a stroke that was heard is a note.
    assert sum(counts.values()) == 446_312
    assert (counts["validation"], counts["test"]) == (44_128, 43_894)
