"""A stretch of bad network between a client and the bridge: it loses, doubles and overtakes."""

import contextlib
import socket
import threading
from collections import Counter

import numpy as np

from bridge.osc.endpoint import HOST

LARGEST = 65_535
HELD_S = 0.02
"""So long a datagram that is to be overtaken is held back where none follows."""


@contextlib.contextmanager
def faulty_way(port, seed, *, loses=0.0, doubles=0.0, overtakes=0.0):
    """The port at which one client finds the bridge, and what has happened on the way.

    Args:
        port: The bridge's.
        seed: Of all chance; each way has its own.
        loses: The share of datagrams that never come.
        doubles: The share that come twice.
        overtakes: The share that come behind the one after them.
    """
    shares = (loses, doubles, overtakes)
    happened = Counter()
    with _socket() as front, _socket() as back:
        client = []  # Who spoke last: there is one.
        stop = threading.Event()

        def to_bridge(packet, source):
            client[:] = [source]
            back.sendto(packet, (HOST, port))

        def to_client(packet, _):
            if client:
                front.sendto(packet, client[0])

        threads = [
            threading.Thread(target=_carry, args=(way, stop, deliver, chance, shares, happened))
            for way, deliver, chance in zip(
                (front, back),
                (to_bridge, to_client),
                np.random.default_rng(seed).spawn(2),
                strict=True,
            )
        ]
        for thread in threads:
            thread.start()
        try:
            yield front.getsockname()[1], happened
        finally:
            stop.set()
            for thread in threads:
                thread.join()


def _socket():
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind((HOST, 0))
    opened.settimeout(HELD_S)
    return opened


def _carry(way, stop, deliver, chance, shares, happened):
    loses, doubles, overtakes = shares
    held = []
    while not stop.is_set():
        try:
            arrived = way.recvfrom(LARGEST)
        except TimeoutError:
            arrived = None
        if arrived is None:
            fate = 1.0
            leaving = []
        else:
            fate = chance.random()
            leaving = [arrived]
        if fate < loses:
            happened["lost"] += 1
            leaving = []
        elif fate < loses + doubles:
            happened["doubled"] += 1
            leaving *= 2
        elif fate < loses + doubles + overtakes and not held:
            happened["overtaken"] += 1
            held = leaving
            continue
        for packet, source in (*leaving, *held):
            deliver(packet, source)
        held = []
