"""Drum kits: every pitch to its piece, every piece to a pitch, and the musician's own map."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import BadRequestError, SettingError
from bridge.music.drumkit import GENERAL_MIDI, ROLAND, Kit, Piece, read_kit

GROOVE_PITCHES = {22, 26, 36, 37, 38, 40, *range(42, 54), 55, 57, 58, 59}


@pytest.fixture
def kit_file(tmp_path):
    def write(content):
        path = tmp_path / "my rack.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


def test_the_roland_kit_knows_exactly_the_pitches_of_the_groove_dataset():
    known = {pitch for pitch in range(128) if ROLAND.piece_of(pitch) is not None}
    assert known == GROOVE_PITCHES
    assert len(known) == 22


def test_the_order_of_the_pieces_is_that_of_the_models():
    assert [piece.label for piece in Piece] == [
        "kick", "snare", "closed hat", "open hat", "low tom", "mid tom", "high tom", "crash",
        "ride",
    ]  # fmt: skip


def test_general_midi_has_a_piece_for_all_its_percussion_and_for_the_edges_of_the_hat():
    known = {pitch for pitch in range(128) if GENERAL_MIDI.piece_of(pitch) is not None}
    assert known == {22, 26, *range(35, 82)}


@pytest.mark.parametrize("kit", [ROLAND, GENERAL_MIDI])
@pytest.mark.parametrize("piece", list(Piece))
def test_the_pitch_that_plays_a_piece_strikes_that_piece(kit, piece):
    assert kit.piece_of(kit.pitch_of(piece)) is piece


def test_both_kits_agree_but_for_the_pitch_that_each_means_otherwise():
    differing = {
        pitch
        for pitch in GROOVE_PITCHES
        if ROLAND.piece_of(pitch) is not GENERAL_MIDI.piece_of(pitch)
    }
    assert differing == {58}  # a tom's rim here, the vibraslap there


@pytest.mark.parametrize("pitch", [-1, 0, 34, 60, 127, 128])
def test_a_pitch_that_the_kit_does_not_know_is_no_piece_but_keeps_time_if_one_is_needed(pitch):
    assert ROLAND.piece_of(pitch) is None
    assert ROLAND.piece_or_timekeeper(pitch) is Piece.CLOSED_HAT


@given(st.integers(0, 127))
def test_a_known_pitch_is_the_same_piece_with_and_without_the_timekeeper(pitch):
    piece = GENERAL_MIDI.piece_of(pitch)
    assert GENERAL_MIDI.piece_or_timekeeper(pitch) is (Piece.CLOSED_HAT if piece is None else piece)


def test_a_missing_crash_is_played_on_the_ride_and_a_missing_tom_on_the_next():
    kit = Kit.of("small", {Piece.KICK: (36,), Piece.RIDE: (51,), Piece.LOW_TOM: (43,)})
    assert kit.pitch_of(Piece.CRASH) == 51
    assert kit.pitch_of(Piece.MID_TOM) == 43
    assert kit.pitch_of(Piece.SNARE) in {36, 43, 51}


def test_a_kit_of_nothing_or_of_no_midi_key_is_refused():
    with pytest.raises(BadRequestError, match="not a single piece"):
        Kit.of("bare", {Piece.KICK: ()})
    with pytest.raises(BadRequestError, match="not 128"):
        Kit.of("odd", {Piece.KICK: (128,)})


def test_a_map_of_names_and_numbers_becomes_a_kit_named_as_its_file(kit_file):
    kit = read_kit(kit_file({"60": "kick", "36": "Kick", "61": 1, "62": "closed_hat", "63": 8}))
    assert kit.name == "my rack"
    assert [kit.piece_of(pitch) for pitch in (60, 36, 61, 62, 63, 64)] == [
        Piece.KICK, Piece.KICK, Piece.SNARE, Piece.CLOSED_HAT, Piece.RIDE, None,
    ]  # fmt: skip
    assert kit.pitch_of(Piece.KICK) == 60


def test_a_map_saved_with_a_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "kit.json"
    path.write_bytes(b'\xef\xbb\xbf{"36": "kick"}')
    assert read_kit(path).piece_of(36) is Piece.KICK


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "line 1 is not JSON"),
        ('{"36": "kick",\n', "line 2 is not JSON"),
        ("[" * 200_000, "not JSON"),
        ("9" * 9_999, "not JSON"),
        ("[36]", "must be a map"),
        ("null", "must be a map"),
        ("{}", "no pitch"),
        ('{"36": "kick", "36": "snare"}', "“36” twice"),
        ({"128": "kick"}, "“128” is not a pitch"),
        ({"-1": "kick"}, "“-1” is not a pitch"),
        ({"C1": "kick"}, "“C1” is not a pitch"),
        ({"²": "kick"}, "“²” is not a pitch"),
        ({"36": "snar"}, "“snar” for pitch 36.*Did you mean “snare”"),
        ({"36": "triangle"}, "“triangle” for pitch 36.*There are: kick, snare"),
        ({"36": 9}, "pitch 36 needs"),
        ({"36": -1}, "pitch 36 needs"),
        ({"36": True}, "pitch 36 needs"),
        ({"36": 1.0}, "pitch 36 needs"),
        ({"36": None}, "pitch 36 needs"),
        ({"36": {"37": "kick"}}, "pitch 36 needs"),
    ],
)
def test_a_faulty_map_is_refused_naming_the_file_and_the_fault(kit_file, content, fault):
    with pytest.raises(SettingError, match=rf"my rack\.json.*{fault}"):
        read_kit(kit_file(content))


def test_a_map_that_is_not_there_or_no_text_is_refused_by_name(tmp_path):
    with pytest.raises(SettingError, match=r"nowhere\.json cannot be opened"):
        read_kit(tmp_path / "nowhere.json")
    with pytest.raises(SettingError, match="cannot be opened"):
        read_kit(tmp_path)
    (tmp_path / "song.mid").write_bytes(b"MThd\xff\xfe")
    with pytest.raises(SettingError, match=r"song\.mid is not a text file"):
        read_kit(tmp_path / "song.mid")


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.integers(0, 127), st.sampled_from(list(Piece)), min_size=1))
def test_every_map_comes_back_pitch_for_pitch(tmp_path_factory, pieces):
    path = tmp_path_factory.mktemp("kits") / "kit.json"
    path.write_text(json.dumps({str(pitch): piece.label for pitch, piece in pieces.items()}))
    kit = read_kit(path)
    assert {pitch: kit.piece_of(pitch) for pitch in range(128)} == {
        pitch: pieces.get(pitch) for pitch in range(128)
    }
    assert all(
        kit.piece_of(kit.pitch_of(piece)) is piece for piece in Piece if piece in pieces.values()
    )
