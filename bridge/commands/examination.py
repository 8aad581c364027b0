"""What the doctor looks at, each finding with its cure."""

import importlib.metadata
import platform
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from bridge import VERSION
from bridge.commands.options import catalog_of
from bridge.daemon.caller import Caller
from bridge.daemon.instance import holder_of_udp_port, read_instance
from bridge.daemon.settings import VARIABLE_PREFIX, Settings
from bridge.engine.catalog import Catalog, Entry, read_example, read_graph, time_session
from bridge.engine.manifest import Manifest
from bridge.engine.providers import CPU, Prospect, prospects
from bridge.engine.session import built_providers, open_session, runtime_version
from bridge.errors import BridgeError, PortTakenError, SettingError
from bridge.music.drumkit import Piece, read_kit
from bridge.osc.endpoint import PORTS, open_endpoint
from bridge.tools.groove import MODEL

State: TypeAlias = Literal["good", "note", "fault"]

RUNTIMES: Final = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-qnn")
"""Packages that all install the same files, so that two of them spoil each other."""

REINSTALL: Final = "Install Clipbridge again, as its README says."
PATIENCE_S: Final = 2.0
"""A bridge on this machine answers in milliseconds."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    state: State
    """A note is worth knowing; a fault keeps Clipbridge from working."""
    words: str
    cure: str = ""
    """One line; empty where there is nothing to cure."""


def examine(
    settings: Settings, mistyped: Sequence[SettingError], environment: Mapping[str, str]
) -> Iterator[Finding]:
    """Every finding, as soon as it is made.

    Args:
        settings: Those of the flags and of the environment, as far as they could be read.
        mistyped: What is wrong with the environment's settings.
        environment: All variables.
    """
    yield from _versions()
    yield from _runtimes()
    yield from _settings(mistyped, environment)
    catalog = catalog_of(settings)
    entries = catalog.entries()
    yield from _models(entries)
    yield from _providers(catalog, entries)
    yield from _port(settings)
    yield from _kit(settings)
    yield _folder("log", settings.log_folder, "log_folder")
    yield _folder("state", settings.state_folder, "state_folder")
    yield _folder("cache", settings.cache_folder, "cache_folder")


def _versions() -> Iterator[Finding]:
    packaged = " (packaged)" if getattr(sys, "frozen", False) else ""
    yield Finding("Clipbridge", "good", f"{VERSION}{packaged}")
    yield Finding("Python", "good", f"{platform.python_version()}, {sys.executable}")
    yield Finding("system", "good", f"{platform.platform()}, {platform.machine()}")
    yield Finding("onnxruntime", "good", runtime_version())


def _runtimes() -> Iterator[Finding]:
    installed = sorted(name for name in RUNTIMES if _is_installed(name))
    if len(installed) > 1:
        yield Finding(
            "onnxruntime",
            "fault",
            f"{' and '.join(installed)} are both installed and spoil each other.",
            f"python -m pip uninstall -y {' '.join(installed)}  …then install Clipbridge again.",
        )


def _is_installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _settings(
    mistyped: Sequence[SettingError], environment: Mapping[str, str]
) -> Iterator[Finding]:
    given = sorted(
        f"{name}={value}"
        for name, value in environment.items()
        if name.startswith(VARIABLE_PREFIX) and value.strip()
    )
    for error in mistyped:
        yield Finding("settings", "fault", str(error), "Correct or unset that variable.")
    if given:
        yield Finding("settings", "good", f"in the environment: {', '.join(given)}")
    else:
        yield Finding("settings", "good", "none in the environment, so the defaults hold")


def _models(entries: tuple[Entry, ...]) -> Iterator[Finding]:
    if MODEL not in {entry.name for entry in entries}:
        yield Finding(
            f"model {MODEL}", "fault", "It is not installed; Groove cannot play.", REINSTALL
        )
    for entry in entries:
        if entry.manifest is None:
            yield Finding(f"model {entry.name}", "fault", entry.fault, REINSTALL)
        else:
            words = f"{entry.manifest.parameters:,} numbers, its hash is right"
            yield Finding(f"model {entry.name}", "good", words)


def _providers(catalog: Catalog, entries: tuple[Entry, ...]) -> Iterator[Finding]:
    """Each provider of this onnxruntime, timed where the groove model is there to time it with."""
    manifest = next((entry.manifest for entry in entries if entry.name == MODEL), None)
    for prospect in prospects(built_providers()):
        if prospect.obstacle is not None:
            yield _hindered(prospect.name, prospect.obstacle)
        elif manifest is not None:
            yield _timed(prospect, manifest, catalog.folder(MODEL))


def _hindered(provider: str, obstacle: str) -> Finding:
    words, _, cure = obstacle.partition(" Cure: ")
    return Finding(f"provider {provider}", "note", words, cure)


def _timed(prospect: Prospect, manifest: Manifest, folder: Path) -> Finding:
    subject = f"provider {prospect.name}"
    try:
        session = open_session(read_graph(folder, manifest), manifest, prospect.name)
        inputs, _ = read_example(folder, manifest)
        seconds = time_session(session, inputs)
    except BridgeError as error:
        if prospect.name == CPU:
            return Finding(subject, "fault", str(error), REINSTALL)
        return Finding(
            subject, "note", f"{error} The CPU plays instead.", "Update the graphics driver."
        )
    return Finding(subject, "good", f"works: {1000 * seconds:.1f} ms for two bars of groove")


def _port(settings: Settings) -> Iterator[Finding]:
    running = read_instance(settings.state_folder)
    if running is not None:
        yield _greeted(running.port, f"process {running.pid}")
        return
    wanted = PORTS if settings.port is None else (settings.port,)
    taken = [port for port in wanted if not _is_free(port)]
    for port in taken:
        holder = holder_of_udp_port(port) or "a program of another user"
        alone = len(taken) == len(wanted)
        yield Finding(
            f"port {port}",
            "fault" if alone else "note",
            f"It is held by {holder}." + ("" if alone else " The bridge takes another."),
            "Close that program, or choose another port with --port." if alone else "",
        )
    if not taken:
        yield Finding(
            f"port {wanted[0]}", "good", "free; no bridge runs now (clipbridge serve starts one)"
        )


def _greeted(port: int, process: str) -> Finding:
    """The bridge that runs, and whether it answers."""
    try:
        with Caller(port, patience_s=PATIENCE_S) as caller:
            hello = caller.hello("doctor")
    except BridgeError as error:
        return Finding(
            f"port {port}",
            "fault",
            f"A bridge runs there ({process}) but does not answer: {error}",
            f"End {process} and start it again: clipbridge serve",
        )
    if hello.version != VERSION:
        return Finding(
            f"port {port}",
            "note",
            f"Clipbridge {hello.version} runs there ({process}); this is {VERSION}.",
            "Stop it and start it again: clipbridge serve",
        )
    return Finding(f"port {port}", "good", f"Clipbridge runs there ({process}) and answers")


def _is_free(port: int) -> bool:
    try:
        open_endpoint(port).close()
    except PortTakenError:
        return False
    return True


def _kit(settings: Settings) -> Iterator[Finding]:
    if settings.kit_file is None:
        return
    try:
        kit = read_kit(settings.kit_file)
    except SettingError as error:
        yield Finding("kit", "fault", str(error), "Correct the file, or leave --kit-file out.")
        return
    struck = {kit.piece_of(pitch) for pitch in range(128)}
    count = sum(piece in struck for piece in Piece)
    yield Finding("kit", "good", f"{settings.kit_file}: {count} of 9 pieces")


def _folder(subject: str, folder: Path, setting: str) -> Finding:
    """Whether a folder can be written; the bridge goes on without, so it is no fault."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return Finding(f"{subject} folder", "good", str(folder))
    except OSError as error:
        flag = setting.replace("_", "-")
        return Finding(
            f"{subject} folder",
            "note",
            f"{folder} cannot be written: {error.strerror}.",
            f"Give yourself the right to it, or choose another with --{flag}.",
        )
