"""How messages come off the socket and acknowledgements go back: paho's public way, or a faster one.

paho reads a packet's head byte by byte and sends every acknowledgement by itself: several system calls a message, the
greater part of what a message costs us. ``FastReceiver`` reads the socket in large pieces, takes QoS 0 and 1 messages
out of them itself, hands every other packet to paho, and sends the acknowledgements of a batch in one write. For that
it relies on private parts of paho, so it is used with the version that it was checked against (``CHECKED``) and no
other; with another one, or by ``PHR_INGEST_RECEIVE=public``, ``Receiver`` does the same through paho's public methods.

``Receiver`` speaks MQTT 3.1.1. Of each MQTT 5 message paho makes an object of properties, of which we use none: three
quarters of all its time (107 µs a message, 24 without). Shared subscriptions and sessions that never expire Mosquitto
has in 3.1.1 as well.
"""

from __future__ import annotations

import logging
import ssl
import sys
from array import array
from collections.abc import Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Any, ClassVar

import paho.mqtt
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import MessageType, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.exception import MalformedPacket

from ingest.message import Message, next_arrival
from ingest.packets import Malformed, Packets

CHECKED = "2.2"  # paho-mqtt's minor version whose private parts FastReceiver was checked against

_PIECE = 128 * 1024  # bytes
_PACKETS_A_TURN = 500
_PUBACK_HEAD = MessageType.PUBACK << 8 | 2  # type and length of an acknowledgement; the packet id follows

log = logging.getLogger("ingest.receiving")


def kind(wanted: str, installed: str = paho.mqtt.__version__) -> type[Receiver]:
    """The client's class for ``PHR_INGEST_RECEIVE``; the public way for a paho that was not checked."""
    if wanted == "public":
        return Receiver
    if installed.rpartition(".")[0] != CHECKED:
        log.warning("paho-mqtt %s is not %s: messages are received through its public methods", installed, CHECKED)
        return Receiver
    return FastReceiver


class Receiver(Client):
    """paho's client as it is published, read when asked; it acknowledges only when told."""

    SPEAKS: ClassVar = MQTTProtocolVersion.MQTTv311

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arrivals: list[Message] = []
        self.lane = 0
        self._last_arrival = datetime.min.replace(tzinfo=UTC)
        self._asked_connection = 0
        self.on_message = lambda client, userdata, message: self._arrived(message)

    def receive(self, most: int, most_bytes: int, connection: int) -> list[Message]:
        """What can be read now without waiting, until ``most`` messages or about ``most_bytes`` of payload.

        ``connection`` is noted in them. Arrival times rise strictly: two messages never share one. Closes the
        connection when the broker did, or when it does not speak MQTT.
        """
        self._asked_connection = connection
        for wanted in range(1, min(most, _PACKETS_A_TURN) + 1):
            good = self.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS
            if not good or len(self._arrivals) < wanted:
                break
            most_bytes -= len(self._arrivals[-1].payload)
            if most_bytes <= 0:
                break
        arrived, self._arrivals = self._arrivals, []
        return arrived

    @property
    def unread(self) -> bool:
        """Whether ``receive`` may have something to give though the socket says nothing."""
        return isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0

    def acknowledge(self, packet_ids: Sequence[int]) -> None:
        """Acknowledge these QoS 1 messages of this connection, in this order."""
        for packet_id in packet_ids:
            self.ack(packet_id, 1)

    def _next_arrival(self) -> datetime:
        self._last_arrival = next_arrival(datetime.now(UTC), self._last_arrival, self.lane)
        return self._last_arrival

    def _arrived(self, message: MQTTMessage) -> None:
        if message.retain and self.protocol is not MQTTProtocolVersion.MQTTv5:
            self.ack(message.mid, message.qos)  # old and seen when it was published: with MQTT 5 we need not ask for it
            return
        arrival, payload = self._next_arrival(), bytes(message.payload)
        self._arrivals.append(
            Message(
                message.topic,
                payload,
                arrival,
                message.qos,
                message.mid,
                message.retain,
                message.dup,
                self._asked_connection,
            )
        )


class FastReceiver(Receiver):
    """The same through private parts of paho (``CHECKED``): large reads, joined acknowledgements."""

    SPEAKS = MQTTProtocolVersion.MQTTv5

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._packets = Packets()

    def reconnect(self) -> MQTTErrorCode:
        """Connect again; what is left of the former connection's bytes means nothing any more."""
        self._packets = Packets()
        return super().reconnect()

    def receive(self, most: int, most_bytes: int, connection: int) -> list[Message]:
        """As ``Receiver.receive``; the bound in bytes is passed by one piece or one packet at most."""
        self._asked_connection = connection
        fault = MQTTErrorCode.MQTT_ERR_SUCCESS if self._packets.ready else self._fill()
        messages: list[Message] = []
        try:
            while not fault and self._sock and self._packets.ready and len(messages) < most:
                messages += self._packets.messages(most - len(messages), self._next_arrival(), connection)
                if messages:
                    self._last_arrival = messages[-1].received_at
                if len(messages) < most and (packet := self._packets.other()):
                    fault = self._hand_over(*packet)
        except Malformed:
            fault = MQTTErrorCode.MQTT_ERR_PROTOCOL
        if fault:
            self._loop_rc_handle(fault)
        if self._sock is None:  # what follows a farewell or a fault is not asked for
            self._packets = Packets()
        return messages

    @property
    def unread(self) -> bool:
        """Whether ``receive`` may have something to give though the socket says nothing."""
        return self._packets.ready or super().unread

    def acknowledge(self, packet_ids: Sequence[int]) -> None:
        """Acknowledge these QoS 1 messages of this connection, in this order, with one write."""
        if packet_ids:
            words = array("H", [_PUBACK_HEAD]) * (2 * len(packet_ids))
            words[1::2] = array("H", packet_ids)
            if sys.byteorder == "little":
                words.byteswap()
            self._packet_queue(MessageType.PUBACK, words.tobytes(), packet_ids[-1], 1)

    def _fill(self) -> MQTTErrorCode:
        try:
            piece = self._sock_recv(_PIECE)
        except BlockingIOError:
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        except OSError:
            return MQTTErrorCode.MQTT_ERR_CONN_LOST
        if not piece:
            return MQTTErrorCode.MQTT_ERR_CONN_LOST
        with self._msgtime_mutex:
            self._last_bytes_received = monotonic()
        self._packets.feed(piece)
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _hand_over(self, first: int, body: bytes) -> MQTTErrorCode:
        """One packet that is no message of QoS 0 or 1, to paho, as if paho had read it."""
        whole = self._in_packet
        whole["command"], whole["remaining_length"] = first, len(body)
        whole["packet"], whole["pos"] = bytearray(body), 0
        try:
            fault = self._packet_handle()
        except MalformedPacket:
            fault = MQTTErrorCode.MQTT_ERR_PROTOCOL
        whole["command"], whole["packet"] = 0, bytearray()
        return fault
