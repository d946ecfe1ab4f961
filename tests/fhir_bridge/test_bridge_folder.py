import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from citizens import Citizen
from invented_bundles import CARD, document, number, raw
from psycopg_pool import ConnectionPool

from fhir_bridge import pulling
from fhir_bridge.__main__ import settle_turned, watch
from fhir_bridge.source import Cursor, Page
from fhir_bridge.sources.folder import SOURCE
from store import consents, records
from store.model import NotUnderstood

HEIGHT = raw(document(number("9N001000000000001", 160, "cm")))


def put(folder: Path, name: str, content: bytes, *, seconds_ago: float = 60) -> Path:
    path = folder / name
    path.write_bytes(content)
    then = time.time() - seconds_ago
    os.utime(path, (then, then))
    return path


def pull(folder: Path, db: ConnectionPool) -> list[str]:
    return [report.file for report in pulling.pull(SOURCE, str(folder), db, datetime.now(UTC))]


def test_each_file_is_taken_once_and_again_when_it_changes(tmp_path: Path, db: ConnectionPool) -> None:
    put(tmp_path, "b.json", HEIGHT)
    put(tmp_path, "a.json", b"PK\x03\x04")
    assert pull(tmp_path, db) == ["a.json", "b.json"]
    assert pull(tmp_path, db) == []
    put(tmp_path, "a.json", b"PK\x03\x04", seconds_ago=30)
    assert pull(tmp_path, db) == ["a.json"]


def test_unfinished_hidden_linked_and_nested_files_are_left_alone(tmp_path: Path, db: ConnectionPool) -> None:
    put(tmp_path, "growing.json", HEIGHT, seconds_ago=0)
    put(tmp_path, "half.json.part", HEIGHT)
    put(tmp_path, ".hidden.json", HEIGHT)
    (tmp_path / "link.json").symlink_to(put(tmp_path, "real.json.tmp", HEIGHT))
    (tmp_path / "folder").mkdir()
    assert pull(tmp_path, db) == []


def test_names_in_another_encoding_and_clocks_that_run_ahead_hold_nothing_up(
    tmp_path: Path, db: ConnectionPool, conn: psycopg.Connection
) -> None:
    put(tmp_path, os.fsdecode("健診.json".encode("cp932")), b"{")
    put(tmp_path, "later.json", b"{", seconds_ago=-86_400)
    assert [name.endswith(".json") for name in pull(tmp_path, db)] == [True, True]
    assert pull(tmp_path, db) == []
    assert conn.execute("select count(*) from health.rejections where reason = 'not_json'").fetchone() == (2,)


def test_no_name_of_a_file_stays_in_the_cursor(tmp_path: Path, db: ConnectionPool, conn: psycopg.Connection) -> None:
    put(tmp_path, "浜花子.json", HEIGHT)
    pull(tmp_path, db)
    kept = [name for (name,) in conn.execute("select name from health.cursors order by name")]
    assert [name.split(":")[0] for name in kept] == ["folder", "nobody"] and "浜" not in str(kept)


def test_a_file_that_can_not_be_read_blocks_nothing(
    tmp_path: Path, db: ConnectionPool, conn: psycopg.Connection, citizen: Citizen
) -> None:
    put(tmp_path, "a.json", b"{")
    put(tmp_path, "b.json", b"[" * 100_000)
    put(tmp_path, "c.json", HEIGHT)
    pull(tmp_path, db)
    assert [row.title for row in records.timeline(conn, citizen.person_id)] == ["身長"]
    kept = conn.execute("select origin, reason from health.rejections order by origin").fetchall()
    assert kept == [("a.json", "not_json"), ("b.json", "not_json")]


def test_a_page_whose_content_could_not_be_had_is_a_rejection(db: ConnectionPool, conn: psycopg.Connection) -> None:
    def pages(env: str, cursor: Cursor) -> Iterator[Page]:
        yield Page("a.json", b"", "a", 1, NotUnderstood("unreadable", "no permission"))

    (report,) = pulling.pull(replace(SOURCE, pages=pages), "x", db, datetime.now(UTC))
    assert report.refused == (("a.json", "unreadable: no permission"),)
    assert conn.execute("select reason from health.rejections").fetchall() == [("unreadable",)]


def test_a_fault_of_ours_in_one_file_does_not_hold_up_the_next(
    tmp_path: Path, db: ConnectionPool, conn: psycopg.Connection, citizen: Citizen
) -> None:
    # the database itself refuses the first file's record
    conn.execute("create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$")
    conn.execute(
        "create trigger refuse before insert on health.records for each row when (new.value = 150)"
        " execute function refuse()"
    )
    put(tmp_path, "a.json", raw(document(number("9N001000000000001", 150, "cm"), number="1")))
    put(tmp_path, "b.json", HEIGHT)
    assert pull(tmp_path, db) == ["a.json", "b.json"]
    assert [row.value for row in records.timeline(conn, citizen.person_id)] == [160.0]
    assert conn.execute("select origin, reason, raw from health.rejections").fetchall() == [("a.json", "fault", b"")]
    assert conn.execute("select count(*) from health.documents").fetchone() == (1,)


def test_a_missing_folder_is_survived(tmp_path: Path, db: ConnectionPool, caplog: pytest.LogCaptureFixture) -> None:
    watch(db, str(tmp_path / "nowhere"))
    assert "the inbox can't be read" in caplog.text


def test_readings_of_a_consent_that_ran_out_go(
    tmp_path: Path, db: ConnectionPool, conn: psycopg.Connection, move_in: Callable[..., Citizen]
) -> None:
    citizen, now = move_in(), datetime.now(UTC)
    consents.give(
        conn, citizen.person_id, purpose="phr_records", recipient="*", items=["*"], text_version="1",
        given_by="self", valid_from=now - timedelta(days=9), valid_to=now + timedelta(hours=1),
    )  # fmt: skip
    put(tmp_path, "a.json", HEIGHT)
    pull(tmp_path, db)
    assert settle_turned(db, now) == 0
    assert conn.execute("select count(*) from health.readings").fetchone() == (1,)
    over = now + timedelta(milliseconds=1)
    conn.execute("update health.consents set valid = tstzrange(lower(valid), %s)", (over,))
    month = now + timedelta(days=30)  # the worker was away: it goes on where it stopped
    assert settle_turned(db, month) == 1
    assert conn.execute("select count(*) from health.readings").fetchone() == (0,)
    assert settle_turned(db, month + timedelta(seconds=15)) == 0


def test_the_worker_imports_what_is_put_into_its_folder_and_stops_on_sigterm(
    tmp_path: Path, database: str, conn: psycopg.Connection, citizen: Citizen
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    put(inbox, "浜花子.json", HEIGHT)
    environ = {**os.environ, "PHR_DATABASE_URL": database, "PHR_INBOX_DIR": str(inbox)}
    with subprocess.Popen(
        [sys.executable, "-m", "fhir_bridge"], env=environ, stderr=subprocess.PIPE, text=True
    ) as worker:
        try:
            until = time.monotonic() + 60
            while not records.timeline(conn, citizen.person_id) and time.monotonic() < until:
                time.sleep(0.1)
            worker.send_signal(signal.SIGTERM)
            _, log = worker.communicate(timeout=60)
        finally:
            worker.kill()
    assert worker.returncode == 0
    assert [row.title for row in records.timeline(conn, citizen.person_id)] == ["身長"]
    assert "1 records" in log and "the bridge has stopped" in log
    assert "浜" not in log and "身長" not in log and CARD[1] not in log


def test_the_worker_says_what_it_lacks() -> None:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PHR_")}
    done = subprocess.run(
        [sys.executable, "-m", "fhir_bridge"], env=environ, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, "PHR_DATABASE_URL" in done.stderr) == (2, True)
