"""The MQTT side of the ingest worker: a bounded queue of messages that are acknowledged only when told so.

One thread owns the MQTT client; the worker's thread takes messages and gives back the acknowledgements. Live messages
do not linger: what came while one batch was committed is read at that moment and is the next one. Of a backlog, which
pours in, whole batches are taken. Once four batches are held the socket is not read any more, so memory is bounded by
us and the broker holds the rest. (paho's own loop has no such brake, and its automatic acknowledgement loses what is
not yet stored when the worker dies.)
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
from itertools import accumulate, takewhile
from typing import cast

from ingest import receiving, session
from ingest.message import LONG, Message, lane
from store.settings import Settings

HELD_BATCHES = 4
HELD_BYTES = 12 * 2**20  # messages can be long: a second bound on what is held

_KNOCK, _LONGEST_BACKOFF = 0.25, 5.0  # seconds between tries: of a broker that is away, of one that ends it
_STEADY, _FAREWELL = 5.0, 2.0  # seconds
_GATHER, _LONGEST_GATHER = 0.002, 0.01  # seconds
_TRICKLE = 32 * 1024  # bytes at one look at the socket: more is no live traffic
_POURING = 400  # messages at one look at the socket: a backlog, for live ones come a few at a time
_LONGEST_POUR = 0.25  # seconds
_LIVELY = 60.0  # seconds after a short message in which others are to be expected
_A_READING = 200  # bytes of a message that brings one

log = logging.getLogger("ingest.inbox")


class InboxFailed(Exception):
    """The inbox's thread ended by a fault of its own (it is in the log); nothing more will arrive."""


class Inbox:
    """Messages of ``phr/v1/#`` in the order of arrival. ``take`` and ``acknowledge`` belong to one worker thread.

    The session's name is ``settings.mqtt_slot``: the broker keeps its messages under it, so exactly one process
    may use a slot at a time, and a slot that is given up leaves its messages behind.
    """

    def __init__(self, settings: Settings, *, listen: bool = True, group: str = "ingest") -> None:
        """``listen=False``: only what already waits in the session, nothing new is routed there.

        ``group``: of the shared subscription; where gateways come in, a name that none of them can guess.
        """
        self._settings = settings
        self._most = HELD_BATCHES * settings.ingest_batch
        self._lock = threading.Condition()
        self._waiting: deque[list[Message]] = deque()  # as they came off the socket
        self._acknowledged: deque[Sequence[Message]] = deque()
        self._held = self._held_bytes = 0  # messages taken in and not yet given back
        self._short = 0  # messages of one measurement among those that wait
        self._short_at = -_LIVELY  # when the last of them came
        self._pouring, self._trickling = False, True
        self._connection = 0
        self._let_in = False
        self._stopping = False
        self._backoff = self._let_in_at = 0.0
        self._reached = True
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._wake_write.setblocking(False)
        kind = receiving.kind(settings.ingest_receive)
        self._client = session.client(settings, group, connected=self._connected, listen=listen, kind=kind)
        self._client.lane = lane(settings.mqtt_slot)
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
    def others_may_wait(self) -> bool:
        """Whether short messages wait here, or may at the broker: we are full, and such a one came not long ago."""
        return self._short > 0 or (self._full() and self.quiet_for < _LIVELY)

    @property
    def quiet_for(self) -> float:
        """Seconds since the last short message came."""
        return time.monotonic() - self._short_at

    @property
    def connection(self) -> int:
        """How often it has begun to connect."""
        return self._connection

    @property
    def connected(self) -> bool:
        """Whether the subscription stands; from the first time on the broker keeps what comes while we are away."""
        return self._let_in

    @property
    def connected_for(self) -> float:
        """Seconds since the subscription stands."""
        return time.monotonic() - self._let_in_at

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def take(self, most: int, patience: float) -> list[Message]:
        """Whatever has arrived, at most ``most`` messages; waits up to ``patience`` seconds for the first.

        Of messages that bring many readings each, about as many as bring ``most`` readings. Raises InboxFailed when
        nothing can arrive any more.
        """
        with self._lock:
            if not self._waiting:
                if not self.alive:
                    raise InboxFailed
                self._lock.wait(patience)
            if self._pouring:  # a small batch costs nearly as much as a large one, and the two threads share one CPU
                self._lock.wait_for(lambda: not self._pouring or self._enough(most), _LONGEST_POUR)
            taken: list[Message] = []
            room = most * _A_READING
            while self._waiting and len(taken) < most and room > 0:
                piece = self._waiting.popleft()
                fitting = min(most - len(taken), _fitting(piece, room))
                if fitting < len(piece):
                    self._waiting.appendleft(piece[fitting:])
                    piece = piece[:fitting]
                taken += piece
                room -= _bytes(piece)
            self._short -= _count_short(taken)
            return taken

    def _enough(self, most: int) -> bool:
        return self._full() or sum(map(len, self._waiting)) >= most

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """These are stored: tell the broker, in this order. Call it after the commit."""
        self._acknowledged.append(messages)
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
        if self._client.socket() is not None:  # closed with something unread, it takes our last words back
            time.sleep(_GATHER)
            self._client.receive(self._most, HELD_BYTES, self._connection)
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

    def _full(self) -> bool:
        return self._held >= self._most or self._held_bytes >= HELD_BYTES

    def _turn(self) -> None:
        connection = cast(socket.socket, self._client.socket())
        if self._held:
            self._gather()
        full = self._full()
        unread = not full and self._client.unread
        reading = [self._wake_read] if full else [self._wake_read, connection]
        writing = [connection] if self._client.want_write() else []
        readable, writable, _ = select.select(reading, writing, [], 0 if unread else 1.0)
        if unread or connection in readable:
            self._read()
        if writable:
            self._client.loop_write()
        self._empty_wake()
        self._send_acknowledgements()
        self._client.loop_misc()

    def _gather(self) -> None:
        # The worker is at it. Live ones are read when it is done: then the next batch is all that has come, and a few
        # messages a look cost a fraction of one message a look. What pours in is read meanwhile.
        if self._trickling:
            select.select([self._wake_read], [], [], _LONGEST_GATHER)
        else:
            time.sleep(_GATHER)

    def _read(self) -> None:
        arrived = self._client.receive(self._most - self._held, HELD_BYTES - self._held_bytes, self._connection)
        size = _bytes(arrived)
        self._pouring, self._trickling = len(arrived) >= _POURING, size < _TRICKLE
        if arrived:
            self._held += len(arrived)
            self._held_bytes += size
            with self._lock:
                if short := _count_short(arrived):
                    self._short += short
                    self._short_at = time.monotonic()
                self._waiting.append(arrived)
                self._lock.notify()

    def _send_acknowledgements(self) -> None:
        while self._acknowledged:
            messages = self._acknowledged.popleft()
            # Beyond its connection a packet id may name another message; such a one comes again by itself.
            ids = [m.packet_id for m in messages if m.qos and m.connection == self._connection]
            if ids and self._client.socket() is not None:
                self._client.acknowledge(ids)
            self._held -= len(messages)
            self._held_bytes -= _bytes(messages)

    def _pause(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self._stopping and (left := deadline - time.monotonic()) > 0:
            select.select([self._wake_read], [], [], left)
            self._empty_wake()
            self._send_acknowledgements()

    def _empty_wake(self) -> None:
        with suppress(BlockingIOError):
            self._wake_read.recv(4096)


def _fitting(piece: Sequence[Message], room: int) -> int:
    """How many of these have room, at least one: what is stored at once stands in memory several times over."""
    if _bytes(piece) <= room:
        return len(piece)
    ends = accumulate(len(message.payload) for message in piece)
    return 1 + sum(1 for _ in takewhile(lambda end: end < room, ends))


def _count_short(messages: Sequence[Message]) -> int:
    return sum([len(message.payload) <= LONG for message in messages])


def _bytes(messages: Sequence[Message]) -> int:
    return sum([len(message.payload) for message in messages])
