"""What ``clipbridge train prepare`` says: what the songs are like, and what they measure."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from bridge.codecs.melodysteps import Codes, codes_of_times
from bridge.codecs.notescore import MODES
from bridge.music.key import MAJOR, MINOR
from bridge.music.scale import Scale
from bridge.music.units import TICKS_PER_BEAT
from bridge.training.continuations import (
    events_of_song,
    markov_continuer,
    measure_continuations,
    primes_of,
)
from bridge.training.fingerprints import FalseAlarms, false_alarms, shortest_fingerprint
from bridge.training.heard_keys import class_weights, heard_key
from bridge.training.krumhansl import krumhansl_key
from bridge.training.markov import MarkovChain
from bridge.training.predictions import QUARTERS
from bridge.training.prepare import Prepared
from bridge.training.song import Evidence, Notes, Role, Song, melody_line
from bridge.training.song_facts import facts_table, roles_of
from bridge.training.song_sources import table_of_sources
from bridge.training.taste_table import STEPS, TasteTable, taste_table

CLIP_BARS: Final = 8
"""Of a clip whose key is guessed."""
LEAST_NOTES: Final = 8
"""Of a clip that has a key to guess."""
MELODY_BARS: Final = 4
"""Of a melody of RL Tuner's table."""

_FOLDED: Final = (MAJOR, MINOR, MINOR, MAJOR, MAJOR, MINOR, MINOR)
"""Each of ``MODES`` as the one of the two that has its third."""


def report_of_songs(prepared: Prepared) -> str:
    """Everything that a builder of models wants to know, in Markdown."""
    songs = prepared.songs
    split = {
        name: [song for song in songs if song.split == name]
        for name in ("train", "validation", "test")
    }
    fingerprint, tried = shortest_fingerprint(split["train"], split["validation"])
    alarms = [*tried, false_alarms(fingerprint, split["test"])]
    roles = ", ".join(f"{name} {count:,}" for name, count in roles_of(songs).items())
    families = {song.family for song in songs}
    return "\n\n".join(
        [
            f"{len(songs):,} songs of {len(families):,} families in {prepared.file},"
            f" {prepared.file.stat().st_size / 1e6:.1f} MB;"
            f" {len(prepared.dropped)} tunes that stand there twice were left out.",
            table_of_sources(),
            facts_table(songs),
            f"Notes by role: {roles}.",
            keys_table(songs),
            alarms_table(alarms, len(fingerprint.as_bytes())),
            rules_table({name: real_taste(members) for name, members in split.items()}),
            baseline_table(split["train"], split["test"]),
        ]
    )


def keys_table(songs: Sequence[Song]) -> str:
    """How often the estimated key is the given one, by split: whole songs and clips of 8 bars."""
    lines = [
        "| key estimated from | split | clips | right | right signature | Krumhansl right |"
        " Krumhansl's signature |",
        "|---" * 7 + "|",
    ]
    given = [
        song for song in songs if len(song.keys) == 1 and song.keys.evidence[0] == Evidence.GIVEN
    ]
    for kind in ("pop songs", "tunes"):
        for what in ("all notes", "8 bars", "8 bars of melody"):
            for split in ("validation", "test"):
                members = [
                    song
                    for song in given
                    if song.split == split and song.performed == (kind == "pop songs")
                ]
                found = [right for song in members for right in _guess(song, what)]
                if found:
                    shares = " | ".join(f"{share:.1%}" for share in np.mean(found, axis=0))
                    lines.append(f"| {kind}, {what} | {split} | {len(found)} | {shares} |")
    return "\n".join(lines)


def alarms_table(alarms: Sequence[FalseAlarms], size: int) -> str:
    """What each length of run does on validation, and the chosen one on test, which stands last."""
    lines = [
        "| run of | runs | unseen melodies flagged | pieces of 16 bars flagged |",
        "|---|---|---|---|",
    ]
    names = [*(f"{each.notes} notes" for each in alarms[:-1]), f"{alarms[-1].notes} notes, on test"]
    lines += [
        f"| {name} | {each.runs:,} | {each.melodies:.2%} | {each.pieces:.2%} |"
        for name, each in zip(names, alarms, strict=True)
    ]
    return "\n".join([*lines, "", f"The last has {size / 1e6:.2f} MB as a file."])


def rules_table(columns: dict[str, TasteTable]) -> str:
    """RL Tuner's table of real melodies."""
    names = list(columns)
    fields = {name: column.as_fields() for name, column in columns.items()}
    lines = [f"| real melodies | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for field in next(iter(fields.values())):
        cells = " | ".join(f"{fields[name][field]:.4f}" for name in names)
        lines.append(f"| {field.replace('_', ' ')} | {cells} |")
    return "\n".join(lines)


def baseline_table(learnt: Sequence[Song], unseen: Sequence[Song]) -> str:
    """What a first-order Markov chain does on the unseen songs: the row to beat."""
    chain = MarkovChain.learnt(map(events_of_song, learnt))
    primes = primes_of(unseen)
    found = measure_continuations(primes, markov_continuer(chain)).as_fields()
    places = [QUARTERS.index(far) for far in (2.0, 4.0, 6.0, 8.0, 10.0)]
    nats = np.array([chain.nats(events_of_song(song)) for song in unseen])
    heads = " | ".join(f"{QUARTERS[place]:.0f}" for place in places)
    lines = [f"| first-order Markov, quarters after the prime | {heads} |", "|---" * 6 + "|"]
    lines += [
        f"| {name.replace('_', ' ')} | {' | '.join(f'{values[place]:.3f}' for place in places)} |"
        for name, values in found.items()
    ]
    return "\n".join(
        [*lines, "", f"{len(primes)} primes of the test split; {np.nanmean(nats):.3f} nats a note."]
    )


def real_taste(songs: Sequence[Song]) -> TasteTable:
    """RL Tuner's table of the songs' melodies, four bars of 4/4 in eighth notes each."""
    melodies: list[Codes] = []
    scales: list[Scale] = []
    for song in songs:
        if song.bars.metre in {(4, 4), (2, 2)}:
            scale = Scale.named(MODES[int(song.keys.mode[0])], int(song.keys.root[0]))
            windows = list(_windows(song))
            melodies += windows
            scales += [scale] * len(windows)
    return taste_table(melodies, scales)


def _windows(song: Song) -> Iterator[Codes]:
    line = melody_line(song.notes)
    step = TICKS_PER_BEAT // 2
    steps = -(-int(song.bars.start[-1]) // step)
    columns = (line.start.tolist(), line.duration.tolist(), line.pitch.tolist())
    codes = codes_of_times(*columns, steps, step=step)
    for first in range(0, len(song.bars) - MELODY_BARS + 1, MELODY_BARS):
        begin = int(song.bars.start[first]) // step
        window = codes[begin : begin + STEPS]
        if len(window) == STEPS and (window >= 0).sum() >= MELODY_BARS:
            yield window


def _guess(song: Song, what: str) -> list[tuple[bool, ...]]:
    """Whether key and key signature were guessed, and by Krumhansl, for each clip of a song."""
    root, mode = int(song.keys.root[0]), _FOLDED[int(song.keys.mode[0])]
    notes = song.notes
    if what == "8 bars of melody":
        notes = notes.of(Role.MELODY)
    clips = [notes] if what == "all notes" else list(_clips(song, notes))
    found = []
    for clip in clips:
        if len(clip) >= LEAST_NOTES:
            heard = heard_key(clip)
            guesses = ((heard.root, heard.mode), krumhansl_key(class_weights(clip).tolist()))
            found.append(
                tuple(
                    sign(*guess) == sign(root, mode)
                    for guess in guesses
                    for sign in (lambda *key: key, _signature)
                )
            )
    return found


def _clips(song: Song, notes: Notes) -> Iterator[Notes]:
    edges = song.bars.start[::CLIP_BARS]
    for begin, end in itertools.pairwise(edges):
        yield notes.only((notes.start >= begin) & (notes.start < end))


def _signature(root: int, mode: str) -> int:
    """The root of the major key with the same signature."""
    return root if mode == MAJOR else (root + 3) % 12
