"""The notes around a line between clips: whose they are, and how they go with a changed line.

What accompanies changes hands half a bar at a time, so that harmony stays whole: each half bar is
played by the clip whose line is the nearest there. A voice keeps out of the line's way: it stays
on its side of the line, moves from a semitone beside it to a tone of its own clip, and where it
doubled the line of its clip it doubles the new one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.melodysteps import HOLD, SILENCE
from bridge.music.clip import MIDI_KEYS, Clip, is_compound
from bridge.music.pitchlock import PitchLock
from bridge.tools.lines import HeardLine, Placed, Steps

Doubles = npt.NDArray[np.float64]

LEAST_HALF: Final = 6
"""Sixteenths that half a bar has at least; a bar with shorter halves is one part."""

_STRAY: Final = 0.4
"""How much the lot decides whose a part is."""
_RUBS: Final = (1, 11)
"""Semitones, but for octaves, at which a voice rubs against the line."""
_ASIDE: Final = (-1, 1, -2, 2)
_DOUBLING: Final = 16
"""Semitones from the line at which a voice that moves with it doubles it."""
_OCTAVES: Final = 3


@dataclass(frozen=True, slots=True)
class Setting:
    """The line that voices are set around."""

    codes: Steps
    """As :mod:`bridge.codecs.melodysteps` has them, (steps,)."""
    sounding: Steps
    """The key that sounds on each step, −1 where none does, (steps,)."""
    lock: PitchLock

    @classmethod
    def of(cls, codes: Steps, lock: PitchLock) -> "Setting":
        """The setting of a line."""
        return cls(codes, sounding_keys(codes), lock)


def sounding_keys(codes: Steps) -> Steps:
    """The key that sounds on each step of a line, −1 where none does, (steps,)."""
    said = np.maximum.accumulate(np.where(codes == HOLD, -1, np.arange(len(codes))))
    keys = np.where(said >= 0, codes[np.maximum(said, 0)], SILENCE)
    return np.asarray(np.where(keys >= 0, keys, -1), np.int64)


def steps_of_part(clip: Clip, steps_per_bar: int) -> int:
    """How many sixteenths the accompaniment stays with one clip: half a bar, or a whole one."""
    compound = is_compound(clip.numerator, clip.denominator)
    beats = clip.numerator // 3 if compound else clip.numerator
    half = steps_per_bar // 2
    return steps_per_bar if beats % 2 or half < LEAST_HALF or steps_per_bar % 2 else half


def owners(
    codes: Steps,
    corners: Sequence[HeardLine],
    weights: Sequence[float],
    part: int,
    lots: Doubles,
) -> list[int]:
    """Which corner plays each part of a take.

    Args:
        codes: The line of the take, (steps,).
        corners: What it lies between.
        weights: How much of each is in the take; who has none plays nothing.
        part: Steps of a part.
        lots: Drawn from 0 to 1, the same for every take, (corners, parts).
    """
    parts = -(-len(codes) // part)
    apart = np.zeros((len(corners), parts))
    for number, corner in enumerate(corners):
        np.add.at(apart[number], np.arange(len(codes)) // part, corner.codes != codes)
    share = apart / np.maximum(1.0, apart.sum(axis=0))
    heavy = np.array(weights)[:, None]
    wanted = np.where(heavy > 0.0, heavy - share + _STRAY * lots[:, :parts], -np.inf)
    return [int(owner) for owner in wanted.argmax(axis=0)]


def voices_between(
    setting: Setting, corners: Sequence[HeardLine], owned: Sequence[int], part: int
) -> list[Placed]:
    """The notes around a line, each part's from its owner.

    Args:
        setting: The line.
        corners: What the take lies between.
        owned: As :func:`owners` gives it.
        part: Steps of a part.
    """
    end = len(setting.codes)
    borders = [n * part for n in range(1, len(owned)) if owned[n] != owned[n - 1]]
    placed = []
    for first, last in zip([0, *borders], [*borders, end], strict=True):
        corner = corners[owned[first // part]]
        own = sounding_keys(corner.codes)
        doubles = _doubling(corner)
        tones = {note.note.pitch % 12 for note in (*corner.around, *corner.line.values())}
        for voice in corner.around:
            cut = _cut(voice, first, last)
            if cut is None:
                continue
            if id(voice) in doubles:
                moved = _doubled(cut, corner, setting, tones)
            else:
                moved = _set_aside(cut, own, setting, tones, corner.sign)
            if moved is not None:
                placed.append(moved)
    return placed


def fitted(pitch: int, lock: PitchLock) -> int:
    """The key of a lock that is the nearest to one: in another octave where that does."""
    keys = [key for key, may in enumerate(lock.mask) if may]
    alike = [key for key in keys if (key - pitch) % 12 == 0]
    return min(alike or keys, key=lambda key: (abs(key - pitch), key))


def _cut(voice: Placed, first: int, last: int) -> Placed | None:
    """A voice within the steps of a part: what was held from before is struck again."""
    if voice.step >= last or voice.end <= first:
        return None
    if voice.step < first:
        fresh = replace(voice.note, note_id=None)
        voice = replace(voice, note=fresh, step=first, late=0)
    return voice if voice.end <= last else replace(voice, end=last, over=0)


def _doubling(corner: HeardLine) -> set[int]:
    """The ids of the voices that double the line: alone with it, as long, and not far from it."""
    beside: dict[int, list[Placed]] = {}
    for voice in corner.around:
        beside.setdefault(voice.step, []).append(voice)
    found = set()
    for step, voices in beside.items():
        led = corner.line.get(step)
        voice = voices[0]
        if (
            led is not None
            and len(voices) == 1
            and voice.end == led.end
            and abs(voice.note.pitch - led.note.pitch) <= _DOUBLING
        ):
            found.add(id(voice))
    return found


def _doubled(
    voice: Placed, corner: HeardLine, setting: Setting, tones: Iterable[int]
) -> Placed | None:
    """A voice that goes with the line of its clip, with the new line; None where that rests."""
    led = corner.line.get(voice.step)
    code = int(setting.codes[voice.step])
    if led is None or code < 0:
        return None
    key = code + voice.note.pitch - led.note.pitch
    if code != led.note.pitch and key % 12 not in tones:
        key = min((key - 1, key + 1), key=lambda near: near % 12 not in tones)
    if key not in MIDI_KEYS:
        return None
    behind = np.flatnonzero(setting.codes[voice.step + 1 :] != HOLD)
    stop = voice.step + 1 + int(behind[0]) if len(behind) else len(setting.codes)
    note = replace(voice.note, pitch=fitted(key, setting.lock))
    return replace(voice, note=note, end=stop)


def _set_aside(
    voice: Placed, own: Steps, setting: Setting, tones: Iterable[int], sign: int
) -> Placed | None:
    """A voice out of the way of the line; None where it finds no place."""
    over = slice(voice.step, voice.end)
    line, before = setting.sounding[over], own[over]
    pitch = voice.note.pitch

    def crosses(key: int, keys: Steps) -> bool:
        return bool(((keys >= 0) & (sign * (keys - key) <= 0)).any())

    def rubs(key: int, keys: Steps) -> bool:
        return bool(((keys >= 0) & np.isin((key - keys) % 12, _RUBS)).any())

    key = fitted(pitch, setting.lock)
    if not crosses(pitch, before):
        octaves = [key - sign * 12 * octave for octave in range(_OCTAVES)]
        free = [near for near in octaves if near in setting.lock and not crosses(near, line)]
        if not free:
            return None
        key = free[0]
    if rubs(key, line) and not rubs(pitch, before):
        beside = [
            key + aside
            for aside in _ASIDE
            if key + aside in setting.lock
            and (key + aside) % 12 in tones
            and not rubs(key + aside, line)
            and not crosses(key + aside, line)
        ]
        if not beside:
            return None
        key = beside[0]
    return replace(voice, note=replace(voice.note, pitch=key))
