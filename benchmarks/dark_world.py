"""The demo's town, its API behind real HTTP and its workers, for `dark.py`."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Thread
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlencode

import psycopg
import uvicorn
from psycopg_pool import ConnectionPool

from phr_api import town, town_seed
from phr_api.app import create_app
from store import clients, consent_words, embedded, migrations, pool, sealing, sealing_keys, sessions, staff
from store.clock import civil_day
from store.settings import Settings

PEOPLE = 6
HEALTH_CENTRE = "0688888888"  # gives guidance for the town
PROXY, BROWSER = "proxy", "a proxy's browser"
LAB = "lab"  # the living lab's program
_HOUR = timedelta(hours=1)


@dataclass
class World:
    """One citizen with a checkup, one 保健師 of her town. ``call`` and ``json`` go through HTTP."""

    address: str
    database: str
    person_id: int
    public_id: str
    facility: str
    record_query: str  # of /api/readings: metric and time of a number that came with a record
    checkup_advice: frozenset[str]  # titles of what rests on a checkup and on nothing that is measured at home
    document: bytes
    tokens: dict[bool | str, str] = field(repr=False)  # the citizen's, the 保健師's, of whose staff else, a proxy's
    browser: dict[str, str] = field(repr=False)
    entry: dict[str, Any]
    pools: dict[str, ConnectionPool] = field(default_factory=dict)
    needed: dict[str, float] = field(default_factory=dict)  # seconds until all paths of a purpose showed something

    def call(self, method: str, path: str, body: Any = None, *, nurse: bool | str = False) -> tuple[int, str]:
        """Status and text of the answer."""
        headers = {"Authorization": f"Bearer {self.tokens[nurse]}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.address + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as fault:
            return fault.code, fault.read().decode()

    def json(self, path: str, *, nurse: bool | str = False) -> Any:
        """What a GET gives, or None when it is refused."""
        status, text = self.call("GET", path, nurse=nurse)
        return json.loads(text) if status == 200 else None

    def give(self, purpose: str, valid_to: datetime | None = None) -> int:
        """Agree to everything of a purpose (and to the record itself, without which there is nothing to agree to).

        'guidance:0688888888': to this facility. PROXY is no consent: somebody is invited to act, and accepts.
        """
        if purpose == PROXY:
            return self._entrust(valid_to)
        purpose, _, facility = purpose.partition(":")
        words = next(one for one in consent_words.current() if one.purpose == purpose)
        given = {
            "purpose": purpose,
            "recipient": facility or next(iter(words.recipients)),
            "items": ["*"],
            "text_version": words.version,
        }
        status, text = self.call(
            "POST", "/api/consents", given | ({"valid_to": valid_to.isoformat()} if valid_to else {})
        )
        assert status == 201, text
        return int(json.loads(text)["consent_id"])

    def take_back(self, purpose: str, given: int) -> None:
        """The citizen ends what ``give`` gave."""
        kind = "entitlements" if purpose == PROXY else "consents"
        status, text = self.call("DELETE", f"/api/{kind}/{given}")
        assert status == 204, text

    def _entrust(self, valid_to: datetime | None) -> int:
        """Also in a browser that goes from the one before to this one."""
        offer = {"relation": "長女", "scope": ["see", "enter", "consents"]}
        offer |= {"valid_to": valid_to.isoformat()} if valid_to else {}
        code = {"code": json.loads(self.call("POST", "/api/invitations", offer)[1])["code"]}
        given = int(json.loads(self.call("POST", "/api/invitations/accept", code, nurse=PROXY)[1])["entitlement_id"])
        for step in ("back", f"{given}/act"):
            self.call("POST", f"/proxies/{step}", nurse=BROWSER)
        return given

    @contextmanager
    def pool(self, role: str) -> Iterator[psycopg.Connection]:
        """A connection as one of the workers has it."""
        with self.pools[role].connection() as conn:
            yield conn


@contextmanager
def world() -> Iterator[World]:
    folder = Path(mkdtemp(prefix="phr-dark-"))
    key = urlsafe_b64encode(os.urandom(32)).decode()
    try:
        with ExitStack() as stack:
            sealing.use(key)
            uri = embedded.database(stack.enter_context(embedded.server(folder / "pg")), "phr")
            migrations.migrate(uri)
            people = town.residents(civil_day(datetime.now(UTC)), people=PEOPLE)
            with pool.open_pool(uri) as opened:
                names = town_seed.names(people)
                (folder / "records").mkdir()
                town_seed.seed(
                    opened, people, passwords=dict.fromkeys(names, "a password"), now=datetime.now(UTC), number=1,
                    records=folder / "records", tell=lambda *_: None,
                )  # fmt: skip
            pools = {
                role: stack.enter_context(pool.open_pool(uri, name=role, role=role))
                for role in ("phr_api", "phr_advice", "phr_bridge", "phr_jobs")
            }
            address = stack.enter_context(_serving(uri, pools["phr_api"]))
            for worker in ("advice_engine", "fhir_bridge"):
                stack.enter_context(_working(worker, uri, key, folder))
            yield _meet(uri, address, folder, pools)
    finally:
        rmtree(folder, ignore_errors=True)


def _meet(uri: str, address: str, folder: Path, pools: dict[str, ConnectionPool]) -> World:
    """Somebody with a checkup that gives advice to both and is on the work list."""
    with psycopg.connect(uri, autocommit=True) as conn:
        found = conn.execute(
            "select person_id, public_id::text, d.facility from health.advice join health.people using (person_id)"
            " join health.documents as d using (person_id) where closed_at is null and rule_id like 'checkup%'"
            " and advice.kind = 'referral' and audience = 'both' and town = '062049' order by 1 limit 1"
        ).fetchone()
        assert found, "nobody of the town has what is looked for"
        person_id, public_id, facility = found
        metric = conn.execute(
            "select metric, at from health.readings join health.sources using (source_id)"
            " where kind = 'record' and person_id = %s limit 1",
            (person_id,),
        ).fetchone()
        assert metric
        titles = conn.execute(
            "select title from health.advice where person_id = %s and (rule_id like 'checkup%%' or rule_id = any(%s))",
            (person_id, ["guidance_level", "metabo_verdict"]),
        ).fetchall()
        nurse = staff.listing(conn)[0]
        _of_today(conn, person_id)
        sealing_keys.prepare(conn)
        clients.add(conn, LAB, role="living_lab")
        other = staff.add(conn, name="港 みなと", facility=(HEALTH_CENTRE, "港の保健センター"))
        tokens: dict[bool | str, str] = {
            **{kind: sessions.open(conn, person_id=_another(conn, person_id)) for kind in (PROXY, BROWSER)},
            HEALTH_CENTRE: sessions.open(conn, staff_id=other.staff_id, second_factor=True),
            LAB: sessions.open(conn, client_id=LAB),
            False: sessions.open(conn, person_id=person_id),
            True: sessions.open(conn, staff_id=nurse.staff_id, second_factor=True),
        }
    return World(
        address=address,
        database=uri,
        person_id=person_id,
        public_id=public_id,
        facility=facility,
        record_query=urlencode({"metric": metric[0], "since": metric[1] - _HOUR, "until": metric[1] + _HOUR}),
        checkup_advice=frozenset(title for (title,) in titles),
        document=_document(folder, uri, person_id),
        tokens=tokens,
        browser=_browser(),
        entry=_entry(),
        pools=pools,
    )


def _another(conn: psycopg.Connection, person_id: int) -> int:
    row = conn.execute("select max(person_id) from health.people where person_id <> %s", (person_id,)).fetchone()
    assert row
    return int(row[0])


def _of_today(conn: psycopg.Connection, person_id: int) -> None:
    """A figure and an answer of today: whoever agrees now is there from today on."""
    now = datetime.now(UTC)
    conn.execute(
        "insert into health.days (person_id, day, metric, n, mean, low, high, last)"
        " values (%s, %s, 'weight', 1, 60, 60, 60, 60) on conflict do nothing",
        (person_id, civil_day(now)),
    )
    conn.execute(
        "with told as (insert into health.advice (person_id, rule_id, kind, urgency, audience, title, body, reason,"
        " rests_on, source, judged_at, closed_at) values (%s, 'steps_more', 'advice', 1, 'citizen', '歩数', '文',"
        " '理由', '[]', '{}', now(), now()) returning advice_id)"
        " insert into health.feedback (advice_id, person_id, answer) select advice_id, %s, 'done' from told",
        (person_id, person_id),
    )


def _document(folder: Path, uri: str, person_id: int) -> bytes:
    """The checkup report of this very person, as the facility sent it."""
    with psycopg.connect(uri) as conn:
        order = [one for (one,) in conn.execute("select person_id from health.people order by person_id")]
    number = order.index(person_id) + 1
    return sorted((folder / "records").glob(f"checkup-{number:02}-*.json"))[-1].read_bytes()


def _browser() -> dict[str, str]:
    point = urlsafe_b64encode(b"\x04" + bytes(64)).decode().rstrip("=")
    secret = urlsafe_b64encode(bytes(16)).decode().rstrip("=")
    return {"endpoint": "https://fcm.googleapis.com/fcm/send/abc", "p256dh": point, "auth": secret}


def _entry() -> dict[str, Any]:
    at = (datetime.now(UTC) - timedelta(hours=3)).replace(microsecond=0).isoformat()
    return {"how": "paper", "readings": [{"metric": "temperature", "value": 36.5, "unit": "Cel", "at": at}]}


@contextmanager
def _serving(uri: str, opened: ConnectionPool) -> Iterator[str]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = create_app(Settings(database_url=uri, embedded=True, public_url=address), opened)
        served = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
        thread = Thread(target=served.run, kwargs={"sockets": [listening]})
        thread.start()
        end = monotonic() + 60
        while not served.started:
            assert monotonic() < end, "the API did not start"
            sleep(0.05)
        try:
            yield address
        finally:
            served.should_exit = True
            thread.join(20)


@contextmanager
def _working(module: str, uri: str, key: str, folder: Path) -> Iterator[None]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PHR_")}
    inbox = folder / "inbox"
    inbox.mkdir(exist_ok=True)
    environ = kept | {"PHR_DATABASE_URL": uri, "PHR_MASTER_KEY": key, "PHR_INBOX_DIR": str(inbox)}
    with (folder / f"{module}.log").open("w") as log:
        running = subprocess.Popen([sys.executable, "-m", module], env=environ, stderr=log)
        try:
            yield
            assert running.poll() is None, (folder / f"{module}.log").read_text()
        finally:
            running.terminate()
            running.wait(30)
