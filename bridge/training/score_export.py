"""A score network on its way out: one step with its memory, proved equal to the whole."""

from typing import Final

import numpy as np
import torch

from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import (
    ALIKE_FEATURES,
    CODEC_ID,
    CODES,
    LAGS,
    PLACE_FEATURES,
)
from bridge.engine.autoregressive import AGE, MEMORY, REMEMBERED
from bridge.engine.catalog import Model
from bridge.engine.manifest import Tensor as TensorShape
from bridge.errors import ExportError
from bridge.music.styles import STYLES
from bridge.training.export import GROOVE_DATA, Export
from bridge.training.score_lesson import ScoreRecipe, batch_of
from bridge.training.score_likelihood import step_through
from bridge.training.score_network import REACH, ScoreNetwork, ScoreStep
from bridge.training.scores import Booleans, ScoreWindows

AGREEMENT: Final = 1e-3
"""How far a logit may be from the whole network's after up to 127 remembered steps."""


def score_export(network: ScoreNetwork, recipe: ScoreRecipe) -> Export:
    """The graph of one step."""
    shape = network.shape
    places, numbers = REACH - 1, 2 * shape.part
    return Export(
        network=ScoreStep(network),
        tool="continue, generate, infill",
        codec=CODEC_ID,
        inputs=(
            TensorShape("score", ("batch", LAGS * PIECES)),
            TensorShape("known", ("batch", LAGS)),
            TensorShape("alike", ("batch", ALIKE_FEATURES)),
            TensorShape("place", ("batch", PLACE_FEATURES)),
            TensorShape("tempo", ("batch", 1)),
            TensorShape("style", ("batch", len(STYLES))),
            TensorShape(MEMORY, ("batch", shape.layers, places, numbers)),
            TensorShape(AGE, ("batch", places)),
        ),
        outputs=(
            TensorShape("logits", ("batch", CODES)),
            TensorShape(REMEMBERED, ("batch", shape.layers, numbers)),
        ),
        numbers={},
        data=(GROOVE_DATA,),
        seed=recipe.schedule.seed,
    )


def require_steps_agree(
    model: Model, network: ScoreNetwork, windows: ScoreWindows, written: Booleans | None = None
) -> None:
    """Refuse an exported model whose steps do not add up to the network's whole pass.

    Args:
        model: As exported.
        network: Where it comes from.
        windows: Some of eight bars, to try it on.
        written: The steps that are to be written, (128,); all without it.

    Raises:
        ExportError: if a logit is elsewhere.
    """
    batch = batch_of(windows, windows.style, written)
    with torch.no_grad():
        expected = network.eval()(batch.told, batch.position).numpy()
    apart = 0.0
    for turn, (_, logits) in enumerate(step_through(model, windows, windows.style, written)):
        apart = max(apart, float(np.abs(logits - expected[:, turn]).max()))
    if not apart <= AGREEMENT:
        raise ExportError(
            f"Step by step a logit is {apart:.2g} away from the network's; {AGREEMENT:g} is"
            " allowed."
        )
