"""A tiny drumify model beside a tiny groove model: same tensors as shipped, weights drawn."""

import hashlib

import numpy as np
from onnx import helper

from bridge.codecs.drumgrid import METRE_FEATURES, PIECES, STEPS
from bridge.codecs.taps import CODEC_ID, TAP_FEATURES
from bridge.engine.catalog import EXAMPLE, GRAPH, MANIFEST
from bridge.engine.manifest import Manifest, Tensor
from bridge.tools.drumify import BIASES, LATENT_SIZE, MODEL, THRESHOLDS
from tests.tiny_models import SEED, _drawn, _example, _model, write_tiny_model

LATENT = 3
INPUTS = (
    Tensor("taps", ("batch", STEPS, TAP_FEATURES)),
    Tensor("metre", ("batch", STEPS, METRE_FEATURES)),
    Tensor("tempo", ("batch", 1)),
    Tensor("latent", ("batch", LATENT)),
    Tensor("known", ("batch", 1)),
)
OUTPUTS = (Tensor("hits", ("batch", STEPS, PIECES)),)


def write_tiny_drumify(folder, codec=CODEC_ID):
    """The folder with both models in it."""
    write_tiny_model(folder)
    graph = _graph()
    manifest = Manifest(
        name=MODEL,
        tool="drumify",
        codec=codec,
        sha256=hashlib.sha256(graph).hexdigest(),
        parameters=PIECES * (TAP_FEATURES + METRE_FEATURES + 1 + LATENT),
        inputs=INPUTS,
        outputs=OUTPUTS,
        numbers={LATENT_SIZE: LATENT}
        | dict.fromkeys(BIASES.values(), -0.1)
        | {name: -0.5 for names in THRESHOLDS.values() for name in names},
        metrics={},
        data=("Nothing: its weights were drawn.",),
        licence="Apache-2.0",
        seed=SEED,
        commit="0" * 40,
    )
    place = folder / MODEL
    place.mkdir()
    (place / GRAPH).write_bytes(graph)
    (place / MANIFEST).write_text(manifest.as_json(), encoding="utf-8")
    np.savez_compressed(place / EXAMPLE, **_example(graph, manifest))
    return folder


def _graph():
    """hits = [taps metre] · W + tempo · w + known · (latent · L)."""
    generator = np.random.default_rng(SEED)
    constants = {
        "axis": np.array([2], np.int64),
        "before_steps": np.array([1], np.int64),
        "by_played": _drawn(generator, TAP_FEATURES + METRE_FEATURES, PIECES),
        "by_tempo": _drawn(generator, 1, PIECES),
        "by_latent": _drawn(generator, LATENT, PIECES),
    }
    nodes = [
        helper.make_node("Concat", ["taps", "metre"], ["played"], axis=2),
        helper.make_node("Unsqueeze", ["tempo", "axis"], ["tempo_3"]),
        helper.make_node("Mul", ["latent", "known"], ["heard"]),
        helper.make_node("Unsqueeze", ["heard", "before_steps"], ["heard_3"]),
        helper.make_node("MatMul", ["played", "by_played"], ["hits_1"]),
        helper.make_node("MatMul", ["tempo_3", "by_tempo"], ["hits_2"]),
        helper.make_node("MatMul", ["heard_3", "by_latent"], ["hits_3"]),
        helper.make_node("Add", ["hits_1", "hits_2"], ["hits_12"]),
        helper.make_node("Add", ["hits_12", "hits_3"], ["hits"]),
    ]
    return _model(nodes, constants, INPUTS, OUTPUTS)
