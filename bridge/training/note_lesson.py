"""What a note network learns: which note comes next, or stands in a gap, in every part."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

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
from bridge.codecs.noterows import Row
from bridge.codecs.notescore import SHIFTS, TICKS_PER_TWELFTH, Setting, length_code
from bridge.music.key import MAJOR, key_of_weights
from bridge.training.fit import Progress, Schedule, fit
from bridge.training.note_network import NoteNetwork, NoteShape
from bridge.training.note_windows import (
    CHORDS,
    MELODY,
    TOKENS,
    Known,
    Voice,
    Window,
    chords_at,
    cut_voice,
    gap_window,
    places_of,
    rows_of,
    voices_of,
    window_of,
)
from bridge.training.song import Song

_SCHEDULE: Final = Schedule(epochs=12, batch=16, learning_rate=1.5e-3, weight_decay=0.1)
_GAPS: Final = (1, 1, 2, 4)
"""Bars that are taken out of a window, as often as they stand here."""
_LONGEST_WINDOW: Final = 64
"""Bars."""
_EXAMINED: Final = 160
"""Windows of each part."""


@dataclass(frozen=True, slots=True)
class NoteRecipe:
    """Everything that decides what a note network becomes, but for the data."""

    shape: NoteShape = field(default_factory=NoteShape)
    schedule: Schedule = _SCHEDULE
    chords_share: float = 0.3
    """Of the windows of chords, so many are seen in an epoch; of other parts all."""
    gaps: float = 0.25
    """Share of the windows in which some bars are to be filled."""
    key_known: float = 0.6
    """Chance that the key is said."""
    key_heard: float = 0.4
    """Chance that a key that is said is the one that the window's own notes suggest."""
    middle_known: float = 0.5
    density_known: float = 0.35
    chords_known: float = 0.4
    """Where the song names chords."""


@dataclass(frozen=True, slots=True)
class NoteBatch:
    """Windows as the network reads them, in the order of turns."""

    codes: Tensor  # (rows, tokens, 20)
    told: Tensor  # (rows, tokens, 99)
    clock: Tensor  # (rows, tokens, 32)
    pitch_codes: Tensor  # (rows, tokens, 26)
    pitch_told: Tensor  # (rows, tokens, 57)
    length_codes: Tensor  # (rows, tokens, 10)
    shift: Tensor  # (rows, tokens); −1 where nothing is to be learnt
    pitch: Tensor  # (rows, tokens); −1 where no note is to be learnt
    length: Tensor  # (rows, tokens); codes


@dataclass(frozen=True, slots=True)
class Nats:
    """Of each token, (rows, tokens); 0 where nothing is to be learnt."""

    shift: Tensor
    pitch: Tensor
    length: Tensor

    @property
    def total(self) -> Tensor:
        """Of all three."""
        return self.shift + self.pitch + self.length


def setting_of(window: Window, known: Known) -> Setting:
    """What the model is told of a window's part."""
    voice = window.voice
    return Setting(
        voice.part,
        voice.metre(window.first_bar),
        known.root,
        known.mode,
        known.middle,
        known.notes_per_bar,
    )


def batch_of(windows: Sequence[Window], known: Sequence[Known]) -> NoteBatch:
    """Windows as tensors."""
    row = rows_of(windows, known)
    settings = [setting_of(*pair) for pair in zip(windows, known, strict=True)]
    bars = np.array([setting.metre.bar for setting in settings])
    mono = np.array([setting.mono for setting in settings])
    features = np.stack([setting.features for setting in settings])
    homes = Homes.of(
        row,
        np.array([setting.root for setting in settings]),
        np.array([setting.middle for setting in settings]),
    )
    seen = look(row, bars, mono)
    codes, numbers = told(row, homes, Frames(features, bars), seen, alike(seen.away))
    shift, pitch, length = (np.full(row.kind.shape, -1) for _ in range(3))
    for number, window in enumerate(windows):
        shift[number, : len(window)] = window.shift
        sung = np.flatnonzero(window.sung)
        pitch[number, sung] = window.pitch[sung + 1]
        length[number, sung] = window.length[sung + 1]
    following = _following(windows, known, row, shift)
    pointed = point(row, homes, following, bars)
    pitch_codes, pitch_numbers = pitch_told(homes, following, pointed, bars)
    tensors = (
        codes,
        numbers,
        clock(row.time, bars),
        pitch_codes,
        pitch_numbers,
        length_told(homes, pitch, pointed),
        shift,
        pitch,
        np.where(pitch >= 0, length_code(length), -1),
    )
    return NoteBatch(*(torch.from_numpy(np.ascontiguousarray(each)) for each in tensors))


def nats_of(network: NoteNetwork, batch: NoteBatch) -> Nats:
    """What each token costs."""
    none = batch.codes.new_zeros(0, len(batch.codes), network.shape.layers, 2 * network.shape.part)
    hidden, shifts, _ = network.trunk(batch.codes, batch.told, batch.clock, none)
    sung = batch.pitch >= 0
    pitches, mixed = network.pitch(hidden[sung], batch.pitch_codes[sung], batch.pitch_told[sung])
    lengths = network.length(mixed, batch.length_codes[sung])
    return Nats(
        functional.cross_entropy(
            shifts.float().transpose(1, 2), batch.shift, ignore_index=-1, reduction="none"
        ),
        _spread(pitches, batch.pitch, sung),
        _spread(lengths, batch.length, sung),
    )


def _spread(logits: Tensor, target: Tensor, sung: Tensor) -> Tensor:
    nats = functional.cross_entropy(logits.float(), target[sung], reduction="none")
    return torch.zeros(sung.shape, device=nats.device).masked_scatter(sung, nats)


def _following(
    windows: Sequence[Window], known: Sequence[Known], row: Row, shift: np.ndarray
) -> Next:
    """Where what comes next stands, for every token."""
    time = row.time + np.maximum(shift, 0)
    position, bar = np.zeros_like(time), np.zeros_like(time)
    chord = np.zeros_like(row.chord)
    for number, (window, said) in enumerate(zip(windows, known, strict=True)):
        position[number], bar[number] = places_of(window, time[number])
        if said.chords:
            chord[number], _ = chords_at(window, time[number], said.root)
    return Next(np.where(shift >= 0, shift, SHIFTS), time, position, bar, chord)


class NoteLesson:
    """Voices to learn from, in windows that begin at another bar each time; some to examine."""

    def __init__(
        self, recipe: NoteRecipe, train: Sequence[Song], validation: Sequence[Song]
    ) -> None:
        self.recipe = recipe
        self._voices = voices_of(train)
        self._mine = [
            number
            for number, voice in enumerate(self._voices)
            for _ in range(max(1, round(len(voice) / TOKENS)))
        ]
        part = np.array([self._voices[number].part for number in self._mine])
        self._always = np.flatnonzero(part != CHORDS)
        self._sometimes = np.flatnonzero(part == CHORDS)
        generator = np.random.default_rng(0)
        self._examined = {
            name: _examination(voices, generator)
            for name, voices in (
                ("melody", [v for v in voices_of(validation, 3) if v.part == MELODY]),
                ("chords", [v for v in voices_of(validation) if v.part == CHORDS]),
            )
        }

    @property
    def examples(self) -> int:
        """Windows of an epoch."""
        return len(self._always) + int(self.recipe.chords_share * len(self._sometimes))

    def loss(
        self, network: NoteNetwork, chosen: Tensor, generator: torch.Generator, part: float
    ) -> Tensor:
        """Nats a note."""
        del part
        # One draw of torch's generator seeds all other chance of the step.
        seed = int(torch.randint(2**62, (1,), generator=generator, device=generator.device))
        chance = np.random.default_rng(seed)
        windows, known = [], []
        for number in chosen.tolist():
            if number < len(self._always):
                window = self._drawn(self._mine[self._always[number]], chance)
            else:
                window = self._drawn(self._mine[int(chance.choice(self._sometimes))], chance)
            windows.append(window)
            known.append(said_of(window, self.recipe, chance))
        nats = nats_of(network, batch_of(windows, known))
        return nats.total.sum() / sum(int(window.sung.sum()) for window in windows)

    def _drawn(self, number: int, chance: np.random.Generator) -> Window:
        voice = self._voices[number]
        last = int(np.searchsorted(voice.bars, voice.time[max(0, len(voice) - TOKENS // 2)]))
        bar = int(chance.integers(max(1, min(last, len(voice.bars) - 1))))
        if chance.random() < self.recipe.gaps:
            plain = window_of(voice, bar)
            bars = int(places_of(plain, plain.time[-1:])[1][0])
            length = int(chance.choice(_GAPS))
            if bars > length + 1:
                first = int(chance.integers(bars - length))
                return gap_window(voice, bar, (first, first + length))
        return window_of(voice, bar)

    def examine(self, network: NoteNetwork) -> tuple[float, Mapping[str, float]]:
        """Nats a note of melodies and of chords on the validation split, nothing said."""
        figures = {}
        for name, windows in self._examined.items():
            total = notes = 0.0
            parts = np.zeros(3)
            for start in range(0, len(windows), 32):
                part = windows[start : start + 32]
                nats = nats_of(network, batch_of(part, [Known()] * len(part)))
                total += float(nats.total.sum())
                parts += [float(each.sum()) for each in (nats.shift, nats.pitch, nats.length)]
                notes += sum(int(window.sung.sum()) for window in part)
            figures[name] = total / notes
            if name == "melody":
                named = zip(("shift", "pitch", "length"), parts / notes, strict=True)
                figures.update(dict(named))
        return figures["melody"] + 0.5 * figures["chords"], figures


def fit_notes(
    recipe: NoteRecipe,
    train: Sequence[Song],
    validation: Sequence[Song],
    checkpoint: Path,
    *,
    report: Callable[[Progress], None],
    advance: Callable[[float], None] = lambda _: None,
) -> NoteNetwork:
    """A trained network; see :func:`bridge.training.fit.fit`."""
    return fit(
        lambda: NoteNetwork(recipe.shape),
        NoteLesson(recipe, train, validation),
        recipe.schedule,
        asdict(recipe),
        checkpoint,
        report=report,
        advance=advance,
    )


def said_of(window: Window, recipe: NoteRecipe, chance: np.random.Generator) -> Known:
    """What is said of a window, by lot."""
    song = window.voice.song
    has_chords = len(song.chords) > 0
    chords = bool(has_chords and chance.random() < recipe.chords_known)
    root = mode = middle = -1
    pitches = window.pitch[window.pitch >= 0]
    if chords or chance.random() < recipe.key_known:
        if not chords and chance.random() < recipe.key_heard and len(pitches):
            root, mode = heard_key(window)
        else:
            root, mode = given_key(window)
    if len(pitches) and chance.random() < recipe.middle_known:
        middle = round(float(pitches.mean() + chance.normal(scale=1.5)))
    notes_per_bar = 0.0
    span = int(window.time.max())
    if span and chance.random() < recipe.density_known:
        notes_per_bar = float(len(pitches) * 48 / max(span, 48) * np.exp2(chance.normal() * 0.15))
    return Known(root, mode, middle, notes_per_bar, chords)


def given_key(window: Window) -> tuple[int, int]:
    """The song's key where a window begins."""
    keys = window.voice.song.keys
    tick = int(window.voice.bars[window.first_bar]) * TICKS_PER_TWELFTH
    at = max(0, int(np.searchsorted(keys.start, tick, side="right")) - 1)
    return int(keys.root[at]), int(keys.mode[at])


def heard_key(window: Window) -> tuple[int, int]:
    """The key that a window's notes suggest."""
    notes = window.pitch >= 0
    weights = np.bincount(window.pitch[notes] % 12, window.length[notes], minlength=12)
    key = key_of_weights(weights.tolist(), first=int(window.pitch[notes][0]) % 12)
    return key.root, 0 if key.mode == MAJOR else 1


def _examination(voices: Sequence[Voice], generator: np.random.Generator) -> list[Window]:
    windows = [window_of(voice, bar) for voice in voices for bar in cut_voice(voice)]
    chosen = generator.permutation(len(windows))[:_EXAMINED]
    return [windows[number] for number in chosen.tolist()]
