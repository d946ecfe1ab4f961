"""The worker's MQTT 5 session: a paho client that acknowledges only when told, and how it connects."""

from __future__ import annotations

import logging
from collections.abc import Callable

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from store.settings import Settings

TOPICS = "phr/v1/#"

_KEPT_FOR_EVER = 0xFFFFFFFF  # MQTT 5.0 section 3.1.2.11.2
_KEEPALIVE_SECONDS = 60
_MOST_IN_FLIGHT = 65535  # MQTT 5.0 section 3.1.2.11.3

log = logging.getLogger("ingest.session")


def client(settings: Settings, *, connected: Callable[[], None], arrived: Callable[[MQTTMessage], None]) -> Client:
    """A client named ``settings.mqtt_slot`` that subscribes whenever it is connected.

    ``connected`` is called once the subscription stands: from then on the broker keeps every message for us.
    """
    made = Client(
        CallbackAPIVersion.VERSION2, client_id=settings.mqtt_slot, protocol=MQTTProtocolVersion.MQTTv5, manual_ack=True
    )
    made.username_pw_set(settings.mqtt_username, settings.mqtt_password)

    def on_connect(  # noqa: PLR0917 - paho's signature
        client: Client, userdata: object, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        if reason.is_failure:
            log.error("the broker refuses the connection: %s", reason)
            return
        log.info("connected to the broker, session %s", "continued" if flags.session_present else "new")
        # A message that the broker retains is sent at the first subscription only, not at every reconnect.
        client.subscribe(
            TOPICS, options=SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
        )

    def on_disconnect(  # noqa: PLR0917 - paho's signature
        client: Client, userdata: object, flags: DisconnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        if reason.is_failure:
            log.warning("the connection to the broker ended: %s", reason)

    def on_subscribe(  # noqa: PLR0917 - paho's signature
        client: Client, userdata: object, number: int, reasons: list[ReasonCode], properties: Properties | None
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            log.error("the broker refuses the subscription to %s", TOPICS)
        else:
            log.info("listening to %s", TOPICS)
            connected()

    made.on_connect = on_connect
    made.on_subscribe = on_subscribe
    made.on_disconnect = on_disconnect
    made.on_message = lambda client, userdata, message: arrived(message)
    return made


def connect(client: Client, settings: Settings, in_flight: int) -> bool:
    """Begin to connect and continue the session; False when the broker can't be reached.

    ``in_flight``: how many messages the broker may send before the first is acknowledged.
    """
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = _KEPT_FOR_EVER
    properties.ReceiveMaximum = min(in_flight, _MOST_IN_FLIGHT)
    try:
        client.connect(
            settings.mqtt_host,
            settings.mqtt_port,
            keepalive=_KEEPALIVE_SECONDS,
            clean_start=False,
            properties=properties,
        )
    except OSError as fault:
        log.warning("the broker can't be reached (%s); trying again", type(fault).__name__)
        return False
    return True
