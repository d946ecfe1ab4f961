"""The second fence: what the API's role sees and may write is what whoever asks may, whatever the question."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from invented_person import a_red_flag, agree, invent
from psycopg import sql
from psycopg_pool import ConnectionPool

from store import (
    accounts,
    consents,
    households,
    people,
    reaching,
    readings,
    second_factors,
    sessions,
    sources,
    staff,
    tokens,
)
from store.model import Reading
from store.people import Person
from store.pool import open_pool
from store.sessions import Citizen, NurseOnDuty

NOW = datetime.now(UTC)
_TABLES = """
select format('%%s.%%s', relnamespace::regnamespace, relname), relrowsecurity from pg_class
 where relnamespace = any('{health,identity,audit,statistics}'::regnamespace[])
   and relkind in ('r', 'p') and not relispartition
   and exists (select from pg_attribute where attrelid = pg_class.oid and attname = any(%s) and not attisdropped)
"""
# Evidence of deletions: the API's role has no right to touch it (store/grants.toml).
UNFENCED = {"audit.deletions"}


@pytest.fixture
def api(database: str) -> Iterator[ConnectionPool]:
    with open_pool(database, role="phr_api") as opened:
        yield opened


@pytest.fixture
def her(db: ConnectionPool) -> Person:
    """A person of whom everything is known, and who agreed to be supported."""
    return invent(db, NOW)


@pytest.fixture
def him(conn: psycopg.Connection) -> Person:
    return people.add(conn, birth_date=date(1958, 9, 9), sex="male", name="最上 太郎")


@contextmanager
def asking(api: ConnectionPool, who: Person | NurseOnDuty | None) -> Iterator[psycopg.Connection]:
    with api.connection() as conn:
        if who is not None:
            asks = who if isinstance(who, NurseOnDuty) else Citizen(who.person_id, who.public_id)
            reaching.begin(conn, asks)
        yield conn


def nurse_of(conn: psycopg.Connection, town: str) -> NurseOnDuty:
    made = staff.add(conn, name="保健 しおり", town=town)
    return NurseOnDuty(made.staff_id, made.name, town)


def whose(conn: psycopg.Connection) -> dict[str, set[int]]:
    """Of every fenced table that the role may read: whose rows it sees now."""
    found = {}
    for table, fenced in conn.execute(_TABLES, (["person_id"],)).fetchall():
        readable = "select has_column_privilege(%s, 'person_id', 'select')"
        if fenced and conn.execute(readable, (table,)).fetchone() == (True,):
            rows = conn.execute(sql.SQL("select distinct person_id from {}").format(sql.Identifier(*table.split("."))))
            found[table] = {person for (person,) in rows if person is not None}
    return found


def test_every_table_with_a_person_in_it_is_fenced(conn: psycopg.Connection) -> None:
    named = ["person_id", "household_id", "claimed_by", "asked_by", "proxy_id"]
    unfenced = {table for table, fenced in conn.execute(_TABLES, (named,)) if not fenced}
    assert unfenced == UNFENCED | {"health.households"}  # of which nothing but its number is there


def test_who_says_nothing_sees_nothing(api: ConnectionPool, her: Person) -> None:
    with asking(api, None) as conn:
        seen = whose(conn)
        assert len(seen) > 15
        assert {table for table, people in seen.items() if people} == set()


def test_a_citizen_sees_the_own_rows_of_every_table_and_nobody_elses(
    api: ConnectionPool, her: Person, him: Person
) -> None:
    with asking(api, her) as conn:
        hers = {table for table, people in whose(conn).items() if people}
        assert {"health.readings", "health.advice", "health.records", "health.consents", "identity.persons"} <= hers
        assert set().union(*whose(conn).values()) == {her.person_id}
    with asking(api, him) as conn:
        assert set().union(*whose(conn).values()) <= {him.person_id}


def test_what_was_said_ends_with_its_transaction(api: ConnectionPool, her: Person) -> None:
    with asking(api, her) as conn:
        assert whose(conn)["health.readings"]
        conn.commit()
        assert not whose(conn)["health.readings"]


def test_a_citizen_writes_nothing_of_others(api: ConnectionPool, her: Person, him: Person) -> None:
    weight = Reading(her.person_id, "weight", NOW, 1, 61.5, 0, 0, NOW)
    with asking(api, him) as conn:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"), conn.transaction():
            readings.add(conn, [weight])
        post = "insert into health.posts (person_id, key, digest, answer) values (%s, 'k', '', '{}')"
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"), conn.transaction():
            conn.execute(post, (her.person_id,))
        for change in (
            "delete from health.readings",
            "update health.consents set withdrawn_at = now()",
            "delete from health.push_subscriptions",
            "update health.gateways set revoked_at = now()",
            "update health.sources set label = 'x'",
        ):
            assert conn.execute(change.encode()).rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            consents.give(
                conn,
                her.person_id,
                purpose="guidance",
                recipient="city",
                items=["*"],
                text_version="1",
                given_by="self",
                valid_from=NOW,
            )


def test_nobody_enters_anothers_household(
    api: ConnectionPool, conn: psycopg.Connection, her: Person, him: Person
) -> None:
    home = households.add(conn)
    households.join(conn, home, her.person_id, NOW - timedelta(days=1))
    with asking(api, him) as asked:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"), asked.transaction():
            households.join(asked, home, him.person_id)
        assert households.home_of(asked, him.person_id) != home


def test_a_nurse_sees_whom_she_turned_to_while_they_agree(
    api: ConnectionPool, conn: psycopg.Connection, her: Person, him: Person
) -> None:
    nurse = nurse_of(conn, her.town)
    mine = {"health.readings", "health.records", "health.days", "health.last_values"}
    with asking(api, nurse) as asked:
        assert not any(whose(asked)[table] for table in mine)
        reaching.turn_to(asked, him.public_id)
        assert not any(whose(asked)[table] for table in mine)
        reaching.turn_to(asked, her.public_id)
        assert [whose(asked)[table] for table in mine] == [{her.person_id}] * 4
        conn.execute("update health.consents set withdrawn_at = now() where purpose = 'guidance'")
        assert not any(whose(asked)[table] for table in mine)


def test_a_nurse_of_another_town_sees_nothing_even_where_there_is_an_agreement(
    api: ConnectionPool, conn: psycopg.Connection, her: Person
) -> None:
    with asking(api, nurse_of(conn, "064611")) as asked:
        assert reaching.turn_to(asked, her.public_id) == her.person_id
        assert set().union(*whose(asked).values()) == set()


def test_the_work_list_holds_who_agreed_and_nobody_else(
    api: ConnectionPool, conn: psycopg.Connection, her: Person, him: Person
) -> None:
    a_red_flag(conn, him.person_id, NOW)
    nurse = nurse_of(conn, her.town)
    with asking(api, nurse) as asked:
        assert whose(asked)["health.advice"] == whose(asked)["identity.persons"] == {her.person_id}
        agree(conn, him.person_id, NOW)
        assert whose(asked)["health.advice"] == {her.person_id, him.person_id}


def test_a_nurse_gives_nothing_in_a_persons_name(api: ConnectionPool, conn: psycopg.Connection, her: Person) -> None:
    nurse = nurse_of(conn, her.town)
    with asking(api, nurse) as asked:
        reaching.turn_to(asked, her.public_id)
        for statement in (
            "insert into health.posts (person_id, key, digest, answer) values (%s, 'k', '', '{}')",
            "insert into health.feedback (advice_id, person_id, answer) select advice_id, %s, 'done'"
            " from health.advice",
            "insert into health.device_order (person_id, source_id, rank) select %s, source_id, 1 from health.sources",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"), asked.transaction():
                asked.execute(statement.encode(), (her.person_id,))


def test_members_of_a_household_are_within_reach_only_while_numbers_move(
    api: ConnectionPool, conn: psycopg.Connection, her: Person, him: Person
) -> None:
    home = households.add(conn)
    for person in (her, him):
        households.join(conn, home, person.person_id, NOW - timedelta(days=1))
    with asking(api, him) as asked:
        assert whose(asked)["health.readings"] == set()
        with reaching.moving(asked):
            assert whose(asked)["health.readings"] == {her.person_id}
            assert whose(asked)["health.records"] == set()
        assert whose(asked)["health.readings"] == set()


def test_workers_see_what_they_were_granted_of_everybody(database: str, her: Person, him: Person) -> None:
    with open_pool(database, role="phr_advice") as opened, opened.connection() as conn:
        assert conn.execute("select count(*) from health.people").fetchone() == (2,)
        assert conn.execute("select count(*) > 0 from health.readings").fetchone() == (True,)


def many(person_id: int, source_id: int) -> list[Reading]:
    ats = [NOW - timedelta(minutes=n) for n in range(300)]
    return [Reading(person_id, "pulse", at, source_id, 60.0, 0, 0, NOW) for at in ats]


def test_a_telephone_s_long_post_is_stored_although_nobody_copies_behind_the_fence(
    api: ConnectionPool, her: Person, conn: psycopg.Connection
) -> None:
    source = sources.phone(conn, her.person_id, "watch")
    with asking(api, her) as hers:
        readings.add(hers, many(her.person_id, source))
    assert conn.execute("select count(*) from health.readings where source_id = %s", (source,)).fetchone() == (300,)


@pytest.mark.parametrize("role", ["phr_ingest", "phr_figures"])
def test_the_workers_copy_past_the_fence(
    role: str, database: str, her: Person, conn: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "_merged", lambda conn, rows: pytest.fail("merged"))
    source = sources.phone(conn, her.person_id, "watch")
    with open_pool(database, role=role) as opened, opened.connection() as working:
        assert readings.write(working, many(her.person_id, source)).new


_SIGNED_IN = {
    "sessions": "coalesce(person_id, staff_id)",
    "apps": "person_id",
    "app_codes": "person_id",
    "refresh_tokens": "(select person_id from identity.apps where apps.app_id = refresh_tokens.app_id)",
    "second_factors": "staff_id",
    "recovery_codes": "staff_id",
    "known_browsers": "staff_id",
    "accounts": "coalesce(person_id, staff_id)",
}


def _sign_in(conn: psycopg.Connection, who: Person) -> tokens.Tokens:
    """A browser, an app, a code for a second one and an account."""
    sessions.open(conn, person_id=who.person_id)
    made = tokens.connect(conn, tokens.offer(conn, who.person_id).text, "phone")
    assert made is not None
    tokens.offer(conn, who.person_id)
    accounts.link(conn, "https://id.example", str(who.public_id), evidence="x", linked_by="x", person_id=who.person_id)
    return made


def _signs_of(conn: psycopg.Connection) -> dict[str, set[int]]:
    """Whose rows of signing in are seen now."""
    return {
        table: {row[0] for row in conn.execute(f"select {whose} from identity.{table}".encode())}
        for table, whose in _SIGNED_IN.items()
    }


def test_how_somebody_signs_in_is_seen_and_changed_by_nobody_else(
    api: ConnectionPool, conn: psycopg.Connection, her: Person, him: Person
) -> None:
    for one in (her, him):
        _sign_in(conn, one)
    nurse = nurse_of(conn, her.town)
    sessions.open(conn, staff_id=nurse.staff_id)
    second_factors.begin(conn, nurse.staff_id)
    second_factors.remember_browser(conn, nurse.staff_id)
    conn.execute("insert into identity.recovery_codes (staff_id, code_hash) values (%s, '')", (nurse.staff_id,))
    persons = {"sessions", "apps", "app_codes", "refresh_tokens", "accounts"}
    staffs = {"sessions", "second_factors", "recovery_codes", "known_browsers"}
    for who, number, tables in (
        (her, her.person_id, persons),
        (him, him.person_id, persons),
        (nurse, nurse.staff_id, staffs),
        (None, 0, set()),
    ):
        with asking(api, who) as asked:
            assert _signs_of(asked) == {table: {number} if table in tables else set() for table in _SIGNED_IN}
    before = conn.execute("select count(*) from identity.sessions").fetchone()
    with asking(api, him) as asked:
        assert asked.execute("delete from identity.sessions").rowcount == 2  # the browser and the app's access token
        assert asked.execute("update identity.refresh_tokens set used_at = now()").rowcount == 1
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            sessions.open(asked, person_id=her.person_id)
    assert before == (5,)


def test_who_shows_a_token_reaches_that_app_alone(
    api: ConnectionPool, conn: psycopg.Connection, her: Person, him: Person
) -> None:
    hers, _ = _sign_in(conn, her), _sign_in(conn, him)
    with asking(api, None) as asked:
        again = tokens.refresh(asked, hers.refresh)
        assert again is not None
        assert _signs_of(asked)["apps"] == {her.person_id}
    with asking(api, None) as asked, pytest.raises(tokens.Reused):
        tokens.refresh(asked, hers.refresh)
    assert _signs_of(conn)["apps"] == {him.person_id}


def test_what_a_proxy_does_for_somebody_leaves_that_persons_sessions_alone(
    api: ConnectionPool, conn: psycopg.Connection, her: Person, him: Person
) -> None:
    for one in (her, him):
        _sign_in(conn, one)
    with asking(api, him) as asked:
        reaching.as_person(asked, her.person_id)
        assert whose(asked)["health.readings"] == {her.person_id}
        assert _signs_of(asked)["sessions"] == {him.person_id}


def test_who_shares_a_household_now_reads_what_one_is_called_and_not_how_one_is_reached(
    api: ConnectionPool, conn: psycopg.Connection, her: Person, him: Person
) -> None:
    home = households.add(conn)
    for person in (her, him):
        households.join(conn, home, person.person_id, NOW - timedelta(days=1))
    with asking(api, him) as asked:
        assert people.names(asked, [her.person_id]).keys() == {her.person_id}
        assert people.contacts(asked, [her.person_id]) == {}
    households.leave(conn, home, him.person_id)
    with asking(api, him) as asked:
        assert people.names(asked, [her.person_id, him.person_id]).keys() == {him.person_id}
        assert people.by_id(asked, her.person_id) is None


def test_staff_without_their_second_factor_are_nobody(
    api: ConnectionPool, conn: psycopg.Connection, her: Person
) -> None:
    nurse = nurse_of(conn, her.town)
    with api.connection() as asked:
        reaching.begin(asked, nurse, proven=False)
        reaching.turn_to(asked, her.public_id)
        assert set().union(*whose(asked).values()) == set()


def test_nobody_but_a_nurse_of_the_town_finds_people_by_name_or_serves_them(
    api: ConnectionPool, conn: psycopg.Connection, her: Person, him: Person
) -> None:
    for who, found in ((him, 0), (nurse_of(conn, "064611"), 0), (nurse_of(conn, her.town), 1)):
        with asking(api, who) as asked:
            reaching.serve(asked, her.person_id)
            assert asked.execute("select health.served()").fetchone() == (her.person_id if found else None,)
            born = asked.execute("select person_id from audit.born(%s, %s)", (her.town, her.birth_date)).fetchall()
            assert [her.person_id] * found == [person for (person,) in born]
