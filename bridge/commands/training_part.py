"""The way to ``bridge.training``, which the packaged program does not have.

Nothing may import it, so it is loaded by name; what is used of it is declared here.
"""

import importlib
from types import ModuleType

import click


def training_part(name: str) -> ModuleType:
    """The module ``bridge.training.<name>``.

    Raises:
        click.ClickException: if this program has none, or a library that it needs is missing; the
            text says the cure.
    """
    try:
        return importlib.import_module(f"bridge.training.{name}")
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing == "bridge":
            raise click.ClickException(
                "This program has no training part. Get the source of Clipbridge and install it"
                " from there: python -m pip install '.[train]'"
            ) from error
        raise click.ClickException(
            f"Training needs {missing}, which is not installed. Cure: in the folder of the source,"
            " python -m pip install '.[train]'"
        ) from error
