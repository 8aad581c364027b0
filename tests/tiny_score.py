"""A tiny score model beside a tiny groove model: same tensors as shipped, weights drawn."""

import hashlib

import numpy as np
from onnx import helper

from bridge.codecs.drumgrid import PIECES
from bridge.codecs.drumscore import ALIKE_FEATURES, CODEC_ID, CODES, LAGS, PLACE_FEATURES
from bridge.engine.catalog import EXAMPLE, GRAPH, MANIFEST
from bridge.engine.manifest import Manifest, Tensor
from bridge.music.styles import STYLES
from bridge.tools.writing import MODEL
from tests.tiny_models import SEED, _drawn, _example, _model, write_tiny_model

KEPT = 6
REMEMBERED_STEPS = 31
INPUTS = (
    Tensor("score", ("batch", LAGS * PIECES)),
    Tensor("known", ("batch", LAGS)),
    Tensor("alike", ("batch", ALIKE_FEATURES)),
    Tensor("place", ("batch", PLACE_FEATURES)),
    Tensor("tempo", ("batch", 1)),
    Tensor("style", ("batch", len(STYLES))),
    Tensor("memory", ("batch", 1, REMEMBERED_STEPS, KEPT)),
    Tensor("age", ("batch", REMEMBERED_STEPS)),
)
OUTPUTS = (Tensor("logits", ("batch", CODES)), Tensor("remembered", ("batch", 1, KEPT)))


def write_tiny_score(folder, codec=CODEC_ID, *, silence=0.0):
    """The folder with both models in it; ``silence`` is added to the logit of no hit."""
    write_tiny_model(folder)
    graph = _graph(silence)
    manifest = Manifest(
        name=MODEL,
        tool="continue, generate, infill",
        codec=codec,
        sha256=hashlib.sha256(graph).hexdigest(),
        parameters=1,
        inputs=INPUTS,
        outputs=OUTPUTS,
        numbers={},
        metrics={},
        data=("Nothing: its weights were drawn.",),
        licence="Apache-2.0",
        seed=SEED,
        commit="0" * 40,
    )
    place = folder / MODEL
    place.mkdir(parents=True)
    (place / GRAPH).write_bytes(graph)
    (place / MANIFEST).write_text(manifest.as_json(), encoding="utf-8")
    np.savez_compressed(place / EXAMPLE, **_example(graph, manifest))
    return folder


def _graph(silence):
    """logits = told · A + what is remembered · C + silence; remembered = told · D."""
    generator = np.random.default_rng(SEED)
    told = INPUTS[:6]
    width = sum(tensor.shape[1] for tensor in told)
    still = np.zeros(CODES, np.float32)
    still[0] = silence
    constants = {
        "A": _drawn(generator, width, CODES),
        "C": 0.1 * _drawn(generator, KEPT, CODES),
        "D": _drawn(generator, width, KEPT),
        "silence": still,
        "layers_and_places": np.array([1, 2], np.int64),
        "as_one_layer": np.array([-1, 1, KEPT], np.int64),
        "one": np.array([1], np.int64),
    }
    nodes = [
        helper.make_node("Concat", [tensor.name for tensor in told], ["told"], axis=1),
        helper.make_node("MatMul", ["told", "A"], ["logits_1"]),
        helper.make_node("ReduceSum", ["memory", "layers_and_places"], ["all"], keepdims=0),
        helper.make_node("MatMul", ["all", "C"], ["logits_2"]),
        helper.make_node("ReduceMean", ["age", "one"], ["emptiness"]),
        helper.make_node("Sum", ["logits_1", "logits_2", "emptiness", "silence"], ["logits"]),
        helper.make_node("MatMul", ["told", "D"], ["flat"]),
        helper.make_node("Reshape", ["flat", "as_one_layer"], ["remembered"]),
    ]
    return _model(nodes, constants, INPUTS, OUTPUTS)
