"""How well the clone of ``drum_kit_rnn`` goes on, measured as our continuation is.

The windows, the steps that count, the bars that are written and how they are compared are those of
:mod:`bridge.training.score_evaluation`.
"""

from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from bridge.codecs.drumscore import hits_of
from bridge.training.clone_figures import NATS, TOP
from bridge.training.clone_lesson import counter_of, logits_of
from bridge.training.clones import DrumKitClone, Heard
from bridge.training.corpus import STEPS_PER_BAR
from bridge.training.metrics import Doubles, Integers, Measure
from bridge.training.metrics import measure as with_intervals
from bridge.training.score_evaluation import COPIED_BARS, PRIME_BARS, SEEDS, agreement, f1
from bridge.training.scores import BARS, STEPS, ScoreWindows

PRIME: Final = PRIME_BARS * STEPS_PER_BAR
"""Steps heard before bars are written."""
_AT_ONCE: Final = 64


@torch.no_grad()
def measure_steps(network: DrumKitClone, windows: ScoreWindows) -> dict[str, Measure]:
    """Nats of each step that counts, and whether its code was the likeliest."""
    nats: list[Doubles] = []
    alike: list[Doubles] = []
    for start in range(0, len(windows), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        counted = torch.from_numpy(windows.counted[part])
        codes = torch.from_numpy(windows.codes[part])[counted]
        logits = logits_of(network, windows.codes[part], windows.first_step[part])[counted]
        own = functional.cross_entropy(logits, codes, reduction="none")
        nats.append(own.double().numpy())
        alike.append((logits.argmax(dim=-1) == codes).double().numpy())
    file = np.repeat(windows.file, windows.counted.sum(axis=1))
    return {
        NATS: with_intervals(np.concatenate(nats), file),
        TOP: with_intervals(np.concatenate(alike), file),
    }


def measure_bars(network: DrumKitClone, windows: ScoreWindows) -> dict[str, float]:
    """Hit F1 of the bar after four bars, and how often a bar written is one before.

    Whole windows only; drawn at temperature 1 with three seeds.
    """
    whole = np.flatnonzero(windows.counted.all(axis=1))
    codes, first_step = windows.codes[whole], windows.first_step[whole]
    after = slice(PRIME, PRIME + STEPS_PER_BAR)
    counts = np.zeros(3)
    same = dict.fromkeys(COPIED_BARS, 0.0)
    heard = PRIME // STEPS_PER_BAR
    for seed in range(SEEDS):
        written = write_on(network, codes[:, :PRIME], first_step, STEPS, seed)
        counts += agreement(written[:, after], codes[:, after])
        bars = written.reshape(len(written), BARS, STEPS_PER_BAR)
        for ago in COPIED_BARS:
            alike = bars[:, heard:] == bars[:, heard - ago : BARS - ago]
            same[ago] += float(alike.all(axis=2).mean()) / SEEDS
    copied = {f"share of bars that are the bar {ago} before": same[ago] for ago in COPIED_BARS}
    return {"next-bar F1": f1(counts), **copied}


@torch.no_grad()
def write_on(
    network: DrumKitClone, prime: Integers, first_step: Integers, steps: int, seed: int
) -> Integers:
    """Scores gone on with at temperature 1 to so many steps, (scores, steps).

    Args:
        network: The clone.
        prime: What was hit, (scores, steps heard).
        first_step: The step at which each score begins in its file, (scores,).
        steps: Of all that comes back.
        seed: Of what is drawn.
    """
    generator = torch.Generator().manual_seed(seed)
    heard = Heard.nothing(torch.from_numpy(hits_of(prime)))
    logits_of(network, prime, first_step, heard)
    counter = counter_of(first_step, steps)
    known = torch.ones(len(prime), 1)
    written = prime
    for step in range(prime.shape[1], steps):
        before = torch.from_numpy(hits_of(written[:, -1:]))
        logits: Tensor = network(before, known, counter[:, step : step + 1], heard)
        drawn = torch.multinomial(logits[:, 0].softmax(dim=-1), 1, generator=generator)
        written = np.concatenate([written, drawn.numpy()], axis=1)
    return written
