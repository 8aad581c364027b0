"""Melodies on sixteenths as passages that the note model is asked about."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from bridge.codecs.melodysteps import HOLD, Codes, codes_of_times, struck
from bridge.codecs.noterows import Tokens
from bridge.codecs.notescore import LONGEST_SHIFT, NOTE, REST, START, TICKS_PER_TWELFTH
from bridge.music.key import MAJOR, key_of_weights
from bridge.music.units import TICKS_PER_BEAT
from bridge.tools.pages import GridNotes
from bridge.training.melody_tunes import Tune
from bridge.training.note_windows import MELODY, TOKENS, Known, Voice, Window
from bridge.training.song import Bars, Keys, Notes, Song, no_chords
from bridge.training.step_nats import STEP, Passage

CONTEXT: Final = 64
"""Tokens that are heard before one is priced, where the melody has them."""
HEARD_BARS: Final = 8
"""From which a key is heard."""
UNSAID: Final = Known()


def grid_notes(codes: Codes) -> GridNotes:
    """The notes of codes of sixteenths, in twelfths from their first step."""
    onsets = np.flatnonzero(struck(codes)).astype(np.int64)
    ends = np.append(np.flatnonzero(codes != HOLD), len(codes))
    length = ends[np.searchsorted(ends, onsets, side="right")] - onsets
    return GridNotes(onsets * STEP, codes[onsets].astype(np.int64), length * STEP)


def codes_of_grid(notes: GridNotes, steps: int) -> Codes:
    """The codes of one voice; what stands between sixteenths moves to the earlier one."""
    ticks = STEP * TICKS_PER_TWELFTH
    begin = notes.time // STEP
    end = np.maximum(begin + 1, -(-(notes.time + notes.length) // STEP))
    start, duration = begin * ticks, (end - begin) * ticks
    return codes_of_times(start.tolist(), duration.tolist(), notes.pitch.tolist(), steps)


def tune_passages(tune: Tune, tokens: int = TOKENS, context: int = CONTEXT) -> tuple[Passage, ...]:
    """A whole tune as passages that price each of its steps once.

    Args:
        tune: Any.
        tokens: Of a window.
        context: So many of them are heard before the first that is priced, but in the first window.
    """
    song, codes = tune.song, tune.codes
    notes = grid_notes(codes)
    bars = np.rint(song.bars.start / TICKS_PER_TWELFTH).astype(np.int64)
    voice = Voice(song, MELODY, notes.time, notes.pitch, notes.length, bars)
    # Windows begin at bar lines that stand on sixteenths; a few bars of tunes do not.
    lines = [bar for bar in range(len(bars) - 1) if bar == 0 or bars[bar] % STEP == 0]
    firsts = np.searchsorted(notes.time, bars[lines])
    passages: list[Passage] = []
    bar = done = 0
    while done < len(codes):
        begin = int(bars[bar])
        chosen = np.flatnonzero(notes.time >= begin)[:tokens]
        found = Tokens.of(
            (START, 0),
            notes.time[chosen] - begin,
            notes.pitch[chosen],
            notes.length[chosen],
        ).first(tokens)
        # What comes after the last token is the next window's to price.
        end = int(found.time[-1]) // STEP + int(found.kind[-1] == NOTE) + begin // STEP
        window = window_of_tokens(voice, bar, found)
        first = done - begin // STEP
        if end > done:
            passages.append(Passage(window, codes[begin // STEP : end], first))
            done = end
        reached = int(np.searchsorted(notes.time, (done - 1) * STEP, side="right")) - 1
        # Far enough back; but where that is no step on, only the note that sounds must be in it.
        for least in (max(0, reached - context), max(0, reached)):
            place = int(np.searchsorted(firsts, least, side="right")) - 1
            if lines[place] > bar:
                break
        bar = max(lines[place], min(bar + 1, lines[-1]))
    return tuple(passages)


def alone(
    codes: Codes, known: Known = UNSAID, first: int = 0, frame: Song | None = None
) -> Passage:
    """A few bars that begin from nothing, as one passage.

    Args:
        codes: (steps,); a whole number of bars.
        known: What is said of them.
        first: The first step that is priced.
        frame: A song with their bars; None for bars of 4/4.
    """
    notes = grid_notes(codes)
    song = frame or blank_song(-(-len(codes) // 16))
    bars = np.rint(song.bars.start / TICKS_PER_TWELFTH).astype(np.int64)
    voice = Voice(song, MELODY, notes.time, notes.pitch, notes.length, bars)
    found = Tokens.of((START, 0), notes.time, notes.pitch, notes.length)
    rests = np.arange(int(found.time[-1]) + LONGEST_SHIFT, len(codes) * STEP, LONGEST_SHIFT)
    none = np.zeros(len(rests), np.int64)
    found = found.then(Tokens(none + REST, rests, none - 1, none))
    return Passage(window_of_tokens(voice, 0, found), codes, first, known)


def window_of_tokens(voice: Voice, bar: int, tokens: Tokens) -> Window:
    """The window of tokens that stand in their order in time."""
    shift = np.append(np.diff(tokens.time), -1)
    sung = np.append(tokens.kind[1:] == NOTE, False)
    parts = (tokens.kind, tokens.time, tokens.pitch, tokens.length)
    return Window(voice, bar, *parts, shift, sung)


def heard_key(notes: GridNotes) -> tuple[int, int]:
    """Root and mode that some notes suggest, at least one: pitch class, and 0 major or 1 minor."""
    weights = np.bincount(notes.pitch % 12, notes.length, minlength=12)
    key = key_of_weights(weights.tolist(), first=int(notes.pitch[0]) % 12)
    return key.root, 0 if key.mode == MAJOR else 1


def with_key_heard(tune: Tune, passages: Iterable[Passage]) -> tuple[Passage, ...]:
    """A tune's passages, told the key of its first eight bars; nothing where these are silent."""
    border = border_of(tune)
    notes = grid_notes(tune.codes[:border])
    root, mode = heard_key(notes) if len(notes) else (-1, -1)
    return tuple(replace(passage, known=Known(root, mode)) for passage in passages)


def border_of(tune: Tune) -> int:
    """The step at which the ninth bar of a tune begins, or its last bar ends."""
    bar = min(HEARD_BARS, len(tune.song.bars))
    ticks = STEP * TICKS_PER_TWELFTH
    return min(len(tune.codes), round(int(tune.song.bars.start[bar]) / ticks))


def blank_song(bars: int, numerator: int = 4, denominator: int = 4) -> Song:
    """A song of so many bars without a note."""
    few, none = np.zeros(1, np.uint8), np.zeros(0, np.int32)
    bar = 4 * TICKS_PER_BEAT * numerator // denominator
    silent = np.zeros(0, np.uint8)
    return Song(
        name="",
        title="",
        source="",
        performed=False,
        tempo=0.0,
        notes=Notes(none, none, silent, silent, silent),
        bars=Bars(
            (np.arange(bars + 1) * bar).astype(np.int32),
            np.full(bars, numerator, np.uint8),
            np.full(bars, denominator, np.uint8),
        ),
        keys=Keys(np.zeros(1, np.int32), few, few, few),
        chords=no_chords(),
    )


def passages_of_tunes(tunes: Sequence[Tune]) -> tuple[tuple[Passage, ...], ...]:
    """The passages of each tune."""
    return tuple(tune_passages(tune) for tune in tunes)
