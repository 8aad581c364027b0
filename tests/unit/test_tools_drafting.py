"""Drafts: which seeds they have."""

from hypothesis import given
from hypothesis import strategies as st

from bridge.tools.drafting import EXACT, seeds_of


@given(st.integers(0, 2**31 - 1), st.integers(1, 16), st.integers(1, 4))
def test_every_seed_of_a_draft_can_be_typed_into_a_device_and_then_names_it_alone(
    seed, takes, pool
):
    for own in seeds_of(seed, takes, pool):
        for each in own:
            assert EXACT <= each <= 999_999
            assert seeds_of(each, 1, pool) == [[each]]


@given(st.integers(0, EXACT - 17), st.integers(2, 16))
def test_takes_have_pools_of_their_own_that_more_takes_do_not_change(seed, takes):
    pools = seeds_of(seed, takes, 3)
    assert pools[:-1] == seeds_of(seed, takes - 1, 3)
    assert len({tuple(pool) for pool in pools}) == takes
