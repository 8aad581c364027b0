"""The whole way from the data to the folder of the continuation model, and its measures."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import torch

from bridge.training.corpus import read_groove
from bridge.training.course import CACHE, Diary, Listener, load_exported, machine
from bridge.training.export import Story, export, require_checkout, write_card
from bridge.training.score_evaluation import ContinuationReport, evaluate_continuation, table
from bridge.training.score_export import require_steps_agree, score_export
from bridge.training.score_lesson import ScoreRecipe, fit_score
from bridge.training.scores import ScoreWindows, cut_scores, read_scores

_TRIED: Final = 8
"""Windows on which the steps are compared with the whole."""


def train_continuation(
    recipe: ScoreRecipe, data: Path, folder: Path, listener: Listener
) -> ContinuationReport:
    """Train (or go on training), export, evaluate, and write manifest and card.

    Args:
        recipe: What to train; the checkpoint carries its seed.
        data: The folder that holds ``groove/``.
        folder: Where the model goes: ``exported_models/continuation``.
        listener: Told how it goes.

    Raises:
        ExportError: if this is no git checkout, or the graph does not do what the network does.
    """
    require_checkout()
    torch.set_num_threads(1)  # More is slower for networks of this size.
    drummings = read_groove(data, CACHE)
    validation = read_scores(drummings, "validation")
    diary = Diary("continuation", recipe.schedule.seed, listener)

    network = fit_score(
        recipe,
        read_scores(drummings, "train"),
        validation,
        diary.checkpoint,
        report=diary.told,
        advance=listener.advance,
    )
    story = Story(
        command="clipbridge train continuation",
        minutes=diary.minutes,
        epochs=recipe.schedule.epochs,
        machine=machine(),
        recipe=recipe,
        windows="windows of eight bars from a bar drawn anew each time",
    )
    manifest = export(score_export(network, recipe), folder)
    model = load_exported(folder.parent, folder.name)
    require_steps_agree(model, network, _first(cut_scores(validation)))
    report = evaluate_continuation(drummings, model, report=lambda _: None)
    metrics = {
        "nats_per_step": round(report.nats.value, 4),
        "top_1": round(report.top.value, 4),
        "next_bar_f1": round(report.next_bar_f1, 4),
    }
    write_card(folder, replace(manifest, metrics=metrics), story, _CARD.format(table(report)))
    return report


_CARD: Final = """\
Says step by step which pieces of the kit are hit next, from up to eight bars before;
`bridge.tools.continuation` draws takes from it, and [groove](../groove/CARD.md) says how they are
played. A causal transformer that is told what was hit one, two and four bars ago and may point to
it. The graph is one step with a memory; its steps add up to the whole network's pass (checked at
export).

## What it measures
Printed by `clipbridge evaluate continuation` (definitions in
`bridge/training/score_evaluation.py`).

{}

## Known limits
* It learned from ten drummers who play to a click in 4/4, mostly rock, funk and jazz. In other
  metres it goes by bars too, but has never heard one.
* It knows sixteenths: it writes no flams, rolls or triplets.
* It repeats fewer bars to the hit than drummers do; a lower temperature repeats more."""


def _first(windows: ScoreWindows) -> ScoreWindows:
    return ScoreWindows(
        windows.codes[:_TRIED],
        windows.counted[:_TRIED],
        windows.first_step[:_TRIED],
        windows.tempo[:_TRIED],
        windows.file[:_TRIED],
    )
