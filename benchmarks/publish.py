"""A load generator that is not the bottleneck: MQTT 3.1.1, QoS 1, frames put together from prepared pieces.

`python benchmarks/publish.py --port 1883 --gateway bench-1 --count 100000` publishes as that gateway with the password
in PHR_BENCH_PASSWORD, prints "ready" and waits for a line on stdin, then sends, waits for the last acknowledgement and
prints one line of JSON. With `--rate` every reading carries the microsecond in which it was sent.

At a broker elsewhere, with the password that the gateway was told in a file and its devices d0 to d4 registered:

    echo | python benchmarks/publish.py --host mqtt.phr.example.jp --port 8883 --ca ca.pem --gateway gw-7k3m9qtd0x \
      --password-file password --devices 5 --rate 100 --count 60000
"""

from __future__ import annotations

import argparse
import json
import os
import select
import socket
import ssl
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from struct import pack

WINDOW = 2000  # messages on their way without the broker's word
CHUNK = 200
METRICS = (("weight", "kg", 55.0), ("pulse", "/min", 62.0), ("spo2", "%", 95.0), ("temperature", "Cel", 36.0))
DAYS_BACK = 20  # so long ago the oldest reading of a backlog was measured


class Connection:
    """One gateway at the broker: counts what is acknowledged."""

    def __init__(self, user: str, password: str, *, port: int, host: str = "127.0.0.1", ca: str | None = None) -> None:
        plain = socket.create_connection((host, port))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = plain
        if ca:
            trusted = ssl.create_default_context(cafile=ca if ca != "system" else None)
            self.socket = trusted.wrap_socket(plain, server_hostname=host)
        name, secret = user.encode(), password.encode()
        rest = text(b"MQTT") + bytes([4, 0xC2, 0, 0]) + text(name + b"-load") + text(name) + text(secret)
        self.socket.sendall(b"\x10" + varint(len(rest)) + rest)
        if self.socket.recv(4)[-1:] != b"\0":
            sys.exit("the broker refuses the load generator")
        self.octets = 0

    @property
    def acknowledged(self) -> int:
        return self.octets // 4  # a PUBACK of MQTT 3.1.1 has four bytes, and nothing else comes

    def hear(self, patience: float) -> None:
        waiting = isinstance(self.socket, ssl.SSLSocket) and self.socket.pending()
        if waiting or select.select([self.socket], [], [], patience)[0]:
            heard = self.socket.recv(1 << 16)
            if not heard:
                sys.exit("the broker closed the connection")
            self.octets += len(heard)


def text(value: bytes) -> bytes:
    return pack(">H", len(value)) + value


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


class Frames:
    """PUBLISH packets: everything but packet id and times is prepared once for each device."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.devices, self.bundle = given.devices, given.bundle
        self.heads = []
        self.readings = []
        for device in range(given.devices):
            metric, unit, value = METRICS[device % len(METRICS)]
            self.readings.append(
                b'{"metric":"%s","value":%.2f,"unit":"%s","at":"'
                % (metric.encode(), value + device % 50 / 20, unit.encode())
            )
            topic = text(f"phr/v1/{given.gateway}/d{device}".encode())
            long = len(topic) + 2 + len(self._payload(device, [b"2026-01-01T00:00:00.000000+00:00"] * self.bundle))
            self.heads.append(b"\x32" + varint(long) + topic)
        self.start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=DAYS_BACK)
        self.minutes: dict[int, bytes] = {}
        self.second, self.prefix = 0, b""

    def _payload(self, device: int, times: list[bytes]) -> bytes:
        reading = self.readings[device]
        return b'{"readings":[' + b",".join([reading + at + b'"}' for at in times]) + b"]}"

    def old(self, number: int) -> bytes:
        """The number-th message of a backlog: devices take turns, each reading a minute after the one before."""
        turn, device = divmod(number, self.devices)
        device = device * 7919 % self.devices  # not in the order of the key
        return self._frame(number, device, [self._minute(turn * self.bundle + k) for k in range(self.bundle)])

    def now(self, number: int) -> bytes:
        """A message whose readings are measured at this microsecond."""
        seconds, micros = divmod(time.time_ns() // 1000, 1_000_000)
        if seconds != self.second:
            self.second = seconds
            self.prefix = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()
        return self._frame(number, number * 7919 % self.devices, [b"%s.%06d+00:00" % (self.prefix, micros)])

    def _frame(self, number: int, device: int, times: list[bytes]) -> bytes:
        return self.heads[device] + pack(">H", number % 65535 + 1) + self._payload(device, times)

    def _minute(self, count: int) -> bytes:
        known = self.minutes.get(count)
        if known is None:
            moment = self.start + timedelta(minutes=count)
            known = self.minutes[count] = moment.strftime("%Y-%m-%dT%H:%M:%S.000000+00:00").encode()
        return known


def flat_out(connection: Connection, frames: Frames, count: int) -> None:
    for first in range(0, count, CHUNK):
        connection.socket.sendall(b"".join(map(frames.old, range(first, min(first + CHUNK, count)))))
        connection.hear(0)
        while first + CHUNK - connection.acknowledged > WINDOW:
            connection.hear(1)


def steadily(connection: Connection, frames: Frames, count: int, rate: float) -> float:
    """Returns how many seconds behind its own schedule it was at the worst."""
    start, sent, behind = time.perf_counter(), 0, 0.0
    while sent < count:
        due = min(count, int((time.perf_counter() - start) * rate) + 1)
        if due > sent:
            behind = max(behind, time.perf_counter() - start - sent / rate)
            connection.socket.sendall(b"".join(map(frames.now, range(sent, min(due, sent + CHUNK)))))
            sent = min(due, sent + CHUNK)
        connection.hear(max(0.0, min(0.01, start + sent / rate - time.perf_counter())))
    return behind


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--ca", help="TLS: the file of the broker's CA, or `system` for those that this machine trusts")
    parser.add_argument("--gateway", required=True)
    parser.add_argument("--user", help="the gateway's user name, where its secret was renewed")
    parser.add_argument("--password-file", help="instead of PHR_BENCH_PASSWORD")
    parser.add_argument("--devices", type=int, default=500, help="d0, d1, … of this gateway")
    parser.add_argument("--count", type=int, default=10_000, help="messages")
    parser.add_argument("--bundle", type=int, default=1, help="readings a message, without --rate")
    parser.add_argument("--rate", type=float, default=0, help="messages a second; 0: as fast as the broker takes them")
    given = parser.parse_args()
    if given.rate:
        given.bundle = 1
    file = given.password_file
    password = Path(file).read_text("utf-8").strip() if file else os.environ["PHR_BENCH_PASSWORD"]
    connection = Connection(given.user or given.gateway, password, port=given.port, host=given.host, ca=given.ca)
    frames = Frames(given)
    print("ready", flush=True)
    sys.stdin.readline()
    start, behind = time.time(), 0.0
    if given.rate:
        behind = steadily(connection, frames, given.count, given.rate)
    else:
        flat_out(connection, frames, given.count)
    while connection.acknowledged < given.count:
        connection.hear(1)
    told = {"sent": given.count, "start": start, "seconds": time.time() - start, "behind_ms": round(behind * 1000, 1)}
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
