"""Each person's own order of step sources: which one counts where two of them counted at the same time."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from store import days


def of_people(conn: psycopg.Connection, person_ids: Sequence[int]) -> dict[tuple[int, int], int]:
    """(person, source) -> rank, 0 first; a source that is missing comes after those that have one."""
    rows = conn.execute(
        "select person_id, source_id, rank from health.device_order where person_id = any(%s)", (list(person_ids),)
    )
    return {(person, source): rank for person, source, rank in rows}


def of_person(conn: psycopg.Connection, person_id: int) -> list[int]:
    """The person's sources in their order."""
    ranks = of_people(conn, [person_id])
    return [source for _, source in sorted(ranks, key=lambda key: ranks[key])]


def replace(conn: psycopg.Connection, person_id: int, source_ids: Sequence[int]) -> None:
    """Make this the person's order, first one first, and mark all their days with steps due."""
    conn.execute("delete from health.device_order where person_id = %s", (person_id,))
    conn.execute(
        "insert into health.device_order (person_id, source_id, rank)"
        " select %s, source_id, place - 1 from unnest(%s::bigint[]) with ordinality as wanted (source_id, place)",
        (person_id, list(source_ids)),
    )
    days.mark_all(conn, person_id, ["steps"])


def known(conn: psycopg.Connection, person_id: int) -> dict[int, str]:
    """The person's step sources and their labels, whoever measured last first."""
    rows = conn.execute(
        "select source_id, label from health.sources join ("
        " select source_id, max(at) as last from health.readings where person_id = %s"
        " and metric in ('steps', 'steps_counter', 'steps_day') group by source_id) as mine using (source_id)"
        " order by last desc, source_id",
        (person_id,),
    )
    return dict(rows.fetchall())
