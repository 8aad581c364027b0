"""No more notes at once than are wanted: played notes that sound into others are cut short."""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bridge.music.clip import Note


def at_most_together(played: Sequence[Note], fixed: Iterable[Note], most: int) -> tuple[Note, ...]:
    """The played notes, cut so that no more than so many sound at once wherever that can be.

    On the grid they kept to it; played later or longer than it says, they may reach a little into
    what follows. Those that would end first are cut first, and none is taken away.

    Args:
        played: In any order.
        fixed: What sounds beside them and stays as it is; muted notes do not sound.
        most: From 1.
    """
    others = _sounding(fixed)
    played = [_after(note, others, most) for note in played]
    ends = [note.end for note in played]
    events = sorted(
        [
            *((note.start, 1, number) for number, note in enumerate(played)),
            *((note.start, 0, -1 - number) for number, note in enumerate(others)),
        ]
    )
    standing: list[tuple[int, int]] = []
    for start, _, number in events:
        while standing and standing[0][0] <= start:
            heapq.heappop(standing)
        over = len(standing) + 1 - most
        for end, one in sorted(standing):
            if over <= 0:
                break
            if one >= 0 and played[one].start < start:
                standing.remove((end, one))
                ends[one] = start
                over -= 1
        heapq.heapify(standing)
        end = ends[number] if number >= 0 else others[-1 - number].end
        heapq.heappush(standing, (end, number))
    return tuple(
        note if note.end == end else replace(note, duration=end - note.start)
        for note, end in zip(played, ends, strict=True)
    )


def _after(note: Note, others: Sequence[Note], most: int) -> Note:
    """The note, begun once there is room beside others."""
    start = note.start
    while True:
        standing = [other.end for other in others if other.start <= start < other.end]
        if len(standing) < most:
            break
        start = min(standing)
    if start == note.start:
        return note
    return replace(note, start=start, duration=max(1, note.end - start))


def _sounding(notes: Iterable[Note]) -> list[Note]:
    return [note for note in notes if not note.mute]
