"""The programs that make up a running demo, and the settings each of them gets."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from secrets import token_urlsafe

from ingest.broker import BrokerFault, program
from phr_api.children import Service
from phr_api.commands import demo_folder, demo_tls
from phr_api.commands.demo_folder import Folder
from phr_api.commands.problem import Problem
from phr_api.commands.secrets import vapid_key

_WORKERS = (
    ("ingest", "ingest"),
    ("figures", "ingest.figures"),
    ("advice", "advice_engine"),
    ("bridge", "fhir_bridge"),
    ("sealer", "phr_api.sealing"),
    ("api", "phr_api"),
    ("jobs", "phr_api.jobs"),
)


def mosquitto() -> str:
    """Where the broker's program is. Raises Problem with what to install when it is missing."""
    try:
        return program()
    except BrokerFault as fault:
        raise Problem(str(fault)) from None


def broker(program: str, config: Path) -> Service:
    """Mosquitto on its generated configuration."""
    return Service(name="broker", command=(program, "-c", str(config)))


def workers(folder: Folder, *, url: str, api_port: int, mqtt_port: int, tls_port: int) -> list[Service]:
    """Gatekeeper, ingest, figures, advice, bridge, sealer, API: settings by environment, secrets by files."""
    demo_folder.keep(folder.secrets / "database_url", url)
    environ = {
        "PHR_DATABASE_URL_FILE": str(folder.secrets / "database_url"),
        "PHR_MQTT_HOST": "127.0.0.1",
        "PHR_MQTT_PORT": str(mqtt_port),
        "PHR_MQTT_USERNAME": "ingest",
        "PHR_INGEST_SLOTS": "1",  # one worker: its own subscription outlives a restart of the broker
        "PHR_MQTT_PASSWORD_FILE": str(ingest_password(folder)),
        "PHR_MQTT_PUBLIC_HOST": "127.0.0.1",
        "PHR_MQTT_PUBLIC_PORT": str(tls_port),
        "PHR_MQTT_PUBLIC_CA": str(demo_tls.files(folder.broker).ca),
        "PHR_API_HOST": "127.0.0.1",
        "PHR_API_PORT": str(api_port),
        "PHR_PUBLIC_URL": f"http://127.0.0.1:{api_port}",
        "PHR_EMBEDDED": "1",
        "PHR_MASTER_KEY_FILE": str(demo_folder.master_key(folder)),
        "PHR_VAPID_PRIVATE_KEY_FILE": str(demo_folder.secret(folder, "vapid_private_key", vapid_key)),
        "PHR_INBOX_DIR": str(folder.inbox),
        "PYTHONUNBUFFERED": "1",
    }
    commands = {"gatekeeper": ("ingest.gatekeeper", str(folder.broker))} | {
        name: (module,) for name, module in _WORKERS
    }
    return [
        Service(name=name, command=(sys.executable, "-m", *words), environ=environ) for name, words in commands.items()
    ]


def simulator(folder: Folder) -> Service:
    """The town's gateways, living on."""
    command = (sys.executable, "-m", "phr_api.cli", "simulate", "--data", str(folder.path))
    return Service(name="simulator", command=command, environ={"PYTHONUNBUFFERED": "1"})


def ingest_password(folder: Folder) -> Path:
    """The file with the ingest worker's password at the broker."""
    return demo_folder.secret(folder, "ingest_password", token_urlsafe)


def gateway_passwords(folder: Folder, gateways: Iterable[str] = ()) -> dict[str, str]:
    """Password of every gateway, made once and kept for the simulator and the line to paste."""

    def make() -> str:
        # letters and digits first: a password that starts with "-" would read as an option when pasted
        return json.dumps({name: "p" + token_urlsafe(16) for name in gateways})

    known: dict[str, str] = json.loads(demo_folder.secret(folder, "gateways.json", make).read_text("utf-8"))
    return known
