"""The memo in our MIDI files: what a clip has and MIDI does not, so that nothing is lost.

It stands in text events that begin with ``clipbridge``: a checksum and JSON, which says the
division that times are counted in, the clip's frame, and each field of a note that a plain reading
of the file would not give. The checksum covers the memo and the plain reading: once another
program has changed a note, the memo is void and the file means what that program wrote.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from bridge.errors import BridgeError
from bridge.music.clip import Clip, Note
from bridge.music.midinotes import ReadNote
from bridge.music.midireading import MidiReading
from bridge.music.units import TICKS_PER_BEAT, Ticks

_MARK: Final = "clipbridge "
_FORMAT: Final = 1
_TEXT_SIZE: Final = 16_000
"""Characters of JSON a text event; some programs refuse longer ones."""

_NOTE_FIELDS: Final[Mapping[str, Callable[[float], float]]] = MappingProxyType(
    {
        "duration": int,
        "velocity": float,
        "mute": bool,
        "probability": float,
        "velocity_deviation": float,
        "release_velocity": float,
        "note_id": int,
    }
)
"""The fields of a note that a plain reading may not give, and what they are."""


def memo_texts(clip: Clip, shift: Ticks, plain: MidiReading) -> tuple[str, ...]:
    """The text events, in ASCII, that complete the plain reading of a file to the clip in it.

    The clip is in order, and the file has it ``shift`` ticks later.
    """
    notes = [
        (number, differing)
        for number, (note, read) in enumerate(zip(clip.notes, plain.notes, strict=True))
        if (differing := _differing(note, _moved(read, shift)))
    ]
    entries = {
        "format": _FORMAT,
        "division": TICKS_PER_BEAT,
        "shift": shift,
        "length": clip.length,
        "loop": [clip.loop_start, clip.end_of_loop],
        "looping": clip.looping,
        "tempo": clip.tempo,
        "drums": clip.drums,
        "name": clip.name,
        "notes": notes,
    }
    text = json.dumps(entries, separators=(",", ":"), default=float)
    memo = f"{_checksum(text, plain)} {text}"
    return tuple(
        _MARK + memo[start : start + _TEXT_SIZE] for start in range(0, len(memo), _TEXT_SIZE)
    )


def restored_clip(plain: MidiReading) -> Clip | None:
    """The clip that was written, in order; None if the file is not ours or was changed since."""
    mark = _MARK.encode()
    pieces = (text.removeprefix(mark) for text in plain.texts if text.startswith(mark))
    checksum, _, text = b"".join(pieces).decode("latin1").partition(" ")
    if not text or checksum != _checksum(text, plain):
        return None
    try:
        memo = json.loads(text)
        if memo["format"] != _FORMAT or memo["division"] != TICKS_PER_BEAT:
            return None
        shift = int(memo["shift"])
        notes = [_moved(read, shift) for read in plain.notes]
        for number, fields in memo["notes"]:
            kept = {field: _NOTE_FIELDS[field](value) for field, value in fields.items()}
            notes[number] = replace(notes[number], **kept)
        loop_start, loop_end = memo["loop"]
        return Clip(
            notes=tuple(notes),
            length=int(memo["length"]),
            loop_start=int(loop_start),
            loop_end=int(loop_end),
            looping=bool(memo["looping"]),
            numerator=plain.numerator,
            denominator=plain.denominator,
            tempo=float(memo["tempo"]),
            drums=bool(memo["drums"]),
            name=str(memo["name"]),
        )
    except (
        BridgeError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        ArithmeticError,
        RecursionError,
    ):
        # The checksum holds, so the memo is whole: it comes from a later format of ours.
        return None


def _moved(read: ReadNote, shift: Ticks) -> Note:
    """The note that a plain reading gives, back where it was before the shift."""
    return Note(
        pitch=read.pitch,
        start=read.start - shift,
        duration=read.duration,
        velocity=float(read.velocity),
        release_velocity=float(read.release_velocity),
    )


def _differing(note: Note, plain: Note) -> dict[str, float]:
    """The fields of a note that a plain reading of it does not have, with their values."""
    return {
        field: getattr(note, field)
        for field in _NOTE_FIELDS
        if getattr(note, field) != getattr(plain, field)
    }


def _checksum(memo: str, plain: MidiReading) -> str:
    """Of a memo and of the plain reading that it completes; whether it is drums is but a guess."""
    notes = [
        (note.start, note.pitch, note.duration, note.velocity, note.release_velocity)
        for note in plain.notes
    ]
    heard = (notes, plain.length, plain.numerator, plain.denominator, plain.tempo, plain.name)
    return hashlib.sha256(f"{memo}{heard}".encode("utf-8", "replace")).hexdigest()[:16]
