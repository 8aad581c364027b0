"""Groove: a drummer's timing and accents for a beat that has none.

Every note comes back: same pitch, same step of the grid, same everything but start and velocity.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from bridge.codecs.drumgrid import (
    CODEC_ID,
    METRE_FEATURES,
    PERFORMANCE_FEATURES,
    STEPS,
    metre_features,
    tempo_feature,
)
from bridge.codecs.hits import (
    FINER,
    MAIN,
    TRIPLET,
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
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Model
from bridge.engine.manifest import Manifest
from bridge.engine.sampling import Coherence, Doubles, draw_levels, mean, probabilities, quantile
from bridge.errors import ModelMissingError, NoNotesError
from bridge.music.clip import MAX_TICK, Clip, Take
from bridge.music.drumkit import Kit, Piece
from bridge.music.units import TICKS_PER_SIXTEENTH, Ticks
from bridge.protocol.messages import Groove

MODEL: Final = "groove"

EARLIEST: Final = -0.5
LATEST: Final = 0.5
FIRST_TICK: Final[Ticks] = -(TICKS_PER_SIXTEENTH // 2)
LAST_TICK: Final[Ticks] = TICKS_PER_SIXTEENTH // 2 - 1
"""The first and the last tick about a step that belong to it."""

WINDOWS_AT_ONCE: Final = 32
"""A long clip is played in parts of this many windows; between them it can be cancelled."""

SEEDS: Final = 2**31

DRAWN: Final = ("offset", "velocity")
SHARES: Final = ("take", "piece", "step")
NUMBERS: Final = tuple(f"{name}_{share}" for name in DRAWN for share in SHARES)
"""What the manifest of a groove model must hold: what hits have in common."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the model expects of every hit, as histograms."""

    offset: Doubles
    """How late, −0.5–0.5 steps, (hits, bins)."""
    velocity: Doubles
    """How strong, 0–1, (hits, bins)."""


def play_groove(
    request: Groove,
    clip: Clip,
    feel: Clip | None,
    kit: Kit,
    model: Model,
    *,
    cancel: Cancel,
    report: Callable[[float], None],
) -> tuple[Take, ...]:
    """Takes of the clip with other starts and velocities.

    Args:
        request: How many takes, and of what kind; its ids are not looked at.
        clip: The beat. In a clip that is no drum clip every note counts as a timekeeper's.
        feel: A clip whose feel the takes should have, or None.
        kit: Which pitch plays which piece.
        model: The groove model.
        cancel: Asked before every part of the work.
        report: Told the part of the work that is done, 0–1.

    Raises:
        NoNotesError: if no note of the clip sounds, or none of the feel.
        ModelMissingError: if the model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    _require_fit(model.manifest)
    hits = read_hits(clip, _piece_of(clip, kit))
    if not len(hits.note):
        raise NoNotesError("The clip has no note that sounds. Draw or record a beat first.")
    seeds = [(request.seed + index) % SEEDS for index in range(request.takes)]
    if request.amount == 0:
        return tuple(Take(index, seed, clip) for index, seed in enumerate(seeds))
    expected = expect(clip, hits, feel, kit, model, cancel=cancel, report=report)
    takes = []
    for index, seed in enumerate(seeds):
        cancel.check()
        late, strong = _draw(hits, expected, request, model, np.random.default_rng(seed))
        played = _perform(clip, hits, late, strong, request.amount / 100.0)
        takes.append(Take(index, seed, played))
    return tuple(takes)


def expect(
    clip: Clip,
    hits: Hits,
    feel: Clip | None,
    kit: Kit,
    model: Model,
    *,
    cancel: Cancel,
    report: Callable[[float], None],
) -> Expectation:
    """What the model expects of the clip's hits, its windows blended where they overlap."""
    bar = clip.ticks_per_bar
    starts = window_starts(hits.step, bar)
    laid = lay_out(hits, starts, steps_of_loop(clip))
    tempo = np.full((len(starts), 1), tempo_feature(clip.tempo), np.float32)
    reference, reference_metre = _reference(feel, len(starts), kit)
    inputs = {
        "score": score_of(laid),
        "metre": metre_features(starts, bar),
        "tempo": tempo,
        "reference": reference,
        "reference_metre": reference_metre,
        "has_reference": np.full_like(tempo, feel is not None),
    }
    offset, velocity = [], []
    for first in range(0, len(starts), WINDOWS_AT_ONCE):
        part = {name: array[first : first + WINDOWS_AT_ONCE] for name, array in inputs.items()}
        outputs = model.run(part, cancel)
        offset.append(outputs["offset"])
        velocity.append(outputs["velocity"])
        report(min(1.0, (first + WINDOWS_AT_ONCE) / len(starts)))
    return Expectation(
        _blend(np.concatenate(offset), laid, starts, hits),
        _blend(np.concatenate(velocity), laid, starts, hits),
    )


def _require_fit(manifest: Manifest) -> None:
    missing = [name for name in NUMBERS if name not in manifest.numbers]
    if manifest.codec != CODEC_ID or missing:
        raise ModelMissingError(
            f"The model {manifest.name} was made for another version of Clipbridge."
            " Install Clipbridge again, or take the folder of further models away."
        )


def _piece_of(clip: Clip, kit: Kit) -> Callable[[int], int]:
    if clip.drums:
        return kit.piece_or_timekeeper
    return lambda _: Piece.CLOSED_HAT


def _reference(feel: Clip | None, windows: int, kit: Kit) -> tuple[Floats, Floats]:
    """The feel clip's windows, used in turn; zeros where there is none."""
    if feel is None:
        return (
            np.zeros((windows, STEPS, PERFORMANCE_FEATURES), np.float32),
            np.zeros((windows, STEPS, METRE_FEATURES), np.float32),
        )
    hits = read_hits(feel, _piece_of(feel, kit))
    if not len(hits.note):
        raise NoNotesError("The clip whose feel is wanted has no note that sounds.")
    starts = window_starts(hits.step, feel.ticks_per_bar)
    played = performance_of(hits, lay_out(hits, starts, steps_of_loop(feel)))
    in_turn = np.arange(windows) % len(starts)
    return played.features()[in_turn], metre_features(starts, feel.ticks_per_bar)[in_turn]


def _blend(logits: Floats, laid: Integers, starts: Integers, hits: Hits) -> Doubles:
    """One histogram a hit: those of the windows that show it, the more central counting more."""
    blended = np.zeros((len(hits.note), logits.shape[-1]))
    weight = np.zeros(len(hits.note))
    inner = np.arange(STEPS)
    centrality = np.minimum(inner + 1, STEPS - inner).astype(np.float64)
    mass = probabilities(logits)
    window, step, piece = np.nonzero(laid >= 0)
    hit = laid[window, step, piece]
    own = hits.step[hit] == starts[window] + step  # else it is the echo of a loop, for context
    window, step, piece, hit = window[own], step[own], piece[own], hit[own]
    np.add.at(blended, hit, centrality[step, None] * mass[window, step, piece])
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
    model: Model,
    generator: np.random.Generator,
) -> tuple[Doubles, Doubles]:
    """How late in steps, and how strong from 0 to 1, each hit of a take is, (hits,) each."""
    numbers = model.manifest.numbers
    levels = {
        name: draw_levels(
            generator,
            hits.step,
            hits.piece,
            Coherence(*(numbers[f"{name}_{share}"] for share in SHARES)),
            request.temperature,
        )
        for name in DRAWN
    }
    late = quantile(expected.offset, levels["offset"], EARLIEST, LATEST)
    strong = quantile(expected.velocity, levels["velocity"], 0.0, 1.0)
    middle = mean(expected.offset, EARLIEST, LATEST)
    if request.temperature == 0:
        # The mean, not the median: it has the smaller error, of timing as of strength.
        late, strong = middle, mean(expected.velocity, 0.0, 1.0)
    on_grid = hits.kind == MAIN
    if request.centre and on_grid.any():
        late = late - middle[on_grid].mean()
    return late, strong


def _perform(clip: Clip, hits: Hits, late: Doubles, strong: Doubles, amount: float) -> Clip:
    """The clip with its hits moved ``amount`` (0–1) of the way to where they should be."""
    old = np.array([clip.notes[index].start for index in hits.note])
    old_velocity = np.array([clip.notes[index].velocity for index in hits.note])
    late_ticks = np.clip(np.rint(late * TICKS_PER_SIXTEENTH), FIRST_TICK, LAST_TICK)
    target = hits.step * TICKS_PER_SIXTEENTH + late_ticks
    shift = amount * (target - old)
    velocity = old_velocity + amount * (np.clip(127.0 * strong, 1.0, 127.0) - old_velocity)
    velocity[hits.kind == FINER] = _louder(hits, old_velocity, velocity)
    start = _inside(np.rint(old + _followed(hits, old, shift)).astype(np.int64), old, clip)
    notes = list(clip.notes)
    for hit, index in enumerate(hits.note):
        notes[index] = notes[index].played(start=int(start[hit]), velocity=round(velocity[hit]))
    return clip.with_notes(notes)


def _followed(hits: Hits, old: Integers, shift: Doubles) -> Doubles:
    """The shifts, those of finer and triplet notes made to follow the main hits about them.

    Between two main hits time is stretched evenly, so that no two notes of a piece change places.
    """
    followed = shift.copy()
    main = hits.kind == MAIN
    for piece in np.unique(hits.piece[hits.kind == FINER]):
        led = (hits.kind == FINER) & (hits.piece == piece)
        leading = np.flatnonzero(main & (hits.piece == piece))
        leading = leading[np.argsort(old[leading])]
        followed[led] = np.interp(old[led], old[leading], shift[leading])
    triplet = hits.kind == TRIPLET
    if triplet.any():
        # Between sixteenths there is no step to be late against: go with all that is around.
        steps, which = np.unique(hits.step[main], return_inverse=True)
        if not len(steps):
            followed[triplet] = 0.0
            return followed
        struck = np.bincount(which)
        at = np.bincount(which, weights=old[main]) / struck
        by = np.bincount(which, weights=shift[main]) / struck
        followed[triplet] = np.interp(old[triplet], at, by)
    return followed


def _louder(hits: Hits, old: Doubles, new: Doubles) -> Doubles:
    """The velocities of the finer notes: as much louder or softer as their main hits became."""
    finer = hits.kind == FINER
    main = hits.main[finer]
    louder: Doubles = old[finer] * new[main] / old[main]
    return louder


def _inside(start: Integers, old: Integers, clip: Clip) -> Integers:
    """The starts, none led over an edge of the clip or its loop, where it would not be heard."""
    loop = {clip.loop_start, clip.end_of_loop} if clip.looping else set()
    edges = np.array([-MAX_TICK, *sorted({0, clip.length} | loop), MAX_TICK])
    after = np.searchsorted(edges, old, side="right")
    inside: Integers = np.clip(start, edges[after - 1], edges[after] - 1)
    return inside
