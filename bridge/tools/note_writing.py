"""Notes written by the note model: after others, between others, or from nothing.

What is played is drawn here, note by note, on the grid of twelfths; how it is played is
:mod:`bridge.tools.phrasing`. Whatever a musician locks is masked before anything is drawn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.notelookout import (
    Frames,
    Homes,
    Next,
    alike,
    clock,
    length_told,
    look,
    pitch_told,
    point,
    told,
)
from bridge.codecs.noterows import Row, Tokens
from bridge.codecs.notescore import (
    ALIKE_NOTES,
    CODEC_ID,
    GAP,
    LENGTHS_IN_TWELFTHS,
    LONGEST_SHIFT,
    NOTE,
    REST,
    SHIFTS,
    START,
    length_of,
)
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Model
from bridge.engine.manifest import require_codec
from bridge.engine.sampling import probabilities
from bridge.tools.pages import NO_NOTES, Draft, GridNotes, Page, Rules
from bridge.tools.room import Room
from bridge.tools.strictness import Line

MODEL: Final = "notes"

PITCHES: Final = "notes-pitch"

LENGTHENS: Final = "notes-length"

HEARD_TOKENS: Final = 128
"""So many are read before anything is written, at the most."""

REMEMBERED_TOKENS: Final = 192
"""So many are remembered at the most; the earliest are forgotten first."""

MOST_TOKENS: Final = 1_024
"""So many are written in one take at the most."""

PULL: Final = 0.8
"""Nats by which a note too few makes a shift less likely, for each e-fold of its length."""

MOST_OWING: Final = 4.0
"""Notes; more count as this."""

_READING_PART: Final = 0.1

Floats = npt.NDArray[np.float32]

Doubles = npt.NDArray[np.float64]

Integers = npt.NDArray[np.int64]

Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Writers:
    """The three graphs of the note model."""

    trunk: Model
    pitch: Model
    length: Model

    def __post_init__(self) -> None:
        for model in (self.trunk, self.pitch, self.length):
            require_codec(model.manifest, CODEC_ID)


def write(
    page: Page,
    generators: Sequence[np.random.Generator],
    writers: Writers,
    rules: Rules,
    *,
    cancel: Cancel,
    report: Callable[[float], None] = lambda _: None,
) -> tuple[Draft, ...]:
    """What is written, one draft for each generator; each has a note where one is allowed.

    Args:
        page: What is known.
        generators: The chance of each draft.
        writers: The models.
        rules: How to draw, and what is forbidden.
        cancel: Asked before every run of a model.
        report: Told the part that is done, 0–1.

    Raises:
        CancelledError: if it was called off.
    """
    return _Desk(page, generators, writers, rules, cancel).written(report)


class _Desk:
    """Drafts that grow together."""

    def __init__(
        self,
        page: Page,
        generators: Sequence[np.random.Generator],
        writers: Writers,
        rules: Rules,
        cancel: Cancel,
    ) -> None:
        self._page, self._rules, self._writers, self._cancel = page, rules, writers, cancel
        self._generators = generators
        self._room = Room(page, rules, len(generators))
        self._bar = page.setting.metre.bar
        self._tokens = _tokens_of(page)
        self._nats = np.zeros(len(generators))
        self._notes: list[list[tuple[int, int, int]]] = [[] for _ in generators]
        self._lines = [Line(rules.strictness, page.begin) for _ in generators]
        self._takes = np.arange(len(generators))
        """The drafts that are not done yet, by their numbers."""

    def written(self, report: Callable[[float], None]) -> tuple[Draft, ...]:
        row = self._rows(self._tokens)
        bars = np.array([self._bar])
        homes = self._homes(row, slice(None))
        seen = look(row, bars, self._mono(1))
        features = self._page.setting.features[None]
        codes, numbers = told(row, homes, Frames(features, bars), seen, alike(seen.away))
        memory = _Memory(self._writers.trunk)
        hidden, logits = self._read(codes, numbers, clock(row.time, bars), memory)
        report(_READING_PART)

        takes = len(self._generators)
        memory.part_ways(takes)
        row = row.only(np.zeros(takes, np.int64))
        away = np.repeat(seen.away, takes, axis=0)
        hidden, logits = (np.repeat(each[:, -1], takes, axis=0) for each in (hidden, logits))
        now = row.time[:, -1]
        last = np.full(takes, -1)  # The pitch struck at this very twelfth.
        span = max(1, self._page.end - self._page.begin)
        for _ in range(MOST_TOKENS):
            shift = self._shift(logits, now, last)
            going = np.flatnonzero(shift < SHIFTS)
            if not len(going):
                break
            if len(going) < len(shift):  # Drafts that are done take no more time.
                self._only(going)
                memory.only(going)
                row = row.only(going)
                away, hidden = away[going], hidden[going]
                now, last, shift = now[going], last[going], shift[going]
            homes = self._homes(row, _LAST)
            sung = shift < LONGEST_SHIFT
            time = now + shift
            pitch, length = self._note(row, homes, hidden, (shift, time), last, sung)
            for place in np.flatnonzero(sung).tolist():
                note = (int(time[place]), int(pitch[place]), int(length[place]))
                self._notes[self._takes[place]].append(note)
                self._lines[self._takes[place]].note(*note)
                self._room.fill(place, *note)
            now, last = time, np.where(sung, pitch, -1)
            more = (np.where(sung, NOTE, REST), now, last, np.where(sung, length, 0))
            row = row.longer(self._one(more, homes.root[:, 0]))
            homes = self._homes(row, _LAST)
            bars = np.full(len(now), self._bar)
            seen = look(row, bars, self._mono(len(now)), _LAST)
            away = np.concatenate([away, seen.away], axis=1)
            likeness = alike(away[:, -2 * ALIKE_NOTES :])[:, _LAST]
            frames = Frames(np.repeat(features, len(now), axis=0), bars)
            codes, numbers = told(row, homes, frames, seen, likeness, _LAST)
            hidden, logits = self._read(codes, numbers, clock(row.time[:, _LAST], bars), memory)
            hidden, logits = hidden[:, -1], logits[:, -1]
            done = float(np.clip((now - self._page.begin) / span, 0, 1).min())
            report(_READING_PART + (1.0 - _READING_PART) * done)
        return tuple(
            Draft(GridNotes.of(each), float(nats))
            for each, nats in zip(self._notes, self._nats, strict=True)
        )

    def _only(self, going: Integers) -> None:
        """Go on with some of the drafts."""
        self._takes = self._takes[going]
        self._room.only(going)

    def _rows(self, tokens: Tokens) -> Row:
        root = np.full(len(tokens), max(0, self._page.setting.root))
        return self._one((tokens.kind, tokens.time, tokens.pitch, tokens.length), root).turned()

    def _one(self, token: tuple[Integers, ...], root: Integers) -> Row:
        """One token for each take."""
        kind, time, pitch, length = token
        chord, change = self._chords(time, root)
        position, bar = time % self._bar, time // self._bar
        return Row(kind, time, pitch, length, position, bar, chord, change).stood_up()

    def _chords(self, time: Integers, root: Integers) -> tuple[Floats, Floats]:
        if self._page.chords is None:
            return Row.no_chords(time.shape)
        return self._page.chords.at(time, root)

    def _homes(self, row: Row, asked: slice) -> Homes:
        rows = len(row.kind)
        setting = self._page.setting
        return Homes.of(row, np.full(rows, setting.root), np.full(rows, setting.middle), asked)

    def _mono(self, rows: int) -> Booleans:
        return np.full(rows, self._page.setting.mono)

    def _read(
        self, codes: Floats, numbers: Floats, hands: Floats, memory: "_Memory"
    ) -> tuple[Floats, Floats]:
        inputs = {"codes": codes, "told": numbers, "clock": hands, "memory": memory.kept}
        outputs = self._writers.trunk.run(inputs, self._cancel)
        memory.remember(outputs["remembered"])
        return outputs["hidden"], outputs["shift"]

    def _shift(self, logits: Floats, now: Integers, last: Integers) -> Integers:
        """How far each draft goes on; 97 where it is done."""
        free, beyond = self._room.shifts(now, last)
        beyond[:, LONGEST_SHIFT] = now + LONGEST_SHIFT >= self._page.end
        empty = np.array([not self._notes[take] for take in self._takes.tolist()])
        # A take without a note must have one, as long as one is allowed anywhere.
        must = empty & free.any(axis=1)
        hurried = self._hurry(now, free, empty)
        logits = self._paced(logits, now, np.arange(SHIFTS))
        allowed = free.copy()
        allowed[:, LONGEST_SHIFT] = ~beyond[:, LONGEST_SHIFT] & ~hurried
        if must.any():  # Nor may a rest pass over the last place for it.
            allowed[must, LONGEST_SHIFT] &= self._room.from_on(now + LONGEST_SHIFT)[must]
        # All that leads beyond the end is one choice: to be done.
        done = np.logaddexp.reduce(
            np.where(beyond, logits.astype(np.float64), -np.inf), axis=1, keepdims=True
        )
        stuck = ~allowed.any(axis=1)
        may_end = np.isfinite(done[:, 0]) & ~must & ~hurried
        joined = np.concatenate([logits, np.where(np.isfinite(done), done, 0.0)], axis=1)
        choices = np.concatenate([allowed, (may_end | stuck)[:, None]], axis=1)
        return self._drawn(joined, choices, np.maximum(now, self._page.begin))

    def _paced(self, logits: Floats, now: Integers, twelfths: Integers) -> Floats:
        """Logits of shifts or lengths, those of short ones raised as far as notes are owing.

        Args:
            logits: (takes, choices).
            now: Of each take.
            twelfths: Of each choice.
        """
        if not self._rules.pace:
            return logits
        due = self._rules.pace * (now - self._page.begin)
        written = np.array([len(self._notes[take]) for take in self._takes.tolist()])
        owing = np.clip(due - written, -MOST_OWING, MOST_OWING)
        return np.asarray(logits - PULL * owing[:, None] * np.log1p(twelfths), np.float32)

    def _hurry(self, now: Integers, free: Booleans, empty: Booleans) -> Booleans:
        """Leave out what is too late, where anything is left then.

        Args:
            now: Of each draft.
            free: Which shifts lead to a place; changed.
            empty: Which drafts have no note yet.

        Returns:
            Which drafts must go on to a note at once, (takes,): neither rest nor end.
        """
        hurried = np.zeros(len(now), np.bool_)
        for place, take in enumerate(self._takes.tolist()):
            rest = self._lines[take].latest
            limits = [] if rest is None or rest >= self._page.end else [rest]
            if empty[place] and self._rules.soon is not None:
                limits.append(self._page.begin + self._rules.soon - 1)
            for latest in sorted(limits):
                soon = free[place] & (now[place] + np.arange(SHIFTS) <= latest)
                if soon.any():
                    free[place], hurried[place] = soon, True
                    break
        return hurried

    def _note(
        self,
        row: Row,
        homes: Homes,
        hidden: Floats,
        going: tuple[Integers, Integers],
        last: Integers,
        sung: Booleans,
    ) -> tuple[Integers, Integers]:
        """The pitch and the length of what each take goes on with, so far and then."""
        shift, time = going
        bars = np.full(len(time), self._bar)
        chord, _ = self._chords(time, homes.root[:, -1])
        following = Next(
            shift[:, None],
            time[:, None],
            (time % self._bar)[:, None],
            (time // self._bar)[:, None],
            chord[:, None],
        )
        pointed = point(row, homes, following, bars, _LAST)
        codes, numbers = pitch_told(homes, following, pointed, bars)
        inputs = {"hidden": hidden, "codes": codes[:, 0], "told": numbers[:, 0]}
        outputs = self._writers.pitch.run(inputs, self._cancel)
        allowed = self._room.pitches(time, np.where(shift == 0, last, -1))
        wanted = allowed & np.stack([self._lines[take].keys() for take in self._takes])
        allowed = np.where(wanted.any(axis=1, keepdims=True), wanted, allowed)
        allowed[~sung] = True
        pitch = self._drawn(outputs["pitch"], allowed, time, sung)
        codes = length_told(homes, pitch[:, None], pointed)
        inputs = {"mixed": outputs["mixed"], "codes": codes[:, 0]}
        outputs = self._writers.length.run(inputs, self._cancel)
        allowed = self._room.lengths(time, pitch) & self._rules.strictness.lengths
        allowed[~sung] = True
        logits = outputs["length"]
        if self._page.setting.mono:  # Of a line the next note waits for this one's end.
            logits = self._paced(logits, time, np.array(LENGTHS_IN_TWELFTHS))
        code = self._drawn(logits, allowed, time, sung)
        return pitch, length_of(code)

    def _drawn(
        self,
        logits: Floats,
        allowed: Booleans,
        time: Integers,
        counts: Booleans | None = None,
    ) -> Integers:
        """One of those allowed, for each draft; its cost is noted where it counts."""
        counts = np.ones(len(time), np.bool_) if counts is None else counts
        masked = np.where(allowed, logits.astype(np.float64), -np.inf)
        plain = probabilities(masked)
        part = (time - self._page.begin) / max(1, self._page.end - self._page.begin)
        low, high = self._rules.temperature, self._rules.end_temperature
        warmth = low + (high - low) * np.clip(part, 0.0, 1.0)
        # Each draft draws from its own chance, whatever the others do.
        level = np.array(
            [
                self._generators[take].random() if active else 0.0
                for take, active in zip(self._takes.tolist(), counts.tolist(), strict=True)
            ]
        )
        warm = probabilities(masked / np.maximum(warmth, _COLD)[:, None])
        reached = np.cumsum(warm, axis=-1)
        drawn = (reached > level[:, None] * reached[:, -1:]).argmax(axis=-1)
        chosen = np.where(warmth < _COLD, masked.argmax(axis=-1), drawn)
        cost = -np.log(np.take_along_axis(plain, chosen[:, None], axis=1)[:, 0])
        self._nats[self._takes] += np.where(counts, cost, 0.0)
        return np.asarray(chosen, np.int64)


_LAST: Final = slice(-1, None)

_COLD: Final = 1e-3
"""Below this temperature the likeliest is taken."""


class _Memory:
    """What the trunk remembers of the tokens before, the latest of them."""

    def __init__(self, trunk: Model) -> None:
        shape = next(each.shape for each in trunk.manifest.inputs if each.name == "memory")
        self.kept: Floats = np.zeros((0, 1, int(shape[2]), int(shape[3])), np.float32)
        """(tokens, takes, layers, numbers)."""

    def remember(self, new: Floats) -> None:
        """Keep what the graph gave."""
        self.kept = np.concatenate([self.kept, new])[-REMEMBERED_TOKENS:]

    def only(self, going: Integers) -> None:
        """Go on with some of the takes."""
        self.kept = np.ascontiguousarray(self.kept[:, going])

    def part_ways(self, takes: int) -> None:
        """From here on there are so many takes."""
        self.kept = np.repeat(self.kept, takes, axis=1)


def _tokens_of(page: Page) -> Tokens:
    """What is read before anything is written."""
    known = page.known
    before = known.time < page.begin
    first, rest = known.only(before), known.only(~before)
    start = Tokens.of((START, 0), first.time, first.pitch, first.length)
    if page.middle_of_a_row:
        room = HEARD_TOKENS - 1 - len(start)
        ahead = Tokens.of(None, rest.time, rest.pitch, rest.length).first(
            max(room, HEARD_TOKENS // 3)
        )
        return start.then(
            ahead, Tokens.of((GAP, page.begin), NO_NOTES.time, NO_NOTES.pitch, NO_NOTES.length)
        )
    silent = (page.begin - int(start.time[-1])) // LONGEST_SHIFT
    rests = int(start.time[-1]) + LONGEST_SHIFT * np.arange(1, silent + 1)
    none = np.full(silent, -1)
    return start.then(Tokens(np.full(silent, REST), rests, none, np.zeros(silent, np.int64)))
