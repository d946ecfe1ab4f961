"""`python -m ingest.broker_files FOLDER`: the broker's files from the registered gateways, for production.

Run it before the broker starts and after a gateway was registered or revoked; then send the broker SIGHUP. It
listens on every address of its network: who may reach it is for the network and a TLS proxy to say.
"""

from __future__ import annotations

import sys
from pathlib import Path

import psycopg

from ingest import broker
from store import gateways, settings

PORT = 1883


def write(folder: Path, given: settings.Settings) -> Path:
    """Write configuration, passwords and access list into ``folder``; returns the configuration's path."""
    settings.require(given, "database_url", "mqtt_password")
    with psycopg.connect(given.database_url) as conn:
        live = gateways.all_live(conn)
    return broker.prepare(folder, port=PORT, gateways=live, ingest_password=given.mqtt_password, address="0.0.0.0")  # noqa: S104


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
