"""The whole way from the data to ``exported_models/drumify``."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch

from bridge.codecs.drumgrid import METRE_FEATURES, PIECES, STEPS
from bridge.codecs.taps import CODEC_ID, TAP_FEATURES
from bridge.engine.catalog import Model
from bridge.engine.manifest import Tensor
from bridge.tools.drumify import BIASES, LATENT_SIZE, THRESHOLDS
from bridge.tools.groove import MODEL as PLAYER
from bridge.training.corpus import Drumming, Windows, cut_windows, read_groove
from bridge.training.course import (
    CACHE,
    Diary,
    Listener,
    load_exported,
    machine,
)
from bridge.training.drumify_evaluate import DrumifyReport, evaluate_drumify
from bridge.training.drumify_lesson import DrumifyRecipe, fit_drumify
from bridge.training.drumify_network import DrumifyNetwork
from bridge.training.drumify_prediction import (
    bars_of,
    predict_hits,
    sampling_bias,
    tune_thresholds,
)
from bridge.training.drumify_report import table
from bridge.training.drumify_takes import (
    DrumifyTakesReport,
    measure_drumify_takes,
    table_of_takes,
)
from bridge.training.drumify_variation import DrummedData
from bridge.training.export import (
    GROOVE_DATA,
    Export,
    Story,
    export,
    require_checkout,
    write_card,
)
from bridge.training.fit import device_of_training


def train_drumify(
    recipe: DrumifyRecipe, data: Path, folder: Path, listener: Listener
) -> DrumifyReport:
    """Train (or go on training), export, evaluate, and write manifest and card.

    The groove model must stand beside it: it plays what drumify strikes. Arguments and errors are
    those of :func:`bridge.training.course.train_groove`.
    """
    require_checkout()
    torch.set_num_threads(1)  # More is slower for networks of this size.
    drummings = read_groove(data, CACHE)
    diary = Diary("drumify", recipe.schedule.seed, listener)

    network = fit_drumify(
        recipe,
        drummed_data(drummings, "train", only_common_time=False),
        drummed_data(drummings, "validation", only_common_time=True),
        diary.checkpoint,
        report=diary.told,
        advance=listener.advance,
    )
    story = Story(
        command="clipbridge train drumify",
        minutes=diary.minutes,
        epochs=recipe.schedule.epochs,
        machine=machine(),
        recipe=recipe,
        metres="all metres to learn from",
    )
    export(drumify_export(network, recipe), folder)
    return finish_drumify(story, folder, drummings)


def drummed_data(
    drummings: tuple[Drumming, ...], split: str, *, only_common_time: bool
) -> DrummedData:
    """A split on the device of the training."""
    windows = cut_windows(drummings, split, only_common_time=only_common_time)
    return DrummedData.of(windows, bars_of(windows, drummings).tolist(), device_of_training())


def drumify_export(network: DrumifyNetwork, recipe: DrumifyRecipe) -> Export:
    """The graph of a drumify network; what hears whole kits stays behind."""
    return Export(
        network=network,
        tool="drumify",
        codec=CODEC_ID,
        inputs=(
            Tensor("taps", ("batch", STEPS, TAP_FEATURES)),
            Tensor("metre", ("batch", STEPS, METRE_FEATURES)),
            Tensor("tempo", ("batch", 1)),
            Tensor("latent", ("batch", network.shape.feel)),
            Tensor("known", ("batch", 1)),
        ),
        outputs=(Tensor("hits", ("batch", STEPS, PIECES)),),
        numbers={LATENT_SIZE: network.shape.feel},
        data=(GROOVE_DATA,),
        seed=recipe.schedule.seed,
        beside=network.listener,
    )


def finish_drumify(story: Story, folder: Path, drummings: tuple[Drumming, ...]) -> DrumifyReport:
    """Tune an exported drumify model on the validation split, measure it, write what was found."""
    model = load_exported(folder.parent, folder.name)
    validation = cut_windows(drummings, "validation")
    biases = {
        name: round(sampling_bias(model, validation, fill=fill), 3) for fill, name in BIASES.items()
    }
    tuned = {**_thresholds(model, validation), **biases}
    manifest = replace(model.manifest, numbers={**model.manifest.numbers, **tuned})
    write_card(folder, manifest, story, "")
    model = load_exported(folder.parent, folder.name)
    player = load_exported(folder.parent, PLAYER)
    report = evaluate_drumify(drummings, model, player, report=lambda _: None)
    takes = measure_drumify_takes(drummings, model, player, report=lambda _: None)
    manifest = replace(manifest, metrics=_metrics(report, takes))
    tables = f"{table(report)}\n\n{table_of_takes(takes)}"
    write_card(folder, manifest, story, _CARD.format(tables))
    return report


def _thresholds(model: Model, validation: Windows) -> dict[str, float]:
    """The logits from which each piece is struck at temperature 0, by their names."""
    return {
        name: round(float(level), 3)
        for accented, names in THRESHOLDS.items()
        for name, level in zip(
            names,
            tune_thresholds(
                predict_hits(model, validation, accented=accented), validation.played.hits
            ),
            strict=True,
        )
    }


def _metrics(report: DrumifyReport, takes: DrumifyTakesReport) -> Mapping[str, float]:
    alone, accented = report.rows
    return {
        "hit_f1": round(alone.hit_f1.value, 4),
        "hit_f1_with_velocity": round(accented.hit_f1.value, 4),
        "macro_f1": round(alone.macro_f1, 4),
        "macro_f1_with_velocity": round(accented.macro_f1, 4),
        "bce_per_cell": round(alone.bce_per_cell.value, 4),
        "bce_per_cell_with_velocity": round(accented.bce_per_cell.value, 4),
        "taps_answered": round(report.taps_answered, 4),
        "hits_per_bar_ratio": round(report.hits_per_bar / report.hits_per_bar_of_drummers, 4),
        "judge_auc": round(takes.judge_auc, 3),
        "rate_jsd": round(takes.rate_jsd, 4),
    }


_CARD: Final = """\
Says for every step of a rhythm which pieces of the kit are struck on it; `bridge.tools.drumify`
draws takes from it, and [groove](../groove/CARD.md) plays them. A take is drawn from a conditional
variational autoencoder, with one latent from its first bar to its last. Without a latent, some
networks that were trained side by side say together what is likeliest over all of them, drawn
together as far as the validation split showed that they are overconfident; that is what the F1 and
the BCE below measure, and what is played at temperature 0. One model serves rhythms with velocities
and without, and rhythms to which other hits may be added.

## What it measures
Printed by `clipbridge evaluate drumify --takes` (definitions there and in
`bridge/training/drumify_evaluate.py` and `drumify_takes.py`).

{}

## Known limits
* It learned from ten drummers who play to a click, mostly rock, funk and jazz on one electronic
  kit, nearly half of it by one drummer. Outside 4/4 it learned from ten files (3/4, 6/8, 5/4 and
  5/8) and was measured on two; in other metres it plays what it knows of beats.
* A rhythm says little of which drum was meant: toms, crash and open hat come about as often as in
  the training data, rather than in the very place.
* Melodies and bass lines are stood in for in training by drum parts with hits left out; what is
  filled in was measured around the drummers' own kicks."""
