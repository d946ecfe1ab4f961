"""A typed number is put right: the new value stands, the old one stays on record, day figures follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from store import due
from store.model import Sample
from store.sources import Enterer


class NotThere(Exception):
    """No number of this metric and moment was typed in by them."""


class UpsideDown(Exception):
    """The systolic pressure would no longer be above the diastolic one of the same measurement."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """Whether a value changed; False: it was this value already."""

    changed: bool


@dataclass(frozen=True, slots=True)
class Correction:
    """The row of ``health.corrections``; values in the metric's canonical unit."""

    metric: str
    at: datetime
    old_value: float
    new_value: float
    corrected_by: str  # as Enterer.by
    corrected_at: datetime


# The enterer's own entry; a 保健師 puts right what any of them typed in, her own first; the person also a proxy's.
_FOUND = """
select r.source_id, r.value, r.seconds
  from health.readings as r join health.sources as s using (source_id)
 where r.person_id = %(person)s and r.metric = %(metric)s and r.at = %(at)s
   and s.kind = 'manual' and s.entered_how = %(how)s
   and (split_part(s.entered_by, ':', 1) = split_part(%(by)s, ':', 1)
        or %(by)s = 'self' and split_part(s.entered_by, ':', 1) = 'proxy')
 order by s.entered_by <> %(by)s, r.source_id
 limit 1 for update of r
"""

_CHANGE = """
with changed as (
    update health.readings set value = %(new)s, seconds = %(seconds)s
     where person_id = %(person)s and metric = %(metric)s and at = %(at)s and source_id = %(source)s
), newest as (
    update health.last_values set value = %(new)s
     where person_id = %(person)s and metric = %(metric)s and at = %(at)s and source_id = %(source)s
)
insert into health.corrections (person_id, metric, at, source_id, old_value, new_value, corrected_by)
values (%(person)s, %(metric)s, %(at)s, %(source)s, %(old)s, %(new)s, %(by)s)
"""

_UPSIDE_DOWN = """
select exists (
    select from health.readings as high join health.readings as low using (person_id, at, source_id)
     where high.person_id = %(person)s and high.at = %(at)s and high.source_id = %(source)s
       and high.metric = 'bp_sys' and low.metric = 'bp_dia' and high.value <= low.value)
"""

_DAYS = "select %(person)s::bigint, day from health.civil_days(%(at)s, %(longest)s) as day"


def correct(conn: psycopg.Connection, person_id: int, sample: Sample, who: Enterer) -> Corrected:
    """Replace the value that ``who`` typed in at the sample's metric and moment, in the caller's transaction.

    Raises NotThere, and UpsideDown (the caller rolls back).
    """
    said = {"person": person_id, "metric": sample.metric, "at": sample.at, "by": who.by, "how": who.how}
    row = conn.execute(_FOUND, said).fetchone()
    if row is None:
        raise NotThere
    source_id, old, seconds = row
    if old == sample.value:
        return Corrected(changed=False)
    said |= {"source": source_id, "old": old, "new": sample.value, "seconds": sample.seconds}
    conn.execute(_CHANGE, said)
    if _upside_down(conn, said):
        raise UpsideDown
    due.mark(conn, "days", conn.execute(_DAYS, said | {"longest": max(seconds, sample.seconds)}).fetchall())
    return Corrected(changed=True)


def _upside_down(conn: psycopg.Connection, said: dict[str, object]) -> bool:
    row = conn.execute(_UPSIDE_DOWN, said).fetchone()
    return bool(row and row[0])


def of_person(conn: psycopg.Connection, person_id: int) -> list[Correction]:
    """Every correction of this person's numbers, newest first."""
    with conn.cursor(row_factory=class_row(Correction)) as cursor:
        return cursor.execute(
            "select metric, at, old_value, new_value, corrected_by, corrected_at from health.corrections"
            " where person_id = %s order by correction_id desc",
            (person_id,),
        ).fetchall()
