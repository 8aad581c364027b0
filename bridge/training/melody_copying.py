"""How much melodies copy: from their own bars before, and from what was learnt."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from bridge.codecs.melodysteps import Codes, struck
from bridge.codecs.notescore import Metre
from bridge.codecs.originality import Fingerprint, Line, line_of_steps, telling_hashes
from bridge.engine.cancel import Cancel
from bridge.music.grid import nearest_step
from bridge.tools.note_writing import Writers, write
from bridge.training.melody_tunes import BAR, Tune, codes_of_song
from bridge.training.melody_writing import codes_of_draft, one_voice, page_after

HEARD_BARS: Final = 8
WRITTEN_BARS: Final = 16
COPIED_BARS: Final = (1, 2, 4)
ROUNDS: Final = 6
"""How often what copies is drawn anew."""


@dataclass(frozen=True, slots=True)
class Copies:
    """Of melodies that go on for 16 bars after 8."""

    melodies: int
    real: dict[int, float]
    """Share of sixteenths that are as 1, 2 or 4 bars before, in what was composed."""
    written: dict[int, float]
    """The same in what was written after the same bars."""
    wholly: dict[int, tuple[float, float]]
    """Share of bars that are note for note as so many bars before: composed, and written."""

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Originality:
    """How many takes have a run of notes of a melody that was learnt from."""

    takes: int
    before: float
    """As they were drawn."""
    after: float
    """Those that do drawn anew, with the check."""
    redrawn: int
    """How many drawings the check cost."""

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def long_tunes(tunes: Sequence[Tune]) -> Codes:
    """The first 24 bars of tunes whose bars there have sixteen sixteenths, (tunes, 384)."""
    bars = HEARD_BARS + WRITTEN_BARS
    found = [
        codes_of_song(tune.song)[: bars * BAR]
        for tune in tunes
        if len(tune.codes) >= bars * BAR
        and [nearest_step(int(tick)) for tick in tune.song.bars.start[: bars + 1]]
        == list(range(0, (bars + 1) * BAR, BAR))
    ]
    heard = [codes for codes in found if struck(codes[: HEARD_BARS * BAR]).any()]
    return np.array(heard, np.int16).reshape(-1, bars * BAR)


def sixteen_bars_after(
    writers: Writers,
    melodies: Codes,
    seed: int = 0,
    report: Callable[[float], None] = lambda _: None,
) -> Codes:
    """The same melodies with their last sixteen bars written anew at temperature 1.

    Args:
        writers: The model; it is told the key, the middle and the density of what it hears.
        melodies: Eight bars and sixteen more, (melodies, 384).
        seed: Of what is drawn.
        report: Told the part that is done, 0–1.
    """
    rows = []
    for number, melody in enumerate(melodies):
        rows.append(written_after(writers, melody[: HEARD_BARS * BAR], [seed, number]))
        report((number + 1) / len(melodies))
    return np.stack(rows) if rows else melodies


def written_after(writers: Writers, heard: Codes, seed: Sequence[int]) -> Codes:
    """Bars of 4/4 and sixteen more at temperature 1, (steps heard + 256,)."""
    page = page_after(heard, WRITTEN_BARS * BAR, Metre(4, 4))
    chances = [np.random.default_rng(list(seed))]
    (draft,) = write(page, chances, writers, one_voice(page), cancel=Cancel())
    return np.concatenate([heard, codes_of_draft(draft, page)]).astype(np.int16)


def copies(melodies: Codes) -> dict[int, float]:
    """The share of the last sixteen bars' sixteenths that are as 1, 2 or 4 bars before.

    Args:
        melodies: Eight bars and sixteen more, (melodies, 384).
    """
    written = melodies[:, HEARD_BARS * BAR :]
    return {
        bars: float((written == melodies[:, (HEARD_BARS - bars) * BAR : -bars * BAR]).mean())
        for bars in COPIED_BARS
    }


def whole_bars(melodies: Codes) -> dict[int, float]:
    """The share of the last sixteen bars that are wholly as 1, 2 or 4 bars before."""
    rows = melodies.reshape(len(melodies), -1, BAR)
    return {
        bars: float((rows[:, HEARD_BARS:] == rows[:, HEARD_BARS - bars : -bars]).all(axis=2).mean())
        for bars in COPIED_BARS
    }


def compare_copies(real: Codes, written: Codes) -> Copies:
    """What was composed beside what was written after the same eight bars."""
    bars = whole_bars(real), whole_bars(written)
    return Copies(
        melodies=len(real),
        real=copies(real),
        written=copies(written),
        wholly={ago: (bars[0][ago], bars[1][ago]) for ago in COPIED_BARS},
    )


def copied(fingerprint: Fingerprint, codes: Codes, heard: int = 0) -> bool:
    """Whether a melody has a telling run of what was learnt that is not among what it heard.

    Args:
        fingerprint: Of what was learnt.
        codes: (steps,).
        heard: So many of the steps were given, and not written.
    """
    line = _line(codes)
    own = telling_hashes(
        Line(line.step[line.step >= heard], line.pitch[line.step >= heard]), fingerprint.notes
    )
    given = telling_hashes(
        Line(line.step[line.step < heard], line.pitch[line.step < heard]), fingerprint.notes
    )
    return bool((fingerprint.knows(own) & ~np.isin(own, given)).any())


def check_originality(
    fingerprint: Fingerprint,
    takes: Codes,
    again: Callable[[int, int], Codes],
    heard: int = 0,
) -> tuple[Originality, Codes]:
    """How many takes copy, and the takes after those were drawn anew.

    Args:
        fingerprint: Of what was learnt.
        takes: Codes, (takes, steps).
        again: Draws a take of this number anew, in this round from 1: (steps,).
        heard: So many steps of each were given, and not written.
    """
    found = takes.copy()
    known = [number for number, take in enumerate(takes) if copied(fingerprint, take, heard)]
    left, redrawn = known, 0
    for turn in range(1, ROUNDS + 1):
        for number in left:
            found[number] = again(number, turn)
            redrawn += 1
        left = [number for number in left if copied(fingerprint, found[number], heard)]
    total = max(1, len(takes))
    return Originality(len(takes), len(known) / total, len(left) / total, redrawn), found


def _line(codes: Codes) -> Line:
    steps = np.flatnonzero(struck(codes))
    return line_of_steps(steps.tolist(), codes[steps].tolist())
