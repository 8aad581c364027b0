"""Groove: a drummer's timing and accents for a beat that has none.

Every note comes back: same pitch, same step of the grid, same everything but start and velocity.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from bridge.codecs.drumgrid import CODEC_ID, STEPS, metre_features, tempo_feature
from bridge.codecs.hits import (
    MAIN,
    Floats,
    Hits,
    Integers,
    lay_out,
    performance_of,
    read_hits,
    score_of,
    steps_of_loop,
    window_starts,
)
from bridge.codecs.playing import EARLIEST, LATEST, perform
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Model
from bridge.engine.manifest import Manifest, require_codec
from bridge.engine.sampling import Coherence, Doubles, draw_levels, mean, probabilities, quantile
from bridge.errors import NoNotesError
from bridge.music.clip import Clip, Take
from bridge.music.drumkit import Kit, Piece
from bridge.protocol.messages import Groove

MODEL: Final = "groove"
LISTENER: Final = "groove-feel"
"""The model that hears the feel of a clip; loaded only where one is given."""

WINDOWS_AT_ONCE: Final = 32
"""A long clip is played in parts of this many windows; between them it can be cancelled."""

SEEDS: Final = 2**31

DRAWN: Final = ("offset", "velocity")
LAGS: Final = 64
"""Steps over which hits are correlated: four bars of 4/4."""
FEEL_SIZE: Final = "feel_size"
FEEL_SUMS: Final = "feel_sums"
"""How many of a feel's numbers, the last ones, add up over what is heard; others are averaged."""
FULL_STRENGTH: Final = "full_strength"
"""Part of the strongest bin's hits that are as strong as a drum kit can tell."""
SPREAD: Final = "spread"
"""How far a take strays at temperature 1, where 1 is as far as the model's histograms reach."""
ALONE, FELT = "", "felt_"
"""How names of numbers begin that hold for takes without a feel, and with one."""
NUMBERS: Final = (
    FEEL_SIZE,
    FEEL_SUMS,
    FULL_STRENGTH,
    SPREAD,
    *(
        f"{situation}{name}_{kind}_{lag}"
        for situation in (ALONE, FELT)
        for name in DRAWN
        for kind in ("shared", "same")
        for lag in range(LAGS)
    ),
)
"""What a manifest must hold: how a feel is made up, and what hits have in common."""


@dataclass(frozen=True, slots=True)
class Feel:
    """How somebody plays, whatever he plays, and how sure that is."""

    mean: Floats
    """(numbers,)."""
    spread: Floats
    """Standard deviations, (numbers,)."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the model expects of every hit, as histograms."""

    offset: Doubles
    """How late, −0.5–0.5 steps, (hits, bins)."""
    velocity: Doubles
    """How strong, 0–1, (hits, bins)."""


@dataclass(frozen=True, slots=True)
class Score:
    """A clip as the model sees it."""

    hits: Hits
    starts: Integers
    """The steps at which windows begin, (windows,)."""
    laid: Integers
    """Which hit stands in each cell, (windows, 32, 9)."""
    metre: Floats  # (windows, 32, 9)
    tempo: Floats  # (windows, 1)


def play_groove(
    request: Groove,
    clip: Clip,
    feel: Feel | None,
    kit: Kit,
    model: Model,
    *,
    cancel: Cancel,
    report: Callable[[float], None],
) -> tuple[Take, ...]:
    """Takes of the clip with other starts and velocities.

    Each take hangs together from its first bar to its last, by what its hits have in common; with
    a feel it keeps to that. At temperature 0 it is what is likeliest.

    Args:
        request: How many takes, and of what kind; its ids are not looked at.
        clip: The beat. In a clip that is no drum clip every note counts as a timekeeper's.
        feel: As :func:`listen` gives it, or None.
        kit: Which pitch plays which piece.
        model: The groove model.
        cancel: Asked before every part of the work.
        report: Told the part of the work that is done, 0–1.

    Raises:
        NoNotesError: if no note of the clip sounds.
        ModelMissingError: if the model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    require_codec(model.manifest, CODEC_ID, NUMBERS)
    score = read_score(clip, kit)
    if score is None:
        raise NoNotesError("The clip has no note that sounds. Draw or record a beat first.")
    takes = []
    for index in range(request.takes):
        cancel.check()
        seed = (request.seed + index) % SEEDS
        played = clip
        if request.amount > 0:
            generator = np.random.default_rng(seed)
            late, strong = draw_playing(score, feel, request, model, generator, cancel)
            played = perform(clip, score.hits, late, strong, request.amount / 100.0)
        takes.append(Take(index, seed, played))
        report((index + 1) / request.takes)
    return tuple(takes)


def draw_playing(
    score: Score,
    feel: Feel | None,
    request: Groove,
    model: Model,
    generator: np.random.Generator,
    cancel: Cancel,
) -> tuple[Doubles, Doubles]:
    """How late in steps, and how strong from 0 to 1, each hit of a take is, (hits,) each.

    Args:
        score: What is played.
        feel: As for :func:`play_groove`.
        request: Of what kind the take is.
        model: The groove model.
        generator: The take's own source of chance.
        cancel: Asked before every part of the work.

    Raises:
        ModelMissingError: if the model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    require_codec(model.manifest, CODEC_ID, NUMBERS)
    latent = _latent(feel, request.temperature, model.manifest, generator)
    expected = expect(score, latent, model, cancel)
    shares = {
        name: coherence_of(model.manifest, name, ALONE if feel is None else FELT) for name in DRAWN
    }
    return _draw(score.hits, expected, request, shares, model.manifest.numbers, generator)


def listen(clip: Clip, kit: Kit, listener: Model, cancel: Cancel) -> Feel:
    """The feel of a clip: what its windows say together.

    Raises:
        NoNotesError: if no note of it sounds.
        ModelMissingError: if the model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    require_codec(listener.manifest, CODEC_ID, (FEEL_SUMS,))
    score = read_score(clip, kit)
    if score is None:
        raise NoNotesError("The clip whose feel is wanted has no note that sounds.")
    inputs = {
        "performance": performance_of(score.hits, score.laid).features(),
        "metre": score.metre,
        "tempo": score.tempo,
    }
    heard = run_windows(listener, inputs, cancel)
    mean, spread = heard["mean"].mean(axis=0), heard["spread"].mean(axis=0)
    sums = int(listener.manifest.numbers[FEEL_SUMS])
    # Windows overlap, so that what they add up is counted by the clip's length, not by them.
    steps = int(score.hits.step.max() - score.hits.step.min()) + 1
    mean[len(mean) - sums :] *= max(1.0, steps / STEPS)
    return Feel(mean, spread)


def read_score(clip: Clip, kit: Kit) -> Score | None:
    """The clip as the model sees it; None if no note sounds."""
    hits = read_hits(clip, kit.piece_or_timekeeper if clip.drums else lambda _: Piece.CLOSED_HAT)
    if not len(hits.note):
        return None
    starts = window_starts(hits.step, clip.ticks_per_bar)
    return Score(
        hits,
        starts,
        lay_out(hits, starts, steps_of_loop(clip)),
        metre_features(starts, clip.ticks_per_bar),
        np.full((len(starts), 1), tempo_feature(clip.tempo), np.float32),
    )


def expect(score: Score, latent: Floats | None, model: Model, cancel: Cancel) -> Expectation:
    """What the model expects of a clip's hits, its windows blended where they overlap.

    Args:
        score: The clip.
        latent: A feel, (numbers,), or None for what is likeliest over all feels.
        model: The groove model.
        cancel: Asked before every part of the work.
    """
    size = int(model.manifest.numbers[FEEL_SIZE])
    feel = np.zeros(size, np.float32) if latent is None else latent
    inputs = {
        "score": score_of(score.laid),
        "metre": score.metre,
        "tempo": score.tempo,
        "feel": np.tile(feel, (len(score.starts), 1)),
        "known": np.full_like(score.tempo, latent is not None),
    }
    outputs = run_windows(model, inputs, cancel)
    return Expectation(_blend(outputs["offset"], score), _blend(outputs["velocity"], score))


def run_windows(model: Model, inputs: dict[str, Floats], cancel: Cancel) -> dict[str, Floats]:
    """A model's outputs for all windows of a clip, some at a time."""
    windows = len(inputs["metre"])
    parts = [
        model.run(
            {name: array[first : first + WINDOWS_AT_ONCE] for name, array in inputs.items()}, cancel
        )
        for first in range(0, windows, WINDOWS_AT_ONCE)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def coherence_of(manifest: Manifest, name: str, situation: str) -> Coherence:
    """What hits have in common in ``offset`` or ``velocity``, as the manifest holds it.

    Args:
        manifest: Of the groove model.
        name: ``offset`` or ``velocity``.
        situation: ``ALONE`` or ``FELT``.
    """
    shared, same = (
        tuple(manifest.numbers[f"{situation}{name}_{kind}_{lag}"] for lag in range(LAGS))
        for kind in ("shared", "same")
    )
    return Coherence(shared, same)


def at_full_strength(strong: Doubles, bins: int, share: float) -> Doubles:
    """The strengths, so many of those in the strongest bin at full strength as drummers' are.

    A drum kit sends 127 for everything from some strength on, so that most of the strongest bin
    lies at its upper edge; the others are spread over the bin.

    Args:
        strong: 0–1, (hits,).
        bins: Of the histograms they were drawn from.
        share: Part of the strongest bin's hits, 0–1.
    """
    edge = 1.0 - 1.0 / bins
    within = (strong - edge) * bins / max(1.0 - share, _LEAST_SHARE)
    raised: Doubles = np.where(strong > edge, edge + np.minimum(within, 1.0) / bins, strong)
    return raised


_LEAST_SHARE: Final = 1e-6


def _latent(
    feel: Feel | None, temperature: float, manifest: Manifest, generator: np.random.Generator
) -> Floats | None:
    """The feel of a take, as unsure as it was heard; None where none is given."""
    if feel is None:
        return None
    noise = generator.standard_normal(int(manifest.numbers[FEEL_SIZE])).astype(np.float32)
    # Beyond 1 there is no drummer left who plays so: the hits go on spreading, the feel hardly.
    warmth = np.float32(min(temperature, 1.0) + 0.25 * max(0.0, temperature - 1.0))
    felt: Floats = feel.mean + warmth * feel.spread * noise
    return felt


def _blend(logits: Floats, score: Score) -> Doubles:
    """One histogram a hit: those of the windows that show it, the more central counting more."""
    hits = score.hits
    blended = np.zeros((len(hits.note), logits.shape[-1]))
    weight = np.zeros(len(hits.note))
    inner = np.arange(STEPS)
    centrality = np.minimum(inner + 1, STEPS - inner).astype(np.float64)
    window, step, piece = np.nonzero(score.laid >= 0)
    hit = score.laid[window, step, piece]
    own = hits.step[hit] == score.starts[window] + step  # else the echo of a loop, for context
    window, step, piece, hit = window[own], step[own], piece[own], hit[own]
    mass = probabilities(logits[window, step, piece])
    np.add.at(blended, hit, centrality[step, None] * mass)
    np.add.at(weight, hit, centrality[step])
    # Notes without a cell of their own are played like the hit that has it.
    shown = {(int(hits.step[hit]), int(hits.piece[hit])): hit for hit in np.flatnonzero(weight)}
    for hidden in np.flatnonzero(weight == 0):
        keeper = shown[int(hits.step[hidden]), int(hits.piece[hidden])]
        blended[hidden], weight[hidden] = blended[keeper], weight[keeper]
    return blended / weight[:, None]


def _draw(
    hits: Hits,
    expected: Expectation,
    request: Groove,
    shares: Mapping[str, Coherence],
    numbers: Mapping[str, float],
    generator: np.random.Generator,
) -> tuple[Doubles, Doubles]:
    """How late in steps, and how strong from 0 to 1, each hit of a take is, (hits,) each."""
    strayed = request.temperature * numbers[SPREAD]
    levels = {
        name: draw_levels(generator, hits.step, hits.piece, shares[name], strayed) for name in DRAWN
    }
    late = quantile(expected.offset, levels["offset"], EARLIEST, LATEST)
    strong = quantile(expected.velocity, levels["velocity"], 0.0, 1.0)
    strong = at_full_strength(strong, expected.velocity.shape[-1], numbers[FULL_STRENGTH])
    middle = mean(expected.offset, EARLIEST, LATEST)
    if request.temperature == 0:
        # The mean, not the median: it has the smaller error, of timing as of strength.
        late, strong = middle, mean(expected.velocity, 0.0, 1.0)
    on_grid = hits.kind == MAIN
    if request.centre and on_grid.any():
        late = late - middle[on_grid].mean()
    return late, strong
