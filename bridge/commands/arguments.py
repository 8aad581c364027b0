"""Options made from a request's own annotations, so that ranges and meanings stand in one place."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, TypeVar

import click

from bridge.daemon.settings import flag_of
from bridge.errors import BadRequestError
from bridge.osc.message import Atom
from bridge.protocol.messages import ToolRequest
from bridge.protocol.parameters import Flag, Parameter, Real, Slot, Text, Whole, layout_of

Command = TypeVar("Command", bound=Callable[..., object])

_NONE: Final[Mapping[str, Atom]] = MappingProxyType({})


def request_options(
    kind: type[ToolRequest],
    *,
    only: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
    defaults: Mapping[str, Atom] = _NONE,
) -> Callable[[Command], Command]:
    """A decorator that gives a command an option for each argument of a request.

    Args:
        kind: The request.
        only: The arguments wanted; all where none is named.
        without: Arguments that the command fills in itself, as the ids.
        defaults: Those that are other than the request's own.
    """
    slots = [
        replace(slot, default=defaults.get(slot.name, slot.default))
        for slot in layout_of(kind).slots
        if slot.name not in without and (not only or slot.name in only)
    ]

    def decorate(command: Command) -> Command:
        for slot in reversed(slots):
            command = _option(slot)(command)
        return command

    return decorate


def _option(slot: Slot) -> Callable[[Command], Command]:
    flag, parameter = flag_of(slot.name), slot.parameter
    if isinstance(parameter, Flag):
        both = f"{flag}/{flag.replace('--', '--no-')}"
        return click.option(
            both, slot.name, default=bool(slot.default), help=parameter.meaning, show_default=True
        )
    return click.option(
        flag,
        slot.name,
        default=None if slot.default is None else f"{slot.default}",
        metavar=_metavar(parameter),
        callback=_reader(parameter),
        help=parameter.meaning,
        show_default=True,
    )


def _metavar(parameter: Parameter) -> str:
    match parameter:
        case Whole(low=low, high=high) | Real(low=low, high=high):
            return f"{low:g}…{high:.10g}{parameter.unit}"
        case Text(choices=choices) if choices:
            return "|".join(choices)
        case _:
            return "TEXT"


def _reader(parameter: Parameter) -> Callable[[click.Context, click.Parameter, str], object]:
    """What makes a value of an option's text, or says in the protocol's words why it cannot."""

    def read(context: click.Context, option: click.Parameter, text: str) -> object:
        try:
            return parameter.accept(_value(parameter, text))
        except BadRequestError as error:
            raise click.BadParameter(str(error), context, option) from error

    return read


def _value(parameter: Parameter, text: str) -> object:
    """A number where one is wanted and the text is one; else the text, which is then refused."""
    try:
        match parameter:
            case Whole():
                return int(text)
            case Real():
                return float(text)
    except ValueError:
        return text
    return text
