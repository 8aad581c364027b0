"""The only way into ``exported_models``: a network becomes a graph, a manifest and a card."""

import hashlib
import subprocess
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from bridge.codecs.drumgrid import (
    CODEC_ID,
    METRE_FEATURES,
    PERFORMANCE_FEATURES,
    PIECES,
    STEPS,
    metre_features,
)
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import CARD, EXAMPLE, GRAPH, MANIFEST
from bridge.engine.manifest import Manifest, read_manifest
from bridge.engine.manifest import Tensor as TensorShape
from bridge.engine.providers import CPU
from bridge.engine.session import open_session
from bridge.errors import BridgeError, ExportError
from bridge.tools.groove import FEEL_SIZE, FEEL_SUMS, LISTENER, MODEL
from bridge.training.groove_habits import SUMS, Habits, Hearer, Player
from bridge.training.groove_lesson import BAR_OF_COMMON_TIME, GrooveRecipe
from bridge.training.networks import OFFSET_BINS, PLACES, VELOCITY_BINS, GrooveNetwork

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

MOST_BYTES: Final = 16 * 2**20
OPSET: Final = 20
PARITY: Final = 2e-4
"""How far a logit of the graph may be from the network's."""
BATCHES: Final = (1, 2, 5)
EXAMPLE_SEED: Final = 20_160
BAR_STEPS: Final = 16
_SILENT_SHARE: Final = 0.8
_FEEL_SIZE: Final = 0.2
"""A drummer's habits are small against a step."""

GROOVE_DATA: Final = (
    "Groove MIDI Dataset (https://magenta.tensorflow.org/datasets/groove) by Jon Gillick, Adam"
    " Roberts, Jesse Engel, Douglas Eck and David Bamman, CC BY 4.0; Learning to Groove with"
    " Inverse Sequence Transformations, ICML 2019."
)


@dataclass(frozen=True, slots=True)
class Story:
    """What a card tells beside the numbers."""

    command: str
    """What trained it."""
    minutes: float
    epochs: int
    machine: str
    recipe: "DataclassInstance"
    """Everything that was chosen, for the table of settings."""
    windows: str = "two-bar windows, one bar apart"
    """What the data was cut into."""
    metres: str = "only 4/4"
    split: str = "Official split"


@dataclass(frozen=True, slots=True)
class Export:
    """A network on its way out."""

    network: nn.Module
    tool: str
    codec: str
    inputs: tuple[TensorShape, ...]
    outputs: tuple[TensorShape, ...]
    numbers: Mapping[str, float]
    data: tuple[str, ...]
    seed: int
    beside: nn.Module | None = None
    """A part of the network that the graph does not contain."""
    extras: Mapping[str, bytes] = field(default_factory=dict)
    """Further files of the model, by name."""

    def parameters(self) -> int:
        """How many numbers the graph holds that were learnt."""
        parts = [self.network, *([] if self.beside is None else [self.beside])]
        counts = [sum(number.numel() for number in part.parameters()) for part in parts]
        return counts[0] - sum(counts[1:])


def export(export: Export, folder: Path) -> Manifest:
    """A folder with graph, manifest (without metrics yet) and example, or nothing.

    Args:
        export: What to write; its network is trained.
        folder: The model's own, in ``exported_models``; what is there is replaced.

    Raises:
        ExportError: if the graph does not compute what the network does, at any batch size, or is
            too large; then the folder is as it was.
    """
    network = export.network.eval().cpu()
    graph = _graph(network, export.inputs, export.outputs)
    if len(graph) > MOST_BYTES:
        raise ExportError(f"The graph has {len(graph) / 2**20:.1f} MiB, more than 16.")
    manifest = Manifest(
        name=folder.name,
        tool=export.tool,
        codec=export.codec,
        sha256=hashlib.sha256(graph).hexdigest(),
        parameters=export.parameters(),
        inputs=export.inputs,
        outputs=export.outputs,
        numbers=export.numbers,
        metrics={},
        data=export.data,
        licence="Apache-2.0",
        seed=export.seed,
        commit=require_checkout(),
        extras=_hashes(export.extras),
    )
    example = _require_parity(network, graph, manifest)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / GRAPH).write_bytes(graph)
    np.savez_compressed(folder / EXAMPLE, allow_pickle=False, **example)
    for name, content in export.extras.items():
        (folder / name).write_bytes(content)
    (folder / MANIFEST).write_text(manifest.as_json(), encoding="utf-8")
    return manifest


def add_extras(folder: Path, extras: Mapping[str, bytes]) -> Manifest:
    """Put further files into the folder of a model that was exported, and name them there.

    Args:
        folder: The model's own.
        extras: The files by name; those of the same names are replaced, others stay.

    Raises:
        ModelMissingError: if there is no model in the folder.
        ExportError: if a file is too large.
    """
    manifest = read_manifest(folder / MANIFEST)
    manifest = replace(manifest, extras={**manifest.extras, **_hashes(extras)})
    for name, content in extras.items():
        (folder / name).write_bytes(content)
    (folder / MANIFEST).write_text(manifest.as_json(), encoding="utf-8")
    return manifest


def groove_exports(
    network: GrooveNetwork, habits: Habits, recipe: GrooveRecipe
) -> dict[str, Export]:
    """The two graphs of a groove network by their names: the player and the listener."""
    feel = PLACES * network.shape.feel + SUMS
    metre = TensorShape("metre", ("batch", STEPS, METRE_FEATURES))
    tempo = TensorShape("tempo", ("batch", 1))
    player = Export(
        network=Player(network, habits),
        tool="groove",
        codec=CODEC_ID,
        inputs=(
            TensorShape("score", ("batch", STEPS, PIECES)),
            metre,
            tempo,
            TensorShape("feel", ("batch", feel)),
            TensorShape("known", ("batch", 1)),
        ),
        outputs=(
            TensorShape("offset", ("batch", STEPS, PIECES, OFFSET_BINS)),
            TensorShape("velocity", ("batch", STEPS, PIECES, VELOCITY_BINS)),
        ),
        numbers={FEEL_SIZE: feel, FEEL_SUMS: SUMS},
        data=(GROOVE_DATA,),
        seed=recipe.schedule.seed,
        beside=network.listener,
    )
    listener = replace(
        player,
        network=Hearer(network),
        beside=None,
        inputs=(
            TensorShape("performance", ("batch", STEPS, PERFORMANCE_FEATURES)),
            metre,
            tempo,
        ),
        outputs=(TensorShape("mean", ("batch", feel)), TensorShape("spread", ("batch", feel))),
        numbers={FEEL_SUMS: SUMS},
    )
    return {MODEL: player, LISTENER: listener}


def write_card(folder: Path, manifest: Manifest, story: Story, text: str) -> None:
    """The manifest with what was measured, and the card that a reader of the repository sees.

    Args:
        folder: Where the model lies.
        manifest: With metrics.
        story: Where it comes from.
        text: What it is, what it measures and where its limits are, in Markdown.
    """
    recipe = "\n".join(f"| {name} | {value} |" for name, value in asdict(story.recipe).items())
    data = "\n".join(f"* {line}" for line in manifest.data)
    inputs, outputs = (
        ", ".join(f"`{part.name}` {list(part.shape)}".replace("'", "") for part in parts)
        for parts in (manifest.inputs, manifest.outputs)
    )
    (folder / MANIFEST).write_text(manifest.as_json(), encoding="utf-8")
    (folder / CARD).write_text(
        f"""# {manifest.name}

{text}

## What it learned from
{data}

{story.split}; {story.metres}; {story.windows}.
Nothing of the test split was seen in training or in choosing settings; the epoch was chosen on the
validation split.

## How it was trained
`{story.command}` at commit {manifest.commit[:12]}: {story.epochs} epochs, {story.minutes:.0f}
minutes on {story.machine}.

| setting | value |
|---|---|
{recipe}

## What it is made of
{manifest.parameters:,} parameters, codec `{manifest.codec}`, weights under {manifest.licence}.

In: {inputs}.

Out: {outputs}.
""",
        encoding="utf-8",
    )


def _hashes(extras: Mapping[str, bytes]) -> dict[str, str]:
    for name, content in extras.items():
        if len(content) > MOST_BYTES:
            raise ExportError(f"{name} has {len(content) / 2**20:.1f} MiB, more than 16.")
    return {name: hashlib.sha256(content).hexdigest() for name, content in extras.items()}


def _graph(
    network: nn.Module, inputs: tuple[TensorShape, ...], outputs: tuple[TensorShape, ...]
) -> bytes:
    example = tuple(_random_input(tensor, 2, 0) for tensor in inputs)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The exporter warns of its own age.
        file = Path(folder) / GRAPH
        torch.onnx.export(
            network,
            example,
            file,
            input_names=[tensor.name for tensor in inputs],
            output_names=[tensor.name for tensor in outputs],
            dynamic_axes={
                tensor.name: {
                    axis: size for axis, size in enumerate(tensor.shape) if isinstance(size, str)
                }
                for tensor in (*inputs, *outputs)
            },
            opset_version=OPSET,
            dynamo=False,
        )
        return file.read_bytes()


def _require_parity(
    network: nn.Module, graph: bytes, manifest: Manifest
) -> dict[str, npt.NDArray[np.float32]]:
    """The first example's inputs and outputs, where graph and network agree on every batch."""
    try:
        session = open_session(graph, manifest, CPU)
    except BridgeError as error:
        raise ExportError(f"onnxruntime does not take the graph: {error}") from error
    example: dict[str, npt.NDArray[np.float32]] = {}
    for batch in BATCHES:
        inputs = [_random_input(tensor, batch, EXAMPLE_SEED + batch) for tensor in manifest.inputs]
        with torch.no_grad():
            expected = network(*inputs)
        if isinstance(expected, Tensor):
            expected = (expected,)
        named = {
            tensor.name: value.numpy()
            for tensor, value in zip(manifest.inputs, inputs, strict=True)
        }
        found = session.run(named, Cancel())
        for tensor, value in zip(manifest.outputs, expected, strict=True):
            apart = float(np.abs(found[tensor.name] - value.numpy()).max())
            if not apart <= PARITY:
                raise ExportError(
                    f"The graph's {tensor.name} is {apart:.2g} away from the network's"
                    f" at batch {batch}; {PARITY:g} is allowed."
                )
        if not example:
            example = {f"in_{name}": value for name, value in named.items()}
            example |= {f"out_{name}": value for name, value in found.items()}
    return example


def _random_input(tensor: TensorShape, batch: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    if tensor.name == "metre":  # Of which the graphs ask what each step is, one thing of four.
        starts = STEPS * np.arange(batch) + seed % BAR_STEPS
        return torch.from_numpy(metre_features(starts, BAR_OF_COMMON_TIME))
    shape = [_size(size, batch) for size in tensor.shape]
    values = torch.rand(shape, generator=generator)
    if tensor.name == "feel":
        return _FEEL_SIZE * values
    return (values > _SILENT_SHARE).float() if tensor.name in {"score", "known"} else values


def _size(axis: int | str, batch: int) -> int:
    """Of an axis in an example; axes of another name than the batch are longer."""
    if isinstance(axis, int):
        return axis
    return batch if axis == "batch" else batch + len(axis)


def require_checkout() -> str:
    """The commit of the code that trains, which every manifest names.

    Raises:
        ExportError: where there is no git checkout.
    """
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise ExportError("A model is exported from a git checkout, to name its commit.") from error
    return found.stdout.strip()
