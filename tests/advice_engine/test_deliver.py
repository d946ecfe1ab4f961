from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import ConnectionPool
from push_service import Browser, PushService, new_key, point, raw, running
from small_town import Town

from advice_engine import deliver
from advice_engine.deliver import AT_ONCE, BODY, LEASE, LONGEST_WAIT, URGENT, Try, backoff, deliver_once, is_quiet
from advice_engine.picking import MOST_ATTEMPTS
from store import deliveries, message_wishes, outbox, push_subscriptions
from store.clock import JST
from store.message_wishes import Wishes
from store.settings import Settings

CITY = new_key()
SETTINGS = Settings(vapid_private_key=raw(CITY), push_services="localhost")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=JST)
NIGHT = datetime(2026, 11, 20, 23, 30, tzinfo=JST)


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    with running(tmp_path, point(CITY)) as opened:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
        yield opened


def due(conn: psycopg.Connection, town: Town, *urls: str, at: datetime = NOON, **advice: object) -> int:
    """A person with these subscriptions (none: the log) and one delivery due; the delivery's advice."""
    person = town.person()
    town.consent(person, "city", purpose="push")
    for url in urls:
        push_subscriptions.add(conn, person, endpoint=url, **Browser().keys)
    made = town.advice(person, **advice)
    deliveries.add(conn, [(made, person, "web_push" if urls else "log")], at)
    return made


def state(conn: psycopg.Connection) -> list[tuple[str, int, str | None]]:
    return conn.execute("select status, attempts, reason from health.deliveries order by delivery_id").fetchall()


def subscriptions(conn: psycopg.Connection) -> list[str]:
    return [url for (url,) in conn.execute("select endpoint from health.push_subscriptions order by 1").fetchall()]


def token(conn: psycopg.Connection) -> UUID:
    ((found,),) = conn.execute("select token from health.deliveries").fetchall()
    return found


def next_at(conn: psycopg.Connection) -> datetime:
    row = conn.execute("select next_at from health.deliveries").fetchone()
    assert row
    return row[0]


def test_what_is_due_is_sent_once(db: ConnectionPool, conn: psycopg.Connection, town: Town) -> None:
    due(conn, town)
    assert deliver_once(db, SETTINGS, NOON) == 1
    assert deliver_once(db, SETTINGS, NOON + timedelta(days=1)) == 0
    assert conn.execute("select status, attempts, sent_at, reason from health.deliveries").fetchall() == [
        ("sent", 1, NOON, None)
    ]


def test_nobody_is_woken_but_by_a_red_flag_for_today(db: ConnectionPool, conn: psycopg.Connection, town: Town) -> None:
    due(conn, town, at=NIGHT)
    due(conn, town, at=NIGHT, rule="flag", kind="red_flag", urgency=4)
    due(conn, town, at=NIGHT, rule="soon", kind="red_flag", urgency=3)
    assert deliver_once(db, SETTINGS, NIGHT) == 1
    assert [status for status, _, _ in state(conn)] == ["planned", "sent", "planned"]
    assert deliver_once(db, SETTINGS, NIGHT + timedelta(hours=7, minutes=29)) == 0  # 06:59
    assert deliver_once(db, SETTINGS, NIGHT + timedelta(hours=7, minutes=30)) == 2  # 07:00


@pytest.mark.parametrize(
    ("start", "end", "quiet"),
    [(21, 7, {21, 22, 23, 0, 1, 2, 3, 4, 5, 6}), (1, 5, {1, 2, 3, 4}), (8, 8, set()), (0, 24, set(range(24)))],
)
def test_quiet_hours_are_japanese_and_may_pass_midnight(start: int, end: int, quiet: set[int]) -> None:
    settings = replace(SETTINGS, push_quiet_from=start, push_quiet_until=end)
    moments = {hour: datetime(2026, 11, 20, hour, 59, tzinfo=JST).astimezone(UTC) for hour in range(24)}
    assert {hour for hour, moment in moments.items() if is_quiet(moment, settings)} == quiet


def test_a_push_carries_neither_a_value_nor_the_words_of_the_advice(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, service: PushService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    browser = Browser()
    words = {
        "title": "血圧165/102",
        "body": "今日中に受診",
        "reason": "平均165/102 mmHg",
        "rests_on": '[{"value": "165"}]',
    }
    person = town.person()
    town.consent(person, "city", purpose="push")
    push_subscriptions.add(conn, person, endpoint=service.url(201, "secret-name"), **browser.keys)
    flag = town.advice(person, kind="red_flag", urgency=4, **words)
    deliveries.add(conn, [(flag, person, "web_push")], NOON)
    assert deliver_once(db, SETTINGS, NOON) == 1
    ((_, _, body),) = service.taken
    assert browser.read(body) == {
        "title": "さかた健康記録",
        "body": URGENT,
        "url": f"http://127.0.0.1:8080/m/{token(conn)}",
        "tag": "advice",
    }
    assert URGENT != BODY
    own = " ".join(record.getMessage() for record in caplog.records if record.name.startswith("advice_engine"))
    assert own and not any(secret in own for secret in ("165", "血圧", "secret-name", "localhost"))


def test_an_expired_subscription_is_removed(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, service: PushService
) -> None:
    due(conn, town, service.url(410))
    assert deliver_once(db, SETTINGS, NOON) == 1
    assert state(conn) == [("failed", 1, "http_410")] and subscriptions(conn) == []


def test_a_person_with_two_browsers_is_told_when_one_of_them_works(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, service: PushService
) -> None:
    due(conn, town, service.url(410), service.url(201), service.url(500))
    deliver_once(db, SETTINGS, NOON)
    assert state(conn) == [("sent", 1, None)]
    assert subscriptions(conn) == [service.url(201), service.url(500)]


def test_one_browser_gone_and_one_in_trouble_is_tried_again(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, service: PushService
) -> None:
    due(conn, town, service.url(410), service.url(503))
    deliver_once(db, SETTINGS, NOON)
    assert state(conn) == [("retrying", 1, "http_410, http_503")] and subscriptions(conn) == [service.url(503)]


def test_who_unsubscribed_in_between_is_not_told(db: ConnectionPool, conn: psycopg.Connection, town: Town) -> None:
    due(conn, town, "https://localhost/x")
    conn.execute("delete from health.push_subscriptions")
    deliver_once(db, SETTINGS, NOON)
    assert state(conn) == [("dropped", 1, "no_address")]


def test_advice_that_closed_in_the_meantime_is_not_told(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, service: PushService
) -> None:
    due(conn, town, service.url(201), closed_at=NOON)
    deliver_once(db, SETTINGS, NOON)
    assert state(conn) == [("dropped", 0, "closed")] and service.asked == []


def test_trouble_is_tried_again_later_and_later_and_then_given_up(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, service: PushService
) -> None:
    due(conn, town, service.url(500))
    settings = replace(SETTINGS, push_quiet_from=0, push_quiet_until=0)
    now, waits = NOON, []
    for attempt in range(1, MOST_ATTEMPTS):
        assert deliver_once(db, settings, now) == 1
        assert state(conn) == [("retrying", attempt, "http_500")]
        assert deliver_once(db, settings, next_at(conn) - timedelta(seconds=1)) == 0
        waits.append(next_at(conn) - now)
        now = next_at(conn)
    assert waits == sorted(waits) and timedelta(minutes=1) <= waits[0] and timedelta(hours=4) <= waits[-1]
    assert deliver_once(db, settings, now) == 1
    assert state(conn) == [("failed", MOST_ATTEMPTS, "http_500")]
    assert len(service.asked) == MOST_ATTEMPTS and subscriptions(conn) == [service.url(500)]


def test_a_push_service_that_asks_for_patience_gets_it_from_its_answer_on(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    due(conn, town, service.url(429))
    monkeypatch.setattr(deliver, "monotonic", count(0, 7).__next__)  # the turn begins, decides, sends; the answer
    deliver_once(db, SETTINGS, NOON)
    assert state(conn) == [("throttled", 1, "http_429")]
    assert next_at(conn) == NOON + timedelta(minutes=20, seconds=21)


def test_nobody_is_made_to_wait_for_days_and_not_all_return_at_one_moment() -> None:
    one = SimpleNamespace(delivery_id=1)
    assert backoff(Try(one, 1), 9_999_999) == backoff(Try(one, 9), None) == LONGEST_WAIT  # type: ignore[arg-type]
    assert backoff(Try(one, 1), 1.8e18) == backoff(Try(one, 1), float("inf")) == LONGEST_WAIT  # type: ignore[arg-type]
    assert len({backoff(Try(SimpleNamespace(delivery_id=number), 1), None) for number in range(10)}) == 10  # type: ignore[arg-type]


def test_a_worker_that_died_while_sending_loses_nothing(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, service: PushService
) -> None:
    due(conn, town, service.url(201))
    with db.connection() as dying:  # it began, committed, and was gone before it could settle
        people = outbox.hold(dying, NOON, limit=1)
        outbox.take(dying, outbox.waiting(dying, people, NOON), NOON, lease=LEASE)
    assert deliver_once(db, SETTINGS, NOON) == 0
    assert deliver_once(db, SETTINGS, NOON + LEASE) == 1
    assert state(conn) == [("sent", 2, None)] and len(service.taken) == 1


def test_whom_a_worker_that_died_was_telling_keeps_nobody_else_waiting(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    for _ in range(AT_ONCE):
        due(conn, town)
    with db.connection() as dying:
        people = outbox.hold(dying, NOON, limit=AT_ONCE)
        outbox.take(dying, outbox.waiting(dying, people, NOON), NOON, lease=LEASE)
    for person in people:
        more(conn, town, person, rule="later", at=NOON)
    due(conn, town, at=NOON + timedelta(seconds=1))
    assert deliver_once(db, SETTINGS, NOON + timedelta(seconds=2)) == 1
    assert [status for status, _, _ in state(conn)][-1] == "sent"


def test_workers_side_by_side_send_each_delivery_once(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, service: PushService
) -> None:
    for number in range(40):
        due(conn, town, service.url(201, f"browser{number}"))
    with ThreadPoolExecutor(3) as threads:
        assert sum(threads.map(lambda _: deliver_once(db, SETTINGS, NOON), range(9))) == 40
    assert sorted(path for path, _, _ in service.taken) == sorted(f"/201/browser{number}" for number in range(40))
    assert {status for status, _, _ in state(conn)} == {"sent"}


def more(conn: psycopg.Connection, town: Town, person: int, *, at: datetime = NOON, **advice: object) -> int:
    """One more message for the same person by the log; its advice."""
    made = town.advice(person, **advice)
    deliveries.add(conn, [(made, person, "log")], at)
    return made


def reasons(conn: psycopg.Connection) -> list[tuple[str, str | None]]:
    return [(status, reason) for status, _, reason in state(conn)]


def test_after_an_outage_a_person_is_told_once_of_the_newest(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    person = town.person()
    for number in range(5):
        more(conn, town, person, rule=f"rule{number}", at=NOON - timedelta(days=5 - number))
    assert deliver_once(db, SETTINGS, NOON) == 5
    assert reasons(conn) == [("dropped", "superseded")] * 4 + [("sent", None)]


def test_an_older_message_is_not_sent_after_a_newer_one(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, service: PushService
) -> None:
    due(conn, town, service.url(503), kind="referral")
    deliver_once(db, SETTINGS, NOON)
    ((person,),) = conn.execute("select person_id from health.people").fetchall()
    more(conn, town, person, rule="flag", kind="red_flag", urgency=4)  # by another channel, which works
    assert deliver_once(db, SETTINGS, NOON + timedelta(seconds=30)) == 2
    assert deliver_once(db, SETTINGS, NOON + timedelta(days=1)) == 0
    assert reasons(conn) == [("dropped", "superseded"), ("sent", None)]


def test_what_is_grave_rings_although_something_new_has_come_since(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    person = town.person()
    more(conn, town, person, rule="flag", kind="red_flag", urgency=4)
    more(conn, town, person, rule="walk")
    deliver_once(db, SETTINGS, NOON)
    assert reasons(conn) == [("sent", None), ("dropped", "superseded")] and "(urgent)" in caplog.text


def test_nobody_is_told_of_advice_twice_on_a_day_or_a_fourth_time_in_a_week(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    person, rang = town.person(), []
    for hours in range(0, 24 * 6, 12):
        more(conn, town, person, rule=f"rule{hours}", at=NOON + timedelta(hours=hours - 1))
        deliver_once(db, replace(SETTINGS, push_quiet_from=0, push_quiet_until=0), NOON + timedelta(hours=hours))
        rang.append(reasons(conn)[-1])
    assert rang[:4] == [("sent", None), ("sent", None), ("dropped", "one_a_day"), ("sent", None)]
    assert set(rang[4:]) == {("dropped", "one_a_day"), ("dropped", "enough_this_week")}
    more(conn, town, person, rule="later", at=NOON + timedelta(days=7))
    deliver_once(db, SETTINGS, NOON + timedelta(days=7))
    assert reasons(conn)[-1] == ("sent", None)


@pytest.mark.parametrize(
    ("wishes", "why"),
    [
        (Wishes(a_week=0), "enough_this_week"),
        (Wishes(paused_until=date(2026, 11, 21)), "paused"),
        (Wishes(paused_until=date(2026, 11, 20)), None),
        (Wishes(silent=("walking",)), "not_wanted"),
        (Wishes(silent=("salt", "praise")), None),
    ],
)
def test_a_wish_holds_for_what_was_planned_before_it_but_not_for_what_is_grave(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, wishes: Wishes, why: str | None
) -> None:
    person = town.person()
    message_wishes.keep(conn, person, wishes, by="self")
    more(conn, town, person, rule="steps_fallen")
    deliver_once(db, SETTINGS, NOON)
    assert reasons(conn) == [("dropped", why) if why else ("sent", None)]
    more(conn, town, person, rule="checkup_liver", kind="referral", urgency=2)
    deliver_once(db, SETTINGS, NOON)
    assert reasons(conn)[-1] == ("sent", None)


def test_quiet_hours_of_ones_own_stand_in_place_of_the_towns_and_a_red_flag_breaks_them(
    db: ConnectionPool, conn: psycopg.Connection, town: Town
) -> None:
    owl, sleeper = town.person(), town.person()
    message_wishes.keep(conn, owl, Wishes(quiet_from=9, quiet_until=15), by="self")
    for person in (owl, sleeper):
        more(conn, town, person)
    deliver_once(db, SETTINGS, NOON)
    assert [status for status, _ in reasons(conn)] == ["planned", "sent"]
    assert deliver_once(db, SETTINGS, NOON.replace(hour=14, minute=59)) == 0
    assert deliver_once(db, SETTINGS, NOON.replace(hour=15)) == 1
    more(conn, town, owl, rule="soon", kind="red_flag", urgency=3, at=NOON + timedelta(days=1))
    deliver_once(db, SETTINGS, NOON + timedelta(days=1))
    assert reasons(conn)[-1][0] == "planned"
    more(conn, town, owl, rule="flag", kind="red_flag", urgency=4, at=NOON + timedelta(days=1))
    deliver_once(db, SETTINGS, NOON + timedelta(days=1))
    assert reasons(conn)[-2:] == [("dropped", "superseded"), ("sent", None)]


def test_who_took_the_consent_back_is_told_nothing(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, service: PushService
) -> None:
    due(conn, town, service.url(201), kind="red_flag", urgency=4)
    conn.execute("update health.consents set withdrawn_at = %s", (NOON - timedelta(minutes=1),))
    deliver_once(db, SETTINGS, NOON)
    assert reasons(conn) == [("dropped", "no_consent")] and service.asked == []


def test_a_message_that_its_worker_dies_of_each_time_is_given_up(
    db: ConnectionPool, conn: psycopg.Connection, town: Town, service: PushService
) -> None:
    due(conn, town, service.url(201))
    now = NOON
    for _ in range(MOST_ATTEMPTS):
        with db.connection() as dying:
            people = outbox.hold(dying, now, limit=1)
            assert outbox.take(dying, outbox.waiting(dying, people, now), now, lease=LEASE)
        now += LEASE
    assert deliver_once(db, SETTINGS, now) == 1
    assert reasons(conn) == [("failed", "tries_exhausted")] and service.asked == []
