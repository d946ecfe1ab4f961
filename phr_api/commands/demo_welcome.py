"""What `phr up` shows when everything runs: where to look, and a line to paste."""

from __future__ import annotations

import json
from pathlib import Path
from shlex import quote

from rich.console import Console
from rich.table import Table

from phr_api import town, town_devices
from phr_api.commands import demo_folder, demo_services, demo_tls
from phr_api.commands.demo_folder import Folder
from phr_api.commands.own_name import phr
from phr_api.town_resident import Resident
from store.clock import civil_day


def show(console: Console, folder: Folder, persona: Resident, wanted: tuple[int, int]) -> None:
    """The table, and the mosquitto_pub line of the first persona."""
    state = demo_folder.state(folder)
    page = f"http://127.0.0.1:{state['api_port']}"
    table = Table(show_header=False, box=None, padding=(0, 2))
    table.add_row("citizen page  市民のページ", f"{page}/{_instead(wanted[0], state['api_port'])}")
    table.add_row("nurse page  保健師のページ", f"{page}/nurse")
    table.add_row("API docs", f"{page}/docs")
    broker = f"127.0.0.1:{state['mqtt_port']}{_instead(wanted[1], state['mqtt_port'])}"
    table.add_row("MQTT broker", f"{broker}, through TLS {state['mqtt_tls_port']}")
    table.add_row("a checkup file", _import_line(folder))
    table.add_row("", f"or put it into {folder.inbox}")
    table.add_row("data and logs", f"{folder.path}")
    console.print(table)
    console.print(f"\nbe the scale of {persona.name} (paste it into another terminal, then look at that page):")
    # printed as it is: wrapping it would break the line for pasting
    print(paste_line(folder, persona, state["mqtt_port"]), flush=True)  # noqa: T201
    console.print("the same through TLS:")
    ca = demo_tls.files(folder.broker).ca
    print(paste_line(folder, persona, state["mqtt_tls_port"], ca), flush=True)  # noqa: T201
    console.print("\nCtrl-C stops everything. Readings as they become advice:")


def _instead(wanted: int, got: int) -> str:
    return "" if wanted == got else f"   ({wanted} is taken)"


def _import_line(folder: Folder) -> str:
    usual = folder.path == Path(".phr").resolve()
    return f"{phr()} import FILE" + ("" if usual else f" --data {quote(str(folder.path))}")


def paste_line(folder: Folder, persona: Resident, mqtt_port: int, ca: Path | None = None) -> str:
    """A mosquitto_pub command line with the working credentials of the persona's own gateway; TLS with ``ca``."""
    device = next(device for device in town_devices.of(persona) if device.kind in ("scale", "shared_scale"))
    password = demo_services.gateway_passwords(folder)[device.gateway]
    payload = {"weighing_mode": "person", "unit": "kg", "weight": round(persona.weight_kg + 1.7, 1)}
    words = ("-h", "127.0.0.1", "-p", str(mqtt_port), "-V", "5", "-q", "1", "-u", device.gateway, "-P", password)
    told = (*words, *(("--cafile", str(ca)) if ca else ()), "-t", device.topic, "-m", json.dumps(payload))
    return "mosquitto_pub " + " ".join(quote(word) for word in told)


def first_persona(folder: Folder) -> Resident:
    """Who stands first on the sign-in page."""
    return residents(folder)[0]


def residents(folder: Folder) -> tuple[Resident, ...]:
    """The people this demo was made with."""
    state = demo_folder.state(folder)
    return town.residents(civil_day(demo_folder.seeded_at(folder)), state["people"], state["seed"])
