"""What melodies, basses and chords of the test split cost the note model, also by source."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from bridge.codecs.melodysteps import struck
from bridge.tools.note_writing import Writers
from bridge.training.melody_passages import (
    alone,
    border_of,
    passages_of_tunes,
    with_key_heard,
)
from bridge.training.melody_tunes import MelodyWindows, Tune
from bridge.training.metrics import Doubles, Integers, Measure, measure_of_sums
from bridge.training.note_windows import BASS, CHORDS, MELODY, voices_of
from bridge.training.part_nats import Stretch, measure_notes, missing_bars, note_costs, whole
from bridge.training.song import Song
from bridge.training.step_nats import STEP, Passage, step_costs

ALL: Final = "all"
"""Stands where a source does."""
_STEPS, _NOTES, _TOP = 1, 2, 3


@dataclass(frozen=True, slots=True)
class StepRow:
    """What the steps of melodies cost; the intervals stand over tunes in both places."""

    tunes: int
    steps: int
    nats: Measure
    """A step."""
    nats_of_note: Measure
    """All nats over the notes struck."""
    top: Measure
    """Share of steps whose code was the likeliest."""

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Costs:
    """Everything that is priced; each mapping goes by source, ``all`` first."""

    told: dict[str, StepRow]
    """Whole tunes, nothing said."""
    later: dict[str, StepRow]
    """From the ninth bar on, nothing said."""
    later_in_key: dict[str, StepRow]
    """From the ninth bar on, told the key heard in the first eight."""
    windows: dict[str, StepRow]
    """Four bars of sixteen sixteenths from nothing."""
    bass: dict[str, Measure]
    """A note."""
    chords: dict[str, Measure]
    """A note."""
    infill: dict[str, Measure]
    """A note of a missing bar, what is before and after heard."""
    infill_without: dict[str, Measure]
    """The same, what is before heard."""

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def costs_of(
    songs: Sequence[Song],
    tunes: Sequence[Tune],
    windows: MelodyWindows,
    writers: Writers,
    report: Callable[[float], None] = lambda _: None,
) -> Costs:
    """What songs cost.

    Args:
        songs: Of the test split.
        tunes: Their melodies.
        windows: Four bars each of these.
        writers: The note model.
        report: Told the part that is done, 0–1.
    """
    passages = passages_of_tunes(tunes)
    plain = _sums(passages, writers)
    borders = [border_of(tune) for tune in tunes]
    late = [_later(own, border) for own, border in zip(passages, borders, strict=True)]
    report(0.2)
    keyed = [with_key_heard(tune, own) for tune, own in zip(tunes, late, strict=True)]
    later = [_sums(each, writers) for each in (late, keyed)]
    report(0.5)
    sources = np.array([tune.source for tune in tunes])
    from_nothing = _sums([(alone(codes),) for codes in windows.codes], writers)
    report(0.6)
    voices = voices_of(songs, STEP)
    parts = {}
    for part in (BASS, CHORDS):
        own = [voice for voice in voices if voice.part == part]
        stretches = [(number, each) for number, voice in enumerate(own) for each in whole(voice)]
        parts[part] = _notes(stretches, [voice.song.source for voice in own], writers)
        report(0.7 if part == BASS else 0.9)
    melodies = [voice for voice in voices if voice.part == MELODY]
    filled = []
    for ahead in (True, False):
        stretches = [
            (number, each)
            for number, voice in enumerate(melodies)
            for each in missing_bars(voice, ahead=ahead)
        ]
        filled.append(_notes(stretches, [voice.song.source for voice in melodies], writers))
    report(1.0)
    return Costs(
        told=_rows(plain, sources, np.arange(len(tunes))),
        later=_rows(later[0], sources, np.arange(len(tunes))),
        later_in_key=_rows(later[1], sources, np.arange(len(tunes))),
        windows=_rows(from_nothing, sources[windows.tune], windows.tune),
        bass=parts[BASS],
        chords=parts[CHORDS],
        infill=filled[0],
        infill_without=filled[1],
    )


def _later(passages: Sequence[Passage], border: int) -> tuple[Passage, ...]:
    """Of a tune's passages what stands from a step on."""
    found = []
    for passage in passages:
        begin = int(passage.window.voice.bars[passage.window.first_bar]) // STEP
        first = max(passage.first, border - begin)
        if first < len(passage.codes):
            found.append(Passage(passage.window, passage.codes, first, passage.known))
    return tuple(found)


def _sums(passages: Sequence[Sequence[Passage]], writers: Writers) -> Doubles:
    """Nats, steps, notes and steps that were the likeliest, (tunes, 4)."""
    flat = [passage for own in passages for passage in own]
    of = np.repeat(np.arange(len(passages)), [len(own) for own in passages])
    sums = np.zeros((len(passages), 4))
    for number, passage, cost in zip(of.tolist(), flat, step_costs(flat, writers), strict=True):
        notes = struck(passage.codes[passage.first :]).sum()
        sums[number] += (cost.nats.sum(), len(cost.nats), notes, cost.top.sum())
    return sums


def _rows(sums: Doubles, sources: np.ndarray, group: Integers) -> dict[str, StepRow]:
    rows = {}
    heard = sums[:, _STEPS] > 0
    for source in (ALL, *sorted(set(sources.tolist()))):
        chosen = np.flatnonzero(heard & ((sources == source) | (source == ALL)))
        if not len(chosen):
            continue
        own = sums[chosen]

        def share(above: int, below: int, own: Doubles = own, chosen: Integers = chosen) -> Measure:
            pair = own[:, [above, below]]
            return measure_of_sums(pair, group[chosen], lambda totals: float(totals[0] / totals[1]))

        rows[source] = StepRow(
            tunes=len(np.unique(group[chosen])),
            steps=int(own[:, _STEPS].sum()),
            nats=share(0, _STEPS),
            nats_of_note=share(0, _NOTES),
            top=share(_TOP, _STEPS),
        )
    return rows


def _notes(
    stretches: Sequence[tuple[int, Stretch]], sources: Sequence[str], writers: Writers
) -> dict[str, Measure]:
    """Nats a note by source; ``stretches`` come with the numbers of their voices."""
    number = np.array([each for each, _ in stretches], np.int64)
    nats = note_costs([stretch for _, stretch in stretches], writers)
    source_of = np.array([sources[each] for each in number.tolist()])
    found = {}
    for source in (ALL, *sorted(set(source_of.tolist()))):
        chosen = np.flatnonzero((source_of == source) | (source == ALL))
        own = [stretches[each][1] for each in chosen.tolist()]
        if sum(stretch.notes for stretch in own):
            found[source] = measure_notes(own, nats[chosen], number[chosen])
    return found
