"""The command line as a test runs it: with folders of its own, in this process or in another."""

import os
import subprocess
import threading
import time

import pytest

from bridge.commands.options import program
from bridge.engine.catalog import MANIFEST, shipped_models

SILENT_ENGINE = "ORT_DISABLE_TELEMETRY"
SHIPPED = shipped_models() / "groove" / MANIFEST
needs_shipped_model = pytest.mark.skipif(
    not SHIPPED.is_file(), reason=f"the shipped model is not there: {SHIPPED}"
)

LIMIT_S = 60


def private_environment(folder, models=None):
    """Variables that keep all of Clipbridge's files in one folder, and no others of its own."""
    temporary = folder / "temporary"
    temporary.mkdir(parents=True, exist_ok=True)
    home = folder / "home"
    home.mkdir(exist_ok=True)
    variables = {"TMPDIR": str(temporary), "TEMP": str(temporary), "TMP": str(temporary)}
    variables |= {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    for name in ("STATE", "LOG", "CACHE", "DATA"):
        variables[f"CLIPBRIDGE_{name}_FOLDER"] = str(folder / name.lower())
    if models is not None:
        variables["CLIPBRIDGE_MODELS"] = str(models)
    return variables


def use_environment(monkeypatch, variables):
    """Give these variables to this process, and take away Clipbridge's others."""
    for name in [name for name in os.environ if name.startswith("CLIPBRIDGE_")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("tempfile.tempdir", variables["TMPDIR"])
    monkeypatch.setenv(SILENT_ENGINE, "1")


def whole_environment(variables):
    """The environment of a child process."""
    others = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CLIPBRIDGE_") and name != SILENT_ENGINE
    }
    return {**others, "PYTHONIOENCODING": "utf-8", **variables}


def call(*arguments, variables, folder):
    """A finished child process, with its output as text."""
    return subprocess.run(
        [*program(), *arguments],
        env=whole_environment(variables),
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT_S,
        check=False,
    )


def await_truth(truth):
    """The first true value that a function gives, looked for every 20 ms within a limit."""
    never = threading.Event()
    until = time.monotonic() + LIMIT_S
    while not (value := truth()):
        assert time.monotonic() < until, "it never came true"
        never.wait(0.02)
    return value
