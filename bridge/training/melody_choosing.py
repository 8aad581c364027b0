"""Melodies of 32 eighths by RL Tuner's table: as they are drawn, in a scale, and the best of many.

Four bars of 4/4 after eight bars of a real melody, or from nothing in C major. All are written on
eighths. What they cost is said of the model without a lock, at temperature 1, and told what the
writer was told: the choosing is to lose little of it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

import numpy as np

from bridge.codecs.melodysteps import Codes, struck
from bridge.codecs.notescore import MODES, Metre, Setting
from bridge.engine.cancel import Cancel
from bridge.music.scale import Scale
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.tools import choosing
from bridge.tools.choosing import quality_of
from bridge.tools.drafting import POOL
from bridge.tools.note_writing import Writers, write
from bridge.tools.pages import NO_NOTES, Draft, Page
from bridge.tools.strictness import HELD, LEAPS, REPEATS, Strictness
from bridge.tools.taste import BAR_STEPS, DEFAULT_TASTE, Melody, Taste, repeated_too_often
from bridge.training.melody_passages import alone, codes_of_grid
from bridge.training.melody_tunes import BAR, codes_of_song
from bridge.training.melody_writing import one_voice, page_after
from bridge.training.metrics import Doubles
from bridge.training.note_windows import MELODY, Known
from bridge.training.song import Song
from bridge.training.step_nats import STEP, step_costs
from bridge.training.taste_table import TasteTable, taste_table

HEARD_BARS: Final = 8
BARS: Final = 4
EIGHTH: Final = 2 * STEP
"""Twelfths."""
MANY: Final = 64
"""Melodies of which the best is chosen by a strict taste."""
STRICT: Final = 0.9
"""How much the rules count then, against the model's own opinion; chosen on validation."""
STRICT_TASTE: Final = (
    DEFAULT_TASTE.weighing("motif", 20.0).weighing(REPEATS, HELD).weighing(LEAPS, HELD)
)
"""Repeats and leaps are held as locks while it is written, motifs are chosen for."""
MELODIES: Final = 120
"""Of each kind."""
_MIDDLE: Final = 71
"""The key about which melodies lie that begin from nothing."""

PLAIN: Final = "as drawn"
LOCKED: Final = "in the scale"
USUAL: Final = f"best of {POOL}, as the tools choose"
CHOSEN: Final = f"best of {MANY}, strict"
KINDS: Final = (PLAIN, LOCKED, USUAL, CHOSEN)


@dataclass(frozen=True, slots=True)
class Tasted:
    """Melodies of one kind."""

    table: TasteTable
    melodies: int
    nats: float
    """A note, of the model without a lock."""

    def lost(self, plain: "Tasted") -> float:
        """The part by which they cost more than plain ones: 0.05 is five percent."""
        return self.nats / plain.nats - 1.0

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Start:
    """What a melody begins after."""

    heard: Codes
    """Sixteenths; none where it begins from nothing."""
    page: Page
    scale: Scale


def starts_of(songs: Iterable[Song], count: int = MELODIES, seed: int = 0) -> tuple[Start, ...]:
    """The first eight bars of songs whose bars have sixteen sixteenths; of many some, by lot."""
    found = []
    for song in songs:
        lines = song.bars.start[: HEARD_BARS + 1]
        even = len(lines) > HEARD_BARS and len(song.bars) >= HEARD_BARS + BARS
        if not even or np.any(np.diff(lines) != BAR * TICKS_PER_SIXTEENTH):
            continue
        heard = codes_of_song(song, before=int(lines[-1]))
        if len(heard) == HEARD_BARS * BAR and struck(heard).sum() >= HEARD_BARS:
            page = page_after(heard, BARS * BAR, Metre(4, 4))
            found.append(Start(heard, page, _scale(page.setting)))
    order = np.random.default_rng(seed).permutation(len(found))[:count]
    return tuple(found[number] for number in order.tolist())


def from_nothing(count: int = MELODIES) -> tuple[Start, ...]:
    """The beginning of melodies from nothing, in C major about the middle of a voice."""
    setting = Setting(MELODY, Metre(4, 4), 0, 0, _MIDDLE)
    page = Page(setting, NO_NOTES, 0, BARS * BAR * STEP)
    return (Start(np.zeros(0, np.int16), page, _scale(setting)),) * count


def tasted(
    starts: Sequence[Start],
    writers: Writers,
    *,
    many: int = MANY,
    seed: int = 0,
    report: Callable[[float], None] = lambda _: None,
) -> dict[str, Tasted]:
    """What is written after each start: as drawn, in the scale, and the best of few and of many.

    Args:
        starts: At least one.
        writers: The model.
        many: Drafts of which the best is chosen strictly.
        seed: Of what is drawn.
        report: Told the part that is done, 0–1.
    """
    written: dict[str, list[Codes]] = {name: [] for name in KINDS}
    for number, start in enumerate(starts):
        chances = np.random.default_rng([seed, number, 1]).spawn(1)
        rules = one_voice(start.page, grid=EIGHTH)
        (plain,) = write(start.page, chances, writers, rules, cancel=Cancel())
        rules = replace(rules, allowed=np.array(start.scale.mask))
        chances = np.random.default_rng([seed, number]).spawn(many)
        locked = write(start.page, chances[:POOL], writers, rules, cancel=Cancel())
        few = best_of(locked, start, DEFAULT_TASTE, choosing.TASTE)
        held = replace(rules, strictness=Strictness.of(STRICT_TASTE, start.page.setting.metre.bar))
        ruled = write(start.page, chances, writers, held, cancel=Cancel())
        best = best_of(ruled, start, STRICT_TASTE, STRICT, strict=True)
        for name, draft in zip(KINDS, (plain, locked[0], few, best), strict=True):
            written[name].append(_codes(draft, start))
        report((number + 1) / len(starts))
    scales = [start.scale for start in starts]
    return {
        name: Tasted(
            taste_table([eighths(each) for each in melodies], scales),
            len(melodies),
            _nats_of_note(starts, melodies, writers),
        )
        for name, melodies in written.items()
    }


def best_of(
    drafts: Sequence[Draft], start: Start, rules: Taste, taste: float, *, strict: bool = False
) -> Draft:
    """The best by the model's opinion and by taste.

    Args:
        drafts: At least one.
        start: What they begin after.
        rules: Of taste.
        taste: How much they count, 0–1.
        strict: Whether one that repeats too often is only taken where all do.
    """
    melodies = [eighths(_codes(draft, start)) for draft in drafts]
    scores = [rules.score(Melody(codes, start.scale, BAR_STEPS)) for codes in melodies]
    quality: Doubles = quality_of([-draft.nats_per_note for draft in drafts], scores, taste)
    if strict:
        quality = quality - [2.0 * repeated_too_often(codes).any() for codes in melodies]
    return drafts[int(quality.argmax())]


def _codes(draft: Draft, start: Start) -> Codes:
    return codes_of_grid(draft.notes.moved(-start.page.begin), BARS * BAR)


def eighths(codes: Codes) -> Codes:
    """Codes of sixteenths of which all notes begin on eighths, as codes of eighths."""
    return codes[::2]


def _nats_of_note(starts: Sequence[Start], melodies: Sequence[Codes], writers: Writers) -> float:
    passages = []
    for start, melody in zip(starts, melodies, strict=True):
        said = start.page.setting
        known = Known(said.root, said.mode, said.middle, said.notes_per_bar)
        whole = np.concatenate([start.heard, melody]).astype(np.int16)
        passages.append(alone(whole, known, first=len(start.heard)))
    total = sum(float(cost.nats.sum()) for cost in step_costs(passages, writers))
    return total / max(1, sum(int(struck(melody).sum()) for melody in melodies))


def _scale(setting: Setting) -> Scale:
    return Scale.named(MODES[setting.mode], setting.root)
