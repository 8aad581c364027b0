"""Melodies as the note model writes them on sixteenths, after a prime or from nothing."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.melodysteps import Codes, struck
from bridge.codecs.notescore import KEYS, TWELFTHS, Metre, Setting
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog
from bridge.tools.note_writing import LENGTHENS, MODEL, PITCHES, Writers, write
from bridge.tools.pages import NO_NOTES, Draft, GridNotes, Page, Rules
from bridge.training.continuations import STEPS_PER_QUARTER, Prime, Together
from bridge.training.melody_passages import codes_of_grid, grid_notes, heard_key
from bridge.training.melody_tunes import BAR, LEAST_NOTES, codes_of_song
from bridge.training.note_windows import MELODY
from bridge.training.predictions import QUARTERS, Point
from bridge.training.step_nats import STEP

AT_ONCE: Final = 50
"""Takes that begin from nothing together."""
_ROUNDS: Final = 4
"""So many times as many takes are drawn at the most, where some have hardly a note."""

Booleans = npt.NDArray[np.bool_]


def writers_of(catalog: Catalog) -> Writers:
    """The note model of a catalog.

    Raises:
        ModelMissingError: if a part of it is missing.
    """
    trunk, pitch, length = (catalog.load(name) for name in (MODEL, PITCHES, LENGTHENS))
    return Writers(trunk, pitch, length)


def setting_after(heard: GridNotes, metre: Metre, part: int = MELODY) -> Setting:
    """What is heard in some notes, at least one: key, middle and density.

    Args:
        heard: In twelfths.
        metre: Of the bars to be written.
        part: An index into ``PARTS``.
    """
    root, mode = heard_key(heard)
    span = max(4 * TWELFTHS, int((heard.time + heard.length).max() - heard.time.min()))
    return Setting(
        part,
        metre,
        root,
        mode,
        round(float(heard.pitch.mean())),
        len(heard) * 4 * TWELFTHS / span,
    )


def one_voice(
    page: Page, *, grid: int = STEP, allowed: Booleans | None = None, temperature: float = 1.0
) -> Rules:
    """The rules of one voice on a grid.

    Args:
        page: To be written on.
        grid: Twelfths between the places where a note may begin.
        allowed: Which keys may be played, (128,); all without it.
        temperature: At the beginning and at the end.
    """
    keys = np.ones(KEYS, np.bool_) if allowed is None else allowed
    begins = np.arange(page.begin, page.end) % grid == 0
    return Rules(keys, 1, begins, temperature, temperature)


def page_after(heard: Codes, steps: int, metre: Metre, *, told: bool = True) -> Page:
    """A page that begins where codes end; the border is a bar line.

    Args:
        heard: Codes of sixteenths with a note at least, (steps heard,).
        steps: To be written.
        metre: Of the bars.
        told: Whether key, middle and density of what is heard are said.
    """
    bar = metre.bar
    begin = -(-len(heard) * STEP // bar) * bar
    notes = grid_notes(heard).moved(begin - len(heard) * STEP)
    setting = setting_after(notes, metre) if told else Setting(MELODY, metre)
    return Page(setting, notes, begin, begin + steps * STEP)


def metre_of(prime: Prime) -> Metre:
    """Of the first bar after a prime."""
    bars = prime.song.bars
    return Metre(int(bars.numerator[prime.bars]), int(bars.denominator[prime.bars]))


def note_continuer(writers: Writers) -> Together:
    """The note model at temperature 1, told what is heard in the prime; samples in one batch."""

    def continued(
        prime: Prime, samples: int, generator: np.random.Generator
    ) -> Sequence[AbstractSet[Point]]:
        border = int(prime.song.bars.start[prime.bars])
        heard = codes_of_song(prime.song, before=border)
        last = round((prime.last_onset + QUARTERS[-1]) * STEPS_PER_QUARTER)
        # A prime may end in so long a rest that nothing after it is looked at.
        page = page_after(heard, max(1, last + 1 - len(heard)), metre_of(prime))
        drafts = write(page, generator.spawn(samples), writers, one_voice(page), cancel=Cancel())
        return [
            frozenset(
                ((time - page.begin) / TWELFTHS + len(heard) / STEPS_PER_QUARTER, pitch)
                for time, pitch in zip(
                    draft.notes.time.tolist(), draft.notes.pitch.tolist(), strict=True
                )
            )
            for draft in drafts
        ]

    return continued


def codes_of_draft(draft: Draft, page: Page) -> Codes:
    """What was written, as codes from the page's beginning to its end."""
    steps = -(-(page.end - page.begin) // STEP)
    return codes_of_grid(draft.notes.moved(-page.begin), steps)


def made_from_nothing(
    writers: Writers,
    takes: int,
    *,
    bars: int = 4,
    seed: int = 0,
    at_once: int = AT_ONCE,
) -> Codes:
    """Melodies of some bars of 4/4 at temperature 1, nothing said: codes (takes, steps).

    Those with less than a note a bar on average are drawn again, as windows of real melodies with
    so few are left out; fewer come if there are hardly any others.

    Args:
        writers: The model.
        takes: How many.
        bars: Of each.
        seed: Of what is drawn.
        at_once: Takes that are drawn together.
    """
    steps = bars * BAR
    page = Page(Setting(MELODY, Metre(4, 4)), NO_NOTES, 0, steps * STEP)
    rules = one_voice(page)
    found: list[Codes] = []
    for number in range(_ROUNDS * -(-takes // at_once)):
        chances = np.random.default_rng([seed, number]).spawn(at_once)
        drafts = write(page, chances, writers, rules, cancel=Cancel())
        codes = [codes_of_draft(draft, page) for draft in drafts]
        found += [each for each in codes if struck(each).sum() >= bars * LEAST_NOTES // 4]
        if len(found) >= takes:
            break
    return np.array(found[:takes], np.int16).reshape(-1, steps)
