"""A bar network on its way out: one graph that hears bars, one that plays places."""

from dataclasses import replace

from bridge.codecs.drumbar import CODEC_ID, LONGEST
from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import CODES
from bridge.engine.manifest import Tensor
from bridge.tools.score_paths import LATENT_SIZE, LISTENER, PLAYER
from bridge.training.export import GROOVE_DATA, Export
from bridge.training.interpolate_lesson import InterpolateRecipe
from bridge.training.interpolate_network import BarNetwork


def interpolate_exports(network: BarNetwork, recipe: InterpolateRecipe) -> dict[str, Export]:
    """The two graphs of a bar network by their names: the player and the listener."""
    latent = network.shape.latent
    counted = Tensor("counted", ("batch", LONGEST))
    player = Export(
        network=network.player,
        tool="interpolate",
        codec=CODEC_ID,
        inputs=(Tensor("latent", ("batch", latent)), counted),
        outputs=(Tensor("logits", ("batch", LONGEST, CODES)),),
        numbers={LATENT_SIZE: latent},
        data=(GROOVE_DATA,),
        seed=recipe.schedule.seed,
    )
    listener = replace(
        player,
        network=network.listener,
        inputs=(Tensor("hits", ("batch", LONGEST, PIECES)), counted),
        outputs=(Tensor("mean", ("batch", latent)), Tensor("spread", ("batch", latent))),
        numbers={},
    )
    return {PLAYER: player, LISTENER: listener}
