"""Played notes beside others: how many sound at once, and what is done about it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.music.clip import Note
from bridge.tools.polyphony import at_most_together

NOTES = st.builds(
    Note,
    pitch=st.integers(60, 66),
    start=st.integers(0, 40),
    duration=st.integers(1, 30),
    mute=st.sampled_from((False, False, True)),
)


def played_notes(drawn):
    """Of one key no two overlap, and none is muted."""
    found = []
    for note in drawn:
        clear = all(
            note.pitch != other.pitch or note.end <= other.start or other.end <= note.start
            for other in found
        )
        if clear and not note.mute:
            found.append(note)
    return found


def sounding_at(notes, tick):
    return [note for note in notes if not note.mute and note.start <= tick < note.end]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(NOTES, max_size=10).map(played_notes),
    st.lists(NOTES, max_size=6),
    st.integers(1, 4),
)
def test_never_more_sound_at_once_and_nothing_sounds_that_was_not_played(played, fixed, most):
    left = at_most_together(played, fixed, most)
    for tick in range(80):
        new = sounding_at(left, tick)
        others = sounding_at(fixed, tick)
        assert not new or len(new) + len(others) <= most
        assert len({note.pitch for note in new}) == len(new)
        assert not {note.pitch for note in new} & {note.pitch for note in others}
        before = {note.pitch for note in sounding_at(played, tick)}
        assert {note.pitch for note in new} <= before
    if all(note.mute for note in fixed) and len(played) <= most:
        assert list(left) == played


@settings(deadline=None)
@given(st.lists(NOTES, max_size=10).map(played_notes), st.integers(1, 4))
def test_what_is_struck_is_struck_unless_more_are_struck_together_than_may_sound(played, most):
    left = at_most_together(played, [], most)
    starts = [note.start for note in played]
    if max(map(starts.count, starts), default=0) <= most:
        assert [(note.pitch, note.start) for note in left] == [
            (note.pitch, note.start) for note in played
        ]


@pytest.mark.parametrize(
    ("played", "fixed", "most", "left"),
    [
        # A line that is played legato: the next note ends the one before.
        ([(60, 0, 11), (62, 10, 20)], [], 1, [(60, 0, 10), (62, 10, 20)]),
        # Of two that sound, the one that would end first makes room.
        ([(60, 0, 20), (62, 0, 30), (64, 10, 20)], [], 2, [(60, 0, 10), (62, 0, 30), (64, 10, 20)]),
        # What is kept stays; what is played begins when it is over.
        ([(60, 8, 20)], [(64, 0, 10)], 1, [(60, 10, 20)]),
        # What is kept stays; what is played ends when it begins.
        ([(60, 0, 20)], [(64, 10, 30)], 1, [(60, 0, 10)]),
        # What would be over by the time there is room is left out.
        ([(60, 2, 8)], [(64, 0, 10)], 1, []),
        ([(60, 2, 8)], [(64, 0, 10)], 2, [(60, 2, 8)]),
        # Nobody strikes a key that is down, even where more notes may sound.
        ([(64, 2, 12)], [(64, 0, 10)], 4, [(64, 10, 12)]),
        # Two that come to begin together: one is enough of a line.
        ([(60, 8, 20), (62, 9, 20)], [(64, 0, 10)], 1, [(60, 10, 20)]),
    ],
)
def test_room_is_made_as_a_player_would(played, fixed, most, left):
    def notes(rows):
        return [Note(pitch, start, end - start) for pitch, start, end in rows]

    assert list(at_most_together(notes(played), notes(fixed), most)) == notes(left)


def test_muted_notes_take_no_room():
    played = [Note(60, 5, 10)]
    assert at_most_together(played, [Note(64, 0, 20, mute=True)], 1) == tuple(played)
