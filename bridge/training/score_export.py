"""A score network on its way out: one step with its memory, proved equal to the whole."""

from typing import Final

import numpy as np
import torch
from torch import Tensor

from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import CODEC_ID, CODES, LAGS, PLACE_FEATURES
from bridge.engine.autoregressive import AGE, MEMORY, REMEMBERED, Memory
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Model
from bridge.engine.manifest import Tensor as TensorShape
from bridge.errors import ExportError
from bridge.training.export import GROOVE_DATA, Export
from bridge.training.score_lesson import ScoreRecipe, batch_of
from bridge.training.score_network import REACH, ScoreNetwork, ScoreStep
from bridge.training.scores import STEPS, ScoreWindows

AGREEMENT: Final = 1e-3
"""How far a logit may be from the whole network's after up to 127 remembered steps."""


def score_export(network: ScoreNetwork, recipe: ScoreRecipe) -> Export:
    """The graph of one step."""
    shape = network.shape
    places, numbers = REACH - 1, 2 * shape.width
    return Export(
        network=ScoreStep(network),
        tool="continue",
        codec=CODEC_ID,
        inputs=(
            TensorShape("score", ("batch", LAGS * PIECES)),
            TensorShape("known", ("batch", LAGS)),
            TensorShape("place", ("batch", PLACE_FEATURES)),
            TensorShape("tempo", ("batch", 1)),
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


def require_steps_agree(model: Model, network: ScoreNetwork, windows: ScoreWindows) -> None:
    """Refuse an exported model whose steps do not add up to the network's whole pass.

    Args:
        model: As exported.
        network: Where it comes from.
        windows: Some, to try it on.

    Raises:
        ExportError: if a logit is elsewhere.
    """
    batch = batch_of(windows)
    with torch.no_grad():
        expected = network.eval()(batch.score, batch.known, batch.place, batch.tempo)
    memory = Memory.empty(model.manifest, len(windows))
    apart = 0.0
    for step in range(STEPS):
        given: dict[str, Tensor] = {
            "score": batch.score[:, step],
            "known": batch.known[:, step],
            "place": batch.place[:, step],
            "tempo": batch.tempo,
        }
        arrays = {name: tensor.numpy() for name, tensor in given.items()}
        found = model.run({**arrays, **memory.inputs()}, Cancel())
        memory.remember(found[REMEMBERED])
        apart = max(apart, float(np.abs(found["logits"] - expected[:, step].numpy()).max()))
    if not apart <= AGREEMENT:
        raise ExportError(
            f"Step by step a logit is {apart:.2g} away from the network's; {AGREEMENT:g} is"
            " allowed."
        )
