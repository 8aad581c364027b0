"""The self-test: everything that a take depends on, tried once with the files that are here."""

import functools
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from bridge.commands.beat import stiff_beat
from bridge.commands.options import catalog_of
from bridge.commands.private_bridge import private_bridge
from bridge.daemon.caller import Caller
from bridge.daemon.settings import Settings
from bridge.engine.cancel import Cancel
from bridge.engine.catalog import Catalog, Entry, read_example
from bridge.engine.providers import CPU
from bridge.errors import BridgeError, ModelFailedError, ModelMissingError
from bridge.music.clip import Clip, Take
from bridge.music.grid import nearest_step
from bridge.music.midifile import encode_midi, read_midi, write_midi
from bridge.protocol.messages import AskStatus, Groove, StatusReply

CPU_TOLERANCE: Final = 1e-3
GPU_TOLERANCE: Final = 5e-2
"""Of a model's outputs against those that were kept with it; GPUs multiply with shorter numbers."""

PATIENCE_S: Final = 60.0
TAKES: Final = 2
SEED: Final = 20_160


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried."""

    name: str
    passed: bool
    words: str
    """What was found, or what was wrong."""
    seconds: float


def run_checks(settings: Settings) -> Iterator[Check]:
    """Every check, as soon as it is done."""
    yield _tried("MIDI files come back as they were written", _try_midi_files)
    catalog = catalog_of(settings)
    entries = catalog.entries()
    if not entries:
        yield Check("models", passed=False, words="No model is installed.", seconds=0.0)
    for entry in entries:
        name = f"the model {entry.name} plays its example"
        yield _tried(name, functools.partial(_try_model, catalog, entry))
    yield from _bridge_checks(settings)


def _tried(name: str, work: Callable[[], str]) -> Check:
    """The check that ``work`` is; it says what it found, or raises."""
    began = time.perf_counter()
    try:
        words, passed = work(), True
    except (BridgeError, OSError) as error:
        words, passed = str(error), False
    return Check(name, passed, words, time.perf_counter() - began)


def _try_midi_files() -> str:
    beat = stiff_beat()
    with tempfile.TemporaryDirectory(prefix="clipbridge-") as folder:
        path = Path(folder) / "beat.mid"
        write_midi(beat, path)
        again = read_midi(path)
    _require(again == beat, "What was read is not what was written.")
    return f"{len(beat.notes)} notes, every field"


def _try_model(catalog: Catalog, entry: Entry) -> str:
    if entry.fault:
        raise ModelMissingError(entry.fault)
    model = catalog.load(entry.name)
    inputs, expected = read_example(catalog.folder(entry.name), model.manifest)
    found = model.run(inputs, Cancel())
    tolerance = CPU_TOLERANCE if model.provider == CPU else GPU_TOLERANCE
    apart = max(float(np.abs(found[name] - kept).max()) for name, kept in expected.items())
    if not apart <= tolerance:
        raise ModelFailedError(
            f"On {model.provider} its outputs are {apart:.2g} away from those it was shipped with;"
            f" {tolerance:g} is allowed. Try: clipbridge selftest --provider cpu"
        )
    return f"hash right, on {model.provider} within {apart:.1g} of what it was shipped with"


def _bridge_checks(settings: Settings) -> Iterator[Check]:
    """A real bridge in its own process, with a worker in another, over real UDP."""
    beat = stiff_beat()
    with ExitStack() as stack:
        callers: list[Caller] = []
        yield _tried("a bridge starts and answers", lambda: _start(settings, stack, callers))
        for caller in callers:
            conversation = _Conversation(caller, beat)
            yield _tried("a beat comes back over UDP, every hit on its step", conversation.play)
            yield _tried("the same request brings the same bytes", conversation.play_again)
            yield _tried("amount 0 brings the beat back as it was", conversation.play_nothing)


def _start(settings: Settings, stack: ExitStack, callers: list[Caller]) -> str:
    port = stack.enter_context(private_bridge(settings))
    caller = stack.enter_context(Caller(port, patience_s=PATIENCE_S))
    hello = caller.hello("selftest")
    callers.append(caller)
    return f"Clipbridge {hello.version} on port {port}, protocol {hello.protocol}"


class _Conversation:
    """What is asked of the bridge, one request after the other."""

    def __init__(self, caller: Caller, beat: Clip) -> None:
        self._caller = caller
        self._beat = beat
        self._request = Groove(id=2, clip=1, takes=TAKES, seed=SEED)
        self._first: tuple[Take, ...] = ()

    def play(self) -> str:
        self._caller.send_clip(self._request.clip, self._beat)
        self._first = self._caller.takes(self._request)
        _require(len(self._first) == TAKES, f"{len(self._first)} takes came, not {TAKES}.")
        for take in self._first:
            _require(take.clip != self._beat, "The beat came back untouched.")
            _require(_places(take.clip) == _places(self._beat), "Hits left their steps.")
        status = self._caller.ask(AskStatus(), StatusReply)
        return (
            f"{TAKES} takes of {len(self._beat.notes)} hits by {status.model} on {status.provider}"
        )

    def play_again(self) -> str:
        again = self._caller.takes(replace(self._request, id=3))
        _require(bool(self._first) and _bytes(again) == _bytes(self._first), "They are others.")
        return f"{sum(map(len, _bytes(again))):,} bytes of MIDI"

    def play_nothing(self) -> str:
        takes = self._caller.takes(replace(self._request, id=4, takes=1, amount=0.0))
        # A clip's name does not travel.
        same = [take.clip for take in takes] == [replace(self._beat, name="")]
        _require(same, "Something in it is changed.")
        return "every field of every note"


def _places(clip: Clip) -> list[tuple[int, int]]:
    return [(note.pitch, nearest_step(note.start)) for note in clip.notes]


def _bytes(takes: tuple[Take, ...]) -> list[bytes]:
    return [encode_midi(take.clip) for take in takes]


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise BridgeError(otherwise)
