"""Notes from the events of a MIDI file: which release ends which strike."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from bridge.music.midievents import MidiEvent, MidiTrack, MidiTracks
from bridge.music.units import TICKS_PER_BEAT, Ticks

_DEFAULT_RELEASE: Final = 64
"""The release velocity of a note whose end in the file states none."""


@dataclass(frozen=True, slots=True)
class ReadNote:
    """A note as the file gives it."""

    start: Ticks
    pitch: int
    duration: Ticks
    """At least one tick."""
    velocity: int
    release_velocity: int
    track: int
    """The track's place in the file, from 0."""
    channel: int
    """0–15."""


def read_notes(midi: MidiTracks) -> list[ReadNote]:
    """The notes of all tracks: track by track, by onset, by pitch and by the order of the file.

    Every note-on becomes a note: one without a note-off lasts until the key is struck again or
    the track ends, one without length lasts a tick.
    """
    return [
        note
        for number, track in enumerate(midi.tracks)
        for note in sorted(_notes_of_track(track, number, midi.division), key=_onset)
    ]


def ticks_from_division(tick: int, division: int) -> Ticks:
    """The tick of ours nearest to one of a file's; exact where the division divides ours."""
    return (2 * tick * TICKS_PER_BEAT + division) // (2 * division)


def _onset(note: ReadNote) -> tuple[Ticks, int]:
    return note.start, note.pitch


def _notes_of_track(track: MidiTrack, number: int, division: int) -> Iterator[ReadNote]:
    keys: dict[tuple[int, int], list[_Touch]] = {}
    for event in track.events:
        if event.status & 0xE0 == 0x80:
            touch = _touch(event)
            keys.setdefault((event.status & 0x0F, event.data[0]), []).append(touch)
    for (channel, pitch), touches in keys.items():
        for on, off in _paired(touches, track.end):
            start = ticks_from_division(on.tick, division)
            yield ReadNote(
                start=start,
                pitch=pitch,
                duration=max(1, ticks_from_division(off.tick, division) - start),
                velocity=on.velocity,
                release_velocity=off.velocity,
                track=number,
                channel=channel,
            )


@dataclass(frozen=True, slots=True)
class _Touch:
    """A key is struck or let go."""

    tick: int
    strikes: bool
    velocity: int


def _touch(event: MidiEvent) -> _Touch:
    """A note-on of velocity 0 is a note-off, with the release velocity of one that says none."""
    velocity = event.data[1]
    if event.status & 0xF0 == 0x80:
        return _Touch(event.tick, strikes=False, velocity=velocity)
    if velocity == 0:
        return _Touch(event.tick, strikes=False, velocity=_DEFAULT_RELEASE)
    return _Touch(event.tick, strikes=True, velocity=velocity)


def _paired(touches: Iterable[_Touch], end: int) -> Iterator[tuple[_Touch, _Touch]]:
    """Each strike of one key with its release, in the order of the strikes.

    Where strikes overlap, the first let go is the first struck, as long as each strike has its
    release in the end. Where one is missing, nobody knows which; then a strike ends the note
    before it, as on a real instrument, so that one lost note-off spoils no later note.
    """
    held: list[_Touch] = []
    strikes = releases = 0
    for touch in touches:
        if not held and not touch.strikes:
            continue
        held.append(touch)
        strikes += touch.strikes
        releases += not touch.strikes
        if strikes == releases:
            yield from zip(
                (each for each in held if each.strikes),
                (each for each in held if not each.strikes),
                strict=True,
            )
            held.clear()
            strikes = releases = 0
    held.append(_Touch(end, strikes=False, velocity=_DEFAULT_RELEASE))
    for position, touch in enumerate(held[:-1]):
        following = held[position + 1]
        if touch.strikes:
            ends_itself = not following.strikes
            velocity = following.velocity if ends_itself else _DEFAULT_RELEASE
            yield touch, _Touch(following.tick, strikes=False, velocity=velocity)
