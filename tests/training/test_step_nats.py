"""The nats of every step: chances of all codes make one, and the likeliest is found."""

import numpy as np
import pytest

pytest.importorskip("torch")

from bridge.codecs.melodysteps import HOLD, SILENCE
from bridge.training.melody_passages import (
    alone,
    border_of,
    codes_of_grid,
    grid_notes,
    tune_passages,
    with_key_heard,
)
from bridge.training.melody_tunes import Tune, tunes_of
from bridge.training.step_nats import step_costs
from tests.training.note_examples import small_writers
from tests.training.song_examples import song

pytestmark = pytest.mark.training


def _drawn(generator, steps, strike=0.3, hold=0.7):
    codes = []
    for _ in range(steps):
        if generator.random() < strike:
            codes.append(int(generator.integers(55, 75)))
        elif codes and codes[-1] != SILENCE and generator.random() < hold:
            codes.append(HOLD)
        else:
            codes.append(SILENCE)
    return codes


def _prefixes():
    generator = np.random.default_rng(3)
    yield []
    for length in (1, 2, 3, 5, 9, 20, 31):
        yield _drawn(generator, length)
    yield [SILENCE] * 32
    yield [SILENCE] * 40
    yield [60, *[HOLD] * 31]
    yield [60, *[HOLD] * 32]
    yield [60, *[HOLD] * 50]
    yield [60, *[HOLD] * 40, *[SILENCE] * 5]
    yield [62, HOLD, *[SILENCE] * 33]
    yield [60, *[HOLD] * 90]


@pytest.mark.parametrize("prefix", list(_prefixes()), ids=lambda prefix: str(len(prefix)))
def test_the_chances_of_all_codes_make_one_and_the_likeliest_is_known(prefix):
    writers = small_writers()
    codes = [*range(128), SILENCE]
    if prefix and prefix[-1] != SILENCE:
        codes.append(HOLD)
    passages = [alone(np.array([*prefix, code], np.int16)) for code in codes]
    costs = step_costs(passages, writers)
    for one in costs[1:]:
        # What came before costs the same, whatever comes.
        np.testing.assert_allclose(one.nats[:-1], costs[0].nats[:-1], atol=1e-4)
    chances = np.exp([-one.nats[-1] for one in costs])
    assert chances.sum() == pytest.approx(1.0, abs=1e-4)
    assert [one.top[-1] for one in costs] == (chances == chances.max()).tolist()


def test_the_likeliest_code_is_found_everywhere():
    writers = small_writers(1)
    generator = np.random.default_rng(5)
    codes = np.array(_drawn(generator, 9, strike=0.4), np.int16)
    cost = step_costs([alone(codes)], writers)[0]
    tops = []
    for step in range(len(codes)):
        others = [*range(128), SILENCE, *([HOLD] if step and codes[step - 1] != SILENCE else [])]
        every = step_costs(
            [alone(np.array([*codes[:step], code], np.int16)) for code in others], writers
        )
        best = others[int(np.argmin([one.nats[-1] for one in every]))]
        tops.append(best == codes[step])
    assert cost.top.tolist() == tops
    assert 0 < sum(tops) < len(tops)


def test_a_passage_prices_only_what_it_is_asked_for():
    writers = small_writers()
    codes = np.array(_drawn(np.random.default_rng(7), 48), np.int16)
    whole, part = step_costs([alone(codes), alone(codes, first=16)], writers)
    np.testing.assert_allclose(part.nats, whole.nats[16:], atol=1e-4)
    assert part.top.tolist() == whole.top[16:].tolist()


def test_a_tune_is_priced_once_and_without_a_break():
    tune = tunes_of([song(tuple(range(50, 90)) * 4)])[0]
    passages = tune_passages(tune, tokens=32, context=16)
    assert len(passages) > 4
    assert sum(len(each.codes) - each.first for each in passages) == len(tune.codes)
    joined = np.concatenate([each.codes[each.first :] for each in passages])
    assert joined.tolist() == tune.codes.tolist()
    for passage in passages[1:]:
        notes = grid_notes(passage.codes[: passage.first])
        assert 16 <= len(notes) < 32
        assert len(passage.window) == 32 or passage is passages[-1]


def test_windows_of_a_tune_cost_as_much_as_the_whole_where_all_is_heard():
    writers = small_writers()
    tune = tunes_of([song()])[0]
    (whole,) = tune_passages(tune)
    cost = step_costs([whole], writers)[0]
    assert len(cost.nats) == len(tune.codes)
    assert np.isfinite(cost.nats).all()
    bars = step_costs([alone(tune.codes)], writers)[0]
    np.testing.assert_allclose(cost.nats, bars.nats, atol=1e-4)


def test_a_tune_with_long_rests_and_long_notes_is_priced_whole():
    quiet = np.array([SILENCE] * 70 + [60] + [HOLD] * 100 + [SILENCE] * 80 + [62] * 40, np.int16)
    tune = Tune(song(tuple([60] * 80)), quiet)
    passages = tune_passages(tune, tokens=24, context=8)
    joined = np.concatenate([each.codes[each.first :] for each in passages])
    assert joined.tolist() == quiet.tolist()
    for cost in step_costs(passages, small_writers()):
        assert np.isfinite(cost.nats).all()
        assert cost.nats.max() < 27.0


def test_the_key_is_heard_in_the_first_eight_bars():
    tune = tunes_of([song((62, 66, 69, 74) * 10)])[0]
    assert border_of(tune) == 128
    told = with_key_heard(tune, tune_passages(tune))
    assert {(each.known.root, each.known.mode) for each in told} == {(2, 0)}


def test_notes_go_to_codes_and_back():
    codes = np.array(_drawn(np.random.default_rng(9), 64), np.int16)
    assert codes_of_grid(grid_notes(codes), 64).tolist() == codes.tolist()
