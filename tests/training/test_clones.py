"""The clones of Magenta's networks: as large as those, able to learn, and measured by the book."""

import math
from functools import partial

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is missing: pip install '.[train]'")

from bridge.codecs.drumscore import hits_of  # noqa: E402
from bridge.training import clone_course  # noqa: E402
from bridge.training.clone_evaluation import PRIME, measure_bars, measure_steps, write_on  # noqa: E402
from bridge.training.clone_figures import KIT, NATS, TOP, VAE_2, recorded  # noqa: E402
from bridge.training.clone_lesson import CloneRecipe, counter_of, fit_clone, logits_of  # noqa: E402
from bridge.training.clones import DrumKitClone, Heard  # noqa: E402
from bridge.training.corpus import Drumming  # noqa: E402
from bridge.training.course import Listener  # noqa: E402
from bridge.training.fit import Schedule  # noqa: E402
from bridge.training.scores import cut_scores, read_scores  # noqa: E402
from bridge.training.vae_clone import DRUMS, LATENT, VaeClone, divergence  # noqa: E402
from bridge.training.vae_evaluation import (  # noqa: E402
    bound,
    evaluate_vae,
    measure_windows,
    on_sphere,
    paths_between,
    takes_of,
)
from bridge.training.vae_lesson import (  # noqa: E402
    VaeLesson,
    VaeRecipe,
    drum_material,
    fit_vae,
    nats_of,
    whole_windows,
)
from bridge.training.vae_ways import WAYS, recipe_of  # noqa: E402

pytestmark = pytest.mark.training


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


KICK, SNARE, HAT = 36, 38, 42
SILENT = Listener(lambda _: None, lambda _: None)


def drumming(split="train", bars=8, beat=(KICK, HAT, SNARE, HAT), name="a"):
    """A file at 120 that strikes one piece of the beat after the other, on each eighth."""
    starts = np.arange(bars * 8) * 0.25
    pitches = np.resize(beat, len(starts))
    ends, velocities = starts + 0.1, np.full(len(starts), 90.0)
    notes = np.stack([starts, ends, pitches, velocities], axis=1)
    return Drumming(name, "drummer1", "rock", 120.0, "4-4", split, bars * 2.0, notes)


def scores(split="train", **also):
    return read_scores([drumming(split, **also)], split)


def three_splits():
    beats = ((KICK, HAT, SNARE, HAT), (KICK, KICK, SNARE), (HAT,))
    return tuple(
        drumming(split, 8, beat, f"{split}{number}")
        for split in ("train", "validation", "test")
        for number, beat in enumerate(beats)
    )


def parameters(network):
    return sum(each.numel() for each in network.parameters() if each.requires_grad)


def test_the_clones_are_as_large_as_magentas():
    assert parameters(DrumKitClone()) == 2_967_850
    vae = VaeClone()
    # Of GrooVAE, which has nine hits, strengths and times where this has ten, or 512 codes.
    smaller = 2 * 4 * 512 * (27 - 10) + (27 - 512) * 4 * 256 + 257 * (27 - 512)
    assert parameters(vae) + smaller == 4_085_019


def test_forgetting_begins_with_tensorflows_constant():
    for lstm in (VaeClone().reader, *VaeClone().writers):
        assert lstm.bias_hh_l0.reshape(4, -1).sum(dim=1).tolist() == [0, lstm.hidden_size, 0, 0]


def test_the_clone_of_drum_kit_rnn_sees_only_what_was_played_before():
    network = DrumKitClone().eval()
    codes = np.random.default_rng(0).integers(0, 512, (2, 70))
    start = np.array([0, 16])
    with torch.no_grad():
        before = logits_of(network, codes, start)
        codes[:, 60:] ^= 1
        after = logits_of(network, codes, start)
        counted = logits_of(network, codes, start + 1)
    assert torch.equal(before[:, :61], after[:, :61])
    assert not torch.equal(before[:, 61], after[:, 61])
    assert not torch.equal(after[:, 0], counted[:, 0])


def test_half_the_bits_are_nearly_the_same():
    network = DrumKitClone().eval()
    codes = np.random.default_rng(0).integers(0, 512, (2, 40))
    exact = logits_of(network, codes, np.zeros(2, np.int64))
    exact.square().mean().backward()
    whole = network.query.weight.grad.clone()
    network.zero_grad()
    with torch.autocast("cpu", torch.bfloat16):
        half = logits_of(network, codes, np.zeros(2, np.int64))
    half.square().mean().backward()
    assert (half - exact).abs().max() < 0.01 * exact.abs().max()
    assert (network.query.weight.grad - whole).norm() < 0.1 * whole.norm()


def test_a_short_training_of_drum_kit_rnn_learns(tmp_path):
    recipe = CloneRecipe(Schedule(6, 1, 3e-3, weight_decay=0.0, clip=3.0, bfloat16=False))
    seen = []
    network = fit_clone(recipe, scores(), scores(), tmp_path / "state.pt", report=seen.append)
    windows = cut_scores(scores())
    found = measure_steps(network, windows)
    assert seen[-1].validation_loss < seen[0].validation_loss - 0.3
    assert found[NATS].value == pytest.approx(min(each.validation_loss for each in seen), abs=1e-4)
    assert 0.3 < found[TOP].value <= 1.0


def test_steps_add_up_to_the_whole():
    network = DrumKitClone().eval()
    codes = np.random.default_rng(0).integers(0, 512, (2, 50))
    start = np.array([0, 16])
    with torch.no_grad():
        whole = logits_of(network, codes, start)
        heard = Heard.nothing(whole)
        logits_of(network, codes[:, :40], start, heard)
        for step in range(40, 50):
            before = torch.from_numpy(hits_of(codes[:, step - 1 : step]))
            counter = counter_of(start, 50)[:, step : step + 1]
            one = network(before, torch.ones(2, 1), counter, heard)
            assert torch.allclose(one[:, 0], whole[:, step], atol=1e-6)


def test_what_is_gone_on_with_stands_at_the_beginning_and_a_seed_gives_it_again():
    network = DrumKitClone().eval()
    prime = cut_scores(scores()).codes[:, :PRIME]
    start = np.zeros(1, np.int64)
    once = write_on(network, prime, start, PRIME + 5, seed=1)
    assert once.shape == (1, PRIME + 5)
    assert (once[:, :PRIME] == prime).all()
    assert (once == write_on(network, prime, start, PRIME + 5, seed=1)).all()
    assert (once != write_on(network, prime, start, PRIME + 5, seed=2)).any()


class Repeating(DrumKitClone):
    """Knows that every bar is the bar before; it keeps what it hears."""

    def forward(self, before, known, counter, heard=None):
        codes = (before @ self.weights).long()
        heard.keys = [*heard.keys, *codes.unbind(1)]
        # The newest is of the step before, the fifteenth before it of a bar before.
        return 50.0 * torch.nn.functional.one_hot(heard.keys[-16][:, None], 512).float()


def test_a_clone_that_repeats_bars_is_seen_to():
    found = measure_bars(Repeating().eval(), cut_scores(scores()))
    assert found["next-bar F1"] == pytest.approx(1.0)
    assert found["share of bars that are the bar 1 before"] == pytest.approx(1.0)
    other = measure_bars(DrumKitClone().eval(), cut_scores(scores()))
    assert other["next-bar F1"] < 0.5
    assert other["share of bars that are the bar 4 before"] == 0.0


def test_the_divergence_is_that_of_two_normal_distributions():
    mean, spread = torch.randn(5, LATENT), torch.rand(5, LATENT) + 0.2
    normal = torch.distributions.Normal
    expected = torch.distributions.kl_divergence(normal(mean, spread), normal(0.0, 1.0)).sum(dim=1)
    assert torch.allclose(divergence(mean, spread), expected, rtol=1e-5)
    assert divergence(torch.zeros(1, LATENT), torch.ones(1, LATENT)).item() == pytest.approx(0.0)


def test_the_bound_is_nats_of_the_steps_and_of_the_latent_and_more_latents_tighten_it():
    network = VaeClone().eval()
    codes, file = whole_windows(scores(), 2)
    found = measure_windows(network, codes, file)
    generator = torch.Generator().manual_seed(0)
    nats, latent = nats_of(network, torch.from_numpy(codes), generator)
    expected = (nats.sum(dim=1) + latent).mean().item() / 32
    assert found[NATS].value == pytest.approx(expected, rel=1e-5)
    assert found["nats of the latent a step"].value == pytest.approx(latent.mean().item() / 32)
    played = torch.from_numpy(codes)
    one = bound(network, played, 1, generator).mean().item()
    many = bound(network, played, 50, generator).mean().item()
    assert one / 32 == pytest.approx(expected, rel=0.05)
    assert many < one


def test_a_latent_that_says_nothing_makes_both_bounds_the_likelihood():
    network = VaeClone().eval()
    with torch.no_grad():
        for layer in (network.mean_out, network.spread_out, network.state_in):
            layer.weight.zero_()
            layer.bias.zero_()
        network.spread_out.bias.fill_(math.log(math.e - 1.0))  # softplus of it is 1
        network.writers[0].weight_ih_l0[:, 512:] = 0.0
        codes = torch.from_numpy(whole_windows(scores(), 2)[0])
        generator = torch.Generator().manual_seed(0)
        nats, latent = nats_of(network, codes, generator)
        tight = bound(network, codes, 7, generator)
    assert latent.abs().max() < 1e-3
    assert torch.allclose(nats.sum(dim=1), tight, rtol=1e-4)


def test_free_bits_cost_nothing_and_the_cost_rises():
    network = VaeClone()
    material = drum_material(VaeRecipe(), scores(), scores())
    lessons = {
        free: VaeLesson(VaeRecipe(free_bits=free, rise=0.5, beta=1.0), material)
        for free in (0.0, 1e9)
    }

    def loss(free, part):
        generator = torch.Generator().manual_seed(3)
        return lessons[free].loss(network, torch.arange(2), generator, part).item()

    with torch.no_grad():
        assert loss(0.0, 0.0) == pytest.approx(loss(1e9, 1.0))
        assert loss(0.0, 0.0) < loss(0.0, 0.25) < loss(0.0, 0.5) == loss(0.0, 1.0)


def test_a_latent_writes_the_same_with_the_same_noise_and_what_it_writes_is_what_it_says():
    network = VaeClone().eval()
    latent = torch.randn(3, LATENT)
    noise = torch.zeros(3, 32, 512)  # without noise, always the likeliest code
    written = network.write(latent, noise)
    with torch.no_grad():
        assert torch.equal(network.decode(latent, written).argmax(dim=-1), written)
    assert not torch.equal(network.write(latent, 9 * torch.rand(3, 32, 512)), written)


def test_the_way_along_the_sphere_has_the_ends_for_ends():
    first, last = torch.randn(2, 4, LATENT).unbind()
    assert torch.allclose(on_sphere(first, last, 0.0), first, atol=1e-5)
    assert torch.allclose(on_sphere(first, last, 1.0), last, atol=1e-5)
    middle = on_sphere(first / first.norm(dim=1)[:, None], last / last.norm(dim=1)[:, None], 0.5)
    assert torch.allclose(middle.norm(dim=1), torch.ones(4), atol=1e-5)
    assert torch.allclose(on_sphere(first, first, 0.5), first, rtol=1e-3)


def test_paths_have_eleven_points_and_takes_have_the_length_asked_for():
    codes, _ = whole_windows(read_scores(three_splits(), "test"), 2)
    paths = paths_between(VaeClone().eval(), codes[:10], codes[5:15])
    assert paths.shape == (10, 11, 32)
    assert takes_of(VaeClone().eval(), 32, takes=7).shape == (7, 32)


def test_every_way_goes_through_as_many_bars_a_step():
    found = [recipe_of(name, VaeRecipe()) for name in WAYS]
    assert len({recipe.schedule.batch * recipe.bars for recipe in found}) == 1
    assert {recipe.bars for recipe in found} == {2, 4}


def test_a_short_training_of_music_vae_learns(tmp_path):
    recipe = VaeRecipe(Schedule(10, 2, 5e-3, weight_decay=0.0, bfloat16=False))
    seen = []
    train, validation = scores(bars=24), scores()
    material = drum_material(recipe, train, validation)
    network = fit_vae(recipe, DRUMS, material, tmp_path / "state.pt", report=seen.append)
    assert seen[-1].validation_loss < 0.7 * seen[0].validation_loss
    test = read_scores(three_splits(), "test")
    found = evaluate_vae(network, 2, train, test, takes=9, pairs=40)
    assert found.measures["exact steps, told the true step before"].value > 0.4
    assert found.measures["evenness R²"].value <= 1.0
    assert 0.0 <= found.shares["overlap, mean"] <= 1.0
    assert found.shares["copies of the test windows"] > 0.0


def test_a_course_trains_measures_and_records(tmp_path, monkeypatch):
    drummings = three_splits()
    monkeypatch.setattr(clone_course, "read_groove", lambda *_: drummings)
    monkeypatch.setattr("bridge.training.course.CHECKPOINTS", tmp_path)
    few = partial(evaluate_vae, takes=4, pairs=40)
    monkeypatch.setattr(clone_course, "evaluate_vae", few)
    schedule = Schedule(1, 2, bfloat16=False)
    figures = tmp_path / "figures.json"
    report = clone_course.train_drum_kit_rnn(CloneRecipe(schedule), tmp_path, figures, SILENT)
    assert recorded(KIT, figures) == report.clones[0]
    assert recorded(KIT, figures).parameters == 2_967_850
    clone_course.train_music_vae(VaeRecipe(schedule), tmp_path, figures, SILENT)
    assert recorded(KIT, figures) == report.clones[0]
    assert recorded(VAE_2, figures).measures[NATS].value > 0
    assert len(recorded(VAE_2, figures).commit) == 40
