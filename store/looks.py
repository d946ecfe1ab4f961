"""What the audit holds: who looked at one person's data, and whose data one actor looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class Look:
    """One row of the audit. ``actor`` is 'person:<public id>', 'staff:<id>' or 'worker:<name>'."""

    look_id: int
    at: datetime
    actor: str
    role: str
    action: str
    items: str
    purpose: str
    basis: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class Concerned:
    """One person whom an actor's doings concerned. ``public_id`` None: looks that name nobody, or one long gone.

    ``items``: what of them, as the audit names it; ``seen``, ``changed``, ``refused``: how often.
    """

    person_id: int | None
    public_id: UUID | None
    items: list[str]
    seen: int
    changed: int
    refused: int
    first: datetime
    last: datetime


_COLUMNS = "look_id, at, actor, role, action, items, purpose, basis, allowed"
_OF_PERSON = f"""
    select {_COLUMNS} from audit.looks
     where person_id = %(person)s and look_id < %(before)s
       and (%(own)s::text is null or (actor = %(own)s) = %(mine)s)
     order by look_id desc limit %(limit)s
"""  # noqa: S608 - column names of our own
_SCOPE = """
    select person_id, public_id, array_agg(distinct items order by items) as items,
           count(*) filter (where allowed and action = 'read') as seen,
           count(*) filter (where allowed and action <> 'read') as changed,
           count(*) filter (where not allowed) as refused, min(at) as first, max(at) as last
      from audit.looks left join health.people using (person_id)
     where actor = any(%(who)s) and at >= %(since)s and at < %(until)s
       and (sealed_at is null or sealed_at >= %(since)s - interval '31 days')
     group by person_id, public_id order by person_id nulls last
"""  # of sealed_at: old months need not be read, a look is sealed after it was made (31 days: by a clock put back)
_NEWEST = 2**62


def of_person(
    conn: psycopg.Connection,
    person_id: int,
    *,
    limit: int = 200,
    before: int | None = None,
    own: str | None = None,
    mine: bool = False,
) -> list[Look]:
    """The newest looks at this person's data, newest first; ``before``: only those older than this look.

    With ``own``, how the audit names the person: only the looks of others, or (``mine``) only their own.
    """
    given = {"person": person_id, "before": before or _NEWEST, "own": own, "mine": mine, "limit": limit}
    with conn.cursor(row_factory=class_row(Look)) as cursor:
        return cursor.execute(_OF_PERSON, given).fetchall()


def concerned(conn: psycopg.Connection, who: list[str], since: datetime, until: datetime) -> Iterator[Concerned]:
    """Everybody whose data one of these actors saw, changed or tried to, from ``since`` to before ``until``."""
    with conn.cursor(row_factory=class_row(Concerned)) as cursor:
        yield from cursor.execute(_SCOPE, {"who": who, "since": since, "until": until})
