"""The bytes of a Standard MIDI File as events in time, for every file a musician may have.

mido writes our files but does not read them: mido 1.3.3 forgets the time before each meta event
that it does not know, so that all later notes come early, and it gives up on a whole file for one
odd key signature or a chunk of another program. Where mido reads a file, both agree (a test).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bridge.errors import MidiFileError

META: Final = 0xFF
"""The status of a meta event: name, tempo, metre, text, end of track."""

END_OF_TRACK: Final = 0x2F

_MAX_DELTA_BYTES: Final = 4
_SYSTEM_LENGTHS: Final = ((0xF1, 1), (0xF2, 2), (0xF3, 1))


@dataclass(frozen=True, slots=True)
class MidiEvent:
    """A channel message or a meta event."""

    tick: int
    """From the start of the track, in the file's own division."""
    status: int
    """0x80–0xEF with the channel in the low four bits, or META."""
    data: bytes
    """The message's data, each 0–127; or the kind of the meta event and then its content."""


@dataclass(frozen=True, slots=True)
class MidiTrack:
    """A track's events in the order of the file."""

    events: tuple[MidiEvent, ...]
    end: int
    """The tick of the end of track, or of the last event where that is missing."""


@dataclass(frozen=True, slots=True)
class MidiTracks:
    """What a file contains."""

    independent: bool
    """Each track is a piece of its own (type 2) instead of a voice of one piece (types 0 and 1)."""
    division: int
    """Ticks a quarter note, 1–32,767."""
    tracks: tuple[MidiTrack, ...]


def parse_midi(data: bytes, file: str) -> MidiTracks:
    """The tracks of a MIDI file's bytes; ``file`` is its name, for the text of an error.

    Raises:
        MidiFileError: the bytes are no MIDI file, or a damaged or cut one, or time in it is
            counted in film frames.
    """
    reader = _Bytes(_unwrapped(data, file), file)
    reader.skip(4)
    header = _Bytes(reader.take(reader.integer(4)), file)
    kind, count, division = (header.integer(2) for _ in range(3))
    if kind > 2:
        raise MidiFileError(f"{file} is a MIDI file of type {kind}; there are types 0, 1 and 2.")
    if division >= 0x8000:
        raise MidiFileError(
            f"{file} counts time in film frames (SMPTE), not in beats. Export it again with ticks"
            " per quarter note (PPQ)."
        )
    if division == 0:
        raise MidiFileError(f"{file} is damaged: it says that a quarter note has no ticks.")
    if count == 0:
        raise MidiFileError(f"{file} has no track.")
    tracks = tuple(_tracks(reader, count))
    return MidiTracks(independent=kind == 2, division=division, tracks=tracks)


class _Bytes:
    """A walk through bytes that says in words when they end too soon."""

    __slots__ = ("_data", "_file", "position")

    def __init__(self, data: bytes, file: str) -> None:
        self._data = data
        self._file = file
        self.position = 0

    @property
    def left(self) -> int:
        return len(self._data) - self.position

    def byte(self) -> int:
        if self.position >= len(self._data):
            raise self.cut_off()
        self.position += 1
        return self._data[self.position - 1]

    def take(self, count: int) -> bytes:
        if count > self.left:
            raise self.cut_off()
        self.position += count
        return self._data[self.position - count : self.position]

    def skip(self, count: int) -> None:
        self.take(count)

    def integer(self, count: int) -> int:
        return int.from_bytes(self.take(count), "big")

    def variable_integer(self) -> int:
        """A number in seven bits a byte, the highest first, as MIDI writes times and lengths."""
        number = 0
        for _ in range(_MAX_DELTA_BYTES):
            byte = self.byte()
            number = number << 7 | byte & 0x7F
            if byte < 0x80:
                return number
        raise self.damaged("a time or a length has more than four bytes")

    def cut_off(self) -> MidiFileError:
        return MidiFileError(f"{self._file} is cut off or damaged: it ends in the middle.")

    def damaged(self, fault: str) -> MidiFileError:
        return MidiFileError(f"{self._file} is damaged: {fault}.")


def _unwrapped(data: bytes, file: str) -> bytes:
    """The file from its MIDI header on; Windows wraps some (.rmi) into a RIFF chunk."""
    if not data:
        raise MidiFileError(f"{file} is empty: it has 0 bytes.")
    start = 20 if data[:4] == b"RIFF" and data[8:12] == b"RMID" else 0
    if data[start : start + 4] != b"MThd":
        raise MidiFileError(f"{file} is not a MIDI file.")
    return data[start:]


def _tracks(reader: _Bytes, count: int) -> Iterator[MidiTrack]:
    """The next ``count`` tracks; chunks of other programs between them are passed over."""
    while count:
        chunk, length = reader.take(4), reader.integer(4)
        if chunk != b"MTrk":
            reader.skip(length)
            continue
        yield _track(reader, reader.position + length)
        count -= 1


def _track(reader: _Bytes, end_of_chunk: int) -> MidiTrack:
    """The track at the reader, which is left behind it."""
    events: list[MidiEvent] = []
    tick = running = 0
    while reader.position < end_of_chunk:
        tick += reader.variable_integer()
        status = reader.byte()
        if status < 0x80:
            # Running status: a repeated status is left out. It should not outlive a meta or
            # system event, but files exist in which it does.
            if running == 0:
                raise reader.damaged("a track begins with a message that has no kind")
            events.append(
                MidiEvent(tick, running, _message_data(reader, running, bytes((status,))))
            )
        elif status < 0xF0:
            running = status
            events.append(MidiEvent(tick, running, _message_data(reader, running, b"")))
        elif status == META:
            kind = reader.take(1)
            content = reader.take(reader.variable_integer())
            if kind[0] == END_OF_TRACK:
                break
            events.append(MidiEvent(tick, META, kind + content))
        elif status in {0xF0, 0xF7}:
            reader.skip(reader.variable_integer())
        else:
            reader.skip(dict(_SYSTEM_LENGTHS).get(status, 0))
    # A length that points behind the end of track (or amid it) is corrected by the events; one
    # that points past the file's end has been noticed as cut off, unless the track ended before.
    reader.position = max(reader.position, min(end_of_chunk, reader.position + reader.left))
    return MidiTrack(tuple(events), tick)


def _message_data(reader: _Bytes, status: int, first: bytes) -> bytes:
    """A channel message's data bytes, of which running status has already read the first."""
    length = 1 if 0xC0 <= status < 0xE0 else 2
    data = first + reader.take(length - len(first))
    if not data.isascii():
        raise reader.damaged("a message has data that no MIDI message can have")
    return data
