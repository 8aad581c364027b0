"""Ways between melodies to be looked at: unpicked, the seeds from 0 up, and real ones beside."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog
from bridge.music.clip import Clip
from bridge.music.pitchlock import PitchLock
from bridge.protocol.messages import Interpolate
from bridge.tools.melody_interpolation import (
    play_pitched_interpolation,
    read_line_corners,
)
from bridge.tools.melody_paths import LISTENER, PLAYER, LineModels
from bridge.training.melody_paths_evaluate import pairs_of
from bridge.training.melody_windows import melody_windows
from bridge.training.samples import Sheet, shuffled
from bridge.training.song import Role, Song
from bridge.training.song_cache import read_songs
from bridge.training.song_clips import clip_of_notes, regular_stretches

SAMPLES: Final = 16
HANDS: Final = 4
"""Ways between clips with all their voices."""
STEPS: Final = 5
BARS: Final = 4


def sheets(catalog: Catalog) -> dict[str, Sheet]:
    """Pictures to be drawn, by name.

    Raises:
        DataMissingError: if the songs were not prepared.
        ModelMissingError: if a model is not there.
    """
    songs = read_songs()
    models = LineModels(catalog.load(LISTENER), catalog.load(PLAYER))
    windows = melody_windows(songs, "test", BARS)
    pairs = pairs_of(windows, SAMPLES)
    ways = [
        way_between(first.as_clip(), last.as_clip(), models, seed)
        for seed, (first, last) in enumerate(pairs)
    ]
    chosen = np.random.default_rng(SAMPLES).choice(len(windows), SAMPLES, replace=False).tolist()
    real = [windows[number].as_clip() for number in chosen]
    hands = _with_all_voices(songs)
    return {
        "ways": _in_rows(ways),
        "voices": _in_rows(
            [way_between(*pair, models, seed) for seed, pair in enumerate(hands)],
        ),
        "shuffled": shuffled([way[STEPS // 2] for way in ways], real),
    }


def way_between(first: Clip, last: Clip, models: LineModels, seed: int) -> tuple[Clip, ...]:
    """Five clips from one to the other, the ends among them."""
    takes = play_pitched_interpolation(
        Interpolate(id=1, a=1, b=2, steps=STEPS, seed=seed),
        read_line_corners((first, last), STEPS),
        PitchLock(),
        None,
        models,
        cancel=Cancel(),
        report=lambda _: None,
    )
    return tuple(take.clip for take in takes)


def _with_all_voices(songs: Sequence[Song]) -> list[tuple[Clip, Clip]]:
    """Pairs of clips with both hands, in the same metre, drawn by lot from the test split."""
    found: dict[tuple[int, int], list[Clip]] = {}
    pianos = (Role.PIANO, Role.LEFT_HAND)
    for song in songs:
        if song.split != "test" or not np.isin(song.notes.role, pianos).any():
            continue
        bars = list(regular_stretches(song, BARS, BARS))
        if bars:
            clip = clip_of_notes(song, song.notes, bars[len(bars) // 2], BARS)
            found.setdefault((clip.numerator, clip.denominator), []).append(clip)
    generator = np.random.default_rng(HANDS)
    alike = [clip for clips in found.values() if len(clips) > 1 for clip in clips]
    pairs = []
    for number in generator.choice(len(alike), HANDS, replace=False).tolist():
        first = alike[number]
        others = [clip for clip in found[first.numerator, first.denominator] if clip is not first]
        pairs.append((first, others[int(generator.integers(len(others)))]))
    return pairs


def _in_rows(ways: Sequence[Sequence[Clip]]) -> Sheet:
    titles = [
        f"seed {seed} · {part:.0f} %"
        for seed in range(len(ways))
        for part in np.linspace(0, 100, STEPS).tolist()
    ]
    return Sheet([clip for way in ways for clip in way], titles, STEPS)
