"""What Mosquitto's SIGKILL (or a power cut) loses and what it costs to lose less.

`python benchmarks/fault_saving.py --kills 10`

For each value of `saved_after` (Mosquitto saves its state after so many changes): a gateway publishes as fast as it is
acknowledged, with 100 messages on their way, into a session whose worker is away; the broker is killed at a random
moment and started again; what it had acknowledged and does not hand out any more is lost. A table goes to stderr, JSON
to stdout.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

from fault_load import Sender
from fault_world import GATEWAY, SECRET, WORKER_SECRET, free_port, start_mosquitto, wait
from rich.console import Console
from rich.progress import track
from rich.table import Table

from ingest import broker
from ingest.inbox import Inbox
from store.settings import Settings

SETTINGS = (1, 10, 100, 1000)
_MARK = re.compile(rb"tok-(\d{7})")


def kill_once(saved_after: int, seconds: float) -> tuple[int, int, float]:
    """(acknowledged, of these lost, acknowledged a second)."""
    with TemporaryDirectory(prefix="phr-saving-") as place:
        port = free_port()
        gateways = [(GATEWAY, broker.password_hash(SECRET))]
        config = broker.prepare(
            Path(place), port=port, gateways=gateways, ingest_password=WORKER_SECRET, saved_after=saved_after
        )
        own = Settings(mqtt_port=port, mqtt_password=WORKER_SECRET, mqtt_slot="saving", ingest_slots=1)
        running = start_mosquitto(config)
        try:
            _visit(own)
            sender = Sender(port, GATEWAY, SECRET, rate=0)
            begun = time.monotonic()
            sender.start()
            time.sleep(seconds)
            running.kill()
            took = time.monotonic() - begun
            time.sleep(0.2)  # what was acknowledged is read to the end
            promised = set(sender.promised)
            sender.stop.set()
            running.wait()
            running = start_mosquitto(config)
            return len(promised), len(promised - _drained(own, len(promised))), len(promised) / took
        finally:
            running.kill()
            running.wait()


def _visit(own: Settings) -> None:
    inbox = Inbox(own)
    inbox.start()
    wait(lambda: inbox.connected, "the session stands")
    inbox.stop()


def _drained(own: Settings, most: int) -> set[int]:
    """What the broker still has: everything that comes until it is quiet for two seconds."""
    inbox, found, last = Inbox(own), set(), time.monotonic()
    inbox.start()
    while time.monotonic() - last < 2:
        messages = inbox.take(5000, patience=0.2)
        if messages or not inbox.connected:
            last = time.monotonic()
        found |= {int(mark) for message in messages for mark in _MARK.findall(message.payload)}
        inbox.acknowledge(messages)
    inbox.stop()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=10, help="of each setting")
    given = parser.parse_args()
    dice, rows = random.Random(20261121), []
    console = Console(stderr=True)
    for saved_after in SETTINGS:
        told = [
            kill_once(saved_after, dice.uniform(0.5, 1.5))
            for _ in track(range(given.kills), description=f"saved after {saved_after}", console=console)
        ]
        lost = [lost for _, lost, _ in told]
        rows.append(
            {
                "saved_after": saved_after,
                "kills": given.kills,
                "acknowledged": sum(count for count, _, _ in told),
                "lost_mean": mean(lost),
                "lost_most": max(lost),
                "messages_a_second": round(mean(rate for _, _, rate in told)),
            }
        )
    table = Table(title="Mosquitto killed while messages pile up")
    for column in rows[0]:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*map(str, row.values()))
    console.print(table)
    print(json.dumps(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
