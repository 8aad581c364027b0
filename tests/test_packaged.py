"""The folder that PyInstaller makes, run where no Python can be found."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bridge.daemon.caller import Caller
from bridge.music.clip import Clip, Note
from bridge.music.grid import nearest_step
from bridge.music.units import TICKS_PER_BEAT, TICKS_PER_SIXTEENTH
from bridge.protocol.messages import Groove

ROOT = Path(__file__).resolve().parents[1]

pytestmark = [
    pytest.mark.packaged,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        importlib.util.find_spec("PyInstaller") is None,
        reason="PyInstaller is missing: pip install '.[build]'",
    ),
]


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packaged program")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "PyInstaller",
            str(ROOT / "build.spec"),
            "--distpath",
            str(folder / "dist"),
            "--workpath",
            str(folder / "build"),
            "--log-level",
            "ERROR",
        ],
        cwd=ROOT,
        check=True,
        env={**os.environ, "CLIPBRIDGE_WITHOUT_CUDA": "1"},
    )
    yield folder / "dist" / "clipbridge" / "clipbridge"
    shutil.rmtree(folder / "dist")


@pytest.fixture
def bare(tmp_path):
    """An environment without Python, and with folders of its own."""
    return {
        "PATH": str(tmp_path),
        "HOME": str(tmp_path),
        "CLIPBRIDGE_STATE_FOLDER": str(tmp_path / "state"),
        "CLIPBRIDGE_LOG_FOLDER": str(tmp_path / "log"),
        "CLIPBRIDGE_CACHE_FOLDER": str(tmp_path / "cache"),
    }


def test_nothing_of_the_training_is_in_the_folder(program):
    names = [path.as_posix().lower() for path in program.parent.rglob("*")]
    assert not [name for name in names if "torch" in name or "bridge/training" in name]


def test_it_passes_its_own_selftest(program, bare):
    tested = subprocess.run(
        [program, "selftest", "--json"], env=bare, capture_output=True, text=True, check=False
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert json.loads(tested.stdout)


def test_it_answers_a_groove_over_udp(program, bare):
    port = threading.get_native_id() % 20_000 + 20_000
    served = subprocess.Popen([program, "serve", "--quiet", "--port", str(port)], env=bare)
    beat = Clip(
        tuple(Note(42, step * TICKS_PER_SIXTEENTH, 1000) for step in range(32)), 8 * TICKS_PER_BEAT
    )
    try:
        with Caller(port, patience_s=60) as caller:
            caller.hello("packaged")
            caller.send_clip(1, beat)
            takes = caller.takes(Groove(id=2, clip=1, takes=2, seed=7))
        assert [take.seed for take in takes] == [7, 8]
        for take in takes:
            assert [nearest_step(note.start) for note in take.clip.notes] == list(range(32))
            assert take.clip != beat
    finally:
        served.terminate()
        assert served.wait(20) == 0
