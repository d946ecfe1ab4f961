"""The audit's chain: what is sealed stays in order, and every kind of tampering is found and named."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg_pool import ConnectionPool

from store import audit, chain, sealer, verifying
from store.verifying import Verdict

ROWS = 12
ANY_ROW = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # each example is rolled back


def note(conn: psycopg.Connection, person_id: int = 1, items: str = "readings: weight") -> None:
    told = {"purpose": "guidance", "basis": "consent:9", "origin": "203.0.113.9"}  # nothing empty: each is in the hash
    audit.note(conn, actor="staff:1", role="nurse", person_id=person_id, action="read", items=items, **told)


def seal_all(conn: psycopg.Connection) -> int:
    """In a transaction of its own."""
    with conn.transaction():
        return sealer.seal(conn)


def verdict(conn: psycopg.Connection, kept: dict[int, bytes] | None = None) -> Verdict:
    with conn.transaction():
        return verifying.verify(conn, kept)


@pytest.fixture
def sealed(conn: psycopg.Connection) -> psycopg.Connection:
    """Twelve sealed rows whose triggers are off, as the owner of the database can have it."""
    for number in range(ROWS):
        note(conn, person_id=number)
    seal_all(conn)
    return conn


@pytest.fixture
def intruder(database: str, sealed: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The database's owner with the fences taken down; what they do is taken back after each example."""
    with psycopg.connect(database, options="-c timezone=UTC -c session_replication_role=replica") as opened:
        yield opened


def found(conn: psycopg.Connection, *statements: str, kept: dict[int, bytes] | None = None) -> Verdict:
    """What a reading finds after these statements, all of it rolled back."""
    try:
        for statement in statements:
            conn.execute(statement.encode())
        return verifying.read(conn, kept)
    finally:
        conn.rollback()


def first(verdict: Verdict) -> tuple[int, str]:
    return verdict.breaks[0].number, verdict.breaks[0].kind


def rehashed(conn: psycopg.Connection, since: int) -> bytes:
    """Make the chain anew from this row on, as who knows how it is made would; gives the last hash."""
    before = conn.execute("select hash from audit.sealed where number = %s", (since - 1,)).fetchone()
    last = before[0] if before else chain.GENESIS
    rows = conn.execute(f"{verifying.ROWS} where number >= %s order by number", (since,)).fetchall()
    for number, _, *content in rows:
        last = chain.link(last, content)
        conn.execute("update audit.sealed set hash = %s where number = %s", (last, number))
    return last


def test_sealed_rows_are_numbered_without_a_gap_and_stay_one_list_with_the_fresh_ones(
    conn: psycopg.Connection,
) -> None:
    for person in range(7):
        note(conn, person)
    with conn.transaction():
        assert sealer.seal(conn, 5) == 5
    rows = conn.execute("select person_id, number from audit.looks order by look_id").fetchall()
    assert rows == [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, None), (6, None)]
    seen = verdict(conn)
    assert (seen.rows, seen.end.number, seen.broken, seen.fresh) == (5, 5, 0, 2)
    assert seal_all(conn) == 2
    assert verdict(conn).fresh == 0


def test_the_hash_can_be_computed_again_with_nothing_but_the_table(sealed: psycopg.Connection) -> None:
    before = bytes(32)
    rows = sealed.execute(
        "select hash, replace(json_build_array((sealed_at at time zone 'UTC')::text, look_id,"
        " (at at time zone 'UTC')::text, actor, role, person_id, action, items, purpose, basis, allowed,"
        " origin)::text, ', ', ',') from audit.sealed order by number"
    ).fetchall()
    for hash, text in rows:
        before = sha256(before + text.replace("readings:weight", "readings: weight").encode()).digest()
        assert hash == before
    assert len(rows) == ROWS


@ANY_ROW
@given(
    number=st.integers(1, ROWS),
    change=st.sampled_from(
        [
            "at = at + interval '1 microsecond'", "actor = 'staff:2'", "role = 'citizen'", "person_id = null",
            "action = 'write'", "items = ''", "purpose = 'own'", "basis = 'consent:1'", "allowed = false",
            "origin = '10.0.0.1'", "look_id = 99", "sealed_at = sealed_at + interval '1 microsecond'",
            "at = 'infinity'",
        ]
    ),
)  # fmt: skip
def test_a_changed_field_is_found(intruder: psycopg.Connection, number: int, change: str) -> None:
    seen = found(intruder, f"update audit.sealed set {change} where number = {number}")
    assert (first(seen), seen.broken) == ((number, "changed"), 1)


@ANY_ROW
@given(number=st.integers(1, ROWS - 1))
def test_a_removed_row_is_found(intruder: psycopg.Connection, number: int) -> None:
    seen = found(intruder, f"delete from audit.sealed where number = {number}")
    assert (first(seen), seen.breaks[0].what) == ((number, "removed"), f"row {number} is missing")


@ANY_ROW
@given(number=st.integers(1, ROWS - 1))
def test_a_removed_row_is_found_when_the_numbers_are_closed_up(intruder: psycopg.Connection, number: int) -> None:
    seen = found(
        intruder,
        f"delete from audit.sealed where number = {number}",
        f"update audit.sealed set number = number - 1 where number > {number}",
    )
    assert first(seen) == (number, "changed") and "taken out" in seen.breaks[0].what
    assert seen.breaks[-1].kind == "cut"  # and there is one less than the sealer wrote


COPY = (
    "insert into audit.sealed select {number}, sealed_at + interval '{after}', 77, at, actor, role, 5, action, items,"
    " purpose, basis, allowed, origin, sha256('made up') from audit.sealed where number = {source}"
)


@ANY_ROW
@given(number=st.integers(1, ROWS), after=st.sampled_from(["-1 second", "1 second"]))
def test_an_inserted_row_is_found(intruder: psycopg.Connection, number: int, after: str) -> None:
    seen = found(intruder, COPY.format(number=number, after=after, source=number))
    assert (first(seen), seen.broken) == ((number, "inserted"), 1)


@ANY_ROW
@given(number=st.integers(1, ROWS))
def test_an_inserted_row_is_found_when_the_numbers_make_room_for_it(intruder: psycopg.Connection, number: int) -> None:
    seen = found(
        intruder,
        f"update audit.sealed set number = -number where number >= {number}",
        "update audit.sealed set number = 1 - number where number < 0",
        COPY.format(number=number, after="0", source=number + 1),
    )
    assert first(seen) == (number, "inserted")


@ANY_ROW
@given(pair=st.sets(st.integers(1, ROWS), min_size=2, max_size=2), hashes=st.booleans())
def test_two_swapped_rows_are_found(intruder: psycopg.Connection, pair: set[int], hashes: bool) -> None:
    one, two = sorted(pair)
    swap = (
        f"update audit.sealed set number = -number where number in ({one}, {two})",
        f"update audit.sealed set number = {one + two} + number where number < 0",
    )
    back = (
        f"update audit.sealed as a set hash = b.hash from audit.sealed as b where a.number in ({one}, {two})"
        f" and b.number = {one + two} - a.number"
    )
    seen = found(intruder, *swap, *(() if hashes else (back,)))
    assert first(seen) == (one, "moved")
    assert seen.broken >= 2


@ANY_ROW
@given(number=st.integers(1, ROWS))
def test_a_tail_that_was_cut_off_is_found(intruder: psycopg.Connection, number: int) -> None:
    seen = found(intruder, f"delete from audit.sealed where number >= {number}")
    assert (first(seen), seen.broken) == ((number, "cut"), 1)


def test_a_tail_that_was_cut_off_with_the_head_put_back_is_found_by_the_anchor(
    sealed: psycopg.Connection, intruder: psycopg.Connection
) -> None:
    with sealed.transaction():
        noted = sealer.anchor(sealed)
    assert noted is not None and noted.number == ROWS
    cut = (
        "delete from audit.sealed where number > 4",
        "update audit.head set (number, hash) = (select number, hash from audit.sealed where number = 4)",
    )
    assert first(found(intruder, *cut)) == (5, "cut")
    everything = (*cut, "delete from audit.anchors")
    assert found(intruder, *everything).broken == 0  # the database alone can't know it
    assert first(found(intruder, *everything, kept={noted.number: noted.hash})) == (5, "cut")


@ANY_ROW
@given(number=st.integers(1, ROWS))
def test_a_chain_made_anew_from_the_middle_is_found_by_its_head_or_by_who_kept_an_anchor(
    intruder: psycopg.Connection, number: int
) -> None:
    kept = dict(intruder.execute("select number, hash from audit.sealed").fetchall())
    try:
        intruder.execute("update audit.sealed set person_id = 999 where number = %s", (number,))
        last = rehashed(intruder, number)
        seen = verifying.read(intruder)
        assert first(seen) == (ROWS, "rewritten")
        intruder.execute("update audit.head set hash = %s", (last,))
        assert verifying.read(intruder).broken == 0
        good, bad = (number - 1, number) if number > 1 else (1, 1)
        seen = verifying.read(intruder, {good: kept[good], bad: kept[bad]})
        assert first(seen) == (bad, "rewritten")
    finally:
        intruder.rollback()


def test_all_breaks_are_counted_and_the_first_ones_named(intruder: psycopg.Connection) -> None:
    seen = found(intruder, "update audit.sealed set origin = 'x'")
    assert (seen.broken, seen.breaks[0].number, seen.rows) == (ROWS, 1, ROWS)


def test_the_audit_refuses_every_change(sealed: psycopg.Connection) -> None:
    note(sealed)
    for statement in (
        "update audit.fresh set allowed = false", "delete from audit.fresh", "truncate audit.fresh",
        "update audit.sealed set allowed = false", "delete from audit.sealed", "truncate audit.sealed",
        "update audit.anchors set number = 1", "truncate audit.retired",
    ):  # fmt: skip
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            sealed.execute(statement)
    (month,) = sealed.execute("select tableoid::regclass::text from audit.sealed limit 1").fetchone() or ("",)
    for statement in (f"delete from {month}", f"update {month} set number = 3", f"truncate {month}"):
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            sealed.execute(statement.encode())


def test_many_writers_and_sealers_at_once_make_one_chain(db: ConnectionPool, conn: psycopg.Connection) -> None:
    def write(writer: int) -> None:
        for _ in range(40):
            with db.connection() as opened:
                note(opened, writer)
                if writer % 2:
                    sealer.seal(opened, 7)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))
    while seal_all(conn):
        pass
    seen = verdict(conn)
    assert (seen.rows, seen.broken, seen.fresh) == (160, 0, 0)
    assert conn.execute("select count(distinct look_id) from audit.sealed").fetchone() == (160,)


def test_who_writes_waits_neither_for_the_sealer_nor_for_another_writer(
    db: ConnectionPool, conn: psycopg.Connection
) -> None:
    note(conn)
    with db.connection() as sealing, db.connection() as slow:
        assert sealer.seal(sealing) == 1
        note(slow)  # both hold their transactions open
        conn.execute("set lock_timeout = '1ms'")
        note(conn)
        assert seal_all(conn) == 0  # another sealer is at work
    assert seal_all(conn) == 2


def test_a_crash_between_writing_and_sealing_loses_nothing(database: str, conn: psycopg.Connection) -> None:
    note(conn, 1)
    note(conn, 2)
    with psycopg.connect(database) as dying:
        assert sealer.seal(dying) == 2
        pid = dying.info.backend_pid
        conn.execute("select pg_terminate_backend(%s, 30000)", (pid,))
        with pytest.raises(psycopg.OperationalError):
            dying.execute("select 1")
    seen = verdict(conn)
    assert (seen.rows, seen.fresh) == (0, 2)
    assert seal_all(conn) == 2 and verdict(conn).broken == 0


def test_a_clock_that_was_put_back_does_not_break_the_order_of_the_months(
    intruder: psycopg.Connection, conn: psycopg.Connection
) -> None:
    intruder.execute("select audit.prepare(now() + interval '31 days')")
    intruder.execute("update audit.sealed set sealed_at = now() + interval '31 days' where number = %s", (ROWS,))
    intruder.commit()
    note(conn)
    seal_all(conn)
    moments = conn.execute("select sealed_at from audit.sealed order by number").fetchall()
    assert moments == sorted(moments)


def lived(conn: psycopg.Connection, months: int) -> None:
    """So many months from now on, in each of which the chain was anchored once."""
    conn.execute(
        "insert into audit.anchors (number, hash, anchored_at)"  # of rows that are not read any more
        " select -n, '', date_trunc('month', now(), 'UTC') + make_interval(months => n) from generate_series(1, %s) n",
        (months,),
    )


def test_months_that_are_old_enough_go_and_the_chain_still_holds(sealed: psycopg.Connection) -> None:
    lived(sealed, 62)
    later = datetime.now(UTC) + timedelta(days=365 * 5 - 40)
    assert sealer.keep_months(sealed, 5, later) == []
    gone = sealer.keep_months(sealed, 5, later + timedelta(days=80))
    assert gone and gone[0] == datetime.now(UTC).date().replace(day=1)
    seal_all(sealed)
    seen = verdict(sealed)
    assert (seen.first, seen.broken, seen.rows) == (ROWS + 1, 0, len(gone))  # each month's going is a look
    items = sealed.execute("select action, items from audit.looks order by number").fetchall()
    assert items[0] == ("delete", f"looks: {gone[0]:%Y-%m}")


def test_a_clock_that_ran_ahead_takes_nothing_away(sealed: psycopg.Connection) -> None:
    sealed.execute(
        "insert into audit.openings (staff_id, person_id, town, ground, reason, opened_at, until)"
        " select 1, 2, '062049', 'life', '電話に出ないとご家族から連絡', at, at + interval '1 hour'"
        "   from date_trunc('month', now(), 'UTC') as at"
    )
    lived(sealed, 59)
    ahead = datetime.now(UTC) + timedelta(days=365 * 70)
    assert sealer.keep_months(sealed, 5, ahead) == []
    assert sealed.execute("select count(*) from audit.openings").fetchone() == (1,)
    assert verdict(sealed).rows == ROWS
    sealed.execute("insert into audit.anchors (number, hash, anchored_at) values (-99, '', %s)", (ahead,))
    assert len(sealer.keep_months(sealed, 5, ahead)) == 1  # that month's going, too, needs its years
    assert sealed.execute("select count(*) from audit.openings").fetchone() == (0,)


def test_a_clock_that_ran_ahead_does_not_stop_the_anchors(sealed: psycopg.Connection) -> None:
    lived(sealed, 1)
    assert sealer.anchor(sealed) == sealer.head(sealed)


def test_what_was_opened_in_an_emergency_goes_with_the_looks_of_its_time(sealed: psycopg.Connection) -> None:
    sealed.execute(
        "insert into audit.openings (staff_id, person_id, town, ground, reason, opened_at, until)"
        " select 1, 2, '062049', 'life', '電話に出ないとご家族から連絡', at, at + interval '1 hour'"
        "   from unnest(array[now() - interval '6 years', now() - interval '4 years', now()]) as at"
    )
    sealed.execute("set role phr_jobs")
    sealer.keep_months(sealed, 5, datetime.now(UTC))
    assert sealed.execute(
        "select count(*), min(opened_at) > now() - interval '5 years' from audit.openings"
    ).fetchone() == (2, True)
    sealed.execute("reset role")
    for statement in ("delete from audit.openings", "truncate audit.openings"):
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            sealed.execute(statement)


def test_an_anchor_is_noted_once_a_day(sealed: psycopg.Connection) -> None:
    assert sealer.anchor(sealed) == sealer.head(sealed)
    note(sealed)
    seal_all(sealed)
    assert sealer.anchor(sealed) is None


def test_the_apis_role_adds_looks_and_can_change_none(sealed: psycopg.Connection) -> None:
    note(sealed)
    sealed.execute("set role phr_api")
    note(sealed)
    for statement in (
        "update audit.fresh set allowed = false", "delete from audit.fresh", "truncate audit.fresh",
        "update audit.sealed set allowed = false", "delete from audit.sealed", "truncate audit.sealed",
        "insert into audit.sealed select * from audit.sealed", "update audit.head set number = 0",
        "insert into audit.anchors (number, hash) values (1, 'x')", "select audit.prepare(now())",
        "select audit.retire(1, now())", "alter table audit.fresh disable trigger all",
        "set session_replication_role = replica",
    ):  # fmt: skip
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sealed.execute(statement)


def test_the_sealers_role_has_what_it_needs(sealed: psycopg.Connection) -> None:
    note(sealed)
    sealed.execute("set role phr_jobs")
    assert seal_all(sealed) == 1
    assert sealer.anchor(sealed) is not None
    assert sealer.keep_months(sealed, 5, datetime.now(UTC)) == []
    sealed.execute("reset role")
    lived(sealed, 14)
    sealed.execute("set role phr_jobs")
    assert len(sealer.keep_months(sealed, 1, datetime.now(UTC) + timedelta(days=800))) > 0
    assert verdict(sealed).broken == 0


def test_the_sealers_login_cannot_let_go_of_months_that_are_not_old_enough(sealed: psycopg.Connection) -> None:
    sealed.execute("set session authorization phr_jobs")
    with pytest.raises(psycopg.errors.RaiseException, match="lies ahead"):
        sealed.execute("select audit.retire(1, now() + interval '90 years')")
    sealed.execute(
        "create temp table pg_class as select oid, relname from pg_catalog.pg_class where relname = 'anchors'"
    )
    sealed.execute(
        "create temp table pg_inherits as select oid as inhrelid, 'audit.sealed'::regclass as inhparent from pg_class"
    )
    assert sealed.execute("select audit.retire(1, now())").fetchall() == []
    assert sealer.keep_months(sealed, 5, datetime.now(UTC)) == []
    sealed.execute("reset session authorization")
    assert sealed.execute("select to_regclass('audit.head') is not null").fetchone() == (True,)


@pytest.mark.parametrize(("waits", "commit"), [(True, "on"), (False, "off")])
def test_only_a_look_that_need_not_does_not_wait_for_the_disk(
    conn: psycopg.Connection, waits: bool, commit: str
) -> None:
    conn.execute("set synchronous_commit = on")
    with conn.transaction():
        audit.note(
            conn, actor="staff:1", role="nurse", person_id=None, action="read", items="x", purpose="own", waits=waits
        )
        assert conn.execute("show synchronous_commit").fetchone() == (commit,)
    assert conn.execute("show synchronous_commit").fetchone() == ("on",)
    assert conn.execute("select count(*) from audit.fresh").fetchone() == (1,)
