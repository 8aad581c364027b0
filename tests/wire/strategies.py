"""Messages to test with, derived from the table: each kind in its whole range."""

import dataclasses

from hypothesis import strategies as st

from bridge.protocol.parameters import (
    Flag,
    Real,
    Several,
    Text,
    Whole,
    annotation_of,
    record_of,
)
from bridge.protocol.table import TABLE


def messages():
    """Any message of the protocol."""
    return st.sampled_from(TABLE).flatmap(lambda row: records(row.kind))


def requests():
    """Any message of a client."""
    rows = [row for row in TABLE if not row.is_reply]
    return st.sampled_from(rows).flatmap(lambda row: records(row.kind))


def records(kind):
    """Any record of this kind."""
    fields = {field.name: _values(field) for field in dataclasses.fields(kind)}
    if "reply_port" in fields:
        fields["reply_port"] = st.just(0) | st.integers(1_024, 65_535)
    return st.builds(kind, **fields)


def _values(field):
    parameter = annotation_of(field)
    match parameter:
        case None:
            return records(record_of(field))
        case Several(item=Whole() as item):
            return st.lists(_atoms(item), min_size=parameter.least, max_size=parameter.most).map(
                tuple
            )
        case Several():
            return st.lists(
                records(parameter.item), min_size=parameter.least, max_size=parameter.most
            ).map(tuple)
        case _:
            return _atoms(parameter)


def _atoms(parameter):
    match parameter:
        case Whole():
            return st.integers(parameter.low, parameter.high)
        case Real():
            return st.floats(parameter.low, parameter.high, width=32)
        case Flag():
            return st.booleans()
        case Text(choices=()):
            letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
            return st.text(letters, max_size=parameter.limit // 4)
        case Text():
            return st.sampled_from(parameter.choices)


def spoiled_values(parameter):
    """Arguments that this parameter refuses."""
    always = [float("nan"), float("inf"), float("-inf")]
    match parameter:
        case Whole() | Flag():
            outside = [parameter.low - 1, parameter.high + 1, parameter.low + 0.5, "4", ""]
        case Real():
            outside = [parameter.low - 0.5, parameter.high + 0.5, "4", ""]
        case Text():
            outside = [0, 1.5, "x" * (parameter.limit + 1), "no such word" * 99, "a\0b", "\ud800"]
    return st.sampled_from(always + outside)
