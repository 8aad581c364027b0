"""All songs in one file: a compressed .npz of plain arrays, which can travel to another machine."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.errors import DataMissingError
from bridge.training.song import Bars, Chords, Keys, Notes, Song

SONGS: Final = Path(".cache/songs.npz")
FORMAT: Final = 1
"""Another number means that the file is of another version of this module."""

_TEXTS: Final = ("name", "title", "source", "split")
_NUMBERS: Final = (("performed", np.bool_), ("tempo", np.float64), ("family", np.int32))
_PARTS: Final = {
    "notes": (Notes, ("start", "duration", "pitch", "velocity", "role")),
    "bars": (Bars, ("start", "numerator", "denominator")),
    "keys": (Keys, ("start", "root", "mode", "evidence")),
    "chords": (Chords, ("start", "end", "root", "pitches", "bass")),
}


def write_songs(file: Path, songs: Sequence[Song]) -> None:
    """Write the songs; what was there is replaced once all is written."""
    arrays: dict[str, npt.NDArray[np.generic]] = {"format": np.array(FORMAT)}
    for name in _TEXTS:
        arrays[name] = np.array([getattr(song, name) for song in songs], np.str_)
    for name, kind in _NUMBERS:
        arrays[name] = np.array([getattr(song, name) for song in songs], kind)
    for part, (_, fields) in _PARTS.items():
        for field in fields:
            values = [getattr(getattr(song, part), field) for song in songs]
            arrays[f"{part}_{field}_count"] = np.array([len(value) for value in values], np.int32)
            if field in {"start", "end"}:  # Steps pack better than times.
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
    notes, bars, keys, chords = (_parts(arrays, part) for part in _PARTS)
    return tuple(
        Song(
            name=texts["name"][index],
            title=texts["title"][index],
            source=texts["source"][index],
            split=texts["split"][index],
            performed=numbers["performed"][index],
            tempo=numbers["tempo"][index],
            family=numbers["family"][index],
            notes=Notes(*notes[index]),
            bars=Bars(*bars[index]),
            keys=Keys(*keys[index]),
            chords=Chords(*chords[index]),
        )
        for index in range(len(texts["name"]))
    )


def _parts(
    arrays: dict[str, npt.NDArray[np.generic]], part: str
) -> list[tuple[npt.NDArray[np.generic], ...]]:
    """For each song, the arrays of one part in the order of its fields."""
    columns = []
    for field in _PARTS[part][1]:
        cuts = np.cumsum(arrays[f"{part}_{field}_count"])[:-1]
        values = np.split(arrays[f"{part}_{field}"], cuts)
        if field in {"start", "end"}:
            values = [np.cumsum(value, dtype=np.int32) for value in values]
        columns.append(values)
    return list(zip(*columns, strict=True))
