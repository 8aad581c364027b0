"""A note network on its way out: its trunk, which reads tokens, and its two heads."""

from collections.abc import Iterable

from bridge.codecs.notescore import (
    CODEC_ID,
    CODES_TOLD,
    KEYS,
    LENGTH_CODES,
    LENGTHS,
    PITCH_CODES,
    PITCH_TOLD,
    SHIFTS,
    TOLD_FEATURES,
)
from bridge.engine.manifest import Tensor as TensorShape
from bridge.tools.note_writing import LENGTHENS, MODEL, PITCHES
from bridge.training.export import Export
from bridge.training.note_lesson import NoteRecipe
from bridge.training.note_network import HANDS, NoteNetwork
from bridge.training.song_sources import credits_of

_TOOLS = "continue, generate, infill"


def note_exports(
    network: NoteNetwork, recipe: NoteRecipe, sources: Iterable[str]
) -> dict[str, Export]:
    """The three graphs of a note network by their names.

    Args:
        network: Trained.
        recipe: What it was trained by.
        sources: Of the songs that it learned from, to be credited.
    """
    shape = network.shape
    numbers = 2 * shape.part
    tokens = ("batch", "tokens")
    trunk = Export(
        network=network.trunk,
        tool=_TOOLS,
        codec=CODEC_ID,
        inputs=(
            TensorShape("codes", (*tokens, CODES_TOLD)),
            TensorShape("told", (*tokens, TOLD_FEATURES)),
            TensorShape("clock", (*tokens, HANDS)),
            TensorShape("memory", ("before", "batch", shape.layers, numbers)),
        ),
        outputs=(
            TensorShape("hidden", (*tokens, shape.width)),
            TensorShape("shift", (*tokens, SHIFTS)),
            TensorShape("remembered", ("tokens", "batch", shape.layers, numbers)),
        ),
        numbers={},
        data=credits_of(sources),
        seed=recipe.schedule.seed,
    )
    pitch = Export(
        network=network.pitch,
        tool=_TOOLS,
        codec=CODEC_ID,
        inputs=(
            TensorShape("hidden", ("batch", shape.width)),
            TensorShape("codes", ("batch", PITCH_CODES)),
            TensorShape("told", ("batch", PITCH_TOLD)),
        ),
        outputs=(
            TensorShape("pitch", ("batch", KEYS)),
            TensorShape("mixed", ("batch", shape.width)),
        ),
        numbers={},
        data=trunk.data,
        seed=trunk.seed,
    )
    length = Export(
        network=network.length,
        tool=_TOOLS,
        codec=CODEC_ID,
        inputs=(
            TensorShape("mixed", ("batch", shape.width)),
            TensorShape("codes", ("batch", LENGTH_CODES)),
        ),
        outputs=(TensorShape("length", ("batch", LENGTHS)),),
        numbers={},
        data=trunk.data,
        seed=trunk.seed,
    )
    return {MODEL: trunk, PITCHES: pitch, LENGTHENS: length}
