"""Tiny real models, made in a moment: all that a groove model is but good.

Same tensors as the shipped one, a seeded matrix for a network, a manifest whose hash fits. The
variants are the ways in which a model can be a bad one.
"""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from bridge.codecs.drumgrid import CODEC_ID, METRE_FEATURES, PERFORMANCE_FEATURES, PIECES, STEPS
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import EXAMPLE, GRAPH, MANIFEST
from bridge.engine.manifest import Manifest, Tensor, read_manifest
from bridge.engine.providers import CPU
from bridge.engine.session import open_session
from bridge.tools.groove import ALONE, DRAWN, FELT, LISTENER, MODEL
from bridge.tools.groove import LAGS as CORRELATED_STEPS

OFFSET_BINS = 33
VELOCITY_BINS = 32
FEEL = 5
SEED = 20_160
OPSET = 20
IR_VERSION = 9
"""Old enough for every onnxruntime that may be installed."""

ENDLESS = 2**40
"""Turns of a loop that nobody waits for."""

INPUTS = (
    Tensor("score", ("batch", STEPS, PIECES)),
    Tensor("metre", ("batch", STEPS, METRE_FEATURES)),
    Tensor("tempo", ("batch", 1)),
    Tensor("feel", ("batch", FEEL)),
    Tensor("known", ("batch", 1)),
)
OUTPUTS = (
    Tensor("offset", ("batch", STEPS, PIECES, OFFSET_BINS)),
    Tensor("velocity", ("batch", STEPS, PIECES, VELOCITY_BINS)),
)
LISTENER_INPUTS = (
    Tensor("performance", ("batch", STEPS, PERFORMANCE_FEATURES)),
    Tensor("metre", ("batch", STEPS, METRE_FEATURES)),
    Tensor("tempo", ("batch", 1)),
)
LISTENER_OUTPUTS = (Tensor("mean", ("batch", FEEL)), Tensor("spread", ("batch", FEEL)))
FEEL_SUMS = {"feel_sums": 2}
NUMBERS = {
    "feel_size": FEEL,
    **FEEL_SUMS,
    "full_strength": 0.75,
    "spread": 0.9,
    **{
        f"{situation}{name}_{kind}_{lag}": share * decay**lag
        for situation in (ALONE, FELT)
        for name in DRAWN
        for kind, share, decay in (("shared", 0.3, 0.8), ("same", 1.0, 0.9))
        for lag in range(CORRELATED_STEPS)
    },
}


def write_tiny_model(folder: Path) -> Path:
    """A groove model that plays, and one that listens; returns the folder they were written to."""
    _write(folder, _listener_graph(), LISTENER, with_example=True)
    return _write(folder, _graph(), with_example=True)


def write_slow_model(folder: Path, turns: int = ENDLESS) -> Path:
    """One that goes round in a loop first, so often that it must be stopped if nothing is said."""
    return _write(folder, _graph(turns=turns))


def write_misshapen_model(folder: Path) -> Path:
    """One whose offsets have a bin less than its manifest says."""
    return _write(folder, _graph(offset_bins=OFFSET_BINS - 1))


def write_nan_model(folder: Path) -> Path:
    """One that computes no numbers: what a broken driver gives."""
    return _write(folder, _graph(factor=float("nan")))


def write_failing_model(folder: Path) -> Path:
    """One that loads, and fails whenever it is run."""
    return _write(folder, _graph(fails=True))


def write_damaged_model(folder: Path) -> Path:
    """One of whose bytes a disk has lost one."""
    models = write_tiny_model(folder)
    graph = models / "groove" / GRAPH
    spoiled = bytearray(graph.read_bytes())
    spoiled[len(spoiled) // 2] ^= 0x40
    graph.write_bytes(spoiled)
    return models


def write_unloadable_model(folder: Path) -> Path:
    """One whose hash fits, but whose bytes are no graph."""
    return _write(folder, b"This is no graph at all.")


def add_extra(place: Path, name: str, content: bytes) -> None:
    """A further file for a model that lies in ``place``, named in its manifest."""
    manifest = read_manifest(place / MANIFEST)
    extras = {name: hashlib.sha256(content).hexdigest()}
    (place / name).write_bytes(content)
    text = replace(manifest, extras=extras).as_json()
    (place / MANIFEST).write_text(text, encoding="utf-8")


def _write(folder: Path, graph: bytes, name: str = MODEL, *, with_example: bool = False) -> Path:
    plays = name == MODEL
    manifest = Manifest(
        name=name,
        tool="groove",
        codec=CODEC_ID,
        sha256=hashlib.sha256(graph).hexdigest(),
        parameters=18 * PIECES * (OFFSET_BINS + VELOCITY_BINS),
        inputs=INPUTS if plays else LISTENER_INPUTS,
        outputs=OUTPUTS if plays else LISTENER_OUTPUTS,
        numbers=NUMBERS if plays else FEEL_SUMS,
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
    if with_example:
        np.savez_compressed(place / EXAMPLE, **_example(graph, manifest))
    return folder


def _example(graph: bytes, manifest: Manifest):
    generator = np.random.default_rng(SEED)
    inputs = {
        tensor.name: generator.random(
            [1 if isinstance(size, str) else size for size in tensor.shape], np.float32
        )
        for tensor in manifest.inputs
    }
    outputs = open_session(graph, manifest, CPU).run(inputs, Cancel())
    return {f"in_{name}": value for name, value in inputs.items()} | {
        f"out_{name}": value for name, value in outputs.items()
    }


def _graph(
    *, turns: int = 0, offset_bins: int = OFFSET_BINS, factor: float = 1.0, fails: bool = False
) -> bytes:
    """logits = [score metre] · W + tempo · w + known · (feel · F)."""
    generator = np.random.default_rng(SEED)
    constants = {
        "factor": np.array(factor, np.float32),
        "turns": np.array(turns, np.int64),
        "go_on": np.array(True),
        "axis": np.array([2], np.int64),
        "before_steps": np.array([1], np.int64),
        "impossible": np.array([-1, 7], np.int64),
    }
    nodes = [
        helper.make_node("Unsqueeze", ["tempo", "axis"], ["tempo_3"]),
        helper.make_node("Concat", ["score", "metre"], ["played"], axis=2),
        helper.make_node("Mul", ["feel", "known"], ["felt"]),
        helper.make_node("Unsqueeze", ["felt", "before_steps"], ["felt_3"]),
    ]
    tempo = "tempo_3"
    if fails:  # 32 steps of nine pieces are no multiple of seven, but a batch of any size may be.
        nodes.append(helper.make_node("Reshape", ["score", "impossible"], ["reshaped"]))
        nodes.append(helper.make_node("ReduceMean", ["reshaped"], ["failed"], keepdims=0))
        nodes.append(helper.make_node("Add", [tempo, "failed"], ["tempo_or_fault"]))
        tempo = "tempo_or_fault"
    if turns:
        nodes.append(helper.make_node("Loop", ["turns", "go_on", tempo], ["late"], body=_turn()))
        tempo = "late"
    for name, bins in (("offset", offset_bins), ("velocity", VELOCITY_BINS)):
        width = PIECES * bins
        constants |= {
            f"{name}_score": _drawn(generator, PIECES + METRE_FEATURES, width),
            f"{name}_tempo": _drawn(generator, 1, width),
            f"{name}_feel": _drawn(generator, FEEL, width),
            f"{name}_shape": np.array([-1, STEPS, PIECES, bins], np.int64),
        }
        nodes += [
            helper.make_node("MatMul", ["played", f"{name}_score"], [f"{name}_1"]),
            helper.make_node("MatMul", [tempo, f"{name}_tempo"], [f"{name}_2"]),
            helper.make_node("MatMul", ["felt_3", f"{name}_feel"], [f"{name}_3"]),
            helper.make_node("Add", [f"{name}_1", f"{name}_2"], [f"{name}_4"]),
            helper.make_node("Add", [f"{name}_3", f"{name}_4"], [f"{name}_5"]),
            helper.make_node("Mul", [f"{name}_5", "factor"], [f"{name}_6"]),
            helper.make_node("Reshape", [f"{name}_6", f"{name}_shape"], [name]),
        ]
    return _model(nodes, constants, INPUTS, OUTPUTS)


def _listener_graph() -> bytes:
    """mean = the sum of the performance · M; spread = exp(0.1 · tempo · S)."""
    generator = np.random.default_rng(SEED)
    constants = {
        "steps": np.array([1], np.int64),
        "to_mean": 0.1 * _drawn(generator, PERFORMANCE_FEATURES, FEEL),
        "to_spread": 0.1 * _drawn(generator, 1, FEEL),
    }
    nodes = [
        helper.make_node("ReduceSum", ["performance", "steps"], ["all"], keepdims=0),
        helper.make_node("MatMul", ["all", "to_mean"], ["mean"]),
        helper.make_node("MatMul", ["tempo", "to_spread"], ["log_spread"]),
        helper.make_node("Exp", ["log_spread"], ["spread"]),
    ]
    return _model(nodes, constants, LISTENER_INPUTS, LISTENER_OUTPUTS)


def _model(nodes, constants, inputs, outputs) -> bytes:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info(tensor.name, TensorProto.FLOAT, tensor.shape)
            for tensor in inputs
        ],
        [
            helper.make_tensor_value_info(
                tensor.name, TensorProto.FLOAT, [None] * len(tensor.shape)
            )
            for tensor in outputs
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model)
    return model.SerializeToString()


def _turn() -> onnx.GraphProto:
    """A loop's body that gives what it gets; onnxruntime can stop between its nodes."""
    return helper.make_graph(
        [
            helper.make_node("Identity", ["going"], ["goes_on"]),
            helper.make_node("Neg", ["before"], ["turned"]),
            helper.make_node("Neg", ["turned"], ["after"]),
        ],
        "turn",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("before", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("goes_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("after", TensorProto.FLOAT, None),
        ],
    )


def _drawn(generator: np.random.Generator, rows: int, columns: int):
    return generator.normal(0.0, 1.0, (rows, columns)).astype(np.float32)
