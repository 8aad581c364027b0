"""The fingerprint goes into a model's folder, and comes out of the loaded model."""

from dataclasses import replace

import pytest

pytest.importorskip("torch")

from bridge.codecs.originality import FINGERPRINT, Fingerprint
from bridge.engine.catalog import Catalog
from bridge.errors import ExportError, ModelMissingError
from bridge.music.clip import Note
from bridge.music.units import TICKS_PER_BEAT
from bridge.training.export import MOST_BYTES, add_extras
from bridge.training.shipped_fingerprint import fingerprint_file
from tests.tiny_models import write_tiny_model
from tests.training.song_examples import TUNE, song

pytestmark = pytest.mark.training


def test_a_model_brings_the_fingerprint_of_what_it_learnt_from(tmp_path):
    other = song(tuple(reversed(TUNE)), name="aird/two")
    learnt = replace(song(), split="train", family=0)
    files = fingerprint_file([learnt, replace(other, split="validation", family=1)])
    folder = write_tiny_model(tmp_path)
    manifest = add_extras(folder / "groove", files)
    assert list(manifest.extras) == [FINGERPRINT]
    shipped = Catalog((folder,), provider="cpu").load("groove").extra(FINGERPRINT)
    fingerprint = Fingerprint.from_bytes(shipped)
    beat = TICKS_PER_BEAT
    copy = [Note(pitch + 5, index * beat, beat) for index, pitch in enumerate(TUNE)]
    own = [Note(pitch, index * beat, beat) for index, pitch in enumerate(reversed(TUNE))]
    assert fingerprint.copied(copy) > 0
    assert fingerprint.copied(own) == 0


def test_nothing_is_put_where_no_model_is_and_nothing_that_is_too_large(tmp_path):
    with pytest.raises(ModelMissingError, match="no model"):
        add_extras(tmp_path, {FINGERPRINT: b""})
    folder = write_tiny_model(tmp_path) / "groove"
    with pytest.raises(ExportError, match="more than 16"):
        add_extras(folder, {FINGERPRINT: bytes(MOST_BYTES + 1)})
    assert not (folder / FINGERPRINT).exists()
