"""The whole way from the data to the recorded figures of the clones."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import torch
from torch import nn

from bridge.training.clone_evaluation import measure_bars, measure_steps
from bridge.training.clone_figures import KIT, CloneFigures, record
from bridge.training.clone_lesson import CloneRecipe, fit_clone
from bridge.training.clone_report import CloneReport
from bridge.training.corpus import read_groove
from bridge.training.course import CACHE, Diary, Listener, machine
from bridge.training.export import require_checkout
from bridge.training.metrics import Measure
from bridge.training.scores import cut_scores, read_scores
from bridge.training.vae_clone import DRUMS
from bridge.training.vae_evaluation import evaluate_vae
from bridge.training.vae_lesson import VaeRecipe, drum_material, fit_vae
from bridge.training.vae_ways import WAYS, recipe_of

_DATA: Final = "Groove MIDI Dataset, official split, 4/4"


def train_drum_kit_rnn(
    recipe: CloneRecipe, data: Path, figures: Path, listener: Listener
) -> CloneReport:
    """Train (or go on training) the clone of ``drum_kit_rnn``, measure it and record what it did.

    Args:
        recipe: What to train; the checkpoint carries its seed.
        data: The folder that holds ``groove/``.
        figures: The file of the recorded figures.
        listener: Told how it goes.

    Raises:
        ExportError: if this is no git checkout, whose commit is recorded.
    """
    require_checkout()
    torch.set_num_threads(1)  # More is slower for networks of this size.
    drummings = read_groove(data, CACHE)
    train, validation = (read_scores(drummings, split) for split in ("train", "validation"))
    diary = Diary(KIT, recipe.schedule.seed, listener)
    network = fit_clone(
        recipe,
        train,
        validation,
        diary.checkpoint,
        report=diary.told,
        advance=listener.advance,
    )
    windows = cut_scores(read_scores(drummings, "test"))
    found = measure_steps(network, windows), measure_bars(network, windows)
    story = Story("clipbridge train drum-kit-rnn", asdict(recipe), _DATA)
    clone = figures_of(diary, KIT, network, story, found)
    record(clone, figures)
    return CloneReport((clone,))


def train_music_vae(
    recipe: VaeRecipe, data: Path, figures: Path, listener: Listener
) -> CloneReport:
    """Train the clones of MusicVAE, one after the other; arguments as for the other clone.

    Of the recipe only the schedule counts: the rest stands in
    :data:`bridge.training.vae_ways.WAYS`.
    """
    require_checkout()
    torch.set_num_threads(1)
    drummings = read_groove(data, CACHE)
    train, validation, test = (
        read_scores(drummings, split) for split in ("train", "validation", "test")
    )
    clones = []
    for number, name in enumerate(WAYS):
        way = recipe_of(name, recipe)
        diary = Diary(name, way.schedule.seed, listener)

        def advance(part: float, before: int = number) -> None:
            # What is done of all of them; the last to be measured is not done yet.
            listener.advance(min(0.999, (before + part) / len(WAYS)))

        network = fit_vae(
            way,
            DRUMS,
            drum_material(way, train, validation),
            diary.checkpoint,
            report=diary.told,
            advance=advance,
        )
        found = evaluate_vae(network, way.bars, train, test)
        story = Story("clipbridge train music-vae", asdict(way), _DATA)
        clone = figures_of(diary, name, network, story, (found.measures, found.shares))
        record(clone, figures)
        clones.append(clone)
    return CloneReport(tuple(clones))


@dataclass(frozen=True, slots=True)
class Story:
    """How a clone came to be."""

    command: str
    recipe: Mapping[str, object]
    data: str


def figures_of(
    diary: Diary,
    name: str,
    network: nn.Module,
    story: Story,
    found: tuple[Mapping[str, Measure], Mapping[str, float]],
) -> CloneFigures:
    """All that is recorded of a trained clone.

    Args:
        diary: Of its training.
        name: Of the clone.
        network: Trained.
        story: How it came to be.
        found: Its measures, and its figures without intervals.
    """
    state = torch.load(diary.checkpoint, map_location="cpu", weights_only=True)
    measures, shares = found
    return CloneFigures(
        name=name,
        parameters=sum(each.numel() for each in network.parameters() if each.requires_grad),
        data=story.data,
        command=story.command,
        commit=require_checkout(),
        machine=machine(),
        minutes=round(diary.minutes, 1),
        epochs=int(state["epoch"]),
        validation=round(float(state["least"]), 5),
        recipe=story.recipe,
        measures=measures,
        shares=shares,
    )
