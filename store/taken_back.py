"""What people took back: consents withdrawn and proxies ended. A list, and its being done again after a restore.

A backup is older than what was taken back since it was made; restored, all of that would be in force again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from store import consents

BY = "restored"


@dataclass(frozen=True, slots=True)
class TakenBack:
    """``of``: a consent's '<purpose> <recipient>', or the proxy's public id."""

    kind: Literal["consent", "proxy"]
    public_id: UUID
    of: str
    at: datetime


_SINCE = """
select 'consent' as kind, public_id, purpose || ' ' || recipient as of, max(withdrawn_at) as at
  from health.consents join health.people using (person_id) where withdrawn_at >= %(since)s group by 1, 2, 3
union all
select 'proxy', person.public_id, proxy.public_id::text, max(ended_at)
  from health.entitlements join health.people as person using (person_id)
  join health.people as proxy on proxy.person_id = proxy_id where ended_at >= %(since)s group by 1, 2, 3
 order by at, public_id, of
"""


def since(conn: psycopg.Connection, moment: datetime) -> list[TakenBack]:
    """All of it since then, oldest first; a consent that a newer one replaced too, for the older may allow more."""
    with conn.cursor(row_factory=class_row(TakenBack)) as cursor:
        return cursor.execute(_SINCE, {"since": moment}).fetchall()


def again(conn: psycopg.Connection, person_id: int, one: TakenBack) -> int:
    """End what this person gave before that moment and runs; how many there were. What came later stays."""
    if one.kind == "proxy":
        return conn.execute(
            "update health.entitlements set ended_at = clock_timestamp(), ended_by = %s from health.people as proxy"
            " where entitlements.person_id = %s and proxy.person_id = proxy_id and proxy.public_id = %s"
            "   and ended_at is null and noted_at <= %s",
            (BY, person_id, UUID(one.of), one.at),
        ).rowcount
    purpose, recipient = one.of.split(" ")
    running = [
        given.consent_id
        for given in consents.of_person(conn, person_id)
        if (given.purpose, given.recipient) == (purpose, recipient) and given.given_at <= one.at
    ]
    return sum(consents.withdraw(conn, person_id, consent_id, one.at, by=BY) for consent_id in running)
