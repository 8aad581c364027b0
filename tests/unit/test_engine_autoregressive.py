"""What a step-wise model remembers, against a plain list."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bridge.engine.autoregressive import AGE, MEMORY, Memory
from bridge.engine.catalog import Catalog
from bridge.tools.writing import MODEL
from tests.tiny_score import KEPT, REMEMBERED_STEPS, write_tiny_score

FAR = 2**40
REACH = REMEMBERED_STEPS + 1


def empty(batch=1):
    numbers = np.zeros((batch, 1, REMEMBERED_STEPS, KEPT), np.float32)
    return Memory(numbers, np.full(REMEMBERED_STEPS, FAR))


def held(memory, position, row=0):
    """What is remembered, by how many steps ago."""
    inputs = memory.inputs(position)
    ago = np.rint(inputs[AGE][row] * REACH).astype(int)
    return {
        int(ago[place]): inputs[MEMORY][row, 0, place, 0]
        for place in range(REMEMBERED_STEPS)
        if ago[place] <= REACH
    }


@given(steps=st.integers(0, 3 * REMEMBERED_STEPS))
def test_a_memory_holds_the_last_steps_with_their_ages(steps):
    memory = empty(2)
    for step in range(steps):
        memory.remember(step, np.full((2, 1, KEPT), step, np.float32))
    expected = range(1, min(steps, REMEMBERED_STEPS) + 1)
    for row in range(2):
        found = held(memory.for_each(1), steps, row)
        assert found == {back: steps - back for back in expected}


@given(st.permutations(range(-20, 60)), st.integers(-20, 60))
def test_in_any_order_what_is_remembered_is_as_far_away_as_it_says(order, position):
    memory = empty()
    for step in order:
        memory.remember(step, np.full((1, 1, KEPT), step, np.float32))
    found = held(memory, position)
    assert all(position - ago == step for ago, step in found.items())


def test_the_farthest_makes_room_for_the_nearer():
    memory = empty()
    for step in (*range(20), *range(25, 45), *range(20, 25)):  # a gap is filled last
        memory.remember(step, np.full((1, 1, KEPT), step, np.float32))
    kept = sorted(24 - ago for ago in held(memory, 24))
    assert len(kept) == REMEMBERED_STEPS
    assert set(range(15, 35)) <= set(kept)


def test_those_who_go_on_from_a_memory_do_not_share_it(tmp_path):
    manifest = Catalog((write_tiny_score(tmp_path),)).load(MODEL).manifest
    memory = Memory.empty(manifest, 1)
    memory.remember(0, np.ones((1, 1, KEPT), np.float32))
    each = memory.for_each(3)
    each.remember(1, np.full((3, 1, KEPT), 2, np.float32))
    assert each.inputs(2)[MEMORY].shape[0] == 3
    assert memory.inputs(2)[MEMORY].max() == 1
