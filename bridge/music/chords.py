"""Chords: symbols and Roman numerals as a clip of held notes, and a clip's notes as chords.

So a row of chords that was typed and one that was played mean the same. Pitch classes are bits:
bit 0 is C.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from bridge.errors import BadRequestError
from bridge.music.chordsymbols import ChordName, chord_named
from bridge.music.clip import Clip, Note, require_between, ticks_per_bar
from bridge.music.key import Key
from bridge.music.units import TICKS_PER_BEAT, Ticks

MOST_BARS: Final = 1024
SHORTEST: Final[Ticks] = TICKS_PER_BEAT // 8
"""A 32nd: no chord is shorter, and edges nearer than this are one."""
SAME_AGAIN: Final = "%"
"""Stands for the chord before."""

_BASS_OCTAVE: Final = 36
_CHORD_OCTAVE: Final = 48
_VELOCITY: Final = 90.0

_TEMPLATES: Final = (
    (0, 4, 7),
    (0, 3, 7),
    (0, 4, 7, 10),
    (0, 3, 7, 10),
    (0, 4, 7, 11),
    (0, 3, 6),
    (0, 4, 8),
    (0, 5, 7),
    (0, 2, 7),
    (0, 3, 6, 10),
    (0, 3, 6, 9),
    (0, 4, 7, 9),
    (0, 3, 7, 9),
    (0, 3, 7, 11),
    (0, 5, 7, 10),
    (0, 4, 8, 10),
    (0, 4, 8, 11),
    (0, 7),
)
"""Of chords that explain notes equally well, the one that stands first."""
_MISSING: Final = 1.0
_STRANGE: Final = 0.6
_IN_THE_BASS: Final = 0.8
_BROKEN: Final = 2.5
"""Pitch classes at once, on average, below which a clip has broken chords."""
_PASSING: Final = 1 / 8
"""Of half a bar, as long must a pitch class sound to belong to a broken chord."""


@dataclass(frozen=True, slots=True)
class Chord:
    """What sounds for a while."""

    start: Ticks
    end: Ticks
    """After the start."""
    pitches: int
    """Pitch classes as bits, at least one: bit 0 is C."""
    root: int
    """Pitch class, 0–11."""
    bass: int
    """The lowest note's pitch class, 0–11."""


def read_progression(
    text: str, key: Key | None, bars: int, numerator: int = 4, denominator: int = 4
) -> Clip:
    """A clip of held chords, in root position and closely set, over their bass.

    Chords stand apart by spaces: ``Am F C/E G7``, ``ii7 V7 Imaj7``, ``V7/V``; ``N.C.`` is silence.
    Each has a bar; where bars are divided by ``|``, the chords between two lines share one
    evenly. ``%`` is the chord before. The row goes round until the bars are full.

    Args:
        text: The row.
        key: What Roman numerals count from; C major without it.
        bars: How many, 1–1,024.
        numerator: Of the metre.
        denominator: Of the metre.

    Raises:
        BadRequestError: a word is no chord (the text names it and near ones), or there is none.
    """
    require_between("The number of bars", bars, 1, MOST_BARS)
    length = ticks_per_bar(numerator, denominator)
    row = _bars_of_text(text, key, length // SHORTEST)
    notes = [
        note
        for bar in range(bars)
        for note in _notes_of_bar(row[bar % len(row)], bar * length, length)
    ]
    return Clip(
        tuple(notes), bars * length, numerator=numerator, denominator=denominator, drums=False
    )


def chords_of_clip(clip: Clip) -> tuple[Chord, ...]:
    """The chords of a clip in their order; where nothing sounds there is a gap.

    Edges less than a 32nd apart are one, so a strummed chord is whole. Where mostly one or two
    notes sound at once, the chords are broken, and what sounds in half a bar (in a bar of an odd
    metre) is one.
    """
    notes = [note for note in clip.notes if not note.mute]
    edge = _edges(notes)
    spans = [(edge[note.start], edge[note.end], note.pitch) for note in notes]
    spans = [span for span in spans if span[0] < span[1]]
    edges = sorted({edge for start, end, _ in spans for edge in (start, end)})
    found = _between(edges, spans)
    sounding = sum(chord.end - chord.start for chord in found)
    together = sum((chord.end - chord.start) * chord.pitches.bit_count() for chord in found)
    if together < _BROKEN * sounding:
        bar = clip.ticks_per_bar
        width = bar // 2 if clip.numerator % 2 == 0 else bar
        first, last = edges[0] // width, -(-edges[-1] // width)
        grid = [place * width for place in range(first, last + 1)]
        found = _between(grid, spans, least=round(_PASSING * width))
    return _joined(found)


def root_of(pitches: int, bass: int) -> int:
    """The root that explains pitch classes best, as a triad or a seventh chord.

    Args:
        pitches: As bits, at least one.
        bass: The lowest, which is the root more often than any other.
    """

    def explained(root: int, template: Sequence[int]) -> float:
        wanted = sum(1 << (root + step) % 12 for step in template)
        common = (wanted & pitches).bit_count()
        missing, strange = len(template) - common, (pitches & ~wanted).bit_count()
        return common - _MISSING * missing - _STRANGE * strange + _IN_THE_BASS * (root == bass)

    order = [(root, template) for template in _TEMPLATES for root in _up_from(bass)]
    return max(order, key=lambda candidate: explained(*candidate))[0]


def _up_from(bass: int) -> Iterable[int]:
    return ((bass + step) % 12 for step in range(12))


def _bars_of_text(text: str, key: Key | None, most: int) -> list[list[ChordName | None]]:
    divided = "|" in text
    words = [bar.split() for bar in text.split("|")] if divided else [[w] for w in text.split()]
    row: list[list[ChordName | None]] = []
    before: ChordName | None = None
    for bar in words:
        if len(bar) > most:
            raise BadRequestError(
                f"A bar has {len(bar)} chords; in this metre there is room for {most}."
            )
        chords = []
        for word in bar:
            before = before if word == SAME_AGAIN else chord_named(word, key)
            chords.append(before)
        if chords:
            row.append(chords)
    if not row:
        raise BadRequestError("There is no chord in this row. Write one like: Am F C G")
    return row


def _notes_of_bar(
    chords: Sequence[ChordName | None], start: Ticks, length: Ticks
) -> Iterable[Note]:
    for place, chord in enumerate(chords):
        begin = start + length * place // len(chords)
        end = start + length * (place + 1) // len(chords)
        if chord is not None:
            yield Note(_BASS_OCTAVE + chord.bass, begin, end - begin, _VELOCITY)
            for step in chord.steps:
                yield Note(_CHORD_OCTAVE + chord.root + step, begin, end - begin, _VELOCITY)


def _edges(notes: Sequence[Note]) -> dict[Ticks, Ticks]:
    """For each onset and end the edge that it belongs to: the first onset near it, if there is."""
    onsets = {note.start for note in notes}
    groups: list[list[Ticks]] = []
    for tick in sorted(onsets | {note.end for note in notes}):
        if groups and tick - groups[-1][0] < SHORTEST:
            groups[-1].append(tick)
        else:
            groups.append([tick])
    return {
        tick: next((each for each in group if each in onsets), group[0])
        for group in groups
        for tick in group
    }


def _between(
    edges: Sequence[Ticks], spans: Sequence[tuple[Ticks, Ticks, int]], least: Ticks = 1
) -> list[Chord]:
    """What sounds from each edge to the next, for so long at least."""
    found = []
    waiting = sorted(spans, reverse=True)
    held: list[tuple[Ticks, Ticks, int]] = []
    for start, end in pairwise(edges):
        while waiting and waiting[-1][0] < end:
            held.append(waiting.pop())
        held = [span for span in held if span[1] > start]
        lasting = [0] * 128
        for begin, stop, pitch in held:
            lasting[pitch] += min(stop, end) - max(begin, start)
        by_class = [sum(lasting[pitch_class::12]) for pitch_class in range(12)]
        pitches = sum(1 << each for each, ticks in enumerate(by_class) if ticks >= least)
        if pitches:
            lowest = next(
                key for key, ticks in enumerate(lasting) if ticks and pitches >> key % 12 & 1
            )
            bass = lowest % 12
            found.append(Chord(start, end, pitches, root_of(pitches, bass), bass))
    return found


def _joined(chords: Iterable[Chord]) -> tuple[Chord, ...]:
    """The chords, those that go on as they were made one."""
    row: list[Chord] = []
    for chord in chords:
        last = row[-1] if row else None
        if last and last.end == chord.start and _alike(last, chord):
            row[-1] = Chord(last.start, chord.end, last.pitches, last.root, last.bass)
        else:
            row.append(chord)
    return tuple(row)


def _alike(one: Chord, other: Chord) -> bool:
    return (one.pitches, one.bass) == (other.pitches, other.bass)
