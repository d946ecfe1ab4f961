"""Browsers that agreed to be told (Web Push). The endpoint is a secret: who knows it and the keys can write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class Subscription:
    """One browser of one person; its secrets stay out of ``repr`` and so out of logs."""

    subscription_id: int
    person_id: int
    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)  # the browser's public key, base64url
    auth: str = field(repr=False)  # shared secret, base64url
    server_key: str  # our public VAPID key that it was made with, base64url


def add(
    conn: psycopg.Connection, person_id: int, *, endpoint: str, p256dh: str, auth: str, server_key: str = ""
) -> None:
    """Keep a subscription. A browser that somebody else signed in to before is now this person's alone."""
    conn.execute("select health.release_browser(%s)", (endpoint,))
    conn.execute(
        "insert into health.push_subscriptions (person_id, endpoint, p256dh, auth, server_key)"
        " values (%s, %s, %s, %s, %s) on conflict (endpoint) do update set person_id = excluded.person_id,"
        " p256dh = excluded.p256dh, auth = excluded.auth, server_key = excluded.server_key",
        (person_id, endpoint, p256dh, auth, server_key),
    )


def remove(conn: psycopg.Connection, person_id: int, endpoint: str) -> bool:
    """The person no longer wants to be told on this browser; False when it was not theirs."""
    found = conn.execute(
        "delete from health.push_subscriptions where (person_id, endpoint) = (%s, %s)", (person_id, endpoint)
    )
    return found.rowcount > 0


def of_people(conn: psycopg.Connection, people: Sequence[int]) -> list[Subscription]:
    """The subscriptions of those of these people who agree to be told at this moment, oldest first."""
    with conn.cursor(row_factory=class_row(Subscription)) as cursor:
        return cursor.execute(
            "select subscription_id, person_id, endpoint, p256dh, auth, server_key from health.push_subscriptions"
            " where person_id = any(%s)"
            " and health.may_tell(person_id, 'web_push', statement_timestamp()) is not null"
            " order by subscription_id",
            (list(people),),
        ).fetchall()


def forget(conn: psycopg.Connection, subscription_id: int) -> None:
    """The push service says that this subscription is gone for good."""
    conn.execute("delete from health.push_subscriptions where subscription_id = %s", (subscription_id,))
