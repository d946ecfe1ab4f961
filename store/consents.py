"""Consents: who agreed to what, for whom, until when. One question, asked by every door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
from psycopg.rows import class_row

from store import record_readings
from store.records import PURPOSE as RECORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One consent as it was given. ``valid_to`` None: until it is withdrawn."""

    consent_id: int
    purpose: str
    recipient: str
    items: list[str]
    valid_from: datetime
    valid_to: datetime | None
    text_version: str
    given_by: str
    given_at: datetime
    withdrawn_at: datetime | None

    def in_force(self, at: datetime) -> bool:
        """Whether it counts at this moment; the database's ``consent_in_force`` says the same."""
        started = self.valid_from <= at and (self.valid_to is None or at < self.valid_to)
        return started and (self.withdrawn_at is None or at < self.withdrawn_at)


def in_force(
    conn: psycopg.Connection, person_id: int, *, purpose: str, recipient: str, item: str, at: datetime
) -> int | None:
    """The id of a consent that allows this at this moment, or None. Deny by default."""
    row = conn.execute(
        "select health.consent_in_force(%s, %s, %s, %s, %s)", (person_id, purpose, recipient, item, at)
    ).fetchone()
    return row[0] if row else None


def among(
    conn: psycopg.Connection, person_ids: Sequence[int], *, purpose: str, recipient: str, item: str, at: datetime
) -> set[int]:
    """Those of these people whose consent allows this at this moment."""
    rows = conn.execute(
        "select person_id from unnest(%s::bigint[]) as person_id"
        " where health.consent_in_force(person_id, %s, %s, %s, %s) is not null",
        (list(person_ids), purpose, recipient, item, at),
    )
    return {person for (person,) in rows}


def give(
    conn: psycopg.Connection,
    person_id: int,
    *,
    purpose: str,
    recipient: str,
    items: Sequence[str],
    text_version: str,
    given_by: str,
    valid_from: datetime,
    valid_to: datetime | None = None,
) -> int:
    """Record a consent; returns its id. ``recipient`` and ``items`` may be ``'*'`` / ``['*']``.

    ``given_by`` is 'self', 'proxy:<person id>' or 'paper:<staff id>'; ``text_version`` names the words that
    were shown (PHR指針 2025-04: per item, purpose and recipient, in plain words).
    """
    if not items:
        raise ValueError("a consent without items allows nothing: name the items")
    row = conn.execute(
        "insert into health.consents (person_id, purpose, recipient, items, valid, text_version, given_by, given_at)"
        " values (%s, %s, %s, %s, tstzrange(%s, %s), %s, %s, now()) returning consent_id",
        (person_id, purpose, recipient, list(items), valid_from, valid_to, text_version, given_by),
    ).fetchone()
    assert row is not None
    if purpose == RECORDS:
        record_readings.consent_changed(conn, person_id, datetime.now(UTC))
    return int(row[0])


def withdraw(conn: psycopg.Connection, person_id: int, consent_id: int, at: datetime) -> bool:
    """Withdraw one's own consent; False when there is no such consent of this person that still runs.

    The row stays as evidence. What was kept under it is hidden from then on and its readings go, nothing more comes
    in, and the person's advice is judged again.
    """
    done = conn.execute(
        "update health.consents set withdrawn_at = %s"
        " where consent_id = %s and person_id = %s and withdrawn_at is null returning purpose",
        (at, consent_id, person_id),
    ).fetchone()
    if done and done[0] == RECORDS:
        record_readings.consent_changed(conn, person_id, at)
    return done is not None


_OF_PERSON = """
    select consent_id, purpose, recipient, items, lower(valid) as valid_from, upper(valid) as valid_to,
           text_version, given_by, given_at, withdrawn_at
      from health.consents where person_id = %s order by given_at desc, consent_id desc
"""


def of_person(conn: psycopg.Connection, person_id: int) -> list[Consent]:
    """Every consent the person ever gave, newest first, withdrawn ones too."""
    with conn.cursor(row_factory=class_row(Consent)) as cursor:
        cursor.execute(_OF_PERSON, (person_id,))
        return cursor.fetchall()
