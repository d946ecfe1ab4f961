"""The worker's MQTT session: a paho client that acknowledges only when told, and how it connects.

Workers share one subscription: the broker gives each message to one of their sessions, and keeps it there for
that session's name alone, also while it is away. Four things of Mosquitto 2.0 are met here:

* It sends the messages that it retains at a shared subscription (2.0.11), each slot's anew. They are old and were
  seen when they were published, so none is asked for. A message *published* as retained comes like any other, once.
* It does not save shared subscriptions: after its restart each session is there with its messages, but nothing new is
  routed to it until it subscribes again. So we subscribe at every connect, and connect again fast; and a town that
  needs one worker only (``PHR_INGEST_SLOTS=1``) gets a subscription of its own, which Mosquitto does save.
* It lets everybody into a shared subscription, also who may not read, and throws away what it gives to them. So the
  group has a random name, which only the database knows (``store.slots``).
* It ends the connection of a name that somebody else connects under, without a reason that a client could read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from ingest.receiving import Receiver
from store.settings import Settings

TOPICS = "phr/v1/#"

_NOTHING_RETAINED = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)
_KEPT_FOR_EVER = 0xFFFFFFFF  # MQTT 5.0 section 3.1.2.11.2
_KEEPALIVE_SECONDS = 60
_MOST_IN_FLIGHT = 65535  # MQTT 5.0 section 3.1.2.11.3

Kind = TypeVar("Kind", bound=Receiver)

log = logging.getLogger("ingest.session")


def client(
    settings: Settings,
    group: str,
    *,
    connected: Callable[[], None],
    listen: bool = True,
    kind: type[Kind],
) -> Kind:
    """A client named ``settings.mqtt_slot`` that subscribes whenever it is connected, of several workers as ``group``.

    ``connected`` is called once the subscription stands: from then on the broker keeps every message for us.
    ``listen=False`` drains a session instead: ``connected`` is called once nothing new is routed to it.
    ``kind``: the class to make it of.
    """
    fresh = None if kind.SPEAKS is MQTTProtocolVersion.MQTTv5 else False
    made = kind(
        CallbackAPIVersion.VERSION2,
        client_id=settings.mqtt_slot,
        clean_session=fresh,
        protocol=kind.SPEAKS,
        manual_ack=True,
    )
    made.username_pw_set(settings.mqtt_username, settings.mqtt_password)
    if settings.mqtt_tls_ca:
        made.tls_set(settings.mqtt_tls_ca)
    shared = f"$share/{group}/{TOPICS}"
    topics, other = (shared, TOPICS) if settings.ingest_slots > 1 else (TOPICS, shared)
    begin = _subscribe if listen else _unsubscribe
    _tell_of_the_connection(made, begin=lambda client: begin(client, topics, other))
    _tell_of_the_subscription(made, connected, listen=listen)
    return made


def _subscribe(client: Client, topics: str, other: str) -> None:
    if client.protocol is MQTTProtocolVersion.MQTTv5:
        client.subscribe(topics, options=_NOTHING_RETAINED)
    else:
        client.subscribe(topics, qos=1)  # what is retained comes all the same, and is marked so
    client.unsubscribe(other)  # from a time with another number of slots; doubled for a moment is better than lost


def _unsubscribe(client: Client, topics: str, other: str) -> None:
    client.unsubscribe([topics, other])


def _tell_of_the_connection(client: Client, begin: Callable[[Client], None]) -> None:
    def on_connect(  # noqa: PLR0917 - paho's signature
        client: Client, userdata: object, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        if reason.is_failure:
            log.error("the broker refuses the connection: %s", reason)
            return
        log.info("connected to the broker, session %s", "continued" if flags.session_present else "new")
        begin(client)

    def on_disconnect(  # noqa: PLR0917 - paho's signature
        client: Client, userdata: object, flags: DisconnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        if reason.is_failure:
            log.warning("the connection to the broker ended: %s", reason)

    client.on_connect = on_connect
    client.on_disconnect = on_disconnect


def _tell_of_the_subscription(client: Client, connected: Callable[[], None], *, listen: bool) -> None:
    def on_subscribe(  # noqa: PLR0917 - paho's signature
        client: Client, userdata: object, number: int, reasons: list[ReasonCode], properties: Properties | None
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            log.error("the broker refuses the subscription to %s", TOPICS)
        else:
            log.info("listening to %s", TOPICS)
            connected()

    def on_unsubscribe(  # noqa: PLR0917 - paho's signature
        client: Client, userdata: object, number: int, reasons: list[ReasonCode], properties: Properties | None
    ) -> None:
        if not listen:
            connected()

    client.on_subscribe = on_subscribe
    client.on_unsubscribe = on_unsubscribe


def connect(client: Client, settings: Settings, in_flight: int) -> bool:
    """Begin to connect and continue the session; False when the broker can't be reached.

    ``in_flight``: how many messages the broker may send before the first is acknowledged. MQTT 3.1.1 can't say so:
    there it is the broker's ``max_inflight_messages``.
    """
    more = _continued(in_flight) if client.protocol is MQTTProtocolVersion.MQTTv5 else {}
    try:
        client.connect(settings.mqtt_host, settings.mqtt_port, keepalive=_KEEPALIVE_SECONDS, **more)
    except OSError:
        return False
    return True


def _continued(in_flight: int) -> dict[str, Any]:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = _KEPT_FOR_EVER
    properties.ReceiveMaximum = min(in_flight, _MOST_IN_FLIGHT)
    return {"clean_start": False, "properties": properties}
