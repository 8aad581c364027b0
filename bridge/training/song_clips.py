"""Songs as the clips that a musician would hand in: some bars of some of their notes."""

from collections.abc import Iterator

import numpy as np

from bridge.music.clip import MAX_TEMPO, MIN_TEMPO, Clip, Note
from bridge.training.song import Notes, Song

USUAL_TEMPO = 120.0


def clip_of_notes(song: Song, notes: Notes, first_bar: int, bars: int) -> Clip:
    """Some bars of a song as a clip that loops; notes that ring over its end are cut there.

    Args:
        song: Gives bars, metre and tempo.
        notes: Of the song, those that are to be in it.
        first_bar: Counted from 0.
        bars: How many; the song has them.
    """
    begin, end = int(song.bars.start[first_bar]), int(song.bars.start[first_bar + bars])
    inside = notes.only((notes.start >= begin) & (notes.start < end))
    tempo = song.tempo if MIN_TEMPO <= song.tempo <= MAX_TEMPO else USUAL_TEMPO
    return Clip(
        notes=tuple(
            Note(pitch, start - begin, min(duration, end - start), float(velocity))
            for start, duration, pitch, velocity in zip(
                inside.start.tolist(),
                inside.duration.tolist(),
                inside.pitch.tolist(),
                inside.velocity.tolist(),
                strict=True,
            )
        ),
        length=end - begin,
        numerator=int(song.bars.numerator[first_bar]),
        denominator=int(song.bars.denominator[first_bar]),
        tempo=tempo,
        drums=False,
        name=song.name,
    )


def regular_stretches(song: Song, bars: int, apart: int) -> Iterator[int]:
    """The first bars of stretches of so many bars as long as their one metre says."""
    metre = song.bars.numerator.astype(np.int64) * 100 + song.bars.denominator
    for first in range(0, len(song.bars) - bars + 1, apart):
        stretch = slice(first, first + bars)
        if song.bars.regular[stretch].all() and len(np.unique(metre[stretch])) == 1:
            yield first
