"""Does anybody get a message twice, or none, when those who send are killed between sending and settling?

`python benchmarks/delivery_kills.py --kills 20`

A PostgreSQL and an SMS gateway of its own, each a process; two workers send through the product's own loop, and again
and again one of them gets a SIGKILL at a random moment and another begins in its place. The gateway is slow, refuses
now and then, asks for patience, or takes a message and drops the line without an answer; it keeps every id it was
given. Each person has an older piece of advice and a newer referral waiting: one message is to arrive, the newer.

At the end each person was told by exactly one id. Ids that the gateway was given more than once are printed: at least
once is what can be promised, and by the id the gateway sends a message once. Leases and waits are shortened to seconds;
nothing else of the product is changed. JSON goes to stdout; exit code 1 when something is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import psycopg
from rich.console import Console
from rich.progress import track

from advice_engine import deliver
from store import addresses, consents, deliveries, embedded, migrations
from store.pool import open_pool
from store.settings import load

WORKERS, PORTION = 2, 40  # people who become due before each kill
LEASE = timedelta(seconds=3)
PATIENCE = 180.0  # seconds
_LEASES_ENDED = """
    select count(*) from (select state, lag(state) over (partition by delivery_id order by event_id) as before
                            from health.delivery_events) as step
     where state = 'sending' and before = 'sending'
"""
_NEWER = "select token from health.deliveries join health.advice using (advice_id) where kind = 'referral'"
_OPEN = "status not in ('sent', 'dropped', 'failed')"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--as", choices=("worker", "gateway"), dest="part", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part == "worker":
        work()
    if given.part == "gateway":
        gateway(random.Random(given.seed))
    found = proof(given.kills, random.Random(given.seed))
    print(json.dumps(found, ensure_ascii=False))
    return 0 if found["held"] else 1


def work() -> None:
    """One worker: the product's loop, with a short lease and short waits."""
    deliver.LEASE = LEASE
    deliver.backoff = lambda tried, wait: timedelta(seconds=wait or 1)
    settings = load()
    with open_pool(settings.database_url, size=4, name="phr-advice", role="phr_advice") as pool:
        while True:
            if not deliver.deliver_once(pool, settings, datetime.now(UTC)):
                time.sleep(0.1)


class Gateway(BaseHTTPRequestHandler):
    """Writes down each id that it takes before it answers; the same id again is answered 409."""

    taken: ClassVar[Counter[str]] = Counter()
    dice: ClassVar[random.Random]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:  # the name that http.server calls
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(self.dice.uniform(0.02, 0.3))
        mood = self.dice.random()
        if mood < 0.08:
            return self.answer(503)
        if mood < 0.12:
            return self.answer(429, wait="1")
        known = self.taken[said["id"]]
        self.taken[said["id"]] += 1
        sys.stdout.write(f"{said['id']} {said['to']} {said['receipt']}\n")
        sys.stdout.flush()
        time.sleep(self.dice.uniform(0.0, 0.2))  # taken, and the answer is on its way
        if mood < 0.16:
            self.close_connection = True
            return self.connection.close()
        return self.answer(409 if known else 201)

    def answer(self, status: int, *, wait: str = "") -> None:
        self.send_response(status)
        if wait:
            self.send_header("Retry-After", wait)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A worker was killed while it waited for the answer: that is what this is about."""


def gateway(dice: random.Random) -> None:
    Gateway.dice = dice
    server = Server(("127.0.0.1", 0), Gateway)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


def proof(kills: int, dice: random.Random) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="phr-delivery-kills-")))
        os.environ["PHR_MASTER_KEY"] = "A" * 43
        database = embedded.database(stack.enter_context(embedded.server(folder / "pg")), "phr")
        migrations.migrate(database)
        ids, port = stack.enter_context(receiver(folder))
        environ = os.environ | {
            "PHR_DATABASE_URL": database, "PHR_SMS_URL": f"http://127.0.0.1:{port}/", "PHR_SMS_SECRET": "s" * 32,
            "PHR_PUSH_QUIET_FROM": "0", "PHR_PUSH_QUIET_UNTIL": "0",
        }  # fmt: skip
        conn = stack.enter_context(psycopg.connect(database, autocommit=True))
        running = [begin(environ) for _ in range(WORKERS)]
        stack.callback(lambda: [end(one) for one in running])
        for _ in track(range(kills), "killing", console=Console(stderr=True)):
            make_due(conn)
            time.sleep(dice.uniform(0.2, 1.5))
            at = dice.randrange(WORKERS)
            end(running[at])
            running[at] = begin(environ)
        return settled(conn) | weighed(conn, ids.read_text("utf-8").splitlines()[1:]) | {"kills": kills}


@contextmanager
def receiver(folder: Path) -> Iterator[tuple[Path, int]]:
    """The gateway's process: the file of what it took, and its port."""
    ids = folder / "taken"
    with ids.open("wb") as out:
        running = subprocess.Popen([sys.executable, __file__, "--as", "gateway"], stdout=out)
    try:
        while not ids.read_text("utf-8").endswith("\n"):
            time.sleep(0.05)
        yield ids, int(ids.read_text("utf-8").split()[0])
    finally:
        end(running)


def begin(environ: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, __file__, "--as", "worker"], env=environ)


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def make_due(conn: psycopg.Connection) -> None:
    """Some more people, each with an older piece of advice and a newer referral to be told of by SMS."""
    now = datetime.now(UTC)
    with conn.transaction():
        for _ in range(PORTION):
            [(person,)] = conn.execute(
                "insert into health.people (birth_date, sex) values ('1950-01-01', 'female') returning person_id"
            ).fetchall()
            consents.give(
                conn, person, purpose="push", recipient="city", items=["*"], text_version="2", given_by="self",
                valid_from=now - timedelta(days=1),
            )  # fmt: skip
            addresses.add(conn, person, "sms", f"+8190{person:08}", confirmed=True)
            rows = conn.execute(
                "insert into health.advice (person_id, rule_id, kind, urgency, audience, title, body, reason, rests_on,"
                " source, judged_at) select %s, kind, kind, 1, 'both', '', '', '', '[]', '{}', now()"
                " from unnest('{advice,referral}'::text[]) as kind returning advice_id",
                (person,),
            ).fetchall()
            deliveries.add(conn, [(advice, person, "sms") for (advice,) in rows], now)


def settled(conn: psycopg.Connection) -> dict[str, Any]:
    """Wait until nothing is on its way, then count states and tries."""
    until = time.monotonic() + PATIENCE
    while _one(conn, f"select count(*) from health.deliveries where {_OPEN}") and time.monotonic() < until:
        time.sleep(0.2)
    states = conn.execute(
        "select kind || ' ' || status, count(*) from health.deliveries join health.advice using (advice_id)"
        " group by 1 order by 1"
    ).fetchall()
    return {"states": dict(states), "leases that ended": _one(conn, _LEASES_ENDED)}


def weighed(conn: psycopg.Connection, lines: list[str]) -> dict[str, Any]:
    """What the gateway took, beside what was to be told."""
    people = _one(conn, "select count(*) from health.people")
    newer = {str(token) for (token,) in conn.execute(_NEWER)}
    given = Counter(line.split()[0] for line in lines)
    whom = Counter(to for to in {line.split()[0]: line.split()[1] for line in lines}.values())
    wrong = {
        "told by no id": people - len(whom),
        "told by two ids": sum(1 for times in whom.values() if times > 1),
        "told of the older": len({line.split()[2] for line in lines} - newer),
        "not over": _one(conn, f"select count(*) from health.deliveries where {_OPEN}"),
        "noted as failed": _one(conn, "select count(*) from health.deliveries where status = 'failed'"),
    }
    again = sum(times - 1 for times in given.values())
    return {"people": people, "ids": len(given), "given again, known by their id": again, "wrong": wrong,
            "held": not any(wrong.values())}  # fmt: skip


def _one(conn: psycopg.Connection, query: str) -> int:
    [(found,)] = conn.execute(query.encode()).fetchall()
    return int(found)


if __name__ == "__main__":
    sys.exit(main())
