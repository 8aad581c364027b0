"""Which cells are struck: the limits hold for every model, and a total is met where it can be."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bridge.engine.striking import Limits, choose_hits


@st.composite
def choices(draw):
    steps = draw(st.integers(1, 12))
    generator = np.random.default_rng(draw(st.integers(0, 1000)))
    allowed = draw(st.lists(st.booleans(), min_size=9, max_size=9).filter(any))
    limits = Limits(
        allowed=tuple(allowed),
        most=draw(st.integers(1, 9)),
        required=generator.random(steps) < 0.5,
        total=draw(st.none() | st.integers(0, 120)),
    )
    return generator.normal(0.0, 3.0, (steps, 9)), limits


def counts(struck, steps):
    return np.bincount(struck[:, 0], minlength=steps)


@given(choices())
def test_no_limit_is_broken(choice):
    margins, limits = choice
    struck = choose_hits(margins, limits)
    assert all(limits.allowed[piece] for piece in struck[:, 1])
    assert counts(struck, len(margins)).max() <= limits.most
    assert (counts(struck, len(margins))[limits.required] >= 1).all()
    assert len({tuple(hit) for hit in struck.tolist()}) == len(struck)


@given(choices())
def test_a_total_is_met_or_the_nearest_there_is(choice):
    margins, limits = choice
    if limits.total is not None:
        least = int(limits.required.sum())
        greatest = len(margins) * min(limits.most, sum(limits.allowed))
        assert len(choose_hits(margins, limits)) == min(greatest, max(least, limits.total))


@given(choices())
def test_on_each_step_the_highest_are_struck(choice):
    margins, limits = choice
    struck = choose_hits(margins, limits)
    for step in range(len(margins)):
        own = set(struck[struck[:, 0] == step, 1].tolist())
        others = [p for p in range(9) if limits.allowed[p] and p not in own]
        if own and others:
            assert margins[step, list(own)].min() >= margins[step, others].max()


@given(choices(), st.integers(0, 1000))
def test_what_is_kept_is_left_alone_counts_and_answers(choice, seed):
    margins, limits = choice
    kept = np.random.default_rng(seed).random(margins.shape) < 0.2
    struck = choose_hits(margins, replace(limits, kept=kept))
    together = counts(struck, len(margins)) + kept.sum(axis=1)
    assert not kept[struck[:, 0], struck[:, 1]].any()
    assert (together[counts(struck, len(margins)) > 0] <= limits.most).all()
    open_steps = limits.required & ~kept.any(axis=1)
    assert (together[limits.required] >= 1).all()
    if limits.total is not None:
        room = np.minimum(
            np.maximum(0, limits.most - kept.sum(axis=1)),
            (np.array(limits.allowed) & ~kept).sum(axis=1),
        ).sum()
        assert len(struck) == min(room, max(open_steps.sum(), limits.total))


def test_without_a_total_the_cells_above_the_threshold_are_struck():
    margins = np.array([[1.0, -1.0, 2.0] + [-1.0] * 6, [-3.0] * 8 + [-2.0]])
    limits = Limits((True,) * 9, 9, np.array([False, False]))
    assert choose_hits(margins, limits).tolist() == [[0, 0], [0, 2]]
    required = Limits((True,) * 9, 9, np.array([True, True]))
    assert choose_hits(margins, required).tolist() == [[0, 0], [0, 2], [1, 8]]
