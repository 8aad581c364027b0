"""The whole way from the songs to the recorded figures of the clones that write melodies."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import torch

from bridge.training.clone_course import Story, figures_of
from bridge.training.clone_figures import MELODY, record
from bridge.training.clone_report import CloneReport
from bridge.training.continuations import measure_continuations, primes_of
from bridge.training.course import Diary, Listener
from bridge.training.export import require_checkout
from bridge.training.melody_clone import MelodyClone
from bridge.training.melody_clone_evaluation import (
    clone_continuer,
    copies,
    long_tunes,
    measure_tunes,
    sixteen_bars_after,
    told,
)
from bridge.training.melody_clone_lesson import MelodyCloneRecipe, fit_melody_clone
from bridge.training.melody_clone_takes import clone_taste
from bridge.training.melody_tunes import Tune, tunes_of
from bridge.training.melody_vae_evaluation import evaluate_melody_vae
from bridge.training.melody_vae_lesson import MELODIES, melody_material
from bridge.training.predictions import QUARTERS
from bridge.training.song_cache import SONGS, read_songs
from bridge.training.vae_lesson import VaeRecipe, fit_vae
from bridge.training.vae_ways import MELODY_WAYS, recipe_of

_DATA: Final = "melodies of songs (clipbridge train prepare), to the nearest sixteenth"
_FAR: Final = (2.0, 4.0, 6.0, 8.0, 10.0)
"""Quarter notes behind a prime at which a continuation is recorded."""


def train_melody_rnn(
    recipe: MelodyCloneRecipe, data: Path, figures: Path, listener: Listener
) -> CloneReport:
    """Train (or go on training) the clone of ``melody_rnn``, measure it and record what it did.

    Args:
        recipe: What to train; the checkpoint carries its seed.
        data: Not needed: the songs were read before.
        figures: The file of the recorded figures.
        listener: Told how it goes.

    Raises:
        DataMissingError: if the songs were not prepared.
        ExportError: if this is no git checkout, whose commit is recorded.
    """
    del data
    require_checkout()
    torch.set_num_threads(1)  # More is slower for networks of this size.
    train, validation, test = _tunes()
    diary = Diary(MELODY, recipe.schedule.seed, listener, time.process_time)
    network = fit_melody_clone(
        recipe,
        train,
        validation,
        diary.checkpoint,
        report=diary.told,
        advance=listener.advance,
    )
    story = Story("clipbridge train melody-rnn", asdict(recipe), _DATA)
    found = measure_tunes(network, test), shares_of(network, validation, test)
    clone = figures_of(diary, MELODY, network, story, found)
    record(clone, figures)
    return CloneReport((clone,))


def train_melody_vae(
    recipe: VaeRecipe, data: Path, figures: Path, listener: Listener
) -> CloneReport:
    """Train the clones of MusicVAE's ``mel_4bar``, one after the other; arguments as for the other.

    Of the recipe only the schedule counts: the rest stands in
    :data:`bridge.training.vae_ways.MELODY_WAYS`.
    """
    del data
    require_checkout()
    torch.set_num_threads(1)
    train, validation, test = _tunes()
    clones = []
    for number, name in enumerate(MELODY_WAYS):
        way = recipe_of(name, recipe)
        diary = Diary(name, way.schedule.seed, listener, time.process_time)

        def advance(part: float, before: int = number) -> None:
            # What is done of all of them; the last to be measured is not done yet.
            listener.advance(min(0.999, (before + part) / len(MELODY_WAYS)))

        network = fit_vae(
            way,
            MELODIES,
            melody_material(way, train, validation),
            diary.checkpoint,
            report=diary.told,
            advance=advance,
        )
        found = evaluate_melody_vae(network, way.bars, test)
        story = Story("clipbridge train melody-vae", asdict(way), _DATA)
        clone = figures_of(diary, name, network, story, (found.measures, found.shares))
        record(clone, figures)
        clones.append(clone)
    return CloneReport(tuple(clones))


def shares_of(
    network: MelodyClone, validation: Sequence[Tune], test: Sequence[Tune]
) -> dict[str, float]:
    """The figures of the clone of ``melody_rnn`` that have no intervals."""
    cost = told(network, validation)
    primes = primes_of([tune.song for tune in test])
    gone_on = measure_continuations(primes, clone_continuer(network)).as_fields()
    places = [(far, QUARTERS.index(far)) for far in _FAR]
    real = long_tunes(test)
    written = sixteen_bars_after(network, real) if len(real) else real
    return {
        "on validation, nats a step": float(cost.nats.sum() / cost.steps.sum()),
        "on validation, nats a note": float(cost.nats.sum() / cost.notes.sum()),
        **{
            f"{name.replace('_', ' ')} after {far:.0f} quarters": values[place]
            for name, values in gone_on.items()
            for far, place in places
        },
        "primes": float(len(primes)),
        **copies(written),
        **{f"real, {name}": share for name, share in copies(real).items()},
        "melodies of 24 bars": float(len(real)),
        **{
            f"of 32 steps, {name.replace('_', ' ')}": value
            for name, value in clone_taste(network).as_fields().items()
        },
    }


def _tunes() -> tuple[tuple[Tune, ...], ...]:
    """The melodies of the three splits."""
    songs = read_songs(SONGS)
    return tuple(
        tunes_of(song for song in songs if song.split == split)
        for split in ("train", "validation", "test")
    )
