"""Long non-use: who has neither come nor measured for years is told first, and deleted when still nothing is heard.

PHR指針 (2025-04), 消去: also after long non-use, with the period stated. Any use takes it all back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import psycopg

from store import deletion

BY = "non_use"


@dataclass(frozen=True, slots=True)
class Policy:
    """``after`` zero: never. ``notice`` from the notice to the plan, ``wait`` from the plan to the deletion."""

    after: timedelta
    notice: timedelta
    wait: timedelta


class Done(NamedTuple):
    noticed: int
    planned: int
    taken_back: int


class Notice(NamedTuple):
    """Whom the city writes to: the public id, last use, and when the plan is made if nothing is heard."""

    public_id: UUID
    last_use: datetime
    noticed_at: datetime


# What counts as use: having signed in or looked at one's own data, a proxy's having looked, every number measured.
_LAST_USE = """
select p.person_id, greatest(p.created_at, said.at, looked.at) as last_use
  from health.people as p
 cross join lateral (select max(at) as at from health.last_values
                      where person_id = p.person_id and at <= %(now)s) as said
 cross join lateral (select max(at) as at from audit.looks
                      where person_id = p.person_id
                        and (actor = 'person:' || p.public_id or role = 'proxy' and allowed)) as looked
"""


def carry_out(conn: psycopg.Connection, policy: Policy, now: datetime) -> Done:
    """Take notices and plans back of whom something was heard, plan for whom the notice is over, give new notices."""
    asked = {"now": now, "after": policy.after, "notice": policy.notice}
    back = _take_back(conn, asked)
    if not policy.after:
        return Done(0, 0, back)
    due = conn.execute(_DUE, asked).fetchall()
    for (person_id,) in due:
        deletion.ask(conn, person_id, by=BY, wait=policy.wait)
    noticed = conn.execute(_NOTICE, asked).rowcount
    return Done(noticed, len(due), back)


def _take_back(conn: psycopg.Connection, asked: dict[str, object]) -> int:
    heard = conn.execute(_HEARD, asked).fetchall()
    for (person_id,) in heard:
        conn.execute(
            "delete from identity.deletion_plans where person_id = %s and asked_by = %s and shut_at is null",
            (person_id, BY),
        )
    return len(heard)


_HEARD = f"""
delete from health.non_use_notices as n using ({_LAST_USE}) as u
 where u.person_id = n.person_id and u.last_use > n.noticed_at returning n.person_id
"""  # noqa: S608 - our own words
_DUE = """
select person_id from health.non_use_notices where noticed_at <= %(now)s - %(notice)s
   and not exists (select from identity.deletion_plans as d where d.person_id = non_use_notices.person_id)
 order by person_id
"""
_NOTICE = f"""
insert into health.non_use_notices (person_id, last_use, noticed_at)
select person_id, last_use, %(now)s from ({_LAST_USE}) as u where last_use < %(now)s - %(after)s
on conflict do nothing
"""  # noqa: S608 - our own words


def notices(conn: psycopg.Connection) -> list[Notice]:
    """Everybody who was told and of whom nothing was heard since, the longest first."""
    rows = conn.execute(
        "select public_id, last_use, noticed_at from health.non_use_notices join health.people using (person_id)"
        " order by noticed_at, public_id"
    )
    return [Notice(*row) for row in rows]
