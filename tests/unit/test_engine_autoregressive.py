"""What a step-wise model remembers, against a plain list."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bridge.engine.autoregressive import AGE, MEMORY, Memory
from bridge.engine.catalog import Catalog
from tests.tiny_models import KEPT, REMEMBERED_STEPS, write_tiny_continuation


@given(steps=st.integers(0, 3 * REMEMBERED_STEPS))
def test_a_memory_holds_the_last_steps_with_their_ages(steps):
    memory = Memory(np.zeros((2, 1, REMEMBERED_STEPS, KEPT), np.float32), 0)
    for step in range(steps):
        memory.remember(np.full((2, 1, KEPT), step, np.float32))
    inputs = memory.for_each(1).inputs()
    ago = np.rint(inputs[AGE] * (REMEMBERED_STEPS + 1)).astype(int)
    for row in range(2):
        held = {
            int(ago[row, place]): inputs[MEMORY][row, 0, place, 0]
            for place in range(REMEMBERED_STEPS)
            if ago[row, place] <= REMEMBERED_STEPS
        }
        expected = range(1, min(steps, REMEMBERED_STEPS) + 1)
        assert held == {back: steps - back for back in expected}


def test_those_who_go_on_from_a_memory_do_not_share_it(tmp_path):
    manifest = Catalog((write_tiny_continuation(tmp_path),)).load("continuation").manifest
    memory = Memory.empty(manifest, 1)
    memory.remember(np.ones((1, 1, KEPT), np.float32))
    each = memory.for_each(3)
    each.remember(np.full((3, 1, KEPT), 2, np.float32))
    assert each.inputs()[MEMORY].shape[0] == 3
    assert memory.inputs()[MEMORY].max() == 1
