"""Lieder, hymns and lead sheets: MIDI files that were made from scores, a track a voice."""

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from bridge.music.clip import DENOMINATORS, ticks_per_bar
from bridge.music.midievents import META, MidiTracks, parse_midi
from bridge.music.midinotes import ReadNote, read_notes, ticks_from_division
from bridge.training.chord_symbols import parse_symbol
from bridge.training.heard_keys import heard_keys, keys_of_signatures
from bridge.training.song import Bars, Chords, Notes, Role, Song, no_chords, sorted_notes

COLLECTIONS: Final = ("lieder", "openhymnal", "openewld_pd")

MOST_OFF_GRID: Final = 0.05
"""Songs with a larger part of measures beside the metre's grid are left out, as their set asks."""

TRACK_NAME: Final = 0x03
MARKER: Final = 0x06
TEMPO: Final = 0x51
METRE: Final = 0x58
SIGNATURE: Final = 0x59

_ROLES: Final = {
    "VOICE": Role.MELODY,
    "MELODY": Role.MELODY,
    "SOPRANO": Role.MELODY,
    "PART1": Role.MELODY,
    "ALTO": Role.INNER,
    "TENOR": Role.INNER,
    "PART2": Role.INNER,
    "BASS": Role.BASS,
    "PART3": Role.BASS,
    "CHORDS": Role.CHORDS,
    "PIANO_RH": Role.RIGHT_HAND,
    "PIANO_LH": Role.LEFT_HAND,
}


def read_collection(
    folder: Path, source: str, *, report: Callable[[float], None]
) -> Iterator[Song]:
    """The songs of a collection that keep to their metre, in the order of its index.

    Args:
        folder: Holds ``index.csv`` and the MIDI files that it names.
        source: The collection's name in ``song_sources``.
        report: Told the part that is read, 0–1.
    """
    with (folder / "index.csv").open(newline="", encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    for done, row in enumerate(rows):
        report((done + 1) / len(rows))
        if int(row["offgrid_measures"]) <= MOST_OFF_GRID * int(row["bars"]):
            title = row.get("title") or row["id"]
            yield read_score(folder / f"{row['id']}.mid", source, title)


def read_score(file: Path, source: str, title: str) -> Song:
    """One MIDI file of a score as a song."""
    midi = parse_midi(file.read_bytes(), file.name)
    names = track_names(midi)
    read = [note for note in read_notes(midi) if role_of(names[note.track]) is not None]
    notes = notes_of_roles(read, [role_of(name) or Role.MELODY for name in names])
    signatures = [
        (tick, int.from_bytes(data[:1], "big", signed=True), data[1] == 1)
        for tick, data in events_of(midi, SIGNATURE)
    ]
    bars = _bars(_metres(midi), int(notes.end.max(initial=1)))
    tempos = [int.from_bytes(data, "big") for _, data in events_of(midi, TEMPO)]
    return Song(
        name=f"{source}/{file.stem}",
        title=title,
        source=source,
        performed=False,
        tempo=60e6 / tempos[0] if tempos else 0.0,
        notes=notes,
        bars=bars,
        keys=keys_of_signatures(notes, signatures) if signatures else heard_keys(notes),
        chords=_chords(midi, int(bars.start[-1])),
    )


def role_of(track: str) -> Role | None:
    """The role of a track by its name; None where there is none."""
    if track.startswith("VOICE") and track != "VOICE":
        return Role.SECOND_MELODY
    return _ROLES.get(track)


def track_names(midi: MidiTracks) -> list[str]:
    """Of each track, empty where it has none."""
    return [
        next(
            (
                event.data[1:].decode("utf-8", errors="replace")
                for event in track.events
                if event.status == META and event.data[0] == TRACK_NAME
            ),
            "",
        )
        for track in midi.tracks
    ]


def events_of(midi: MidiTracks, kind: int) -> list[tuple[int, bytes]]:
    """Tick and content of the meta events of a kind, in time; of several at a tick the last."""
    met = {
        ticks_from_division(event.tick, midi.division): event.data[1:]
        for track in midi.tracks
        for event in track.events
        if event.status == META and event.data[0] == kind
    }
    return sorted(met.items())


def notes_of_roles(read: Sequence[ReadNote], roles: Sequence[Role]) -> Notes:
    """The notes as arrays, each with the role of its track."""
    return sorted_notes(
        Notes(
            start=np.array([note.start for note in read], np.int32),
            duration=np.array([note.duration for note in read], np.int32),
            pitch=np.array([note.pitch for note in read], np.uint8),
            velocity=np.array([note.velocity for note in read], np.uint8),
            role=np.array([roles[note.track] for note in read], np.uint8),
        )
    )


def _metres(midi: MidiTracks) -> list[tuple[int, int, int]]:
    found = [(tick, data[0], 2 ** data[1]) for tick, data in events_of(midi, METRE)]
    usable = [metre for metre in found if metre[1] and metre[2] in DENOMINATORS]
    return usable if usable and usable[0][0] == 0 else [(0, 4, 4), *usable]


def _bars(metres: Sequence[tuple[int, int, int]], end: int) -> Bars:
    """Bars from tick 0 until the music ends; a change of metre begins a bar."""
    lines: list[int] = []
    said: list[tuple[int, int]] = []
    borders = [tick for tick, _, _ in metres[1:]] + [end]
    for (tick, numerator, denominator), border in zip(metres, borders, strict=True):
        length = ticks_per_bar(numerator, denominator)
        here = range(tick, min(border, end), length)
        lines += here
        said += [(numerator, denominator)] * len(here)
    last = lines[-1] + ticks_per_bar(*said[-1])
    numerator_of, denominator_of = np.array(said, np.uint8).T
    return Bars(np.array([*lines, last], np.int32), numerator_of, denominator_of)


def _chords(midi: MidiTracks, end: int) -> Chords:
    marks = [
        (tick, parse_symbol(data.decode("utf-8", errors="replace")))
        for tick, data in events_of(midi, MARKER)
    ]
    borders = [tick for tick, _ in marks[1:]] + [end]
    spans = [
        (tick, border, chord)
        for (tick, chord), border in zip(marks, borders, strict=False)
        if chord is not None and border > tick
    ]
    if not spans:
        return no_chords()
    return Chords(
        start=np.array([tick for tick, _, _ in spans], np.int32),
        end=np.array([border for _, border, _ in spans], np.int32),
        root=np.array([chord.root for _, _, chord in spans], np.uint8),
        pitches=np.array([chord.pitches for _, _, chord in spans], np.uint16),
        bass=np.array([chord.bass for _, _, chord in spans], np.uint8),
    )
