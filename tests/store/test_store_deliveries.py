from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from store import deliveries
from store.deliveries import Claimed

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
LEASE = timedelta(minutes=5)


def an_advice(
    conn: psycopg.Connection, *, kind: str = "advice", urgency: int = 1, rule: str = "walk"
) -> tuple[int, int]:
    row = conn.execute(
        "with person as (insert into health.people (birth_date, sex) values ('1950-04-01', 'male') returning person_id)"
        " insert into health.advice (person_id, rule_id, kind, urgency, audience, title, body, reason, rests_on,"
        " source, judged_at) select person_id, %s, %s, %s, 'both', '', '', '', '[]', '{}', now() from person"
        " returning advice_id, person_id",
        (rule, kind, urgency),
    ).fetchone()
    assert row
    return row


def claim(conn: psycopg.Connection, now: datetime = NOW, *, quiet: bool = False, limit: int = 10) -> list[Claimed]:
    return deliveries.claim(conn, now, channels=["log"], lease=LEASE, quiet=quiet, limit=limit)


def status(conn: psycopg.Connection) -> list[tuple[str, datetime | None, str | None]]:
    return conn.execute("select status, sent_at, error from health.deliveries order by delivery_id").fetchall()


def test_a_delivery_is_there_once_and_claimed_once(conn: psycopg.Connection) -> None:
    advice, person = an_advice(conn)
    deliveries.add(conn, [(advice, person, "log")], NOW)
    deliveries.add(conn, [(advice, person, "log")], NOW)
    (mine,) = claim(conn)
    assert (mine.advice_id, mine.person_id, mine.attempts, mine.urgent, mine.stale) == (advice, person, 1, False, False)
    assert claim(conn) == claim(conn, NOW + LEASE - timedelta(seconds=1)) == []


def test_nothing_added_is_nothing_due(conn: psycopg.Connection) -> None:
    deliveries.add(conn, [], NOW)
    assert claim(conn) == []


def test_a_delivery_whose_worker_died_is_due_again_when_its_lease_ends(conn: psycopg.Connection) -> None:
    deliveries.add(conn, [(*an_advice(conn), "log")], NOW)
    (dead,) = claim(conn)
    (second,) = claim(conn, NOW + LEASE)
    assert second.attempts == 2
    deliveries.settle(
        conn, dead, "failed", now=NOW, error="late"
    )  # it was only slow: the delivery is not its own any more
    deliveries.retry(conn, dead, NOW, "late")
    assert claim(conn, NOW + LEASE) == []
    deliveries.settle(conn, second, "sent", now=NOW + LEASE)
    assert status(conn) == [("sent", NOW + LEASE, None)]


def test_what_is_settled_stays_settled(conn: psycopg.Connection) -> None:
    deliveries.add(conn, [(*an_advice(conn), "log")], NOW)
    (mine,) = claim(conn)
    deliveries.settle(conn, mine, "sent", now=NOW)
    deliveries.retry(conn, mine, NOW, "never mind")
    assert status(conn) == [("sent", NOW, None)] and claim(conn, NOW + timedelta(days=9)) == []


def test_a_retry_waits_for_its_moment_and_keeps_the_reason(conn: psycopg.Connection) -> None:
    deliveries.add(conn, [(*an_advice(conn), "log")], NOW)
    (mine,) = claim(conn)
    deliveries.retry(conn, mine, NOW + timedelta(hours=1), "http_503")
    assert status(conn) == [("due", None, "http_503")]
    assert claim(conn, NOW + timedelta(minutes=59)) == []
    assert [one.attempts for one in claim(conn, NOW + timedelta(hours=1))] == [2]


def test_in_quiet_hours_only_red_flags_for_today_are_claimed_and_by_day_they_come_first(
    conn: psycopg.Connection,
) -> None:
    calm, flag, soon = (
        an_advice(conn),
        an_advice(conn, kind="red_flag", urgency=4),
        an_advice(conn, kind="red_flag", urgency=3),
    )
    deliveries.add(conn, [(*calm, "log")], NOW - timedelta(hours=2))
    deliveries.add(conn, [(*soon, "log"), (*flag, "log")], NOW)
    with conn.transaction(force_rollback=True):
        assert [one.advice_id for one in claim(conn, quiet=True)] == [flag[0]]
    assert [one.advice_id for one in claim(conn, limit=1)] == [flag[0]]
    assert [one.advice_id for one in claim(conn, limit=1)] == [calm[0]]


def test_channels_that_are_not_ready_keep_their_deliveries(conn: psycopg.Connection) -> None:
    deliveries.add(conn, [(*an_advice(conn), "web_push")], NOW)
    assert claim(conn) == []
    assert len(deliveries.claim(conn, NOW, channels=["web_push"], lease=LEASE, quiet=False, limit=1)) == 1


def test_two_workers_claim_different_deliveries(conn: psycopg.Connection, database: str) -> None:
    deliveries.add(conn, [(*an_advice(conn), "log") for _ in range(4)], NOW)
    with psycopg.connect(database) as other:
        theirs = {one.delivery_id for one in claim(other, limit=3)}
        mine = {one.delivery_id for one in claim(conn)}
    assert len(theirs) == 3 and len(mine) == 1 and not theirs & mine


def test_a_closed_advice_is_claimed_as_stale(conn: psycopg.Connection) -> None:
    deliveries.add(conn, [(*an_advice(conn), "log")], NOW)
    conn.execute("update health.advice set closed_at = now()")
    assert [one.stale for one in claim(conn)] == [True]


@pytest.mark.parametrize(
    ("delivery", "closed", "counts"),
    [
        ("status = 'sent', sent_at = '2026-11-20T00:00Z'", False, True),
        ("status = 'sent', sent_at = '2026-11-19T14:59Z'", False, False),  # yesterday in Japan
        ("status = 'due'", False, True),
        ("status = 'due'", True, False),
        ("status = 'expired'", False, False),
        ("status = 'failed'", False, False),
    ],
)
def test_who_was_told_today(conn: psycopg.Connection, delivery: str, closed: bool, counts: bool) -> None:
    advice, person = an_advice(conn)
    deliveries.add(conn, [(advice, person, "log")], NOW)
    conn.execute(f"update health.deliveries set {delivery}".encode())
    conn.execute("update health.advice set closed_at = case when %s then now() end", (closed,))
    told = deliveries.told(conn, [person], datetime(2026, 11, 19, 15, tzinfo=UTC))
    assert told.since == (frozenset([person]) if counts else frozenset())


def test_the_last_push_of_each_rule_is_remembered_across_closed_rows(conn: psycopg.Connection) -> None:
    advice, person = an_advice(conn)
    deliveries.add(conn, [(advice, person, "log")], NOW)
    (mine,) = claim(conn)
    deliveries.settle(conn, mine, "sent", now=NOW)
    conn.execute("update health.advice set closed_at = now()")
    assert deliveries.told(conn, [person, 999], NOW).last == {person: {"walk": NOW}, 999: {}}
