"""The second fence before proxies: what the entitlement says, as it stands at each query, and nothing besides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from invented_person import NAME, invent
from psycopg_pool import ConnectionPool

from store import entitlements, invitations, people, reaching, readings, typed
from store.entitlements import May
from store.model import Reading, Sample
from store.people import Person
from store.pool import open_pool
from store.sessions import Citizen
from store.sources import Enterer

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
BARRED = pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security")


@pytest.fixture
def api(database: str) -> Iterator[psycopg.Connection]:
    with open_pool(database, role="phr_api") as opened, opened.connection() as conn:
        yield conn
        conn.rollback()


@pytest.fixture
def mother(db: ConnectionPool) -> Person:
    return invent(db, NOW)


@pytest.fixture
def daughter(conn: psycopg.Connection) -> Person:
    return people.add(conn, birth_date=date(1985, 1, 1), sex="female", name="長女")


def entitle(conn: psycopg.Connection, mother: Person, daughter: Person, *scope: May, since: timedelta = -DAY) -> int:
    return entitlements.add(
        conn, person_id=mother.person_id, proxy_id=daughter.person_id, kind="caregiver", relation="長女",
        valid_from=NOW + since, valid_to=None, evidence="委任状", noted_by="staff:1", scope=scope,
    )  # fmt: skip


def ask(conn: psycopg.Connection, who: Person, ward: Person | None = None) -> None:
    reaching.begin(conn, Citizen(who.person_id, who.public_id))
    if ward is not None:
        reaching.act_for(conn, ward.person_id)


def seen(conn: psycopg.Connection) -> dict[str, set[int]]:
    tables = "readings", "last_values", "days", "advice", "records", "consents"
    found = {one: conn.execute(f"select distinct person_id from health.{one}".encode()).fetchall() for one in tables}
    return {one: {person for (person,) in rows} for one, rows in found.items() if rows}


def test_who_may_see_sees_the_person_and_nothing_of_their_own(
    api: psycopg.Connection, conn: psycopg.Connection, mother: Person, daughter: Person
) -> None:
    typed.add(conn, daughter.person_id, [Sample("weight", 50.0, NOW)], NOW)
    entitle(conn, mother, daughter, "see")
    ask(api, daughter, mother)
    found = seen(api)
    assert {"readings", "last_values", "advice", "records"} <= found.keys() and "consents" not in found
    assert set().union(*found.values()) == {mother.person_id}
    assert people.name_of(api, mother.person_id) and people.by_id(api, mother.person_id)
    for private in ("identity.exports", "health.push_subscriptions", "health.entitlements", "audit.looks"):
        assert api.execute(f"select count(*) from {private}".encode()).fetchone() == (0,)


def test_who_may_only_see_writes_nothing_anywhere(
    api: psycopg.Connection, conn: psycopg.Connection, mother: Person, daughter: Person
) -> None:
    entitle(conn, mother, daughter, "see")
    ask(api, daughter, mother)
    for whose in (mother, daughter):
        with BARRED, api.transaction():
            readings.add(api, [Reading(whose.person_id, "weight", NOW, 1, 61.5, 0, 0, NOW)])
        with BARRED, api.transaction():
            typed.add(api, whose.person_id, [Sample("weight", 50.0, NOW)], NOW, who=Enterer("proxy:1", "typed"))
    for change in (
        "update health.readings set value = 1",
        "delete from health.device_order",
        "update health.consents set withdrawn_at = now()",
        "update health.entitlements set ended_at = now()",
    ):
        assert api.execute(change.encode()).rowcount == 0


def test_who_may_enter_enters_for_the_person_and_for_nobody_else(
    api: psycopg.Connection, conn: psycopg.Connection, mother: Person, daughter: Person
) -> None:
    given = entitle(conn, mother, daughter, "see", "enter")
    ask(api, daughter, mother)
    by = Enterer(f"proxy:{given}", "typed")
    assert typed.add(api, mother.person_id, [Sample("weight", 50.0, NOW)], NOW, who=by).stored == 1
    with BARRED, api.transaction():
        readings.add(api, [Reading(daughter.person_id, "weight", NOW, 1, 61.5, 0, 0, NOW)])
    with BARRED, api.transaction():
        api.execute("insert into health.posts (person_id, key, digest, answer) values (%s, 'k', '', '{}')",
                    (mother.person_id,))  # fmt: skip


@pytest.mark.parametrize("scope", [("consents",), ()])
def test_without_the_scope_or_any_entitlement_nothing_is_seen(
    api: psycopg.Connection, conn: psycopg.Connection, mother: Person, daughter: Person, scope: Sequence[May]
) -> None:
    if scope:
        entitle(conn, mother, daughter, *scope)
    ask(api, daughter, mother)
    assert seen(api) == {}


def test_what_has_ended_or_lies_ahead_or_goes_the_other_way_opens_nothing(
    api: psycopg.Connection, conn: psycopg.Connection, mother: Person, daughter: Person
) -> None:
    given = entitle(conn, mother, daughter, "see")
    entitle(conn, daughter, mother, "see", since=DAY)
    ask(api, mother, daughter)
    assert seen(api) == {}
    ask(api, daughter, mother)
    assert seen(api)["readings"] == {mother.person_id}
    entitlements.end(conn, given, person_id=mother.person_id, by="self")
    assert seen(api) == {}, "in the middle of a transaction"


def test_a_chain_of_proxies_leads_nowhere(
    api: psycopg.Connection, conn: psycopg.Connection, mother: Person, daughter: Person
) -> None:
    stranger = people.add(conn, birth_date=date(1990, 1, 1), sex="male", name="友人")
    entitle(conn, mother, daughter, "see", "enter", "consents")
    entitle(conn, daughter, stranger, "see", "enter", "consents")
    ask(api, stranger, daughter)
    reaching.act_for(api, mother.person_id)
    assert seen(api) == {}


def test_a_parent_sees_until_the_child_is_18(
    api: psycopg.Connection, conn: psycopg.Connection, daughter: Person
) -> None:
    today = (NOW + timedelta(hours=9)).date()
    ages = {"child": date(today.year - 10, 1, 1), "adult": today.replace(year=today.year - 18, day=min(today.day, 28))}
    for name, born in ages.items():
        child = people.add(conn, birth_date=born, sex="male", name=name)
        typed.add(conn, child.person_id, [Sample("weight", 30.0, NOW)], NOW)
        entitlements.add(
            conn, person_id=child.person_id, proxy_id=daughter.person_id, kind="parent", relation="母",
            valid_from=NOW - DAY, valid_to=None, evidence="戸籍", noted_by="staff:1", scope=("see",),
        )  # fmt: skip
        ask(api, daughter, child)
        assert ("readings" in seen(api)) == (name == "child")


def test_nobody_notes_themselves_as_a_proxy_or_begins_again_what_has_ended(
    api: psycopg.Connection, conn: psycopg.Connection, mother: Person, daughter: Person
) -> None:
    given = entitle(conn, mother, daughter, "see")
    ask(api, daughter)
    with BARRED, api.transaction():
        entitle(api, mother, daughter, "see")
    assert entitlements.end(api, given, person_id=daughter.person_id, by="proxy")
    with BARRED, api.transaction():
        entitle(api, daughter, mother, "see")
    assert api.execute("update health.entitlements set ended_at = null").rowcount == 0


def test_a_code_is_good_once_for_another_person_while_it_lasts(
    api: psycopg.Connection, conn: psycopg.Connection, mother: Person, daughter: Person
) -> None:
    ask(api, mother)
    code = invitations.invite(api, mother.person_id, relation="長女", scope=["see"], valid_to=None).text
    api.commit()
    assert invitations.read(api, code, guest_id=mother.person_id) is None, "one's own"
    assert invitations.accept(api, code, guest_id=mother.person_id) is None
    ask(api, daughter)
    offer = invitations.read(api, code.lower().replace("-", " "), guest_id=daughter.person_id)
    assert offer and (offer.name, offer.relation, offer.scope) == (NAME, "長女", ["see"])
    given = invitations.accept(api, code, guest_id=daughter.person_id)
    assert given and entitlements.in_force(
        api, proxy_id=daughter.person_id, person_id=mother.person_id, at=datetime.now(UTC), may="see"
    ) == given  # fmt: skip
    assert invitations.accept(api, code, guest_id=daughter.person_id) is None, "used"
    api.commit()
    ask(api, mother)
    late = invitations.invite(api, mother.person_id, relation="長女", scope=["see"], valid_to=None).text
    api.commit()
    conn.execute("update health.invitations set expires_at = now() where used_at is null")
    assert invitations.accept(api, late, guest_id=daughter.person_id) is None, "expired"


def test_a_newer_code_voids_the_one_before_and_no_code_stands_in_the_database(
    api: psycopg.Connection, conn: psycopg.Connection, mother: Person, daughter: Person
) -> None:
    ask(api, mother)
    made = [invitations.invite(api, mother.person_id, relation="夫", scope=["see"], valid_to=None) for _ in range(2)]
    assert invitations.read(api, made[0].text, guest_id=daughter.person_id) is None
    assert invitations.read(api, made[1].text, guest_id=daughter.person_id)
    [row] = api.execute("select row_to_json(i)::text from health.invitations as i").fetchall()
    assert made[1].text.replace("-", "") not in row[0]
    assert invitations.withdraw(api, mother.person_id) == 1
    assert invitations.read(api, made[1].text, guest_id=daughter.person_id) is None
