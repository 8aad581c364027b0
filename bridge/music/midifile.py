"""MIDI files in and out: any file that a musician has in, nothing lost on the way out and back.

A file of ours is an ordinary one for every other program. What MIDI has no place for (mute,
probability, the exact tempo and velocity, the loop, notes before 1.1.1, …) stands in a memo, see
``bridge.music.midimemo``.
"""

import errno
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Final

import mido

from bridge.errors import BridgeError, MidiFileError
from bridge.music.clip import Clip
from bridge.music.midievents import parse_midi
from bridge.music.midimemo import memo_texts, restored_clip
from bridge.music.midireading import (
    DRUM_CHANNEL,
    MidiReading,
    voice_readings,
    whole_reading,
)
from bridge.music.units import TICKS_PER_BEAT, Ticks

MAX_FILE_BYTES: Final = 64 * 2**20
"""No MIDI file is larger; what is, is something else, and is not read into memory."""

_MAX_DELTA: Final[Ticks] = 2**28 - 1
"""The longest time that a MIDI file can put between two events."""


def read_midi(path: Path, *, drums: bool | None = None) -> Clip:
    """The clip in a MIDI file: what ``write_midi`` wrote, else all tracks of the file together.

    ``bridge.music.midireading.whole_reading`` says how other programs' files are read. A file
    that names nothing gives the clip its own name. ``drums`` overrides the guess whether the
    pitches are pieces of a drum kit.

    Raises:
        MidiFileError: the text names the file and the fault.
    """
    return decode_midi(_bytes_of(path), path.name, drums=drums)


def read_voices(path: Path) -> tuple[Clip, ...]:
    """A clip for each channel of each track that has notes, in their order; none without notes.

    A file of ``write_midi`` has one voice, which comes back as it was.

    Raises:
        MidiFileError: the text names the file and the fault.
    """
    midi = parse_midi(_bytes_of(path), path.name)
    reading = whole_reading(midi)
    restored = restored_clip(reading)
    if restored is not None and restored.notes:
        return (restored,)
    return tuple(_plain_clip(voice, path.name) for voice in voice_readings(midi))


def decode_midi(data: bytes, file: str, *, drums: bool | None = None) -> Clip:
    """As ``read_midi``, from the bytes of a file called ``file``."""
    reading = whole_reading(parse_midi(data, file))
    clip = restored_clip(reading) or _plain_clip(reading, file)
    return clip if drums is None else replace(clip, drums=drums)


def write_midi(clip: Clip, path: Path) -> None:
    """Write a clip as a MIDI file from which ``read_midi`` gives ``clip.in_order()`` again.

    The file appears whole or not at all; one that stood there before is replaced.

    Raises:
        MidiFileError: the file cannot be written; the text names it and says why.
    """
    data = encode_midi(clip)
    temporary = path.parent / f".clipbridge-{secrets.token_hex(8)}.tmp"
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as fault:
        raise MidiFileError(f"{path} cannot be written: {_reason(fault)}.") from fault
    finally:
        with suppress(OSError):
            temporary.unlink()


def encode_midi(clip: Clip) -> bytes:
    """The bytes of a MIDI file of a clip: type 0, since a clip is one track, in our own ticks.

    Drums stand on channel 10, all else on channel 1. Notes before 1.1.1 move the whole clip later
    by full bars, so that the beat of the file stays true.
    """
    ordered = clip.in_order()
    earliest = min((note.start for note in ordered.notes), default=0)
    shift = max(0, -(earliest // clip.ticks_per_bar)) * clip.ticks_per_bar
    plain = whole_reading(parse_midi(_file_bytes(ordered, shift, ()), "the file"))
    return _file_bytes(ordered, shift, memo_texts(ordered, shift, plain))


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as fault:
        raise MidiFileError(f"{path} cannot be opened: {_reason(fault)}.") from fault
    if len(data) > MAX_FILE_BYTES:
        raise MidiFileError(f"{path.name} is too large for a MIDI file.")
    return data


def _reason(fault: OSError) -> str:
    """Why a file could not be opened or written, in words."""
    match fault.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return "the disk is full"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return "you have no right to it, or its folder is read-only"
        case errno.ENOENT | errno.ENOTDIR:
            return "there is no such file or folder"
        case errno.EISDIR:
            return "it is a folder"
        case _:
            return fault.strerror or "the system refuses and does not say why"


def _plain_clip(reading: MidiReading, file: str) -> Clip:
    try:
        clip = reading.clip()
    except BridgeError as fault:
        raise MidiFileError(f"{file} cannot become a clip. {fault}") from fault
    return clip if clip.name else replace(clip, name=Path(file).stem)


def _file_bytes(clip: Clip, shift: Ticks, texts: Sequence[str]) -> bytes:
    """The MIDI file of a clip in order, moved later by ``shift``, with these text events."""
    track = mido.MidiTrack()
    now = 0
    for tick, message in _messages(clip, shift, texts):
        while tick - now > _MAX_DELTA:
            track.append(mido.MetaMessage("text", text="", time=_MAX_DELTA))
            now += _MAX_DELTA
        message.time = tick - now
        track.append(message)
        now = tick
    buffer = BytesIO()
    # Latin-1 puts each character into one byte, so that _messages decides what the bytes are.
    file = mido.MidiFile(type=0, ticks_per_beat=TICKS_PER_BEAT, charset="latin1", tracks=[track])
    file.save(file=buffer)
    return buffer.getvalue()


def _messages(
    clip: Clip, shift: Ticks, texts: Sequence[str]
) -> Iterator[tuple[Ticks, "mido.Message | mido.MetaMessage"]]:
    """The messages of the file, each with its tick, in their order."""
    if clip.name:
        name = clip.name.encode("utf-8", errors="replace").decode("latin1")
        yield 0, mido.MetaMessage("track_name", name=name)
    yield (
        0,
        mido.MetaMessage("time_signature", numerator=clip.numerator, denominator=clip.denominator),
    )
    yield 0, mido.MetaMessage("set_tempo", tempo=round(60_000_000 / clip.tempo))
    for text in texts:
        yield 0, mido.MetaMessage("text", text=text)
    yield from sorted(_note_messages(clip, shift), key=_tick_and_kind)
    end = max(clip.length, *(note.end for note in clip.notes), 1) + shift
    yield end, mido.MetaMessage("end_of_track")


def _note_messages(clip: Clip, shift: Ticks) -> Iterator[tuple[Ticks, mido.Message]]:
    channel = DRUM_CHANNEL if clip.drums else 0
    for note in clip.notes:
        yield (
            note.start + shift,
            mido.Message(
                "note_on", channel=channel, note=note.pitch, velocity=round(note.velocity)
            ),
        )
        yield (
            note.end + shift,
            mido.Message(
                "note_off", channel=channel, note=note.pitch, velocity=round(note.release_velocity)
            ),
        )


def _tick_and_kind(timed: tuple[Ticks, mido.Message]) -> tuple[Ticks, bool]:
    """Releases before strikes, so that a repeated note is not let go as it begins."""
    tick, message = timed
    return tick, message.type == "note_on"
