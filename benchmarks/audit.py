"""What the audit costs: a request's time with and without it, sealing, and reading a million rows again.

`python benchmarks/audit.py --rows 1000000 --rounds 300`

Two API processes work on one database (fsync on): one writes looks, in the other the writing is taken out. The same
requests go to both in turn. Then a million looks are sealed and the chain is verified; then one row is changed, and the
time until it is named is measured. Last, the work list: by the API's own role, and by the database's owner, whom no
row-level security binds. JSON goes to stdout; exit code 1 when a bar is not met.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from shutil import rmtree
from statistics import median
from subprocess import Popen
from tempfile import mkdtemp

import audit_town
import psycopg
from audit_town import Callers
from rich.console import Console
from rich.progress import track

from store import embedded, migrations, sealer, sealing, verifying

MOST_RATIO = 1.10
MOST_SECONDS = 60.0
LISTED, OTHERS = 300, 20_000  # on the 保健師's work list; other people of her town
_MASTER = urlsafe_b64encode(bytes(32)).decode()
_FILL = """
insert into audit.fresh (actor, role, person_id, action, items, purpose, basis, allowed, origin)
select 'staff:' || n %% 40, 'nurse', n %% 20000, 'read', 'page: advice, readings, checkup', 'guidance',
       'consent:' || n %% 20000, n %% 50 <> 0, '10.1.' || n %% 250 || '.' || n %% 200
  from generate_series(1, %s) as n
"""
console = Console(stderr=True, highlight=False)


def work_list(callers: Callers) -> dict[str, tuple[str, str]]:
    """Path and token."""
    return {path: (path, callers.nurse) for path in ("/nurse", "/api/nurse/worklist")}


def requests(callers: Callers) -> dict[str, tuple[str, str]]:
    """Path and token."""
    her = f"/nurse/people/{callers.public_id}"
    return {
        "GET /": ("/", callers.citizen),
        "GET /api/me": ("/api/me", callers.citizen),
        "GET /api/readings": ("/api/readings?metric=weight&metric=bp_sys", callers.citizen),
        "GET /nurse/people": (her, callers.nurse),
        "GET /api/nurse/people": (f"/api{her}", callers.nurse),
    }


@contextmanager
def api(database: str, *words: str) -> Iterator[int]:
    """An API process on a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environ = {"PHR_DATABASE_URL": database, "PHR_API_PORT": str(port), "PHR_MASTER_KEY": _MASTER}
    environ |= {"PHR_LOG_LEVEL": "WARNING", "PHR_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    command = (sys.executable, str(Path(__file__).with_name("audit_api.py")), *words)
    with Popen(command, env={**os.environ, **environ}) as process:
        try:
            _wait(port)
            yield port
        finally:
            process.terminate()


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the API does not start")


def timed(line: HTTPConnection, path: str, token: str) -> float:
    """Milliseconds from asking to the whole answer."""
    try:
        began = time.perf_counter()
        line.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = line.getresponse()
        answer.read()
    except ConnectionError:  # the server closes a line that was idle for seconds
        line.close()
        return timed(line, path, token)
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status}")
    return (time.perf_counter() - began) * 1000


Asked = dict[str, tuple[str, str]]


def compare(database: str, asked: Asked, rounds: int, *, without: str) -> dict[str, dict[str, float]]:
    """Medians of the API as it is and of the other one, and their ratio."""
    with ExitStack() as stack:
        lines = {
            name: HTTPConnection("127.0.0.1", stack.enter_context(api(database, *words)))
            for name, words in (("with", ()), ("without", (without,)))
        }
        for path, token in list(asked.values()) * 10:  # in turn: an idle line is closed after seconds
            for line in lines.values():
                timed(line, path, token)
        took: dict[str, dict[str, list[float]]] = {name: {"with": [], "without": []} for name in asked}
        for number in track(range(rounds), "asking", console=console, transient=True):
            order = list(lines) if number % 2 else list(lines)[::-1]
            for name, (path, token) in asked.items():
                for which in order:
                    took[name][which].append(timed(lines[which], path, token))
    return {name: _figures(each["with"], each["without"]) for name, each in took.items()}


def _written(database: str, *, at_least: int) -> None:
    """One process wrote every look and the other none, or nothing was compared."""
    with psycopg.connect(database) as conn:
        row = conn.execute("select count(*) from audit.looks").fetchone()
    if not row or not at_least <= row[0] < 2 * at_least:
        raise SystemExit(f"expected {at_least} looks, found {row}")


def _figures(with_it: list[float], without: list[float]) -> dict[str, float]:
    return {
        "with_ms": round(median(with_it), 3),
        "without_ms": round(median(without), 3),
        "ratio": round(median(with_it) / median(without), 3),
    }


def chain(database: str, rows: int) -> dict[str, float]:
    """Sealing and reading so many rows, and finding a changed one."""
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute(_FILL, (rows,))
    found: dict[str, float] = {"rows": rows}
    with psycopg.connect(database) as conn:
        began = time.perf_counter()
        while sealer.seal(conn):
            conn.commit()
        found["seal_s"] = round(time.perf_counter() - began, 2)
        conn.rollback()
        found["seal_rows_a_second"] = round(rows / found["seal_s"])
        found["verify_s"] = _verify(conn, broken=0)
    with psycopg.connect(database, options="-c session_replication_role=replica") as conn:
        conn.execute("update audit.sealed set items = 'name' where number = %s", (rows * 2 // 3,))
    with psycopg.connect(database) as conn:
        found["verify_broken_s"] = _verify(conn, broken=1)
    return found


def _verify(conn: psycopg.Connection, *, broken: int) -> float:
    began = time.perf_counter()
    verdict = verifying.verify(conn)
    took = round(time.perf_counter() - began, 2)
    conn.rollback()
    if verdict.broken != broken:
        raise SystemExit(f"expected {broken} breaks, found {verdict.breaks}")
    return took


def main() -> None:
    """Exit code 1 when a bar is not met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--data", default="/var/tmp", help="a folder on a disk")
    given = parser.parse_args()
    folder = Path(mkdtemp(prefix="phr-audit-", dir=given.data))
    sealing.use(_MASTER)
    try:
        with embedded.server(folder / "pg") as uri:
            database = embedded.database(uri, "phr_audit")
            migrations.migrate(database)
            with psycopg.connect(database) as conn:
                callers = audit_town.invent(conn)
            asked = requests(callers)
            found = {"requests": compare(database, asked, given.rounds, without="silent")}
            _written(database, at_least=(given.rounds + 10) * len(asked))
            found |= {"chain": chain(database, given.rows)}
            with psycopg.connect(database) as conn:
                audit_town.fill_work_list(conn, listed=LISTED, others=OTHERS)
            rounds = max(10, given.rounds // 5)
            found |= {"fence": compare(database, work_list(callers), rounds, without="unfenced")}
    finally:
        rmtree(folder, ignore_errors=True)
    for part, name in (("requests", "ratio"), ("fence", "fence_ratio")):
        found[name] = round(median(one["ratio"] for one in found[part].values()), 3)
    print(json.dumps(found, indent=2))
    slow = max(found["chain"]["verify_s"], found["chain"]["verify_broken_s"]) > MOST_SECONDS
    raise SystemExit(1 if max(found["ratio"], found["fence_ratio"]) > MOST_RATIO or slow else 0)


if __name__ == "__main__":
    main()
