"""``clipbridge taste``: the rules by which takes are chosen, and how much each counts."""

import click
from rich.table import Table

from bridge.commands.options import setting_options, settings_from
from bridge.commands.screen import answers, json_option, say_json
from bridge.tools.taste import DEFAULT_TASTE
from bridge.tools.taste_file import read_taste


@click.command()
@json_option
@setting_options("taste_file")
def taste(as_json: bool, **flags: str | None) -> None:
    """Show the rules of taste, or those of a taste file of your own.

    A weight of 0 switches a rule off; at 100 “few repeats” and “leaps resolved” are held like
    locks while a melody is written. A faulty file is answered with its fault and the line.
    """
    file = settings_from(flags).taste_file
    rules = (DEFAULT_TASTE if file is None else read_taste(file)).rules
    if as_json:
        say_json([{"name": rule.name, "says": rule.says, "weight": rule.weight} for rule in rules])
        return
    table = Table()
    table.add_column("rule", no_wrap=True)
    table.add_column("says", overflow="fold")
    table.add_column("weight", justify="right")
    for rule in rules:
        table.add_row(rule.name, rule.says, f"{rule.weight:g}")
    answers().print(table)
