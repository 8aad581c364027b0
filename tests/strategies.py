"""Hypothesis strategies for notes and clips, as a musician or a spiteful tester may send them.

Floats are those that a float32 can hold, because the wire carries no others. ``clips`` draws music:
up to 32 bars in common and odd metres, upbeats before 1.1.1, overlapping and repeated notes, none
at all. ``extreme_clips`` draws from everything that a Clip accepts.
"""

from hypothesis import strategies as st

from bridge.music.clip import (
    DENOMINATORS,
    MAX_TEMPO,
    MAX_TICK,
    MIN_TEMPO,
    Clip,
    Note,
    ticks_per_bar,
)
from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH

DRUM_PITCHES = (22, 26, 35, 36, 37, 38, 40, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 53, 57, 59)

METRES = ((4, 4), (3, 4), (2, 4), (5, 4), (6, 8), (7, 8), (5, 8), (12, 8), (2, 2), (9, 16), (7, 32))


def floats_of_the_wire(low: float, high: float) -> st.SearchStrategy[float]:
    """Floats that survive the way through a float32."""
    return st.floats(low, high, allow_nan=False, allow_infinity=False, width=32)


metres = st.sampled_from(METRES)
any_metres = st.tuples(st.integers(1, 99), st.sampled_from(DENOMINATORS))

velocities = st.one_of(st.integers(1, 127).map(float), floats_of_the_wire(1, 127))

tempos = st.one_of(st.integers(60, 200).map(float), floats_of_the_wire(MIN_TEMPO, MAX_TEMPO))

names = st.one_of(
    st.just(""),
    st.sampled_from(("Beat 1", "Schlagzeug für Mädchen", "ドラム 808", "été", "🥁")),
    st.text(max_size=20),
)


@st.composite
def onsets(draw: st.DrawFn, length: int) -> int:
    """Onsets on steps, on triplets, off every grid, and before and after the clip."""
    grid = draw(st.sampled_from((TICKS_PER_SIXTEENTH, TICKS_PER_BEAT // 3, TICKS_PER_BEAT // 8, 1)))
    early, late = -TICKS_PER_BEAT * 2, length + TICKS_PER_BEAT
    return draw(st.integers(-(-early // grid), late // grid)) * grid


@st.composite
def notes(draw: st.DrawFn, length: int = 8 * TICKS_PER_BEAT, *, drums: bool = True) -> Note:
    """A note of a clip of so many ticks, with every field that Live may give it."""
    plain = draw(st.booleans())
    return Note(
        pitch=draw(st.sampled_from(DRUM_PITCHES) if drums else st.integers(0, 127)),
        start=draw(onsets(length)),
        duration=draw(
            st.one_of(
                st.sampled_from((1, TICKS_PER_SIXTEENTH, TICKS_PER_BEAT)),
                st.integers(1, 4 * TICKS_PER_BEAT),
            )
        ),
        velocity=draw(velocities),
        mute=not plain and draw(st.booleans()),
        probability=1.0 if plain else draw(floats_of_the_wire(0, 1)),
        velocity_deviation=0.0 if plain else draw(floats_of_the_wire(-127, 127)),
        release_velocity=64.0 if plain else draw(floats_of_the_wire(0, 127)),
        note_id=None if plain else draw(st.one_of(st.none(), st.integers(1, MAX_TICK))),
    )


@st.composite
def clips(
    draw: st.DrawFn,
    *,
    min_notes: int = 0,
    max_notes: int = 24,
    max_bars: int = 8,
    drums: bool | None = None,
) -> Clip:
    """A clip with music in it, up to 32 bars; drums or not as drawn where not given."""
    kit = draw(st.booleans()) if drums is None else drums
    numerator, denominator = draw(metres)
    bar = ticks_per_bar(numerator, denominator)
    length = draw(
        st.one_of(
            st.integers(1, max_bars).map(lambda bars: bars * bar), st.integers(1, max_bars * bar)
        )
    )
    loop_start = draw(st.one_of(st.just(0), st.integers(-bar, length - 1)))
    loop_end = draw(st.one_of(st.none(), st.integers(loop_start + 1, loop_start + 2 * length)))
    return Clip(
        notes=tuple(
            draw(st.lists(notes(length, drums=kit), min_size=min_notes, max_size=max_notes))
        ),
        length=length,
        loop_start=loop_start,
        loop_end=loop_end,
        looping=draw(st.booleans()),
        numerator=numerator,
        denominator=denominator,
        tempo=draw(tempos),
        drums=kit,
        name=draw(names),
    )


extreme_notes = st.builds(
    Note,
    pitch=st.integers(58, 60),
    start=st.one_of(
        st.integers(-MAX_TICK, MAX_TICK),
        st.sampled_from((-MAX_TICK, MAX_TICK)),
        st.integers(-9, 9),
    ),
    duration=st.one_of(st.integers(1, MAX_TICK), st.integers(1, 9)),
    velocity=velocities,
    mute=st.booleans(),
    probability=floats_of_the_wire(0, 1),
    velocity_deviation=floats_of_the_wire(-127, 127),
    release_velocity=floats_of_the_wire(0, 127),
    note_id=st.one_of(st.none(), st.integers(1, MAX_TICK)),
)
"""Notes anywhere in time, on so few keys that they collide."""


@st.composite
def extreme_clips(draw: st.DrawFn) -> Clip:
    """Any clip at all: times up to the last tick, every metre, names that are no Unicode."""
    numerator, denominator = draw(any_metres)
    loop_start = draw(st.one_of(st.just(0), st.integers(-MAX_TICK, MAX_TICK - 1)))
    return Clip(
        notes=tuple(draw(st.lists(extreme_notes, max_size=8))),
        length=draw(st.one_of(st.integers(1, 99), st.integers(1, MAX_TICK))),
        loop_start=loop_start,
        loop_end=draw(st.integers(loop_start + 1, MAX_TICK)),
        looping=draw(st.booleans()),
        numerator=numerator,
        denominator=denominator,
        tempo=draw(st.floats(MIN_TEMPO, MAX_TEMPO)),
        drums=draw(st.booleans()),
        name=draw(st.text(st.characters(), max_size=9)),
    )
