"""The whole way from the data to ``exported_models/interpolate`` and its listener."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch

from bridge.tools.score_paths import LISTENER
from bridge.tools.writing import MODEL as JUDGE
from bridge.training.corpus import Drumming, read_groove
from bridge.training.course import CACHE, Diary, Listener, load_exported, machine
from bridge.training.export import Story, export, require_checkout, write_card
from bridge.training.interpolate_evaluate import (
    Company,
    InterpolateReport,
    evaluate_interpolate,
)
from bridge.training.interpolate_export import interpolate_exports
from bridge.training.interpolate_lesson import InterpolateRecipe, fit_interpolate
from bridge.training.interpolate_report import table
from bridge.training.scores import read_scores


def train_interpolate(
    recipe: InterpolateRecipe, data: Path, folder: Path, listener: Listener
) -> InterpolateReport:
    """Train (or go on training), export, evaluate, and write manifests and cards.

    The score model must stand beside it: it judges what lies between clips. Arguments and
    errors are those of :func:`bridge.training.course.train_groove`.
    """
    require_checkout()
    torch.set_num_threads(1)  # More is slower for networks of this size.
    drummings = read_groove(data, CACHE)
    diary = Diary("interpolate", recipe.schedule.seed, listener)

    network = fit_interpolate(
        recipe,
        read_scores(drummings, "train"),
        read_scores(drummings, "validation"),
        diary.checkpoint,
        report=diary.told,
        advance=listener.advance,
    )
    story = Story(
        command="clipbridge train interpolate",
        minutes=diary.minutes,
        epochs=recipe.schedule.epochs,
        machine=machine(),
        recipe=recipe,
        windows="single bars, half of them changed (`bridge/training/practice_bars.py`)",
    )
    player, hearing = interpolate_exports(network, recipe).values()
    export(player, folder)
    export(hearing, folder.parent / LISTENER)
    return finish_interpolate(story, folder, drummings)


def finish_interpolate(
    story: Story, folder: Path, drummings: tuple[Drumming, ...]
) -> InterpolateReport:
    """Measure an exported interpolate model and write what was found into manifests and cards."""
    models = folder.parent
    player, hearing, judge = (
        load_exported(models, name) for name in (folder.name, LISTENER, JUDGE)
    )
    company = Company(hearing, player, judge)
    report = evaluate_interpolate(drummings, company, report=lambda _: None)
    manifest = replace(player.manifest, metrics=_metrics(report))
    write_card(folder, manifest, story, _PLAYER_CARD.format(table(report)))
    write_card(models / LISTENER, hearing.manifest, story, _LISTENER_CARD)
    return report


def _metrics(report: InterpolateReport) -> Mapping[str, float]:
    recall, ways = report.recall, report.ways
    return {
        "steps_right": round(recall.exact.value, 4),
        "steps_right_of_draw": round(recall.exact_of_draw.value, 4),
        "steps_right_struck": round(recall.exact_struck.value, 4),
        "evenness_r2": round(ways.even.value, 4),
        "strangeness": round(ways.strange.value, 4),
        "strangeness_by_lot": round(ways.strange_by_lot.value, 4),
        "nearness_r2": round(report.near.even.value, 4),
    }


_PLAYER_CARD: Final = """\
Says what is hit in a bar of drums that lies at a given place; `bridge.tools.interpolate` goes from
the places of one clip's bars to those of another's, and [groove](../groove/CARD.md) plays what is
found there. The decoder of a variational autoencoder of single bars;
[interpolate-listener](../interpolate-listener/CARD.md) is its encoder. Since every bar has a place
of its own, clips of any length work, and bars that are the same stay the same on the way.

The tool takes, of a fine row of places on the great circle, those points whose distances to both
ends are the most even, with one noise for all of them; its ends are the clips themselves.

## What it measures
Printed by `clipbridge evaluate interpolate` (definitions in
`bridge/training/interpolate_evaluate.py` and `bridge/training/paths.py`).

{}

## Known limits
* It learned from ten drummers who play to a click in 4/4, and from bars that were changed or drawn
  by rule so that a musician's own come back too. Bars of 1 to 32 sixteenths work; other metres
  than 4/4 were heard in training as cut bars of 4/4 alone, and what lies between two of them was
  not measured.
* It knows sixteenths: flams, rolls and triplets are in the clips at the ends, not between them.
* Half way between two beats lies a beat that nobody played: it is stranger than both to a model of
  drumming, though much less so than where cells change by lot.
* Bars are placed one by one: nothing leads from a bar to the next but what the clips' bars do."""

_LISTENER_CARD: Final = """\
Hears where a bar of drums lies among all bars: the mean and the spread of the latent that the model
[interpolate](../interpolate/CARD.md) plays from. Trained with it, and of no use with another; what
it measures stands in that card."""
