"""What a person wishes of messages: how often, of what, by which channel, when not. Nothing said: the town's ways.

Wishes are facts of delivery, not of advice: the screen shows everything all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

import psycopg
from psycopg.rows import dict_row

MOST_A_WEEK = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """``a_week``: at most so many messages in seven days, besides red flags and referrals; 0: these alone.

    ``silent``: families of advice and kinds that are not to ring. ``channel``: rather by this one, where it reaches
    the person. ``quiet_from``, ``quiet_until``: hours in Japan in place of the town's, both or none; equal is never.
    ``paused_until``: the first day on which they ring again.
    """

    a_week: int = MOST_A_WEEK
    silent: tuple[str, ...] = ()
    channel: str | None = None
    quiet_from: int | None = None
    quiet_until: int | None = None
    paused_until: date | None = None

    def paused(self, today: date) -> bool:
        return self.paused_until is not None and today < self.paused_until


NONE = Wishes()
_COLUMNS = "a_week, silent, channel, quiet_from, quiet_until, paused_until"
_KEEP = f"""
    insert into health.message_wishes (person_id, {_COLUMNS}, set_by)
    values (%(person)s, %(a_week)s, %(silent)s, %(channel)s, %(quiet_from)s, %(quiet_until)s, %(paused_until)s, %(by)s)
    on conflict (person_id) do update set a_week = excluded.a_week, silent = excluded.silent,
        channel = excluded.channel, quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until,
        paused_until = excluded.paused_until, set_by = excluded.set_by, set_at = now()
"""  # noqa: S608 - text of our own


def of_people(conn: psycopg.Connection, people: Sequence[int]) -> dict[int, Wishes]:
    """What those of these people wish who said so."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            f"select person_id, {_COLUMNS} from health.message_wishes where person_id = any(%s)",  # noqa: S608
            (list(people),),
        ).fetchall()
    return {row.pop("person_id"): Wishes(**row | {"silent": tuple(row["silent"])}) for row in rows}


def of_person(conn: psycopg.Connection, person_id: int) -> Wishes:
    """What this person wishes; nothing said: the town's ways."""
    return of_people(conn, [person_id]).get(person_id, NONE)


def keep(conn: psycopg.Connection, person_id: int, wishes: Wishes, *, by: str) -> None:
    """From now on they wish this. ``by``: 'self', 'proxy:<id>', 'paper:<staff>'."""
    given = asdict(wishes) | {"silent": list(wishes.silent), "person": person_id, "by": by}
    conn.execute(_KEEP, given)
