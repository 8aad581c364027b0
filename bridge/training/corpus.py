"""The Groove MIDI Dataset as arrays, and the two-bar windows of its evaluation protocol.

Data: "Groove MIDI Dataset (https://magenta.tensorflow.org/datasets/groove) by Jon Gillick, Adam
Roberts, Jesse Engel, Douglas Eck and David Bamman, CC BY 4.0; Learning to Groove with Inverse
Sequence Transformations, ICML 2019."
"""

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import mido
import numpy as np
import numpy.typing as npt

from bridge.codecs.drumgrid import PIECES, STEPS
from bridge.codecs.drumgrid import Performance as PerformanceWindows
from bridge.errors import DataMissingError
from bridge.music.drumkit import ROLAND

SPLITS: Final = ("train", "validation", "test")
PROTOCOL_WINDOWS: Final[Mapping[str, int]] = {"train": 17_551, "validation": 2_113, "test": 2_204}
"""Two-bar windows in 4/4; any other count means that the protocol is not the published one."""
PROTOCOL_TEST_HITS: Final = 75_205

BARS_PER_WINDOW: Final = 2
STEPS_PER_BAR: Final = 16
SECONDS_PER_FOUR_BEATS: Final = 240.0

Booleans: TypeAlias = npt.NDArray[np.bool_]
Floats: TypeAlias = npt.NDArray[np.float32]
Doubles: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Drumming:
    """One file of the data set: a drummer playing to a metronome."""

    file: str
    drummer: str
    style: str
    tempo: float
    metre: str
    """As the data set writes it: ``4-4``."""
    split: str
    seconds: float
    """Until the last event of any kind."""
    notes: Doubles
    """(notes, 4): start in seconds, end in seconds, MIDI pitch, velocity 1–127."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Two-bar windows of drumming, hop one bar, with where they come from."""

    played: PerformanceWindows
    tempo: Floats
    """Quarter notes a minute, (windows,)."""
    file: Integers
    """Index of the drumming each window was cut from, (windows,)."""
    first_bar: Integers
    """The bar at which each window begins, (windows,)."""

    def __len__(self) -> int:
        return len(self.tempo)


def find_data(named: Path | None = None) -> Path:
    """The folder of training data: the one named, else that of ``CLIPBRIDGE_DATA``.

    Raises:
        DataMissingError: where none is named, or it holds no Groove MIDI Dataset.
    """
    folder = named or Path(os.environ.get("CLIPBRIDGE_DATA", ""))
    if folder == Path():
        raise DataMissingError(
            "The training data is not named. Download the Groove MIDI Dataset (MIDI only) from"
            " https://magenta.tensorflow.org/datasets/groove, unpack it as DATA/groove and set"
            " the environment variable CLIPBRIDGE_DATA to DATA."
        )
    if not (folder / "groove" / "info.csv").is_file():
        raise DataMissingError(
            f"There is no groove/info.csv in {folder}. Download the Groove MIDI Dataset (MIDI"
            " only) from https://magenta.tensorflow.org/datasets/groove and unpack it there, or"
            " set CLIPBRIDGE_DATA to the folder that holds it."
        )
    return folder


def read_groove(data: Path, cache: Path | None = None) -> tuple[Drumming, ...]:
    """Every file of the data set, in the order of its info.csv.

    Args:
        data: The folder that holds ``groove/``.
        cache: A file to keep what was read; one that is there is read instead of the MIDI files.
    """
    if cache is not None and cache.is_file():
        return _read_cache(cache)
    with (data / "groove" / "info.csv").open(newline="", encoding="utf-8") as table:
        drummings = tuple(_read_row(data / "groove", row) for row in csv.DictReader(table))
    if cache is not None:
        _write_cache(cache, drummings)
    return drummings


def cut_windows(
    drummings: Sequence[Drumming], split: str, *, only_common_time: bool = True
) -> Windows:
    """The two-bar windows of a split, by the algorithm of TFDS ``groove/2bar-midionly``.

    A window keeps the notes that begin and end inside it; a note belongs to the nearest step;
    where two notes of one piece share a step the louder one stands. Files in other metres than 4/4
    are cut by the same clock of four quarter notes, for training only.
    """
    pieces = np.full(128, -1)
    for pitch in range(128):
        piece = ROLAND.piece_of(pitch)
        if piece is not None:
            pieces[pitch] = int(piece)
    cut: list[tuple[Floats, Floats, Floats]] = []
    tempo: list[float] = []
    file: list[int] = []
    first_bar: list[int] = []
    for index, drumming in enumerate(drummings):
        if drumming.split != split or (only_common_time and drumming.metre != "4-4"):
            continue
        bar_seconds = SECONDS_PER_FOUR_BEATS / drumming.tempo
        for bar in range(round(drumming.seconds / bar_seconds) - BARS_PER_WINDOW + 1):
            cut.append(_cut(drumming, bar, bar_seconds, pieces))
            tempo.append(drumming.tempo)
            file.append(index)
            first_bar.append(bar)
    hits, velocity, offset = (np.stack(part) for part in zip(*cut, strict=True))
    return Windows(
        PerformanceWindows(hits, velocity, offset),
        np.array(tempo, np.float32),
        np.array(file, np.int64),
        np.array(first_bar, np.int64),
    )


def _cut(
    drumming: Drumming, bar: int, bar_seconds: float, pieces: Integers
) -> tuple[Floats, Floats, Floats]:
    start, end, pitch, strength = drumming.notes.T
    inside = (start >= bar * bar_seconds) & (end <= (bar + BARS_PER_WINDOW) * bar_seconds)
    position = (start[inside] - bar * bar_seconds) / (bar_seconds / STEPS_PER_BAR)
    step = (position + 0.5).astype(np.int64)
    piece = pieces[pitch[inside].astype(np.int64)]
    velocity = strength[inside] / 127.0
    kept = np.flatnonzero((step < STEPS) & (piece >= 0))
    kept = kept[np.argsort(velocity[kept], kind="stable")]  # the loudest is written last
    cell = (step[kept], piece[kept])
    hits, velocities, offsets = (np.zeros((STEPS, PIECES), np.float32) for _ in range(3))
    hits[cell] = 1.0
    velocities[cell] = velocity[kept]
    offsets[cell] = np.clip(position[kept] - step[kept], -0.5, 0.5)
    return hits, velocities, offsets


def _read_row(folder: Path, row: Mapping[str, str]) -> Drumming:
    notes, seconds = _read_file(folder / row["midi_filename"])
    return Drumming(
        file=row["midi_filename"],
        drummer=row["drummer"],
        style=row["style"],
        tempo=float(row["bpm"]),
        metre=row["time_signature"],
        split=row["split"],
        seconds=seconds,
        notes=notes,
    )


def _read_file(path: Path) -> tuple[Doubles, float]:
    """Notes and length as the pretty_midi package pairs them, which the protocol rests on.

    A note-off ends every open note of its pitch that began earlier, and one at the very tick of
    its note-on drops the note (815 notes of no length); the length counts controllers too.
    """
    file = mido.MidiFile(path)
    tick = 0
    last_tick = 0
    seconds_per_tick = 0.5 / file.ticks_per_beat
    tempo_known = False
    sounding: dict[int, list[tuple[int, int]]] = {}
    notes: list[tuple[float, float, int, int]] = []
    for message in mido.merge_tracks(file.tracks):
        tick += message.time
        if message.type == "set_tempo" and not tempo_known:
            seconds_per_tick = message.tempo / 1e6 / file.ticks_per_beat
            tempo_known = True
        elif message.type in {"control_change", "pitchwheel"}:
            last_tick = max(last_tick, tick)
        elif message.type == "note_on" and message.velocity > 0:
            sounding.setdefault(message.note, []).append((tick, message.velocity))
        elif message.type in {"note_on", "note_off"}:
            started = sounding.pop(message.note, [])
            ended = [note for note in started if note[0] != tick]
            for start, velocity in ended:
                notes.append(
                    (start * seconds_per_tick, tick * seconds_per_tick, message.note, velocity)
                )
                last_tick = max(last_tick, tick)
            if ended and len(ended) < len(started):
                sounding[message.note] = [note for note in started if note[0] == tick]
    return np.array(notes, np.float64).reshape(-1, 4), last_tick * seconds_per_tick


_TEXT_FIELDS: Final = ("file", "drummer", "style", "metre", "split")


def _write_cache(path: Path, drummings: Sequence[Drumming]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, npt.NDArray[np.generic]] = {
        f"of_{name}": np.array([getattr(drumming, name) for drumming in drummings])
        for name in (*_TEXT_FIELDS, "tempo", "seconds")
    }
    arrays["notes"] = np.concatenate([drumming.notes for drumming in drummings])
    arrays["count"] = np.array([len(drumming.notes) for drumming in drummings])
    np.savez_compressed(path, allow_pickle=False, **arrays)


def _read_cache(path: Path) -> tuple[Drumming, ...]:
    with np.load(path, allow_pickle=False) as arrays:
        text = {name: arrays[f"of_{name}"] for name in _TEXT_FIELDS}
        tempo, seconds = arrays["of_tempo"], arrays["of_seconds"]
        notes = np.split(arrays["notes"], np.cumsum(arrays["count"])[:-1])
    return tuple(
        Drumming(
            **{name: str(values[index]) for name, values in text.items()},
            tempo=float(tempo[index]),
            seconds=float(seconds[index]),
            notes=notes[index],
        )
        for index in range(len(tempo))
    )
