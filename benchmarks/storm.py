"""2,000 pedometers that were offline for weeks come back at once: all their steps, in bundles, mixed, some sent twice.

`python benchmarks/storm.py --port 1883 --gateway bench-1 --pedometers 2000 --days 42 --truth truth.json` writes what
was walked on each day before it says "ready", waits for a line on stdin, publishes (password in PHR_BENCH_PASSWORD) and
prints one line of JSON. Pedometer n is device dn. One in twenty tells a counter that begins anew at midnight, message
by message; the others tell hourly counts, three days in a bundle.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from struct import pack

from publish import CHUNK, WINDOW, Connection, text, varint

JST = timezone(timedelta(hours=9))
AWAKE = range(6, 22)
COUNTERS = 20  # one pedometer in so many is a counter
TWICE = 0.05

Payload = list[dict[str, object]]


def walked(device: int, day: int, hour: int) -> int:
    return (device * 31 + day * 17 + hour * 101) % 700


def hourly(device: int, days: range, today: datetime) -> Iterator[tuple[int, Payload]]:
    for first in days[::3]:
        yield (
            device,
            [
                {
                    "metric": "steps",
                    "value": walked(device, day, hour),
                    "unit": "{steps}",
                    "seconds": 3600,
                    "at": (today - timedelta(days=day) + timedelta(hours=hour)).isoformat(),
                }
                for day in range(first, min(first + 3, days.stop))
                for hour in AWAKE
            ],
        )


def counter(device: int, days: range, today: datetime) -> Iterator[tuple[int, Payload]]:
    for day in days:
        shown = 0
        for hour in (0, *AWAKE):
            shown += walked(device, day, hour) if hour else 0
            at = today - timedelta(days=day) + timedelta(hours=hour + 1 if hour else 0)
            yield device, [{"metric": "steps_counter", "value": shown, "unit": "{steps}", "at": at.isoformat()}]


def messages(pedometers: int, days: int) -> list[tuple[int, Payload]]:
    today = datetime.now(JST).replace(hour=0, minute=0, second=0, microsecond=0)
    ago = range(1, days + 1)
    made = [
        one
        for device in range(pedometers)
        for one in (counter if device % COUNTERS == 0 else hourly)(device, ago, today)
    ]
    chance = random.Random(42)
    made += chance.sample(made, round(len(made) * TWICE))
    chance.shuffle(made)
    return made


def truth(pedometers: int, days: int) -> list[tuple[int, str, int]]:
    today = datetime.now(JST).date()
    return [
        (device, (today - timedelta(days=day)).isoformat(), sum(walked(device, day, hour) for hour in AWAKE))
        for device in range(pedometers)
        for day in range(1, days + 1)
    ]


def frames(made: list[tuple[int, Payload]], gateway: str) -> list[bytes]:
    out = []
    for number, (device, readings) in enumerate(made):
        body = text(f"phr/v1/{gateway}/d{device}".encode()) + pack(">H", number % 65535 + 1)
        body += json.dumps({"readings": readings}, separators=(",", ":")).encode()
        out.append(b"\x32" + varint(len(body)) + body)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--gateway", required=True)
    parser.add_argument("--pedometers", type=int, default=2000)
    parser.add_argument("--days", type=int, default=42)
    parser.add_argument("--truth", type=Path, required=True)
    given = parser.parse_args()
    given.truth.write_text(json.dumps(truth(given.pedometers, given.days)), "utf-8")
    made = messages(given.pedometers, given.days)
    ready = frames(made, given.gateway)
    told = {(device, reading["metric"], reading["at"]) for device, readings in made for reading in readings}
    connection = Connection(given.gateway, os.environ["PHR_BENCH_PASSWORD"], port=given.port)
    print("ready", flush=True)
    sys.stdin.readline()
    start = time.time()
    for first in range(0, len(ready), CHUNK):
        connection.socket.sendall(b"".join(ready[first : first + CHUNK]))
        connection.hear(0)
        while first + CHUNK - connection.acknowledged > WINDOW:
            connection.hear(1)
    while connection.acknowledged < len(ready):
        connection.hear(1)
    seconds = time.time() - start
    print(json.dumps({"messages": len(ready), "readings": len(told), "start": start, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
