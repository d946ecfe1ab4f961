"""The broker's TLS listener, with real clients."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from peers import Peer, end, peer, wait_until

from ingest import broker as mosquitto
from ingest.broker import Tls
from phr_api.commands import demo_tls
from phr_api.commands.demo_folder import free_port as next_free
from phr_api.commands.demo_tls import Certificates

NAMES = [("gw-1", mosquitto.password_hash("one"))]


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return demo_tls.certificates(tmp_path)


@pytest.fixture
def tls_port(tmp_path: Path, free_port: int, certificates: Certificates) -> Iterator[int]:
    """The TLS port of a running Mosquitto whose plain port is ``free_port``."""
    port = next_free(free_port + 1)
    tls = Tls(certificates.cert, certificates.key, port)
    config = mosquitto.prepare(tmp_path / "broker", port=free_port, gateways=NAMES, ingest_password="secret", tls=tls)
    with mosquitto.running(config):
        yield port


def reached(port: int, ca: Path | None, protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv5) -> bool:
    """Whether gateway gw-1 gets in through this port; ``ca`` None: without TLS."""
    client = Client(CallbackAPIVersion.VERSION2, protocol=protocol, reconnect_on_failure=False)
    client.username_pw_set("gw-1", "one")
    if ca:
        client.tls_set(ca_certs=str(ca))
    answers: list[str] = []
    client.on_connect = lambda c, u, f, reason, p: answers.append(str(reason))
    client.on_disconnect = lambda c, u, f, reason, p: answers.append("cut")
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        wait_until(lambda: answers)
        return answers[0] == "Success"
    finally:
        end(client)


@pytest.mark.parametrize("protocol", [MQTTProtocolVersion.MQTTv311, MQTTProtocolVersion.MQTTv5])
def test_who_trusts_the_ca_gets_in(tls_port: int, certificates: Certificates, protocol: MQTTProtocolVersion) -> None:
    assert reached(tls_port, certificates.ca, protocol)


def test_who_trusts_another_ca_does_not_connect(tls_port: int, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    context = ssl.create_default_context(cafile=demo_tls.certificates(tmp_path / "other").ca)
    with (
        socket.create_connection(("127.0.0.1", tls_port), timeout=20) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        context.wrap_socket(plain, server_hostname="localhost")


def test_plain_text_on_the_tls_port_is_cut_and_the_plain_port_still_answers(tls_port: int, free_port: int) -> None:
    assert not reached(tls_port, None)
    assert reached(free_port, None)


def test_what_comes_through_tls_reaches_the_worker(tls_port: int, free_port: int, certificates: Certificates) -> None:
    with peer(free_port, "ingest", "secret") as reader:
        reader.client.subscribe("phr/v1/#", qos=1)
        wait_until(lambda: reader.granted)
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv311)
        client.tls_set(ca_certs=str(certificates.ca))
        client.username_pw_set("gw-1", "one")
        client.connect("localhost", tls_port)
        client.loop_start()
        Peer(client, [], [], []).send("phr/v1/gw-1/scale", b"1")
        end(client)
        wait_until(lambda: reader.received)
        assert reader.received[0].topic == "phr/v1/gw-1/scale"


def test_who_takes_the_workers_client_id_gets_neither_its_session_nor_rid_of_what_waits_there(
    tls_port: int, free_port: int, certificates: Certificates
) -> None:
    with peer(free_port, "ingest", "secret", client_id="ingest-1", kept=True) as worker:
        worker.client.subscribe("phr/v1/#", qos=1)
        wait_until(lambda: worker.granted)
    with peer(free_port, "gw-1", "one") as gateway:
        gateway.send("phr/v1/gw-1/scale", b"waits")
    thief = Client(CallbackAPIVersion.VERSION2, client_id="ingest-1", clean_session=False)
    thief.tls_set(ca_certs=str(certificates.ca))
    thief.username_pw_set("gw-1", "one")
    thief.connect("localhost", tls_port)
    thief.loop_start()
    Peer(thief, [], [], []).send("phr/v1/gw-1/scale", b"is in")
    end(thief)
    with peer(free_port, "ingest", "secret", client_id="ingest-1", kept=True) as worker:
        wait_until(lambda: len(worker.received) == 2)
        assert [message.payload for message in worker.received] == [b"waits", b"is in"]
