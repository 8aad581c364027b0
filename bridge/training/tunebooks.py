"""Three old books of fiddle tunes, from the corpus that the music21 package brings along.

The books are of 1778–1801, 1883 and 1903; volunteers typed them in ABC. music21 parses a tune in a
fifth of a second, so what it reads is noted file by file, and a reading that was stopped goes on.
Repeats are not played out, and grace notes are dropped, as in the other scores.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

import music21
import numpy as np
from music21.abcFormat import ABCFile
from music21.abcFormat.translate import abcToStreamScore

from bridge.codecs.notescore import MODES
from bridge.music.clip import DENOMINATORS, ticks_per_bar
from bridge.music.units import TICKS_PER_BEAT
from bridge.training.heard_keys import heard_keys
from bridge.training.song import (
    WRITTEN_VELOCITY,
    Bars,
    Evidence,
    Keys,
    Notes,
    Role,
    Song,
    no_chords,
    sorted_notes,
)

BOOKS: Final[Mapping[str, str]] = MappingProxyType(
    {"oneill": "oneills1850", "ryan": "ryansMammoth", "aird": "airdsAirs"}
)
"""The folder of music21's corpus that holds each source."""

_COMMON_TIME: Final = (4, 4)

_ReadNote: TypeAlias = tuple[int, int, int, int, bool]


@dataclass(frozen=True, slots=True)
class ReadTune:
    """A tune as music21 reads it, times in ticks, before anything is put right."""

    name: str
    title: str
    tempo: float
    notes: tuple[_ReadNote, ...]
    """Onset, duration, pitch, part, and whether it is tied to the note before."""
    measures: tuple[int, ...]
    """Their onsets, in the first part."""
    metres: tuple[tuple[int, int, int], ...]
    """Onset, numerator, denominator."""
    keys: tuple[tuple[int, int, str], ...]
    """Onset, pitch class of the root, and mode in music21's words."""


def read_tunebooks(
    noted: Path, books: Mapping[str, str] = BOOKS, *, report: Callable[[float], None]
) -> Iterator[Song]:
    """Every tune of the books that has notes.

    Args:
        noted: A folder in which what was read is noted; it may hold an earlier reading.
        books: The folder in music21's corpus of each source.
        report: Told the part of the files that is read, 0–1.
    """
    files = [(source, file) for source, folder in books.items() for file in book_files(folder)]
    notebooks = {source: Notebook(noted / f"{source}.jsonl") for source in books}
    for done, (source, file) in enumerate(files):
        tunes = notebooks[source].tunes_of(file)
        report((done + 1) / len(files))
        for tune in tunes:
            if tune.notes:
                yield song_of_tune(tune, source)


def book_files(folder: str) -> list[Path]:
    """The files of one folder of music21's corpus, by name."""
    return sorted((Path(music21.__file__).parent / "corpus" / folder).glob("*.abc"))


class Notebook:
    """What was read of a book, a line a file; a line that was cut off counts as not written."""

    def __init__(self, path: Path) -> None:
        """Open the notebook; it need not be there yet."""
        self._path = path
        self._known: dict[str, tuple[ReadTune, ...]] = {}
        if path.is_file():
            read = map(_tunes_of, path.read_text(encoding="utf-8").splitlines())
            self._known = dict(filter(None, read))

    def tunes_of(self, file: Path) -> tuple[ReadTune, ...]:
        """The tunes of a file, read now if they were not before."""
        if file.name not in self._known:
            tunes = read_abc(file)
            self._known[file.name] = tunes
            self._path.parent.mkdir(parents=True, exist_ok=True)
            noted = {
                "version": music21.__version__,
                "file": file.name,
                "tunes": [asdict(tune) for tune in tunes],
            }
            with self._path.open("a", encoding="utf-8") as book:
                book.write(f"\n{json.dumps(noted)}")
        return self._known[file.name]


def read_abc(file: Path) -> tuple[ReadTune, ...]:
    """The tunes of an ABC file, each named by its number in it."""
    data = file.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    tunes = ABCFile().readstr(text).splitByReferenceNumber()
    return tuple(
        _read_tune(abcToStreamScore(tunes[number]), f"{file.stem}-{number}")
        for number in sorted(tunes)
    )


def _read_tune(score: music21.stream.Score, name: str) -> ReadTune:
    first = score.parts[0]
    tempos = [mark.getQuarterBPM() for _, mark in _things(first, music21.tempo.MetronomeMark)]
    metadata = score.metadata
    return ReadTune(
        name=name,
        title=str(metadata.title or "") if metadata else "",
        tempo=float(next(filter(None, tempos), 0.0)),
        notes=tuple(
            note for number, part in enumerate(score.parts) for note in _read_notes(part, number)
        ),
        measures=tuple(
            _ticks(Fraction(measure.offset))
            for measure in first.getElementsByClass(music21.stream.Measure)
        ),
        metres=tuple(
            (start, metre.numerator, metre.denominator)
            for start, metre in _things(first, music21.meter.TimeSignature)
        ),
        keys=tuple(
            (start, key.tonic.pitchClass, str(key.mode))
            for start, key in _things(first, music21.key.Key)
        ),
    )


def _read_notes(part: music21.stream.Part, number: int) -> Iterator[_ReadNote]:
    for start, sound in _things(part, music21.note.NotRest):
        length = _ticks(Fraction(sound.quarterLength))
        tied = sound.tie is not None and sound.tie.type in {"stop", "continue"}
        if length > 0:
            for pitch in sound.pitches:
                yield start, length, pitch.midi, number, tied


def _things(
    part: music21.stream.Part, kind: type[music21.base.Music21Object]
) -> Iterator[tuple[int, music21.base.Music21Object]]:
    """Everything of a kind in a part, with its tick, in the order of the score."""
    for measure in part.getElementsByClass(music21.stream.Measure):
        for thing in measure.recurse().getElementsByClass(kind):
            place = Fraction(measure.offset) + Fraction(thing.getOffsetInHierarchy(measure))
            yield _ticks(place), thing


def song_of_tune(tune: ReadTune, source: str) -> Song:
    """The tune as a song.

    Ties are joined, the pickup's bar is filled up, and bars that a repeat cuts in two are made one.
    """
    joined = _without_ties(tune.notes)
    start, duration, pitch, part = np.array(joined, np.int64).T
    bars, shift = _bars(_edges(tune, int((start + duration).max())), tune.metres)
    top = np.array([_is_top(note, joined) for note in joined])
    notes = sorted_notes(
        Notes(
            start=(start + shift).astype(np.int32),
            duration=duration.astype(np.int32),
            pitch=pitch.astype(np.uint8),
            velocity=np.full(len(start), WRITTEN_VELOCITY, np.uint8),
            role=np.where(
                part > 0, Role.SECOND_MELODY, np.where(top, Role.MELODY, Role.INNER)
            ).astype(np.uint8),
        )
    )
    return Song(
        name=f"{source}/{tune.name}",
        title=tune.title,
        source=source,
        performed=False,
        tempo=tune.tempo,
        notes=notes,
        bars=bars,
        keys=_keys(tune.keys, shift) or heard_keys(notes),
        chords=no_chords(),
    )


def _edges(tune: ReadTune, end: int) -> list[int]:
    """The bar lines from the first to the end; where none were read, those of the metre."""
    lines = sorted({line for line in tune.measures if line < end})
    return [*(lines or range(0, end, ticks_per_bar(*_metre_at(0, tune.metres)))), end]


def _without_ties(
    notes: Sequence[_ReadNote],
) -> list[tuple[int, int, int, int]]:
    """Onset, duration, pitch, part; a note tied to one that ends where it begins lengthens it."""
    joined: list[list[int]] = []
    open_notes: dict[tuple[int, int, int], list[int]] = {}
    for start, duration, pitch, part, tied in sorted(notes):
        before = open_notes.pop((start, pitch, part), None) if tied else None
        if before is None:
            before = [start, 0, pitch, part]
            joined.append(before)
        before[1] += duration
        open_notes[(start + duration, pitch, part)] = before
    return [(start, duration, pitch, part) for start, duration, pitch, part in joined]


def _is_top(note: tuple[int, int, int, int], notes: Sequence[tuple[int, int, int, int]]) -> bool:
    return not any(
        other[0] == note[0] and other[3] == note[3] and other[2] > note[2] for other in notes
    )


def _bars(edges: Sequence[int], metres: Sequence[tuple[int, int, int]]) -> tuple[Bars, int]:
    """The bars between these bar lines, and how far the notes move to fill up a pickup's bar."""
    lines = [edges[0]]
    said = [_metre_at(edges[0], metres)]
    open_length = 0
    for begin, end in pairwise(edges):
        metre = _metre_at(begin, metres)
        full = ticks_per_bar(*metre)
        if open_length and open_length + end - begin == full:
            lines[-1] = end
            open_length = 0
            continue
        if begin > edges[0]:
            said.append(metre)
        lines.append(end)
        first = begin == edges[0]
        open_length = end - begin if end - begin < full and not first else 0
    shift = max(0, ticks_per_bar(*said[0]) - (lines[1] - lines[0])) if len(lines) > 1 else 0
    start = np.array(lines, np.int64) - edges[0]
    start[1:] += shift
    numerator, denominator = np.array(said[: len(lines) - 1], np.uint8).reshape(-1, 2).T
    return Bars(start.astype(np.int32), numerator, denominator), shift - edges[0]


def _metre_at(tick: int, metres: Sequence[tuple[int, int, int]]) -> tuple[int, int]:
    usable = [metre for metre in metres if metre[1] and metre[2] in DENOMINATORS]
    before = [metre for metre in usable if metre[0] <= tick] or usable[:1]
    return before[-1][1:] if before else _COMMON_TIME


def _keys(keys: Sequence[tuple[int, int, str]], shift: int) -> Keys | None:
    """The keys that the tune names, or None where it names none that Live has."""
    known = {mode.casefold(): number for number, mode in enumerate(MODES)}
    named = [(start, root, known[mode]) for start, root, mode in keys if mode in known]
    changes = [
        key for key, before in zip(named, [None, *named], strict=False)
        if before is None or key[1:] != before[1:]
    ]  # fmt: skip
    if not changes:
        return None
    start, root, mode = np.array(changes, np.int64).T
    return Keys(
        start=np.maximum(0, np.where(np.arange(len(start)) == 0, 0, start + shift)).astype(
            np.int32
        ),
        root=root.astype(np.uint8),
        mode=mode.astype(np.uint8),
        evidence=np.full(len(start), Evidence.GIVEN, np.uint8),
    )


def _ticks(quarters: Fraction) -> int:
    return round(quarters * TICKS_PER_BEAT)


def _tunes_of(line: str) -> tuple[str, tuple[ReadTune, ...]] | None:
    """The file and its tunes of a line of a notebook; None of one that is cut or out of date."""
    try:
        noted = json.loads(line)
    except json.JSONDecodeError:
        return None
    if noted["version"] != music21.__version__:
        return None
    tunes = tuple(
        ReadTune(
            name=tune["name"],
            title=tune["title"],
            tempo=tune["tempo"],
            notes=tuple(map(tuple, tune["notes"])),
            measures=tuple(tune["measures"]),
            metres=tuple(map(tuple, tune["metres"])),
            keys=tuple(map(tuple, tune["keys"])),
        )
        for tune in noted["tunes"]
    )
    return noted["file"], tunes
