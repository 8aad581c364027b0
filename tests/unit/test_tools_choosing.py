"""The best takes, unlike each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bridge.errors import BadRequestError
from bridge.tools.choosing import choose, likeness_of, quality_of

qualities = st.integers(1, 12).flatmap(
    lambda count: arrays(np.float64, count, elements=st.floats(0, 1))
)


def test_of_two_alike_takes_only_the_better_comes_early():
    likeness = np.array([[1, 0.95, 0.1], [0.95, 1, 0.1], [0.1, 0.1, 1]])
    assert choose([0.9, 0.88, 0.6], likeness, 3) == (0, 2, 1)


def test_without_variety_quality_decides_alone():
    likeness = np.ones((3, 3))
    assert choose([0.1, 0.9, 0.5], likeness, 3, variety=0) == (1, 2, 0)


@given(qualities, st.floats(0, 1), st.data())
def test_each_is_chosen_once_and_the_best_first(quality, variety, data):
    count = data.draw(st.integers(0, len(quality)))
    values = data.draw(arrays(np.float64, (len(quality),) * 2, elements=st.floats(0, 1)))
    chosen = choose(quality, values, count, variety)
    assert len(set(chosen)) == len(chosen) == count
    if chosen:
        assert chosen[0] == int(quality.argmax())
    assert choose(quality, values, len(quality), variety)[:count] == chosen


def test_more_than_there_are_cannot_be_chosen():
    with pytest.raises(BadRequestError, match="2 candidates; 3 cannot"):
        choose([0.5, 0.5], np.eye(2), 3)


def test_quality_mixes_rank_and_taste():
    assert quality_of([-2.0, -1.0, -3.0], [0, 0, 1], taste=0).tolist() == [0.5, 1.0, 0.0]
    assert quality_of([-2.0, -1.0, -3.0], [0, 0, 1], taste=1).tolist() == [0, 0, 1]
    assert quality_of([-1.0], [0.5], taste=0.5).tolist() == [0.25]


def test_likeness_is_the_share_of_equal_steps():
    found = likeness_of([np.array([60, -2, 62, -1]), np.array([60, -2, 64, 65])])
    assert found.tolist() == [[1.0, 0.5], [0.5, 1.0]]
