"""``clipbridge models``: what is installed, what it learned from, and how good it is."""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bridge.commands.options import catalog_of, setting_options, settings_from
from bridge.commands.outcome import DONE, FAULT
from bridge.commands.screen import answers, json_option, say_json
from bridge.engine.catalog import GRAPH, Catalog, Entry

NONE_INSTALLED = "No model is installed. Install Clipbridge again to bring its models back."


@click.command()
@json_option
@setting_options("models")
def models(as_json: bool, **flags: str | None) -> int:
    """List the models that are installed.

    The exit code is 1 if one of them is damaged, or if there is none.
    """
    catalog = catalog_of(settings_from(flags))
    entries = catalog.entries()
    if as_json:
        say_json([_fields(entry, catalog) for entry in entries])
    else:
        console = answers()
        for entry in entries:
            _show(console, entry, catalog)
        if not entries:
            console.print(NONE_INSTALLED)
    return DONE if entries and not any(entry.fault for entry in entries) else FAULT


def _fields(entry: Entry, catalog: Catalog) -> dict[str, object]:
    folder = catalog.folder(entry.name)
    fields: dict[str, object] = {
        "name": entry.name,
        "state": entry.state,
        "folder": str(folder),
        "fault": entry.fault,
    }
    if entry.manifest is not None:
        fields |= {
            "tool": entry.manifest.tool,
            "parameters": entry.manifest.parameters,
            "bytes": _size(folder),
            "metrics": dict(entry.manifest.metrics),
            "licence": entry.manifest.licence,
            "data": list(entry.manifest.data),
            "sha256": entry.manifest.sha256,
        }
    return fields


def _show(console: Console, entry: Entry, catalog: Catalog) -> None:
    table = Table(title=entry.name, title_justify="left", title_style="bold", show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    folder = catalog.folder(entry.name)
    table.add_row("state", entry.state)
    if entry.fault:
        table.add_row("fault", entry.fault)
    if entry.manifest is not None:
        manifest = entry.manifest
        table.add_row("tool", manifest.tool)
        table.add_row("size", f"{manifest.parameters:,} numbers, {_size(folder) / 2**20:.1f} MB")
        metrics = (f"{name} {value:g}" for name, value in manifest.metrics.items())
        table.add_row("metrics", "\n".join(metrics))
        table.add_row("licence", manifest.licence)
        table.add_row("learned from", "\n".join(manifest.data))
    table.add_row("folder", str(folder))
    console.print(table)


def _size(folder: Path) -> int:
    return (folder / GRAPH).stat().st_size
