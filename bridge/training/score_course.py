"""The whole way from the data to the folder of the score model, and its measures."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import torch

from bridge.training.corpus import STEPS_PER_BAR, read_groove
from bridge.training.course import CACHE, Diary, Listener, load_exported, machine
from bridge.training.export import Story, export, require_checkout, write_card
from bridge.training.generate_evaluation import evaluate_generate
from bridge.training.generate_evaluation import table as generate_table
from bridge.training.infill_evaluation import evaluate_infill
from bridge.training.infill_evaluation import table as infill_table
from bridge.training.score_evaluation import ContinuationReport, evaluate_continuation, table
from bridge.training.score_export import require_steps_agree, score_export
from bridge.training.score_lesson import ScoreRecipe, fit_score
from bridge.training.scores import STEPS, cut_scores, read_scores

_TRIED: Final = 8
"""Windows on which the steps are compared with the whole."""
_GAP: Final = slice(3 * STEPS_PER_BAR, 5 * STEPS_PER_BAR)
"""And with this gap in them."""


def train_score(
    recipe: ScoreRecipe, data: Path, folder: Path, listener: Listener
) -> ContinuationReport:
    """Train (or go on training), export, evaluate, and write manifest and card.

    Args:
        recipe: What to train; the checkpoint carries its seed.
        data: The folder that holds ``groove/``.
        folder: Where the model goes: ``exported_models/score``.
        listener: Told how it goes.

    Raises:
        ExportError: if this is no git checkout, or the graph does not do what the network does.
    """
    require_checkout()
    torch.set_num_threads(1)  # More is slower for networks of this size.
    drummings = read_groove(data, CACHE)
    validation = read_scores(drummings, "validation")
    diary = Diary("score", recipe.schedule.seed, listener)

    network = fit_score(
        recipe,
        read_scores(drummings, "train"),
        validation,
        diary.checkpoint,
        report=diary.told,
        advance=listener.advance,
    )
    story = Story(
        command="clipbridge train score",
        minutes=diary.minutes,
        epochs=recipe.schedule.epochs,
        machine=machine(),
        recipe=recipe,
        windows="windows of eight bars from a bar drawn anew each time",
    )
    manifest = export(score_export(network, recipe), folder)
    model = load_exported(folder.parent, folder.name)
    tried = cut_scores(validation).whole().chosen(np.arange(_TRIED))
    gap = np.zeros(STEPS, np.bool_)
    gap[_GAP] = True
    require_steps_agree(model, network, tried)
    require_steps_agree(model, network, tried, gap)
    continued = evaluate_continuation(drummings, model, report=lambda _: None)
    generated = evaluate_generate(drummings, model, report=lambda _: None)
    filled = evaluate_infill(drummings, model, report=lambda _: None)
    metrics = {
        "nats_per_step": round(continued.nats.value, 4),
        "nats_per_step_with_style": round(continued.nats_with_style.value, 4),
        "top_1": round(continued.top.value, 4),
        **{
            f"bars_as_{bars}_before": round(written, 4)
            for bars, (written, _) in continued.copied.items()
        },
        "next_bar_f1": round(continued.next_bar_f1, 4),
        "nats_per_step_from_nothing": round(generated.nats.value, 4),
        "overlapping_area": round(generated.likeness.mean, 4),
        "takes_in_training_set": round(generated.known, 4),
        "nats_per_step_of_a_gap": round(filled.nats.value, 4),
        "gap_f1": round(filled.f1, 4),
    }
    text = _CARD.format(table(continued), generate_table(generated), infill_table(filled))
    write_card(folder, replace(manifest, metrics=metrics), story, text)
    return continued


_CARD: Final = """\
Says step by step which pieces of the kit are hit, for three tools: Continue plays on after a clip,
Infill plays some of its bars anew by what stands before and after them, Generate begins from
nothing. `bridge.tools.writing` draws from it, and [groove](../groove/CARD.md) says how the hits are
played. A transformer that reads and writes steps in turns (first all that is known, on both sides
of a gap; then what is to be written), knows how far away each stands, is told what is hit one, two
and four bars before and after and how well the last steps agree with that, and may point to it.
The graph is one step with a memory; its steps add up to the whole network's pass, with a gap and
without (checked at export).

## What it measures
Definitions stand in `bridge/training/score_evaluation.py`, `generate_evaluation.py` and
`infill_evaluation.py`.

`clipbridge evaluate continue`:

{}

`clipbridge evaluate generate`:

{}

`clipbridge evaluate infill`:

{}

## Known limits
* It learned from ten drummers who play to a click in 4/4, mostly rock, funk and jazz. In other
  metres it goes by bars too, but has never heard one, and nothing of that is measured.
* It knows sixteenths: it writes no flams, rolls or triplets.
* Of some styles it has heard little (highlife, middleeastern, blues, dance: under ten files)."""
