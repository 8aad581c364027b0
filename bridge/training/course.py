"""The whole way from the data to a folder in ``exported_models``, for each model."""

import json
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import torch

from bridge.engine.catalog import Catalog
from bridge.engine.manifest import Manifest
from bridge.engine.providers import CPU
from bridge.training.coherence import measure_coherence
from bridge.training.corpus import cut_windows, read_groove
from bridge.training.evaluate import GrooveReport, evaluate_groove
from bridge.training.export import Story, export_groove, write_card
from bridge.training.fit import GrooveRecipe, Progress, fit_groove
from bridge.training.report import table

CACHE: Final = Path(".cache/groove.npz")
CHECKPOINTS: Final = Path(".checkpoints")


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told how a training goes."""

    epoch: Callable[[Progress], None]
    advance: Callable[[float], None]
    """Told the part that is done, 0–1."""


def train_groove(
    recipe: GrooveRecipe, data: Path, folder: Path, listener: Listener
) -> GrooveReport:
    """Train (or go on training), export, evaluate, and write manifest and card.

    Args:
        recipe: What to train; the checkpoint carries its name and seed.
        data: The folder that holds ``groove/``.
        folder: Where the model goes: ``exported_models/groove``.
        listener: Told how it goes.

    Raises:
        ExportError: if the graph does not do what the network does; nothing is written then.
    """
    torch.set_num_threads(1)  # More is slower for networks of this size.
    drummings = read_groove(data, CACHE)
    checkpoint = CHECKPOINTS / f"groove-{recipe.seed}.pt"
    diary = checkpoint.with_suffix(".json")
    spent = _seconds_spent(diary) if checkpoint.is_file() else 0.0
    began = time.monotonic()
    epochs = 0

    def told(progress: Progress) -> None:
        nonlocal epochs
        epochs = progress.epoch
        diary.write_text(json.dumps({"seconds": spent + time.monotonic() - began}))
        listener.epoch(progress)

    network = fit_groove(
        recipe,
        cut_windows(drummings, "train"),
        cut_windows(drummings, "validation"),
        checkpoint,
        report=told,
        advance=listener.advance,
    )
    story = Story(
        command="clipbridge train groove",
        minutes=_seconds_spent(diary) / 60.0,
        epochs=recipe.epochs,
        machine=_machine(),
        recipe=recipe,
    )
    manifest = export_groove(network, _no_coherence(), story, folder)
    return finish_groove(manifest, story, folder, data)


def finish_groove(manifest: Manifest, story: Story, folder: Path, data: Path) -> GrooveReport:
    """Measure an exported groove model and write what was found into manifest and card."""
    drummings = read_groove(data, CACHE)
    model = Catalog((folder.parent,), provider=CPU).load(folder.name)
    numbers = measure_coherence(model, cut_windows(drummings, "validation"))
    manifest = replace(manifest, numbers=numbers)
    write_card(folder, manifest, story, "")
    model = Catalog((folder.parent,), provider=CPU).load(folder.name)
    report = evaluate_groove(drummings, model, report=lambda _: None)
    write_card(folder, replace(manifest, metrics=_metrics(report)), story, table(report))
    return report


def _metrics(report: GrooveReport) -> Mapping[str, float]:
    alone, felt = report.rows[2:]
    return {
        "timing_mae_ms": round(alone.timing_mae_ms.value, 3),
        "timing_mse16": round(alone.timing_mse16.value, 5),
        "velocity_mse": round(alone.velocity_mse.value, 5),
        "timing_mae_ms_with_feel": round(felt.timing_mae_ms.value, 3),
        "hits_on_their_step": report.hits_on_their_step,
        "notes_kept": report.notes_kept,
    }


def _no_coherence() -> dict[str, float]:
    return {
        f"{name}_{share}": 0.0
        for name in ("offset", "velocity")
        for share in ("take", "piece", "step")
    }


def _seconds_spent(diary: Path) -> float:
    return float(json.loads(diary.read_text())["seconds"]) if diary.is_file() else 0.0


def _machine() -> str:
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    return f"one {platform.machine()} CPU core"
