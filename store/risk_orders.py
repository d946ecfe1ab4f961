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
    """``place`` 1 is first among ``people`` ``peers``. ``terms``: input, value, usual, raises; the three largest."""

    person_id: int
    learned_id: str
    peers: str
    place: int
    people: int
    terms: list[dict[str, Any]]
    at: datetime


def replace(conn: psycopg.Connection, model_id: int, places: Sequence[Place]) -> None:
    """The whole order of one model anew, in the caller's transaction."""
    conn.execute("delete from health.risk_orders where model_id = %s", (model_id,))
    with conn.cursor() as cursor:
        cursor.executemany(
            "insert into health.risk_orders (person_id, model_id, at, peers, place, people, terms)"
            " values (%s, %s, %s, %s, %s, %s, %s)",
            [(one.person_id, model_id, one.at, one.peers, one.place, one.people, Jsonb(one.terms)) for one in places],
        )


def forget_others(conn: psycopg.Connection) -> int:
    """Orders of models that neither stand nor are in the shadow go; returns how many rows."""
    return conn.execute(
        "delete from health.risk_orders where model_id in"
        " (select model_id from health.models where state not in ('active', 'shadow'))"
    ).rowcount


def standing(conn: psycopg.Connection, most: int = 200) -> list[Place]:
    """What the models that stand say of the people in the reader's reach: the first of every group first."""
    query = """
        select person_id, learned_id, peers, place, people, terms, at
          from health.risk_orders join health.model_pointers using (model_id)
         order by learned_id, place::float8 / people, peers, person_id limit %s
    """
    return conn.cursor(row_factory=class_row(Place)).execute(query, (most,)).fetchall()
