"""``clipbridge selftest``: does it work here? Models, MIDI files, and a real bridge over UDP."""

from dataclasses import asdict

import click
from rich.text import Text

from bridge.commands.checks import Check, run_checks
from bridge.commands.options import setting_options, settings_from
from bridge.commands.outcome import DONE, FAULT
from bridge.commands.screen import answers, json_option, say_json


@click.command()
@json_option
@setting_options("provider", "models", "cache_folder")
def selftest(as_json: bool, **flags: str | None) -> int:
    """Try everything once, in a few seconds.

    Nothing of yours is read or written, and a bridge that runs is left alone. The exit code is 1
    if a check fails.
    """
    settings = settings_from(flags)
    checks: list[Check] = []
    console = answers()
    for check in run_checks(settings):
        checks.append(check)
        if not as_json:
            console.print(_line(check), soft_wrap=True)
    passed = all(check.passed for check in checks)
    if as_json:
        say_json({"passed": passed, "checks": [asdict(check) for check in checks]})
    elif passed:
        console.print(f"All {len(checks)} checks passed.")
    else:
        failed = sum(not check.passed for check in checks)
        console.print(
            f"{failed} of {len(checks)} checks failed. clipbridge doctor looks for the cause.",
            soft_wrap=True,
        )
    return DONE if passed else FAULT


def _line(check: Check) -> Text:
    return Text.assemble(
        ("✓ ", "bold green") if check.passed else ("✗ ", "bold red"),
        check.name,
        (f"  {check.seconds:.2f} s  ", "dim"),
        (check.words, "dim" if check.passed else "red"),
    )
