"""The clones that write melodies: as large as Magenta's, able to learn, measured by the book."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is missing: pip install '.[train]'")

from bridge.codecs.melodysteps import HOLD, SILENCE, codes_of_times, struck  # noqa: E402
from bridge.music.units import TICKS_PER_SIXTEENTH  # noqa: E402
from bridge.training import melody_clone_course  # noqa: E402
from bridge.training.clone_figures import (  # noqa: E402
    EVEN,
    EXACT,
    MELODY,
    MELODY_VAE_4_BOUND,
    NATS,
    NATS_OF_NOTE,
    TOP,
    recorded,
)
from bridge.training.continuations import SAMPLES, measure_continuations, primes_of  # noqa: E402
from bridge.training.course import Listener  # noqa: E402
from bridge.training.fit import Schedule  # noqa: E402
from bridge.training.melody_clone import CLASSES, MelodyClone  # noqa: E402
from bridge.training.melody_clone_evaluation import (  # noqa: E402
    clone_continuer,
    copies,
    drawn_after,
    long_tunes,
    made_from_nothing,
    measure_tunes,
    sixteen_bars_after,
    told,
    write_on,
)
from bridge.training.melody_clone_lesson import (  # noqa: E402
    MelodyCloneRecipe,
    fit_melody_clone,
    nats_of,
)
from bridge.training.melody_clone_takes import clone_taste, in_eighths, scale_of  # noqa: E402
from bridge.training.melody_judge import Side, judge_melodies  # noqa: E402
from bridge.training.melody_tunes import (  # noqa: E402
    classes_of,
    codes_of,
    transposed,
    tunes_of,
    windows_of,
)
from bridge.training.melody_vae_evaluation import evaluate_melody_vae  # noqa: E402
from bridge.training.melody_vae_lesson import (  # noqa: E402
    HIGHEST,
    LOWEST,
    MELODIES,
    MelodyVaeRecipe,
    melody_material,
    vae_classes,
)
from bridge.training.paths import steps_apart  # noqa: E402
from bridge.training.vae_clone import VaeClone  # noqa: E402
from bridge.training.vae_evaluation import measure_ways  # noqa: E402
from bridge.training.vae_lesson import fit_vae  # noqa: E402
from bridge.training.vae_ways import MELODY_WAYS, recipe_of  # noqa: E402
from tests.training.song_examples import BEAT, TUNE, song  # noqa: E402

pytestmark = pytest.mark.training

SILENT = Listener(lambda _: None, lambda _: None)
SMALL = replace(MELODIES, encoder=24, decoder=24)


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def songs(split="train", count=4, rounds=2, **more):
    """Tunes in quarter notes, each begun at another place of the same row."""
    return tuple(
        song(np.roll(TUNE * rounds, number), name=f"{split}/{number}", split=split, **more)
        for number in range(count)
    )


def tunes(*args, **more):
    return tunes_of(songs(*args, **more))


def parameters(network):
    return sum(each.numel() for each in network.parameters() if each.requires_grad)


def test_the_clones_are_as_large_as_magentas():
    assert parameters(MelodyClone()) == 3_482_754
    with torch.device("meta"):
        assert parameters(VaeClone(replace(MELODIES, encoder=1024, decoder=1024))) == 34_255_450


def test_a_tune_ends_at_its_last_onset_and_its_classes_lead_back():
    (tune,) = tunes(count=1)
    assert len(tune.codes) == (2 * len(TUNE) - 1) * 4 + 1
    assert tune.codes[:6].tolist() == [60, HOLD, HOLD, HOLD, 64, HOLD]
    assert classes_of(tune.codes)[:6].tolist() == [62, 0, 0, 0, 66, 0]
    codes = np.array([[HOLD, SILENCE, 0, 127, 60]], np.int16)
    assert (codes_of(classes_of(codes)) == codes).all()
    piano = codes_of(classes_of(codes, LOWEST, HIGHEST), LOWEST)
    assert piano.tolist() == [[HOLD, SILENCE, 24, 103, 60]]


def test_a_song_without_melody_is_no_tune():
    assert tunes_of([song((), name="none")]) == ()


def test_other_keys_move_what_is_struck_and_stay_on_the_keyboard():
    classes = np.array([[0, 1, 2, 60, 129]] * 2)
    moved = transposed(classes, np.array([-5, 6]), 128)
    assert moved.tolist() == [[0, 1, 9, 55, 124], [0, 1, 8, 66, 123]]


def test_windows_are_of_bars_of_sixteen_and_hear_nothing_from_before():
    one = song(TUNE)
    held = replace(one.notes, duration=np.where(one.notes.start == 3 * BEAT, 2 * BEAT, BEAT - 1))
    rest = one.notes.start != 4 * BEAT
    two = replace(one, notes=held.only(rest))
    found = windows_of(tunes_of([two]), 2)
    assert found.codes.shape == (4, 32)
    assert found.tune.tolist() == [0] * 4
    assert found.codes[1][:6].tolist() == [SILENCE] * 4 + [TUNE[5], HOLD]
    assert found.codes[0][16] == HOLD
    assert len(windows_of(tunes_of([two]), 2, 2).codes) == 2
    few = replace(one, notes=one.notes.only(one.notes.start == 0))
    assert len(windows_of(tunes_of([few]), 2).codes) == 0
    waltz = replace(one, bars=replace(one.bars, start=one.bars.start * 3 // 4))
    assert len(windows_of(tunes_of([waltz]), 2).codes) == 0


def test_the_clone_hears_only_what_was_before_and_steps_add_up_to_the_whole():
    network = MelodyClone().eval()
    classes = np.random.default_rng(0).integers(0, CLASSES, (2, 40))
    with torch.no_grad():
        whole = nats_of(network, classes)
        changed = classes.copy()
        changed[:, 30:] = (changed[:, 30:] + 1) % CLASSES
        after = nats_of(network, changed)
        before = torch.from_numpy(classes)
        first, state = network(torch.nn.functional.pad(before, (1, 0), value=-1)[:, :20])
        second, _ = network(before[:, 19:39], state)
    assert torch.equal(whole[:, :30], after[:, :30])
    logits = torch.cat([first, second], dim=1)
    again = torch.nn.functional.cross_entropy(logits.transpose(1, 2), before, reduction="none")
    assert torch.allclose(again, whole, atol=1e-5)


def test_a_short_training_of_melody_rnn_learns_and_is_measured(tmp_path):
    schedule = Schedule(4, 2, 3e-3, weight_decay=0.0, clip=3.0, bfloat16=False)
    recipe = MelodyCloneRecipe(schedule, window=64)
    seen = []
    own = tunes()
    network = fit_melody_clone(recipe, own, own, tmp_path / "state.pt", report=seen.append)
    assert seen[-1].validation_loss < seen[0].validation_loss - 0.1
    found = measure_tunes(network, own)
    least = min(each.validation_loss for each in seen)
    assert found[NATS].value == pytest.approx(least, abs=1e-4)
    steps = len(own[0].codes)
    struck_there = 2 * len(TUNE)
    assert found[NATS_OF_NOTE].value == pytest.approx(least * steps / struck_there, rel=1e-3)
    assert found[f"{TOP}, aird"] == found[TOP]
    assert 0.5 < found[TOP].value <= 1.0


def test_tunes_of_several_lengths_cost_what_each_costs_alone():
    network = MelodyClone().eval()
    several = (*tunes(count=1), *tunes(count=2, rounds=1))
    together = told(network, several)
    alone = [told(network, [tune]) for tune in several]
    assert together.nats == pytest.approx([each.nats[0] for each in alone], rel=1e-5)
    assert together.steps.tolist() == [len(tune.codes) for tune in several]
    assert together.notes.tolist() == [40, 20, 20]


class Striking(MelodyClone):
    """Strikes the key above the last, whatever was before."""

    def forward(self, before, state=None):
        following = torch.where(before < 0, 60, before + 1) % CLASSES
        return 99.0 * torch.nn.functional.one_hot(following, CLASSES).float(), state


def test_what_is_drawn_follows_what_was_heard_and_a_seed_gives_it_again():
    generator = partial(torch.Generator().manual_seed, 0)
    heard = np.array([[62, 0], [62, 7]])
    assert write_on(Striking(), heard, 3, generator()).tolist() == [[1, 2, 3], [8, 9, 10]]
    assert write_on(Striking(), heard[:, :0], 2, generator()).tolist() == [[60, 61]] * 2
    network = MelodyClone()
    once, again = (write_on(network, heard, 9, generator()) for _ in range(2))
    assert (once == again).all()
    other = write_on(network, heard, 9, torch.Generator().manual_seed(1))
    assert (once != other).any()


def test_a_continuation_begins_where_the_prime_ends_and_reaches_ten_quarters_on():
    (prime,) = primes_of(songs(count=1, rounds=3))
    several = drawn_after(Striking(), prime, 3, seed=0)
    first, last = prime.end / 4, prime.last_onset + 10.0
    assert len(several) == 3
    for points in several:
        onsets = sorted(onset for onset, _ in points)
        assert onsets[0] >= first
        assert onsets[-1] == last
    draws = []

    def drawing(network, prime, samples, seed):
        draws.append(seed)
        return drawn_after(network, prime, samples, seed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bridge.training.melody_clone_evaluation.drawn_after", drawing)
        continuer = clone_continuer(MelodyClone())
        primes = primes_of(songs(count=2, rounds=3))
        found = measure_continuations(primes, continuer)
    assert len(draws) == 2  # Eight continuations each, drawn at once.
    assert SAMPLES > 1
    assert 0.0 <= found.f1[0] <= found.best_f1[0] <= 1.0


def test_copies_are_counted_behind_the_bars_that_were_heard():
    (real,) = long_tunes(tunes(count=1, rounds=6))
    assert real.shape == (384,)
    found = copies(real[None])
    # Five bars of tune: nothing but holds is as one, two or four bars before.
    assert all(0.7 < share < 1.0 for share in found.values())
    assert set(copies(np.tile(real[:16], 24)[None]).values()) == {1.0}
    drawn = sixteen_bars_after(Striking(), real[None])
    assert (drawn[0, :128] == real[:128]).all()
    assert copies(drawn) != found
    assert len(long_tunes(tunes(count=1))) == 0


def test_a_melody_made_from_nothing_is_read_as_eighths_in_its_own_key():
    made = made_from_nothing(MelodyClone(), 5, steps=64, notes=4)
    assert made.shape == (5, 64)
    assert (struck(made).sum(axis=1) >= 4).all()
    steps = np.arange(8) * 4 * TICKS_PER_SIXTEENTH
    scale = (62, 64, 66, 67, 69, 71, 73, 74)
    codes = codes_of_times(steps.tolist(), [BEAT] * 8, scale, 32)
    assert in_eighths(codes).tolist() == [each for key in scale for each in (key, HOLD)]
    assert scale_of(codes).root == 2
    assert 0.0 <= clone_taste(MelodyClone(), 9).not_in_key <= 1.0


def test_the_judge_of_melodies_sees_wrong_notes_and_no_more():
    def melodies(seed, keys):
        generator = np.random.default_rng(seed)
        codes = generator.choice(np.array([*keys, HOLD, HOLD, HOLD]), (200, 32))
        return Side(codes.astype(np.int16), np.arange(200))

    major, chromatic = (60, 62, 64, 65, 67, 69, 71), tuple(range(60, 72))
    real = melodies(0, major)
    (same, _), (other, _) = (
        judge_melodies(real, melodies(1, keys), epochs=6, seeds=1) for keys in (major, chromatic)
    )
    assert same.auc == pytest.approx(0.5, abs=0.13)
    assert other.auc > 0.9


def test_a_short_training_of_mel_4bar_learns_and_is_measured(tmp_path):
    schedule = Schedule(12, 2, 1e-2, weight_decay=0.0, bfloat16=False)
    recipe = replace(MelodyVaeRecipe(schedule=schedule), bars=4, free_bits=0.0)
    train, test = tunes(), tunes("test")
    seen = []
    material = melody_material(recipe, train, train)
    assert material.train.shape == (4 * 7, 64)
    assert len(material.low) == 4 * 2
    assert (material.high - material.low == 7).all()
    network = fit_vae(recipe, SMALL, material, tmp_path / "state.pt", report=seen.append)
    assert seen[-1].validation_loss < 0.5 * seen[0].validation_loss
    found = evaluate_melody_vae(network, 4, test, takes=9, pairs=40)
    assert found.measures[EXACT].value > 0.4
    assert found.measures[f"{NATS}, aird"] == found.measures[NATS]
    assert found.shares["windows"] == 4 * 2
    assert 0.0 <= found.shares["overlap, mean"] <= 1.0
    assert 0.0 <= found.shares["judge's AUC"] <= 1.0


def test_ways_between_melodies_are_measured_by_their_steps():
    network = VaeClone(SMALL).eval()
    with torch.no_grad():
        for layer in (network.mean_out, network.state_in):
            layer.weight.mul_(30.0)
    windows = windows_of(tunes("test"), 4, 4)
    classes = vae_classes(windows)
    even, shares = measure_ways(network, classes, windows.tune, 40, steps_apart)
    assert even[EVEN].value <= 1.0
    assert shares["detour"] >= 1.0


def test_the_ways_of_melody_take_no_pieces_away_and_as_many_bars_a_step():
    found = [recipe_of(name, MelodyVaeRecipe()) for name in MELODY_WAYS]
    assert len({recipe.schedule.batch * recipe.bars for recipe in found}) == 1
    assert {recipe.piece_dropout for recipe in found} == {0.0}


def test_a_course_trains_measures_and_records(tmp_path, monkeypatch):
    every = [each for split in ("train", "validation", "test") for each in songs(split, 4, 6)]
    few = partial(evaluate_melody_vae, takes=12, pairs=10)
    for name, instead in {
        "read_songs": lambda _: tuple(every),
        "clone_taste": partial(clone_taste, melodies=4),
        "MELODIES": SMALL,
        "evaluate_melody_vae": few,
    }.items():
        monkeypatch.setattr(melody_clone_course, name, instead)
    monkeypatch.setattr("bridge.training.course.CHECKPOINTS", tmp_path)
    schedule = Schedule(1, 2, bfloat16=False)
    figures = tmp_path / "figures.json"
    recipe = MelodyCloneRecipe(schedule)
    report = melody_clone_course.train_melody_rnn(recipe, tmp_path, figures, SILENT)
    assert recorded(MELODY, figures) == report.clones[0]
    assert recorded(MELODY, figures).shares["melodies of 24 bars"] == 4
    vae = MelodyVaeRecipe(schedule=schedule)
    clones = melody_clone_course.train_melody_vae(vae, tmp_path, figures, SILENT).clones
    assert [clone.name for clone in clones] == list(MELODY_WAYS)
    assert recorded(MELODY_VAE_4_BOUND, figures).measures[NATS].value > 0
    assert len(recorded(MELODY, figures).commit) == 40
