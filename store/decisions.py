"""What was decided about a person and why, append-only: also why nothing was shown or pushed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime

import msgspec
import psycopg


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One judgement. ``held``: rule -> why it is not shown; ``push``, for what is new: rule -> channel or why not."""

    person_id: int
    facts_hash: str
    spoke: list[str]
    shown: list[str]
    held: dict[str, str]
    push: dict[str, str]


_GIVEN = ", ".join(f"made.{item.name}" for item in fields(Decision))
_ADD = f"""
    insert into health.decisions ({_GIVEN.replace("made.", "")}, at)
    select {_GIVEN}, %s
      from jsonb_to_recordset(%s) as made (
           person_id bigint, facts_hash text, spoke text[], shown text[], held jsonb, push jsonb)
      left join lateral (
           select facts_hash, spoke, shown, held from health.decisions
            where decisions.person_id = made.person_id order by at desc, decision_id desc limit 1) as last on true
     where made.push <> '{{}}'
        or (made.facts_hash, made.spoke, made.shown, made.held)
           is distinct from (last.facts_hash, last.spoke, last.shown, last.held)
"""  # noqa: S608 - column names of our own dataclass


def add(conn: psycopg.Connection, decisions: Iterable[Decision], at: datetime) -> int:
    """Write what was decided; returns how many rows.

    A judgement that says the same about the same facts as the person's last one, with nothing new to push,
    leaves no row: the nightly run would otherwise write one a person a night that says nothing.
    """
    made = msgspec.json.encode(list(decisions)).decode()
    return conn.execute(_ADD, (at, made)).rowcount
