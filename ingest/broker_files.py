"""`python -m ingest.broker_files FOLDER`: the broker's files from the registered gateways, for production.

Run it before the broker starts; from then on ``ingest.gatekeeper`` keeps the passwords. The broker listens on every
address of its network: publish port 8883 (TLS) to the gateways, and 1883 to the ingest workers alone.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ingest import broker
from store import gateways, pool, settings

PORT = 1883


def write(folder: Path, given: settings.Settings) -> Path:
    """Write configuration, passwords and access list into ``folder``; returns the configuration's path."""
    settings.require(given, "database_url", "mqtt_password")
    with pool.alone(given.database_url, "broker-files", role="phr_gatekeeper") as conn:
        live = gateways.all_live(conn)
    return broker.prepare(
        folder,
        port=PORT,
        gateways=live,
        ingest_password=given.mqtt_password,
        address="0.0.0.0",  # noqa: S104 # nosec B104
        tls=_tls(given),
    )


def _tls(given: settings.Settings) -> broker.Tls | None:
    """The TLS listener, when certificate and key are given; the broker must see them under the same paths."""
    if not given.mqtt_tls_cert and not given.mqtt_tls_key:
        return None
    settings.require(given, "mqtt_tls_cert", "mqtt_tls_key")
    inside = (Path(given.mqtt_inside_cert), Path(given.mqtt_inside_key)) if given.mqtt_inside_cert else None
    return broker.Tls(Path(given.mqtt_tls_cert), Path(given.mqtt_tls_key), inside=inside)


def main() -> int:
    """0: written; 2: called wrongly, or a setting is missing."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m ingest.broker_files FOLDER\n")
        return 2
    try:
        sys.stderr.write(f"written: {write(Path(sys.argv[1]), settings.load())}\n")
    except settings.BadSetting as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
