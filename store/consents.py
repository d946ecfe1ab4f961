"""Consents: who agreed to what, for whom, until when. One question, asked by every door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from store import record_readings
from store.consent_words import words
from store.records import PURPOSE as RECORDS

PHR = "phr"  # the record itself: whoever takes this back takes back what stands on it
OPT_OUT = "next_generation_opt_out"  # a refusal, which outlives even that
_DARKENS = (RECORDS, PHR)  # what changes readings and advice


class Left(ValueError):
    """Whoever left the record agrees to that first, before to anything that stands on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One consent as it was given. ``valid_to`` None: until it is withdrawn.

    ``given_by`` and ``withdrawn_by``: 'self', 'proxy:<entitlement id>', 'paper:<staff id>'; taken back also
    'replaced:<consent id>', by a newer one of the same purpose and recipient.
    """

    consent_id: int
    purpose: str
    recipient: str
    items: list[str]
    audience: list[str]
    valid_from: datetime
    valid_to: datetime | None
    text_version: str
    words_sha256: str | None
    given_by: str
    given_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str | None

    def in_force(self, at: datetime) -> bool:
        """Whether it counts at this moment; the database's ``consent_in_force`` says the same."""
        started = self.valid_from <= at and (self.valid_to is None or at < self.valid_to)
        return started and (self.withdrawn_at is None or at < self.withdrawn_at)

    def allows(self, recipient: str, item: str, at: datetime, seen_by: str | None = None) -> bool:
        """Whether it allows this at this moment; ``seen_by`` None: whose eyes is not asked."""
        named = self.recipient in (recipient, "*") and bool({item, "*"} & set(self.items))
        return named and self.in_force(at) and (seen_by is None or bool({seen_by, "*"} & set(self.audience)))


def in_force(
    conn: psycopg.Connection,
    person_id: int,
    *,
    purpose: str,
    recipient: str,
    item: str,
    at: datetime,
    seen_by: str | None = None,
) -> int | None:
    """The id of a consent that allows this at this moment, or None. Deny by default."""
    row = conn.execute(
        "select health.consent_for(%s, %s, %s, %s, %s, %s)", (person_id, purpose, recipient, item, at, seen_by)
    ).fetchone()
    return row[0] if row else None


def among(
    conn: psycopg.Connection,
    person_ids: Sequence[int],
    *,
    purpose: str,
    recipient: str,
    item: str,
    at: datetime,
    seen_by: str | None = None,
) -> set[int]:
    """Those of these people whose consent allows this at this moment."""
    asked = {"purpose": purpose, "recipient": recipient, "item": item}
    return set(bases(conn, person_ids, **asked, at=at, seen_by=seen_by))


def bases(
    conn: psycopg.Connection,
    person_ids: Sequence[int],
    *,
    purpose: str,
    recipient: str,
    item: str,
    at: datetime,
    seen_by: str | None = None,
) -> dict[int, int]:
    """The same people, each with the id of the consent that allows it: what the audit notes down as the basis."""
    rows = conn.execute(
        "select person_id, consent_id from health.consents_for(%s, %s, %s, %s, %s, %s)",
        (list(person_ids), purpose, recipient, item, at, seen_by),
    )
    return dict(rows.fetchall())


def has_left(conn: psycopg.Connection, person_id: int) -> bool:
    """Whether the person once agreed to the record itself and no longer does."""
    row = conn.execute("select health.has_left(%s, clock_timestamp())", (person_id,)).fetchone()
    return bool(row and row[0])


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
    """Record a consent; returns its id. ``recipient`` and ``items`` may be ``'*'`` / ``['*']`` where the words say so.

    ``given_by``: as in ``Consent``. Raises NotInTheWords when words of that version do not exist or do not say this,
    Left when the person has left the record, ValueError for a period that ends before it begins.
    """
    shown = words(purpose, text_version)
    shown.check(recipient, items, limited=valid_to is not None)
    if valid_to is not None and valid_to <= valid_from:
        raise ValueError("a consent must begin before it ends")
    if purpose not in (PHR, OPT_OUT) and has_left(conn, person_id):
        raise Left("this person has left the record: purpose phr comes first")
    agreed = (person_id, purpose, recipient, list(items), list(shown.audience))
    row = conn.execute(
        "insert into health.consents (person_id, purpose, recipient, items, audience, valid, text_version,"
        " words_sha256, given_by, given_at) values (%s, %s, %s, %s, %s, tstzrange(%s, %s), %s, %s, %s, now())"
        " returning consent_id",
        (*agreed, valid_from, valid_to, text_version, shown.sha256, given_by),
    ).fetchone()
    assert row is not None
    if purpose in _DARKENS:
        record_readings.consent_changed(conn, person_id, datetime.now(UTC))
    return int(row[0])


def decided_since(conn: psycopg.Connection, person_id: int, *, purpose: str, recipient: str, moment: datetime) -> bool:
    """Whether they took this purpose, or the record it stands on, back since, or agreed anew to this recipient."""
    stands_on = [purpose] if purpose == OPT_OUT else [purpose, PHR]
    row = conn.execute(
        "select exists (select from health.consents where person_id = %(person)s and ("
        " purpose = any(%(stands_on)s) and withdrawn_at >= %(moment)s and withdrawn_by not like 'replaced:%%'"
        " or purpose = %(purpose)s and recipient = %(recipient)s and lower(valid) > %(moment)s))",
        {
            "person": person_id,
            "purpose": purpose,
            "recipient": recipient,
            "stands_on": stands_on,
            "moment": moment,
        },
    ).fetchone()
    return bool(row and row[0])


def replace_older(conn: psycopg.Connection, person_id: int, consent_id: int) -> None:
    """A newer consent takes the place of what the same person gave before for its purpose and recipient."""
    conn.execute(
        "update health.consents as older set withdrawn_at = clock_timestamp(), withdrawn_by = 'replaced:' || %(new)s"
        "  from health.consents as newer"
        " where newer.consent_id = %(new)s and newer.person_id = %(person)s and older.person_id = %(person)s"
        "   and older.purpose = newer.purpose and older.recipient = newer.recipient"
        "   and older.consent_id <> newer.consent_id and older.withdrawn_at is null"
        "   and (upper_inf(older.valid) or upper(older.valid) > clock_timestamp())",
        {"new": consent_id, "person": person_id},
    )


# Not later than the database's own clock: what is settled next must find it withdrawn.
_WITHDRAW = """
    update health.consents as one
       set withdrawn_at = least(%(at)s, clock_timestamp()), withdrawn_by = %(by)s
      from health.consents as named
     where named.consent_id = %(consent)s and named.person_id = %(person)s and named.withdrawn_at is null
       and one.person_id = %(person)s and one.withdrawn_at is null
       and (one.consent_id = named.consent_id
            or named.purpose = %(phr)s and one.purpose <> %(opt_out)s
               and (upper_inf(one.valid) or upper(one.valid) > %(at)s))
    returning one.purpose
"""


def withdraw(conn: psycopg.Connection, person_id: int, consent_id: int, at: datetime, *, by: str = "self") -> bool:
    """Withdraw one's own consent; False when there is no such consent of this person that still runs.

    The row stays as evidence. What was kept under it is hidden from then on and its readings go, nothing more comes
    in, and the person's advice is judged again. Purpose ``phr`` takes all else along that stands on it.
    """
    names = {"at": at, "by": by, "consent": consent_id, "person": person_id, "phr": PHR, "opt_out": OPT_OUT}
    done = {purpose for (purpose,) in conn.execute(_WITHDRAW, names)}
    if not done.isdisjoint(_DARKENS):
        record_readings.consent_changed(conn, person_id, at)
    return bool(done)


_OF_PERSON = """
    select consent_id, purpose, recipient, items, audience, lower(valid) as valid_from, upper(valid) as valid_to,
           text_version, words_sha256, given_by, given_at, withdrawn_at, withdrawn_by
      from health.consents where person_id = %s order by given_at desc, consent_id desc
"""


def of_person(conn: psycopg.Connection, person_id: int) -> list[Consent]:
    """Every consent the person ever gave, newest first, withdrawn ones too."""
    with conn.cursor(row_factory=class_row(Consent)) as cursor:
        cursor.execute(_OF_PERSON, (person_id,))
        return cursor.fetchall()


def refused(conn: psycopg.Connection) -> list[tuple[UUID, datetime]]:
    """Everybody who refuses provision under 次世代医療基盤法 at this moment: public id, since when."""
    return conn.execute(
        "select public_id, lower(valid) from health.people"
        " cross join lateral health.consent_for(person_id, %s, 'city', 'medical_information', clock_timestamp(), null)"
        " as one"
        " join health.consents on consent_id = one order by public_id",
        (OPT_OUT,),
    ).fetchall()
