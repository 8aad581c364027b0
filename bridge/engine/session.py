"""Graphs run by onnxruntime; the one module that imports it."""

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeGuard

import numpy as np
import numpy.typing as npt

# onnxruntime leaves an identity of this machine on the disk while it is imported, for its maker's
# telemetry; a call to turn that off comes too late. Nothing leaves this machine.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

from bridge.engine.cancel import Cancel
from bridge.engine.manifest import Manifest, Tensor
from bridge.engine.providers import CPU, PROVIDERS
from bridge.errors import ModelFailedError, ModelMissingError

Arrays: TypeAlias = Mapping[str, npt.NDArray[np.float32]]

_ONLY_FATAL = 4

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Session:
    """A loaded graph on one provider; may be run from several threads."""

    manifest: Manifest
    provider: str
    """Where it really runs, by our name."""
    _graph: onnxruntime.InferenceSession

    def run(self, inputs: Arrays, cancel: Cancel) -> dict[str, npt.NDArray[np.float32]]:
        """The graph's outputs by name, with their shapes checked.

        Raises:
            CancelledError: if ``cancel`` was cancelled before or while the graph ran.
            ModelFailedError: if the graph failed or gave something else than it promises.
        """
        sizes = _check(f"{self.manifest.name}'s input", self.manifest.inputs, inputs, {})
        names = [tensor.name for tensor in self.manifest.outputs]
        options = onnxruntime.RunOptions()

        def stop() -> None:
            options.terminate = True

        with cancel.stopping(stop):
            try:
                values = self._graph.run(names, dict(inputs), options)
            except Exception as error:
                # onnxruntime has no exception class of its own; a cancelled run fails like any.
                cancel.check()
                raise ModelFailedError(
                    f"The model {self.manifest.name} failed on {self.provider}: {error}"
                ) from error
        outputs: dict[str, npt.NDArray[np.float32]] = {}
        for name, value in zip(names, values, strict=True):
            if not _is_float_array(value):
                raise ModelFailedError(f"The model {self.manifest.name} gave no numbers: {name}.")
            if not np.isfinite(value).all():
                raise ModelFailedError(
                    f"The model {self.manifest.name} gave no numbers on {self.provider}."
                )
            outputs[name] = value
        _check(f"{self.manifest.name}'s output", self.manifest.outputs, outputs, sizes)
        return outputs


def built_providers() -> Sequence[str]:
    """The providers that this build of onnxruntime has, by its own names; they may not work."""
    return tuple(str(name) for name in onnxruntime.get_available_providers())


def runtime_version() -> str:
    """Of onnxruntime."""
    return str(onnxruntime.__version__)


def open_session(graph: bytes, manifest: Manifest, provider: str) -> Session:
    """A session on one provider.

    Args:
        graph: The bytes of ``model.onnx``; the caller has checked their hash.
        manifest: What the graph must look like.
        provider: By our name.

    Raises:
        ModelFailedError: where the provider does not work here (it never falls back in silence).
        ModelMissingError: where the graph is not what the manifest says.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _ONLY_FATAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    onnxruntime.disable_telemetry_events()
    try:
        session = onnxruntime.InferenceSession(
            graph, sess_options=options, providers=[PROVIDERS[provider]]
        )
    except Exception as error:
        raise ModelFailedError(
            f"The model {manifest.name} cannot be loaded on {provider}: {error}"
        ) from error
    if session.get_providers()[0] != PROVIDERS[provider]:
        raise ModelFailedError(f"{provider} does not work here.")
    _check_graph(session, manifest)
    _log.info("model loaded", extra={"model": manifest.name, "provider": provider})
    return Session(manifest, provider, session)


def open_first(graph: bytes, manifest: Manifest, providers: Sequence[str]) -> Session:
    """A session on the first provider that works; the CPU must be the last of them."""
    for provider in providers:
        try:
            return open_session(graph, manifest, provider)
        except ModelFailedError as error:
            if provider == CPU:
                raise
            _log.warning("provider left out", extra={"provider": provider, "reason": str(error)})
    raise ModelFailedError(f"No provider is left to run {manifest.name}.")


def _check_graph(session: onnxruntime.InferenceSession, manifest: Manifest) -> None:
    for promised, found in (
        (manifest.inputs, session.get_inputs()),
        (manifest.outputs, session.get_outputs()),
    ):
        if [tensor.name for tensor in promised] != [tensor.name for tensor in found]:
            raise ModelMissingError(
                f"The model {manifest.name} is not the one its manifest describes."
                " Install Clipbridge again."
            )


def _check(
    kind: str, tensors: Sequence[Tensor], arrays: Arrays, sizes: dict[str, int]
) -> dict[str, int]:
    """Shapes against the manifest; axes of one name must have one size."""
    for tensor in tensors:
        shape = arrays[tensor.name].shape
        if len(shape) != len(tensor.shape):
            raise ModelFailedError(f"{kind} {tensor.name} has the shape {shape}.")
        for size, promised in zip(shape, tensor.shape, strict=True):
            expected = sizes.setdefault(promised, size) if isinstance(promised, str) else promised
            if size != expected:
                raise ModelFailedError(
                    f"{kind} {tensor.name} has the shape {shape}, not {tensor.shape}."
                )
    return sizes


def _is_float_array(value: object) -> TypeGuard[npt.NDArray[np.float32]]:
    return isinstance(value, np.ndarray) and value.dtype == np.float32
