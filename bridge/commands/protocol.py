"""``clipbridge protocol``: the manual of the wire, for whoever writes a client."""

import click
from rich.markdown import Markdown

from bridge.commands.screen import answers, json_option, say_json
from bridge.protocol.manual import markdown
from bridge.protocol.oscquery import oscquery_tree


@click.command()
@json_option
def protocol(as_json: bool) -> None:
    """Print the manual of the OSC protocol.

    On a terminal it is laid out to be read; into a file or a pipe it goes as Markdown. With
    --json the same table comes as the tree of the OSCQuery proposal.
    """
    if as_json:
        say_json(oscquery_tree())
        return
    console = answers()
    if console.is_terminal:
        console.print(Markdown(markdown()))
    else:
        click.echo(markdown(), nl=False)
