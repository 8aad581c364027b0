"""No more notes at once than are wanted: played notes that sound into others are cut short."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush

from bridge.music.clip import Note
from bridge.music.units import Ticks


def at_most_together(played: Sequence[Note], fixed: Iterable[Note], most: int) -> tuple[Note, ...]:
    """The played notes, begun and ended so that no more than so many sound at once.

    On the grid they kept to it; played later or longer than it says, they may reach a little into
    what follows. Those that would end first are cut first. A note begins once there is room beside
    what is fixed, on its key and at all; one that would be over by then is left out.

    Args:
        played: In any order; no two of one key overlap.
        fixed: What sounds beside them and stays as it is; muted notes do not sound.
        most: From 1.
    """
    others = [note for note in fixed if not note.mute]
    fitting = [late for note in played if (late := _after(note, others, most)) is not None]
    ends = _ends(fitting, others, most)
    return tuple(
        note if note.end == end else replace(note, duration=end - note.start)
        for note, end in zip(fitting, ends, strict=True)
        if end > note.start
    )


def _after(note: Note, others: Sequence[Note], most: int) -> Note | None:
    """The note, begun once there is room beside others, and ended where its key is struck again.

    None where there is no room in its time.
    """
    start = note.start
    while start < note.end:
        standing = [other for other in others if other.start <= start < other.end]
        same = [other.end for other in standing if other.pitch == note.pitch]
        if len(standing) < most and not same:
            again = (other.start for other in others if other.pitch == note.pitch)
            end = min([note.end, *(each for each in again if each > start)])
            return replace(note, start=start, duration=end - start)
        start = max(same) if same else min(other.end for other in standing)
    return None


@dataclass(frozen=True, slots=True, order=True)
class _Event:
    """A note begins; those that are fixed first."""

    start: Ticks
    played: bool
    number: int


def _ends(played: Sequence[Note], others: Sequence[Note], most: int) -> list[Ticks]:
    """Where each of the played notes ends; that is its start where there is no room for it."""
    ends = [note.end for note in played]
    events = sorted(
        [
            *(_Event(note.start, played=True, number=place) for place, note in enumerate(played)),
            *(_Event(note.start, played=False, number=place) for place, note in enumerate(others)),
        ]
    )
    standing: list[tuple[Ticks, bool, int]] = []
    for event in events:
        while standing and standing[0][0] <= event.start:
            heappop(standing)
        over = len(standing) + 1 - most
        cut = [
            each for each in sorted(standing) if each[1] and played[each[2]].start < event.start
        ][: max(0, over)]
        for each in cut:
            standing.remove(each)
            ends[each[2]] = event.start
        heapify(standing)
        if event.played and over > len(cut):
            ends[event.number] = event.start
            continue
        end = ends[event.number] if event.played else others[event.number].end
        heappush(standing, (end, event.played, event.number))
    return ends
