"""How well the clone of ``melody_rnn`` goes on with melodies, and what it makes from nothing.

Every melody is told from its first step to the step of its last onset, without a break. Tuplets
are moved to sixteenths before, as Magenta's are.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from bridge.codecs.melodysteps import Codes, struck
from bridge.music.grid import nearest_step
from bridge.training.clone_figures import NATS, NATS_OF_NOTE, TOP
from bridge.training.continuations import SAMPLES, STEPS_PER_QUARTER, Continuer, Prime
from bridge.training.melody_clone import MelodyClone, State
from bridge.training.melody_clone_lesson import nats_and_top, padded
from bridge.training.melody_tunes import (
    BAR,
    FIRST_KEY,
    Tune,
    classes_of,
    codes_of,
    codes_of_song,
)
from bridge.training.metrics import Doubles, Integers, Measure, measure_of_sums
from bridge.training.predictions import QUARTERS, Point

AT_ONCE: Final = 64
_TOLD_AT_ONCE: Final = 16
COPIED_BARS: Final = (1, 2, 4)
HEARD_BARS: Final = 8
WRITTEN_BARS: Final = 16
_ROUNDS: Final = 20


@dataclass(frozen=True, slots=True)
class StepsTold:
    """What each tune cost; one entry a tune."""

    nats: Doubles
    """Of all its steps together."""
    top: Doubles
    """Steps whose class was the likeliest."""
    steps: Doubles
    notes: Doubles
    """Struck."""


@torch.no_grad()
def told(network: MelodyClone, tunes: Sequence[Tune]) -> StepsTold:
    """What every step of tunes costs, (tunes,) each; the network hears each tune as one."""
    network.eval()
    rows = np.zeros((len(tunes), 4))
    order = sorted(range(len(tunes)), key=lambda number: len(tunes[number].codes))
    for start in range(0, len(order), _TOLD_AT_ONCE):
        numbers = order[start : start + _TOLD_AT_ONCE]
        classes, counted = padded([classes_of(tunes[number].codes) for number in numbers])
        nats, top = nats_and_top(network, classes)
        values = (nats.double().numpy(), top.numpy(), np.ones(counted.shape), classes >= FIRST_KEY)
        rows[numbers] = np.stack([(each * counted).sum(axis=1) for each in values], axis=1)
    return StepsTold(*rows.T)


def measure_tunes(network: MelodyClone, tunes: Sequence[Tune]) -> dict[str, Measure]:
    """Nats a step and a note, and how often the likeliest was right: of all and by source.

    The intervals stand over tunes in both places: steps of a tune hang together.
    """
    cost = told(network, tunes)
    sources = np.array([tune.source for tune in tunes])
    found = {}
    for source in ("", *sorted(set(sources.tolist()))):
        chosen = np.flatnonzero(sources == source) if source else np.arange(len(tunes))
        behind = f", {source}" if source else ""
        for name, above, below in (
            (NATS, cost.nats, cost.steps),
            (NATS_OF_NOTE, cost.nats, cost.notes),
            (TOP, cost.top, cost.steps),
        ):
            sums = np.stack([above[chosen], below[chosen]], axis=1)
            found[name + behind] = measure_of_sums(sums, chosen, _ratio)
    return found


@torch.no_grad()
def write_on(
    network: MelodyClone,
    heard: Integers,
    steps: int,
    generator: torch.Generator,
    state: State | None = None,
) -> Integers:
    """What is drawn after melodies at temperature 1, classes (melodies, steps).

    Args:
        network: The clone.
        heard: Classes, (melodies, steps heard); with no step heard it begins from nothing.
        steps: To be written.
        generator: Of what is drawn.
        state: Before the first step heard.
    """
    network.eval()
    before = torch.from_numpy(heard)
    before = functional.pad(before, (1, 0), value=-1)
    written: list[Tensor] = []
    for _ in range(steps):
        logits, state = network(before, state)
        before = torch.multinomial(logits[:, -1].softmax(dim=-1), 1, generator=generator)
        written.append(before)
    if not written:
        return np.zeros((len(heard), 0), np.int64)
    return np.asarray(torch.cat(written, dim=1), np.int64)


def _ratio(sums: Doubles) -> float:
    return float(sums[0] / sums[1])


def clone_continuer(network: MelodyClone) -> Continuer:
    """Goes on with primes, for :func:`bridge.training.continuations.measure_continuations`.

    All eight samples of a prime are drawn when the first is asked for.
    """
    ready: dict[int, list[AbstractSet[Point]]] = {}

    def continued(prime: Prime, generator: np.random.Generator) -> AbstractSet[Point]:
        own = ready.setdefault(id(prime), [])
        if not own:
            ready.clear()
            ready[id(prime)] = own
            own += drawn_after(network, prime, SAMPLES, int(generator.integers(2**31)))
        return own.pop()

    return continued


def drawn_after(
    network: MelodyClone, prime: Prime, samples: int, seed: int
) -> list[AbstractSet[Point]]:
    """Continuations of a prime, until ten quarter notes after its last onset."""
    border = int(prime.song.bars.start[prime.bars])
    heard = classes_of(codes_of_song(prime.song, before=border))
    last = round((prime.last_onset + QUARTERS[-1]) * STEPS_PER_QUARTER)
    generator = torch.Generator().manual_seed(seed)
    rows = np.repeat(heard[None], samples, axis=0)
    written = codes_of(write_on(network, rows, last + 1 - len(heard), generator))
    return [
        frozenset(
            ((len(heard) + int(step)) / STEPS_PER_QUARTER, int(row[step]))
            for step in np.flatnonzero(struck(row))
        )
        for row in written
    ]


def long_tunes(tunes: Sequence[Tune]) -> Codes:
    """The first 24 bars of tunes whose bars there have sixteen sixteenths, (tunes, 384).

    Eight to be heard, sixteen to be written.
    """
    bars = HEARD_BARS + WRITTEN_BARS
    return np.array(
        [
            codes_of_song(tune.song)[: bars * BAR]
            for tune in tunes
            if len(tune.codes) >= bars * BAR
            and np.array_equal(
                [nearest_step(int(tick)) for tick in tune.song.bars.start[: bars + 1]],
                np.arange(bars + 1) * BAR,
            )
        ],
        np.int16,
    ).reshape(-1, bars * BAR)


def copies(melodies: Codes) -> dict[str, float]:
    """The share of the last sixteen bars' sixteenths that are as 1, 2 or 4 bars before.

    Args:
        melodies: Eight bars and sixteen more, (melodies, 384).
    """
    written = melodies[:, HEARD_BARS * BAR :]
    return {
        f"share of steps that are the step {ago} bars before": float(
            (written == melodies[:, (HEARD_BARS - ago) * BAR : -ago * BAR]).mean()
        )
        for ago in COPIED_BARS
    }


def sixteen_bars_after(network: MelodyClone, melodies: Codes, seed: int = 0) -> Codes:
    """The same melodies with their last sixteen bars drawn anew, (melodies, 384)."""
    generator = torch.Generator().manual_seed(seed)
    heard = melodies[:, : HEARD_BARS * BAR]
    parts = [
        write_on(network, classes_of(part), WRITTEN_BARS * BAR, generator)
        for part in np.split(heard, range(AT_ONCE, len(heard), AT_ONCE))
    ]
    return np.concatenate([heard, codes_of(np.concatenate(parts))], axis=1)


def made_from_nothing(
    network: MelodyClone, melodies: int, *, steps: int = 64, notes: int = 4, seed: int = 0
) -> Codes:
    """Melodies drawn from nothing at temperature 1, codes of sixteenths (melodies, steps).

    Args:
        network: The clone.
        melodies: How many; fewer come if it hardly ever strikes enough notes.
        steps: Of each.
        notes: Melodies that strike fewer are drawn again.
        seed: Of what is drawn.
    """
    generator = torch.Generator().manual_seed(seed)
    nothing = np.zeros((AT_ONCE, 0), np.int64)
    found: list[Codes] = []
    for _ in range(_ROUNDS * -(-melodies // AT_ONCE)):
        drawn = codes_of(write_on(network, nothing, steps, generator))
        found += list(drawn[struck(drawn).sum(axis=1) >= notes])
        if len(found) >= melodies:
            break
    return np.stack(found[:melodies]) if found else np.zeros((0, steps), np.int16)
