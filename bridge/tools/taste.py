"""What makes a melody good, as rules with names and weights that a musician may change.

The rules are those of RL Tuner (Jaques et al. 2016), which took them from a book on melody; each is
counted as in its evaluation, over codes of ``bridge.codecs.melodysteps``: a key struck, held on, or
silence. There a melody is 32 eighth notes, eight to a bar.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.codecs.melodysteps import HOLD, SILENCE, Codes, struck
from bridge.errors import BadRequestError
from bridge.music.clip import require_between
from bridge.music.scale import Scale

BAR_STEPS: Final = 8
"""Steps of a bar, in which a motif must fit."""
MOTIF_PITCHES: Final = 3
"""Different keys that make a motif."""
LEAP: Final = 7
"""Semitones: a fifth and more is a leap."""
STEPS_BETWEEN_LEAPS: Final = 6
"""Leaping back resolves a leap only after more steps than these."""
MOST_REPEATS: Final = 4
"""How often a code may come again without a hold or a rest in between."""
MOST_BROKEN_REPEATS: Final = 6
"""How often with one."""
LAGS: Final = (1, 2, 3)
TOLERATED_CORRELATION: Final = 0.15

_TUNER_LOWEST: Final = 46
"""RL Tuner counts MIDI key 48 as 2, after its two signs for silence and hold."""

Booleans: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Melody:
    """What a rule judges."""

    codes: Codes
    """(steps,), at least one."""
    scale: Scale
    """The key: its root is the tonic."""
    bar_steps: int = BAR_STEPS


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that makes a melody good."""

    name: str
    """A word or two, lower case."""
    says: str
    """The rule in a sentence."""
    weight: float
    """How much it counts, 0–100; 0 switches it off."""
    judge: Callable[[Melody], float]
    """How well a melody keeps it: 0 not at all, 1 wholly; what is beyond is clamped."""

    def __post_init__(self) -> None:
        require_between(f"The weight of the rule “{self.name}”", self.weight, 0, 100)


@dataclass(frozen=True, slots=True)
class Taste:
    """The rules that hold; each name stands once."""

    rules: tuple[Rule, ...]

    def __post_init__(self) -> None:
        names = [rule.name for rule in self.rules]
        for name in names:
            if names.count(name) > 1:
                raise BadRequestError(f"There are two rules called “{name}”; each needs its own.")

    def score(self, melody: Melody) -> float:
        """How well a melody keeps all the rules, 0–1: their mean by weight; 1 without rules."""
        total = sum(rule.weight for rule in self.rules)
        if not total:
            return 1.0
        return sum(rule.weight * kept for rule, kept in self._kept(melody)) / total

    def judgement(self, melody: Melody) -> dict[str, float]:
        """How well each rule that counts is kept, 0–1, by its name."""
        return {rule.name: kept for rule, kept in self._kept(melody)}

    def without(self, name: str) -> Self:
        """The same taste without a rule."""
        return self.weighing(name, 0.0)

    def weighing(self, name: str, weight: float) -> Self:
        """The same taste with another weight for a rule.

        Raises:
            BadRequestError: there is no such rule, or the weight is outside 0–100.
        """
        if name not in {rule.name for rule in self.rules}:
            known = ", ".join(rule.name for rule in self.rules)
            raise BadRequestError(f"There is no rule called “{name}”. There are: {known}.")
        return replace(
            self,
            rules=tuple(
                replace(rule, weight=weight) if rule.name == name else rule for rule in self.rules
            ),
        )

    def adding(self, rule: Rule) -> Self:
        """The same taste with one more rule, of a name that is not taken."""
        return replace(self, rules=(*self.rules, rule))

    def _kept(self, melody: Melody) -> list[tuple[Rule, float]]:
        return [
            (rule, min(1.0, max(0.0, float(rule.judge(melody)))))
            for rule in self.rules
            if rule.weight
        ]


def outside_key(codes: Codes, scale: Scale) -> Booleans:
    """On which steps a key is struck that does not belong to the scale; rests and holds belong."""
    return np.asarray(struck(codes) & ~np.array(scale.mask)[np.maximum(codes, 0)], np.bool_)


def repeated_too_often(codes: Codes) -> Booleans:
    """On which steps a code comes once too often.

    Back to the last other key, the same code may stand four times, six if there are holds or rests
    between; silence may stand once. A hold counts as a code of its own, so a long note counts too.
    """
    found = np.zeros(len(codes), np.bool_)
    for step, code in enumerate(codes.tolist()):
        again = 0
        broken = False
        for before in reversed(codes[:step].tolist()):
            if before == code:
                again += 1
            elif before in {HOLD, SILENCE}:
                broken = True
            else:
                break
        most = MOST_BROKEN_REPEATS if broken else MOST_REPEATS
        found[step] = again > most or (code == SILENCE and again > 1)
    return found


def in_motif(codes: Codes, bar_steps: int = BAR_STEPS) -> Booleans:
    """On which steps a motif ends: in the bar's length up to there, three keys are struck."""
    found = np.zeros(len(codes), np.bool_)
    for end in range(bar_steps, len(codes) + 1):
        bar = codes[end - bar_steps : end]
        found[end - 1] = len(set(bar[struck(bar)].tolist())) >= MOTIF_PITCHES
    return found


def in_repeated_motif(codes: Codes, bar_steps: int = BAR_STEPS) -> Booleans:
    """On which steps a motif ends that stood before, code for code, ending before it began."""
    motif = in_motif(codes, bar_steps)
    found = np.zeros(len(codes), np.bool_)
    seen: set[bytes] = set()
    for end in range(bar_steps, len(codes) + 1):
        earlier = end - bar_steps
        if earlier >= bar_steps:
            seen.add(codes[earlier - bar_steps : earlier].tobytes())
        found[end - 1] = bool(motif[end - 1]) and codes[end - bar_steps : end].tobytes() in seen
    return found


@dataclass(frozen=True, slots=True)
class Leaps:
    """What became of the leaps of a melody."""

    resolved: int
    """Leapt back after a while, or walked back to where they came from."""
    doubled: int
    """Followed by another in the same direction."""


def leaps_of(codes: Codes) -> Leaps:
    """How many leaps were resolved and how many doubled; others are still open at the end."""
    resolved = doubled = 0
    direction = since = origin = 0
    last: int | None = None
    for step, code in enumerate(codes.tolist()):
        if step == 0 or code < 0:
            since += step > 0
        elif last is not None and abs(code - last) >= LEAP:
            here = 1 if code > last else -1
            if direction == 0:
                direction, origin = here, last
            elif direction == here:
                doubled += 1
            else:
                resolved += since > STEPS_BETWEEN_LEAPS
                direction = 0
            since = 0
        else:
            since += 1
            if direction * (code - origin) <= 0 and direction:
                resolved += 1
                direction = 0
        last = code if code >= 0 else last
    return Leaps(resolved, doubled)


def autocorrelation(codes: Codes, lag: int) -> float:
    """How like itself a melody is so many steps later, −1–1; NaN if it has one code only.

    Counted over RL Tuner's numbers: silence 0, hold 1, and keys from 2.
    """
    numbers = np.where(codes >= 0, codes - _TUNER_LOWEST, np.where(codes == SILENCE, 0, 1))
    away = numbers - numbers.mean()
    variance = numbers.var()
    if variance == 0:
        return float("nan")
    return float((away[lag:] * away[: len(away) - lag]).sum() / len(numbers) / variance)


def has_unique_highest(codes: Codes) -> bool:
    """Whether the highest key is struck once; a melody of nothing but silence has none."""
    keys = codes[struck(codes)]
    return len(keys) > 0 and int((keys == keys.max()).sum()) == 1


def has_unique_lowest(codes: Codes) -> bool:
    """Whether the lowest key is struck once."""
    keys = codes[struck(codes)]
    return len(keys) > 0 and int((keys == keys.min()).sum()) == 1


def starts_on_tonic(codes: Codes, scale: Scale) -> bool:
    """Whether the tonic, in any octave, is struck on the first step."""
    return bool(codes[0] >= 0) and int(codes[0]) % 12 == scale.root


def _share(marked: Booleans) -> float:
    return float(marked.mean())


def _in_key(melody: Melody) -> float:
    keys = struck(melody.codes)
    outside = outside_key(melody.codes, melody.scale)
    return 1.0 - float(outside.sum()) / max(1, int(keys.sum()))


def _on_tonic(melody: Melody, which: int) -> float:
    keys = melody.codes[struck(melody.codes)]
    return float(len(keys) > 0 and int(keys[which]) % 12 == melody.scale.root)


def _leaps_resolved(melody: Melody) -> float:
    leaps = leaps_of(melody.codes)
    return leaps.resolved / (leaps.resolved + leaps.doubled) if leaps.doubled else 1.0


def _varied(melody: Melody) -> float:
    found = [abs(autocorrelation(melody.codes, lag)) for lag in LAGS]
    over = [value for value in found if not value <= TOLERATED_CORRELATION]
    return 1.0 - float(np.nan_to_num(np.sum(over), nan=len(LAGS))) / len(LAGS)


RULES: Final = (
    Rule("in key", "Every note belongs to the key.", 3.0, _in_key),
    Rule("tonic first", "The first note is the key's.", 1.0, partial(_on_tonic, which=0)),
    Rule("tonic last", "The last note is the key's.", 1.0, partial(_on_tonic, which=-1)),
    Rule(
        "few repeats",
        "No note comes again more than four times in a row, or six with holds or rests between.",
        10.0,
        lambda melody: 1.0 - _share(repeated_too_often(melody.codes)),
    ),
    Rule(
        "leaps resolved",
        "A leap of a fifth or more is led back, and not followed by another on the same way.",
        5.0,
        _leaps_resolved,
    ),
    Rule(
        "motif",
        "Each stretch of a bar has three different notes or more.",
        3.0,
        lambda melody: _share(in_motif(melody.codes, melody.bar_steps)),
    ),
    Rule(
        "repeated motif",
        "Motifs come again.",
        4.0,
        lambda melody: _share(in_repeated_motif(melody.codes, melody.bar_steps)),
    ),
    Rule(
        "unique highest",
        "The highest note comes once.",
        1.5,
        lambda melody: float(has_unique_highest(melody.codes)),
    ),
    Rule(
        "unique lowest",
        "The lowest note comes once.",
        1.5,
        lambda melody: float(has_unique_lowest(melody.codes)),
    ),
    Rule("varied", "One, two or three steps later the melody is another.", 3.0, _varied),
)
"""RL Tuner's rules; the weights follow its rewards, the repeats' being lowered from 100."""

DEFAULT_TASTE: Final = Taste(RULES)
