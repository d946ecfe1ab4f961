"""In which order a 保健師 may want to call people of the same age and sex. No chance is kept; no citizen reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb


@dataclass(frozen=True, slots=True)
class Place:
    """``place`` 1 is first among ``people`` ``peers``. ``terms``: the three largest (``risk_order.terms``)."""

    person_id: int
    learned_id: str
    peers: str
    place: int
    people: int
    terms: list[dict[str, Any]]
    at: datetime


def replace(conn: psycopg.Connection, model_id: int, places: Sequence[Place]) -> None:
    """The whole order of one model anew."""
    conn.execute("delete from health.risk_orders where model_id = %s", (model_id,))
    copy = "copy health.risk_orders (person_id, model_id, at, peers, place, people, terms) from stdin"
    with conn.cursor() as cursor, cursor.copy(copy) as rows:
        for one in places:
            terms = Jsonb(one.terms)
            rows.write_row((one.person_id, model_id, one.at, one.peers, one.place, one.people, terms))


def forget_others(conn: psycopg.Connection) -> int:
    """Orders of models that neither stand nor are in the shadow go; returns how many rows."""
    return conn.execute(
        "delete from health.risk_orders where model_id in"
        " (select model_id from health.models where state not in ('active', 'shadow'))"
    ).rowcount


def standing(conn: psycopg.Connection, person_ids: Sequence[int]) -> list[Place]:
    """What the models that stand say of these people, as far as a 保健師 asks and may see their checkups."""
    query = """
        select person_id, learned_id, peers, place, people, terms, at
          from health.risk_orders join health.model_pointers using (model_id)
         where person_id = any(%s) and person_id in (select health.guided())
         order by person_id, learned_id
    """
    return conn.cursor(row_factory=class_row(Place)).execute(query, (list(person_ids),)).fetchall()
