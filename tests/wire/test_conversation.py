"""The conversation in PROTOCOL.md, spoken by liblo's own program."""

import shlex
import shutil
import subprocess

import pytest

from bridge.osc.endpoint import HOST, PORTS, open_endpoint
from bridge.protocol.assembly import Assembly
from bridge.protocol.manual import DEVICES
from bridge.protocol.messages import AskStatus, ClipBegin, ClipEnd, ClipNotes, Groove, Hello
from bridge.protocol.wire import read

OSCSEND = shutil.which("oscsend")


@pytest.mark.skipif(OSCSEND is None, reason="liblo's oscsend is not installed")
def test_the_commands_of_the_manual_say_what_it_says():
    text = (DEVICES / "PROTOCOL.md").read_text(encoding="utf-8")
    commands = [line for line in text.splitlines() if line.startswith("oscsend ")]
    heard = []
    with open_endpoint(0) as endpoint:
        for command in commands:
            _, host, port, *words = shlex.split(command)
            assert (host, port) == (HOST, str(PORTS[0]))
            subprocess.run([OSCSEND, host, str(endpoint.port), *words], check=True, timeout=20)
            heard.append(read(endpoint.arrivals.get(timeout=20).content))
    kinds = [type(request) for request in heard]
    assert kinds == [Hello, AskStatus, ClipBegin, ClipNotes, ClipEnd, Groove]
    assembly = Assembly()
    clip = [assembly.accept(message) for message in heard[2:5]][-1]
    assert [note.pitch for note in clip.notes] == [36, 38, 36, 38]
    assert heard[-1].clip == heard[2].clip
