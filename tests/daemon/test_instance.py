"""The single instance: held while a bridge lives, free as soon as it is dead, readable by all."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge import VERSION
from bridge.daemon.instance import (
    LOCK_NAME,
    NOTE_NAME,
    Instance,
    claim_instance,
    holder_of_udp_port,
    read_instance,
)
from bridge.errors import PortTakenError

STARTED = datetime(2026, 11, 21, 10, 31, tzinfo=UTC)

OTHER_BRIDGE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from bridge.daemon.instance import claim_instance
claim = claim_instance(Path(sys.argv[1]))
claim.publish(17178, datetime.now(UTC))
sys.stdout.write("ready\\n")
sys.stdout.flush()
sys.stdin.read()
claim.release()
"""


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "Zu stand [鼓] !"


@pytest.fixture
def other_bridge(folder):
    """Another process that is the bridge of the folder until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_BRIDGE, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline().strip() == b"ready"
        yield process
        process.kill()


def test_a_running_bridge_can_be_found(folder):
    with claim_instance(folder) as claim:
        published = claim.publish(17_177, STARTED)
        assert published == Instance(os.getpid(), 17_177, VERSION, STARTED)
        assert read_instance(folder) == published
        assert read_instance(folder) == published  # Looking leaves the lock as it is.


def test_a_bridge_that_has_ended_cannot_be_found(folder):
    claim = claim_instance(folder)
    claim.publish(17_177, STARTED)
    claim.release()
    claim.release()
    assert read_instance(folder) is None
    assert not (folder / NOTE_NAME).exists()


def test_where_no_bridge_ever_ran_none_is_found_and_nothing_is_written(folder):
    assert read_instance(folder) is None
    assert not folder.exists()


def test_a_bridge_without_a_port_yet_is_not_found(folder):
    with claim_instance(folder):
        assert read_instance(folder) is None


def test_a_second_bridge_is_told_who_runs_where_and_what_to_do(folder):
    now = datetime.now().astimezone()
    with claim_instance(folder) as claim:
        claim.publish(17_177, now)
        with pytest.raises(PortTakenError) as refusal:
            claim_instance(folder)
        assert read_instance(folder) is not None
    text = str(refusal.value)
    assert text.startswith(
        f"Clipbridge is already running (process {os.getpid()}, port 17177, since {now:%H:%M}"
    )
    assert "Ctrl+C" in text


def test_the_start_of_a_bridge_that_runs_for_days_has_its_date(folder):
    with claim_instance(folder) as claim:
        claim.publish(17_177, datetime.now(UTC) - timedelta(days=3))
        with pytest.raises(PortTakenError, match=r"since \d\d:\d\d on \d{4}-\d\d-\d\d\)"):
            claim_instance(folder)


def test_a_second_bridge_is_refused_while_the_first_is_still_starting(folder):
    with claim_instance(folder), pytest.raises(PortTakenError, match="just starting or stopping"):
        claim_instance(folder)


def test_after_the_end_the_next_one_may_start(folder):
    claim_instance(folder).release()
    with claim_instance(folder) as claim:
        claim.publish(17_180, STARTED)
        assert read_instance(folder).port == 17_180


def test_a_private_bridge_runs_beside_the_usual_one(folder):
    with claim_instance(folder) as usual, claim_instance(folder / "demo") as private:
        usual.publish(17_177, STARTED)
        private.publish(40_000, STARTED)
        assert read_instance(folder).port == 17_177
        assert read_instance(folder / "demo").port == 40_000


def test_another_process_holds_the_folder_while_it_lives(folder, other_bridge):
    assert read_instance(folder).pid == other_bridge.pid
    with pytest.raises(PortTakenError, match=re.escape(f"process {other_bridge.pid}, port 17178")):
        claim_instance(folder)
    other_bridge.stdin.close()
    other_bridge.wait(10)
    assert read_instance(folder) is None


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_a_killed_bridge_leaves_nothing_that_misleads(folder, other_bridge):
    os.kill(other_bridge.pid, signal.SIGKILL)
    other_bridge.wait(10)
    assert (folder / NOTE_NAME).exists()
    assert read_instance(folder) is None
    with claim_instance(folder):
        assert not (folder / NOTE_NAME).exists()


@pytest.mark.parametrize(
    "note",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        '{"pid": 1}',
        '{"pid": "1", "port": 17177, "version": "0", "started": "2026-11-21T10:31:00+00:00"}',
        '{"pid": 1, "port": 17177, "version": "0", "started": "yesterday"}',
    ],
)
def test_a_damaged_note_is_no_note(folder, note):
    with claim_instance(folder):
        (folder / NOTE_NAME).write_text(note, encoding="utf-8")
        assert read_instance(folder) is None
        with pytest.raises(PortTakenError):
            claim_instance(folder)


def test_a_note_that_is_not_text_is_no_note(folder):
    with claim_instance(folder):
        (folder / NOTE_NAME).write_bytes(b"\xff\x00")
        assert read_instance(folder) is None


def test_a_note_without_a_lock_is_no_bridge(folder):
    folder.mkdir()
    note = {"pid": 1, "port": 17_177, "version": "0", "started": STARTED.isoformat()}
    (folder / NOTE_NAME).write_text(json.dumps(note), encoding="utf-8")
    assert read_instance(folder) is None


@settings(deadline=None, max_examples=40)
@given(
    port=st.integers(1, 65_535),
    started=st.datetimes(timezones=st.just(UTC)),
)
def test_what_is_published_is_what_is_read(tmp_path_factory, port, started):
    with claim_instance(tmp_path_factory.mktemp("state")) as claim:
        published = claim.publish(port, started)
        assert read_instance(claim._folder) == published


def test_a_folder_that_cannot_be_made_costs_a_warning_and_not_the_bridge(tmp_path, caplog):
    (tmp_path / "file").touch()
    with claim_instance(tmp_path / "file" / "state") as claim:
        assert claim.publish(17_177, STARTED).port == 17_177
    assert "Whether another bridge runs cannot be known." in caplog.text
    assert read_instance(tmp_path / "file" / "state") is None


def test_a_note_that_cannot_be_written_costs_a_warning_and_not_the_bridge(folder, caplog):
    with claim_instance(folder) as claim:
        (folder / NOTE_NAME).mkdir()
        assert claim.publish(17_177, STARTED).port == 17_177
        assert read_instance(folder) is None
    assert "The port could not be noted" in caplog.text
    assert sorted(path.name for path in folder.iterdir()) == [NOTE_NAME, LOCK_NAME]


def test_a_place_that_cannot_lock_costs_a_warning_and_still_tells_the_port(folder, caplog):
    folder.mkdir()
    # What cannot be opened for writing cannot be locked either.
    (folder / LOCK_NAME).mkdir()
    with claim_instance(folder) as claim:
        claim.publish(17_177, STARTED)
        assert read_instance(folder).port == 17_177
    assert "Whether another bridge runs cannot be known." in caplog.text
    assert read_instance(folder) is None


def test_the_holder_of_a_port_is_named():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        assert holder_of_udp_port(port).endswith(f" (process {os.getpid()})")
    assert holder_of_udp_port(port) is None
