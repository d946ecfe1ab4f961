from datetime import UTC, datetime

import psycopg

from store import consents, push_subscriptions

KEYS = {"p256dh": "BPubKeySecret", "auth": "AuthSecret"}


def two_people(conn: psycopg.Connection) -> tuple[int, int]:
    rows = conn.execute(
        "insert into health.people (birth_date, sex) values ('1950-04-01', 'male'), ('1955-04-01', 'female')"
        " returning person_id"
    ).fetchall()
    for (person,) in rows:
        consents.give(
            conn, person, purpose="push", recipient="city", items=["notice"], text_version="1", given_by="self",
            valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
    return rows[0][0], rows[1][0]


def endpoints(conn: psycopg.Connection, *people: int) -> list[tuple[int, str]]:
    return [(one.person_id, one.endpoint) for one in push_subscriptions.of_people(conn, people)]


def test_a_person_may_have_several_browsers_and_subscribe_again(conn: psycopg.Connection) -> None:
    person, other = two_people(conn)
    for endpoint in ("https://push/phone", "https://push/tablet", "https://push/phone"):
        push_subscriptions.add(conn, person, endpoint=endpoint, **KEYS)
    assert sorted(endpoints(conn, person, other)) == [(person, "https://push/phone"), (person, "https://push/tablet")]


def test_a_shared_browser_tells_whoever_subscribed_last_and_nobody_else(conn: psycopg.Connection) -> None:
    person, other = two_people(conn)
    push_subscriptions.add(conn, person, endpoint="https://push/tablet", **KEYS)
    push_subscriptions.add(conn, other, endpoint="https://push/tablet", p256dh="new", auth="new")
    assert endpoints(conn, person) == []
    assert [(one.p256dh, one.auth) for one in push_subscriptions.of_people(conn, [other])] == [("new", "new")]


def test_who_does_not_agree_or_agrees_no_longer_is_told_nowhere(conn: psycopg.Connection) -> None:
    person, _ = two_people(conn)
    push_subscriptions.add(conn, person, endpoint="https://push/phone", **KEYS)
    (given,) = consents.of_person(conn, person)
    assert len(endpoints(conn, person)) == 1
    assert consents.withdraw(conn, person, given.consent_id, datetime.now(UTC))
    assert endpoints(conn, person) == []


def test_only_the_owner_removes_a_subscription(conn: psycopg.Connection) -> None:
    person, other = two_people(conn)
    push_subscriptions.add(conn, person, endpoint="https://push/phone", **KEYS)
    assert not push_subscriptions.remove(conn, other, "https://push/phone")
    assert push_subscriptions.remove(conn, person, "https://push/phone")
    assert endpoints(conn, person) == []


def test_secrets_do_not_show_when_a_subscription_is_printed(conn: psycopg.Connection) -> None:
    person, _ = two_people(conn)
    push_subscriptions.add(conn, person, endpoint="https://push/secret-path", **KEYS)
    (one,) = push_subscriptions.of_people(conn, [person])
    assert not any(secret in repr(one) for secret in ("secret-path", *KEYS.values()))
    push_subscriptions.forget(conn, one.subscription_id)
    assert endpoints(conn, person) == []
