"""The built devices in a model of Live: max_devices/test says what is modelled and where it stands.

The tests are JavaScript, since the scripts of the devices are; they need Node 20 and no packages.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2] / "max_devices" / "test"
NODE = shutil.which("node")
OLDEST = 20
LIMIT_S = 600

WITH_MODELS = {"end_to_end.test.js", "restarts.test.js"}
"""Those that start the real bridge with the shipped models."""


def node_version():
    if NODE is None:
        return 0
    told = subprocess.run([NODE, "--version"], capture_output=True, text=True, check=True)
    return int(told.stdout.lstrip("v").split(".")[0])


def files_of_tests():
    return [
        pytest.param(path, id=path.stem, marks=[pytest.mark.models] * (path.name in WITH_MODELS))
        for path in sorted(HOME.glob("*.test.js"))
    ]


@pytest.mark.skipif(node_version() < OLDEST, reason=f"Node {OLDEST} or newer is not here")
@pytest.mark.timeout(LIMIT_S + 10)
@pytest.mark.parametrize("path", files_of_tests())
def test_in_the_model_of_live(path):
    environment = {**os.environ, "BRIDGE_PYTHON": sys.executable}
    run = subprocess.run(
        [NODE, "--test", "--test-reporter=spec", path],
        cwd=HOME,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT_S,
        check=False,
    )
    # What failed stands at the end, with what Live would have shown.
    _, _, failed = run.stdout.partition("failing tests:")
    assert run.returncode == 0, failed or run.stdout + run.stderr
    if re.search(r"pass 0$", run.stdout, re.MULTILINE):
        pytest.skip("the device of these tests is not built")
