"""A musician's own taste: a Python file that changes the rules by which takes are chosen.

The file defines ``def taste(default: Taste) -> Taste``. It is run once, in the worker, where a
fault of it costs no more than a job; every fault is a sentence that names the file and the line.
"""

import math
import runpy
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from traceback import walk_tb
from typing import Final

from bridge.errors import BridgeError, SettingError
from bridge.tools.taste import DEFAULT_TASTE, Melody, Rule, Taste

FUNCTION: Final = "taste"

_OURS: Final = {rule.judge for rule in DEFAULT_TASTE.rules}


def read_taste(path: Path) -> Taste:
    """The taste of a file.

    Its rules are guarded: one that fails, or gives no number, when a take is judged raises
    SettingError too.

    Raises:
        SettingError: the file cannot be read or run, or gives no taste.
    """
    try:
        path.read_bytes()
    except OSError as fault:
        reason = fault.strerror or "it cannot be read"
        raise SettingError(f"The taste file {path} cannot be opened: {reason}.") from fault
    made = _run(path)
    if FUNCTION not in made or not callable(made[FUNCTION]):
        raise SettingError(
            f"The taste file {path} has no function “{FUNCTION}”. It needs one:"
            " def taste(default): return default"
        )
    chosen = _called(path, made[FUNCTION])
    if not isinstance(chosen, Taste):
        raise SettingError(
            f"The function “{FUNCTION}” of the taste file {path} must return a Taste, not"
            f" {_article(chosen)}. Does it end in “return”?"
        )
    try:
        rules = tuple(_guarded(path, rule) for rule in chosen.rules)
    except (AttributeError, TypeError) as fault:
        raise SettingError(f"The taste of the file {path} must be made of Rules.") from fault
    return replace(chosen, rules=rules)


def taste_of(path: Path | None) -> Taste:
    """The taste of a file, or the usual one without a file.

    A file with a fault gives a taste that says the fault whenever it is asked, so that tools which
    need no taste go on.
    """
    if path is None:
        return DEFAULT_TASTE
    try:
        return read_taste(path)
    except SettingError as fault:
        return Taste((Rule("taste file", str(fault), 1.0, partial(_refuse, str(fault))),))


def _refuse(sentence: str, _melody: Melody) -> float:
    raise SettingError(sentence)


def _run(path: Path) -> Mapping[str, object]:
    try:
        return runpy.run_path(str(path), run_name="clipbridge_taste")
    except SyntaxError as fault:
        line = f" line {fault.lineno}:" if fault.lineno else ""
        raise SettingError(f"The taste file {path} is not Python,{line} {fault.msg}.") from fault
    except (Exception, SystemExit) as fault:
        raise _told(path, fault) from fault


def _called(path: Path, function: Callable[..., object]) -> object:
    try:
        return function(DEFAULT_TASTE)
    except (Exception, SystemExit) as fault:
        raise _told(path, fault) from fault


def _guarded(path: Path, rule: Rule) -> Rule:
    """The rule, its judge such that nothing but a number or a sentence comes of it."""
    if rule.judge in _OURS:
        return rule
    return replace(rule, judge=partial(_judge, path, rule.name, rule.judge))


def _judge(path: Path, name: str, judge: Callable[[Melody], float], melody: Melody) -> float:
    try:
        kept = float(judge(melody))
    except (Exception, SystemExit) as fault:
        raise _told(path, fault, f" in the rule “{name}”") from fault
    if math.isnan(kept):
        raise SettingError(
            f"The rule “{name}” of the taste file {path} gives no number for some melodies."
        )
    return kept


def _told(path: Path, fault: BaseException, where: str = "") -> SettingError:
    """What went wrong, and in which line of the file."""
    lines = [
        line
        for frame, line in walk_tb(fault.__traceback__)
        if frame.f_code.co_filename == str(path)
    ]
    at = f" at line {lines[-1]}" if lines else ""
    kind = "" if isinstance(fault, BridgeError) else f"{type(fault).__name__}: "
    reason = f"{kind}{fault}".rstrip(". :")
    return SettingError(f"The taste file {path} fails{where}{at}: {reason}.")


def _article(value: object) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"
