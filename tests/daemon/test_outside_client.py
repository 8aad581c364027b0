"""A client that is none of ours: liblo's oscsend and oscdump go from hello to a take."""

import contextlib
import queue
import shlex
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from bridge.osc.endpoint import HOST, open_endpoint
from bridge.osc.message import OscMessage
from bridge.protocol.assembly import Assembly
from bridge.protocol.manual import DEVICES
from bridge.protocol.wire import read_reply
from tests.daemon.running import LIMIT_S, Staff, running_service, settings_in
from tests.tiny_models import write_tiny_model

OSCSEND, OSCDUMP, OSCSENDFILE = (
    shutil.which(name) for name in ("oscsend", "oscdump", "oscsendfile")
)
BEAT = Path(__file__).parent / "beat.osc"
NAMED_PORT = "17300"
"""On which the examples say that they listen; the tests take a free one."""

pytestmark = pytest.mark.skipif(
    not (OSCSEND and OSCDUMP and OSCSENDFILE),
    reason="liblo's oscsend, oscdump and oscsendfile are not installed (Debian: liblo-tools)",
)


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    settings = settings_in(folder, write_tiny_model(folder / "models"))
    with running_service(Staff(settings), settings) as (_, port):
        yield port


class Dump:
    """A running oscdump, and what it prints."""

    def __init__(self):
        with open_endpoint(0) as free:
            self.port = str(free.port)
        self._process = subprocess.Popen(
            [OSCDUMP, "-L", self.port], stdout=subprocess.PIPE, text=True
        )
        self._lines = queue.Queue()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self):
        with self._process.stdout as lines:
            for line in lines:
                self._lines.put(line)

    def close(self):
        self._process.terminate()
        self._process.wait(LIMIT_S)
        self._thread.join(LIMIT_S)

    def next_line(self, timeout_s):
        return self._lines.get(timeout=timeout_s)

    def until(self, address):
        """The printed messages up to and with the first of an address."""
        heard = []
        while not (heard and heard[-1].address == address):
            heard.append(printed(self.next_line(LIMIT_S)))
        return heard


def printed(line):
    """The message that oscdump prints as: time address types arguments."""
    _, address, *rest = shlex.split(line)
    tags, *words = rest or [""]
    readers = {"i": int, "f": float, "s": str}
    return OscMessage(
        address, tuple(readers[tag](word) for tag, word in zip(tags, words, strict=True))
    )


@pytest.fixture
def dump():
    """An oscdump that listens by now: a word from us has come out of it."""
    with contextlib.closing(Dump()) as made, open_endpoint(0) as mouth:
        heard = None
        while heard is None:
            mouth.send([OscMessage("/are/you/there")], (HOST, int(made.port)))
            with contextlib.suppress(queue.Empty):
                heard = made.next_line(0.05)
        mouth.send([OscMessage("/here/it/begins")], (HOST, int(made.port)))
        made.until("/here/it/begins")
        yield made


def take_in(heard):
    assembly = Assembly()
    takes = [
        assembly.accept(read_reply(message))
        for message in heard
        if message.address.startswith("/bridge/take/")
    ]
    return takes[-1]


def kinds(heard):
    return [message.address for message in heard if message.address != "/bridge/progress"]


CONVERSATION = [
    "/bridge/hello.reply",
    "/bridge/status.reply",
    "/bridge/clip/ready",
    "/bridge/accepted",
    "/bridge/take/begin",
    "/bridge/take/notes",
    "/bridge/take/end",
    "/bridge/done",
]


def require_a_take(heard):
    assert kinds(heard) == CONVERSATION
    take = take_in(heard)
    assert [note.pitch for note in take.notes] == [36, 38, 36, 38]
    assert [round(note.start / 5_040) for note in take.notes] == [0, 4, 8, 12]
    assert any(note.start % 5_040 for note in take.notes)


def test_the_conversation_of_the_manual_brings_a_take(port, dump):
    """Each oscsend is a program of its own and sends from a port of its own."""
    manual = (DEVICES / "PROTOCOL.md").read_text(encoding="utf-8")
    for line in manual.splitlines():
        if line.startswith("oscsend "):
            words = [dump.port if word == NAMED_PORT else word for word in shlex.split(line)]
            subprocess.run([OSCSEND, HOST, str(port), *words[3:]], check=True, timeout=LIMIT_S)
    require_a_take(dump.until("/bridge/done"))


def test_a_file_of_messages_brings_a_take(port, dump, tmp_path):
    script = tmp_path / BEAT.name
    script.write_text(BEAT.read_text(encoding="utf-8").replace(NAMED_PORT, dump.port))
    subprocess.run([OSCSENDFILE, HOST, str(port), str(script)], check=True, timeout=LIMIT_S)
    require_a_take(dump.until("/bridge/done"))


def test_a_mistyped_line_is_answered_in_words(port, dump):
    lines = (
        f"/bridge/hello isi {dump.port} oscsend 1",
        "/bridge/grove ii 9 1",
        "/bridge/groove is 9 one",
        "/bridge/groove ii 9 77",
    )
    for line in lines:
        subprocess.run([OSCSEND, HOST, str(port), *line.split()], check=True, timeout=LIMIT_S)
    dump.until("/bridge/hello.reply")
    fails = [dump.until("/bridge/fail")[-1].arguments for _ in range(3)]
    assert [(number, code) for number, code, _ in fails] == [
        (9, "unknown-address"),
        (9, "bad-request"),
        (9, "unknown-clip"),
    ]
    assert "/bridge/groove" in fails[0][2]
