"""Messages in the database: which state may follow which, what is noted, who was told what."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.errors import CheckViolation, RaiseException

from store import deliveries, outbox
from store.outbox import Waiting

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
LEASE = timedelta(minutes=5)
STATES = (
    ("planned", "due", "sending", "throttled", "retrying", "sent", "delivered", "opened", "failed", "dropped")
)  # fmt: skip
TAKEN = ("sent", "delivered", "opened")
# The picture of docs/messages.md, line by line.
MOVES = {
    "planned": "due dropped",
    "due": "planned sending dropped",
    "sending": "sending sent throttled retrying failed dropped delivered opened",
    "throttled": "sending dropped delivered opened",
    "retrying": "sending failed dropped delivered opened",
    "sent": "delivered opened failed",
    "delivered": "opened",
    "opened": "",
    "failed": "delivered opened",
    "dropped": "delivered opened",
}


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


def held(conn: psycopg.Connection, now: datetime = NOW) -> list[Waiting]:
    """What may be sent now, with what else waits for the same people."""
    return outbox.waiting(conn, outbox.hold(conn, now, limit=10), now)


def take(conn: psycopg.Connection, now: datetime = NOW) -> tuple[int, int]:
    """(Delivery, try) of the one message that is due."""
    ((number, attempt),) = outbox.take(conn, held(conn, now), now, lease=LEASE).items()
    return number, attempt


def status(conn: psycopg.Connection) -> list[tuple[str, datetime | None, str | None]]:
    return conn.execute("select status, sent_at, reason from health.deliveries order by delivery_id").fetchall()


def events(conn: psycopg.Connection) -> list[tuple[str, datetime, str | None]]:
    return conn.execute("select state, at, reason from health.delivery_events order by event_id").fetchall()


def token(conn: psycopg.Connection) -> UUID:
    ((found,),) = conn.execute("select token from health.deliveries").fetchall()
    return found


def in_state(conn: psycopg.Connection, state: str) -> int:
    """A message that was tried and stands there, as an import or a restored backup writes it."""
    advice, person = an_advice(conn)
    ((number,),) = conn.execute(
        "insert into health.deliveries (advice_id, person_id, channel, status, attempts, sent_at)"
        " values (%s, %s, 'log', %s, 1, case when %s then now() end) returning delivery_id",
        (advice, person, state, state in TAKEN),
    ).fetchall()
    return number


@pytest.mark.parametrize("was", STATES)
def test_of_the_hundred_moves_the_database_lets_those_of_the_table_happen_and_no_other(
    conn: psycopg.Connection, was: str
) -> None:
    allowed = []
    for becomes in STATES:
        if becomes == was and becomes != "sending":
            continue  # nothing happens
        number = in_state(conn, was)
        again = ", attempts = attempts + 1" if was == becomes else ""
        try:
            conn.execute(
                f"update health.deliveries set status = %s, sent_at = case when %s then now() end{again}"
                " where delivery_id = %s",
                (becomes, becomes in TAKEN, number),
            )
        except CheckViolation as fault:
            assert f"{was} to {becomes}" in str(fault)
        else:
            allowed.append(becomes)
    assert sorted(allowed) == sorted(MOVES[was].split())


def test_a_try_more_is_a_move_too_and_a_message_that_is_over_is_not_tried(conn: psycopg.Connection) -> None:
    number = in_state(conn, "opened")
    with pytest.raises(CheckViolation):
        conn.execute("update health.deliveries set attempts = 2 where delivery_id = %s", (number,))


def test_every_move_is_noted_and_no_note_is_changed(conn: psycopg.Connection) -> None:
    deliveries.add(conn, [(*an_advice(conn), "log")], NOW)
    number, attempt = take(conn)
    later = NOW + timedelta(minutes=2)
    deliveries.settle(conn, number, attempt, "retrying", now=NOW, reason="http_503", again=later)
    number, attempt = take(conn, later)
    deliveries.settle(conn, number, attempt, "sent", now=later)
    assert events(conn) == [
        ("due", NOW, None),
        ("sending", NOW, None),
        ("retrying", NOW, "http_503"),
        ("sending", later, None),
        ("sent", later, None),
    ]
    deliveries.add(conn, [(*an_advice(conn), "log")], datetime.now(UTC))  # what is a year old may go
    for change in ("update health.delivery_events set state = 'due'", "delete from health.delivery_events"):
        with pytest.raises(RaiseException, match="append-only"):
            conn.execute(change.encode())


def test_a_delivery_is_there_once_and_taken_once(conn: psycopg.Connection) -> None:
    advice, person = an_advice(conn)
    deliveries.add(conn, [(advice, person, "log")], NOW)
    deliveries.add(conn, [(advice, person, "sms")], NOW)
    (mine,) = held(conn)
    assert (mine.advice_id, mine.person_id, mine.kind, mine.urgent, mine.closed) == (
        advice, person, "advice", False, False
    )  # fmt: skip
    assert take(conn) == (mine.delivery_id, 1)
    assert held(conn) == held(conn, NOW + LEASE - timedelta(seconds=1)) == []


def test_nothing_added_is_nothing_due(conn: psycopg.Connection) -> None:
    deliveries.add(conn, [], NOW)
    assert held(conn) == []


def test_a_delivery_whose_worker_died_is_taken_again_when_its_lease_ends(conn: psycopg.Connection) -> None:
    deliveries.add(conn, [(*an_advice(conn), "log")], NOW)
    dead, second = take(conn), take(conn, NOW + LEASE)
    assert second == (dead[0], 2)
    # it was only slow: the delivery is not its own any more
    deliveries.settle(conn, *dead, "failed", now=NOW, reason="late")
    assert held(conn, NOW + LEASE) == []
    deliveries.settle(conn, *second, "sent", now=NOW + LEASE)
    deliveries.settle(conn, *second, "retrying", now=NOW + LEASE, reason="never mind", again=NOW)
    assert status(conn) == [("sent", NOW + LEASE, None)] and held(conn, NOW + timedelta(days=9)) == []


def test_a_retry_waits_for_its_moment_and_keeps_the_reason(conn: psycopg.Connection) -> None:
    deliveries.add(conn, [(*an_advice(conn), "log")], NOW)
    deliveries.settle(conn, *take(conn), "retrying", now=NOW, reason="http_503", again=NOW + timedelta(hours=1))
    assert status(conn) == [("retrying", None, "http_503")]
    assert held(conn, NOW + timedelta(minutes=59)) == []
    assert take(conn, NOW + timedelta(hours=1))[1] == 2


def test_a_reason_is_a_slug_whatever_a_fault_said(conn: psycopg.Connection) -> None:
    deliveries.add(conn, [(*an_advice(conn), "log")], NOW)
    deliveries.settle(conn, *take(conn), "failed", now=NOW, reason="https://x/秘密?key=165" + "!" * 200)
    ((_, _, reason),) = status(conn)
    assert reason == deliveries.slug(reason) and len(reason) == 100 and "秘密" not in reason and "/" not in reason


def test_while_the_town_sleeps_what_is_not_urgent_is_planned_for_the_morning(conn: psycopg.Connection) -> None:
    calm, flag = an_advice(conn), an_advice(conn, kind="red_flag", urgency=4)
    soon = an_advice(conn, kind="red_flag", urgency=3)
    deliveries.add(conn, [(*calm, "log"), (*soon, "log"), (*flag, "log")], NOW)
    owl = an_advice(conn)  # who has quiet hours of their own decides about their nights
    deliveries.add(conn, [(*owl, "log")], NOW)
    conn.execute(
        "insert into health.message_wishes (person_id, quiet_from, quiet_until, set_by) values (%s, 9, 15, 'self')",
        (owl[1],),
    )
    morning = NOW + timedelta(hours=7)
    outbox.rest(conn, morning, NOW)
    assert [one for one, _, _ in status(conn)] == ["planned", "planned", "due", "due"]
    assert sorted(one.advice_id or 0 for one in held(conn)) == sorted([flag[0], owl[0]])
    assert len(held(conn, morning)) == 4


def test_urgent_ones_come_first(conn: psycopg.Connection) -> None:
    calm, flag = an_advice(conn), an_advice(conn, kind="red_flag", urgency=4)
    deliveries.add(conn, [(*calm, "log")], NOW - timedelta(hours=2))
    deliveries.add(conn, [(*flag, "log")], NOW)
    assert outbox.hold(conn, NOW, limit=1) == [flag[1]]


def test_two_workers_decide_about_different_people(conn: psycopg.Connection, database: str) -> None:
    for _ in range(4):
        deliveries.add(conn, [(*an_advice(conn), "log")], NOW)
    with psycopg.connect(database) as other:
        theirs = set(outbox.hold(other, NOW, limit=3))
        mine = set(outbox.hold(conn, NOW, limit=10))
        assert len(theirs) == 3 and len(mine) == 1 and not theirs & mine


def test_a_message_needs_the_consent_to_be_told_at_the_moment_it_goes_out(conn: psycopg.Connection) -> None:
    advice, person = an_advice(conn)
    deliveries.add(conn, [(advice, person, "sms")], NOW)
    assert [one.agreed for one in held(conn)] == [False]
    conn.execute(
        "insert into health.consents (person_id, purpose, recipient, items, valid, text_version, given_by)"
        " values (%s, 'push', 'city', '{*}', '[2020-01-01,)', '1', 'self')",
        (person,),
    )
    assert [one.agreed for one in held(conn)] == [True]


@pytest.mark.parametrize(
    ("state", "becomes"), [("sending", "delivered"), ("retrying", "delivered"), ("sent", "failed")]
)
def test_a_receipt_may_overtake_us(conn: psycopg.Connection, state: str, becomes: str) -> None:
    in_state(conn, state)
    assert deliveries.receipt(conn, "log", token(conn), state=becomes, at=NOW)
    assert status(conn) == [
        (becomes, *((NOW, None) if becomes == "delivered" and state != "sent" else (None, "undeliverable")))
    ]


@pytest.mark.parametrize("late", ["delivered", "failed"])
def test_a_receipt_again_or_out_of_order_changes_nothing(conn: psycopg.Connection, late: str) -> None:
    in_state(conn, "opened")
    before = status(conn), events(conn)
    for _ in range(2):
        assert deliveries.receipt(conn, "log", token(conn), state=late, at=NOW)
    assert (status(conn), events(conn)) == before


def test_a_receipt_for_another_channel_or_nothing_that_was_sent_is_not_known(conn: psycopg.Connection) -> None:
    in_state(conn, "sent")
    assert not deliveries.receipt(conn, "sms", token(conn), state="delivered", at=NOW)
    assert not deliveries.receipt(conn, "log", uuid4(), state="delivered", at=NOW)
    deliveries.add(conn, [(*an_advice(conn), "log")], NOW)  # nobody has sent it yet
    ((due,),) = conn.execute("select token from health.deliveries where status = 'due'").fetchall()
    assert not deliveries.receipt(conn, "log", due, state="delivered", at=NOW)


def test_of_one_week_there_is_one_reflection(conn: psycopg.Connection) -> None:
    _, person = an_advice(conn)
    monday = date(2026, 11, 16)
    assert [deliveries.reflect(conn, [(person, "log")], monday, NOW) for _ in range(2)] == [1, 0]
    assert [(one.kind, one.grave, one.rule_id) for one in held(conn)] == [("reflection", False, None)]


@pytest.mark.parametrize(
    ("state", "sent_at", "closed", "counts"),
    [
        ("without a way", None, False, False),
        ("sent", "2026-11-20T00:00Z", False, True),
        ("opened", "2026-11-20T00:00Z", True, True),
        ("sent", "2026-11-19T14:59Z", False, False),  # yesterday in Japan
        ("due", None, False, True),
        ("planned", None, False, True),
        ("due", None, True, False),
        ("dropped", None, False, False),
        ("failed", None, False, False),
    ],
)
def test_who_was_told_today(
    conn: psycopg.Connection, state: str, sent_at: str | None, closed: bool, counts: bool
) -> None:
    advice, person = an_advice(conn)
    conn.execute(
        "insert into health.deliveries (advice_id, person_id, channel, status, sent_at, reason)"
        " values (%s, %s, 'log', %s, %s, %s)",
        (advice, person, *(("planned", None, "no_channel") if state == "without a way" else (state, sent_at, None))),
    )
    conn.execute("update health.advice set closed_at = case when %s then now() end", (closed,))
    told = deliveries.told(conn, [person], datetime(2026, 11, 19, 15, tzinfo=UTC))
    assert told.since == (frozenset([person]) if counts else frozenset())
    assert told.week.get(person, 0) == (1 if counts or sent_at else 0)


def test_red_flags_and_referrals_do_not_count_towards_the_week(conn: psycopg.Connection) -> None:
    advice, person = an_advice(conn, kind="referral")
    deliveries.add(conn, [(advice, person, "log")], NOW)
    deliveries.settle(conn, *take(conn), "sent", now=NOW)
    assert deliveries.told(conn, [person], datetime(2026, 11, 19, 15, tzinfo=UTC)).week == {person: 0}
    rung = outbox.rung(conn, [person], date(2026, 11, 20))
    assert (rung[person].today, rung[person].week) == (1, 0)


def test_the_last_push_of_each_rule_is_remembered_across_closed_rows(conn: psycopg.Connection) -> None:
    advice, person = an_advice(conn)
    deliveries.add(conn, [(advice, person, "log")], NOW)
    deliveries.settle(conn, *take(conn), "sent", now=NOW)
    conn.execute("update health.advice set closed_at = now()")
    assert deliveries.told(conn, [person, 999], NOW).last == {person: {"walk": NOW}, 999: {}}


def test_when_each_rule_last_rang_is_known_without_looking_up_years_of_advice(conn: psycopg.Connection) -> None:
    plan = [line for (line,) in conn.execute("explain " + deliveries._LAST, ([1, 2],))]
    assert any("on deliveries" in line for line in plan) and not any("on advice" in line for line in plan), plan
