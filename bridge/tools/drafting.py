"""The best of many drafts: by the model, by taste, unlike each other, and copied from nowhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from bridge.codecs.melodysteps import Codes, codes_of_times
from bridge.codecs.notescore import TICKS_PER_TWELFTH
from bridge.codecs.originality import FINGERPRINT, Fingerprint
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog
from bridge.errors import ModelFailedError
from bridge.music.clip import Note
from bridge.music.scale import Scale
from bridge.tools.choosing import VARIETY, likeness_of, quality_of
from bridge.tools.hearing import stiff
from bridge.tools.note_writing import LENGTHENS, MODEL, PITCHES, Writers, write
from bridge.tools.pages import Draft, Page, Rules
from bridge.tools.taste import BAR_STEPS, Melody, Taste

Doubles = npt.NDArray[np.float64]

POOL: Final = 3
"""Drafts from which each take is chosen."""
CHORDS_POOL: Final = 2
"""The same where several notes sound at once: those take longer."""
EXACT: Final = 500_000
"""From this seed up to its double, a seed names one draft, and no choice is made.

Six digits: what a knob of a device can be set to, so that every take's seed can be typed back.
"""
ROUNDS: Final = 6
"""How often drafts that copy are drawn anew."""
CROWD: Final = 0.15
"""How much of the quality an octave more or fewer notes than asked for costs."""


@dataclass(frozen=True, slots=True)
class Band:
    """Who makes pitched takes, and by which taste."""

    writers: Writers
    taste: Taste
    learnt: Fingerprint
    """Of the melodies that the model learned from."""

    @classmethod
    def of(cls, catalog: Catalog, taste: Taste) -> Self:
        """The note model of a catalog.

        Raises:
            ModelMissingError: if a part of it is missing or for another version of Clipbridge.
            ModelFailedError: if it does not load.
        """
        trunk, pitch, length = (catalog.load(name) for name in (MODEL, PITCHES, LENGTHENS))
        return cls(Writers(trunk, pitch, length), taste, _fingerprint(trunk.extra(FINGERPRINT)))


@dataclass(frozen=True, slots=True)
class Wish:
    """What decides between drafts, beside the model."""

    scale: Scale
    given: tuple[Note, ...] = ()
    """What the musician handed in; it may come again."""
    notes_per_bar: float = 0.0
    """In a bar of the page's metre; 0: as it comes."""
    pool: int = POOL


@dataclass(frozen=True, slots=True)
class Chosen:
    """A draft that became a take."""

    seed: int
    """Typed back it gives this draft again."""
    draft: Draft


def seeds_of(seed: int, takes: int, pool: int) -> list[list[int]]:
    """The seeds of the drafts that each take is chosen from; an exact seed is alone."""
    found = []
    for take in range(takes):
        if take == 0 and EXACT <= seed < 2 * EXACT:
            found.append([seed])
        else:
            found.append([draft_seed(seed + take, number) for number in range(pool)])
    return found


def draft_seed(seed: int, number: int) -> int:
    """A seed for one draft, of six digits; of each seed another by a number."""
    state = np.random.SeedSequence([seed, number]).generate_state(1)
    return EXACT + int(state[0]) % EXACT


def nothing_of_its_own() -> ModelFailedError:
    """What is said where all that was drawn copied a melody that was learnt."""
    return ModelFailedError(
        "Whatever was tried came out like a melody that the model learned from. Ask again"
        " with another seed, or a higher temperature."
    )


def choose_drafts(
    page: Page,
    band: Band,
    rules: Rules,
    wish: Wish,
    seeds: Sequence[Sequence[int]],
    *,
    cancel: Cancel,
    report: Callable[[float], None],
) -> tuple[Chosen, ...]:
    """One draft for each take: the best of its own, and unlike those of the takes before.

    Args:
        page: What is known.
        band: Who writes.
        rules: What is forbidden.
        wish: What is preferred.
        seeds: Of the drafts of each take.
        cancel: Asked before every run of a model.
        report: Told the part that is done, 0–1.

    Raises:
        ModelFailedError: if a take copied a melody that was learnt however often it was drawn.
        CancelledError: if it was called off.
    """
    flat = [seed for own in seeds for seed in own]
    drafts = dict(zip(flat, _drawn(page, band, rules, flat, cancel, report), strict=True))
    pools: list[list[int]] = []
    for own in seeds:
        original = [seed for seed in own if _original(drafts[seed], band, wish)]
        for turn in range(ROUNDS):
            if original:
                break
            again = [draft_seed(seed, turn + 1) for seed in own]
            drawn = _drawn(page, band, rules, again, cancel, lambda _: None)
            drafts.update(zip(again, drawn, strict=True))
            original = [seed for seed in again if _original(drafts[seed], band, wish)]
        if not original:
            raise nothing_of_its_own()
        pools.append(original)
    everyone = [seed for pool in pools for seed in pool]
    codes = [_codes(page, drafts[seed]) for seed in everyone]
    quality = dict(zip(everyone, _quality(page, band, wish, everyone, drafts, codes), strict=True))
    like = likeness_of(codes)
    place = {seed: number for number, seed in enumerate(everyone)}
    chosen: list[int] = []
    for pool in pools:
        value = [
            quality[seed]
            - VARIETY * max((float(like[place[seed], place[other]]) for other in chosen), default=0)
            for seed in pool
        ]
        chosen.append(pool[int(np.argmax(value))])
    return tuple(Chosen(seed, drafts[seed]) for seed in chosen)


def _drawn(
    page: Page,
    band: Band,
    rules: Rules,
    seeds: Sequence[int],
    cancel: Cancel,
    report: Callable[[float], None],
) -> tuple[Draft, ...]:
    generators = [np.random.default_rng(seed) for seed in seeds]
    return write(page, generators, band.writers, rules, cancel=cancel, report=report)


def _original(draft: Draft, band: Band, wish: Wish) -> bool:
    return not band.learnt.copied(stiff(draft.notes), wish.given)


def _quality(
    page: Page,
    band: Band,
    wish: Wish,
    seeds: Sequence[int],
    drafts: dict[int, Draft],
    codes: Sequence[Codes],
) -> Doubles:
    tastes = [band.taste.score(Melody(code, wish.scale, BAR_STEPS)) for code in codes]
    quality = quality_of([-drafts[seed].nats_per_note for seed in seeds], tastes)
    if wish.notes_per_bar:
        bars = (page.end - page.begin) / page.setting.metre.bar
        counts = np.array([max(1, len(drafts[seed].notes)) for seed in seeds]) / bars
        quality = quality - CROWD * np.abs(np.log2(counts / wish.notes_per_bar))
    return quality


def _codes(page: Page, draft: Draft) -> Codes:
    """The draft as taste sees it: the top line, eight steps a bar, from where it was written."""
    step = max(1, page.setting.metre.bar // BAR_STEPS)
    notes = draft.notes.moved(-page.begin)
    return codes_of_times(
        (notes.time * TICKS_PER_TWELFTH).tolist(),
        (notes.length * TICKS_PER_TWELFTH).tolist(),
        notes.pitch.tolist(),
        max(1, (page.end - page.begin) // step),
        step=step * TICKS_PER_TWELFTH,
    )


@lru_cache(maxsize=2)
def _fingerprint(data: bytes) -> Fingerprint:
    return Fingerprint.from_bytes(data)
