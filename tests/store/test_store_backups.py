"""A backup taken while numbers come in restores into an empty server, and tells nothing to who has no key."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Event, Thread

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from ingest import days
from store import (
    accounts,
    audit,
    backups,
    due,
    embedded,
    gateway_codes,
    households,
    identifiers,
    invitations,
    people,
    pool,
    sealer,
    sealing,
    second_factors,
    sessions,
    sign_ins,
    staff,
    tokens,
    vault,
    verifying,
)
from store.backups import BackupFailed
from store.clock import JST
from store.vault import NotReadable

KEYS = vault.new_pair()
DAY = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)


@pytest.fixture
def empty_server() -> Iterator[str]:
    """A PostgreSQL of its own, as on a new machine: no database of ours, no roles."""
    memory = Path("/dev/shm")
    folder = Path(mkdtemp(prefix="phr-new-", dir=memory if memory.is_dir() else None))
    with embedded.server(folder / "pg") as uri:
        yield embedded.database(uri, "phr")
    rmtree(folder)


@contextmanager
def numbers_coming_in(db: ConnectionPool, person_id: int) -> Iterator[None]:
    """Readings and their due marks, a transaction of 20 after the other, as the ingest worker writes them."""
    stop, begun = Event(), Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            with db.connection() as conn:
                for _ in range(20):
                    number += 1
                    at = DAY + timedelta(minutes=number)
                    conn.execute(
                        "insert into health.readings (person_id, metric, at, source_id, value)"
                        " values (%s, 'weight', %s, 1, 60)",
                        (person_id, at),
                    )
                due.mark(conn, "days", [(person_id, at.astimezone(JST).date())])
                audit.note(
                    conn, actor="worker:t", role="t", person_id=person_id, action="write", items="t", purpose="t"
                )
            with db.connection() as conn:
                sealer.seal(conn)
            begun.set()

    writer = Thread(target=write)
    writer.start()
    assert begun.wait(30)
    try:
        yield
    finally:
        stop.set()
        writer.join()


def count(conn: psycopg.Connection, table: str) -> int:
    row = conn.execute(f"select count(*) from {table}").fetchone()
    assert row is not None
    return int(row[0])


def test_a_backup_under_load_restores_into_an_empty_server(
    db: ConnectionPool, database: str, empty_server: str, tmp_path: Path
) -> None:
    with db.connection() as conn:
        person = people.add(conn, birth_date=date(1960, 1, 1), sex="female", name="遊佐 りん", phone="0234")
        identifiers.add(conn, person.person_id, "urn:insurance", "00123456")
    file = tmp_path / "phr.backup"
    with numbers_coming_in(db, person.person_id), db.connection() as conn:
        before = count(conn, "health.readings")
        backups.make(database, file, KEYS[1])
        conn.commit()
        after = count(conn, "health.readings")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert backups.check(file, KEYS[0]) > 0
    backups.restore(empty_server, file, KEYS[0])
    sealing._unwrapped.clear()
    with psycopg.connect(empty_server) as conn:
        kept = count(conn, "health.readings")
        assert before <= kept <= after and kept % 20 == 0  # whole transactions only
        assert count(conn, "health.due") == kept // 20
        verdict = verifying.read(conn)
        assert not verdict.broken and verdict.rows + verdict.fresh == kept // 20
        assert people.name_of(conn, person.person_id) == "遊佐 りん"
        assert identifiers.person_of(conn, "urn:insurance", "00123456") == person.person_id
        added = people.add(conn, birth_date=date(1990, 1, 1), sex="male", name="新しい 人")
        assert added.person_id > person.person_id
    figures = "select day, metric, n, mean, low, high, last from health.days where day = %s"
    for place in (database, empty_server):
        with pool.open_pool(place) as opened:
            while days.work_once(opened):
                pass
    with psycopg.connect(empty_server) as there, psycopg.connect(database) as here:
        first = there.execute(figures, (date(2026, 4, 1),)).fetchall()
        assert (
            first
            and first
            == here.execute(
                "select day, metric, least(n, %s), mean, low, high, last from health.days where day = %s",
                (first[0][2], date(2026, 4, 1)),
            ).fetchall()
        )


# What guards the rows, by name: rights of the roles, policies, triggers.
GUARDS = (
    "select grantee, table_schema || '.' || table_name, privilege_type from information_schema.table_privileges"
    " where grantee like 'phr%' order by 1, 2, 3",
    "select grantee, table_schema || '.' || table_name || '.' || column_name, privilege_type"
    " from information_schema.column_privileges where grantee like 'phr%' order by 1, 2, 3",
    "select schemaname || '.' || tablename, policyname, qual, with_check from pg_policies order by 1, 2",
    "select tgrelid::regclass::text, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal order by 1, 2",
    "select oid::regclass::text, relrowsecurity, relforcerowsecurity from pg_class where relrowsecurity order by 1",
)


def test_a_restore_brings_every_guard_of_the_rows_with_it(database: str, empty_server: str, tmp_path: Path) -> None:
    backups.make(database, tmp_path / "b", KEYS[1])
    backups.restore(empty_server, tmp_path / "b", KEYS[0])
    with psycopg.connect(empty_server) as conn, psycopg.connect(database) as original:
        for guards in GUARDS:
            assert conn.execute(guards).fetchall() == original.execute(guards).fetchall()
        assert conn.execute(GUARDS[0]).fetchall() and conn.execute(GUARDS[3]).fetchall()


TOKENS = (  # where a secret is known by its hash
    "select table_schema || '.' || table_name from information_schema.columns"
    " where column_name in ('token_hash', 'code_hash', 'state_hash')"
)


def test_after_a_restore_no_session_token_or_code_of_before_is_good(
    conn: psycopg.Connection, database: str, empty_server: str, tmp_path: Path
) -> None:
    person = people.add(conn, birth_date=date(1960, 1, 1), sex="male", name="酒田 太郎").person_id
    home = households.home_of(conn, person)
    app = tokens.connect(conn, tokens.offer(conn, person).text, "試験の電話")
    assert app is not None
    sessions.open(conn, person_id=person)
    tokens.offer(conn, person)
    accounts.ask(conn, "https://provider.invalid", "somebody")
    words = {word: "x" for word in ("state", "browser", "nonce", "verifier", "after", "source")}
    sign_ins.begin(conn, door="citizen", again=False, **words)
    gateway_codes.ask(conn, home, person)
    invitations.invite(conn, person, relation="娘", scope=["see"], valid_to=None)
    nurse = staff.add(conn, name="庄内 みどり", town="062049").staff_id
    second_factors.remember_browser(conn, nurse)
    assert all(count(conn, table) for table in backups.LETS_IN)
    backups.make(database, tmp_path / "b", KEYS[1])
    backups.restore(empty_server, tmp_path / "b", KEYS[0])
    with psycopg.connect(empty_server) as there:
        assert count(there, "health.people") == 1
        assert [table for table in backups.LETS_IN if count(there, table)] == []


def test_a_new_table_of_tokens_is_left_out_of_backups_too(conn: psycopg.Connection) -> None:
    tables = {name for (name,) in conn.execute(TOKENS)}
    # recovery codes stay: whoever lost the telephone has nothing else, and they open nothing alone; an address stays,
    # and the code beside it proves that address for ten minutes and nothing else
    assert tables - {"identity.recovery_codes", "health.channel_addresses"} <= {*backups.LETS_IN}


def test_a_restore_into_a_database_that_holds_something_is_refused(database: str, tmp_path: Path) -> None:
    backups.make(database, tmp_path / "b", KEYS[1])
    with pytest.raises(BackupFailed, match="not empty"):
        backups.restore(database, tmp_path / "b", KEYS[0])


def test_a_backup_that_was_changed_or_cut_off_restores_nothing(
    db: ConnectionPool, database: str, empty_server: str, tmp_path: Path
) -> None:
    with db.connection() as conn:
        conn.execute(
            "insert into health.rejections (origin, reason, raw)"
            " select 'x', 'x', string_agg(sha256(n::text::bytea), '') from generate_series(1, 100000) as n"
        )
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    backups.make(database, whole, KEYS[1])
    octets = whole.read_bytes()
    assert len(octets) > 2 * vault.PIECE
    for changed in (octets[:-1], octets[: 2 * vault.PIECE], octets[:-100] + b"x" + octets[-99:]):
        broken.write_bytes(changed)
        with pytest.raises(NotReadable):
            backups.restore(empty_server, broken, KEYS[0])
        with psycopg.connect(empty_server) as conn:
            assert conn.execute("select to_regclass('health.readings')").fetchone() == (None,)


def test_a_dump_that_fails_leaves_no_file_and_its_reason_repeats_no_secret(tmp_path: Path) -> None:
    nobody = "postgresql://phr:x-secret-x@127.0.0.1:1/phr"
    with pytest.raises(BackupFailed, match="pg_dump failed with exit code 1") as fault:
        backups.make(nobody, tmp_path / "b", KEYS[1])
    assert "x-secret-x" not in str(fault.value)
    assert not (tmp_path / "b").exists()
    assert backups.environ(nobody)["PGPASSWORD"] == "x-secret-x"


@pytest.mark.parametrize("size", [0, 1, vault.PIECE - 1, vault.PIECE, vault.PIECE + 1, 3 * vault.PIECE])
def test_what_was_locked_is_unlocked_whatever_its_length(size: int) -> None:
    clear, out = os.urandom(size), BytesIO()
    assert vault.lock([clear[:7], clear[7:]], KEYS[1], out) == size
    assert b"".join(vault.unlock(BytesIO(out.getvalue()), KEYS[0])) == clear
    with pytest.raises(NotReadable):
        list(vault.unlock(BytesIO(out.getvalue()), vault.new_pair()[0]))
    with pytest.raises(NotReadable):
        list(vault.unlock(BytesIO(out.getvalue()[:-1]), KEYS[0]))


def test_pieces_in_another_order_are_found(tmp_path: Path) -> None:
    out = BytesIO()
    vault.lock([os.urandom(3 * vault.PIECE)], KEYS[1], out)
    sealed, start, step = out.getvalue(), len(vault.MAGIC) + 32, vault.PIECE + 16
    swapped = sealed[:start] + sealed[start + step : start + 2 * step] + sealed[start : start + step]
    with pytest.raises(NotReadable):
        list(vault.unlock(BytesIO(swapped + sealed[start + 2 * step :]), KEYS[0]))


def test_a_server_that_is_reached_by_tls_is_dumped_by_the_systems_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    systems = tmp_path / "pg_dump"
    systems.write_text("#!/bin/sh\nexit 7\n", "ascii")
    systems.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert backups.program("pg_dump") != str(systems)  # the one that comes with us, built without TLS
    with pytest.raises(backups.BackupFailed, match="exit code 7"):
        backups.make("host=nowhere.invalid sslmode=verify-full", tmp_path / "a.backup", vault.new_pair()[1])


def test_without_a_program_that_speaks_tls_the_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(backups.BackupFailed, match="postgresql-client"):
        backups.make("host=nowhere.invalid sslmode=require", tmp_path / "a.backup", vault.new_pair()[1])
