"""A tiny note model: the three graphs with the shipped tensors, small inside, weights drawn."""

import hashlib

import numpy as np
from onnx import helper

from bridge.codecs.notelookout import CYCLES
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
from bridge.codecs.originality import FINGERPRINT, Fingerprint
from bridge.engine.catalog import EXAMPLE, GRAPH, MANIFEST
from bridge.engine.manifest import Manifest, Tensor
from bridge.tools.note_writing import LENGTHENS, MODEL, PITCHES
from tests.tiny_models import SEED, _drawn, _example, _model, add_extra

WIDTH = 8
LAYERS = 2
NUMBERS = 4
HURRY = 0.12
"""Nats by which each twelfth until the next note, and each of its length, is less likely."""

TENSORS = {
    MODEL: (
        (
            Tensor("codes", ("batch", "tokens", CODES_TOLD)),
            Tensor("told", ("batch", "tokens", TOLD_FEATURES)),
            Tensor("clock", ("batch", "tokens", 2 * len(CYCLES))),
            Tensor("memory", ("before", "batch", LAYERS, NUMBERS)),
        ),
        (
            Tensor("hidden", ("batch", "tokens", WIDTH)),
            Tensor("shift", ("batch", "tokens", SHIFTS)),
            Tensor("remembered", ("tokens", "batch", LAYERS, NUMBERS)),
        ),
    ),
    PITCHES: (
        (
            Tensor("hidden", ("batch", WIDTH)),
            Tensor("codes", ("batch", PITCH_CODES)),
            Tensor("told", ("batch", PITCH_TOLD)),
        ),
        (Tensor("pitch", ("batch", KEYS)), Tensor("mixed", ("batch", WIDTH))),
    ),
    LENGTHENS: (
        (Tensor("mixed", ("batch", WIDTH)), Tensor("codes", ("batch", LENGTH_CODES))),
        (Tensor("length", ("batch", LENGTHS)),),
    ),
}


NOTHING_LEARNT = Fingerprint(16, np.zeros(0, np.uint64))


def write_tiny_notes(folder, codec=CODEC_ID, *, shifts=None, pitches=None, learnt=NOTHING_LEARNT):
    """The folder with the three models in it.

    Args:
        folder: It may hold other models.
        codec: What the models say that they speak.
        shifts: Nats that are added to the logits of some shifts, by shift: 96 is a rest.
        pitches: Nats that are added to those of some keys, by key.
        learnt: What the model says that it learned from.
    """
    generator = np.random.default_rng(SEED)
    graphs = {
        MODEL: _trunk(generator, shifts or {}),
        PITCHES: _pitch_head(generator, pitches or {}),
        LENGTHENS: _length_head(generator),
    }
    for name, graph in graphs.items():
        inputs, outputs = TENSORS[name]
        manifest = Manifest(
            name=name,
            tool="continue, generate, infill",
            codec=codec,
            sha256=hashlib.sha256(graph).hexdigest(),
            parameters=1,
            inputs=inputs,
            outputs=outputs,
            numbers={},
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
    add_extra(folder / MODEL, FINGERPRINT, learnt.as_bytes())
    return folder


def _trunk(generator, added):
    """hidden = tanh(what is told · A + all that is remembered so far · C); shift = hidden · B.

    What is remembered is what is told · D, so reading in steps is reading at once.
    """
    told = CODES_TOLD + TOLD_FEATURES + 2 * len(CYCLES)
    wish = -HURRY * np.arange(SHIFTS, dtype=np.float32)
    for shift, nats in added.items():
        wish[shift] += nats
    constants = {
        "small": np.array(0.02, np.float32),
        "A": 0.3 * _drawn(generator, told, WIDTH),
        "B": _drawn(generator, WIDTH, SHIFTS),
        "C": 0.1 * _drawn(generator, LAYERS * NUMBERS, WIDTH),
        "D": 0.1 * _drawn(generator, told, LAYERS * NUMBERS),
        "wish": wish,
        "first": np.array([0], np.int64),
        "along": np.array(0, np.int64),
        "in_layers": np.array([0, 0, LAYERS, NUMBERS], np.int64),
        "flat": np.array([0, 0, LAYERS * NUMBERS], np.int64),
    }
    nodes = [
        helper.make_node("Mul", ["codes", "small"], ["codes_small"]),
        helper.make_node("Concat", ["codes_small", "told", "clock"], ["all"], axis=2),
        helper.make_node("MatMul", ["all", "D"], ["own"]),
        helper.make_node("Transpose", ["own"], ["own_in_time"], perm=[1, 0, 2]),
        helper.make_node("Reshape", ["own_in_time", "in_layers"], ["remembered"]),
        helper.make_node("ReduceSum", ["memory", "first"], ["before"], keepdims=1),
        helper.make_node("CumSum", ["remembered", "along"], ["lately"]),
        helper.make_node("Add", ["before", "lately"], ["so_far"]),
        helper.make_node("Reshape", ["so_far", "flat"], ["so_far_flat"]),
        helper.make_node("Transpose", ["so_far_flat"], ["known"], perm=[1, 0, 2]),
        helper.make_node("MatMul", ["all", "A"], ["hidden_1"]),
        helper.make_node("MatMul", ["known", "C"], ["hidden_2"]),
        helper.make_node("Add", ["hidden_1", "hidden_2"], ["hidden_3"]),
        helper.make_node("Tanh", ["hidden_3"], ["hidden"]),
        helper.make_node("MatMul", ["hidden", "B"], ["shift_1"]),
        helper.make_node("Add", ["shift_1", "wish"], ["shift"]),
    ]
    return _model(nodes, constants, *TENSORS[MODEL])


def _pitch_head(generator, added):
    """mixed = tanh(hidden + what is told · A); pitch = mixed · B."""
    wish = np.zeros(KEYS, np.float32)
    for key, nats in added.items():
        wish[key] += nats
    return _head(generator, PITCHES, PITCH_CODES + PITCH_TOLD, KEYS, wish)


def _length_head(generator):
    """length = tanh(mixed + what is told · A) · B."""
    wish = -HURRY * np.arange(LENGTHS, dtype=np.float32)
    return _head(generator, LENGTHENS, LENGTH_CODES, LENGTHS, wish)


def _head(generator, name, told, width, wish):
    inputs, outputs = TENSORS[name]
    given, *more = (tensor.name for tensor in inputs)
    (answer, *mixed) = (tensor.name for tensor in outputs)
    inner = mixed[0] if mixed else "inner"
    constants = {
        "small": np.array(0.02, np.float32),
        "A": 0.3 * _drawn(generator, told, WIDTH),
        "B": _drawn(generator, WIDTH, width),
        "wish": wish,
    }
    nodes = [
        helper.make_node("Mul", ["codes", "small"], ["codes_small"]),
        helper.make_node(
            "Concat", ["codes_small", *(each for each in more if each != "codes")], ["all"], axis=1
        ),
        helper.make_node("MatMul", ["all", "A"], ["inner_1"]),
        helper.make_node("Add", [given, "inner_1"], ["inner_2"]),
        helper.make_node("Tanh", ["inner_2"], [inner]),
        helper.make_node("MatMul", [inner, "B"], ["logits"]),
        helper.make_node("Add", ["logits", "wish"], [answer]),
    ]
    return _model(nodes, constants, inputs, outputs)
