"""POP909: pop songs as they were played on a piano, on the beats and chords that were marked."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.notescore import MODES
from bridge.music.key import MAJOR, MINOR
from bridge.music.midievents import MidiTracks, parse_midi
from bridge.music.midinotes import read_notes
from bridge.music.units import TICKS_PER_BEAT
from bridge.training.chord_symbols import parse_symbol
from bridge.training.heard_keys import heard_keys
from bridge.training.scored_midi import TEMPO, events_of, notes_of_roles, track_names
from bridge.training.song import Bars, Chords, Evidence, Keys, Role, Song, no_chords

_ROLES: Final = {"MELODY": Role.MELODY, "BRIDGE": Role.SECOND_MELODY, "PIANO": Role.PIANO}
_MODES: Final = {"maj": MODES.index(MAJOR), "min": MODES.index(MINOR)}
_DEFAULT_TEMPO: Final = 500_000
_ON_THE_BEAT: Final = 0.05
"""Part of a beat by which a beat or a chord may miss the grid and still stands on it."""

Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def read_pop909(folder: Path, *, report: Callable[[float], None]) -> Iterator[Song]:
    """The songs, in the order of the index; those without a melody are left out.

    Args:
        folder: Holds ``index.csv`` and a folder a song.
        report: Told the part that is read, 0–1.
    """
    with (folder / "index.csv").open(newline="", encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    for done, row in enumerate(rows):
        report((done + 1) / len(rows))
        place = folder / row["song_id"]
        if place.is_dir():
            song = read_song(place, row["name"])
            if np.any(song.notes.role == Role.MELODY):
                yield song


def read_song(folder: Path, title: str) -> Song:
    """One song; its folder's name is that of its MIDI file."""
    midi = parse_midi((folder / f"{folder.name}.mid").read_bytes(), folder.name)
    clock = _Clock.of(midi)
    beats = np.loadtxt(folder / "beat_midi.txt", ndmin=2)
    grid = _Grid.of(clock.ticks(beats[:, 0]), TICKS_PER_BEAT / midi.division)
    names = track_names(midi)
    read = [note for note in read_notes(midi) if names[note.track] in _ROLES]
    notes = notes_of_roles(read, [_ROLES.get(name, Role.PIANO) for name in names])
    start, end = grid.on_beats(notes.start), grid.on_beats(notes.end)
    bars, shift = _bars(beats[:, 2] > 0, int(start.min()), int(end.max()))
    notes = replace(
        notes,
        start=(start + shift).astype(np.int32),
        duration=np.maximum(1, end - start).astype(np.int32),
    )

    def place(seconds: Doubles) -> Integers:
        ticks = grid.on_beats(clock.ticks(seconds))
        nearest = np.rint(ticks / TICKS_PER_BEAT).astype(np.int64) * TICKS_PER_BEAT
        close = np.abs(ticks - nearest) <= _ON_THE_BEAT * TICKS_PER_BEAT
        return np.asarray(np.maximum(0, np.where(close, nearest, ticks) + shift), np.int64)

    return Song(
        name=f"pop909/{folder.name}",
        title=title,
        source="pop909",
        performed=True,
        tempo=60.0 / float(np.median(np.diff(beats[:, 0]))),
        notes=notes,
        bars=bars,
        keys=_keys(folder / "key_audio.txt", place, bars) or heard_keys(notes),
        chords=_chords(folder / "chord_midi.txt", place),
    )


@dataclass(frozen=True, slots=True)
class _Clock:
    """The way from the seconds of a MIDI file to its ticks, through all changes of tempo."""

    seconds: Doubles
    tick: Doubles

    @classmethod
    def of(cls, midi: MidiTracks) -> "_Clock":
        tempos = [(tick, int.from_bytes(data, "big")) for tick, data in events_of(midi, TEMPO)]
        if not tempos or tempos[0][0] > 0:
            tempos.insert(0, (0, _DEFAULT_TEMPO))
        tick = np.array([*(tick for tick, _ in tempos), tempos[-1][0] + TICKS_PER_BEAT], np.float64)
        per_tick = np.array([tempo for _, tempo in tempos]) / 1e6 / TICKS_PER_BEAT
        seconds = np.concatenate([[0.0], np.cumsum(np.diff(tick) * per_tick)])
        return cls(seconds, tick)

    def ticks(self, seconds: Doubles) -> Doubles:
        """Beyond the last change the last tempo goes on; before 0 the first."""
        before = (seconds - self.seconds[0]) * _slope(self.tick, self.seconds, 0)
        after = (seconds - self.seconds[-1]) * _slope(self.tick, self.seconds, -2)
        inside = np.interp(seconds, self.seconds, self.tick)
        return np.where(
            seconds < 0, before, np.where(seconds > self.seconds[-1], self.tick[-1] + after, inside)
        )


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where the marked beats lie in the file's ticks; the n-th becomes tick n · 20,160."""

    beats: Doubles

    @classmethod
    def of(cls, beats: Doubles, unit: float) -> "_Grid":
        """Beats that lie on the quarters of the file (all but two songs) are put there exactly.

        Args:
            beats: In ticks of ours, which the file's seconds give to within a few.
            unit: Ticks of ours in one of the file's.
        """
        first = np.rint(beats[0] / unit) * unit
        exact = first + np.arange(len(beats)) * float(TICKS_PER_BEAT)
        on_grid = np.abs(beats - exact).max() <= _ON_THE_BEAT * TICKS_PER_BEAT
        return cls(exact if on_grid else beats)

    def on_beats(self, ticks: npt.ArrayLike) -> Integers:
        """Ticks from the first beat, in beats of 20,160; outside the beats go on evenly."""
        at = np.asarray(ticks, np.float64)
        number = np.arange(len(self.beats), dtype=np.float64)
        first, last = self.beats[0], self.beats[-1]
        place = np.interp(at, self.beats, number)
        place = np.where(at < first, (at - first) / (self.beats[1] - first), place)
        behind = number[-1] + (at - last) / (last - self.beats[-2])
        return np.asarray(np.rint(np.where(at > last, behind, place) * TICKS_PER_BEAT), np.int64)


def _slope(upper: Doubles, lower: Doubles, index: int) -> float:
    return float((upper[index + 1] - upper[index]) / (lower[index + 1] - lower[index]))


def _bars(down: npt.NDArray[np.bool_], first: int, last: int) -> tuple[Bars, int]:
    """The bars between the downbeats, and the tick at which the first beat then stands.

    Beats before the first downbeat end a bar of the usual length. A stretch of several usual bars
    is that many bars (a downbeat was not marked); any other length is a bar of its own metre.
    """
    downbeats = np.flatnonzero(down)
    lengths = np.diff(downbeats)
    usual = int(np.bincount(lengths).argmax()) if len(lengths) else 4
    pickup = int(downbeats[0]) if len(downbeats) else 0
    early = max(pickup, -(first // TICKS_PER_BEAT) + pickup if first < 0 else pickup)
    front = -(-early // usual)
    counts = [usual] * front
    for length in lengths.tolist():
        counts += [usual] * (length // usual) if length % usual == 0 else [length]
    shift = (front * usual - pickup) * TICKS_PER_BEAT
    missing = last + shift - sum(counts) * TICKS_PER_BEAT
    counts += [usual] * max(0 if counts else 1, -(-missing // (usual * TICKS_PER_BEAT)))
    start = np.concatenate([[0], np.cumsum(counts)]) * TICKS_PER_BEAT
    quarter = np.full(len(counts), 4, np.uint8)
    return Bars(start.astype(np.int32), np.array(counts, np.uint8), quarter), shift


def _chords(file: Path, place: Callable[[Doubles], Integers]) -> Chords:
    rows = [line.split("\t") for line in file.read_text().splitlines() if line.strip()]
    read = [(row, chord) for row in rows if (chord := parse_symbol(row[2].strip())) is not None]
    if not read:
        return no_chords()
    start, end = (place(np.array([float(row[i]) for row, _ in read])) for i in (0, 1))
    chords = Chords(
        start=start.astype(np.int32),
        end=end.astype(np.int32),
        root=np.array([chord.root for _, chord in read], np.uint8),
        pitches=np.array([chord.pitches for _, chord in read], np.uint16),
        bass=np.array([chord.bass for _, chord in read], np.uint8),
    )
    kept = chords.end > chords.start
    return replace(
        chords,
        start=chords.start[kept],
        end=chords.end[kept],
        root=chords.root[kept],
        pitches=chords.pitches[kept],
        bass=chords.bass[kept],
    )


def _keys(file: Path, place: Callable[[Doubles], Integers], bars: Bars) -> Keys | None:
    """The marked keys; their times are those of the recording, so changes move to a bar line."""
    rows = [line.split("\t") for line in file.read_text().splitlines() if line.strip()]
    if not rows:
        return None
    names = [row[2].strip().split(":") for row in rows]
    ticks = place(np.array([float(row[0]) for row in rows]))
    lines = bars.start[:-1]
    start = lines[np.abs(lines[None, :] - ticks[:, None]).argmin(axis=1)]
    start[0] = 0
    kept = np.append(np.diff(start) > 0, True)
    roots = [parse_symbol(name) for name, _ in names]
    return Keys(
        start=np.where(np.cumsum(kept) <= kept[0], 0, start).astype(np.int32)[kept],
        root=np.array([root.root if root else 0 for root in roots], np.uint8)[kept],
        mode=np.array([_MODES[mode] for _, mode in names], np.uint8)[kept],
        evidence=np.full(int(kept.sum()), Evidence.GIVEN, np.uint8),
    )
