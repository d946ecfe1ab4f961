"""Who came in at the broker, read off Mosquitto's log (2.0): the one place where it names who signed in."""

from __future__ import annotations

import os
import re
from pathlib import Path

MOST_BYTES = 1_000_000  # of a log that grows with every connection; what was read is not needed again
# A client id is whatever a client likes, so the name counts that stands at the very end of the line.
_CAME = re.compile(rb": New client connected from \S+ as .* \(p\d+, c\d+, k\d+, u'([^']+)'\)\.$", re.MULTILINE)


def since(log: Path, read: int) -> tuple[set[str], int]:
    """The user names that came in after the first ``read`` octets, and how many are read now. Cuts a long log."""
    try:
        with log.open("rb") as file:
            file.seek(read if read <= os.fstat(file.fileno()).st_size else 0)  # it was cut
            lines, stop, _ = file.read().rpartition(b"\n")
            read = file.tell() - len(_)
    except FileNotFoundError:
        return set(), 0
    if read > MOST_BYTES:
        os.truncate(log, 0)  # the broker writes at the end, wherever that is
        read = 0
    return {name.decode("utf-8", "replace") for name in _CAME.findall(lines + stop)}, read
