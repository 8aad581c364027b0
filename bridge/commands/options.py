"""Options that several subcommands share, made from the settings they set."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

import click

import bridge
from bridge.daemon.settings import Settings, flag_of, help_of, read_settings
from bridge.engine.catalog import Catalog, shipped_models
from bridge.music.drumkit import GENERAL_MIDI, ROLAND, Kit, read_kit
from bridge.tools.registry import Stage
from bridge.tools.taste_file import taste_of

Command = TypeVar("Command", bound=Callable[..., object])

PROVIDER_CACHE: Final = "providers.json"


def setting_options(*names: str) -> Callable[[Command], Command]:
    """A decorator that gives a subcommand the flags of these settings."""

    def decorate(command: Command) -> Command:
        for name in reversed(names):
            command = click.option(flag_of(name), name, default=None, help=help_of(name))(command)
        return command

    return decorate


def settings_from(flags: Mapping[str, str | None]) -> Settings:
    """The settings of this process: its flags, its environment, the defaults."""
    return read_settings(flags, os.environ)


def catalog_of(settings: Settings) -> Catalog:
    """The models that these settings give."""
    folders = [shipped_models(), *([settings.models] if settings.models else [])]
    return Catalog(
        folders, provider=settings.provider, cache=settings.cache_folder / PROVIDER_CACHE
    )


def stage_of(settings: Settings) -> Stage:
    """Models, kits and taste for the tools."""
    kits: dict[str, Kit] = {"general-midi": GENERAL_MIDI, "roland": ROLAND}
    if settings.kit_file is not None:
        kits["user"] = read_kit(settings.kit_file)
    return Stage(catalog_of(settings), kits, taste_of(settings.taste_file))


def program() -> list[str]:
    """The command line that starts this very program again, packaged or not.

    It imports nothing from the folder in which the musician happens to stand.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable]
    home = str(Path(bridge.__file__).resolve().parents[1])
    start = f"import sys; sys.path.append({home!r}); import bridge.__main__ as b; b.main()"
    return [sys.executable, "-P", "-c", start]


def worker_command(settings: Settings) -> list[str]:
    """The command line of a worker with the same models, provider, kit and taste."""
    flags: dict[str, str | Path | None] = {
        "provider": settings.provider,
        "models": settings.models,
        "kit_file": settings.kit_file,
        "taste_file": settings.taste_file,
        "cache_folder": settings.cache_folder,
    }
    return [*program(), "worker", *_given(flags)]


def private_serve_command(settings: Settings, folder: Path) -> list[str]:
    """The command line of a bridge beside the usual one, that ends when its input does.

    Args:
        settings: Its models, provider, kit and taste.
        folder: Where it keeps its state and its log.
    """
    flags: dict[str, str | Path | None] = {
        "port": "0",
        "provider": settings.provider,
        "models": settings.models,
        "kit_file": settings.kit_file,
        "taste_file": settings.taste_file,
        "cache_folder": settings.cache_folder,
        "state_folder": folder,
        "log_folder": folder,
    }
    return [*program(), "serve", "--quiet", "--until-input-ends", *_given(flags)]


def _given(flags: Mapping[str, str | Path | None]) -> list[str]:
    return [
        part
        for name, value in flags.items()
        if value is not None
        for part in (flag_of(name), str(value))
    ]
