"""What the songs are like, in the numbers that a builder of models asks for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.melodysteps import codes_of_times
from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH
from bridge.training.melody_features import copies_from
from bridge.training.song import Notes, Role, Song, melody_line

GRIDS: Final = (16, 12, 24)
"""Notes of a whole note: sixteenths, triplet eighths, triplet sixteenths."""
NEAR: Final = TICKS_PER_BEAT // 96
"""How far from a grid a note still stands on it: a 24th of a sixteenth's sixth, 5 ms at 120."""
BARS_BACK: Final = (1, 2, 4)


@dataclass(frozen=True, slots=True)
class SongFacts:
    """Of some songs together."""

    songs: int
    notes: int
    melody_notes: int
    bars: int
    irregular_bars: float
    """The share of bars that are shorter or longer than their metre."""
    metres: dict[str, float]
    """The share of bars in each metre, the five commonest."""
    polyphony: float
    """Notes that begin at one tick, on average over the onsets of all voices."""
    melody_onsets: dict[str, float]
    """The share of melody notes that begin on each grid."""
    melody_lengths: dict[str, float]
    """The share of melody notes whose length is a multiple of each grid."""
    notes_a_bar: float
    """Of the melody."""
    lowest: int
    """Key that 1 % of the melody notes lie below."""
    highest: int
    """Key that 1 % lie above."""
    copies: dict[str, float]
    """The share of melody sixteenths that are as one, two, four bars before."""
    keys_given: float
    """The share of songs whose key the source says."""
    major: float
    """The share of songs that begin in a major key."""

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def song_facts(songs: Sequence[Song]) -> SongFacts:
    """The facts of these songs, at least one, with a melody each."""
    melodies = [melody_line(song.notes) for song in songs]
    start, duration, pitch = (
        np.concatenate([getattr(melody, name) for melody in melodies])
        for name in ("start", "duration", "pitch")
    )
    bars = sum(len(song.bars) for song in songs)
    metres: Counter[str] = Counter()
    for song in songs:
        pairs = zip(song.bars.numerator.tolist(), song.bars.denominator.tolist(), strict=True)
        metres.update(f"{numerator}/{denominator}" for numerator, denominator in pairs)
    onsets = sum(len(np.unique(song.notes.start)) for song in songs)
    everything = sum(len(song.notes) for song in songs)
    return SongFacts(
        songs=len(songs),
        notes=everything,
        melody_notes=len(start),
        bars=bars,
        irregular_bars=1.0 - sum(int(song.bars.regular.sum()) for song in songs) / bars,
        metres={metre: count / bars for metre, count in metres.most_common(5)},
        polyphony=everything / onsets,
        melody_onsets={str(grid): _on(start, grid) for grid in GRIDS},
        melody_lengths={str(grid): _on(duration, grid) for grid in GRIDS},
        notes_a_bar=len(start) / bars,
        lowest=int(np.percentile(pitch, 1)),
        highest=int(np.percentile(pitch, 99)),
        copies=_copies(songs, melodies),
        keys_given=float(np.mean([song.keys.evidence[0] == 0 for song in songs])),
        major=float(np.mean([song.keys.mode[0] in _MAJOR_MODES for song in songs])),
    )


def facts_table(songs: Sequence[Song]) -> str:
    """The facts of each source and of each split, in Markdown."""
    sources = list(dict.fromkeys(song.source for song in songs))
    groups = {source: [song for song in songs if song.source == source] for source in sources}
    groups["all"] = list(songs)
    groups |= {
        split: [song for song in songs if song.split == split]
        for split in ("train", "validation", "test")
    }
    lines = [_HEADINGS, "|---" * (_HEADINGS.count("|") - 1) + "|"]
    for name, members in groups.items():
        if not members:
            continue
        facts = song_facts(members)
        metres = ", ".join(f"{metre} {share:.0%}" for metre, share in facts.metres.items())
        grids = " / ".join(f"{share:.1%}" for share in facts.melody_onsets.values())
        lengths = " / ".join(f"{share:.1%}" for share in facts.melody_lengths.values())
        copies = " / ".join(f"{share:.3f}" for share in facts.copies.values())
        lines.append(
            f"| {name} | {facts.songs:,} | {facts.bars:,} | {facts.irregular_bars:.1%} |"
            f" {facts.notes:,} |"
            f" {facts.melody_notes:,} | {facts.notes_a_bar:.1f} | {facts.polyphony:.2f} |"
            f" {metres} | {grids} | {lengths} | {copies} | {facts.lowest}–{facts.highest} |"
            f" {facts.keys_given:.0%} | {facts.major:.0%} |"
        )
    return "\n".join(lines)


_HEADINGS: Final = (
    "| songs of | songs | bars | irregular | notes | melody | melody a bar | notes an onset |"
    " metres (bars) | onsets on 16 / 12 / 24 | lengths on 16 / 12 / 24 | copies 1 / 2 / 4 bars |"
    " melody keys | key given | major |"
)
_MAJOR_MODES: Final = (0, 3, 4)


def _on(ticks: npt.NDArray[np.int32], grid: int) -> float:
    width = 4 * TICKS_PER_BEAT // grid
    away = np.abs((ticks + width // 2) % width - width // 2)
    return float((away <= NEAR).mean())


def _copies(songs: Sequence[Song], melodies: Sequence[Notes]) -> dict[str, float]:
    """Weighted by steps; bars are those of each song's usual metre."""
    found = {}
    for back in BARS_BACK:
        same = counted = 0.0
        for song, melody in zip(songs, melodies, strict=True):
            numerator, denominator = song.bars.metre
            steps = back * 16 * numerator // denominator
            length = int(song.bars.start[-1]) // TICKS_PER_SIXTEENTH
            codes = codes_of_times(
                melody.start.tolist(), melody.duration.tolist(), melody.pitch.tolist(), length
            )
            if length > steps:
                same += copies_from(codes, steps) * (length - steps)
                counted += length - steps
        found[str(back)] = same / counted if counted else float("nan")
    return found


def roles_of(songs: Sequence[Song]) -> dict[str, int]:
    """How many notes each role has."""
    counts = np.bincount(np.concatenate([song.notes.role for song in songs]), minlength=len(Role))
    return {role.name.lower(): int(counts[role]) for role in Role}
