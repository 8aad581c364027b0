"""What a model says of itself: the file ``manifest.json`` beside every ``model.onnx``."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bridge.errors import ModelMissingError

FORMAT: Final = 1
"""The version of the manifest's own layout."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_FILE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\.[a-z]{2,5}")
"""An extra file's name: it lies in the model's own folder."""
_OWN_FILES: Final = {"model.onnx", "manifest.json", "example.npz"}


@dataclass(frozen=True, slots=True)
class Tensor:
    """One input or output of a graph."""

    name: str
    shape: tuple[int | str, ...]
    """A size, or the name of an axis that may have any size."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything the program needs to know of a model, and what a musician may ask about it."""

    name: str
    """The folder's name: small letters, digits and hyphens."""
    tool: str
    codec: str
    sha256: str
    """Of ``model.onnx``."""
    parameters: int
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    numbers: Mapping[str, float]
    """What was measured in training and is needed in playing, such as shares of noise."""
    metrics: Mapping[str, float]
    """On the test split; the card says how they are defined."""
    data: tuple[str, ...]
    """Attributions of what it learned from."""
    licence: str
    seed: int
    commit: str
    """Of the code that exported it."""
    extras: Mapping[str, str] = field(default_factory=dict)
    """Further files that the model's tool reads, by name, with the SHA-256 of each."""

    def as_json(self) -> str:
        """The text of ``manifest.json``."""
        fields: dict[str, object] = {
            "format": FORMAT,
            "name": self.name,
            "tool": self.tool,
            "codec": self.codec,
            "sha256": self.sha256,
            "parameters": self.parameters,
            "inputs": [{"name": part.name, "shape": list(part.shape)} for part in self.inputs],
            "outputs": [{"name": part.name, "shape": list(part.shape)} for part in self.outputs],
            "numbers": dict(self.numbers),
            "metrics": dict(self.metrics),
            "data": list(self.data),
            "licence": self.licence,
            "seed": self.seed,
            "commit": self.commit,
        }
        if self.extras:
            fields["extras"] = dict(self.extras)
        return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"


def read_manifest(path: Path) -> Manifest:
    """The manifest in a file.

    Raises:
        ModelMissingError: where there is none, or it is not one.
    """
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelMissingError(f"There is no model at {path.parent}. {_CURE}") from error
    except (OSError, ValueError) as error:
        raise ModelMissingError(f"{path} cannot be read ({error}). {_CURE}") from error
    try:
        return _from_fields(fields)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelMissingError(f"{path} is no manifest of a model: {error}. {_CURE}") from error


def require_codec(manifest: Manifest, codec: str, numbers: Iterable[str] = ()) -> None:
    """Refuse a model whose tensors mean something else than this program's, or that lacks numbers.

    Raises:
        ModelMissingError: if it speaks another codec, or one of the numbers is not in it.
    """
    if manifest.codec != codec or any(name not in manifest.numbers for name in numbers):
        raise ModelMissingError(
            f"The model {manifest.name} was made for another version of Clipbridge. Install"
            " Clipbridge again, or take the folder of further models away."
        )


_CURE: Final = "Install Clipbridge again to bring its models back."


def _from_fields(fields: Mapping[str, object]) -> Manifest:
    if fields["format"] != FORMAT:
        raise ValueError(f"its layout is {fields['format']}, this program reads {FORMAT}")
    name, sha256 = _text(fields, "name"), _text(fields, "sha256")
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for a model")
    if not _HASH.fullmatch(sha256):
        raise ValueError("its sha256 is not one")
    return Manifest(
        name=name,
        tool=_text(fields, "tool"),
        codec=_text(fields, "codec"),
        sha256=sha256,
        parameters=_whole(fields, "parameters"),
        inputs=_tensors(fields["inputs"]),
        outputs=_tensors(fields["outputs"]),
        numbers=_numbers(fields["numbers"]),
        metrics=_numbers(fields["metrics"]),
        data=tuple(str(part) for part in _list(fields["data"])),
        licence=_text(fields, "licence"),
        seed=_whole(fields, "seed"),
        commit=_text(fields, "commit"),
        extras=_extras(fields.get("extras", {})),
    )


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} must be text")
    return value


def _whole(fields: Mapping[str, object], name: str) -> int:
    value = fields[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be a whole number")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("a list was needed")
    return value


def _numbers(value: object) -> dict[str, float]:
    if not isinstance(value, dict):
        raise TypeError("named numbers were needed")
    return {str(name): float(number) for name, number in value.items()}


def _extras(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise TypeError("its extras must be files with their hashes")
    for name, sha256 in value.items():
        if not _FILE.fullmatch(name) or name in _OWN_FILES:
            raise ValueError(f"{name!r} is no name for a further file")
        if not isinstance(sha256, str) or not _HASH.fullmatch(sha256):
            raise ValueError(f"the sha256 of {name} is not one")
    return dict(value)


def _tensors(value: object) -> tuple[Tensor, ...]:
    tensors = []
    for part in _list(value):
        if not isinstance(part, dict):
            raise TypeError("a tensor is a name and a shape")
        shape = tuple(size if isinstance(size, int) else str(size) for size in part["shape"])
        tensors.append(Tensor(str(part["name"]), shape))
    return tuple(tensors)
