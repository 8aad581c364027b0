"""Results as files: nothing is overwritten, and nothing half written stays."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.commands.files import keep_clip, keep_file
from bridge.errors import MidiFileError
from bridge.music.midifile import read_midi
from tests.strategies import clips


def test_a_file_that_is_there_is_left_and_another_name_is_found(tmp_path):
    (tmp_path / "take.mid").write_bytes(b"the musician's own")
    assert keep_file(tmp_path, "take", ".mid", b"new").name == "take (2).mid"
    assert keep_file(tmp_path, "take", ".mid", b"newer").name == "take (3).mid"
    assert (tmp_path / "take.mid").read_bytes() == b"the musician's own"


def test_the_same_bytes_again_make_no_second_file(tmp_path):
    first = keep_file(tmp_path, "take", ".mid", b"take")
    assert keep_file(tmp_path, "take", ".mid", b"take") == first
    assert [path.name for path in tmp_path.iterdir()] == ["take.mid"]


def test_a_folder_of_the_name_is_left_too(tmp_path):
    (tmp_path / "take.mid").mkdir()
    assert keep_file(tmp_path, "take", ".mid", b"take").name == "take (2).mid"


@settings(deadline=None, max_examples=50)
@given(contents=st.lists(st.binary(max_size=3), max_size=8))
def test_whatever_is_kept_stays_as_it_was_kept(tmp_path_factory, contents):
    folder = tmp_path_factory.mktemp("takes")
    kept = [(keep_file(folder, "take", ".mid", content), content) for content in contents]
    assert all(path.read_bytes() == content for path, content in kept)
    assert len(list(folder.iterdir())) == len(set(contents))


@pytest.mark.parametrize("name", ["x" * 400, "鼓" * 200, "take.one", "[loud] №1"])
def test_any_name_becomes_a_file(tmp_path, name):
    path = keep_file(tmp_path / "new" / "folder", name, ".mid", b"take")
    assert path.read_bytes() == b"take"
    assert path.suffix == ".mid"
    assert name.startswith(path.stem)


def test_a_place_that_is_no_folder_is_said(tmp_path):
    (tmp_path / "takes").touch()
    with pytest.raises(MidiFileError, match="takes cannot be written"):
        keep_file(tmp_path / "takes", "take", ".mid", b"take")


@settings(deadline=None, max_examples=25)
@given(clip=clips())
def test_a_clip_that_is_kept_can_be_read(tmp_path_factory, clip):
    folder = tmp_path_factory.mktemp("takes")
    path = keep_clip(folder, "take", clip)
    assert read_midi(path) == clip.in_order()
    assert keep_clip(folder, "take", clip) == path
