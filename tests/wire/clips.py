"""Clips as devices send them: every field in its range, fractions of 32 bits."""

from hypothesis import strategies as st

from bridge.music.clip import DENOMINATORS, MAX_TEMPO, MAX_TICK, MIN_TEMPO, Clip, Note, Take

NOTES = st.builds(
    Note,
    pitch=st.integers(0, 127),
    start=st.integers(-MAX_TICK, MAX_TICK),
    duration=st.integers(1, MAX_TICK),
    velocity=st.floats(1, 127, width=32),
    mute=st.booleans(),
    probability=st.floats(0, 1, width=32),
    velocity_deviation=st.floats(-127, 127, width=32),
    release_velocity=st.floats(0, 127, width=32),
    note_id=st.none() | st.integers(1, MAX_TICK),
)


@st.composite
def clips(draw, max_notes=70):
    """Any clip with up to so many notes."""
    loop_start = draw(st.integers(-MAX_TICK, MAX_TICK - 1))
    few = draw(st.lists(NOTES, max_size=6))
    count = draw(st.integers(0, max_notes)) if few else 0
    return Clip(
        notes=tuple(
            few[place % len(few)].played(start=place, velocity=1.0 + place % 127)
            if place >= len(few)
            else few[place]
            for place in range(count)
        ),
        length=draw(st.integers(1, MAX_TICK)),
        loop_start=loop_start,
        loop_end=draw(st.integers(loop_start + 1, MAX_TICK)),
        looping=draw(st.booleans()),
        numerator=draw(st.integers(1, 99)),
        denominator=draw(st.sampled_from(DENOMINATORS)),
        tempo=draw(st.floats(MIN_TEMPO, MAX_TEMPO, width=32)),
        drums=draw(st.booleans()),
    )


def takes():
    """Any take."""
    return st.builds(Take, st.integers(0, 15), st.integers(0, MAX_TICK), clips())
