"""Takes that nobody picked, among as many real melodies: sheets for people to look at.

All are drawn alike, on sixteenths and equally hard, so that what is played counts and not who wrote
it down.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from bridge.codecs.melodysteps import Codes, codes_of_notes
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog
from bridge.errors import DataMissingError
from bridge.music.clip import Clip, Note, Take
from bridge.music.pitchlock import PitchLock
from bridge.music.units import TICKS_PER_BEAT
from bridge.protocol.messages import Continue, Generate
from bridge.tools.drafting import Band
from bridge.tools.melodies import play_pitched_continuation, play_pitched_generation
from bridge.tools.taste import DEFAULT_TASTE
from bridge.training.melody_passages import grid_notes
from bridge.training.melody_tunes import BAR, tunes_of, windows_of
from bridge.training.samples import LOT, Sheet, shuffled
from bridge.training.song import Song
from bridge.training.song_cache import read_songs

SEEDS: Final = 16
BARS: Final = 8
"""Of a take."""
VELOCITY: Final = 90.0


def sheets(catalog: Catalog) -> dict[str, Sheet]:
    """Sixteen takes of Continue and of Generate, seeds 0–15, each among sixteen real melodies.

    Raises:
        DataMissingError: if the songs were not prepared, or are too few.
        ModelMissingError: if the model is not there.
    """
    return sheets_of(Band.of(catalog, DEFAULT_TASTE), read_songs())


def sheets_of(band: Band, songs: Sequence[Song]) -> dict[str, Sheet]:
    """The same, by a band and of the songs' test split."""
    test = [song for song in songs if song.split == "test"]
    return {"continue": continue_sheet(band, test), "generate": generate_sheet(band, test)}


def continue_sheet(band: Band, songs: Sequence[Song]) -> Sheet:
    """Eight real bars and eight more: those of the song, or those that Continue plays."""
    found = list(_melodies(songs, 2 * BARS, 2 * SEEDS))
    takes = []
    for seed, codes in enumerate(found[:SEEDS]):
        heard = clip_of_codes(codes[: BARS * BAR])
        request = Continue(id=1, clip=1, takes=1, seed=seed, bars=BARS, part="melody")
        (take,) = play_pitched_continuation(
            request, heard, None, None, PitchLock(), band, cancel=Cancel(), report=lambda _: None
        )
        takes.append(np.concatenate([codes[: BARS * BAR], _codes_of(take)]))
    real = found[SEEDS:]
    labels = [f"Continue after eight real bars, seed {seed}" for seed in range(SEEDS)]
    return _shuffled(takes, real, labels, LOT)


def generate_sheet(band: Band, songs: Sequence[Song]) -> Sheet:
    """Eight bars of Generate, in the keys of real melodies in major, or eight bars of those."""
    major = [song for song in songs if not song.keys.mode[0]]
    roots = [int(song.keys.root[0]) for song in major]
    chance = np.random.default_rng(1)
    takes = []
    for seed in range(SEEDS):
        root = int(chance.choice(roots)) if roots else 0
        request = Generate(id=1, takes=1, seed=seed, bars=BARS, part="melody", root=root)
        (take,) = play_pitched_generation(
            request, None, None, None, PitchLock(), band, cancel=Cancel(), report=lambda _: None
        )
        takes.append(_codes_of(take))
    real = list(_melodies(major, BARS, SEEDS))
    labels = [f"Generate, seed {seed}" for seed in range(SEEDS)]
    return _shuffled(takes, real, labels, LOT + 1)


def _shuffled(
    takes: Sequence[Codes], real: Sequence[Codes], labels: Sequence[str], lot: int
) -> Sheet:
    made, played = ([clip_of_codes(codes) for codes in side] for side in (takes, real))
    return shuffled(made, played, labels, lot=lot)


def clip_of_codes(codes: Codes) -> Clip:
    """Codes of sixteenths in 4/4 as a clip, all notes equally hard."""
    ticks = TICKS_PER_BEAT // 12
    notes = grid_notes(codes)
    return Clip(
        notes=tuple(
            Note(pitch, time * ticks, length * ticks, VELOCITY)
            for time, pitch, length in zip(
                notes.time.tolist(), notes.pitch.tolist(), notes.length.tolist(), strict=True
            )
        ),
        length=len(codes) * TICKS_PER_BEAT // 4,
        numerator=4,
        denominator=4,
        tempo=120.0,
        drums=False,
        name="",
    )


def _codes_of(take: Take) -> Codes:
    return codes_of_notes(take.clip.notes, BARS * BAR)


def _melodies(songs: Sequence[Song], bars: int, count: int) -> Iterator[Codes]:
    """Bars of sixteen sixteenths of so many songs by lot; a note is struck in their first bar."""
    tunes = tunes_of(songs)
    windows = windows_of(tunes, bars, BARS)
    begins = (windows.codes[:, :BAR] >= 0).any(axis=1)
    chance = np.random.default_rng(0)
    order = chance.permutation(np.flatnonzero(begins)).tolist()
    of = {int(windows.tune[number]): windows.codes[number] for number in order}
    if len(of) < count:
        raise DataMissingError(
            f"There are {len(of)} songs of {bars} bars of 4/4 to be shown, and {count} are needed."
        )
    yield from list(of.values())[:count]
