"""Datagrams waiting to be sent: in order for each receiver, in turn between receivers."""

from collections import deque
from collections.abc import Sequence
from typing import Final, TypeAlias

Place: TypeAlias = tuple[str, int]
"""Where a datagram comes from or goes to: host and UDP port."""

MAX_WAITING: Final = 131_072
"""Datagrams that may wait in all: about 120 MB."""

MAX_WAITING_EACH: Final = 32_768
"""Datagrams that may wait for one receiver: two replies of the greatest size there is."""


class Outbox:
    """A fair queue. It knows no thread: whoever shares it between threads brings a lock."""

    def __init__(self, most: int = MAX_WAITING, most_each: int = MAX_WAITING_EACH) -> None:
        """Hold up to ``most`` datagrams, and up to ``most_each`` for one receiver."""
        self._most = most
        self._most_each = most_each
        self._lines: dict[Place, deque[bytes]] = {}
        self._turns: deque[Place] = deque()
        self._waiting = 0

    def __len__(self) -> int:
        return self._waiting

    def put(self, packets: Sequence[bytes], to: Place) -> int:
        """Queue datagrams behind those of the same receiver; how many found no room."""
        line = self._lines.get(to)
        room = min(self._most - self._waiting, self._most_each - len(line or ()))
        kept = packets[: max(0, room)]
        if kept:
            if line is None:
                line = self._lines[to] = deque()
                self._turns.append(to)
            line.extend(kept)
            self._waiting += len(kept)
        return len(packets) - len(kept)

    def take(self) -> tuple[bytes, Place]:
        """The next datagram and its receiver, who then goes to the end of the row.

        Raises:
            IndexError: if nothing waits.
        """
        to = self._turns.popleft()
        line = self._lines[to]
        packet = line.popleft()
        self._waiting -= 1
        if line:
            self._turns.append(to)
        else:
            del self._lines[to]
        return packet, to
