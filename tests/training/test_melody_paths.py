"""The line network: what it learns from, that it learns, and that its graphs are the network."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from bridge.codecs.melodybar import (  # noqa: E402
    CODES,
    FIRST_KEY,
    HELD,
    SILENT,
    features_of,
    settled,
)
from bridge.codecs.melodysteps import HOLD, SILENCE  # noqa: E402
from bridge.engine.cancel import Cancel  # noqa: E402
from bridge.engine.catalog import Catalog  # noqa: E402
from bridge.music.units import TICKS_PER_SIXTEENTH  # noqa: E402
from bridge.tools.melody_paths import (  # noqa: E402
    LISTENER,
    PLAYER,
    LineModels,
    hear_bars,
    played_at,
)
from bridge.training import melody_paths_report  # noqa: E402
from bridge.training.export import export  # noqa: E402
from bridge.training.fit import Schedule  # noqa: E402
from bridge.training.interpolate_network import BarShape  # noqa: E402
from bridge.training.line_bars import LineBars, read_line_bars  # noqa: E402
from bridge.training.melody_paths_evaluate import (  # noqa: E402
    evaluate_melody_paths,
    mixed_by_lot,
)
from bridge.training.melody_paths_export import melody_paths_exports  # noqa: E402
from bridge.training.melody_paths_lesson import (  # noqa: E402
    MelodyPathsRecipe,
    fit_melody_paths,
)
from bridge.training.melody_paths_network import LineNetwork  # noqa: E402
from bridge.training.melody_strangeness import (  # noqa: E402
    judges_of,
    markov_judge,
    note_judge,
)
from bridge.training.melody_windows import Melody, melody_windows  # noqa: E402
from bridge.training.practice_lines import changed, moved  # noqa: E402
from bridge.training.song import Role  # noqa: E402
from tests.training.note_examples import small_writers  # noqa: E402
from tests.training.song_examples import TUNE, song, with_voice  # noqa: E402

SHAPE = BarShape(width=24, layers=1, heads=2, hidden=32, latent=8, narrow=16, dropout=0.0)


def songs():
    """Two tunes of five bars in quarter notes, in each split."""
    turned = (*TUNE[4:], *TUNE[:4])
    return [
        song(pitches, name=f"aird/{split} {number}", split=split)
        for split in ("train", "validation", "test")
        for number, pitches in enumerate((TUNE, turned))
    ]


def recipe(**changes):
    schedule = Schedule(epochs=8, batch=8, learning_rate=2e-2, average=0.9, bfloat16=False)
    usual = MelodyPathsRecipe(SHAPE, schedule, latent_cost=0.01, batches=12)
    return replace(usual, **{"changed_share": 0.0, "rare_metres": 0.0, **changes})


def lesson(some):
    return read_line_bars(some, "train"), read_line_bars(some, "validation", melodies_only=True)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    seen = []
    place = tmp_path_factory.mktemp("state") / "state.pt"
    torch.set_num_threads(1)  # More is slower for networks of this size.
    return fit_melody_paths(recipe(), *lesson(songs()), place, report=seen.append), seen


@pytest.fixture(scope="module")
def catalog(trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for name, part in melody_paths_exports(trained[0], recipe(), ["aird"]).items():
        export(part, folder / name)
    return Catalog((folder,), provider="cpu")


def test_bars_are_those_of_every_line_in_which_a_note_is_struck():
    one = song(split="train")
    both = replace(one, notes=with_voice(one.notes, 40, Role.BASS))
    assert len(read_line_bars([one], "train").of[16]) == 5
    assert len(read_line_bars([one], "test")) == 0
    assert len(read_line_bars([both], "train")) == 6  # The bass strikes one note in two bars.
    assert len(read_line_bars([both], "train", melodies_only=True)) == 5


def test_windows_are_whole_bars_without_what_sounds_on_from_before():
    one = song((60, 62, 64, 65, 67, 69), split="test")
    notes = replace(one.notes, duration=one.notes.duration * 3)
    first, second = melody_windows([replace(one, notes=notes)], "test", 1)
    assert (
        first.codes.tolist() == [60, *[HOLD] * 3, 62, *[HOLD] * 3, 64, *[HOLD] * 3, 65] + [HOLD] * 3
    )
    assert second.codes.tolist()[:5] == [67, HOLD, HOLD, HOLD, 69]
    assert second.codes.tolist()[-1] == HOLD
    assert len(melody_windows([one], "test", 2)) == 1
    clip = first.as_clip()
    assert [note.pitch for note in clip.notes] == [60, 62, 64, 65]
    assert {note.duration for note in clip.notes} == {4 * TICKS_PER_SIXTEENTH}


def test_changed_bars_are_bars_and_many_are_changed():
    generator = np.random.default_rng(0)
    codes, others = settled(generator.integers(0, CODES, (2, 400, 12)))
    made = changed(codes, others, generator)
    assert ((made >= 0) & (made < CODES)).all()
    assert 0.6 < (made != codes).any(axis=1).mean() < 1.0
    assert not ((made[:, :-1] == SILENT) & (made[:, 1:] == HELD)).any()


def test_moved_bars_keep_their_intervals():
    generator = np.random.default_rng(0)
    codes = generator.choice([SILENT, HELD, 20, 27, 60], (300, 16))
    made = moved(codes, generator)
    keys = codes >= FIRST_KEY
    assert ((made >= FIRST_KEY) == keys).all()
    assert made.max() < CODES
    for one, other, which in zip(made, codes, keys, strict=True):
        assert len(set((one - other)[which].tolist())) <= 1
    assert len(np.unique((made - codes)[keys])) > 5


def test_steps_beyond_a_bar_do_not_count():
    torch.manual_seed(0)
    network = LineNetwork(SHAPE).eval()
    bars = np.random.default_rng(0).integers(0, CODES, (3, 14))
    told, counted = (torch.from_numpy(part) for part in features_of(bars))
    louder = told.clone()
    louder[:, 14:] = 1.0
    with torch.no_grad():
        one, other = network.listener(told, counted), network.listener(louder, counted)
        logits = network.player(one[0], counted)
        short = network.player(one[0], counted[:, :16])
    assert all((a == b).all() for a, b in zip(one, other, strict=True))
    assert torch.allclose(logits[:, :14], short[:, :14], atol=1e-5)


def test_a_short_training_learns_when_notes_are_struck(trained):
    _, seen = trained
    assert seen[-1].train_loss < 0.6 * seen[0].train_loss
    assert seen[-1].figures["steps right"] > 0.7


def test_bars_of_other_metres_and_changed_ones_are_learnt_from(tmp_path):
    seen = []
    taught = recipe(
        rare_metres=1.0, changed_share=1.0, batches=2, schedule=Schedule(epochs=1, batch=8)
    )
    fit_melody_paths(taught, *lesson(songs()), tmp_path / "state.pt", report=seen.append)
    assert np.isfinite(seen[0].train_loss)


def test_the_graphs_give_what_the_network_gives(trained, catalog):
    network, _ = trained
    bars = lesson(songs())[0].of[16]
    told, counted = (torch.from_numpy(part) for part in features_of(bars))
    with torch.no_grad():
        mean, _ = network.listener(told, counted)
        logits = network.player(mean, counted)
    places = hear_bars(bars, catalog.load(LISTENER), Cancel())
    assert np.abs(places - mean.numpy()).max() < 1e-4
    found = played_at(places, 16, catalog.load(PLAYER), Cancel())
    assert np.abs(found - logits[:, :16].numpy()).max() < 1e-3
    assert (found.argmax(axis=-1) == bars).mean() > 0.7
    assert list(melody_paths_exports(network, recipe(), ["aird"])) == [PLAYER, LISTENER]


def test_the_report_says_all_of_it(catalog):
    told = []
    models = LineModels(catalog.load(LISTENER), catalog.load(PLAYER))
    judges = judges_of(songs(), catalog)
    assert len(judges) == 1  # There is no note model.
    found = evaluate_melody_paths(songs(), models, judges, pairs=3, report=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)
    two, four = found.recall
    assert (two.windows, four.windows) == (4, 2)
    assert two.exact.value > 0.6
    assert two.exact_likeliest.value >= two.exact_of_draw.value
    assert found.ways.pairs == 3
    assert found.ways.silent == 0
    text = melody_paths_report.table(found)
    assert all(heading in text for heading in melody_paths_report.HEADINGS)
    assert found.as_fields()["ways"]["pairs"] == 3
    assert melody_paths_report.goals_of(found)[-1].met


def test_a_melody_of_the_songs_is_less_strange_than_the_same_notes_shuffled():
    judge = markov_judge(songs()).nats
    played = np.repeat(np.array(TUNE[:8], np.int64), 4)
    played[np.arange(32) % 4 > 0] = HOLD
    shuffled = played.copy()
    shuffled[::4] = np.random.default_rng(1).permutation(shuffled[::4])
    real, strange, rest = judge(
        [Melody(codes, 4, 4, 0) for codes in (played, shuffled, np.full(32, SILENCE))]
    )
    assert 0 == rest < real < strange


def test_the_note_model_judges_melodies_in_any_metre():
    judge = note_judge(small_writers())
    codes = np.array([60, HOLD, 64, SILENCE, 67, HOLD] * 4, np.int64)
    jig, waltz, twice = (
        Melody(codes, 6, 8, 0),
        Melody(codes, 3, 4, 0),
        Melody(np.concatenate([codes, codes]), 6, 8, 0),
    )
    nats = judge.nats([jig, waltz, twice])
    assert (nats > 0).all()
    assert nats[2] > nats[0]
    assert judge.nats([jig])[0] == pytest.approx(nats[0], rel=1e-4)


def test_a_mix_by_lot_goes_from_one_to_the_other_step_by_step():
    first, last = np.full(32, SILENT), np.full(32, 30)
    path = mixed_by_lot(first, last, np.random.default_rng(0))
    gone = (path == 30).sum(axis=1)
    assert (gone[0], gone[-1]) == (0, 32)
    assert (np.diff(gone) >= 0).all()
    assert 8 < gone[5] < 24


def test_a_metre_without_bars_is_left_out():
    assert LineBars({}).of == {}
    assert len(LineBars({16: np.zeros((3, 16), np.int64)})) == 3
