"""The rules that hold the rooms apart."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "bridge").rglob("*.py"))

RATCHET = {"noqa": 1, "type: ignore": 2, "pragma: no cover": 0}
"""Today's counts in bridge/. Fewer is an edit here too; more needs a very good reason."""


def test_data_flows_one_way():
    linted = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_the_program_runs_without_torch():
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in SOURCES
        if "training" not in path.parts and path.name != "__init__.py"
    ]
    program = (
        "import importlib, sys\n"
        "sys.modules['torch'] = None\n"
        f"for name in {modules!r}:\n    importlib.import_module(name)\n"
        "assert not [name for name in sys.modules if name.startswith('bridge.training')]\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_loading_the_engine_leaves_nothing_behind(tmp_path):
    """onnxruntime would leave an identity of this machine in the cache and among the temporary."""
    places = {"HOME": tmp_path, "TMPDIR": tmp_path, "XDG_CACHE_HOME": tmp_path / ".cache"}
    environment = {**os.environ, **{name: str(place) for name, place in places.items()}}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    program = "import bridge.engine.session"
    subprocess.run([sys.executable, "-B", "-c", program], cwd=ROOT, env=environment, check=True)
    assert list(tmp_path.rglob("*")) == []


def test_evaluating_needs_no_torch():
    measuring = ("evaluate", "continuations", "fingerprints", "melody_features", "taste_table")
    imports = "; ".join(f"import bridge.training.{module}" for module in measuring)
    program = f"import sys; sys.modules['torch'] = None; {imports}"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("library", "rooms"), [("onnxruntime", {"engine/session.py"}), ("torch", {"training/"})]
)
def test_a_heavy_library_is_imported_where_it_belongs(library, rooms):
    importers = {
        path.relative_to(ROOT / "bridge").as_posix()
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (
            isinstance(node, ast.Import)
            and any(n.name.split(".")[0] == library for n in node.names)
        )
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == library)
    }
    assert importers
    assert all(any(name.startswith(room) for room in rooms) for name in importers), importers


def test_a_module_is_named_after_its_subject():
    empty = {"utils", "util", "helpers", "helper", "manager", "base", "misc", "common"}
    assert not [path for path in SOURCES if path.stem in empty]


def test_package_inits_hold_a_docstring_and_no_imports():
    for path in SOURCES:
        if path.name == "__init__.py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            assert ast.get_docstring(tree), path
            imports = [
                node
                for node in tree.body
                if isinstance(node, ast.Import | ast.ImportFrom)
                and getattr(node, "module", "") != "typing"
            ]
            assert not imports, path


@pytest.mark.parametrize("mark", RATCHET)
def test_exceptions_to_the_rules_grow_fewer(mark):
    found = sum(
        len(re.findall(rf"#\s*{mark}", path.read_text(encoding="utf-8"))) for path in SOURCES
    )
    assert found == RATCHET[mark]
