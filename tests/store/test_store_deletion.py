"""Deletion of a person: by a plan that can be taken back, in steps that may die, and nothing is left but evidence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import marked
import psycopg
import pytest
from invented_person import invent

from store import (
    addresses,
    deletion,
    entitlements,
    exports,
    gateways,
    households,
    identifiers,
    invitations,
    line_links,
    people,
    personal,
    readings,
    registrations,
    sessions,
    tokens,
    unclaimed,
)
from store.model import Reading, Unclaimed

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite may have run for a quarter of an hour since this file was read."""
    monkeypatch.setitem(globals(), "NOW", datetime.now(UTC))


WAIT = timedelta(days=14)
AUDIT = {"audit.fresh", "audit.sealed", "audit.openings", "audit.deletions"}


@pytest.fixture
def neighbour(conn):
    return people.add(conn, birth_date=date(1950, 1, 1), sex="male", name="となりの 太郎")


@pytest.fixture
def her(db, conn, neighbour):
    conn.execute(f"alter table health.people alter person_id restart with {marked.PERSON}")
    person = invent(db, NOW)
    assert person.person_id == marked.PERSON
    identifiers.add(conn, person.person_id, "urn:oid:1.2.392.100495.20.3.61", "0123456789")
    sessions.open(conn, person_id=person.person_id)
    exports.ask(conn, person.person_id)
    return person


def planned(conn, person_id) -> deletion.Plan:
    return deletion.ask(conn, person_id, by="self", wait=WAIT)


def step(conn, now) -> bool:
    with conn.transaction():
        conn.execute("set local role phr_jobs")
        plan = deletion.next_due(conn, now)
        if plan is not None:
            deletion.carry_out(conn, plan) if plan.shut_at else deletion.shut(conn, plan)
    return plan is not None


def digest(conn: psycopg.Connection, person_id: int) -> dict[str, object]:
    known = personal.scope(conn, person_id)
    return {table.name: personal.rows(conn, table, known) for table in personal.tables() if table.exported}


def test_nothing_of_the_person_is_left_in_any_column_of_any_table(database, conn, her):
    (source,) = conn.execute("select source_id from health.registrations where device = 'scale'").fetchone()
    [home] = households.of_person(conn, her.person_id)
    planned(conn, her.person_id)
    marked.fill(conn, source, home)
    columns = marked.mark(database)
    conn.execute("update identity.deletion_plans set due_at = now()")
    before = set(marked.found(conn, her.public_id))
    tables = {table.name for table in personal.tables() if table.whose} - {"audit.deletions"}
    empty = {"identity.export_pieces", "audit.sealed", "health.households"}  # no file yet, nothing sealed, no words
    assert tables - before <= empty, "every table of personal.toml must have been filled for the scan"
    assert sum(columns.values()) > 90
    assert step(conn, NOW + timedelta(minutes=1)) and step(conn, NOW + timedelta(days=1))
    assert set(marked.found(conn, her.public_id)) <= AUDIT
    [evidence] = deletion.evidence(conn, NOW - timedelta(days=1))
    assert evidence.public_id == her.public_id
    assert evidence.removed["health.readings"] > 100
    assert marked.WORD not in str(evidence.removed) and str(marked.NUMBER) not in str(evidence.removed)


def test_the_neighbours_rows_stay_as_they_were(conn, her, neighbour):
    home = households.add(conn)
    households.join(conn, home, neighbour.person_id, NOW - timedelta(days=5))
    gateways.add(conn, "gw-neighbour", "secret", home)
    scale = registrations.add(
        conn,
        gateway_id="gw-neighbour",
        device="s",
        model="theengs_scale",
        label="体重計",
        person_id=neighbour.person_id,
    )
    readings.add(conn, [Reading(neighbour.person_id, "weight", NOW, scale.source_id, 71.5, 0, 0, NOW)])
    before = digest(conn, neighbour.person_id)
    planned(conn, her.person_id)
    assert step(conn, NOW + WAIT + timedelta(minutes=1)) and step(conn, NOW + WAIT + timedelta(days=1))
    assert digest(conn, neighbour.person_id) == before
    assert before["health.readings"] and before["health.gateways"]


def test_what_the_household_shares_stays_with_who_still_lives_there(conn, her, neighbour):
    [home] = households.of_person(conn, her.person_id)
    households.join(conn, home, neighbour.person_id, NOW - timedelta(days=20))
    (scale,) = conn.execute("select source_id from health.registrations where device = 'scale'").fetchone()
    at = NOW - timedelta(hours=3)
    unclaimed.add(conn, [Unclaimed(home, "weight", at, scale, 71.0, 0, 0, NOW)])
    assert unclaimed.claim(conn, neighbour.person_id, household_id=home, source_id=scale, at=at)
    planned(conn, her.person_id)
    assert step(conn, NOW + WAIT + timedelta(minutes=1)) and step(conn, NOW + WAIT + timedelta(days=1))
    assert conn.execute("select revoked_at from health.gateways").fetchall() == [(None,)]
    assert [one.device for one in registrations.of_person(conn, neighbour.person_id)] == ["scale"]
    assert conn.execute("select value, source_id from health.readings").fetchall() == [(71.0, scale)]
    assert conn.execute("select label from health.sources where source_id = %s", (scale,)).fetchone() == (
        "体重計(脱衣所)",
    )
    assert households.members(conn, home) == [neighbour.person_id]


def test_a_plan_is_asked_for_once_and_can_be_taken_back_until_it_begins(conn, her):
    first = planned(conn, her.person_id)
    assert planned(conn, her.person_id) == first
    assert first.due_at - first.asked_at == WAIT
    assert not step(conn, NOW + timedelta(days=13))
    assert deletion.take_back(conn, her.person_id) and not deletion.take_back(conn, her.person_id)
    assert not step(conn, NOW + timedelta(days=99))
    planned(conn, her.person_id)
    assert step(conn, NOW + WAIT + timedelta(minutes=1))
    with pytest.raises(deletion.Begun):
        deletion.take_back(conn, her.person_id)


def test_from_the_first_step_on_nothing_comes_in_any_more(conn, her):
    token = sessions.open(conn, person_id=her.person_id)
    added = "insert into health.push_subscriptions (person_id, endpoint, p256dh, auth) values (%s, 'e', 'p', 'a')"
    conn.execute(added, (her.person_id,))
    app = tokens.connect(conn, tokens.offer(conn, her.person_id).text, "Pixel 8")
    daughter = people.add(conn, birth_date=date(1980, 1, 1), sex="female", name="となりの 花").person_id
    given = {"kind": "caregiver", "relation": "長女", "evidence": "委任状", "noted_by": "staff:1", "valid_to": None}
    entitlements.add(conn, person_id=her.person_id, proxy_id=daughter, valid_from=NOW, scope=("see", "enter"), **given)
    code = invitations.invite(conn, her.person_id, relation="長女", scope=["see"], valid_to=None).text
    addresses.add(conn, her.person_id, "sms", "+819012345678", confirmed=True)
    nonce = line_links.ask(conn, her.person_id)
    planned(conn, her.person_id)
    assert step(conn, NOW + WAIT + timedelta(minutes=1))
    assert entitlements.of_proxy(conn, daughter, datetime.now(UTC)) == []
    assert invitations.accept(conn, code, guest_id=daughter) is None
    assert sessions.who(conn, token) is None and sessions.who(conn, app.access) is None
    assert conn.execute("select count(*) from identity.refresh_tokens").fetchone() == (0,)
    assert gateways.all_live(conn) == []
    assert all(one.valid_to for one in registrations.of_person(conn, her.person_id))
    assert conn.execute("select count(*) from health.push_subscriptions").fetchone() == (0,)
    assert line_links.link(conn, nonce, "U" + "0" * 32) is None
    assert conn.execute("select count(*) from health.channel_addresses").fetchone() == (0,)
    assert [one.state for one in exports.of_person(conn, her.person_id)] == ["stopped"]
    assert not step(conn, datetime.now(UTC))  # the second step waits for what is under way


def test_the_copy_that_is_being_made_stops_when_the_deletion_begins(conn, her):
    planned(conn, her.person_id)
    begun = exports.take(conn)
    assert begun and step(conn, NOW + WAIT + timedelta(minutes=1))
    with pytest.raises(exports.Stopped):
        exports.tell(conn, begun.export_id, step="json", done=1, total=2)


@pytest.mark.parametrize("table", ["health.people", "health.readings", "audit.deletions"])
def test_a_step_that_dies_changes_nothing_and_is_done_anew(conn, her, table):
    planned(conn, her.person_id)
    assert step(conn, NOW + WAIT + timedelta(minutes=1))
    before = digest(conn, her.person_id)
    event = "insert" if table.startswith("audit") else "delete"
    conn.execute(
        "create function public.die() returns trigger language plpgsql as $$ begin raise 'dead'; end $$;"
        f"create trigger die before {event} on {table} for each row execute function public.die()"
    )
    with pytest.raises(psycopg.errors.RaiseException):
        step(conn, NOW + WAIT + timedelta(days=1))
    assert digest(conn, her.person_id) == before
    conn.execute("drop function public.die() cascade")
    assert step(conn, NOW + WAIT + timedelta(days=1))
    assert people.by_id(conn, her.person_id) is None and not step(conn, NOW + timedelta(days=99))


def test_what_came_after_all_is_found_and_taken_away(conn, her):
    planned(conn, her.person_id)
    assert step(conn, NOW + WAIT + timedelta(minutes=1)) and step(conn, NOW + WAIT + timedelta(days=1))
    readings.add(conn, [Reading(her.person_id, "weight", NOW, 1, 61.0, 0, 0, NOW)])
    assert deletion.look_again(conn, datetime.now(UTC)) >= 2
    assert conn.execute("select count(*) from health.readings").fetchone() == (0,)
    assert deletion.look_again(conn, datetime.now(UTC)) == 0


def test_decisions_are_append_only_for_everybody_else(conn, her):
    for change in ("delete from", "update"):
        rest = " set facts_hash = 'x'" if change == "update" else ""
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            conn.execute(f"{change} health.decisions{rest}")
    planned(conn, her.person_id)  # a plan alone opens nothing
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        conn.execute("delete from health.decisions")


def test_the_evidence_can_not_be_changed(conn, her):
    planned(conn, her.person_id)
    assert step(conn, NOW + WAIT + timedelta(minutes=1)) and step(conn, NOW + WAIT + timedelta(days=1))
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        conn.execute("delete from audit.deletions")
