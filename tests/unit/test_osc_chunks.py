"""Long lists in numbered pieces."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import BadRequestError
from bridge.osc.chunks import ROWS_PER_PIECE, Collection, piece_count, pieces_of

ROWS = st.integers(0, 130).map(lambda count: tuple(range(count)))


@given(ROWS)
def test_pieces_hold_all_rows_in_order_and_only_the_last_is_short(rows):
    pieces = pieces_of(rows)
    assert len(pieces) == piece_count(len(rows))
    assert tuple(row for piece in pieces for row in piece) == rows
    assert all(len(piece) == ROWS_PER_PIECE for piece in pieces[:-1])


@settings(deadline=None)
@given(ROWS, st.data())
def test_pieces_are_collected_in_any_order_with_losses_and_doubles(rows, data):
    pieces = list(enumerate(pieces_of(rows)))
    arrivals = data.draw(st.lists(st.sampled_from(pieces), max_size=20)) if pieces else []
    collection = Collection(len(rows))
    seen = set()
    for piece, part in arrivals:
        assert collection.put(piece, part) == (piece not in seen)
        seen.add(piece)
    assert collection.missing() == tuple(piece for piece, _ in pieces if piece not in seen)
    for piece in collection.missing():
        collection.put(piece, pieces[piece][1])
    assert collection.missing() == ()
    assert collection.rows() == rows


@pytest.mark.parametrize(
    ("piece", "size", "fault"),
    [
        (-1, 20, "no piece -1"),
        (3, 20, "no piece 3"),
        (0, 19, "must hold 20"),
        (2, 20, "must hold 5"),
        (2, 0, "must hold 5"),
    ],
)
def test_a_piece_that_the_list_does_not_have_is_refused(piece, size, fault):
    collection = Collection(45)
    with pytest.raises(BadRequestError, match=fault):
        collection.put(piece, (0,) * size)
    assert collection.missing() == (0, 1, 2)


def test_the_later_copy_of_a_piece_counts():
    collection = Collection(2)
    collection.put(0, (1, 2))
    collection.put(0, (3, 4))
    assert collection.rows() == (3, 4)
