"""Drumming varied for training: what is tapped stays what is struck, and bars stay bars."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is missing: pip install '.[train]'")

from bridge.codecs.drumgrid import Performance, metre_features  # noqa: E402
from bridge.music.clip import ticks_per_bar  # noqa: E402
from bridge.training.corpus import Windows  # noqa: E402
from bridge.training.drumify_variation import DrummedData, Variety  # noqa: E402

pytestmark = pytest.mark.training

COMMON = ticks_per_bar(4, 4)
WALTZ = ticks_per_bar(3, 4)
BARS = 9
STILL = Variety(
    tempo=0.0,
    turned_share=0.0,
    swapped_share=0.0,
    mixed_share=0.0,
    left_out=0.0,
    loudness=0.0,
    contrast=0.0,
    piece_loudness=0.0,
    push=0.0,
    piece_push=0.0,
    looseness=0.0,
)


def windows():
    """A file whose velocities count its steps, so that each window tells where it is from."""
    steps = 16 * BARS
    played = np.zeros((steps, 9), np.float32)
    played[np.arange(steps), np.arange(steps) % 9] = (np.arange(steps) + 1) / 256
    cut = np.stack([played[16 * bar : 16 * bar + 32] for bar in range(BARS - 1)])
    hits = (cut > 0).astype(np.float32)
    count = len(cut)
    return Windows(
        Performance(hits, cut, 0.25 * hits),
        np.full(count, 120.0, np.float32),
        np.zeros(count, np.int64),
        np.arange(count),
    )


def data(bar=COMMON):
    return DrummedData.of(windows(), [bar] * (BARS - 1), torch.device("cpu"))


def varied(bar=COMMON, seed=0, **kinds):
    """Every window, and how it was led elsewhere."""
    made = data(bar)
    generator = torch.Generator().manual_seed(seed)
    return made.varied(torch.arange(len(made)), replace(STILL, **kinds), generator)


def places(drummed):
    """Which step of the file stands on each step of the windows."""
    return torch.round(drummed.velocity.sum(dim=-1) * 256).long().numpy() - 1


def test_without_variety_drumming_stays_as_played():
    cut = windows()
    drummed = varied()
    assert np.array_equal(drummed.score.numpy(), cut.played.hits)
    assert np.abs(drummed.velocity.numpy() - cut.played.velocity).max() < 1e-6
    assert np.abs(drummed.offset.numpy() - cut.played.offset).max() < 1e-6


@pytest.mark.parametrize("bar", [COMMON, WALTZ])
def test_a_window_that_is_turned_begins_on_another_beat_and_knows_it(bar):
    drummed = varied(bar, turned_share=1.0)
    first = places(drummed)[:, 0]
    assert np.array_equal(places(drummed), first[:, None] + np.arange(32))
    assert set((first % 4).tolist()) == {0}
    assert len(set((first % 16).tolist())) > 1
    assert np.array_equal(drummed.metre.numpy(), metre_features(first, bar))


def test_the_last_window_of_a_file_is_not_turned():
    for seed in range(8):
        assert places(varied(seed=seed, turned_share=1.0))[-1, 0] == 16 * (BARS - 2)


def test_two_bars_change_places_in_common_time_only():
    kept, swapped = (places(varied(bar, swapped_share=1.0)) for bar in (WALTZ, COMMON))
    assert np.array_equal(kept[0], np.arange(32))
    assert np.array_equal(swapped[0], np.concatenate([np.arange(16, 32), np.arange(16)]))


def test_a_second_bar_from_elsewhere_is_a_second_bar_of_the_file():
    mixed = places(varied(mixed_share=1.0, seed=3))
    assert np.array_equal(mixed[:, :16], places(varied())[:, :16])
    second = mixed[:, 16:]
    assert (second == second[:, :1] + np.arange(16)).all()
    assert (second != places(varied())[:, 16:]).any()


def test_velocities_and_offsets_stay_in_range_and_silence_stays_silent():
    drummed = varied(
        left_out=0.3, loudness=1.0, contrast=1.0, piece_loudness=1.0, push=1.0, looseness=1.0
    )
    assert float(drummed.velocity.max()) <= 1.0
    assert float(drummed.offset.abs().max()) <= 0.5
    silent = drummed.score == 0
    assert not drummed.velocity[silent].any()
    assert not drummed.offset[silent].any()
    gone = (windows().played.hits.sum(axis=1) > 0) & (drummed.score.sum(dim=1).numpy() == 0)
    assert gone.any()
