"""The MQTT side of the ingest worker: a bounded queue of messages that are acknowledged only when told so.

One thread owns the MQTT client; the worker's thread takes messages and gives back the acknowledgements. There is
no linger: while one batch is being committed the next one gathers. Once four batches are held the socket is not read
any more, so memory is bounded by us and the broker holds the rest. (paho's own loop has no such brake, and its
automatic acknowledgement loses what is not yet stored when the worker dies.)
"""

from __future__ import annotations

import logging
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import cast

from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import MQTTErrorCode

from ingest import session
from ingest.message import Message
from store.settings import Settings

HELD_BATCHES = 4
HELD_BYTES = 64 * 2**20  # messages can be long: a second bound on what is held

_PACKETS_A_TURN = 500
_KNOCK, _LONGEST_BACKOFF = 0.25, 30.0  # seconds between tries: of a broker that is away, of one that ends it
_STEADY = 5.0  # seconds
_FAREWELL = 2.0  # seconds
_TICK = timedelta(microseconds=1)

log = logging.getLogger("ingest.inbox")


class InboxFailed(Exception):
    """The inbox's thread ended by a fault of its own (it is in the log); nothing more will arrive."""


class Inbox:
    """Messages of ``phr/v1/#`` in the order of arrival. ``take`` and ``acknowledge`` belong to one worker thread.

    The session's name is ``settings.mqtt_slot``: the broker keeps its messages under it, so exactly one process
    may use a slot at a time, and a slot that is given up leaves its messages behind.
    """

    def __init__(self, settings: Settings, *, listen: bool = True) -> None:
        """``listen=False``: only what already waits in the session, nothing new is routed there."""
        self._settings = settings
        self._most = HELD_BATCHES * settings.ingest_batch
        self._lock = threading.Condition()
        self._waiting: deque[Message] = deque()
        self._acknowledged: deque[Message] = deque()
        self._held = 0  # messages taken in and not yet given back
        self._held_bytes = 0
        self._connection = 0
        self._last_arrival = datetime.min.replace(tzinfo=UTC)
        self._let_in = False
        self._stopping = False
        self._backoff = 0.0
        self._let_in_at = 0.0
        self._reached = True
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._wake_write.setblocking(False)
        self._client = session.client(settings, connected=self._connected, arrived=self._arrived, listen=listen)
        self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)

    def start(self) -> None:
        """Connect and begin to receive; keeps trying for as long as the broker is away."""
        self._thread.start()

    def stop(self) -> None:
        """Send the acknowledgements that were given, then disconnect; the session stays at the broker."""
        self._stopping = True
        self._wake()
        self._thread.join()
        self._wake_read.close()
        self._wake_write.close()

    @property
    def held(self) -> int:
        """How many messages are in memory: waiting, or taken and not yet acknowledged."""
        return self._held

    @property
    def held_bytes(self) -> int:
        """How many bytes their payloads are."""
        return self._held_bytes

    @property
    def connection(self) -> int:
        """How often it has begun to connect."""
        return self._connection

    @property
    def connected(self) -> bool:
        """Whether the subscription stands; from the first time on the broker keeps what comes while we are away."""
        return self._let_in

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def take(self, most: int, patience: float) -> list[Message]:
        """Whatever has arrived, at most ``most`` messages; waits up to ``patience`` seconds for the first.

        Raises InboxFailed when nothing can arrive any more.
        """
        with self._lock:
            if not self._waiting:
                if not self.alive:
                    raise InboxFailed
                self._lock.wait(patience)
            return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """These are stored: tell the broker, in this order. Call it after the commit."""
        with self._lock:
            self._acknowledged.extend(messages)
        self._wake()

    def _wake(self) -> None:
        with suppress(BlockingIOError):  # full: it is awake already
            self._wake_write.send(b"\0")

    # What follows runs in the inbox's own thread ---------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._stopping:
                if self._client.socket() is None:
                    self._connect()
                else:
                    self._turn()
            self._send_acknowledgements()
            self._leave()
        except Exception:
            log.exception("the inbox failed")

    def _leave(self) -> None:
        """Disconnect; what the socket does not take within a moment comes again."""
        self._client.disconnect()
        deadline = time.monotonic() + _FAREWELL
        while (connection := self._client.socket()) is not None and time.monotonic() < deadline:
            select.select([], [cast(socket.socket, connection)], [], _FAREWELL)
            self._client.loop_write()
        if connection is not None:
            cast(socket.socket, connection).close()

    def _connect(self) -> None:
        # Two programs under one name end each other's connection: only one that has stood a while is forgiven.
        if self._let_in and time.monotonic() - self._let_in_at > _STEADY:
            self._backoff = 0.0
        self._pause(self._backoff)
        self._backoff = min(max(2 * self._backoff, _KNOCK), _LONGEST_BACKOFF)
        if not self._stopping:
            # From here on the packet ids of messages taken in before mean nothing any more. These messages are
            # stored all the same; they come again, and are known then.
            self._connection += 1
            self._let_in = False
            self._knock()

    def _knock(self) -> None:
        reached = session.connect(self._client, self._settings, self._most)
        if not reached:
            # A broker that starts has no subscription until we are back, and gateways may be quicker: be there soon.
            self._backoff = _KNOCK
            if self._reached:
                log.warning("the broker can't be reached; trying again until it can")
        self._reached = reached

    def _connected(self) -> None:
        self._let_in = True
        self._let_in_at = time.monotonic()

    def _arrived(self, message: MQTTMessage) -> None:
        # Arrival times rise strictly: two messages without a time of their own never share one.
        self._last_arrival = max(datetime.now(UTC), self._last_arrival + _TICK)
        taken_in = Message(
            topic=message.topic,
            payload=bytes(message.payload),
            received_at=self._last_arrival,
            qos=message.qos,
            packet_id=message.mid,
            retained=message.retain,
            duplicate=message.dup,
            connection=self._connection,
        )
        with self._lock:
            self._waiting.append(taken_in)
            self._held += 1
            self._held_bytes += len(taken_in.payload)
            self._lock.notify()

    def _full(self) -> bool:
        return self._held >= self._most or self._held_bytes >= HELD_BYTES

    def _turn(self) -> None:
        connection = cast(socket.socket, self._client.socket())
        reading = [self._wake_read] if self._full() else [self._wake_read, connection]
        writing = [connection] if self._client.want_write() else []
        readable, writable, _ = select.select(reading, writing, [], 1.0)
        if connection in readable:
            self._read()
        if writable:
            self._client.loop_write()
        self._empty_wake()
        self._send_acknowledgements()
        self._client.loop_misc()

    def _read(self) -> None:
        """Packet by packet, until nothing is left, enough is held or it is another duty's turn."""
        for _ in range(_PACKETS_A_TURN):
            before = self._held
            good = self._client.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS
            if not good or self._held == before or self._full():
                return

    def _send_acknowledgements(self) -> None:
        while self._acknowledged:
            with self._lock:
                message = self._acknowledged.popleft()
                self._held -= 1
                self._held_bytes -= len(message.payload)
            # Beyond its connection a packet id may name another message; this one comes again by itself.
            if message.qos and message.connection == self._connection and self._client.socket() is not None:
                self._client.ack(message.packet_id, message.qos)

    def _pause(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self._stopping and (left := deadline - time.monotonic()) > 0:
            select.select([self._wake_read], [], [], left)
            self._empty_wake()
            self._send_acknowledgements()

    def _empty_wake(self) -> None:
        with suppress(BlockingIOError):
            self._wake_read.recv(4096)
