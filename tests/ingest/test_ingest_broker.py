import os
import stat
import subprocess
from pathlib import Path

import pytest
from paho.mqtt.enums import MQTTProtocolVersion
from peers import peer, wait_until

from ingest import broker as mosquitto
from ingest.broker import Broker, BrokerFault


@pytest.mark.parametrize(
    ("name", "password"),
    [(None, None), ("gw-1", "wrong"), ("gw-1", None), ("gw-9", "any"), ("ingest", "the first gateway's password")],
)
def test_a_wrong_password_an_unknown_name_and_nobody_are_refused(
    broker: Broker, name: str | None, password: str | None
) -> None:
    with peer(broker.port, name, password) as refused:
        assert not refused.connected


@pytest.mark.parametrize("protocol", [MQTTProtocolVersion.MQTTv311, MQTTProtocolVersion.MQTTv5])
def test_a_gateway_writes_below_its_own_name_and_nowhere_else(
    broker: Broker, passwords: dict[str, str], protocol: MQTTProtocolVersion
) -> None:
    def publish(topic: str) -> None:
        with peer(broker.port, "gw-1", passwords["gw-1"], protocol=protocol) as writer:
            sent: list[int] = []
            writer.client.on_publish = lambda c, u, number, reason, p: sent.append(number)
            writer.client.publish(topic, b"1", qos=1)
            wait_until(lambda: sent)  # answered: taken, or silently not (3.1.1), or refused (5)

    with peer(broker.port, "ingest", passwords["ingest"]) as reader:
        reader.client.subscribe("#", qos=1)
        wait_until(lambda: reader.granted)
        of_itself = ("phr/v1/gw-1/SYStoMQTT", "phr/v1/gw-1/home/SYStoMQTT", "phr/v1/gw-1/RLStoMQTT")
        elsewhere = ("phr/v1/gw-2/scale", "phr/v1", "phr/v1/gw-10/scale", "other/gw-1")
        for topic in (*elsewhere, *of_itself, "phr/v1/gw-1/scale"):
            publish(topic)
        wait_until(lambda: reader.received)
        assert [message.topic for message in reader.received] == ["phr/v1/gw-1/scale"]


def test_a_gateway_reads_nothing_not_even_its_own(broker: Broker, passwords: dict[str, str]) -> None:
    with (
        peer(broker.port, "gw-2", passwords["gw-2"]) as curious,
        peer(broker.port, "gw-1", passwords["gw-1"]) as writer,
        peer(broker.port, "ingest", passwords["ingest"]) as reader,
    ):
        for one, topics in ((curious, ("#", "phr/v1/gw-1/#", "phr/v1/gw-2/#", "$SYS/#")), (reader, ("phr/v1/#",))):
            for topic in topics:
                one.client.subscribe(topic, qos=1)
        wait_until(lambda: len(curious.granted) == 4 and reader.granted)
        writer.send("phr/v1/gw-1/scale", b"1")
        curious.send("phr/v1/gw-2/scale", b"2")
        wait_until(lambda: len(reader.received) == 2)
        curious.client.unsubscribe("#")
        assert curious.received == []


def test_new_credentials_work_after_a_reload_and_nobody_else_is_dropped(
    tmp_path: Path, free_port: int, passwords: dict[str, str]
) -> None:
    old, new = ("gw-1", mosquitto.password_hash("old")), ("gw-2", mosquitto.password_hash("new"))
    config = mosquitto.prepare(tmp_path, port=free_port, gateways=[old], ingest_password="secret")
    with mosquitto.running(config) as running, peer(free_port, "ingest", "secret") as ingest:
        lost: list[object] = []
        ingest.client.on_disconnect = lambda *words: lost.append(words)
        with peer(free_port, "gw-2", "new") as early:
            assert not early.connected
        mosquitto.prepare(tmp_path, port=free_port, gateways=[new], ingest_password="secret")
        running.reload()

        def lets_in(name: str, password: str) -> bool:
            with peer(free_port, name, password) as one:
                return one.connected

        wait_until(lambda: lets_in("gw-2", "new"))
        assert not lets_in("gw-1", "old")
        assert lost == [] and ingest.client.is_connected()
        ingest.client.on_disconnect = None


def test_what_was_acknowledged_survives_a_restart_of_the_broker(tmp_path: Path, free_port: int) -> None:
    config = mosquitto.prepare(
        tmp_path, port=free_port, gateways=[("gw-1", mosquitto.password_hash("a"))], ingest_password="b"
    )
    with mosquitto.running(config):
        with peer(free_port, "ingest", "b", client_id="slot", kept=True) as reader:
            reader.client.subscribe("phr/v1/#", qos=1)
            wait_until(lambda: reader.granted)
        with peer(free_port, "gw-1", "a") as writer:
            for number in range(1500):  # more than Mosquitto's default queue of 1,000
                writer.client.publish("phr/v1/gw-1/scale", str(number), qos=1)
            writer.send("phr/v1/gw-1/scale", b"last")
    with (
        mosquitto.running(config),
        peer(free_port, "ingest", "b", client_id="slot", kept=True) as reader,
    ):
        wait_until(lambda: len(reader.received) == 1501)


def test_the_broker_does_not_hear_the_terminals_ctrl_c(broker: Broker) -> None:
    assert os.getsid(broker.pid) != os.getsid(0)


def test_passwords_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    mosquitto.prepare(tmp_path, port=1, gateways=[], ingest_password="secret")
    assert stat.S_IMODE((tmp_path / "passwords").stat().st_mode) == 0o600
    assert all("secret" not in path.read_text() for path in tmp_path.iterdir() if path.is_file())


def test_a_missing_mosquitto_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = mosquitto.prepare(tmp_path, port=1, gateways=[], ingest_password="secret")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(mosquitto, "which", lambda *_, **__: None)
    with pytest.raises(BrokerFault, match="apt-get install mosquitto"), mosquitto.running(config):
        pass


def test_a_taken_port_is_told(broker: Broker, tmp_path: Path) -> None:
    config = mosquitto.prepare(tmp_path / "second", port=broker.port, gateways=[], ingest_password="secret")
    with pytest.raises(BrokerFault, match="taken"), mosquitto.running(config):
        pass


def test_a_broken_configuration_is_told_with_mosquittos_words(tmp_path: Path, free_port: int) -> None:
    config = mosquitto.prepare(tmp_path, port=free_port, gateways=[], ingest_password="secret")
    config.write_text(config.read_text() + "no_such_word 1\n")
    with pytest.raises(BrokerFault, match="no_such_word"), mosquitto.running(config):
        pass


def test_the_worker_cannot_be_impersonated_by_a_gateway_of_its_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ingest"):
        mosquitto.prepare(tmp_path, port=1, gateways=[("ingest", "$7$")], ingest_password="secret")


def test_mosquittos_own_tool_writes_the_same_form(tmp_path: Path) -> None:
    file = tmp_path / "passwords"
    file.touch()
    subprocess.run(["mosquitto_passwd", "-b", str(file), "gw-1", "a"], check=True, capture_output=True)
    theirs, ours = file.read_text().strip().split(":")[1].split("$"), mosquitto.password_hash("a").split("$")
    assert [len(part) for part in (theirs[1], theirs[3], theirs[4])] == [
        len(part) for part in (ours[1], ours[3], ours[4])
    ]
