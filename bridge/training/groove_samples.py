"""How good drawn takes are: scores that the mean alone cannot win.

Every test window is played many times, as the tool plays takes at temperature 1.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bridge.codecs.drumgrid import Performance
from bridge.codecs.playing import EARLIEST, LATEST
from bridge.engine.catalog import Model
from bridge.engine.sampling import draw_levels, probabilities, quantile
from bridge.music.drumkit import Piece
from bridge.tools.groove import (
    ALONE,
    DRAWN,
    FULL_STRENGTH,
    SPREAD,
    at_full_strength,
    coherence_of,
)
from bridge.training.corpus import Windows
from bridge.training.evaluate import BATCH, run_windows
from bridge.training.metrics import Measure, measure

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

SAMPLES: Final = 32
STEPS_PER_BAR: Final = 16
OFFSET_HISTOGRAM: Final = 41
VELOCITY_HISTOGRAM: Final = 16
COMPARED_PIECES: Final = (Piece.KICK, Piece.SNARE, Piece.CLOSED_HAT)
SECONDS_PER_STEP_AT_ONE_BPM: Final = 15.0


@dataclass(frozen=True, slots=True)
class SampleReport:
    """Measures of drawn takes on the test split."""

    timing_crps_ms: Measure
    """Continuous ranked probability score, from 32 samples a hit."""
    velocity_crps: Measure
    """Of velocities from 0 to 1."""
    timing_jsd: float
    """Jensen-Shannon divergence in nats of the offsets, hit-weighted over piece and step."""
    velocity_jsd: float
    train_timing_jsd: float
    """The same between the training split and the test split: what other real drumming reaches."""
    train_velocity_jsd: float

    def as_fields(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def measure_samples(
    model: Model,
    test: Windows,
    train: Windows,
    *,
    samples: int = SAMPLES,
    report: Callable[[float], None],
) -> SampleReport:
    """Measures of takes drawn for every test window.

    Args:
        model: As exported.
        test: The windows to play.
        train: Other real drumming, for comparison.
        samples: Takes a window.
        report: Told the part that is done, 0–1.
    """
    drawn = []
    for number in range(samples):
        drawn.append(draw_windows(model, test, seed=number))
        report((number + 1) / samples)
    hit = test.played.hits > 0
    offsets = np.stack([take.offset[hit] for take in drawn])  # (samples, hits)
    velocities = np.stack([take.velocity[hit] for take in drawn])
    per_window = hit.sum(axis=(1, 2))
    file = np.repeat(test.file, per_window)
    step_ms = 1000.0 * SECONDS_PER_STEP_AT_ONE_BPM / np.repeat(test.tempo, per_window)
    real = _histograms(test.played)
    generated = _histograms(drawn[0])
    other = _histograms(train.played)
    return SampleReport(
        timing_crps_ms=measure(crps(offsets, test.played.offset[hit]) * step_ms, file),
        velocity_crps=measure(crps(velocities, test.played.velocity[hit]), file),
        timing_jsd=_divergence(real["offset"], generated["offset"]),
        velocity_jsd=_divergence(real["velocity"], generated["velocity"]),
        train_timing_jsd=_divergence(real["offset"], other["offset"]),
        train_velocity_jsd=_divergence(real["velocity"], other["velocity"]),
    )


def draw_windows(model: Model, windows: Windows, seed: int) -> Performance:
    """Every window played once, as a take without a feel is at temperature 1."""
    generator = np.random.default_rng(seed)
    numbers = model.manifest.numbers
    shares = {name: coherence_of(model.manifest, name, ALONE) for name in DRAWN}
    offset, velocity = (np.zeros_like(windows.played.hits) for _ in range(2))
    for first in range(0, len(windows), BATCH):
        outputs = run_windows(model, windows, slice(first, first + BATCH), None)
        for inner in range(len(outputs["offset"])):
            window = first + inner
            cell = np.nonzero(windows.played.hits[window] > 0)
            if not len(cell[0]):
                continue
            for name, played, low, high in (
                ("offset", offset, EARLIEST, LATEST),
                ("velocity", velocity, 0.0, 1.0),
            ):
                levels = draw_levels(generator, cell[0], cell[1], shares[name], numbers[SPREAD])
                mass = probabilities(outputs[name][inner][cell])
                played[window][cell] = quantile(mass, levels, low, high)
    bins = model.manifest.outputs[1].shape[-1]
    strong = at_full_strength(velocity.astype(np.float64), int(bins), numbers[FULL_STRENGTH])
    # The tool gives whole MIDI velocities, as a drum kit does.
    whole = np.rint(127.0 * strong).clip(1.0, 127.0) / 127.0 * windows.played.hits
    return Performance(windows.played.hits, whole.astype(np.float32), offset)


def crps(samples: npt.NDArray[np.floating], truth: npt.NDArray[np.floating]) -> Doubles:
    """The continuous ranked probability score of each value (Gneiting and Raftery 2007).

    Args:
        samples: Draws from the forecast, (samples, values).
        truth: What came, (values,).
    """
    count = len(samples)
    ordered = np.sort(samples.astype(np.float64), axis=0)
    # The mean distance between two samples, from their ranks; a pair is never one sample twice.
    rank = 2.0 * np.arange(count) - count + 1.0
    between = 2.0 * (rank[:, None] * ordered).sum(axis=0) / (count * (count - 1))
    return np.asarray(np.abs(ordered - truth).mean(axis=0) - 0.5 * between, np.float64)


def _histograms(played: Performance) -> Mapping[str, Doubles]:
    """Counts of offsets and velocities, (pieces, steps in the bar, bins) each."""
    counts: dict[str, Doubles] = {}
    for name, values, bins, low, high in (
        ("offset", played.offset, OFFSET_HISTOGRAM, EARLIEST, LATEST),
        ("velocity", played.velocity, VELOCITY_HISTOGRAM, 0.0, 1.0),
    ):
        counted = np.zeros((len(COMPARED_PIECES), STEPS_PER_BAR, bins))
        for row, piece in enumerate(COMPARED_PIECES):
            window, step = np.nonzero(played.hits[:, :, piece] > 0)
            place = (values[window, step, piece] - low) / (high - low) * bins
            which = np.clip(place.astype(np.int64), 0, bins - 1)
            np.add.at(counted[row], (step % STEPS_PER_BAR, which), 1.0)
        counts[name] = counted
    return counts


def _divergence(real: Doubles, other: Doubles) -> float:
    """The Jensen-Shannon divergence of each histogram, weighted by its real hits; in nats."""
    weight = real.sum(axis=-1)
    both = (weight > 0) & (other.sum(axis=-1) > 0)
    one, two = (counts[both] / counts[both].sum(axis=-1, keepdims=True) for counts in (real, other))
    middle = 0.5 * (one + two)

    def to_middle(part: Doubles) -> Doubles:
        ratio = np.where(part > 0, part, 1.0) / np.where(part > 0, middle, 1.0)
        return np.asarray((part * np.log(ratio)).sum(axis=-1), np.float64)

    divergence = 0.5 * (to_middle(one) + to_middle(two))
    return float((divergence * weight[both]).sum() / weight[both].sum())
