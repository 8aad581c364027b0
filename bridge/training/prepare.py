"""The cache step: every song that may be learned from, read once, into one file."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from bridge.errors import DataMissingError
from bridge.training.families import in_families, without_duplicates
from bridge.training.pop909 import read_pop909
from bridge.training.scored_midi import COLLECTIONS, read_collection
from bridge.training.song import Song
from bridge.training.song_cache import SONGS, write_songs
from bridge.training.tunebooks import BOOKS, read_tunebooks

TUNES: Final = Path(".cache/tunes")
"""Where the readings of the tune books are noted."""

_PARTS: Final = {"pop909": 0.15, "lieder": 0.15, "openhymnal": 0.02, "openewld_pd": 0.02}
"""How much of the whole work each source is, about; the tune books are the rest."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What came of it."""

    songs: tuple[Song, ...]
    dropped: tuple[tuple[str, str], ...]
    """Each duplicate, and the song that stays for it."""
    file: Path

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        splits = Counter((song.source, song.split) for song in self.songs)
        return {
            "file": str(self.file),
            "bytes": self.file.stat().st_size,
            "dropped": len(self.dropped),
            "songs": {f"{source} {split}": count for (source, split), count in splits.items()},
        }


def find_songs(named: Path | None) -> Path:
    """The folder of song collections: the one named, else that of ``CLIPBRIDGE_DATA``.

    Raises:
        DataMissingError: where none is named, or a collection is not in it.
    """
    folder = named or Path(os.environ.get("CLIPBRIDGE_DATA", ""))
    missing = [
        name for name in ("pop909", *COLLECTIONS) if not (folder / name / "index.csv").is_file()
    ]
    if folder == Path() or missing:
        raise DataMissingError(
            f"The songs to learn from are not all there: {', '.join(missing)} must each be a folder"
            " with an index.csv in the folder that CLIPBRIDGE_DATA or --data names."
        )
    return folder


def prepare(
    data: Path,
    file: Path = SONGS,
    books: Mapping[str, str] = BOOKS,
    *,
    report: Callable[[float], None],
) -> Prepared:
    """Read every source, drop what stands twice, find families and splits, and write the file.

    Args:
        data: The folder of the collections.
        file: What to write.
        books: The folder in music21's corpus of each tune book.
        report: Told the part that is done, 0–1.
    """
    read = [song for song in _all_songs(data, books, report) if len(song.notes)]
    kept, dropped = without_duplicates(read)
    songs = in_families(kept)
    write_songs(file, songs)
    return Prepared(tuple(songs), tuple(dropped), file)


def _all_songs(
    data: Path, books: Mapping[str, str], report: Callable[[float], None]
) -> Iterator[Song]:
    done = 0.0
    readings: list[Iterable[Song]] = []
    for source, part in _PARTS.items():
        advance = _within(report, done, part)
        if source == "pop909":
            readings.append(read_pop909(data / source, report=advance))
        else:
            readings.append(read_collection(data / source, source, report=advance))
        done += part
    readings.append(read_tunebooks(TUNES, books, report=_within(report, done, 1.0 - done)))
    return chain.from_iterable(readings)


def _within(report: Callable[[float], None], done: float, part: float) -> Callable[[float], None]:
    return lambda own: report(done + part * own)
