import os
import subprocess
import sys
from pathlib import Path

import psycopg

from store import gateways


def _run(folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ingest.broker_files", str(folder)]
    return subprocess.run(command, env={**os.environ, **environ}, capture_output=True, text=True, timeout=60)


def test_the_brokers_files_name_every_live_gateway_and_no_clear_password(
    conn: psycopg.Connection, database: str, tmp_path: Path
) -> None:
    gateways.add(conn, "gw-1", "very-secret-1")
    gateways.add(conn, "gw-2", "very-secret-2")
    conn.execute("update health.gateways set revoked_at = now() where gateway_id = 'gw-2'")
    answer = _run(tmp_path, PHR_DATABASE_URL=database, PHR_MQTT_PASSWORD="ingest-secret")
    assert answer.returncode == 0, answer.stderr
    passwords = (tmp_path / "passwords").read_text()
    assert [line.split(":")[0] for line in passwords.splitlines()] == ["ingest", "gw-1"]
    written = "".join(path.read_text() for path in tmp_path.iterdir() if path.is_file())
    assert "secret" not in written
    assert "listener 1883 0.0.0.0" in written


def test_a_missing_setting_is_named(tmp_path: Path) -> None:
    answer = _run(tmp_path, PHR_DATABASE_URL="", PHR_MQTT_PASSWORD="")
    assert answer.returncode == 2
    assert "PHR_DATABASE_URL" in answer.stderr and "PHR_MQTT_PASSWORD" in answer.stderr


def test_with_certificate_and_key_the_broker_also_speaks_tls(database: str, tmp_path: Path) -> None:
    environ = {"PHR_DATABASE_URL": database, "PHR_MQTT_PASSWORD": "x", "PHR_MQTT_TLS_CERT": "/run/secrets/chain.pem"}
    half = _run(tmp_path, **environ)
    assert (half.returncode, half.stderr[:24]) == (2, "not set: PHR_MQTT_TLS_KE")
    assert _run(tmp_path, **environ, PHR_MQTT_TLS_KEY="/run/secrets/key.pem").returncode == 0
    written = (tmp_path / "mosquitto.conf").read_text()
    assert "listener 1883 0.0.0.0" in written and "listener 8883 0.0.0.0" in written
    assert "certfile /run/secrets/chain.pem" in written and "keyfile /run/secrets/key.pem" in written
