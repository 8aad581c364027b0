"""The whole way from the songs to ``exported_models/melody-paths`` and its listener."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch

from bridge.engine.catalog import Catalog
from bridge.engine.providers import CPU
from bridge.tools.melody_paths import LISTENER, LineModels
from bridge.training.course import Diary, Listener, load_exported, machine
from bridge.training.export import Story, export, require_checkout, write_card
from bridge.training.line_bars import read_line_bars
from bridge.training.melody_paths_evaluate import MelodyPathsReport, evaluate_melody_paths
from bridge.training.melody_paths_export import melody_paths_exports
from bridge.training.melody_paths_lesson import MelodyPathsRecipe, fit_melody_paths
from bridge.training.melody_paths_report import table
from bridge.training.melody_strangeness import judges_of
from bridge.training.song import Song
from bridge.training.song_cache import read_songs


def train_melody_paths(
    recipe: MelodyPathsRecipe, data: Path, folder: Path, listener: Listener
) -> MelodyPathsReport:
    """Train (or go on training), export, evaluate, and write manifests and cards.

    Args:
        recipe: What to train; the checkpoint carries its seed.
        data: Not looked at: the songs are those that ``clipbridge train prepare`` wrote.
        folder: Where the model goes: ``exported_models/melody-paths``; its listener goes beside it.
        listener: Told how it goes.

    Raises:
        DataMissingError: if the songs were not prepared.
        ExportError: if this is no git checkout, or a graph does not do what the network does.
    """
    del data
    require_checkout()
    torch.set_num_threads(1)  # More is slower for networks of this size.
    songs = read_songs()
    diary = Diary("melody-paths", recipe.schedule.seed, listener)
    network = fit_melody_paths(
        recipe,
        read_line_bars(songs, "train"),
        read_line_bars(songs, "validation", melodies_only=True),
        diary.checkpoint,
        report=diary.told,
        advance=listener.advance,
    )
    story = Story(
        command="clipbridge train melody-paths",
        minutes=diary.minutes,
        epochs=recipe.schedule.epochs,
        machine=machine(),
        recipe=recipe,
        windows="single bars of melodies, second melodies, upper hands and basses, each at a height"
        " drawn by lot, a part of them changed (`bridge/training/practice_lines.py`)",
        metres="bars of 6, 8, 12, 16, 18 and 24 sixteenths, others made of them",
        split="Split by song, songs that share a melody on one side",
    )
    sources = sorted({song.source for song in songs if song.split == "train"})
    player, hearing = melody_paths_exports(network, recipe, sources).values()
    export(player, folder)
    export(hearing, folder.parent / LISTENER)
    return finish_melody_paths(story, folder, songs)


def finish_melody_paths(story: Story, folder: Path, songs: Sequence[Song]) -> MelodyPathsReport:
    """Measure exported melody paths and write what was found into manifests and cards."""
    models = folder.parent
    player, hearing = (load_exported(models, name) for name in (folder.name, LISTENER))
    judges = judges_of(songs, Catalog((models,), provider=CPU))
    report = evaluate_melody_paths(
        songs, LineModels(hearing, player), judges, report=lambda _: None
    )
    manifest = replace(player.manifest, metrics=_metrics(report))
    write_card(folder, manifest, story, _PLAYER_CARD.format(table(report)))
    write_card(models / LISTENER, hearing.manifest, story, _LISTENER_CARD)
    return report


def _metrics(report: MelodyPathsReport) -> Mapping[str, float]:
    two, four = report.recall
    return {
        "steps_right": round(two.exact.value, 4),
        "steps_right_4_bars": round(four.exact.value, 4),
        "steps_right_of_draw": round(two.exact_of_draw.value, 4),
        "steps_right_struck": round(two.exact_struck.value, 4),
        "evenness_r2": round(report.ways.even.value, 4),
        "strangeness": round(report.ways.strange[-1].ours.value, 4),
        "strangeness_by_lot": round(report.ways.strange[-1].by_lot.value, 4),
    }


_PLAYER_CARD: Final = """\
Says which key is struck, held or silent on each sixteenth of a bar of melody that lies at a given
place; `bridge.tools.melody_interpolation` goes from the places of one clip's bars to those of
another's. The decoder of a variational autoencoder of single bars;
[melody-paths-listener](../melody-paths-listener/CARD.md) is its encoder. Since every bar has a
place of its own, clips of any length work, and bars that are the same stay the same on the way.
Keys are counted from the middle of what is joined, so that it is the same in every key.

The tool morphs the line of a clip, its highest notes (of a low clip its lowest). Timing, strength
and length are the clips' own, and other voices go with the clip whose line is the nearest, half a
bar at a time. It takes those points of a fine row of places whose distances to both ends are the
most even, with one noise for all of them; its ends are the clips themselves.

![16 ways, seeds 0 to 15, unpicked](ways.png)

Each row is a way between two melodies of the test split, drawn by lot: the clips at its ends, and
what lies at a quarter, half and three quarters. [others.png](others.png) are the ends alone.

## What it measures
Printed by `clipbridge evaluate melody-interpolate` (definitions in
`bridge/training/melody_paths_evaluate.py` and `bridge/training/paths.py`).

{}

## Known limits
* Bars of 1 to 32 sixteenths work; those that are not of 6, 8, 12, 16, 18 or 24 were heard in
  training as others joined and cut.
* It knows sixteenths: triplets and graces are in the clips at the ends; between them they are
  notes on a sixteenth that are played early or late.
* Two clips' keys may lie 63 semitones apart at the most; what is farther moves by octaves.
* Half way between two melodies of different keys lie notes of both; keys of neither scale cost.
* Bars are placed one by one: nothing leads from a bar to the next but what the clips' bars do."""

_LISTENER_CARD: Final = """\
Hears where a bar of melody lies among all bars: the mean and the spread of the latent that the
model [melody-paths](../melody-paths/CARD.md) plays from. Trained with it, and of no use with
another; what it measures stands in that card."""
