"""Drumify: a drum kit on any rhythm, every onset of which is answered.

Which pieces are struck is drawn from the model drumify; how, from the model groove.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from bridge.codecs.drumgrid import PIECES, STEPS, metre_features, tempo_feature
from bridge.codecs.drumscore import hits_of
from bridge.codecs.hits import (
    MAIN,
    Floats,
    Hits,
    Integers,
    lay_out,
    read_hits,
    steps_of_loop,
    window_starts,
)
from bridge.codecs.playing import perform
from bridge.codecs.taps import CODEC_ID, has_accents, strongest, tap_features
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Model
from bridge.engine.manifest import require_codec
from bridge.engine.sampling import Doubles
from bridge.engine.striking import Booleans, Limits, choose_hits
from bridge.errors import BadRequestError, NoNotesError
from bridge.music.clip import Clip, Note, Take
from bridge.music.drumkit import Kit, Piece
from bridge.music.grid import nearest_step, tick_of_step
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Drumify, Groove
from bridge.tools.groove import SEEDS, Score, draw_playing, run_windows
from bridge.tools.keeping import Kept

MODEL: Final = "drumify"

LATENT_SIZE: Final = "latent_size"
THRESHOLDS: Final = {
    accented: tuple(f"threshold_{rhythm}_{piece.name.lower()}" for piece in Piece)
    for accented, rhythm in ((False, "plain"), (True, "accented"))
}
"""Names of the numbers of a manifest: the logits from which a piece is struck at temperature 0,
by whether the rhythm has accents."""

BIASES: Final = {False: "sampling_bias", True: "sampling_bias_filling"}
"""Names of the numbers that are added to every logit when hits are drawn, by whether hits may stand
between the onsets; so that with those that answer an otherwise empty onset there are as many as
drummers play."""

ACCENT: Final = 0.5
"""How far a hit follows the accent of its onset: 0 not at all, 1 in full proportion. Half of it is
in the groove model's own strengths already."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A clip as the model sees it: onsets, whatever their pitches."""

    hits: Hits
    starts: Integers
    """The steps at which windows begin, (windows,)."""
    steps: Integers
    """The steps that may be struck, in order, (steps,)."""
    tap: Integers
    """For each of those the loudest hit on it, −1 where nothing is tapped, (steps,)."""
    accented: bool
    inputs: dict[str, Floats]
    """Of the model, but for the latent."""


def play_drumify(
    request: Drumify,
    clip: Clip,
    kit: Kit,
    model: Model,
    player: Model,
    *,
    keep: Clip | None = None,
    cancel: Cancel,
    report: Callable[[float], None],
) -> tuple[Take, ...]:
    """Takes of drums for the rhythm of a clip, in its frame.

    Each take has one idea from its first bar to its last. At temperature 0 it is what is likeliest
    over all ideas.

    Args:
        request: How many takes, and of what kind; its ids are not looked at.
        clip: The rhythm; its pitches do not count.
        kit: Which pitch plays which piece.
        model: The drumify model.
        player: The groove model.
        keep: Whose notes stay in every take; None for no notes.
        cancel: Asked before every part of the work.
        report: Told the part of the work that is done, 0–1.

    Raises:
        NoNotesError: if no note of the clip sounds.
        TooLongError: if the notes to keep are more than a clip takes.
        BadRequestError: if the kit has none of the pieces that are allowed.
        ModelMissingError: if a model is one for another version of Clipbridge.
        CancelledError: if it was called off.
    """
    _require_fit(model)
    rhythm = read_rhythm(clip, fill=request.fill)
    if rhythm is None:
        raise NoNotesError("The clip has no note that sounds. Draw or record a rhythm first.")
    kept = Kept.lay(keep, kit, clip.length, -(-clip.length // TICKS_PER_SIXTEENTH))
    struck_already = _struck_already(kept, rhythm.steps)
    limits = Limits(
        allowed=_allowed(request.pieces, kit),
        most=request.most,
        required=rhythm.tap >= 0,
        total=_total(request, clip, int(struck_already.sum())),
        kept=struck_already,
    )
    takes = []
    for index in range(request.takes):
        cancel.check()
        seed = (request.seed + index) % SEEDS
        generator = np.random.default_rng(seed)
        margins = _margins(rhythm, request, model, generator, cancel)
        struck = choose_hits(margins, limits)
        played = replace(clip, drums=True, notes=())
        if len(struck):
            stiff, score = _write_down(struck, rhythm, clip, kit)
            manner = Groove(id=1, clip=1, temperature=min(1.0, request.temperature))
            late, strong = draw_playing(score, None, manner, player, generator, cancel)
            tap = rhythm.tap[struck[:, 0]]
            if request.swing:
                late = np.where(tap >= 0, rhythm.hits.offset[tap], late)
            played = perform(stiff, score.hits, late, strong * _accents(rhythm, tap), 1.0)
        notes = kept.among(_without_overlaps(played).notes)
        takes.append(Take(index, seed, played.with_notes(notes)))
        report((index + 1) / request.takes)
    return tuple(takes)


def read_rhythm(clip: Clip, *, fill: bool) -> Rhythm | None:
    """The clip as the model sees it; None if no note sounds.

    Args:
        clip: Of any pitches.
        fill: Whether steps between the onsets may be struck, too; those in silent stretches of a
            window or more may not.
    """
    hits = read_hits(clip, lambda _: Piece.CLOSED_HAT)
    if not len(hits.note):
        return None
    starts = window_starts(hits.step, clip.ticks_per_bar)
    steps = np.unique(hits.step)
    if fill:
        loop_start = clip.loop_start if clip.looping else 0
        loop_end = clip.end_of_loop if clip.looping else 0
        first = nearest_step(min(0, loop_start))
        end = nearest_step(max(clip.length, loop_end))
        seen = np.unique(starts[:, None] + np.arange(STEPS))
        steps = np.union1d(steps, seen[(seen >= first) & (seen < end)])
    return Rhythm(
        hits=hits,
        starts=starts,
        steps=steps,
        tap=strongest(hits, steps),
        accented=has_accents(hits),
        inputs={
            "taps": tap_features(hits, starts, steps_of_loop(clip), complete=not fill),
            "metre": metre_features(starts, clip.ticks_per_bar),
            "tempo": np.full((len(starts), 1), tempo_feature(clip.tempo), np.float32),
        },
    )


def hit_logits(rhythm: Rhythm, latent: Floats | None, model: Model, cancel: Cancel) -> Doubles:
    """The logits of every piece on every step, (steps, 9), windows blended where they overlap.

    Args:
        rhythm: The clip.
        latent: An idea, (numbers,), or None for what is likeliest over all ideas.
        model: The drumify model.
        cancel: Asked before every part of the work.
    """
    size = int(model.manifest.numbers[LATENT_SIZE])
    idea = np.zeros(size, np.float32) if latent is None else latent
    tempo = rhythm.inputs["tempo"]
    inputs = {
        **rhythm.inputs,
        "latent": np.tile(idea, (len(rhythm.starts), 1)),
        "known": np.full_like(tempo, latent is not None),
    }
    logits = run_windows(model, inputs, cancel)["hits"]
    inner = np.arange(STEPS)
    centrality = np.minimum(inner + 1, STEPS - inner).astype(np.float64)
    shown = rhythm.starts[:, None] + inner  # (windows, 32)
    place = np.minimum(np.searchsorted(rhythm.steps, shown), len(rhythm.steps) - 1)
    window, step = np.nonzero(rhythm.steps[place] == shown)
    blended = np.zeros((len(rhythm.steps), PIECES))
    weight = np.zeros(len(rhythm.steps))
    np.add.at(blended, place[window, step], centrality[step, None] * logits[window, step])
    np.add.at(weight, place[window, step], centrality[step])
    return blended / weight[:, None]


def _require_fit(model: Model) -> None:
    numbers = (LATENT_SIZE, *BIASES.values(), *THRESHOLDS[False], *THRESHOLDS[True])
    require_codec(model.manifest, CODEC_ID, numbers)


def _allowed(pieces: int, kit: Kit) -> tuple[bool, ...]:
    """Which of the nine may be struck: wished for, and with a pitch of its own in the kit."""
    wished = [piece for piece in Piece if pieces >> piece & 1]
    own = {piece for piece in wished if kit.piece_of(kit.pitch_of(piece)) == piece}
    if not own:
        names = ", ".join(piece.label for piece in wished)
        raise BadRequestError(
            f"The drum kit “{kit.name}” has none of the pieces asked for: {names}."
        )
    return tuple(piece in own for piece in Piece)


def _total(request: Drumify, clip: Clip, kept: int) -> int | None:
    """How many hits are wanted beside those kept; None where the drummer decides."""
    if request.hits_per_bar == 0:
        return None
    return max(0, max(1, round(request.hits_per_bar * clip.length / clip.ticks_per_bar)) - kept)


def _struck_already(kept: Kept, steps: Integers) -> Booleans:
    """Which cells the notes that stay strike, (steps, 9)."""
    inside = (steps >= 0) & (steps < len(kept.codes))
    codes = np.zeros(len(steps), np.int64)
    codes[inside] = kept.codes[steps[inside]]
    return hits_of(codes) > 0


def _margins(
    rhythm: Rhythm,
    request: Drumify,
    model: Model,
    generator: np.random.Generator,
    cancel: Cancel,
) -> Doubles:
    """How far each cell is above where it is struck, as a logit, (steps, 9)."""
    numbers, temperature = model.manifest.numbers, request.temperature
    # Drawn whatever the temperature, so that what comes after it is the same chance.
    idea = generator.standard_normal(int(numbers[LATENT_SIZE])).astype(np.float32)
    chance = generator.logistic(size=(len(rhythm.steps), PIECES))
    if temperature == 0:
        threshold = np.array([numbers[name] for name in THRESHOLDS[rhythm.accented]])
        return np.asarray(hit_logits(rhythm, None, model, cancel) - threshold, np.float64)
    latent = np.float32(min(temperature, 1.0)) * idea
    logits = hit_logits(rhythm, latent, model, cancel) + numbers[BIASES[request.fill]]
    # A Bernoulli draw: sigmoid(logit / T) is the chance that logit / T exceeds logistic noise.
    return np.asarray(logits / temperature + chance, np.float64)


def _write_down(struck: Integers, rhythm: Rhythm, clip: Clip, kit: Kit) -> tuple[Clip, Score]:
    """The hits (hits, 2) of place and piece as a stiff clip, and as the groove model sees it.

    Hits on an onset stand where it does, so that no one is led over an edge of the clip.
    """
    place, piece = struck.T
    step, tap = rhythm.steps[place], rhythm.tap[place]
    notes = tuple(
        Note(
            kit.pitch_of(Piece(struck_piece)),
            clip.notes[rhythm.hits.note[onset]].start if onset >= 0 else tick_of_step(on_step),
            TICKS_PER_SIXTEENTH,
        )
        for struck_piece, onset, on_step in zip(
            piece.tolist(), tap.tolist(), step.tolist(), strict=True
        )
    )
    stiff = replace(clip, drums=True, notes=notes)
    hits = Hits(
        note=np.arange(len(notes)),
        step=step,
        piece=piece,
        kind=np.full(len(notes), MAIN),
        main=np.arange(len(notes)),
        velocity=np.ones(len(notes), np.float32),
        offset=np.zeros(len(notes), np.float32),
    )
    starts = window_starts(step, clip.ticks_per_bar)
    return stiff, Score(
        hits,
        starts,
        lay_out(hits, starts, steps_of_loop(clip)),
        metre_features(starts, clip.ticks_per_bar),
        np.full((len(starts), 1), tempo_feature(clip.tempo), np.float32),
    )


def _accents(rhythm: Rhythm, tap: Integers) -> Doubles:
    """How much louder each hit is for the onset it stands on, (hits,)."""
    if not rhythm.accented:
        return np.ones(len(tap))
    loudness = rhythm.hits.velocity.astype(np.float64)
    usual = loudness[rhythm.tap[rhythm.tap >= 0]].mean()
    return np.where(tap >= 0, (loudness[tap] / usual) ** ACCENT, 1.0)


def _without_overlaps(clip: Clip) -> Clip:
    """Each note ended where the next of its pitch begins."""
    following: dict[int, int] = {}
    notes = list(clip.notes)
    for index in sorted(range(len(notes)), key=lambda index: -notes[index].start):
        note = notes[index]
        gap = following.get(note.pitch, note.end) - note.start
        notes[index] = replace(note, duration=max(1, min(note.duration, gap)))
        following[note.pitch] = note.start
    return clip.with_notes(notes)
