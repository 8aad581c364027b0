"""What a musician may choose about the bridge, from flags, the environment and defaults."""

import difflib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Final

import platformdirs

from bridge.engine import providers as engine_providers
from bridge.engine.providers import AUTO
from bridge.errors import SettingError
from bridge.osc.endpoint import PORTS

PROVIDERS: Final = (AUTO, *engine_providers.PROVIDERS)
LOG_LEVELS: Final = ("debug", "info", "warning", "error")
VARIABLE_PREFIX: Final = "CLIPBRIDGE_"

_OPEN_PORTS: Final = range(1024, 65_536)
_QUEUE_SIZES: Final = range(1, 1025)
_LONGEST_DEADLINE_S: Final = 3600.0


def _own_folder(place: Callable[..., Path]) -> Path:
    # Without an author Windows would give AppData\Local\clipbridge\clipbridge.
    return place("clipbridge", appauthor=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All choices, valid from birth.

    What each means stands in its ``help`` and what it may be in its ``needs``; :func:`help_of`
    gives both at run time, so that the command line and the manual say the same.
    """

    port: int | None = field(
        default=None,
        metadata={
            "help": f"The UDP port to listen on; without it {PORTS[0]}, or the next free one up"
            f" to {PORTS[-1]}. 0 takes any free port, which clients then must be told.",
            "needs": f"0 or a whole number from {_OPEN_PORTS[0]} to {_OPEN_PORTS[-1]}",
        },
    )
    provider: str = field(
        default="auto",
        metadata={
            "help": "Where models run; auto takes the fastest that works on this machine.",
            "needs": f"one of {', '.join(PROVIDERS)}",
        },
    )
    models: Path | None = field(
        default=None,
        metadata={
            "help": "A folder with further models, looked into before the built-in ones.",
            "needs": "a folder that exists",
        },
    )
    kit_file: Path | None = field(
        default=None,
        metadata={
            "help": "A file that says which key plays which piece of your drum kit.",
            "needs": "a file that exists",
        },
    )
    taste_file: Path | None = field(
        default=None,
        metadata={
            "help": "A Python file of your own that says what makes a melody good; it is run.",
            "needs": "a file that exists",
        },
    )
    deadline_s: float = field(
        default=60.0,
        metadata={
            "help": "How many seconds one request may take before it is given up.",
            "needs": f"a number of seconds from 1 to {_LONGEST_DEADLINE_S:g}",
        },
    )
    queue_size: int = field(
        default=32,
        metadata={
            "help": "How many requests may wait; one more is answered with busy.",
            "needs": f"a whole number from {_QUEUE_SIZES[0]} to {_QUEUE_SIZES[-1]}",
        },
    )
    log_level: str = field(
        default="info",
        metadata={
            "help": "The least weighty event that is written to the log.",
            "needs": f"one of {', '.join(LOG_LEVELS)}",
        },
    )
    log_folder: Path = field(
        default_factory=lambda: _own_folder(platformdirs.user_log_path),
        metadata={
            "help": "Where the log files are kept, five megabytes at most.",
            "needs": "the path of a folder",
        },
    )
    data_folder: Path = field(
        default_factory=lambda: _own_folder(platformdirs.user_data_path),
        metadata={
            "help": "Where takes, stars and your own drum kits are kept.",
            "needs": "the path of a folder",
        },
    )
    cache_folder: Path = field(
        default_factory=lambda: _own_folder(platformdirs.user_cache_path),
        metadata={
            "help": "Where measurements of this machine are kept; it may be emptied at any time.",
            "needs": "the path of a folder",
        },
    )
    state_folder: Path = field(
        default_factory=lambda: _own_folder(platformdirs.user_state_path),
        metadata={
            "help": "Where the running bridge notes its port, so that programs find it.",
            "needs": "the path of a folder",
        },
    )
    data: Path | None = field(
        default=None,
        metadata={
            "help": "The folder of the training data; only train and evaluate look there.",
            "needs": "the path of a folder",
        },
    )

    def __post_init__(self) -> None:
        _require(self.port in (None, 0) or self.port in _OPEN_PORTS, "port", self.port)
        _require(self.provider in PROVIDERS, "provider", self.provider)
        _require(self.models is None or self.models.is_dir(), "models", self.models)
        _require(self.kit_file is None or self.kit_file.is_file(), "kit_file", self.kit_file)
        _require(
            self.taste_file is None or self.taste_file.is_file(), "taste_file", self.taste_file
        )
        _require(1 <= self.deadline_s <= _LONGEST_DEADLINE_S, "deadline_s", self.deadline_s)
        _require(self.queue_size in _QUEUE_SIZES, "queue_size", self.queue_size)
        _require(self.log_level in LOG_LEVELS, "log_level", self.log_level)


def read_settings(flags: Mapping[str, str | None], environment: Mapping[str, str]) -> Settings:
    """The choices made: flags beat ``CLIPBRIDGE_…`` variables, which beat the defaults.

    Args:
        flags: Field names and their texts; None for a flag that was not given.
        environment: All variables; those of other programs and empty ones are passed over.

    Raises:
        SettingError: A setting that does not exist, or a value that cannot be; the text says
            which flag or variable it was and what it needs.
    """
    _refuse_unknown(flags, environment)
    settings = Settings()
    for name in _READERS:
        source, text = flag_of(name), flags.get(name)
        if text is None:
            source = variable_of(name)
            text = environment.get(source, "").strip() or None
        if text is None:
            continue
        try:
            settings = _READERS[name](settings, text.strip())
        except (ValueError, SettingError) as fault:
            raise SettingError(
                f"{source} must be {needs_of(name)}, not {text!r}.{_nearest_choice(name, text)}"
            ) from fault
    return settings


def help_of(name: str) -> str:
    """The sentence that says what a field of :class:`Settings` means."""
    return _metadata(name)["help"]


def needs_of(name: str) -> str:
    """What a field of :class:`Settings` may be, as the end of "It must be …"."""
    return _metadata(name)["needs"]


def flag_of(name: str) -> str:
    """The flag of the command line that sets a field: ``--log-level`` for ``log_level``."""
    return "--" + name.replace("_", "-")


def variable_of(name: str) -> str:
    """The environment variable that sets a field: ``CLIPBRIDGE_LOG_LEVEL`` for ``log_level``."""
    return VARIABLE_PREFIX + name.upper()


def _metadata(name: str) -> Mapping[str, str]:
    return next(one.metadata for one in fields(Settings) if one.name == name)


def _require(fits: bool, name: str, value: object) -> None:
    if not fits:
        raise SettingError(f"The setting {name} must be {needs_of(name)}, not {value}.")


def _refuse_unknown(flags: Iterable[str], environment: Iterable[str]) -> None:
    for name in flags:
        if name not in _READERS:
            raise _unknown_setting(flag_of(name), name, flag_of)
    ours = {variable_of(name) for name in _READERS}
    for variable in environment:
        if variable.startswith(VARIABLE_PREFIX) and variable not in ours:
            name = variable.removeprefix(VARIABLE_PREFIX).lower()
            raise _unknown_setting(variable, name, variable_of)


def _unknown_setting(given: str, name: str, spell: Callable[[str], str]) -> SettingError:
    # The bare names are compared: the prefix that all share would make everything look near.
    near = difflib.get_close_matches(name, _READERS, n=1)
    if near:
        return SettingError(f"There is no setting {given}; did you mean {spell(near[0])}?")
    return SettingError(
        f"There is no setting {given}; there are {', '.join(spell(one) for one in _READERS)}."
    )


def _nearest_choice(name: str, text: str) -> str:
    choices = {"provider": PROVIDERS, "log_level": LOG_LEVELS}.get(name, ())
    near = difflib.get_close_matches(text.strip().lower(), choices, n=1)
    return f" Did you mean {near[0]}?" if near else ""


def _path(text: str) -> Path:
    if not text:
        raise ValueError("an empty path")
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as fault:  # ~name of nobody
        raise ValueError("no such home") from fault


def _seconds(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("not a length of time")
    return value


_READERS: Final[Mapping[str, Callable[[Settings, str], Settings]]] = {
    "port": lambda settings, text: replace(settings, port=int(text)),
    "provider": lambda settings, text: replace(settings, provider=text.lower()),
    "models": lambda settings, text: replace(settings, models=_path(text)),
    "kit_file": lambda settings, text: replace(settings, kit_file=_path(text)),
    "taste_file": lambda settings, text: replace(settings, taste_file=_path(text)),
    "deadline_s": lambda settings, text: replace(settings, deadline_s=_seconds(text)),
    "queue_size": lambda settings, text: replace(settings, queue_size=int(text)),
    "log_level": lambda settings, text: replace(settings, log_level=text.lower()),
    "log_folder": lambda settings, text: replace(settings, log_folder=_path(text)),
    "data_folder": lambda settings, text: replace(settings, data_folder=_path(text)),
    "cache_folder": lambda settings, text: replace(settings, cache_folder=_path(text)),
    "state_folder": lambda settings, text: replace(settings, state_folder=_path(text)),
    "data": lambda settings, text: replace(settings, data=_path(text)),
}
"""How the text of each field is read; :class:`Settings` itself judges the value."""
