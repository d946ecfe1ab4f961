"""The worker's MQTT side alone: takes what arrives and acknowledges it, with no decoder and no database behind it.

Settings as the ingest worker's. Prints one line of JSON when `count` messages were acknowledged.
"""

from __future__ import annotations

import json
import sys
import time

from ingest.inbox import Inbox
from store import settings


def main() -> None:
    count = int(sys.argv[1])
    given = settings.load()
    inbox = Inbox(given)
    inbox.start()
    said, taken, first = False, 0, 0.0
    while taken < count:
        if inbox.connected and not said:
            said = print("listening", file=sys.stderr, flush=True) is None
        messages = inbox.take(given.ingest_batch, patience=0.5)
        if messages:
            first = first or messages[0].received_at.timestamp()
            inbox.acknowledge(messages)
            taken += len(messages)
    print(json.dumps({"start": first, "end": time.time()}), flush=True)
    inbox.stop()


if __name__ == "__main__":
    main()
