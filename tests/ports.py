"""TCP ports for what a test starts by number: asked for now, taken a moment later, by nobody else in between."""

from __future__ import annotations

import os
import random
import socket
from itertools import cycle

# Beneath those that systems give to connections, which are many here, and each of the side-by-side workers its own.
_WORKERS = 8
_MINE = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
_PORTS = range(20_000 + _MINE, 32_000, _WORKERS)
_turn = cycle(random.sample(_PORTS, len(_PORTS)))  # other runs on the same machine begin elsewhere


def free() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on, and that comes up again only when all others have."""
    for port in _turn:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("there is always a next one")
