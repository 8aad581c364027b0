"""Clips as a row of bars, and scores between clips, performed as the clips themselves are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from bridge.codecs.drumbar import LONGEST, Integers, bars_of
from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import codes_of, hits_of
from bridge.codecs.hits import MAIN, read_hits
from bridge.codecs.playing import perform
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Model
from bridge.errors import BadRequestError, NoNotesError, TooLongError
from bridge.music.clip import Clip, Note
from bridge.music.drumkit import Kit, Piece
from bridge.music.units import TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Groove
from bridge.tools.groove import Feel, draw_playing, read_score

MOST_BARS: Final = 128
"""Of a clip; thirty-two are what people have."""

Stroke = tuple[float, float]
"""How late, in steps, and how strong, 0–1."""


@dataclass(frozen=True, slots=True)
class Ear:
    """The models that hear and play bars and their feel."""

    bars: Model
    """Hears where bars lie."""
    places: Model
    """Says what is hit at a place."""
    feel: Model
    """Hears how a clip is played."""
    drummer: Model
    """Plays with a feel."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A clip as it is heard."""

    clip: Clip
    bars: Integers
    """Codes, (bars, steps of a bar)."""
    strokes: dict[tuple[int, int], Stroke]
    """How the hit of each step and piece is played."""
    pitches: dict[Piece, int]
    """The pitch that plays each piece most."""
    steps: int
    """From its beginning to the end of its own last bar, after which it begins again."""

    def stroke(self, step: int, piece: int) -> Stroke | None:
        """How it plays a cell, the clip going round; None where it does not."""
        return self.strokes.get((step % self.steps, piece))


@dataclass(frozen=True, slots=True)
class Manner:
    """How a score between clips is played."""

    feel: Feel
    drummer: Model
    """The groove model."""
    kit: Kit
    temperature: float
    seed: int


def hear_clip(clip: Clip, kit: Kit, tool: str) -> Heard:
    """A clip as a row of bars: its loop where it loops; one that ends within a bar is filled up.

    Args:
        clip: What to hear.
        kit: Which pitch plays which piece.
        tool: Whose name the sentences bear.

    Raises:
        BadRequestError: if it is no drum clip, or of a metre that cannot be placed.
        NoNotesError: if no note of it sounds.
        TooLongError: if it is too long.
    """
    if not clip.drums:
        raise BadRequestError(
            f"{tool} plays drums, and this is no drum clip. Take a clip of a drum track."
        )
    steps_per_bar, rest = divmod(clip.ticks_per_bar, TICKS_PER_SIXTEENTH)
    if rest or not 1 <= steps_per_bar <= LONGEST:
        raise BadRequestError(
            f"{tool} knows bars of 1 to {LONGEST} sixteenths, and {clip.numerator}/"
            f"{clip.denominator} is none of them. Choose another time signature."
        )
    first, end = (clip.loop_start, clip.end_of_loop) if clip.looping else (0, clip.length)
    bars = max(1, -(-(end - first) // clip.ticks_per_bar))
    if bars > MOST_BARS:
        raise TooLongError(
            f"A clip has {bars:,} bars; {tool} takes up to {MOST_BARS}. Loop a part of it."
        )
    hits = read_hits(clip, kit.piece_or_timekeeper)
    if not len(hits.note):
        raise NoNotesError("A clip has no note that sounds. Draw or record a beat first.")
    step = hits.step - first // TICKS_PER_SIXTEENTH
    inside = (step >= 0) & (step < bars * steps_per_bar)
    if not inside.any():
        raise NoNotesError("A clip has no note that sounds within its loop.")
    struck = np.zeros((bars * steps_per_bar, PIECES), np.bool_)
    struck[step[inside], hits.piece[inside]] = True
    strokes = {}
    # Where several notes share a cell the main one, told last, is how the cell is played.
    for hit in sorted(np.flatnonzero(inside).tolist(), key=lambda hit: int(hits.kind[hit] == MAIN)):
        late = float(np.clip(hits.offset[hit], -0.5, 0.5))
        strokes[int(step[hit]), int(hits.piece[hit])] = (late, float(hits.velocity[hit]))
    return Heard(
        clip,
        bars_of(codes_of(struck), steps_per_bar),
        strokes,
        _pitches(clip, kit),
        len(struck),
    )


def perform_between(
    codes: Integers,
    clips: Sequence[Heard],
    weights: Sequence[float],
    manner: Manner,
    cancel: Cancel,
) -> Clip:
    """A score as the drummers of some clips would play it, each as much as his part.

    What a clip strikes too is played towards how the clip plays it; the rest as the groove model
    would with the feel. The clip's frame is that of the first, as long as the score.

    Args:
        codes: One a step, (steps,).
        clips: At least one.
        weights: How much of each clip is in it, from 0; 1 at the most together.
        manner: See there.
        cancel: Asked before every part of the work.
    """
    cells = np.argwhere(hits_of(codes) > 0).tolist()
    pitches = {piece: manner.kit.pitch_of(piece) for piece in Piece}
    for number in sorted(range(len(clips)), key=lambda number: weights[number]):
        pitches |= clips[number].pitches
    stiff = replace(
        clips[0].clip,
        notes=tuple(
            Note(pitches[Piece(piece)], step * TICKS_PER_SIXTEENTH, TICKS_PER_SIXTEENTH)
            for step, piece in cells
        ),
        length=len(codes) * TICKS_PER_SIXTEENTH,
        loop_start=0,
        loop_end=None,
        name="",
    )
    score = read_score(stiff, manner.kit)
    if score is None:
        return stiff
    # What is hit may be wild; how it is hit stays human.
    wish = Groove(id=1, clip=1, temperature=min(1.0, manner.temperature))
    chance = np.random.default_rng([manner.seed, 1])
    late, strong = draw_playing(score, manner.feel, wish, manner.drummer, chance, cancel)
    drawn_late, drawn_strong = late.copy(), strong.copy()
    for hit, (step, piece) in enumerate(cells):
        for given, weight in zip(clips, weights, strict=True):
            known = given.stroke(step, piece)
            if known is not None:
                late[hit] += weight * (known[0] - drawn_late[hit])
                strong[hit] += weight * (known[1] - drawn_strong[hit])
    return perform(stiff, score.hits, late, strong, 1.0)


def _pitches(clip: Clip, kit: Kit) -> dict[Piece, int]:
    played = Counter(note.pitch for note in clip.notes if not note.mute)
    return {kit.piece_or_timekeeper(pitch): pitch for pitch, _ in reversed(played.most_common())}
