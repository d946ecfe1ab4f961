"""What one writes first: paho, json, and one INSERT and one commit for each message. The bench's measure of others.

Settings as the ingest worker's (PHR_DATABASE_URL, PHR_MQTT_PORT, PHR_MQTT_PASSWORD, PHR_MQTT_SLOT). It does less than
the worker: no registration by time, no rejection, no due mark, no last value; paho acknowledges by itself.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime

import psycopg
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

INSERT = (
    "insert into health.readings (person_id, metric, at, source_id, value, received_at)"
    " values (%s, %s, %s, %s, %s, %s) on conflict do nothing"
)


def main() -> None:
    conn = psycopg.connect(os.environ["PHR_DATABASE_URL"])
    rows = conn.execute("select gateway_id, device, person_id, source_id from health.registrations").fetchall()
    owners = {(gateway, device): (person, source) for gateway, device, person, source in rows}
    conn.commit()

    def on_message(client: Client, userdata: object, message: MQTTMessage) -> None:
        arrived = datetime.now(UTC)
        parts = message.topic.split("/")
        person, source = owners[parts[2], parts[-1]]
        for reading in json.loads(message.payload)["readings"]:
            at = datetime.fromisoformat(reading["at"])
            conn.execute(INSERT, (person, reading["metric"], at, source, reading["value"], arrived))
        conn.commit()

    client = Client(
        CallbackAPIVersion.VERSION2, client_id=os.environ["PHR_MQTT_SLOT"], protocol=MQTTProtocolVersion.MQTTv5
    )
    client.username_pw_set("ingest", os.environ["PHR_MQTT_PASSWORD"])
    client.on_message = on_message
    client.on_connect = lambda c, u, f, r, p: c.subscribe("phr/v1/#", qos=1)
    client.on_subscribe = lambda c, u, m, r, p: print("listening", file=sys.stderr, flush=True)
    session = Properties(PacketTypes.CONNECT)
    session.SessionExpiryInterval = 0xFFFFFFFF
    client.connect("127.0.0.1", int(os.environ["PHR_MQTT_PORT"]), clean_start=False, properties=session)
    client.loop_forever()


if __name__ == "__main__":
    main()
