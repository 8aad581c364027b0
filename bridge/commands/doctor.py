"""``clipbridge doctor``: what is installed, what works, and the cure of each fault."""

import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

import click
from rich.text import Text

from bridge.commands.examination import Finding, State, examine
from bridge.commands.options import setting_options
from bridge.commands.outcome import DONE, FAULT
from bridge.commands.screen import answers, json_option, say_json
from bridge.daemon.settings import read_settings
from bridge.errors import SettingError

MARKS: Final[Mapping[State, tuple[str, str]]] = {
    "good": ("✓ ", "bold green"),
    "note": ("! ", "bold yellow"),
    "fault": ("✗ ", "bold red"),
}

_WIDEST: Final = 18
"""Of the subjects' column."""


@click.command()
@json_option
@setting_options(
    "port", "provider", "models", "kit_file", "log_folder", "cache_folder", "state_folder"
)
def doctor(as_json: bool, **flags: str | None) -> int:
    """Say what is installed, what works, and the cure of each fault.

    The exit code is 1 if something keeps Clipbridge from working.
    """
    readable, mistyped = _environment()
    settings = read_settings(flags, readable)
    findings: list[Finding] = []
    console = answers()
    for finding in examine(settings, mistyped, readable):
        findings.append(finding)
        if not as_json:
            console.print(_line(finding), soft_wrap=True)
    faults = sum(finding.state == "fault" for finding in findings)
    if as_json:
        say_json({"healthy": not faults, "findings": [asdict(finding) for finding in findings]})
    elif faults:
        console.print("1 fault was found." if faults == 1 else f"{faults} faults were found.")
    else:
        console.print("Clipbridge works here. clipbridge selftest tries it out.")
    return FAULT if faults else DONE


def _environment() -> tuple[dict[str, str], tuple[SettingError, ...]]:
    """The variables that can be read, and what is wrong with those that cannot."""
    readable: dict[str, str] = {}
    mistyped: list[SettingError] = []
    for name, value in os.environ.items():
        try:
            read_settings({}, {name: value})
        except SettingError as error:
            mistyped.append(error)
        else:
            readable[name] = value
    return readable, tuple(mistyped)


def _line(finding: Finding) -> Text:
    line = Text.assemble(MARKS[finding.state], f"{finding.subject:<{_WIDEST}}  {finding.words}")
    if finding.cure:
        line.append(f"\n  {'':<{_WIDEST}}  Cure: {finding.cure}", "bold")
    return line
