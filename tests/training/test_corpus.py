"""The Groove MIDI Dataset as the published protocol wants it."""

import numpy as np
import pytest

from bridge.errors import DataMissingError
from bridge.training.corpus import (
    PROTOCOL_TEST_HITS,
    PROTOCOL_WINDOWS,
    SPLITS,
    cut_windows,
    find_data,
    read_groove,
)

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def drummings(tmp_path_factory):
    try:
        data = find_data()
    except DataMissingError as error:
        pytest.skip(str(error))
    cache = tmp_path_factory.mktemp("cache") / "groove.npz"
    read = read_groove(data, cache)
    again = read_groove(data, cache)
    assert [part.file for part in read] == [part.file for part in again]
    assert all(np.array_equal(a.notes, b.notes) for a, b in zip(read, again, strict=True))
    return read


def test_the_windows_are_those_of_the_protocol(drummings):
    windows = {split: cut_windows(drummings, split) for split in SPLITS}
    assert {split: len(cut) for split, cut in windows.items()} == dict(PROTOCOL_WINDOWS)
    assert int(windows["test"].played.hits.sum()) == PROTOCOL_TEST_HITS


def test_the_quantised_baseline_is_the_published_one(drummings):
    test = cut_windows(drummings, "test")
    hit = test.played.hits > 0
    step_ms = np.broadcast_to((15_000.0 / test.tempo)[:, None, None], hit.shape)
    late = np.abs(test.played.offset)
    assert (late * step_ms)[hit].mean() == pytest.approx(22.6, abs=0.02)
    assert (late[hit] ** 2).mean() == pytest.approx(0.0415, abs=0.0001)


def test_no_file_stands_in_two_splits(drummings):
    files = {split: set(cut_windows(drummings, split).file.tolist()) for split in SPLITS}
    assert not files["train"] & files["test"]
    assert not files["train"] & files["validation"]
    assert not files["validation"] & files["test"]


def test_missing_data_is_said_with_its_cure(monkeypatch, tmp_path):
    monkeypatch.delenv("CLIPBRIDGE_DATA", raising=False)
    with pytest.raises(DataMissingError, match="magenta"):
        find_data()
    monkeypatch.setenv("CLIPBRIDGE_DATA", str(tmp_path))
    with pytest.raises(DataMissingError, match=r"info\.csv"):
        find_data()
