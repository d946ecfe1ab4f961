"""A gateway that knows what the broker promised: MQTT 5, QoS 1, a session of its own, one thread.

Every message bears a mark (``tok-0000123``) and is of one of three kinds: a reading with a time of its own, a weighing
without one, and a broken payload. After a lost connection it sends again what was not acknowledged; a message that the
broker acknowledged with "no matching subscribers" (0x10) was kept by nobody and is sent again too.
"""

from __future__ import annotations

import random
import select
import socket
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from struct import pack

from publish import text, varint

START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=20)
KINDS = ("timed",) * 7 + ("timeless",) * 2 + ("broken",)
WINDOW = 100
MOST = 150_000
_NO_SUBSCRIBERS = 0x10  # MQTT 5.0 section 3.4.2.1


def kind(number: int) -> str:
    return KINDS[number % len(KINDS)]


def value(number: int) -> float:
    """Kilograms of a weighing, another one for each of ``MOST`` messages."""
    return 30 + number % MOST / 1000


def payload(number: int) -> tuple[str, bytes]:
    """(device, payload) of the number-th message."""
    mark = f"tok-{number:07d}"
    if kind(number) == "timed":
        at = (START + timedelta(seconds=number)).isoformat()
        reading = f'{{"metric":"weight","value":61.7,"unit":"kg","at":"{at}"}}'
        return "phone", f'{{"readings":[{reading}],"id":"{mark}"}}'.encode()
    if kind(number) == "timeless":
        return "scale", f'{{"weighing_mode":"person","unit":"kg","weight":{value(number):.3f},"id":"{mark}"}}'.encode()
    return "scale", f"broken {mark}".encode()


@dataclass
class Sender:
    """Sends at ``rate`` messages a second (0: as fast as acknowledged) until ``stop``; then waits for the last word."""

    port: int
    name: str
    password: str
    rate: float
    limit: int = MOST
    promised: dict[int, None] = field(default_factory=dict)  # the broker acknowledged these, in this order
    doubled: set[int] = field(default_factory=set)  # sent again, so the broker may have them twice
    refused: int = 0  # acknowledged, but nobody subscribed
    sent: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._open: dict[int, int] = {}  # packet id -> number
        self._again: deque[int] = deque()
        self._packet_id = 0
        self._patience = 0.0
        self._socket: socket.socket | None = None
        self._heard = b""
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def finish(self, patience: float = 60) -> None:
        """No new messages; returns when everything sent is acknowledged."""
        self.stop.set()
        self._thread.join(patience)
        if self._thread.is_alive():
            raise SystemExit("the broker does not acknowledge")

    def _run(self) -> None:
        begun, before = time.monotonic(), self.sent
        while not self._done():
            try:
                if self._socket is None:
                    self._connect()
                self._turn(begun, before)
            except OSError:
                self._lose()
                time.sleep(random.uniform(0.02, 0.2))
        if self._socket:
            self._socket.close()

    def _done(self) -> bool:
        ended = self.stop.is_set() or self.sent >= self.limit
        return ended and not self._open and not self._again

    def _connect(self) -> None:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        properties = b"\x11" + pack(">I", 3600)  # the session outlives the connection
        head = text(b"MQTT") + bytes([5, 0xC0]) + pack(">H", 0) + bytes([len(properties)]) + properties
        rest = head + text(self.name.encode() + b"-load") + text(self.name.encode()) + text(self.password.encode())
        connection.sendall(b"\x10" + varint(len(rest)) + rest)
        answer = b""
        while len(answer) < 2 or len(answer) < 2 + answer[1]:
            more = connection.recv(200)
            if not more:
                raise ConnectionError
            answer += more
        if answer[3]:
            raise ConnectionError("refused")
        self._socket, self._heard = connection, answer[2 + answer[1] :]

    def _lose(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self.doubled.update(self._open.values())
        self._again.extend(self._open.values())
        self._open.clear()

    def _turn(self, begun: float, before: int) -> None:
        assert self._socket is not None
        due = before + int((time.monotonic() - begun) * self.rate) if self.rate else self.limit
        frames = []
        while len(self._open) < WINDOW and (number := self._next(due)) is not None:
            frames.append(self._frame(number))
        if frames:
            self._socket.sendall(b"".join(frames))
        if select.select([self._socket], [], [], 0.005 if self._open or not frames else 0)[0]:
            heard = self._socket.recv(1 << 16)
            if not heard:
                raise ConnectionError
            self._understand(self._heard + heard)

    def _next(self, due: int) -> int | None:
        if time.monotonic() < self._patience:
            return None
        if self._again:
            return self._again.popleft()
        if self.stop.is_set() or self.sent >= min(due, self.limit):
            return None
        self.sent += 1
        return self.sent - 1

    def _frame(self, number: int) -> bytes:
        while True:
            self._packet_id = self._packet_id % 65535 + 1
            if self._packet_id not in self._open:
                break
        self._open[self._packet_id] = number
        device, said = payload(number)
        rest = text(f"phr/v1/{self.name}/{device}".encode()) + pack(">H", self._packet_id) + b"\0" + said
        return b"\x32" + varint(len(rest)) + rest

    def _understand(self, heard: bytes) -> None:
        while len(heard) >= 2 and len(heard) >= 2 + heard[1]:  # nothing longer than 127 octets comes
            packet, heard = heard[: 2 + heard[1]], heard[2 + heard[1] :]
            if packet[0] == 0x40:
                self._acknowledged(int.from_bytes(packet[2:4], "big"), packet[4] if len(packet) > 4 else 0)
            elif packet[0] == 0xE0:
                raise ConnectionError
        self._heard = heard

    def _acknowledged(self, packet_id: int, reason: int) -> None:
        number = self._open.pop(packet_id)
        if reason == _NO_SUBSCRIBERS:
            self.refused += 1
            self._again.append(number)
            self._patience = time.monotonic() + 0.05
        else:
            self.promised[number] = None
