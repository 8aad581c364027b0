"""The fingerprint that ships with a model of notes: what it must not copy.

``python -m bridge.training.shipped_fingerprint exported_models/notes`` puts it into a model's
folder beside the graph; a training does so with :func:`fingerprint_file` and ``Export.extras``.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from bridge.codecs.originality import FINGERPRINT
from bridge.training.export import add_extras
from bridge.training.fingerprints import shortest_fingerprint
from bridge.training.song import Song
from bridge.training.song_cache import read_songs


def fingerprint_file(songs: Sequence[Song]) -> dict[str, bytes]:
    """The fingerprint of the training split by its file's name.

    Its runs are as long as it takes that few melodies of the validation split look copied.
    """
    learnt = [song for song in songs if song.split == "train"]
    unseen = [song for song in songs if song.split == "validation"]
    fingerprint, _ = shortest_fingerprint(learnt, unseen)
    return {FINGERPRINT: fingerprint.as_bytes()}


def main() -> None:
    """Put the fingerprint into the folders that are named."""
    files = fingerprint_file(read_songs())
    for folder in sys.argv[1:]:
        manifest = add_extras(Path(folder), files)
        sys.stdout.write(f"{manifest.name}: {len(files[FINGERPRINT]) / 1e6:.2f} MB\n")


if __name__ == "__main__":
    main()
