"""Measures from outside how soon a red flag stands on the 保健師's list: publish a pressure, look at the list."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

import psycopg

from advice_engine.words import pressure
from devices import payloads
from phr_api import town_devices
from phr_api.commands import bench_walk, demo_folder, demo_welcome
from phr_api.commands.demo_folder import Folder
from phr_api.commands.problem import Problem
from phr_api.town_devices import Device
from phr_api.town_resident import Resident
from store import advice, identifiers, sealing

HIGH = (181, 112)  # mmHg: from 180/110 on a single reading is a red flag
_CUFFS_CLOCK = 1.1  # seconds: it counts whole ones, and two readings of one are the same


def measure(folder: Folder, *, n: int) -> list[float | None]:
    """Seconds until each of ``n`` pressures of one citizen is a red flag on the list; None: never."""
    person, device = _bearer(demo_welcome.residents(folder))
    client = bench_walk.connect(folder, device.gateway)
    sealing.use(demo_folder.master_key(folder).read_text("utf-8"))
    with psycopg.connect((folder.secrets / "database_url").read_text("utf-8"), autocommit=True) as conn:
        person_id = identifiers.person_of(conn, *person.identifier)
        assert person_id is not None  # the town's own person
        taken = []
        for _ in range(n):
            sys, dia = _unseen(_listed(conn, person.town, person_id))
            start = time.monotonic()
            client.publish(device.topic, payloads.gatt_blood_pressure(sys, dia, 70, datetime.now(UTC)), qos=1)
            taken.append(bench_walk.until(_stands(conn, person.town, person_id, shown=pressure(sys, dia)), start))
            time.sleep(_CUFFS_CLOCK)
    client.disconnect()
    client.loop_stop()
    return taken


def _bearer(residents: tuple[Resident, ...]) -> tuple[Resident, Device]:
    """Who has a cuff and the calmest pressure: nobody else's story is touched."""
    found = [(person, one) for person in residents for one in town_devices.of(person) if one.kind == "cuff"]
    if not found:
        raise Problem("nobody in this demo has a cuff: start it with at least 2 people")
    return min(found, key=lambda pair: pair[0].pressure)


def _unseen(listed: set[str]) -> tuple[int, int]:
    sys, dia = HIGH
    return next((sys + more, dia) for more in count() if pressure(sys + more, dia) not in listed)


def _stands(conn: psycopg.Connection, town: str, person_id: int, *, shown: str) -> Callable[[], bool]:
    return lambda: shown in _listed(conn, town, person_id)


def _listed(conn: psycopg.Connection, town: str, person_id: int) -> set[str]:
    """What the red flags rest on that the town's list shows of this person."""
    rows = [one for row in advice.worklist(conn, town) if row.person_id == person_id for one in row.advice]
    return {ground["value"] for one in rows if one.kind == "red_flag" for ground in one.rests_on}
