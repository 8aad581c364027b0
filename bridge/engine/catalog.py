"""The models that are installed: found by name, loaded on first use, checked before that."""

import hashlib
import json
import logging
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from bridge.engine.cancel import Cancel
from bridge.engine.manifest import Manifest, read_manifest
from bridge.engine.providers import AUTO, CPU, candidates, prospects
from bridge.engine.session import (
    Session,
    built_providers,
    open_first,
    open_session,
    runtime_version,
)
from bridge.errors import ModelFailedError, ModelMissingError

State: TypeAlias = Literal["missing", "damaged", "found", "loaded"]

GRAPH: Final = "model.onnx"
MANIFEST: Final = "manifest.json"
EXAMPLE: Final = "example.npz"
CARD: Final = "CARD.md"

_NO_EXTRAS: Final[Mapping[str, bytes]] = MappingProxyType({})

TIMED_RUNS: Final = 3

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """A model and how it stands."""

    name: str
    state: State
    manifest: Manifest | None
    """None where it is missing or its manifest cannot be read."""
    fault: str = ""
    """A sentence where something is wrong."""


class Model:
    """A loaded model that plays on another provider, with a warning, where its own fails."""

    def __init__(
        self,
        session: Session,
        reopen_on_cpu: Callable[[], Session],
        extras: Mapping[str, bytes] = _NO_EXTRAS,
    ) -> None:
        self._session = session
        self._reopen_on_cpu = reopen_on_cpu
        self._extras = extras

    @property
    def manifest(self) -> Manifest:
        """What the model says of itself."""
        return self._session.manifest

    @property
    def provider(self) -> str:
        """Where it runs now."""
        return self._session.provider

    def extra(self, name: str) -> bytes:
        """What a further file of the model holds, as its manifest names it.

        Raises:
            ModelMissingError: if the model has no such file.
        """
        if name not in self._extras:
            raise ModelMissingError(
                f"The model {self.manifest.name} has no {name}. Install Clipbridge again to bring"
                " it back."
            )
        return self._extras[name]

    def run(
        self, inputs: Mapping[str, npt.NDArray[np.float32]], cancel: Cancel
    ) -> dict[str, npt.NDArray[np.float32]]:
        """The graph's outputs; a GPU that fails is left for good, and the CPU runs the job again.

        Raises:
            CancelledError: if ``cancel`` was cancelled.
            ModelFailedError: if the CPU fails too.
        """
        try:
            return self._session.run(inputs, cancel)
        except ModelFailedError as error:
            if self._session.provider == CPU:
                raise
            _log.warning(
                "left for the CPU",
                extra={"provider": self._session.provider, "reason": str(error)},
            )
            self._session = self._reopen_on_cpu()
            return self._session.run(inputs, cancel)


class Catalog:
    """The models in some folders, those that come later standing in for earlier ones."""

    def __init__(
        self, folders: Sequence[Path], *, provider: str = AUTO, cache: Path | None = None
    ) -> None:
        """Look into no folder yet.

        Args:
            folders: Each holds one folder a model.
            provider: ``auto`` or the name of one.
            cache: A file that remembers which provider was fastest for which model.
        """
        self._folders = tuple(folders)
        self._provider = provider
        self._cache = cache
        self._models: dict[str, Model] = {}
        self._lock = Lock()

    def entries(self) -> tuple[Entry, ...]:
        """Every model that is installed, by name."""
        names = {
            path.parent.name: path.parent
            for folder in self._folders
            for path in sorted(folder.glob(f"*/{MANIFEST}"))
        }
        return tuple(self._entry(name, folder) for name, folder in sorted(names.items()))

    def load(self, name: str) -> Model:
        """The model of this name, loaded now if it was not.

        Raises:
            ModelMissingError: if it is not there, or not what its manifest says.
            ModelFailedError: if not even the CPU can load it.
        """
        with self._lock:
            if name not in self._models:
                self._models[name] = self._open(self._folder(name))
            return self._models[name]

    def loaded(self) -> tuple[Model, ...]:
        """The models in memory."""
        with self._lock:
            return tuple(self._models.values())

    def folder(self, name: str) -> Path:
        """Where a model lies.

        Raises:
            ModelMissingError: if it is not there.
        """
        return self._folder(name)

    def _folder(self, name: str) -> Path:
        for folder in reversed(self._folders):
            if (folder / name / MANIFEST).is_file():
                return folder / name
        places = ", ".join(str(folder) for folder in self._folders)
        raise ModelMissingError(
            f"The model {name} is not installed (looked in {places})."
            " Install Clipbridge again to bring its models back."
        )

    def _entry(self, name: str, folder: Path) -> Entry:
        try:
            manifest = read_manifest(folder / MANIFEST)
            if name not in self._models:
                read_graph(folder, manifest)
                read_extras(folder, manifest)
        except ModelMissingError as error:
            return Entry(name, "damaged", None, str(error))
        return Entry(name, "loaded" if name in self._models else "found", manifest)

    def _open(self, folder: Path) -> Model:
        manifest = read_manifest(folder / MANIFEST)
        graph, extras = read_graph(folder, manifest), read_extras(folder, manifest)
        order = candidates(self._provider, prospects(built_providers()))
        if len(order) > 1 and self._provider == AUTO:
            order = (self._fastest(graph, manifest, folder, order), CPU)
        session = open_first(graph, manifest, order)
        return Model(session, lambda: open_session(graph, manifest, CPU), extras)

    def _fastest(self, graph: bytes, manifest: Manifest, folder: Path, order: Sequence[str]) -> str:
        """The provider that runs the model's example fastest, remembered for the next start."""
        key = f"{manifest.sha256} {runtime_version()} {' '.join(order)}"
        remembered = _read_cache(self._cache)
        if remembered.get(key) in order:
            return remembered[key]
        inputs, _ = read_example(folder, manifest)
        seconds: dict[str, float] = {}
        for provider in order:
            try:
                session = open_session(graph, manifest, provider)
                seconds[provider] = time_session(session, inputs)
            except ModelFailedError:
                continue  # A provider that does not work is no candidate.
        fastest = min(seconds, key=seconds.__getitem__, default=CPU)
        _write_cache(self._cache, {**remembered, key: fastest})
        return fastest


def read_graph(folder: Path, manifest: Manifest) -> bytes:
    """The graph's bytes; no file reaches onnxruntime unless it is the one the manifest names.

    Raises:
        ModelMissingError: if it is not there, or another file.
    """
    return _read_named(folder / GRAPH, manifest.sha256)


def read_extras(folder: Path, manifest: Manifest) -> dict[str, bytes]:
    """The bytes of a model's further files, by name.

    Raises:
        ModelMissingError: if one is not there, or another file.
    """
    return {name: _read_named(folder / name, sha256) for name, sha256 in manifest.extras.items()}


def _read_named(path: Path, sha256: str) -> bytes:
    try:
        found = path.read_bytes()
    except OSError as error:
        raise ModelMissingError(
            f"{path} cannot be read ({error}). Install Clipbridge again."
        ) from error
    if hashlib.sha256(found).hexdigest() != sha256:
        raise ModelMissingError(
            f"{path} is damaged: it is not the file that its manifest names."
            " Install Clipbridge again."
        )
    return found


def read_example(
    folder: Path, manifest: Manifest
) -> tuple[dict[str, npt.NDArray[np.float32]], dict[str, npt.NDArray[np.float32]]]:
    """The inputs and outputs that the exporter kept beside the model.

    Raises:
        ModelMissingError: if they are not there or incomplete.
    """
    try:
        with np.load(folder / EXAMPLE, allow_pickle=False) as arrays:
            inputs = {tensor.name: arrays[f"in_{tensor.name}"] for tensor in manifest.inputs}
            outputs = {tensor.name: arrays[f"out_{tensor.name}"] for tensor in manifest.outputs}
    except (OSError, ValueError, KeyError) as error:
        raise ModelMissingError(
            f"{folder / EXAMPLE} cannot be read ({error}). Install Clipbridge again."
        ) from error
    return inputs, outputs


def time_session(
    session: Session, inputs: Mapping[str, npt.NDArray[np.float32]], runs: int = TIMED_RUNS
) -> float:
    """The median time of a run in seconds, after one that is not counted."""
    cancel = Cancel()
    session.run(inputs, cancel)
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        session.run(inputs, cancel)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def shipped_models() -> Path:
    """The folder of the models that came with the program, installed or in a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "exported_models"
    return installed if installed.is_dir() else package.parent / "exported_models"


def _read_cache(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(kept, dict):
        return {}
    return {str(key): str(value) for key, value in kept.items()}


def _write_cache(path: Path | None, kept: Mapping[str, str]) -> None:
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(dict(kept), indent=2), encoding="utf-8")
    except OSError:
        return  # It is measured again at the next start.
