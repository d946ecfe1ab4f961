"""How many messages the broker holds: Mosquitto tells it every 10 s (``$SYS``, man page mosquitto(8))."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from store.settings import Settings

COUNT = "$SYS/broker/store/messages/count"


@contextmanager
def watched(settings: Settings) -> Iterator[Callable[[], float | None]]:
    """A connection of its own that listens to the broker's count; gives None while there is none."""
    said: list[float] = []
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.username_pw_set(settings.mqtt_username, settings.mqtt_password)
    if settings.mqtt_tls_ca:
        client.tls_set(settings.mqtt_tls_ca)

    def on_connect(  # noqa: PLR0917 - paho's signature
        client: Client, userdata: object, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        if not reason.is_failure:
            client.subscribe(COUNT)

    def on_message(client: Client, userdata: object, message: MQTTMessage) -> None:
        said[:] = [float(message.payload)]

    client.on_connect = on_connect
    client.on_message = on_message
    client.on_disconnect = lambda client, userdata, flags, reason, properties: said.clear()
    client.connect_async(settings.mqtt_host, settings.mqtt_port)
    client.loop_start()
    try:
        yield lambda: said[0] if said else None
    finally:
        client.disconnect()
        client.loop_stop()
