"""The table as constants for the devices: plain ES5, which Max's ``[js]`` of Live 11.3 reads."""

import json
from typing import Final

from bridge.music.clip import MAX_NOTES
from bridge.music.units import TICKS_PER_BEAT
from bridge.osc.chunks import ROWS_PER_PIECE
from bridge.osc.endpoint import BURST, HOST, PAUSE_S, PORTS
from bridge.osc.message import MAX_ATOMS, MAX_BYTES
from bridge.protocol.frame import (
    CHECKSUM_FACTOR,
    CHECKSUM_MODULUS,
    CHECKSUM_START,
    Frame,
    NoteRow,
)
from bridge.protocol.messages import ERROR_CODES, PIECES_LISTED, PROTOCOL
from bridge.protocol.oscquery import Json
from bridge.protocol.parameters import Slot, Text, layout_of
from bridge.protocol.table import TABLE, Row

_HEAD: Final = """\
/*
 * The protocol between the devices and the bridge, as constants.
 * Generated from bridge/protocol/table.py by: python -m bridge.protocol.manual
 */

var PROTOCOL = {
"""

_CHECKSUM: Final = f"""\

/*
 * The checksum of a clip. frame: an object with the names of frameFields, of which tempo and
 * checksum do not count; rows: its notes, each an array in the order of noteFields. Only whole
 * numbers count, and no step leaves the range in which a double is exact.
 */
PROTOCOL.checksum = function (frame, rows) {{
  var total = {CHECKSUM_START};
  var i;

  function add(integer) {{
    total = (total * {CHECKSUM_FACTOR} + Number(integer)) % {CHECKSUM_MODULUS};
    if (total < 0) {{
      total += {CHECKSUM_MODULUS};
    }}
  }}

  add(frame.length);
  add(frame.loop_start);
  add(frame.loop_end);
  add(frame.looping);
  add(frame.numerator);
  add(frame.denominator);
  add(frame.drums);
  add(rows.length);
  for (i = 0; i < rows.length; i += 1) {{
    add(rows[i][0]); // pitch
    add(rows[i][1]); // start
    add(rows[i][2]); // duration
    add(rows[i][4]); // mute
    add(rows[i][8]); // note_id
  }}
  return total;
}};
"""


def javascript() -> str:
    """The text of Protocol.js: ``var PROTOCOL``, with the checksum as its one function."""
    numbers: dict[str, Json] = {
        "number": PROTOCOL,
        "host": HOST,
        "ports": list(PORTS),
        "ticksPerBeat": TICKS_PER_BEAT,
        "maxNotes": MAX_NOTES,
        "notesPerPiece": ROWS_PER_PIECE,
        "atomsPerNote": len(layout_of(NoteRow).slots),
        "piecesListed": PIECES_LISTED,
        "burst": BURST,
        "pauseMs": round(PAUSE_S * 1_000),
        "maxAtoms": MAX_ATOMS,
        "maxBytes": MAX_BYTES,
        "errorCodes": list(ERROR_CODES),
    }
    parts = [f"  {name}: {json.dumps(value)}" for name, value in numbers.items()]
    names = ",\n".join(f"    {_camel(row)}: {json.dumps(row.address)}" for row in TABLE)
    parts.append(f"  addresses: {{\n{names}\n  }}")
    parts.append("  frameFields: " + _fields(layout_of(Frame).slots, "  "))
    parts.append("  noteFields: " + _fields(layout_of(NoteRow).slots, "  "))
    messages = ",\n".join(_message(row) for row in TABLE)
    note = "  // By address. A field with a fallback may be left out, if all after it are.\n"
    parts.append(f"{note}  messages: {{\n{messages}\n  }}")
    return _HEAD + ",\n".join(parts) + "\n};\n" + _CHECKSUM


def _message(row: Row) -> str:
    lines = [f"      reply: {json.dumps(row.is_reply)}"]
    lines.append("      fields: " + _fields(row.layout.slots, "      "))
    if row.layout.tail is not None:
        tail = row.layout.tail
        lines.append(f"      least: {tail.least}")
        lines.append(f"      most: {tail.most}")
        lines.append("      tail: " + _fields(row.layout.tail_slots, "      "))
    body = ",\n".join(lines)
    return f"    {json.dumps(row.address)}: {{\n{body}\n    }}"


def _fields(slots: tuple[Slot, ...], indent: str) -> str:
    if not slots:
        return "[]"
    lines = ",\n".join(f"{indent}  {_field(slot)}" for slot in slots)
    return f"[\n{lines}\n{indent}]"


def _field(slot: Slot) -> str:
    """An object with name and type, range or choices, and the fallback if there is one."""
    parameter = slot.parameter
    values: dict[str, Json] = {"name": slot.name, "type": parameter.tag}
    if isinstance(parameter, Text):
        values |= {"choices": list(parameter.choices)} if parameter.choices else {}
        values |= {} if parameter.choices else {"limit": parameter.limit}
    else:
        values |= {"low": parameter.low, "high": parameter.high}
    if slot.default is not None:
        values["fallback"] = slot.default
    return "{ " + ", ".join(f"{name}: {json.dumps(value)}" for name, value in values.items()) + " }"


def _camel(row: Row) -> str:
    """The name of a message's class as JavaScript writes names."""
    name = row.kind.__name__
    return name[0].lower() + name[1:]
