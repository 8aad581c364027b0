"""All songs in one file: a compressed .npz of plain arrays, which can travel to another machine."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from bridge.errors import DataMissingError
from bridge.training.song import Bars, Chords, Keys, Notes, Song

SONGS: Final = Path(".cache/songs.npz")
FORMAT: Final = 1
"""Another number means that the file is of another version of this module."""

_Kind = TypeVar("_Kind", bound=np.generic)

_TIMES: Final = ("_start", "_end")
"""Of these arrays the steps are stored."""
_TEXTS: Final = ("name", "title", "source", "split")
_NUMBERS: Final = (("performed", np.bool_), ("tempo", np.float64), ("family", np.int32))
_PARTS: Final = {
    "notes": ("start", "duration", "pitch", "velocity", "role"),
    "bars": ("start", "numerator", "denominator"),
    "keys": ("start", "root", "mode", "evidence"),
    "chords": ("start", "end", "root", "pitches", "bass"),
}


def write_songs(file: Path, songs: Sequence[Song]) -> None:
    """Write the songs; what was there is replaced once all is written."""
    arrays: dict[str, npt.NDArray[np.generic]] = {"format": np.array(FORMAT)}
    for name in _TEXTS:
        arrays[name] = np.array([getattr(song, name) for song in songs], np.str_)
    for name, kind in _NUMBERS:
        arrays[name] = np.array([getattr(song, name) for song in songs], kind)
    for part, fields in _PARTS.items():
        for field in fields:
            values = [getattr(getattr(song, part), field) for song in songs]
            arrays[f"{part}_{field}_count"] = np.array([len(value) for value in values], np.int32)
            if f"{part}_{field}".endswith(_TIMES):  # Steps pack better than times.
                values = [np.diff(value, prepend=value.dtype.type(0)) for value in values]
            arrays[f"{part}_{field}"] = np.concatenate(values)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".part.npz")
    np.savez_compressed(draft, allow_pickle=False, **arrays)
    draft.replace(file)


def read_songs(file: Path = SONGS) -> tuple[Song, ...]:
    """The songs of a file that ``clipbridge train prepare`` wrote.

    Raises:
        DataMissingError: it is not there, or of another version.
    """
    if not file.is_file():
        raise DataMissingError(f"There is no {file}. Make it with: clipbridge train prepare")
    with np.load(file, allow_pickle=False) as stored:
        if "format" not in stored or int(stored["format"]) != FORMAT:
            raise DataMissingError(
                f"{file} is of another version. Make it again with: clipbridge train prepare"
            )
        arrays = {name: stored[name] for name in stored.files}
    texts = {name: arrays[name].tolist() for name in _TEXTS}
    numbers = {name: arrays[name].tolist() for name, _ in _NUMBERS}
    parts = (_notes(arrays), _bars(arrays), _keys(arrays), _chords(arrays))
    return tuple(
        Song(
            name=texts["name"][index],
            title=texts["title"][index],
            source=texts["source"][index],
            split=texts["split"][index],
            performed=numbers["performed"][index],
            tempo=numbers["tempo"][index],
            family=numbers["family"][index],
            notes=notes,
            bars=bars,
            keys=keys,
            chords=chords,
        )
        for index, (notes, bars, keys, chords) in enumerate(zip(*parts, strict=True))
    )


_Stored = Mapping[str, npt.NDArray[np.generic]]


def _notes(arrays: _Stored) -> Iterator[Notes]:
    times = (_ragged(arrays, f"notes_{field}", np.int32) for field in ("start", "duration"))
    rest = (_ragged(arrays, f"notes_{name}", np.uint8) for name in ("pitch", "velocity", "role"))
    return map(Notes, *times, *rest)


def _bars(arrays: _Stored) -> Iterator[Bars]:
    metre = (_ragged(arrays, f"bars_{name}", np.uint8) for name in ("numerator", "denominator"))
    return map(Bars, _ragged(arrays, "bars_start", np.int32), *metre)


def _keys(arrays: _Stored) -> Iterator[Keys]:
    rest = (_ragged(arrays, f"keys_{name}", np.uint8) for name in ("root", "mode", "evidence"))
    return map(Keys, _ragged(arrays, "keys_start", np.int32), *rest)


def _chords(arrays: _Stored) -> Iterator[Chords]:
    return map(
        Chords,
        _ragged(arrays, "chords_start", np.int32),
        _ragged(arrays, "chords_end", np.int32),
        _ragged(arrays, "chords_root", np.uint8),
        _ragged(arrays, "chords_pitches", np.uint16),
        _ragged(arrays, "chords_bass", np.uint8),
    )


def _ragged(arrays: _Stored, name: str, kind: type[_Kind]) -> list[npt.NDArray[_Kind]]:
    """The array of each song."""
    values = np.split(arrays[name].astype(kind), np.cumsum(arrays[f"{name}_count"])[:-1])
    if name.endswith(_TIMES):
        return [np.asarray(np.cumsum(value), kind) for value in values]
    return values
