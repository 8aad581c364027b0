"""Tiny models of melody paths: same tensors as the shipped ones, weights drawn."""

import hashlib

import numpy as np
from onnx import helper

from bridge.codecs.melodybar import CODEC_ID, CODES, LONGEST
from bridge.engine.catalog import EXAMPLE, GRAPH, MANIFEST
from bridge.engine.manifest import Manifest, Tensor
from bridge.tools.melody_paths import LATENT_SIZE, LISTENER, PLAYER
from tests.tiny_models import SEED, _drawn, _example, _model

LATENT = 5
COUNTED = Tensor("counted", ("batch", LONGEST))
INPUTS = {
    LISTENER: (Tensor("codes", ("batch", LONGEST, CODES)), COUNTED),
    PLAYER: (Tensor("latent", ("batch", LATENT)), COUNTED),
}
OUTPUTS = {
    LISTENER: (Tensor("mean", ("batch", LATENT)), Tensor("spread", ("batch", LATENT))),
    PLAYER: (Tensor("logits", ("batch", LONGEST, CODES)),),
}


def write_tiny_melody_paths(folder, codec=CODEC_ID):
    """The folder with both models in it."""
    for name, graph in ((LISTENER, _listener()), (PLAYER, _player())):
        manifest = Manifest(
            name=name,
            tool="interpolate",
            codec=codec,
            sha256=hashlib.sha256(graph).hexdigest(),
            parameters=LATENT * LONGEST * CODES,
            inputs=INPUTS[name],
            outputs=OUTPUTS[name],
            numbers={LATENT_SIZE: LATENT} if name == PLAYER else {},
            metrics={},
            data=("Nothing: its weights were drawn.",),
            licence="Apache-2.0",
            seed=SEED,
            commit="0" * 40,
        )
        place = folder / name
        place.mkdir(parents=True)
        (place / GRAPH).write_bytes(graph)
        (place / MANIFEST).write_text(manifest.as_json(), encoding="utf-8")
        np.savez_compressed(place / EXAMPLE, **_example(graph, manifest))
    return folder


def _listener():
    """mean = codes · M; spread = exp(0.1 · counted · S)."""
    generator = np.random.default_rng(SEED)
    constants = {
        "flat": np.array([-1, LONGEST * CODES], np.int64),
        "to_mean": 0.3 * _drawn(generator, LONGEST * CODES, LATENT),
        "to_spread": 0.1 * _drawn(generator, LONGEST, LATENT),
    }
    nodes = [
        helper.make_node("Reshape", ["codes", "flat"], ["cells"]),
        helper.make_node("MatMul", ["cells", "to_mean"], ["mean"]),
        helper.make_node("MatMul", ["counted", "to_spread"], ["log_spread"]),
        helper.make_node("Exp", ["log_spread"], ["spread"]),
    ]
    return _model(nodes, constants, INPUTS[LISTENER], OUTPUTS[LISTENER])


def _player():
    """logits = latent · W + counted · w."""
    generator = np.random.default_rng(SEED + 1)
    constants = {
        "to_codes": _drawn(generator, LATENT, LONGEST * CODES),
        "of_length": 0.1 * _drawn(generator, LONGEST, LONGEST * CODES),
        "shape": np.array([-1, LONGEST, CODES], np.int64),
    }
    nodes = [
        helper.make_node("MatMul", ["latent", "to_codes"], ["logits_1"]),
        helper.make_node("MatMul", ["counted", "of_length"], ["logits_2"]),
        helper.make_node("Add", ["logits_1", "logits_2"], ["logits_3"]),
        helper.make_node("Reshape", ["logits_3", "shape"], ["logits"]),
    ]
    return _model(nodes, constants, INPUTS[PLAYER], OUTPUTS[PLAYER])
