"""A line network on its way out: one graph that hears bars, one that plays places."""

from collections.abc import Iterable
from dataclasses import replace

from bridge.codecs.melodybar import CODEC_ID, CODES, LONGEST
from bridge.engine.manifest import Tensor
from bridge.tools.melody_paths import LATENT_SIZE, LISTENER, PLAYER
from bridge.training.export import Export
from bridge.training.melody_paths_lesson import MelodyPathsRecipe
from bridge.training.melody_paths_network import LineNetwork
from bridge.training.song_sources import credits_of


def melody_paths_exports(
    network: LineNetwork, recipe: MelodyPathsRecipe, sources: Iterable[str]
) -> dict[str, Export]:
    """The two graphs of a line network by their names: the player and the listener."""
    latent = network.shape.latent
    counted = Tensor("counted", ("batch", LONGEST))
    player = Export(
        network=network.player,
        tool="interpolate",
        codec=CODEC_ID,
        inputs=(Tensor("latent", ("batch", latent)), counted),
        outputs=(Tensor("logits", ("batch", LONGEST, CODES)),),
        numbers={LATENT_SIZE: latent},
        data=credits_of(sources),
        seed=recipe.schedule.seed,
    )
    listener = replace(
        player,
        network=network.listener,
        inputs=(Tensor("codes", ("batch", LONGEST, CODES)), counted),
        outputs=(Tensor("mean", ("batch", latent)), Tensor("spread", ("batch", latent))),
        numbers={},
    )
    return {PLAYER: player, LISTENER: listener}
