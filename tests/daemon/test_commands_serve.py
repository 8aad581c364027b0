"""``clipbridge serve`` as a process: it ends when it is told to, and says why it cannot begin."""

import json
import os
import signal
import socket
import subprocess
import sys

import pytest

from bridge import VERSION
from bridge.commands.options import program
from bridge.commands.private_bridge import private_bridge
from bridge.daemon.caller import Caller
from bridge.daemon.instance import read_instance
from bridge.daemon.settings import read_settings
from bridge.errors import BridgeError, PortTakenError
from bridge.osc.endpoint import open_endpoint
from tests.command_line import (
    LIMIT_S,
    await_truth,
    call,
    private_environment,
    use_environment,
    whole_environment,
)
from tests.tiny_models import write_tiny_model


@pytest.fixture
def variables(tmp_path, monkeypatch):
    """An environment of its own, with a tiny model, for this process and for children."""
    variables = private_environment(tmp_path, write_tiny_model(tmp_path / "models"))
    use_environment(monkeypatch, variables)
    return variables


@pytest.fixture
def serve(variables, tmp_path):
    """Starts a bridge and gives its process and its port once it listens."""
    started = []

    def start(*arguments):
        process = subprocess.Popen(
            [*program(), "serve", "--port", "0", *arguments],
            env=whole_environment(variables),
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        started.append(process)
        instance = await_truth(lambda: read_instance(tmp_path / "state"))
        assert instance.pid == process.pid
        return process, instance.port

    yield start
    for process in started:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()


def is_free(port):
    try:
        open_endpoint(port).close()
    except PortTakenError:
        return False
    return True


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_it_cleanly_and_frees_the_port(serve, tmp_path, number):
    process, port = serve()
    with Caller(port, patience_s=LIMIT_S) as caller:
        assert caller.hello("test").version == VERSION
        process.send_signal(number)
        output, errors = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0
    assert f"listens on port {port}" in " ".join(errors.split())
    assert "Traceback" not in errors
    assert not output
    assert is_free(port)
    assert read_instance(tmp_path / "state") is None


def test_a_second_one_is_refused_in_words(serve, variables, tmp_path):
    process, port = serve("--quiet")
    second = call("serve", variables=variables, folder=tmp_path)
    assert second.returncode == 1
    assert f"already running (process {process.pid}, port {port}" in second.stderr
    with Caller(port, patience_s=LIMIT_S) as caller:
        caller.hello("test")


def test_a_port_that_is_held_is_refused_with_who_holds_it(variables, tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        refused = call("serve", "--port", f"{port}", variables=variables, folder=tmp_path)
    assert refused.returncode == 1
    assert f"(process {os.getpid()})" in refused.stderr
    assert "--port" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("line", "variable", "advice"),
    [
        (["serve", "--prot", "17177"], {}, "--port"),
        (["serve", "--port", "red"], {}, "--port must be"),
        (["serve", "--provider", "cud"], {}, "Did you mean cuda?"),
        (["serve"], {"CLIPBRIDGE_QUEUE_SZE": "3"}, "did you mean CLIPBRIDGE_QUEUE_SIZE?"),
    ],
)
def test_a_mistyped_setting_is_answered_with_what_was_meant(
    variables, tmp_path, line, variable, advice
):
    refused = call(*line, variables={**variables, **variable}, folder=tmp_path)
    assert refused.returncode == 2
    assert advice in refused.stderr
    assert not (tmp_path / "state").exists()


def test_one_that_another_program_started_ends_with_its_input(serve):
    process, port = serve("--until-input-ends", "--quiet")
    process.stdin.close()
    assert process.wait(LIMIT_S) == 0
    assert is_free(port)


def test_files_of_the_folder_it_is_started_in_are_not_run(variables, tmp_path):
    (tmp_path / "numpy.py").write_text("raise SystemExit(99)")
    (tmp_path / "bridge").mkdir()
    (tmp_path / "bridge" / "__init__.py").write_text("raise SystemExit(98)")
    listed = call("models", "--json", variables=variables, folder=tmp_path)
    assert listed.returncode == 0
    assert "groove" in {model["name"] for model in json.loads(listed.stdout)}


def test_a_private_bridge_lives_as_long_as_it_is_wanted(variables, tmp_path):
    settings = read_settings({}, variables)
    with private_bridge(settings) as port, Caller(port, patience_s=LIMIT_S) as caller:
        caller.hello("test")
        # The musician's own bridge is not in the way, and not told of.
        assert read_instance(tmp_path / "state") is None
    assert is_free(port)
    assert not list((tmp_path / "temporary").iterdir())


def test_a_private_bridge_that_cannot_start_says_why(variables, tmp_path):
    kit = tmp_path / "kit.json"
    kit.write_text("{}")
    settings = read_settings({"kit_file": str(kit)}, variables)
    kit.unlink()
    with pytest.raises(BridgeError, match="--kit-file must be a file"), private_bridge(settings):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_a_private_bridge_does_not_outlive_a_killed_program(variables, tmp_path):
    code = (
        "import os, sys\n"
        "from bridge.commands.options import settings_from\n"
        "from bridge.commands.private_bridge import private_bridge\n"
        "with private_bridge(settings_from({})) as port:\n"
        "    sys.stdout.write(f'{port}\\n'); sys.stdout.flush(); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env=whole_environment(variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        port = int(process.stdout.readline())
        assert not is_free(port)
        process.kill()
    await_truth(lambda: is_free(port))
